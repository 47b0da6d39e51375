"""Render the texts of one plan: lazily, each once, with what it read."""

from __future__ import annotations

from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import codes as c
from ..frozen import frozen_positional
from ..ir import Origin, Piece
from ..scenario import FIELDS, Entity, EntityKind, Plan, Text
from ..source import Node
from .evaluate import Evaluation, Written
from .fault import Fault, Meter, Reported, Unplaced
from .scope import CHARACTER_FIELDS, PLACEHOLDER, SCENARIO_FIELDS, report_fault
from .syntax import has_template, program_of
from .values import (
    NOTHING,
    Absent,
    Figure,
    Items,
    Traced,
    Value,
    View,
    cut,
    pieces_of,
    show,
    text_of,
    with_origin,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..diagnostics import Sink, Source
    from ..scenario import Bound
    from .templates import TemplateSet

AI_NAME: Final = "AI"
USER_NAME: Final = "User"
_MOST_CHAINED: Final = 20
_UNKNOWN: Final = (c.UNKNOWN_NAME, c.UNKNOWN_FIELD, c.PRIVATE_FIELD)
_NOBODY: Final = {
    EntityKind.CHARACTER: Entity(kind=EntityKind.CHARACTER, id="", texts={}),
    EntityKind.PERSONA: Entity(kind=EntityKind.PERSONA, id="persona", texts={}),
    EntityKind.GROUP: Entity(kind=EntityKind.GROUP, id="group", texts={}),
}


def _too_deep() -> Fault:
    return Fault(c.TEMPLATE_LIMIT, "a template nested too deeply", 0, 1)


@frozen_positional
class _Rendered:
    """A text's value, and what it read on the way, itself first."""

    text: Traced
    reads: tuple[Origin, ...]


class Renderer:
    """Renders the texts of one plan.

    A text that uses another one's value renders it first; each is rendered once. What a
    text read on the way, also what it only looked at, is recorded with it.
    """

    def __init__(self, plan: Plan, templates: TemplateSet, meter: Meter, sink: Sink) -> None:
        # After an error the plan is a guess: then what seems unknown or private may not be.
        self._guessing = sink.has_errors
        self.plan = plan
        self.scenario = plan.scenario
        self.templates = templates
        self.meter = meter
        self.sink = sink
        self._done: dict[Text, _Rendered] = {}
        self._failed: set[Text] = set()
        self._open: list[Text] = []
        # What is read for each text and template that is being rendered, the innermost last.
        self._reads: list[dict[Origin, None]] = []
        self._views: dict[str | None, View] = {}
        self._scopes: dict[str | None, Mapping[str, Callable[[], Value]]] = {}
        self._variables = View("`vars`", self.scenario.variables, self._variable)
        cast = self.scenario.characters
        self._cast = View("`characters`", cast, self.character, iterates=True)

    def close(self) -> None:
        """Let go of all that is known: what templates are given leads back here, in circles.

        All that was read stays with them until the garbage collector looks for circles, which
        takes longer than to let it go now.
        """
        vars(self).clear()

    # --- texts

    def text(self, text: Text, extra: Mapping[str, Callable[[], Value]] | None = None) -> Traced:
        """Render a text. Raises `Reported` when it cannot be, after saying why."""
        done = self._done.get(text)
        if done is None:
            if text in self._failed:
                raise Reported
            done = self._verbatim_text(text) or self._render(text, extra or {})
            self._done[text] = done
        self._read(done.reads, text)
        return done.text

    def reads_of(self, text: Text) -> tuple[Origin, ...]:
        """Return what a text that has been rendered read on the way, itself first."""
        return self._done[text].reads

    def _read(self, origins: tuple[Origin, ...], text: Text) -> None:
        """Remember what a text read, for the text or template that is being rendered, if one is."""
        try:
            self.meter.step(0, len(origins))
        except Fault as fault:
            if self._reads:  # whatever is being rendered reports it
                raise
            self._report(fault, text)
            raise Reported from fault
        if len(origins) == 1:
            self._note(origins[0])
        elif self._reads:
            self._reads[-1].update(dict.fromkeys(origins))

    def _note(self, origin: Origin) -> None:
        if self._reads:
            self._reads[-1][origin] = None

    def _verbatim_text(self, text: Text) -> _Rendered | None:
        """Return a text that says what it says, as most do; None for templates and long ones."""
        value = text.value
        if has_template(value) or text.literal or text.node.raw or not self.meter.takes(value):
            return None
        reads = (text_origin(text),)
        kept = value.rstrip("\n")
        if not kept:
            return _Rendered(NOTHING, reads)
        audience = text.owner if text.private else None
        piece = Piece(text=kept, origins=reads, exact=True, audience=audience)
        return _Rendered(Traced(kept, (piece,)), reads)

    def _render(self, text: Text, extra: Mapping[str, Callable[[], Value]]) -> _Rendered:
        if text in self._open:
            self._failed.add(text)
            self._report_cycle(text)
            raise Reported
        self._open.append(text)
        self._reads.append({text_origin(text): None})
        try:
            pieces = self._pieces(text, extra)
        except Fault as fault:
            self._failed.add(text)
            self._report(fault, text)
            raise Reported from fault
        except RecursionError as error:
            self._failed.add(text)
            self._report(_too_deep(), text)
            raise Reported from error
        except Reported:
            self._failed.add(text)
            raise
        finally:
            self._open.pop()
            reads = self._reads.pop()
        made = traced(pieces if text.literal else without_final_newlines(pieces))
        return _Rendered(made, tuple(reads))

    def _pieces(self, text: Text, extra: Mapping[str, Callable[[], Value]]) -> tuple[Piece, ...]:
        audience = text.owner if text.private else None
        whole = partial(self._own_piece, text, audience)
        self.meter.text(len(text.value), 0)
        if text.literal:
            return whole(0, len(text.value))
        if text.raw:
            return self._with_placeholders(text, whole)
        if not has_template(text.value):
            return whole(0, len(text.value.rstrip("\n")))
        if len(self._open) > _MOST_CHAINED:
            raise Fault(
                c.TEMPLATE_LIMIT, f"texts use each other more than {_MOST_CHAINED} deep", 0, 1
            )
        program = program_of(text.value, self.meter)
        scope = {**self.scope(text.owner), **extra} if extra else self.scope(text.owner)
        written = Written(partial(text_origin, text))
        return Evaluation(scope, self.meter, written).run(program.code)

    def _own_piece(
        self, text: Text, audience: str | None, start: int, end: int
    ) -> tuple[Piece, ...]:
        if start >= end:
            return ()
        whole = start == 0 and end >= len(text.value.rstrip("\n"))
        origin = text_origin(text) if whole else text_origin(text, start, end)
        return (
            Piece(text=text.value[start:end], origins=(origin,), exact=True, audience=audience),
        )

    def _with_placeholders(
        self, text: Text, own: Callable[[int, int], tuple[Piece, ...]]
    ) -> tuple[Piece, ...]:
        """Render a raw text: only the names' placeholders are replaced."""
        pieces: list[Piece] = []
        at = 0
        for found in PLACEHOLDER.finditer(text.value):
            pieces.extend(own(at, found.start()))
            word = (found[1] or found[2]).lower()
            name = (
                self.user_name()
                if word == "user"
                else self.name_of(text.owner or self.plan.speaker)
            )
            self.meter.text(len(name.text), found.start())
            origin = text_origin(text, *found.span())
            pieces.extend(
                piece if piece.origins else with_origin(piece, origin) for piece in name.pieces
            )
            at = found.end()
        pieces.extend(own(at, len(text.value)))
        return tuple(pieces)

    def _report(self, fault: Fault, text: Text) -> None:
        if fault.code in _UNKNOWN and self._guessing:
            return
        if fault.code is c.TEMPLATE_LIMIT and fault.start == 0 and text.stretches is None:
            span = text.node.first_line
            self.sink.add(fault.code, fault.message, span, help=fault.help, via=text.via)
            return
        if fault.help is None and "[" in self.plan.variant:
            fault.help = f"this happens in the variant `{self.plan.variant}`"
        report_fault(fault, text, self.sink)

    def _report_cycle(self, text: Text) -> None:
        circle = [*self._open[self._open.index(text) :], text]
        names = " → ".join(f"`{field_path(each)}`" for each in circle)
        self.sink.add(
            c.TEMPLATE_CYCLE,
            f"texts use each other in a circle: {names}",
            text.node.first_line,
            help="write one of them out",
            via=text.via,
        )

    # --- templates of messages

    def template(
        self, name: str, extra: Mapping[str, Callable[[], Value]]
    ) -> tuple[tuple[Piece, ...], tuple[Origin, ...]]:
        """Render a message's template; returns its pieces, and all that was read for it."""
        source = self.templates.sources[name]
        text = template_text(source)
        self._reads.append({})
        try:
            scope = {**self.scope(None), **extra}
            program = program_of(text.value, self.meter)
            pieces = Evaluation(scope, self.meter, _written(source)).run(program.code)
        except Fault as fault:
            self._report(fault, text)
            raise Reported from fault
        except RecursionError as error:
            self._report(_too_deep(), text)
            raise Reported from error
        finally:
            reads = self._reads.pop()
        return without_final_newlines(pieces), tuple(reads)

    # --- names and fields

    def scope(self, owner: str | None) -> Mapping[str, Callable[[], Value]]:
        """Return the names that a text can use; `char` is its owner, else the speaker."""
        if owner not in self._scopes:
            char = owner if owner is not None else self.plan.speaker
            self._scopes[owner] = {
                "vars": lambda: self._variables,
                "char": partial(self.character, char),
                "user": lambda: self._user,
                "characters": lambda: self._cast,
                "group": lambda: self._group,
                "scenario": lambda: self._scenario,
            }
        return self._scopes[owner]

    def character(self, name: str | None) -> View:
        """Return what templates see of a character; without one, of the model itself."""
        if name not in self._views:
            self._views[name] = self._character(name)
        return self._views[name]

    def _character(self, name: str | None) -> View:
        entity = self.scenario.characters.get(name or "", _NOBODY[EntityKind.CHARACTER])

        def read(field: str) -> Value:
            return entity.id if field == "id" else self.field(entity, field)

        what = f"`{name}`" if name is not None else "`char`"
        return View(what, CHARACTER_FIELDS, read, partial(self.name_of, name))

    @cached_property
    def _user(self) -> View:
        entity = self.scenario.persona or _NOBODY[EntityKind.PERSONA]
        return View("`user`", FIELDS[entity.kind], partial(self.field, entity), self.user_name)

    @cached_property
    def _group(self) -> View:
        entity = self.scenario.group or _NOBODY[EntityKind.GROUP]
        read = partial(self.field, entity)
        return View("`group`", FIELDS[entity.kind], read, partial(read, "name"))

    @cached_property
    def _scenario(self) -> View:
        return View("`scenario`", SCENARIO_FIELDS, self._about, self.title)

    def _about(self, name: str) -> Value:
        match name:
            case "id":
                return self.scenario.id
            case "tags":
                return _items(list(self.scenario.tags))
            case _:
                text: Text | None = getattr(self.scenario, name)
                return Absent(name) if text is None else self._verbatim(text)

    def title(self) -> Traced:
        """Return the scenario's title, else its id."""
        if self.scenario.title is not None and self.scenario.title.value:
            return self._verbatim(self.scenario.title)
        node = self.scenario.node.entries.get("id")
        if node is not None and node.text == self.scenario.id:
            return self._verbatim(Text(value=self.scenario.id, node=node, pointer="/id"))
        header = self.scenario.node.entries.get("m2her", self.scenario.node)  # of the file so named
        origin = Origin(pointer="/id", span=header.key_span)
        return Traced(
            self.scenario.id, (Piece(text=self.scenario.id, origins=(origin,), exact=False),)
        )

    def _verbatim(self, text: Text) -> Traced:
        origin = text_origin(text)
        self._note(origin)
        return Traced(text.value, (Piece(text=text.value, origins=(origin,), exact=True),))

    def _variable(self, name: str) -> Value:
        bound = self.plan.bindings.get(name)
        if bound is None:  # it has no value, which has been reported
            raise Reported
        origin = bound_origin(bound)
        self._note(origin)
        if not isinstance(bound.value, str):
            printed = str(show(bound.value))
            return Figure(bound.value, (Piece(text=printed, origins=(origin,), exact=False),))
        return Traced(
            bound.value,
            (Piece(text=bound.value, origins=(origin,), exact=True),) if bound.value else (),
        )

    def field(self, entity: Entity, name: str) -> Value:
        """Return a field's rendered text, or texts; `Absent` when nobody wrote it."""
        texts = entity.texts.get(name, ())
        if not texts:
            return Absent(name)
        if texts[0].private and entity.id != self.plan.speaker:
            self._refuse_private(entity, name)
        if FIELDS[entity.kind][name]:
            return _items([self.text(text) for text in texts])
        return self.text(texts[0])

    def _refuse_private(self, entity: Entity, name: str) -> None:
        speaker = self.plan.speaker
        raise Unplaced(
            c.PRIVATE_FIELD,
            f"`{name}` of `{entity.id}` would be given away to `{speaker or 'the model'}`",
            f"{name} are only ever in their own character's view; use a field that all may know",
        )

    def name_of(self, name: str | None) -> Traced:
        """Return how a character is called: his name, else `AI`."""
        return self.written_name(self.scenario.characters.get(name or "")) or fallback(AI_NAME)

    def user_name(self) -> Traced:
        return self.written_name(self.scenario.persona) or fallback(USER_NAME)

    def written_name(self, entity: Entity | None) -> Traced | None:
        """Return a name that the author wrote, without blanks around it; None without one."""
        text = entity.one("name") if entity is not None else None
        if text is None:
            return None
        name = self.text(text)
        return name if name.text.strip() else None


@lru_cache(maxsize=32)
def fallback(name: str) -> Traced:
    """Return a name that nobody wrote."""
    return Traced(name, (Piece(text=name, origins=(), exact=False),))


def text_origin(text: Text, start: int | None = None, end: int | None = None) -> Origin:
    """Return where a text, or characters of it, were written."""
    span = text.span if start is None or end is None else text.span_of(start, end)
    return Origin(pointer=text.pointer, span=span, via=text.node.via)


def bound_origin(bound: Bound) -> Origin:
    """Return where a variable's value was given."""
    return Origin(pointer=bound.pointer, span=bound.node.span, via=bound.node.via)


def field_path(text: Text) -> str:
    """Name a text as templates do: `/characters/mara/goals/0` is `characters.mara.goals`."""
    parts = [part for part in text.pointer.split("/") if part and not part.isdigit()]
    return ".".join(parts) or text.node.source.path


@lru_cache(maxsize=32)
def template_text(source: Source) -> Text:
    """Return a template file as a text of its own."""
    node = Node(
        value=source.text, text=source.text, source=source, start=0, end=len(source.text), style="="
    )
    return Text(value=source.text, node=node, pointer="")


@lru_cache(maxsize=32)
def _written(source: Source) -> Written:
    """Return where a template file is written: each scenario asks for the same places of it."""
    return Written(partial(text_origin, template_text(source)))


def traced(pieces: tuple[Piece, ...]) -> Traced:
    """Return a text made of pieces."""
    return Traced(text_of(pieces), pieces) if pieces else NOTHING


def without_final_newlines(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Drop the newlines that end a text."""
    text = text_of(pieces)
    kept = text.rstrip("\n")
    return pieces if kept == text else pieces_of(cut(Traced(text, pieces), 0, len(kept)))


def _items(values: list[Any]) -> Items:
    items = Items(values)
    items.weight = 1 + sum(1 + len(str(show(value))) // 64 for value in values)
    items.depth = 1
    return items
