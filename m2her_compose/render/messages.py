"""Render a plan into the messages of a request (FORMAT, "From scenario to messages")."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..frozen import frozen_positional
from ..ir import Conversation, Message, Origin, Piece, Role
from ..scenario import Names, Plan, Scenario, Text, Turn, Unit, UnitKind
from .fault import Meter, Reported
from .renderer import AI_NAME, USER_NAME, Renderer, fallback, template_text
from .scope import check_text, scope_shape
from .values import Absent, Items, Traced, Value, cut, pieces_of, text_of, with_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..diagnostics import Sink
    from ..scenario import Entity
    from .templates import TemplateSet

DEFAULT_MODEL: Final = "M2-her"
MOST_MESSAGES: Final = 100_000
_EXAMPLE_ROLES: Final = (Role.SAMPLE_USER, Role.SAMPLE_AI)
_TURN_ROLES: Final = (Role.USER, Role.ASSISTANT)
# What everyone can see of a character.
_VISIBLE: Final = frozenset({"name", "description", "appearance"})
# The fields of the speaker that system.j2 writes out.
_PORTRAIT: Final = (
    "name",
    "description",
    "appearance",
    "personality",
    "background",
    "relationships",
    "speech",
    "knowledge",
    "goals",
    "secrets",
    "boundaries",
)


# What the messages' own templates see beside what every text sees.
_EXTRA: Final = {
    "system": ("system", "alone", "others", "instructions", "style", "reply_format"),
    "user_system": ("alone",),
    "group": ("alone",),
    "thought": ("line", "thought"),
}


def check_templates(scenario: Scenario, templates: TemplateSet, meter: Meter, sink: Sink) -> None:
    """Report every mistake in the scenario's templates that can be found without rendering.

    So too for a library's own templates; the built-in ones are the business of this package.
    """
    shape = scope_shape(scenario)
    for name, extra in _EXTRA.items():
        if not templates.is_built_in(name):
            text = template_text(templates.sources[name])
            check_text(text, {**shape, **dict.fromkeys(extra)}, meter, sink)
    for text in texts_of(scenario):
        if "{" in text.value:  # few have any: most need not even be looked at
            check_text(text, shape, meter, sink)
    if scenario.system is not None:
        check_text(scenario.system, {**shape, "default": None}, meter, sink)


def texts_of(scenario: Scenario) -> Iterator[Text]:
    """Yield every text of a scenario that is a template, but for `system`."""
    entities = [*scenario.characters.values(), scenario.persona, scenario.group]
    for entity in entities:
        if entity is not None:
            for texts in entity.texts.values():
                yield from texts
            yield from _said(turn for exchange in entity.examples for turn in exchange.turns)
    yield from (each.text for each in scenario.instructions)
    yield from _said(turn for exchange in scenario.examples for turn in exchange.turns)
    yield from _said(iter(scenario.history))
    for text in (scenario.style, scenario.reply_format, scenario.greeting.text, scenario.message):
        if text is not None:
            yield text


def _said(turns: Iterator[Turn]) -> Iterator[Text]:
    for turn in turns:
        yield turn.text
        if turn.thought is not None:
            yield turn.thought


def render(
    plan: Plan,
    templates: TemplateSet,
    meter: Meter,
    sink: Sink,
    *,
    left_out: frozenset[str] = frozenset(),
) -> Conversation:
    """Render one variant, without the units that are left out by their ids.

    What cannot be rendered is missing, with a finding.
    """
    messages: list[Message] = []
    units: list[str] = []
    with closing(Renderer(plan, templates, meter, sink)) as renderer:
        composer = _Composer(renderer, plan, templates, left_out, {})
        for unit in plan.units:
            if unit.id in left_out:
                continue
            found = composer.unit(unit)
            messages.extend(found)
            if found or unit.kind is UnitKind.INSTRUCTION:
                units.append(unit.id)
    return Conversation(
        id=plan.variant,
        messages=tuple(messages),
        model=plan.model or DEFAULT_MODEL,
        parameters=plan.parameters,
        units=tuple(units),
        language=templates.language,
    )


@frozen_positional
class _Composer:
    """Makes the messages of one plan. `names` are those sent so far, as they are sent."""

    renderer: Renderer
    plan: Plan
    templates: TemplateSet
    left_out: frozenset[str]
    names: dict[Traced, tuple[Piece, ...]]

    def unit(self, unit: Unit) -> list[Message]:
        """Return the messages of one unit; none for a part that has nothing to say."""
        match unit.kind:
            case UnitKind.TURN | UnitKind.OPENING:
                return self._turns(unit, _TURN_ROLES)
            case UnitKind.EXAMPLE:
                return self._turns(unit, _EXAMPLE_ROLES)
            case UnitKind.SYSTEM:
                made = self._part(Role.SYSTEM, "system", unit, self._system(), self._speaker_name)
            case UnitKind.PERSONA:
                made = self._part(
                    Role.USER_SYSTEM, "user_system", unit, self._persona(), self._user_name
                )
            case UnitKind.GROUP:
                made = self._part(Role.GROUP, "group", unit, self._group(), self._group_name)
            case UnitKind.INSTRUCTION:  # the system message has them
                made = None
        return [] if made is None else [made]

    # --- the three parts that templates compose

    def _part(
        self,
        role: Role,
        template: str,
        unit: Unit,
        scope: Mapping[str, Callable[[], Value]] | None,
        name: Callable[[], tuple[Piece, ...]],
    ) -> Message | None:
        if scope is None:
            return None
        try:
            pieces, reads = self.renderer.template(template, scope)
            if not text_of(pieces).strip():
                return None
            return Message(
                role=role,
                pieces=coalesced(pieces),
                name_pieces=name(),
                unit=unit.id,
                template=self.templates.sources[template].path,
                reads=reads,
            )
        except Reported:
            return None

    def _system(self) -> dict[str, Callable[[], Value]]:
        scenario = self.plan.scenario
        written = scenario.system
        generated = self._system_scope(None)
        if written is None:
            return generated
        used: list[bool] = []

        def default() -> Value:
            used.append(True)
            pieces, _ = self.renderer.template("system", generated)
            return Traced(text_of(pieces), pieces)

        try:
            text = self.renderer.text(written, {"default": default})
        except Reported:
            return {**generated, "system": partial(_raise_reported)}
        return self._system_scope(text, whole=bool(used))

    def _system_scope(
        self, system: Traced | None, *, whole: bool = False
    ) -> dict[str, Callable[[], Value]]:
        """Return what system.j2 sees. `whole`: the written text already holds all the rest."""
        scenario = self.plan.scenario
        rest = not whole
        return {
            "system": lambda: system if system is not None else Absent("system"),
            "alone": self._alone_description,
            "others": self._others,
            "instructions": lambda: self._texts(self._instructions() if rest else ()),
            "style": lambda: self._text("style", scenario.style if rest else None),
            "reply_format": lambda: self._text(
                "reply_format", scenario.reply_format if rest else None
            ),
        }

    def _instructions(self) -> tuple[Text, ...]:
        return tuple(
            unit.text
            for unit in self.plan.units
            if unit.text is not None and unit.id not in self.left_out
        )

    def _others(self) -> Value:
        self.renderer.meter.step(0, len(self.plan.scenario.characters))
        return _items(
            [
                self.renderer.character(name)
                for name, entity in self.plan.scenario.characters.items()
                if name != self.plan.speaker and entity.texts.keys() & _VISIBLE
            ]
        )

    def _texts(self, texts: tuple[Text, ...]) -> Value:
        found = [self.renderer.text(text) for text in texts]
        return _items([each for each in found if each.text.strip()])

    def _text(self, name: str, text: Text | None) -> Value:
        return Absent(name) if text is None else self.renderer.text(text)

    def _alone_description(self) -> Value:
        """Return the speaker's description, when it is all that is told of him."""
        entity = self.plan.scenario.characters.get(self.plan.speaker or "")
        if entity is not None and [name for name in _PORTRAIT if name in entity.texts] == [
            "description"
        ]:
            return self.renderer.field(entity, "description")
        return Absent("alone")

    def _persona(self) -> dict[str, Callable[[], Value]] | None:
        persona = self.plan.scenario.persona
        return (
            None
            if persona is None
            else {"alone": lambda: self._alone(persona, ("description",), apart=("name",))}
        )

    def _group(self) -> dict[str, Callable[[], Value]] | None:
        group = self.plan.scenario.group
        return None if group is None else {"alone": lambda: self._alone(group, ("setting", "name"))}

    def _alone(self, entity: Entity, fields: tuple[str, ...], apart: tuple[str, ...] = ()) -> Value:
        """Return one of these fields when it is the only one, but for what is sent elsewhere."""
        given = [name for name in entity.texts if name not in apart]
        if len(given) == 1 and given[0] in fields:
            return self.renderer.text(entity.texts[given[0]][0])
        return Absent("alone")

    # --- what is said

    def _turns(self, unit: Unit, roles: tuple[Role, Role]) -> list[Message]:
        made: list[Message] = []
        for turn in unit.turns:
            try:
                message = self._turn(turn, unit, roles)
            except Reported:
                continue
            if message is not None:
                made.append(message)
        return made

    def _turn(self, turn: Turn, unit: Unit, roles: tuple[Role, Role]) -> Message | None:
        pieces, reads, template = self._said(turn)
        if not text_of(pieces).strip():
            return None
        if turn.speaker == "user":
            name = self._user_name()
        elif turn.speaker == "narrator":
            name = self._narrator_name()
        else:
            name = self._character_name(turn.speaker)
        return Message(
            role=roles[0] if turn.speaker == "user" else roles[1],
            pieces=coalesced(pieces),
            name_pieces=name,
            unit=unit.id,
            template=template,
            reads=reads,
        )

    def _said(self, turn: Turn) -> tuple[tuple[Piece, ...], tuple[Origin, ...], str | None]:
        """Render a line, with the thought behind it where its speaker is the one who answers."""
        line = self.renderer.text(turn.text)
        thought = turn.thought
        if thought is None or turn.speaker not in (self.plan.speaker, "ai"):
            return line.pieces, self.renderer.reads_of(turn.text), None
        mind = self.renderer.text(thought)
        scope: dict[str, Callable[[], Value]] = {"line": lambda: line, "thought": lambda: mind}
        pieces, reads = self.renderer.template("thought", scope)
        return pieces, reads, self.templates.sources["thought"].path

    # --- names

    def _named(self, written: Traced | None, otherwise: Traced) -> tuple[Piece, ...]:
        match self.plan.names:
            case Names.NEVER:
                return ()
            case Names.GIVEN:
                name = written
            case Names.ALWAYS:
                name = written or otherwise
        if name is None:
            return ()
        if name not in self.names:
            self.names[name] = stripped(name.pieces)
        return self.names[name]

    def _speaker_name(self) -> tuple[Piece, ...]:
        return self._character_name(self.plan.speaker or "")

    def _character_name(self, name: str) -> tuple[Piece, ...]:
        entity = self.plan.scenario.characters.get(name)
        return self._named(self.renderer.written_name(entity), fallback(AI_NAME))

    def _user_name(self) -> tuple[Piece, ...]:
        return self._named(
            self.renderer.written_name(self.plan.scenario.persona), fallback(USER_NAME)
        )

    def _group_name(self) -> tuple[Piece, ...]:
        written = self.renderer.written_name(self.plan.scenario.group)
        return self._named(written, written or self.renderer.title())

    def _narrator_name(self) -> tuple[Piece, ...]:
        """Return the narrator's name, which counts as given: the author wrote `narrator`."""
        narrator = fallback(self.templates.narrator)
        return self._named(narrator, narrator)


def _raise_reported() -> Value:
    raise Reported


def _items(values: list[Value]) -> Items:
    items = Items(values)
    items.weight = 1 + len(values)
    items.depth = 1
    return items


def stripped(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return a name's pieces without blanks at its ends and without line breaks in it."""
    text = text_of(pieces)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    kept = pieces_of(cut(Traced(text, pieces), start, end))
    return tuple(
        with_text(
            piece, piece.text.replace("\n", " "), exact=piece.exact and "\n" not in piece.text
        )
        for piece in kept
    )


def coalesced(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Join neighbouring pieces that were computed from the same, and drop empty ones."""
    if len(pieces) == 1 and pieces[0].text:
        return pieces
    done: list[Piece] = []
    same: list[Piece] = []
    before: Piece | None = None
    for piece in pieces:
        if piece.exact or before is None or not _is_of_the_same(before, piece):
            done += _one(same)
            same = []
        same.append(piece)
        before = piece
    done += _one(same)
    return tuple(done)


def _is_of_the_same(before: Piece, piece: Piece) -> bool:
    return (
        not before.exact and before.origins == piece.origins and before.audience == piece.audience
    )


def _one(same: list[Piece]) -> list[Piece]:
    """Return pieces that were computed from the same as one; none when they say nothing."""
    said = [piece for piece in same if piece.text]
    return said if len(said) < 2 else [with_text(said[0], text_of(said), exact=False)]  # noqa: PLR2004 - one is itself


def charge_messages(count: int, sink: Sink, scenario: Scenario) -> bool:
    """Tell whether a scenario's variants stay within the messages that may be made of it."""
    if count <= MOST_MESSAGES:
        return True
    sink.add(
        c.TOO_MANY_VARIANTS,
        f"its variants come to {count:,} messages, and a scenario has at most {MOST_MESSAGES:,}",
        scenario.node.entries.get("m2her", scenario.node).key_span,
        help="shorten the matrix or the history",
    )
    return False
