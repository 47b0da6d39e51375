"""Part what a model thinks from what it says, while both arrive in pieces.

Sibling models of M2-her put `<think>…</think>` into the content. Some leave the opening tag out,
since their template writes it into the prompt: a serving project's parser for MiniMax-M2 takes all
before `</think>` for thinking (docs.vllm.ai, `minimax_m2_parser`), and its users see such replies
(vllm-project/vllm issue 38212, BerriAI/litellm pull request 30796). In a stream that is known only
when the thinking has been shown, and holding every reply back for it would end streaming. So:

- A closing tag that no opening tag went before is left out, and what came before it stays text.
- Who talks to such a model says so (`inside=True`): then a reply begins as thinking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"
_EITHER: Final = re.compile(r"</?think>")
_CLOSING: Final = re.compile(_CLOSE)


class Thought(str):
    """A piece of text that the model thought, and did not say."""

    __slots__ = ()


@dataclass(slots=True)
class ThinkFilter:
    """Splits text into what is said (`str`) and what is thought (`Thought`), piece by piece.

    The outcome is the same however the text is cut. Tags are in neither part. Thinking without an
    end is thinking; a tag within thinking is text of it. White space before what is said is
    dropped where thinking came first.
    """

    inside: bool = False
    _held: str = ""  # may be the beginning of a tag
    _blank: list[str] = field(default_factory=list)  # white space that text began with
    _has_said: bool = False
    _has_thought: bool = False

    def feed(self, text: str) -> Iterator[str]:
        """Yield what a piece of text adds, in its order."""
        text = self._held + text
        start = 0
        while found := self._tag(text, start):
            yield from self._part(text[start : found.start()])
            start = found.end()
            self.inside = found[0] == _OPEN
            self._has_thought = True
        held = _held_back(text, start, inside=self.inside)
        self._held = text[held:]
        yield from self._part(text[start:held])

    def finish(self) -> Iterator[str]:
        """Yield what was held back, at the end of the text."""
        held, self._held = self._held, ""
        yield from self._part(held)
        if self._blank and not self._has_said and not self._has_thought:
            yield "".join(self._blank)
        self._blank = []

    def _tag(self, text: str, start: int) -> re.Match[str] | None:
        return (_CLOSING if self.inside else _EITHER).search(text, start)

    def _part(self, text: str) -> Iterator[str]:
        if not text:
            return
        if self.inside:
            self._has_thought = True
            yield Thought(text)
        elif self._has_said:
            yield text
        elif self._has_thought:
            yield from self._say(text.lstrip())
        elif text.isspace():
            self._blank.append(text)
        else:
            yield from self._say("".join((*self._blank, text)))

    def _say(self, text: str) -> Iterator[str]:
        if text:
            self._has_said = True
            yield text


def _held_back(text: str, start: int, *, inside: bool) -> int:
    """Return where the beginning of a tag stands at the end of a text; its end where none does."""
    tags = (_CLOSE,) if inside else (_OPEN, _CLOSE)
    at = text.rfind("<", max(start, len(text) - len(_CLOSE) + 1))
    if at >= 0 and any(tag.startswith(text[at:]) for tag in tags):
        return at
    return len(text)
