"""Rules about marks that stand in pairs: `*actions*` and quotations."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..frozen import frozen, frozen_positional
from .wording import COVER, has_branches, paragraphs, without_code, without_templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..diagnostics import Code, Sink
    from ..scenario import Text
    from .subject import Subject

_STARS: Final = re.compile(r"\\?\*+")
# A line of stars parts two scenes.
_RULE: Final = re.compile(r"^[ \t]*(?:\*[ \t]*){2,100}$", re.MULTILINE)
_INSIDE_WORD: Final = re.compile(r"\w\*\w")
# What may make a star something else than half of an action, and paragraphs.
_OTHERWISE: Final = ("**", "\\", "`", "{", "\n")
# How many stars make **bold**, which is no action, and ***both***.
_BOLD: Final = 2
_BOTH: Final = 3
_OPENERS: Final = "“「『"
_CLOSERS: Final = "”」』"
_CURLY: Final = re.compile(f"[{_OPENERS}{_CLOSERS}]")
_GUILLEMETS: Final = re.compile("[«»]")
# These quote „so“ or „so”: then the other marks are no pairs of their own.
_LOW_QUOTE: Final = "„"
_OF_FACES: Final = "(（)）・ω"


@frozen
class _Lone:
    """A mark without its other half, and whether it begins something or ends it.

    `doubtful`: it is no mistake by itself, but may end what an earlier paragraph began.
    """

    at: int
    opens: bool
    doubtful: bool = False


@frozen_positional
class _Marks:
    """What is looked for: signs of which one must be there, and how a finding is worded."""

    code: Code
    signs: str
    look: Callable[[Text], list[_Lone]]
    message: str
    help_open: str
    help_close: str


def unbalanced_actions(subject: Subject, sink: Sink) -> None:
    """Report a `*` in speech that has no other half in its paragraph."""
    marks = _Marks(
        c.UNBALANCED_ACTION,
        "*",
        _lone_stars,
        "this `*` has no other half",
        "put a second `*` where the action ends",
        "put a `*` where the action begins",
    )
    _report(subject, marks, sink)


def unbalanced_quotes(subject: Subject, sink: Sink) -> None:
    """Report a quotation mark in speech that has no other half in its paragraph."""
    marks = _Marks(
        c.UNBALANCED_QUOTE,
        '"“”「」『』«»',
        _lone_quotes,
        "this quotation mark has no other half",
        "close the quotation where it ends",
        "open the quotation where it begins",
    )
    _report(subject, marks, sink)


def _report(subject: Subject, marks: _Marks, sink: Sink) -> None:
    signs = [sign for sign in marks.signs if sign in subject.written]
    for line in subject.lines if signs else ():
        text = line.turn.text
        if not any(sign in text.value for sign in signs) or has_branches(text):
            continue
        for lone in marks.look(text):
            if sink.is_full(text.node.source):
                return
            sink.add(
                marks.code,
                marks.message,
                text.span_of(lone.at, lone.at + 1),
                help=marks.help_open if lone.opens else marks.help_close,
                via=text.via,
            )


def _prose(text: Text) -> str:
    return without_code(without_templates(text))


# --- actions


def _lone_stars(text: Text) -> list[_Lone]:
    if _is_surely_even(text.value):
        return []
    value = _prose(text)
    plain = _RULE.sub(_blank, value)
    found = (_lone_star(plain, start, end) for start, end in paragraphs(plain))
    return _across_paragraphs([lone for lone in found if lone is not None])


def _is_surely_even(value: str) -> bool:
    """Tell whether a text is one plain paragraph, as most lines are, and all stars are pairs."""
    if value.count("*") % 2 or any(sign in value for sign in _OTHERWISE):
        return False
    return not _INSIDE_WORD.search(value)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _lone_star(value: str, start: int, end: int) -> _Lone | None:
    """Return the one star of a paragraph that is left over; None where one could be anything."""
    stars = [
        found.span()
        for found in _STARS.finditer(value, start, end)
        if found[0][0] != "\\"
        and len(found[0]) != _BOLD
        and not all(map(str.isdigit, _around(value, *found.span(), start, end)))  # 2*3
    ]
    if len(stars) % 2 == 0 or any(_is_unclear(value, *star, start, end) for star in stars):
        return None
    return _unpaired(value, [last - 1 for _, last in stars], start, end)


def _is_unclear(value: str, first: int, last: int, start: int, end: int) -> bool:
    """Tell whether a star, or a run of them, may be something else than half of an action."""
    before, after = _around(value, first, last, start, end)
    following = value[last + 1 : last + 2]
    return (
        last - first > _BOTH
        or (before.isspace() and after.isspace())  # a bullet, a product, a star that stands alone
        or (_is_latin(before) and _is_latin(after))  # f*ck
        or before.isdigit()  # a 5* hotel
        or (after == "." and following.isalpha())  # *.py
        or (_is_symbol(before) and _is_symbol(after))  # (*^^*)
    )


def _unpaired(value: str, stars: list[int], start: int, end: int) -> _Lone | None:
    """Return the star without another; a footnote's, which ends a paragraph alone, is none."""
    open_at: int | None = None
    for at in stars:
        before, after = _around(value, at, at + 1, start, end)
        opens = _is_edge(before) and not after.isspace()
        closes = _is_edge(after) and not before.isspace()
        if open_at is None and closes and not opens:
            is_footnote = len(stars) == 1 and not value[at + 1 : end].strip()
            return _Lone(at=at, opens=False, doubtful=is_footnote)
        if open_at is not None and opens and before.isspace():
            return _Lone(at=open_at, opens=True)
        open_at = at if open_at is None else None
    return _Lone(at=open_at, opens=True) if open_at is not None else None


# --- quotations


def _lone_quotes(text: Text) -> list[_Lone]:
    value = _prose(text)
    spans = list(paragraphs(value))
    straight = [_lone_straight(value, start, end) for start, end in spans]
    curly = (
        [None] * len(spans)
        if _LOW_QUOTE in value
        else [_lone_curly(value, start, end) for start, end in spans]
    )
    lone = [
        _continued(value, spans, i, one)
        for i, one in enumerate(a or b for a, b in zip(straight, curly, strict=True))
    ]
    return _across_paragraphs([one for one in lone if one is not None])


def _lone_straight(value: str, start: int, end: int) -> _Lone | None:
    places = [found.start() for found in re.finditer('"', value[start:end])]
    if len(places) % 2 == 0:
        return None
    open_at: int | None = None
    for at in (start + place for place in places):
        before, after = _around(value, at, at + 1, start, end)
        if before.isdigit():  # 6'2"
            return None
        opens = before.isspace() and not after.isspace()
        if open_at is None and after.isspace() and not before.isspace():
            return _Lone(at=at, opens=False)
        if open_at is not None and opens:
            return _Lone(at=open_at, opens=True)
        open_at = at if open_at is None else None
    return _Lone(at=open_at, opens=True) if open_at is not None else None


def _lone_curly(value: str, start: int, end: int) -> _Lone | None:
    """Return a bracket-like quotation mark without another; »so« and «so» are both pairs."""
    angles = [found.start() for found in _GUILLEMETS.finditer(value, start, end)]
    marks = [found.start() for found in _CURLY.finditer(value, start, end)]
    if len(angles) % 2:
        last = angles[-1]
        return _Lone(at=last, opens=not value[last + 1 : last + 2].isspace())
    curled = [value[at] for at in marks if value[at] in "“”"]
    if len(set(curled)) == 1 and len(curled) % 2 == 0:  # ”so” in Swedish, and carelessly elsewhere
        marks = [at for at in marks if value[at] != curled[0]]
    opened: list[int] = []
    for at in marks:
        if value[at] in _OPENERS:
            opened.append(at)
        elif opened and _OPENERS.index(value[opened[-1]]) == _CLOSERS.index(value[at]):
            opened.pop()
        else:
            return _Lone(at=at, opens=False)
    return _Lone(at=opened[0], opens=True) if opened else None


def _continued(
    value: str, spans: list[tuple[int, int]], i: int, lone: _Lone | None
) -> _Lone | None:
    """Drop an open quotation that the next paragraph opens again: only the last one closes it."""
    if lone is None or not lone.opens or i + 1 == len(spans):
        return lone
    following = value[slice(*spans[i + 1])].lstrip()
    return None if following[:1] == value[lone.at] else lone


# --- both


def _across_paragraphs(found: list[_Lone]) -> list[_Lone]:
    """Drop what one paragraph opens and a later one closes."""
    left: list[_Lone] = []
    for lone in found:
        if left and left[-1].opens and not lone.opens:
            left.pop()
        else:
            left.append(lone)
    return [lone for lone in left if not lone.doubtful]


def _around(value: str, first: int, last: int, start: int, end: int) -> tuple[str, str]:
    """Return the signs before and after; the edge of a paragraph counts as a blank."""
    before = value[first - 1] if first > start else " "
    after = value[last] if last < end else " "
    return before, after


def _is_edge(sign: str) -> bool:
    """Tell whether a word ends or begins beside a sign."""
    return not sign.isalnum() and sign != COVER


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _is_symbol(sign: str) -> bool:
    """Tell whether a sign belongs to a face made of signs, and to no sentence."""
    return sign in _OF_FACES or unicodedata.category(sign).startswith("S")
