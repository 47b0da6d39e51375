"""Rules about what a file refers to: the files it builds on, and its characters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ..diagnostics import Related, Sink
from ..diagnostics import codes as c
from ..frozen import frozen
from ..render.renderer import template_text
from ..resolve.merge import merge
from ..schema import Kind
from ..source import Node, plain_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..ir import Message
    from ..scenario import Text
    from ..source import Data
    from .subject import Subject

# Each of them is merged once more, without it: nobody has so many that change nothing.
_MOST_TRIED: Final = 20


# --- files


@frozen
class _Base:
    """A scenario that this one extends: its own patch, and those of the bases below it."""

    reference: Node
    layers: tuple[Node, ...]

    @property
    def path(self) -> str:
        return self.layers[-1].source.path

    @property
    def below(self) -> set[str]:
        return {layer.source.path for layer in self.layers[:-1]}


def idle_references(subject: Subject, sink: Sink) -> None:
    """Report a `use` or `extends` without which the file would be the same."""
    if subject.merged.damage:
        return
    users = _users(subject)
    references = [*(user.entries["use"] for user in users), *_extended(subject)]
    if not references:
        return
    repeated = {_place(base.reference) for pair in _repeats(subject) for base in pair}
    left = {_place(node) for node in references} - repeated
    for user in users:  # what is used is nearly always found where it is used
        place = _place(user.entries["use"])
        if place in _steps(user):
            left.discard(place)
    for step in _steps(subject.merged.root) if left else ():
        left.discard(step)
        if not left:
            break
    idle = [node for node in references if _place(node) in left]
    extended = {_place(node) for node in _extended(subject)}
    for node in idle[:_MOST_TRIED]:
        is_base = _place(node) in extended
        if is_base and _changes_something(subject, node):
            continue
        sink.add(
            c.IDLE_REFERENCE,
            f"`{node.text}` is {'extended' if is_base else 'used'}, and nothing of it is left",
            node.first_line,
            help="remove it: whatever it gives is given anew"
            + (" by what comes after it" if is_base else " beside the `use`"),
        )


def repeated_bases(subject: Subject, sink: Sink) -> None:
    """Report a base that stands twice in a list, or that another one of the list extends."""
    if subject.merged.damage:
        return
    for base, other in _repeats(subject):
        twice = base.path == other.path
        sink.add(
            c.REPEATED_BASE,
            f"`{base.reference.text}` is extended twice"
            if twice
            else f"`{base.reference.text}` is extended twice: `{other.reference.text}` extends it",
            base.reference.first_line,
            help="remove it: the second time, its values override what came in between",
            related=[Related(other.reference.first_line, "here already" if twice else "also here")],
        )


def _repeats(subject: Subject) -> Iterator[tuple[_Base, _Base]]:
    """Yield each base that is applied twice, with the one that makes it superfluous."""
    bases = list(_bases(subject))
    first: dict[str, _Base] = {}
    for base in bases:
        before = first.setdefault(base.path, base)
        around = next((other for other in bases if base.path in other.below), None)
        if before is not base:
            yield base, before
        elif around is not None:
            yield base, around


def _bases(subject: Subject) -> Iterator[_Base]:
    extended = _extended(subject)
    if not extended:
        return
    by_step: dict[tuple[int, int], list[Node]] = {}
    for layer in subject.merged.layers:
        if layer.via:
            by_step.setdefault((layer.via[0].start, layer.via[0].end), []).append(layer)
    for node in extended:
        layers = by_step.get(_place(node))
        if layers:
            yield _Base(reference=node, layers=tuple(layers))


def _extended(subject: Subject) -> list[Node]:
    extends = subject.merged.root.entries.get("extends")
    if subject.kind is not Kind.SCENARIO or extends is None:
        return []
    listed = extends.items if extends.is_list else [extends]
    return [node for node in listed if not node.is_null]


def _users(subject: Subject) -> list[Node]:
    """Return what has a `use` in this file, but for one that replaces what is inherited."""
    root = subject.merged.root
    if subject.kind is not Kind.SCENARIO:
        entities = [root]
    else:
        cast = root.entries.get("characters")
        entities = [
            node
            for name, node in (cast.entries if cast is not None else {}).items()
            if not _is_inherited(subject, "characters", name)
        ]
        if "persona" in root.entries and not _is_inherited(subject, "persona"):
            entities.append(root.entries["persona"])
    return [entity for entity in entities if _uses(subject, entity.entries.get("use"))]


def _uses(subject: Subject, node: Node | None) -> bool:
    """Tell whether a `use` is one, and was written in this file."""
    return node is not None and not node.is_null and not node.via and node.source is subject.source


def _is_inherited(subject: Subject, *path: str) -> bool:
    return any(value_at(layer, path) is not None for layer in subject.merged.layers[:-1])


def value_at(node: Node, path: Iterable[str]) -> Node | None:
    """Return the value that the keys of a path lead to; None where there is none."""
    at: Node | None = node
    for key in path:
        at = at.entries.get(key) if at is not None else None
    return at


def _steps(root: Node) -> Iterator[tuple[int, int]]:
    """Yield the first step of every value that came through one, maps with entries left out."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if entries := node.entries:
            children = [child for key, child in entries.items() if key != "use"]
            waiting.extend(reversed(children))
            continue
        if node.via:
            yield node.via[0].start, node.via[0].end
        waiting.extend(reversed(node.items))


def _place(node: Node) -> tuple[int, int]:
    span = node.first_line
    return span.start, span.end


def _changes_something(subject: Subject, reference: Node) -> bool:
    """Tell whether a base that left no value took some away, or put them into another order."""
    rest: Node | None = None
    for layer in subject.merged.layers:
        if not (layer.via and layer.via[0] == reference.first_line):
            rest = merge(rest, layer, Sink())
    return rest is None or _dumped(rest) != _dumped(subject.merged.root)


def _dumped(node: Node) -> str:
    return json.dumps(_in_order(node), ensure_ascii=False)


def _in_order(node: Node, path: tuple[str, ...] = ()) -> Data:
    """Return a value's data, its keys sorted where their order says nothing.

    It says something among characters and axes, and of labels that the author made up.
    """
    match path:
        case () | ("persona" | "group" | "parameters",) | ("characters", _) if node.is_map:
            keys = sorted(node.entries)
        case ("characters",) if node.is_map:
            keys = list(node.entries)
        case _:
            return plain_data(node)
    return {key: _in_order(node.entries[key], (*path, key)) for key in keys}


# --- characters


def unused_characters(subject: Subject, sink: Sink) -> None:
    """Report a character of whom no message of any variant says anything."""
    if not subject.is_whole:
        return
    scenario = subject.scenario
    if len(scenario.characters) < 2:  # noqa: PLR2004 - one is the speaker
        return
    own = {
        name: entity.node
        for name, entity in scenario.characters.items()
        if entity.node is not None and entity.node.source is subject.source and not entity.node.via
    }
    told = told_of(subject, own)
    for name, node in own.items():
        if name not in told:
            sink.add(
                c.UNUSED_CHARACTER,
                f"no message says anything about `{name}`",
                node.key_span,
                help="let the character speak, "
                + (
                    "write `{{ default }}` in `system`, which then tells of everyone, "
                    if scenario.system is not None
                    else "give what others can see (`name`, `description`, `appearance`), "
                )
                + "or remove it",
            )


def told_of(subject: Subject, names: Mapping[str, object]) -> set[str]:
    """Return those of these characters who speak, or of whom a message says or a text reads.

    A text counts whether or not what it reads is printed in some variant.
    """
    told: set[str | None] = {variant.plan.speaker for variant in subject.variants}
    for variant in subject.variants:
        told.update(turn.speaker for unit in variant.plan.units for turn in unit.turns)
        if told.issuperset(names):
            return set(names)
    for text in all_texts(subject):
        for path in subject.read_paths(text):
            if path[:2] == ("characters", "*"):
                return set(names)
            if path[0] == "characters" and len(path) > 1:
                told.add(path[1])
    for variant in subject.variants:
        if told.issuperset(names):
            break
        for message in variant.conversation.messages:
            told.update(_characters_of(message))
    return {name for name in names if name in told}


def all_texts(subject: Subject) -> Iterator[Text]:
    """Yield every template of the scenario, inherited texts and the library's own included."""
    yield from subject.all_texts
    for name, source in subject.templates.sources.items():
        if not subject.templates.is_built_in(name):
            yield template_text(source)


def _characters_of(message: Message) -> Iterator[str]:
    pieces = (*message.pieces, *message.name_pieces)
    for origin in (*message.reads, *(each for piece in pieces for each in piece.origins)):
        if origin.pointer.startswith("/characters/"):
            yield origin.pointer.split("/", 3)[2]
