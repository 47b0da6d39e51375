"""A rule about lists in brackets, where commas part what was meant as one sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import Span
from ..diagnostics import codes as c
from ..source.quoting import quoted

if TYPE_CHECKING:
    from ..diagnostics import Sink
    from ..scenario import Text
    from .subject import Subject

# A full stop that is none of an abbreviation's.
_END: Final = re.compile(r"(?<!\betc)(?<!\.[a-z])[.!?…]\Z")
# The templates put these together again, with the commas.
_JOINED: Final = "/personality/"


def parted_sentences(subject: Subject, sink: Sink) -> None:
    """Report a sentence in brackets of which commas made several items.

    Its first item begins with a capital and has no end; its last one begins with a small letter and
    has one. In a list of names, of things or of whole sentences that is never so.
    """
    sentence: list[Text] = []
    for text in subject.texts:
        if sentence and (_END.search(sentence[-1].value) or not _is_parted(sentence[-1], text)):
            sentence = []
        sentence.append(text)
        if sink.is_full(subject.source):
            return
        is_whole = len(sentence) > 1 and text.value[:1].islower() and _END.search(text.value)
        if is_whole and sentence[0].value[:1].isupper() and _JOINED not in text.pointer:
            _report(sentence, sink)


def _is_parted(before: Text, text: Text) -> bool:
    """Tell whether nothing but a comma stands between two plain texts."""
    if before.node.style or text.node.style or before.node.start == text.node.start:
        return False
    return text.node.source.text[before.node.end : text.node.start].strip() == ","


def _report(sentence: list[Text], sink: Sink) -> None:
    first, last = sentence[0].node, sentence[-1].node
    span = Span(last.source, first.start, last.end)
    sink.add(
        c.PARTED_SENTENCE,
        f"commas in brackets make {len(sentence)} items of this sentence",
        span,
        help=f"put all of it in quotes: {quoted(' '.join(span.text.split()))}; or write the list "
        "with dashes, an item a line",
        via=last.via,
    )
