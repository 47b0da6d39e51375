"""Hold a located tree against its schema: decide fast, explain slowly, and drop what is wrong.

`jsonschema_rs` decides. Only a file that it refuses pays for importing `jsonschema`, whose
errors are then told in the format's own words (see `explain`). What is wrong is left out of
the tree that goes on, so that the rest of the file can still be looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import Edit, Span
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen
from .slips import is_misspelling
from .store import Kind, fast_validator

if TYPE_CHECKING:
    from ..diagnostics import Sink, Source
    from ..source import Node, Tree
    from .complaints import Path


@frozen
class Checked:
    """A tree that keeps to its schema.

    `damage` names the top-level keys that lost an entry (`*`: possibly any), and with a slash
    those in whose entries something was lost (`variables/`): what is missing there is not the
    author's mistake, and must not be reported as one.
    """

    kind: Kind
    root: Node
    damage: frozenset[str]


def find_kind(tree: Tree | None, source: Source, sink: Sink) -> Kind | None:
    """Read a file's header; None, with a finding, when there is none or it is unknown."""
    header = tree.root.entries.get("m2her") if tree else None
    if header is None:
        what = "the file is empty" if tree is None else "the file does not say what it is"
        sink.add(
            c.NO_HEADER,
            what,
            Span(source, 0, min(1, len(source.text))),
            help="begin it with `m2her: scenario/v1`, `m2her: character/v1` or `m2her: persona/v1`",
        )
        return None
    for kind in Kind:
        if header.text == kind.header:
            return kind
    known = [kind.header for kind in Kind]
    if _is_of_another_version(header.text or ""):
        sink.add(
            c.NO_HEADER,
            f"`{header.first_line.text[:40]}` is of a version that is not known here",
            header.first_line,
            help=f"upgrade: `pip install --upgrade m2her`; this one knows {', '.join(known)}",
        )
        return None
    guess = close_matches(header.text or "", known)
    sink.add(
        c.NO_HEADER,
        f"`{header.first_line.text[:40]}` is no kind of file",
        header.first_line,
        help=f"did you mean `{guess[0]}`?" if guess else f"this version knows {', '.join(known)}",
        edits=(Edit(header.span, guess[0]),) if guess else (),
        safe=not header.style
        and bool(guess)
        and is_misspelling(header.text or "", guess[0], known),
    )
    return None


def _is_of_another_version(header: str) -> bool:
    """Tell whether a header would be right, but for its number: no slip that could be mended."""
    name, _, version = header.partition("/v")
    return version.isdigit() and any(kind.header.startswith(f"{name}/v") for kind in Kind)


def check(tree: Tree, kind: Kind, sink: Sink) -> Checked | None:
    """Check a tree against the schema of its kind; None when nothing of it can be used."""
    if fast_validator(kind.value).is_valid(tree.data):
        return Checked(kind=kind, root=tree.root, damage=frozenset())
    from .explain import explain

    wrong, damage = explain(tree, kind, sink)
    root = _without(tree.root, wrong)
    return None if root is None else Checked(kind=kind, root=root, damage=damage)


def _without(node: Node, wrong: set[Path], path: Path = ()) -> Node | None:
    """Return the tree without the values at the wrong paths."""
    if path in wrong:
        return None
    if node.is_map:
        entries = ((k, _without(child, wrong, (*path, k))) for k, child in node.entries.items())
        return node._replace(value={k: child for k, child in entries if child is not None})
    if node.is_list:
        items = (_without(child, wrong, (*path, i)) for i, child in enumerate(node.items))
        return node._replace(value=[child for child in items if child is not None])
    return node
