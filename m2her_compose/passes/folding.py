"""Fold what a target has no role for into roles that it has, and names into the text."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..ir import Loss, LossKind, Message, Piece, Role
from ..targets import Examples
from .naming import allotted, has_several_speakers, name_pieces, written_origins
from .wording import added, with_label, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..ir import Conversation
    from ..targets import Target

# As in OpenAI's cookbook on formatting inputs.
EXAMPLE_NAMES: Final = {Role.SAMPLE_USER: "example_user", Role.SAMPLE_AI: "example_assistant"}
_PARTS: Final = (Role.USER_SYSTEM, Role.GROUP)
_AS_TURNS: Final = {Role.SAMPLE_USER: Role.USER, Role.SAMPLE_AI: Role.ASSISTANT}


@frozen
class Folded:
    """Messages in roles and with names that a target takes, and what that cost."""

    messages: tuple[Message, ...]
    losses: tuple[Loss, ...]


def fold(conversation: Conversation, target: Target) -> Folded:
    """Return a conversation's messages as a target takes them; nothing changes its place."""
    if _takes_all(conversation, target):
        return Folded(messages=conversation.messages, losses=())
    return _Folding(conversation, target).folded()


def _takes_all(conversation: Conversation, target: Target) -> bool:
    """Tell whether a target takes every role and name as it is: then there is nothing to do."""
    return (
        target.sends_names
        and target.name_rule is None
        and all(
            message.role.value in target.roles and (message.name or not message.name_pieces)
            for message in conversation.messages
        )
    )


class _Folding:
    def __init__(self, conversation: Conversation, target: Target) -> None:
        self._messages = conversation.messages
        self._target = target
        self._words = words_of(conversation.language)
        self._several = has_several_speakers(conversation)
        self._names = self._allotted_names()
        self._losses: list[Loss] = []
        # Names that stand in the text, so that nothing is lost when they are not sent; and those
        # that were put before lines.
        self._told: set[str] = set()
        self._labels: dict[str, tuple[Piece, ...]] = {}

    def folded(self) -> Folded:
        kept = [self._kept(m) for m in self._messages if not self._goes_into_system(m)]
        into_system = [m for m in self._messages if self._goes_into_system(m)]
        messages = self._with_sections(kept, into_system) if into_system else kept
        self._note_examples()
        self._note_names()
        return Folded(messages=tuple(messages), losses=tuple(self._losses))

    # --- which message goes where

    def _lacks(self, message: Message) -> bool:
        return message.role.value not in self._target.roles

    def _goes_into_system(self, message: Message) -> bool:
        if not self._lacks(message):
            return False
        return message.role in _PARTS or self._target.examples is Examples.BLOCK

    def _is_named_example(self, message: Message) -> bool:
        """Tell whether a line of an example becomes a system message with a name of its own."""
        is_example = message.role in EXAMPLE_NAMES and self._lacks(message)
        return is_example and self._target.examples is Examples.NAMED

    def _kept(self, message: Message) -> Message:
        """Return a message that stays one, with the role and name that it is sent with."""
        if self._is_named_example(message):
            pieces = message.pieces
            if self._several and message.role is Role.SAMPLE_AI:
                pieces = self._labelled(message)
            name = (added(EXAMPLE_NAMES[message.role]),)
            return replace(message, role=Role.SYSTEM, pieces=pieces, name_pieces=name)
        role = _AS_TURNS[message.role] if self._lacks(message) else message.role
        names, pieces = name_pieces(message, self._names), message.pieces
        says_ai = role in (Role.ASSISTANT, Role.SAMPLE_AI)
        if self._several and says_ai and not self._target.sends_names:
            pieces = self._labelled(message)
        if role is message.role and names == message.name_pieces and pieces is message.pieces:
            return message
        return replace(message, role=role, pieces=pieces, name_pieces=names)

    def _labelled(self, message: Message) -> tuple[Piece, ...]:
        if message.name is not None:
            self._labels.setdefault(message.name, message.name_pieces)
        return with_label(message, self._words)

    # --- the first system message

    def _with_sections(
        self, kept: list[Message], into_system: Sequence[Message]
    ) -> Sequence[Message]:
        first = next((m for m in self._messages if m.role is Role.SYSTEM), None)
        sections = list(self._sections(into_system, is_made=first is None))
        reads = [origin for m in into_system for origin in m.reads]
        pieces: list[Piece] = []
        for number, section in enumerate(sections):
            if number or first is not None:
                pieces.append(added("\n\n"))
            pieces.extend(section)
        if first is None:
            model = into_system[0]
            made = replace(model, role=Role.SYSTEM, pieces=tuple(pieces), name_pieces=())
            return [replace(made, reads=tuple(dict.fromkeys(reads))), *kept]
        at = next(i for i, m in enumerate(kept) if m.role is Role.SYSTEM)
        old = kept[at]
        kept[at] = replace(
            old, pieces=(*old.pieces, *pieces), reads=tuple(dict.fromkeys((*old.reads, *reads)))
        )
        return kept

    def _sections(
        self, into_system: Sequence[Message], *, is_made: bool
    ) -> Iterator[tuple[Piece, ...]]:
        """Yield what is added to the system message, each part under its heading."""
        where = "a system message made for it" if is_made else "the first system message"
        for message in into_system:
            if message.role in _PARTS:
                heading = self._heading(message)
                title = "".join(piece.text for piece in heading)
                title = title.removesuffix(f"{self._words.heading_end}\n")
                outcome = f'into {where}, under "{title}"'
                self._lose(LossKind.FOLDED, message.role.value, outcome, message.pieces)
                yield (*heading, *message.pieces)
        lines = [m for m in into_system if m.role not in _PARTS]
        exchanges = [list(run) for _, run in groupby(lines, key=lambda m: m.unit)]
        for number, exchange in enumerate(exchanges, 1):
            title = self._words.example + (f" {number}" if len(exchanges) > 1 else "")
            yield (*self._words.heading(title), *self._exchange(exchange))

    def _heading(self, message: Message) -> tuple[Piece, ...]:
        """Return a part's heading; with the name that its author gave, where the text has none."""
        words, name = self._words, message.name
        title = words.user if message.role is Role.USER_SYSTEM else words.group
        if name is None:
            return words.heading(title)
        is_given = any(o.pointer.endswith("/name") for p in message.name_pieces for o in p.origins)
        is_in_text = name in message.content
        if is_given or is_in_text:
            self._told.add(name)
        return words.heading(title, message.name_pieces if is_given and not is_in_text else ())

    def _exchange(self, lines: Sequence[Message]) -> Iterator[Piece]:
        words = self._words
        for number, line in enumerate(lines):
            if number:
                yield added("\n")
            nameless = words.user_name if line.role is Role.SAMPLE_USER else words.ai_name
            if line.name is not None:
                self._told.add(line.name)
            yield from words.label(line.name_pieces if line.name else (added(nameless),))
            yield from line.pieces

    # --- names

    def _allotted_names(self) -> dict[str, str]:
        if not self._target.sends_names:
            return {}
        sent = [
            message.name
            for message in self._messages
            if message.name is not None
            and not self._goes_into_system(message)
            and not self._is_named_example(message)
        ]
        has_examples = any(map(self._is_named_example, self._messages))
        taken = EXAMPLE_NAMES.values() if has_examples else ()
        return allotted(sent, self._target.name_rule, taken)

    # --- what it cost

    def _lose(
        self,
        kind: LossKind,
        what: str,
        outcome: str,
        pieces: tuple[Piece, ...],
        *,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        self._losses.append(
            Loss(
                kind=kind,
                what=what,
                outcome=outcome,
                origins=written_origins(pieces),
                before=before,
                after=after,
            )
        )

    def _note_examples(self) -> None:
        lines = [m for m in self._messages if m.role in EXAMPLE_NAMES and self._lacks(m)]
        if not lines:
            return
        count = len({m.unit for m in lines})
        exchanges = "one exchange" if count == 1 else f"{count} exchanges"
        made = all(m.role is not Role.SYSTEM for m in self._messages)
        match self._target.examples:
            case Examples.BLOCK:
                where = "a system message made for it" if made else "the first system message"
                outcome = f'{exchanges} into {where}, under "{self._words.example}"'
            case Examples.TURNS:
                outcome = f"{exchanges} into turns before the history"
            case Examples.NAMED:
                names = " and ".join(f'"{name}"' for name in EXAMPLE_NAMES.values())
                outcome = f"{exchanges} into system messages named {names}"
        self._lose(LossKind.FOLDED, "examples", outcome, tuple(p for m in lines for p in m.pieces))

    def _note_names(self) -> None:
        """Note each name that is sent otherwise, or that is no longer there at all."""
        for label, pieces in self._labels.items():
            where = "its lines in examples" if self._target.sends_names else "each of its lines"
            outcome = f'"{label}" stands before {where}'
            self._lose(LossKind.FOLDED, "name", outcome, pieces, before=label)
        self._told.update(self._labels)
        seen: set[str] = set()
        speaker = next((m for m in self._messages if m.role is Role.SYSTEM), None)
        for message in self._messages:
            name = message.name
            if name is None or name in seen:
                continue
            seen.add(name)
            sent = self._names.get(name)
            if sent is not None and sent != name:
                outcome, pieces = f'"{name}" is sent as "{sent}"', message.name_pieces
                self._lose(LossKind.RENAMED, "name", outcome, pieces, before=name, after=sent)
            elif sent is None and name not in self._told and _is_chosen(message):
                is_told = message is speaker and name in message.content
                outcome = f'"{name}" is not sent' + ("; the text has it" if is_told else "")
                pieces = message.name_pieces
                self._lose(LossKind.DROPPED, "name", outcome, pieces, before=name)


def _is_chosen(message: Message) -> bool:
    """Tell whether somebody chose a name: `User` nobody did, nor an id that stands in for one."""
    pointers = [origin.pointer for origin in written_origins(message.name_pieces)]
    return any(pointer.endswith(("/name", "/title")) for pointer in pointers)
