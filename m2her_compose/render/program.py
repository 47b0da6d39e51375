"""A template made ready: what follows from its text alone, each worked out once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .statements import body_of
from .static import Mentions

if TYPE_CHECKING:
    from jinja2 import nodes

    from .evaluate import Code


class Program:
    """A parsed template, its code, and what it mentions; the latter when that is asked for.

    The code is what `Evaluation.run` runs. It is made with the tree, and not deep in the stack of
    whatever runs it first: how deep that is must decide nothing.
    """

    def __init__(self, tree: nodes.Template) -> None:
        self.tree = tree
        self.code: Code = body_of(tree.body)

    @cached_property
    def mentions(self) -> Mentions:
        """The names, fields, filters and constructs that stand in it."""
        return Mentions.of(self.tree)

    @cached_property
    def paths(self) -> frozenset[tuple[str, ...]]:
        """What it reads, also in branches not taken (`Mentions.paths`)."""
        return frozenset(self.mentions.paths())
