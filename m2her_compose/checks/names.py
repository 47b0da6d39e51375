"""Rules about the names that are sent: missing, shared, or such that a target refuses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import Related, Sink
from ..diagnostics import codes as c
from ..ir import LossKind
from ..passes import lower
from ..render import Meter
from ..render.fault import Reported
from ..render.renderer import Renderer
from ..render.syntax import has_template
from ..scenario import Names, Text
from .places import header, own_origin, service
from .references import told_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Span
    from ..ir import Loss, Message, Piece
    from ..scenario import Entity
    from ..source import Node
    from .subject import Subject, Variant

# OpenAI's limit (thread 703341 of its forum). Other services state none, but what is longer is a
# description that stands in the wrong place.
_LONGEST: Final = 64
_SHOWN: Final = 8
_SETTING: Final = "names: always"


# --- one name for two


def same_names(subject: Subject, sink: Sink) -> None:
    """Report a character who is called as another one, or as the persona."""
    scenario = subject.scenario
    entities = {name: e for name, e in scenario.characters.items() if e.one("name") is not None}
    if scenario.persona is not None and scenario.persona.one("name") is not None:
        entities[""] = scenario.persona
    if len(entities) < 2:  # noqa: PLR2004 - two are needed for one name to be shared
        return
    shared = dict(_shared(subject, entities))
    if not shared:
        return
    told = told_of(subject, scenario.characters) if subject.is_whole else {*scenario.characters}
    for (first, later), name in shared.items():
        if not told.issuperset({first, later} - {""}):
            continue
        here, there = _place_of(subject, entities[later]), _place_of(subject, entities[first])
        if here == there:  # both come from one base, or one is the other's alias
            here, there = _key_of(subject, entities[later]), _key_of(subject, entities[first])
        if here is None:
            continue
        sink.add(
            c.SAME_NAME,
            f"{_called(first)} and {_called(later)} are both called `{name[:60]}`",
            here,
            help="give one of them another name: lines are told apart by it",
            related=[Related(there, "the other one")] if there is not None else (),
        )


def _shared(
    subject: Subject, entities: Mapping[str, Entity]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield pairs that have one name in some variant, in the order written."""
    is_computed = any(_is_computed(entity.one("name")) for entity in entities.values())
    meter = Meter()
    for variant in subject.variants if is_computed else (None, *subject.variants)[:1]:
        first: dict[str, str] = {}
        for id_, entity in _in_order(entities):
            name = _name_in(subject, entity, variant, meter)
            key = name.casefold()
            if key and first.setdefault(key, id_) != id_:
                yield (first[key], id_), name


def _in_order(entities: Mapping[str, Entity]) -> list[tuple[str, Entity]]:
    """Return characters and persona by their places, where these are in one file."""

    def place(entry: tuple[str, Entity]) -> tuple[str, int]:
        node = entry[1].node
        return (node.source.path, node.start) if node is not None else ("", 0)

    return sorted(entities.items(), key=place)


def _is_computed(text: Text | None) -> bool:
    return text is not None and has_template(text.value)


def _name_in(subject: Subject, entity: Entity, variant: Variant | None, meter: Meter) -> str:
    text = entity.one("name")
    if text is None or variant is None or not _is_computed(text):
        return text.value.strip() if text is not None else ""
    renderer = Renderer(variant.plan, subject.templates, meter, Sink())
    try:
        return renderer.text(text).text.strip()
    except Reported:
        return ""


def _place_of(subject: Subject, entity: Entity) -> Span | None:
    """Return where this file names somebody, or the step that leads to the name."""
    text = entity.one("name")
    if text is None:
        return None
    steps = [text.node.first_line, *reversed(text.via)]
    return next((step for step in steps if step.source is subject.source), None)


def _key_of(subject: Subject, entity: Entity) -> Span | None:
    node = entity.node
    return node.key_span if node is not None and _is_own(subject, node) else None


def _called(id_: str) -> str:
    return f"`{id_}`" if id_ else "the persona"


# --- no name


def missing_names(subject: Subject, sink: Sink) -> None:
    """Report roles that the target refuses without a name, and that are sent without one."""
    wanted = subject.target.named_roles
    missing = dict.fromkeys(
        message.role.value
        for variant in subject.variants
        for message in variant.conversation.messages
        if message.name is None and message.role.value in wanted
    )
    if not missing:
        return
    roles = [f"`{role}`" for role in missing]
    listed = roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} and {roles[-1]}"
    names = subject.variants[0].plan.names
    advice = f"write `{_SETTING}`, which fills in `AI`, `User` and the title"
    if names is Names.GIVEN:
        advice = f"give the persona, the group and the characters names, or {advice}"
    sink.add(
        c.MISSING_NAME,
        f"{listed} {'has' if len(roles) == 1 else 'have'} no name, and {service(subject)} "
        "was seen to refuse that: code 2013",
        _cause(subject),
        help=advice,
    )


def _cause(subject: Subject) -> Span:
    """Return the `names` of this file, else the first part of it that makes a nameless message."""
    entries = subject.scenario.node.entries
    for key in ("names", "persona", "group", "examples"):
        node: Node | None = entries.get(key)
        if node is not None and not node.is_null and _is_own(subject, node):
            return node.first_line if key == "names" else node.key_span
    return header(subject)


def _is_own(subject: Subject, node: Node) -> bool:
    return node.source is subject.source and not node.via


# --- names that are none


def bad_names(subject: Subject, sink: Sink) -> None:
    """Report a name that the target refuses, that is far too long, or that holds a tab."""
    seen: set[str] = set()
    for variant in subject.variants:
        for message in variant.conversation.messages:
            name = message.name
            if name is None or (len(name) <= _LONGEST and "\t" not in name):
                continue
            if name in seen or message.role.value not in subject.target.roles:
                continue
            problem = _problem(name, message.name_pieces)
            if problem is not None:
                seen.add(name)
                sink.add(c.BAD_NAME, problem[0], _named_at(subject, message), help=problem[1])
        if subject.target.name_rule is None:  # then names are sent as they are
            continue
        for loss in lower(variant.conversation, subject.target).losses:
            if loss.kind is not LossKind.RENAMED or loss.before is None or loss.before in seen:
                continue
            if loss.what == "name":
                seen.add(loss.before)
                _report_refused(subject, variant, loss, sink)


def _problem(name: str, pieces: tuple[Piece, ...]) -> tuple[str, str] | None:
    is_written = any(o.pointer.endswith("/name") for piece in pieces for o in piece.origins)
    if len(name) > _LONGEST and is_written:
        return (
            f"the name {_shown(name)} has {len(name)} characters: more than {_LONGEST} are no name",
            "say who somebody is in `description`",
        )
    if "\t" in name:
        return "the name holds a tab", "write it on one line, with blanks"
    return None


def _report_refused(subject: Subject, variant: Variant, loss: Loss, sink: Sink) -> None:
    """Report a name that is sent otherwise, since the target does not take it as it is."""
    name, rule = loss.before or "", subject.target.name_rule or ""
    allowed = re.compile(rule)
    refused = dict.fromkeys(char for char in name if not allowed.fullmatch(char))
    listed = ", ".join("a blank" if char == " " else f"`{char}`" for char in [*refused][:_SHOWN])
    more = ", …" if len(refused) > _SHOWN else ""
    why = f"`{rule}` allows no {listed}{more}".replace("no a blank", "no blank")
    if not refused:
        why = f"more than {_LONGEST} are refused" if len(name) > _LONGEST else "another one has it"
    messages = variant.conversation.messages
    named = next((message for message in messages if message.name == name), None)
    span = own_origin(subject, loss.origins)
    sink.add(
        c.BAD_NAME,
        f"the name {_shown(name)} is sent to {service(subject)} as `{loss.after}`: {why}",
        _named_at(subject, named) if named is not None else span,
        help="write a name that it takes as it is; or send none: `names: never`",
    )


def _shown(name: str) -> str:
    return f"`{name[:30]}{'…' if len(name) > 30 else ''}`"  # noqa: PLR2004 - as long as an excerpt


def _named_at(subject: Subject, message: Message) -> Span:
    """Return where a name was written, else what it names."""
    origins = [o for piece in message.name_pieces for o in piece.origins]
    return own_origin(subject, origins or [o for p in message.pieces for o in p.origins])
