"""Rules about the language that a scenario is said to be in, and that it is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..scenario.model import NARRATOR
from ..schema import Kind
from .places import header, own_place
from .script import Writing, language_in, main_writing, weigh, writings_of
from .subject import Setting, lines_of
from .wording import first_line, without_code, without_templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..diagnostics import Sink
    from ..scenario import Exchange, Text
    from .subject import Subject

_DEFAULT: Final = "en"
# In Latin letters; a Chinese sign counts as three. Below that, a text is a name or a quotation.
_FEW: Final = 60
_FEW_IN_EXAMPLE: Final = 18


def wrong_language(subject: Subject, sink: Sink) -> None:
    """Report a scenario whose texts are not written as its `language` is."""
    if subject.kind is not Kind.SCENARIO:
        return
    scenario = subject.scenario
    tag = scenario.language.value if scenario.language is not None else _DEFAULT
    expected = writings_of(tag)
    texts = [text for text in subject.all_texts if text.pointer]
    if Writing.LATIN in expected and all(text.value.isascii() for text in texts):
        return
    found = weigh(_prose(texts))
    writing = main_writing(found)
    if not expected or writing is None or writing in expected or found.total() < _FEW:
        return
    language = language_in(writing)
    if scenario.language is not None:
        sink.add(
            c.WRONG_LANGUAGE,
            f"`language` is `{tag}`, and nearly all texts are in {writing.value}",
            own_place(subject, scenario.language.node.first_line, scenario.language.via),
            help=f"set `language: {language}`"
            if language is not None
            else "name the language that they are in",
        )
    elif writing is Writing.HAN and subject.is_whole and _adds_words(subject):
        sink.add(
            c.WRONG_LANGUAGE,
            f"there is no `language`, and nearly all texts are in {writing.value}",
            header(subject),
            help=f"set `language: {language}`: without it, the words that are put between "
            "the texts are English",
        )


def _adds_words(subject: Subject) -> bool:
    """Tell whether anything is sent that stands in a template: headings, the narrator's name."""
    variant = subject.variants[0]
    if any(turn.speaker == NARRATOR for unit in variant.plan.units for turn in unit.turns):
        return True
    return any(
        origin.span.path == message.template and any(map(str.isalpha, piece.text))
        for message in variant.conversation.messages
        for piece in message.pieces
        for origin in piece.origins
    )


def example_language(subject: Subject, sink: Sink) -> None:
    """Report an example of this file that is written otherwise than the scenario around it."""
    if subject.kind is not Kind.SCENARIO:
        return
    language = subject.scenario.language
    tag = language.value if language is not None else _DEFAULT
    expected = writings_of(tag)
    if Writing.LATIN in expected and subject.written.isascii():
        return
    strange = [
        (exchange, writing)
        for exchange in own_exchanges(subject)
        for writing in [_writing_of_exchange(exchange)]
        if writing is not None and writing not in expected
    ]
    if not expected or not strange or _writing_around(subject) not in expected:
        return
    for exchange, writing in strange:
        first = exchange.turns[0].text
        sink.add(
            c.EXAMPLE_LANGUAGE,
            f"this example is in {writing.value}, and the scenario's `language` is `{tag}`",
            first_line(first),
            help="translate it: the model answers in the language that its examples are in",
            via=first.via,
        )


def own_exchanges(subject: Subject) -> Iterator[Exchange]:
    """Yield each example that is written in this file."""
    found = {
        id(line.exchange): line.exchange for line in subject.lines if line.exchange is not None
    }
    yield from found.values()


def _writing_of_exchange(exchange: Exchange) -> Writing | None:
    found = weigh(_prose(turn.text for turn in exchange.turns))
    return main_writing(found) if found.total() >= _FEW_IN_EXAMPLE else None


def _writing_around(subject: Subject) -> Writing | None:
    """Return what is written around the examples: in dialogue, else in descriptions.

    A character who is described in one language may well be played in another.
    """
    lines = list(lines_of(subject.scenario))
    spoken = weigh(_prose(each.turn.text for each in lines if each.setting is not Setting.EXAMPLE))
    if spoken.total() >= _FEW_IN_EXAMPLE:
        return main_writing(spoken)
    said = {id(each.turn.text) for each in lines}
    told = (text for text in subject.all_texts if text.pointer and id(text) not in said)
    return main_writing(weigh(_prose(told)))


def _prose(texts: Iterable[Text]) -> Iterator[str]:
    for text in texts:
        yield without_code(without_templates(text))
