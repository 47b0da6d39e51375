"""Rules about single characters and words that a model's service reads as more than text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit, Span
from ..diagnostics import codes as c
from ..scenario import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Sink
    from ..source import Node
    from .subject import Subject

# The words that fence turns in the chat templates published with MiniMax-Text-01 (the first two)
# and MiniMax-M2 (the others); that M2-her has them too is an inference from its family.
CONTROL_WORDS: Final = (
    "<beginning_of_sentence>",
    "<end_of_sentence>",
    "]~!b[",
    "]~b]",
    "[e~[",
)
_CONTROL_WORD: Final = re.compile("|".join(re.escape(word) for word in CONTROL_WORDS))

# What nobody sees: control characters but for newline and tab; the characters of general category
# Cf that have no shape of their own; Hangul fillers; selectors of variants; tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# A flag of a part of a country: a black flag, letters as tags, and the tag that ends them.
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f")
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
# Embeddings and overrides: Unicode itself advises against them (UAX 9, section 2).
_FORCING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Scripts whose letters join, or form clusters, as the joiners say: Arabic, Syriac, N'Ko and their
# neighbours; the Indic ones; Tibetan, Myanmar, Khmer, Mongolian and the others of South-East Asia.
_JOINING: Final = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uaaff\ufb50-\ufdff"
    "\ufe70-\ufefc]"
)
# Scripts without blanks between words, where a zero-width space says that a line may break.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u1980-\u19df\u1a20-\u1aaf]")
_JOINERS: Final = "\u200c\u200d"
_ZWSP: Final = "\u200b"
_MONGOLIAN: Final = re.compile("[\u1800-\u180a\u1810-\u18af]")
# What a plain scalar may mean otherwise when it comes to stand beside something else.
_MOST_EDITED: Final = 10_000
_INDICATORS: Final = frozenset(":#-?,[]{}&*!|>'\"%@`")


def control_words(subject: Subject, sink: Sink) -> None:
    """Report each control word of the model's chat template, once a text."""
    for text in _texts_with(_CONTROL_WORD, subject):
        told: set[str] = set()
        for found in _CONTROL_WORD.finditer(text.value):
            word = found[0]
            if word in told:
                continue
            told.add(word)
            sink.add(
                c.CONTROL_WORD,
                f"`{word}` is a control word of the model's chat template",
                text.span_of(*found.span()),
                help="leave it out: where the service passes it on, it ends or begins a turn",
            )


def _texts_with(signs: re.Pattern[str], subject: Subject) -> Iterator[Text]:
    """Yield the texts of a file that hold something, and what may come into one, if it does."""
    if signs.search(subject.written):
        yield from (text for text in subject.texts if signs.search(text.value))
    yield from (text for text in _inserted(subject) if signs.search(text.value))


def _inserted(subject: Subject) -> Iterator[Text]:
    """Yield what may come into a text: the title, and the values of variables."""
    scenario = subject.scenario
    if scenario.title is not None and subject.is_own(scenario.title):
        yield scenario.title
    values: list[Node] = []
    for variable in scenario.variables.values():
        if variable.default is not None:
            values.append(variable.default.node)
        enum = variable.node.entries.get("enum")
        values.extend(enum.items if enum is not None else ())
    for choices in scenario.matrix.axes.values():
        values.extend(choice.bound.node for choice in choices)
    for included in scenario.matrix.include:
        values.extend(bound.node for bound in included.values())
    seen: set[tuple[int, int]] = set()
    for node in values:
        place = (node.start, node.end)
        if node.source is subject.source and node.text and place not in seen:
            seen.add(place)
            yield Text(value=node.text, node=node, pointer="")


# --- characters


def invisible_characters(subject: Subject, sink: Sink) -> None:
    """Report characters that nobody sees, and those that turn the direction of a text."""
    for text in _texts_with(_UNSEEN, subject):
        unseen = list(_unseen(text.value))
        turning = [at for at in unseen if text.value[at] in _TURNING]
        hidden = [at for at in unseen if text.value[at] not in _TURNING]
        if hidden:
            edits = list(_removals(text, hidden)) if len(hidden) <= _MOST_EDITED else []
            sink.add(
                c.INVISIBLE_CHARACTER,
                _message(text, hidden, "invisible character"),
                text.span_of(hidden[0], hidden[0] + 1),
                help="remove what nobody sees: the model reads it, and the service refuses too "
                "much of it (code 1042)",
                edits=edits,
                safe=bool(edits),
            )
        if turning:
            sink.add(
                c.BIDIRECTIONAL,
                _message(
                    text,
                    turning,
                    "character that turns the direction",
                    "characters that turn the direction",
                ),
                text.span_of(turning[0], turning[0] + 1),
                help="remove it, unless the text is to be read from right to left: what is shown "
                "may not be what is sent",
            )


def _message(text: Text, places: list[int], one: str, several: str | None = None) -> str:
    name = _name(text.value[places[0]])
    if len(places) == 1:
        return f"the text holds {'an' if one[0] in 'aeiou' else 'a'} {one}: {name}"
    return f"the text holds {len(places):,} {several or one + 's'}; the first is {name}"


def _name(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, 'control character')}"


def _unseen(value: str) -> Iterator[int]:
    """Yield the places of characters that nobody sees, and that are not right where they are."""
    flags = {at for found in _FLAG.finditer(value) for at in range(*found.span())}
    reads_leftwards = _RIGHT_TO_LEFT.search(value) is not None
    for found in _UNSEEN.finditer(value):
        at, char = found.start(), found[0]
        before = value[at - 1] if at else ""
        after = value[at + 1] if at + 1 < len(value) else ""
        if char in _TURNING:
            is_right = reads_leftwards and char not in _FORCING
        else:
            is_right = at in flags or _is_right(char, before, after)
        if not is_right:
            yield at


def _is_right(char: str, before: str, after: str) -> bool:
    """Tell whether an invisible character does its work between these two."""
    if char in _JOINERS:
        return _in(_JOINING, before, after) or (
            char == "\u200d" and _is_sign(before) and _is_sign(after)
        )
    if char == _ZWSP:
        return _in(_UNSPACED, before, after)
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return bool(before) and not before.isspace() and not _UNSEEN.match(before)
    if "\u180b" <= char <= "\u180f":
        return _in(_MONGOLIAN, before, after)
    return False


def _in(script: re.Pattern[str], before: str, after: str) -> bool:
    return any(char and script.match(char) for char in (before, after))


def _is_sign(char: str) -> bool:
    """Tell whether a character can be a part of an emoji."""
    return char == "\ufe0f" or (
        bool(char) and unicodedata.category(char) in ("So", "Sk", "Sm", "Cn")
    )


def _removals(text: Text, places: list[int]) -> Iterator[Edit]:
    """Yield edits that take characters out where they stand as themselves, and nothing moves."""
    start = end = -1
    for at in [*places, len(text.value) + 1]:
        span = text.span_of(at, at + 1) if at < len(text.value) else None
        is_itself = span is not None and span.text == text.value[at]
        if span is not None and is_itself and span.start == end:
            end = span.end
            continue
        if start >= 0 and _can_go(text.node, start, end):
            yield Edit(Span(text.node.source, start, end), "")
        start, end = (span.start, span.end) if span is not None and is_itself else (-1, -1)


def _can_go(node: Node, start: int, end: int) -> bool:
    """Tell whether YAML reads what is around a stretch as before when the stretch is gone."""
    source = node.source.text
    before, after = source[start - 1 : start], source[end : end + 1]
    if (not before or before.isspace()) and (not after or after.isspace()):
        return False
    if node.style:
        return True
    return not (_INDICATORS & {before, after}) and not (start == node.start and not after.isalnum())
