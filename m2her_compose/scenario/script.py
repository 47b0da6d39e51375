"""Split a script, dialogue written as one block of text, into turns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen_positional
from .model import Stretches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Sink
    from ..source import Node

# `：` is what a Chinese keyboard types for a colon.
_LABEL: Final = re.compile(r"(?P<speaker>[^\s:：][^:：\n]{0,60}?)[ \t]*[:：]")
# One word, a colon and a blank at the left edge: if there are several, it is a speaker.
_SPEAKER_LIKE: Final = re.compile(r"\w{1,20}(?::(?:\s|$)|：)")
_ASIDES: Final = frozenset({"note", "nb", "ps", "ooc", "warning", "edit"})
_MOST_GUESSES: Final = 1000
_SEPARATOR: Final = re.compile(r"[ \t]*<start>[ \t]*\n?", re.IGNORECASE)
_WORDS: Final = ("user", "narrator")
# What others call the speakers, in one word of small letters.
_ELSEWHERE: Final = {
    **dict.fromkeys(("{{user}}", "<user>", "you", "human", "用户", "你", "玩家"), "user"),
    **dict.fromkeys(("{{char}}", "<char>", "<bot>", "assistant", "助手"), "ai"),
    "旁白": "narrator",
}
_BLANKS: Final = re.compile(r"[ \t]+")


@frozen_positional
class Line:
    """One turn of a script: who speaks, and the stretches of the script's text that are said."""

    speaker: str
    stretches: Stretches
    label: tuple[int, int]


@dataclass(slots=True)
class _Open:
    speaker: str
    label: tuple[int, int]
    lines: list[tuple[int, int]]


def split_script(
    node: Node, speakers: Mapping[str, str], sink: Sink, *, separable: bool
) -> list[list[Line]]:
    """Split a script into exchanges of turns.

    `speakers` maps every known speaker to a name, `user` to the persona's, for guessing what a
    misspelt one meant. `<START>` alone on a line begins a new exchange where `separable`.
    """
    return _Splitter(node, speakers, sink).split(separable=separable)


class _Splitter:
    def __init__(self, node: Node, speakers: Mapping[str, str], sink: Sink) -> None:
        self.node = node
        self.speakers = speakers
        self.sink = sink
        self.guesses: dict[str, str | None] = {}
        self.called: dict[str, str] = {}
        labels = (_LABEL.match(line) for line in (node.text or "").split("\n"))
        self.labels = Counter(label["speaker"] for label in labels if label is not None)

    def _guess(self, line: str) -> str | None:
        """Return the speaker that a line was meant for; after many different labels, nobody."""
        label = _LABEL.match(line.lstrip())
        word = label["speaker"] if label else ""
        if word and word not in self.guesses and len(self.guesses) < _MOST_GUESSES:
            self.guesses[word] = word if word in self.speakers else self._meant(word)
        return self.guesses.get(word)

    def _meant(self, label: str) -> str | None:
        """Return the speaker that a label which is none was meant for."""
        word = label.strip(" \t*").casefold()
        folded = word.replace(" ", "_")
        if not self.called:
            self.called = dict(_called(self.speakers))
        meant = (
            self.called.get(folded)
            or self.called.get(word)
            or _ELSEWHERE.get(_BLANKS.sub("", word))
        )
        if meant is not None:
            return meant
        words = close_matches(folded, _WORDS, cutoff=0.7)
        # At this, one letter of four may be another; likeness sees two that are swapped as two.
        close = words or close_matches(folded, list(self.speakers), cutoff=0.75)
        swapped = (each for each in self.speakers if sorted(each) == sorted(folded))
        return close[0] if close else next(swapped, None)

    def split(self, *, separable: bool) -> list[list[Line]]:
        text = self.node.text or ""
        exchanges: list[list[_Open]] = [[]]
        for start, end in _lines(text):
            if _SEPARATOR.fullmatch(text, start, end):
                if not separable:
                    message = "`<START>` separates examples, and a history is one conversation"
                    self._report(start, end, message, "remove the line")
                exchanges.append([])
            else:
                self._line(start, end, exchanges[-1])
        return [
            [_close(text, turn) for turn in turns if turn.speaker] for turns in exchanges if turns
        ]

    def _line(self, start: int, end: int, turns: list[_Open]) -> None:
        """Open a turn with a line, or add it to the turn above."""
        line = (self.node.text or "")[start:end]
        label = _LABEL.match(line)
        if label is not None and label["speaker"] in self.speakers:
            said = start + label.end()
            while said < end and line[said - start] in " \t":
                said += 1
            place = (start, start + label.end("speaker"))
            turns.append(_Open(label["speaker"], place, [(said, end)]))
        elif turns:
            self._warn_lookalike(start, line)
            turns[-1].lines.append((start, end))
        elif line.strip():
            guess = self._guess(line)
            known = ", ".join(f"`{speaker}:`" for speaker in self.speakers)
            advice = f"did you mean `{guess}:`?" if guess else f"begin it with one of {known}"
            self._report(start, end, "a script begins with a line that nobody says", advice)
            turns.append(_Open("", (start, end), [(start, end)]))

    def _report(self, start: int, end: int, message: str, advice: str) -> None:
        end = start + len((self.node.text or "")[start:end].rstrip())
        place = self.node.locate(start, end)
        self.sink.add(c.BAD_SCRIPT, message, place, help=advice, via=self.node.via)

    def _warn_lookalike(self, start: int, line: str) -> None:
        """Warn of a line that seems to have a speaker, and belongs to the turn above."""
        label = _LABEL.match(line.lstrip())
        if label is None or self.sink.is_full(self.node.source):
            return
        guess = self._guess(line)
        aside = label["speaker"].casefold() in _ASIDES
        often = self.labels[label["speaker"]] > 1
        if guess is None and (aside or not often or not _SPEAKER_LIKE.match(line)):
            return
        at = start + len(line) - len(line.lstrip())
        word = label["speaker"]
        if word == guess:
            message = f"`{word}:` is indented, so that the line belongs to the turn above"
            advice = "begin the line at the left edge to make it a turn"
        else:
            message = f"`{word}` is no speaker, so that the line belongs to the turn above"
            known = ", ".join(f"`{speaker}`" for speaker in self.speakers)
            advice = f"did you mean `{guess}`?" if guess else f"speakers here are {known}"
        place = self.node.locate(at, at + len(word))
        self.sink.add(c.MISSPELT_SPEAKER, message, place, help=advice, via=self.node.via)


def _called(speakers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what every speaker is called, in small letters: names, and ids, which count more."""
    for speaker, name in speakers.items():
        if name.strip():
            yield name.strip().casefold(), speaker
    for speaker in speakers:
        yield speaker.casefold(), speaker


def _lines(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(r"[^\n]*(?:\n|$)", text)][:-1] if text else []


def _close(text: str, turn: _Open) -> Line:
    """Take the turn's lines without their common indentation and the blanks around them.

    The stretches include the line breaks between lines: joined, they are the text.
    """
    first, *rest = turn.lines
    indents = [_indent(text, line) for line in rest if text[slice(*line)].strip()]
    common = min(indents, default=0)
    slices = [first]
    for start, end in rest:
        width = min(common, _indent(text, (start, end)))
        slices.append((start + width, end))
    while slices and not text[slice(*slices[0])].strip():
        slices.pop(0)
    while slices and not text[slice(*slices[-1])].strip():
        slices.pop()
    if slices:
        start, end = slices[-1]
        while end > start and text[end - 1] in "\n \t":
            end -= 1
        slices[-1] = (start, end)
    return Line(turn.speaker, Stretches.of(tuple(slices)), turn.label)


def _indent(text: str, line: tuple[int, int]) -> int:
    start, end = line
    at = start
    while at < end and text[at] in " \t":
        at += 1
    return at - start
