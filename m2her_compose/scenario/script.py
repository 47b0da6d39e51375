"""Split a script, dialogue written as one block of text, into turns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink
    from ..source import Node

# `：` is what a Chinese keyboard types for a colon.
_LABEL: Final = re.compile(r"(?P<speaker>[^\s:：][^:：\n]{0,60}?)[ \t]*[:：]")
_SEPARATOR: Final = re.compile(r"[ \t]*<start>[ \t]*", re.IGNORECASE)
_MACROS: Final = {"{{user}}": "user", "{{char}}": "ai", "you": "user"}


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of a script: who speaks, and the stretches of the script's text that he says."""

    speaker: str
    slices: tuple[tuple[int, int], ...]
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

    `speakers` maps every known speaker to his name, for guessing what a misspelt one meant.
    `<START>` alone on a line begins a new exchange where `separable`.
    """
    text = node.text or ""
    exchanges: list[list[_Open]] = [[]]
    for start, end in _lines(text):
        line = text[start:end]
        if _SEPARATOR.fullmatch(line):
            if not separable:
                _report(
                    node,
                    start,
                    end,
                    "`<START>` separates examples, and a history is one conversation",
                    "remove the line",
                    sink,
                )
            exchanges.append([])
            continue
        label = _LABEL.match(line)
        turns = exchanges[-1]
        if label is not None and label["speaker"] in speakers:
            said = start + label.end()
            while said < end and text[said] in " \t":
                said += 1
            place = (start, start + label.end("speaker"))
            turns.append(_Open(label["speaker"], place, [(said, end)]))
        elif turns:
            _warn_lookalike(node, start, line, speakers, sink)
            turns[-1].lines.append((start, end))
        elif line.strip():
            _report_no_speaker(node, start, end, line, speakers, sink)
            turns.append(_Open("", (start, end), [(start, end)]))
    return [[_close(text, turn) for turn in turns if turn.speaker] for turns in exchanges if turns]


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
    return Line(turn.speaker, tuple(slices), turn.label)


def _indent(text: str, line: tuple[int, int]) -> int:
    start, end = line
    at = start
    while at < end and text[at] in " \t":
        at += 1
    return at - start


def _report_no_speaker(
    node: Node, start: int, end: int, line: str, speakers: Mapping[str, str], sink: Sink
) -> None:
    guess = _guess(line, speakers)
    known = ", ".join(f"`{speaker}:`" for speaker in speakers)
    advice = f"did you mean `{guess}:`?" if guess else f"begin it with one of {known}"
    _report(node, start, end, "a script begins with a line that nobody says", advice, sink)


def _report(node: Node, start: int, end: int, message: str, advice: str, sink: Sink) -> None:
    text = node.text or ""
    while end > start and text[end - 1] in " \t\n":
        end -= 1
    sink.add(c.BAD_SCRIPT, message, node.locate(start, end), help=advice, via=node.via)


def _warn_lookalike(
    node: Node, start: int, line: str, speakers: Mapping[str, str], sink: Sink
) -> None:
    guess = _guess(line, speakers)
    label = _LABEL.match(line.lstrip())
    if guess is None or label is None:
        return
    at = start + len(line) - len(line.lstrip())
    word = label["speaker"]
    indented = word == guess
    sink.add(
        c.MISSPELT_SPEAKER,
        f"`{word}:` is indented, so that the line belongs to the turn above"
        if indented
        else f"`{word}` is no speaker, so that the line belongs to the turn above",
        node.locate(at, at + len(word)),
        help="begin the line at the left edge to make it a turn"
        if indented
        else f"did you mean `{guess}`?",
        via=node.via,
    )


def _guess(line: str, speakers: Mapping[str, str]) -> str | None:
    """Return the speaker that a line's label was meant for, if it looks like a label at all."""
    label = _LABEL.match(line.lstrip())
    if label is None:
        return None
    word = label["speaker"].strip()
    folded = word.casefold().replace(" ", "_")
    if word in speakers or folded in speakers:
        return word if word in speakers else folded
    if word.casefold() in _MACROS:
        return _MACROS[word.casefold()]
    by_name = {name.casefold(): speaker for speaker, name in speakers.items() if name}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    close = get_close_matches(folded, list(speakers), n=1, cutoff=0.8)
    return close[0] if close else None
