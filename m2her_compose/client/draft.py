"""A reply while it arrives: what each chunk adds, and what is known at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wire.replies import Sensitivity
from .clearing import Clearing, whole
from .replies import Reply
from .thinking import ThinkFilter, Thought

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..wire.replies import Chunk, Usage
    from .keys import Key


class Growing:
    """A text that arrives in pieces, and at times once more as a whole."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def added(self, text: str, *, is_whole: bool) -> str:
        """Return what a text adds to what there is, and keep it.

        A whole adds what it has beyond what came already; one that begins otherwise adds nothing:
        what was shown cannot be taken back.
        """
        if is_whole and self._pieces:
            known = whole(self.text)
            text = text[len(known) :] if text.startswith(known) else ""
        if text:
            self._pieces.append(text)
        return text

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""


class Draft:
    """One attempt's reply so far."""

    def __init__(self, key: Key, *, starts_thinking: bool = False) -> None:
        self._key = key
        self._clearing = Clearing(key)
        self._clearing_beside = Clearing(key)
        self._filter = ThinkFilter(inside=starts_thinking)
        self._raw = Growing()
        self._beside = Growing()
        self._said: list[str] = []
        self._thought: list[str] = []
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._id: str | None = None
        self._model: str | None = None
        self.sensitivity = Sensitivity()

    @property
    def text(self) -> str:
        """What the model has said so far."""
        return "".join(self._said)

    @property
    def is_empty(self) -> bool:
        """Whether no text of any kind has come."""
        return not (self._raw.text or self._thought)

    def take(self, chunk: Chunk) -> Iterator[str]:
        """Yield the pieces of text that a chunk adds; thoughts are `Thought`s."""
        self._note(chunk)
        beside = self._beside.added(chunk.thinking, is_whole=chunk.is_whole)
        if beside := self._clearing_beside.feed(beside):
            yield from self._kept((Thought(beside),))
        content = self._raw.added(chunk.text, is_whole=chunk.is_whole)
        if content := self._clearing.feed(content):
            yield from self._kept(self._filter.feed(content))

    def finish(self) -> Iterator[str]:
        """Yield what was held back, at the end of the reply."""
        if beside := self._clearing_beside.finish():
            yield from self._kept((Thought(beside),))
        yield from self._kept(self._filter.feed(self._clearing.finish()))
        yield from self._kept(self._filter.finish())

    def reply(
        self,
        *,
        latency_s: float,
        first_token_s: float | None,
        attempts: int,
        request_id: str | None,
    ) -> Reply:
        """Return the reply, once it has ended."""
        return Reply(
            text=self.text,
            thinking="".join(self._thought).strip(),
            raw=self._key.redact(whole(self._raw.text)),
            finish_reason=self._shown(self._finish_reason),
            usage=self._usage,
            sensitivity=self.sensitivity,
            id=self._shown(self._id),
            model=self._shown(self._model),
            latency_s=latency_s,
            first_token_s=first_token_s,
            attempts=attempts,
            request_id=self._shown(request_id),
        )

    def _shown(self, value: str | None) -> str | None:
        return self._key.redact(value) if value is not None else None

    def _note(self, chunk: Chunk) -> None:
        self._usage = chunk.usage or self._usage
        self._finish_reason = chunk.finish_reason or self._finish_reason
        self._id = chunk.id or self._id
        self._model = chunk.model or self._model
        known, new = self.sensitivity, chunk.sensitivity
        if new.is_flagged:
            self.sensitivity = Sensitivity(
                input_type=known.input_type if new.input_type is None else new.input_type,
                output_type=known.output_type if new.output_type is None else new.output_type,
            )

    def _kept(self, pieces: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
        for piece in pieces:
            (self._thought if isinstance(piece, Thought) else self._said).append(piece)
            yield piece
