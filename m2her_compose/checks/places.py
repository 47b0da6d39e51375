"""Where in the file that is checked a finding belongs, when its cause was written elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..diagnostics import Span
    from ..ir import Origin
    from ..source import Node
    from .subject import Subject, Variant


def header(subject: Subject) -> Span:
    """Return the place that stands for a file as a whole: the key of its header."""
    return subject.merged.root.entries.get("m2her", subject.merged.root).key_span


def service(subject: Subject) -> str:
    """Return what a target is called in a message: by its title where it serves one model."""
    target = subject.target
    return target.title if target.models else f"the target `{target.id}`"


def own_place(subject: Subject, span: Span, via: Iterable[Span] = ()) -> Span:
    """Return a place if it is in this file, else the step in this file that led there."""
    steps = [span, *reversed(tuple(via))]
    return next((step for step in steps if step.source is subject.source), header(subject))


def own_origin(subject: Subject, origins: Iterable[Origin]) -> Span:
    """Return the place of the first origin; the header's where nobody wrote anything."""
    origin = next(iter(origins), None)
    return own_place(subject, origin.span, origin.via) if origin is not None else header(subject)


def own_key(subject: Subject, node: Node | None) -> Span:
    """Return the place of a value's key, or of the step in this file that led to it."""
    return header(subject) if node is None else own_place(subject, node.key_span, node.via)


def in_variants(subject: Subject, found: list[Variant]) -> tuple[str, str]:
    """Say in which variants something is so: words for the message, and a sentence for the help.

    Both are empty where a scenario has only one.
    """
    count = len(subject.variants)
    if count == 1:
        return "", ""
    name = f"`{found[0].conversation.id}`"
    if len(found) == 1:
        return f" in the variant {name}", ""
    return f" in {len(found)} of {count} variants", f"the first of the variants is {name}; "
