"""A rule about sentences that are several items of a list, as commas in brackets make them."""

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

# Lists of statements. Traits are put together again with the commas, and greetings are said.
_ITEM: Final = re.compile(r".*/(?:knowledge|goals|secrets|boundaries|instructions)/(?=\d+\Z)")
# A full stop that is none of an abbreviation's.
_END: Final = re.compile(r"(?<!\betc)(?<!\.[a-z])[.!?…]\Z")


def parted_sentences(subject: Subject, sink: Sink) -> None:
    """Report a sentence that is several items of a list.

    The first begins with a capital and has no end, the others begin with a small letter, and the
    last one has an end. How the list is written does not matter: `fmt` may write it otherwise.
    """
    sentence: list[Text] = []
    for text in subject.texts:
        here = _list(text)
        if sentence and text.value[:1].islower() and here == _list(sentence[0]):
            sentence.append(text)
        else:
            sentence = [text] if here is not None and text.value[:1].isupper() else []
        if sentence and _END.search(text.value):
            if len(sentence) > 1:
                _report(sentence, sink)
            sentence = []


def _list(text: Text) -> str | None:
    found = _ITEM.match(text.pointer)
    return found[0] if found is not None else None


def _report(sentence: list[Text], sink: Sink) -> None:
    first, last = sentence[0].node, sentence[-1].node
    end = last.end if first.start < last.start else first.end  # an alias stands for one above
    whole = ", ".join(text.value for text in sentence)
    sink.add(
        c.PARTED_SENTENCE,
        f"this sentence is {len(sentence)} items of a list",
        Span(first.source, first.start, end),
        help=f"in brackets each comma parts: write it as one item, in quotes: {quoted(whole)}",
        via=first.via,
    )
