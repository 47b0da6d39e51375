"""Rules about what a scenario is made of: its examples, instructions, greeting and persona."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import Related
from ..diagnostics import codes as c
from ..scenario import UnitKind
from ..scenario.model import AI, NARRATOR, USER
from .language import own_exchanges
from .places import header, own_place
from .wording import collapsed, excerpt, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Code, Sink, Span
    from ..scenario import Exchange, Plan, Text, Turn
    from ..source import Node
    from .subject import Subject

# The vendor's guide recommends 1 to 3 example exchanges, and says that they count as input.
_MOST_EXAMPLES: Final = 3
# Lines of the speaker's own that show the model how he talks as well as an example would.
_LINES_ENOUGH: Final = 2
_CHAR: Final = re.compile(r"\{\{-?[ \t]*char\b[^{}\n]{0,200}\}\}|<(?:bot|char)>", re.IGNORECASE)
_LABEL: Final = re.compile(r"^[ \t]*[^\s:：][^:：\n]{0,60}[:：]", re.MULTILINE)


# --- examples


def number_of_examples(subject: Subject, sink: Sink) -> None:
    """Report a scenario that is sent without examples, or with more than are recommended."""
    if not subject.is_whole:
        return
    plan = subject.variants[0].plan  # the examples are the same in all of them
    sent = [unit.turns for unit in plan.units if unit.kind is UnitKind.EXAMPLE]
    if not sent:
        if min(_lines_of_speaker(each) for each in _different(subject)) < _LINES_ENOUGH:
            sink.add(
                c.NO_EXAMPLES,
                "no example shows the model how it is to speak",
                header(subject),
                help="add one to three under `examples`, as the vendor's guide recommends",
            )
    elif len(sent) > _MOST_EXAMPLES:
        first = sent[_MOST_EXAMPLES][0].text
        sink.add(
            c.MANY_EXAMPLES,
            f"{len(sent)} examples are sent, and 1 to {_MOST_EXAMPLES} are recommended",
            own_place(subject, first_line(first), first.via),
            help="keep those that show most: all of them count as input of every request",
            related=_elsewhere(subject, first, "the fourth example"),
        )


def _different(subject: Subject) -> Iterator[Plan]:
    """Yield one plan of each greeting: what else varies does not change who speaks."""
    plans = {id(variant.plan.units): variant.plan for variant in subject.variants}
    yield from plans.values()


def _turns(plan: Plan) -> tuple[Turn, ...]:
    """Return the greeting, where one is sent, and the history."""
    return tuple(t for unit in plan.units if unit.kind is UnitKind.TURN for t in unit.turns)


def _lines_of_speaker(plan: Plan) -> int:
    return sum(turn.speaker in (plan.speaker, AI) for turn in _turns(plan))


def same_examples(subject: Subject, sink: Sink) -> None:
    """Report an exchange that a character's or the scenario's examples hold twice."""
    scenario = subject.scenario
    seen = {
        name: _report_same(subject, entity.examples, {}, sink)
        for name, entity in scenario.characters.items()
    }
    _report_same(subject, scenario.examples, seen.get(_speaker(subject) or "", {}), sink)


def _report_same(
    subject: Subject,
    exchanges: tuple[Exchange, ...],
    known: Mapping[object, Exchange],
    sink: Sink,
) -> dict[object, Exchange]:
    seen = dict(known)
    for exchange in exchanges:
        words = tuple((turn.speaker, collapsed(turn.text.value)) for turn in exchange.turns)
        first = seen.setdefault(words, exchange)
        if first is not exchange:
            _report_twice(
                subject,
                c.SAME_EXAMPLE,
                "this example is given twice",
                (first.turns[0].text, exchange.turns[0].text),
                sink,
            )
    return seen


def _report_twice(
    subject: Subject, code: Code, message: str, texts: tuple[Text, Text], sink: Sink
) -> None:
    """Report a repetition at the second text, unless both stand in one file that is used here."""
    first, second = texts
    if first.node.source is second.node.source is not subject.source:
        return
    if subject.is_own(first) and not subject.is_own(second):
        first, second = second, first
    related = [Related(first_line(first), "the same")] if first.node != second.node else []
    sink.add(
        code,
        message,
        own_place(subject, first_line(second), second.via),
        help="remove one of the two",
        related=related,
    )


def _speaker(subject: Subject) -> str | None:
    """Return who answers, as far as that is known."""
    scenario = subject.scenario
    if subject.is_whole:
        return subject.variants[0].plan.speaker
    if scenario.speaker is not None:
        return scenario.speaker.text
    return next(iter(scenario.characters)) if len(scenario.characters) == 1 else None


def silent_examples(subject: Subject, sink: Sink) -> None:
    """Report an example in which neither the model nor any character speaks."""
    scripts: dict[int, bool] = {}
    for exchange in own_exchanges(subject):
        if any(turn.speaker not in (USER, NARRATOR) for turn in exchange.turns):
            continue
        first = exchange.turns[0].text
        if _may_speak(subject, first, scripts):
            continue
        users = any(turn.speaker == USER for turn in exchange.turns)
        sink.add(
            c.SILENT_EXAMPLE,
            f"nobody but the {'user' if users else 'narrator'} speaks in this example",
            first_line(first),
            help="add what the character says, or leave the example out: it shows the model "
            "nothing",
            via=first.via,
        )


def _may_speak(subject: Subject, text: Text, scripts: dict[int, bool]) -> bool:
    """Tell whether somebody speaks in a text's example whom only another file knows.

    `scripts` takes the answer for each script, by its place: it holds many examples, and is read
    once.
    """
    if subject.is_whole:
        return False
    if text.stretches is not None:
        script = text.node.start
        if script not in scripts:
            scripts[script] = len(_LABEL.findall(text.node.text or "")) > 1
        return scripts[script]
    node = _example_node(subject.scenario.node, text.pointer)
    turns = node.items or (node,)
    keys = {key for turn in turns for key in turn.entries if not key.startswith("x-")}
    return not keys <= {USER, NARRATOR, "thought"}


def _example_node(root: Node, pointer: str) -> Node:
    """Return the item of `examples` that a pointer leads into."""
    node = root
    names = pointer.split("/")[1:]
    for i, name in enumerate(names):
        if node.is_list:
            return node.items[int(name)] if names[i - 1] == "examples" else node
        node = node.entries.get(name, node)
    return node


# --- instructions and greeting


def same_instructions(subject: Subject, sink: Sink) -> None:
    """Report an instruction that is given twice."""
    seen: dict[str, Text] = {}
    for text in (each.text for each in subject.scenario.instructions):
        words = collapsed(text.value).rstrip(".。!！")
        first = seen.setdefault(words, text) if words else text
        if first is not text:
            message = f"`{excerpt(text.value)}` is said twice"
            _report_twice(subject, c.SAME_INSTRUCTION, message, (first, text), sink)


def repeated_greeting(subject: Subject, sink: Sink) -> None:
    """Report a history that begins with the words of the greeting that is sent before it."""
    history = subject.scenario.history
    for plan in _different(subject) if history else ():
        turns = _turns(plan)
        if len(turns) == len(history):
            continue
        greeting = turns[0].text
        first = next((turn.text for turn in history if turn.speaker in (plan.speaker, AI)), None)
        if first is not None and collapsed(first.value) == collapsed(greeting.value):
            sink.add(
                c.GREETING_REPEATED,
                "the greeting says this already, and is sent before it",
                own_place(subject, first_line(first), first.via),
                help="take the line out, or write `greeting: none`",
                related=[Related(first_line(greeting), "the greeting")],
            )


# --- the persona


def char_in_persona(subject: Subject, sink: Sink) -> None:
    """Report a persona that speaks of `char` where several characters may be meant.

    A persona's own file is not judged, since it does not know the characters: whoever uses it
    beside several of them is told so at the `use`.
    """
    scenario = subject.scenario
    persona = scenario.persona
    if persona is None or len(scenario.characters) <= 1 or not scenario.is_intact("characters"):
        return
    example = next(iter(scenario.characters))
    for text in (text for texts in persona.texts.values() for text in texts):
        if not any(path[0] == "char" for path in subject.read_paths(text)):
            continue
        place = _place_of_char(text)
        used = not subject.is_own(text)
        if used and not _is_used_here(subject, text, persona.node):
            continue
        sink.add(
            c.CHAR_IN_PERSONA,
            f"`char` is whoever answers, and the scenario has {len(scenario.characters)} characters"
            if not used
            else "the persona speaks of `char`, who is whoever answers: the scenario has "
            f"{len(scenario.characters)} characters",
            own_place(subject, place, text.via),
            help=f"name who is meant, for instance `{{{{ characters.{example} }}}}`"
            if not used
            else "write that text anew beside the `use`, and name who is meant",
            related=_elsewhere(subject, text, "here", place),
        )


def _is_used_here(subject: Subject, text: Text, persona: Node | None) -> bool:
    """Tell whether this file's persona names the file that a text comes from."""
    steps = [step for step in text.via if step.source is subject.source]
    return (
        persona is not None
        and persona.source is subject.source
        and any(persona.start <= step.start < persona.end for step in steps)
    )


def _place_of_char(text: Text) -> Span:
    found = _CHAR.search(text.value)
    return text.span_of(*found.span()) if found is not None else first_line(text)


def _elsewhere(
    subject: Subject, text: Text, words: str, place: Span | None = None
) -> list[Related]:
    """Return the place itself of what is reported at a step that leads to it."""
    return [] if subject.is_own(text) else [Related(place or first_line(text), words)]
