"""What is answered: a request's own example, or a line of the rule book. No model is asked.

The same request gets the same answer, on any machine. The work is bounded whatever it holds.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..tokens import estimate
from .rulebook import line_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .contract import ChatRequest, RequestMessage

STOP: Final = "stop"
LENGTH: Final = "length"
# Two texts are alike from here on: the share of neighbouring letters that they have in common.
_ALIKE: Final = 0.5
_MOST_EXAMPLES: Final = 200
_COMPARED: Final = 1_000  # characters of a text
_LONGEST_REPLY: Final = 32_768  # characters: no 2,048 tokens of language are as many
_LONGEST_NAME: Final = 100  # characters: every piece of a native stream repeats it
_WORD: Final = re.compile(r"\w+")
# What is streamed at a time: blanks, and then a word, a few digits, signs, or one
# letter of a script without blanks.
_PIECE: Final = re.compile(
    r"\s{0,64}(?:[^\W\d_\u0e00-\u0eff\u1000-\u109f\u2e80-\uffff\U00010000-\U0010ffff]{1,16}"
    r"|\d{1,3}|(?:[^\w\s]|_){1,16}|\S)|\s{1,64}"
)


@frozen
class Rehearsed:
    """A reply before anything happens to it. `speaker` is the name it is given in."""

    text: str
    speaker: str | None
    finish_reason: str

    @property
    def pieces(self) -> tuple[str, ...]:
        return in_pieces(self.text)


def rehearse(request: ChatRequest) -> Rehearsed:
    """Return the reply to a request.

    The `sample_message_user` that is most like the last user message gives the `sample_message_ai`
    after it. Where none is like it, the rule book speaks in the name of the system's character.
    """
    said = _last_said(request.messages)
    answer = _from_examples(said, request.messages)
    speaker = (answer and answer.name) or _character(request.messages)
    speaker = speaker and speaker[:_LONGEST_NAME]
    if answer is not None:
        text = answer.content
    else:
        turn = sum(message.role == "assistant" for message in request.messages)
        text = line_for(said, name=speaker, turn=turn)
    kept = _cut(text, request.reply_limit)
    return Rehearsed(text=kept, speaker=speaker, finish_reason=STOP if kept == text else LENGTH)


def in_pieces(text: str) -> tuple[str, ...]:
    """Cut a text as it is streamed; the pieces together are the text."""
    return tuple(_PIECE.findall(text))


def _last_said(messages: Sequence[RequestMessage]) -> str:
    return next((each.content for each in reversed(messages) if each.role == "user"), "")


def _character(messages: Sequence[RequestMessage]) -> str | None:
    return next((each.name for each in messages if each.role == "system" and each.name), None)


def _from_examples(said: str, messages: Sequence[RequestMessage]) -> RequestMessage | None:
    """Return the answer of the example that is most like what was said; the first of equals."""
    wanted = _pairs_of(said)
    best, best_likeness = None, _ALIKE
    for asked, answer in _examples(messages):
        likeness = 1.0 if asked == said else _likeness(wanted, _pairs_of(asked))
        if likeness >= best_likeness and (best is None or likeness > best_likeness):
            best, best_likeness = answer, likeness
    return best


def _examples(messages: Sequence[RequestMessage]) -> Iterator[tuple[str, RequestMessage]]:
    """Yield what a user said in an example, and the answer that follows it."""
    count = 0
    for asked, answer in pairwise(messages):
        if asked.role == "sample_message_user" and answer.role == "sample_message_ai":
            yield asked.content, answer
            count += 1
            if count == _MOST_EXAMPLES:
                return


def _pairs_of(text: str) -> Counter[str]:
    """Count neighbouring letters; a lone letter stands for itself."""
    words = _WORD.findall(text[:_COMPARED].casefold())
    pairs = (word[i : i + 2] for word in words for i in range(max(1, len(word) - 1)))
    return Counter(pairs)


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return the Dice coefficient of two counts: 0 for nothing in common, 1 for the same."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _cut(text: str, limit: int) -> str:
    """Return as much of a text as a limit of tokens allows, in whole pieces, at least one."""
    within = text[:_LONGEST_REPLY]
    if estimate(within) <= limit:
        return within
    ends = [found.end() for found in _PIECE.finditer(within)]
    low, high = 1, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate(within[: ends[middle - 1]]) <= limit:
            low = middle
        else:
            high = middle - 1
    return within[: ends[low - 1]]
