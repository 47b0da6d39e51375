"""What becomes of names: whose are sent, and how they are written where a target has a rule."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ..ir import Piece, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..ir import Conversation, Message, Origin

_LONGEST: Final = 64
# A name is read no further: what is longer is no name, and this much fills the 64.
_READ: Final = 1000
_REFUSED: Final = re.compile(r"[^a-zA-Z0-9_-]+")
# They stand inside of words, and in romanized ones for a soft sign.
_APOSTROPHES: Final = re.compile("['`\u2018\u2019\u02bc]")
# What is called so has a name that no script can tell: ★, ….
_UNREADABLE: Final = "name"

_MODEL_ROLES: Final = (Role.SAMPLE_AI, Role.ASSISTANT)


def has_several_speakers(conversation: Conversation) -> bool:
    """Tell whether the model's lines are not all said by the one who answers.

    He is who the first system message is named after; the narrator counts as another one.
    """
    messages = conversation.messages
    speaker = [m.name for m in messages if m.role is Role.SYSTEM][:1]
    return len({*speaker, *(m.name for m in messages if m.role in _MODEL_ROLES)}) > 1


def written_origins(pieces: Iterable[Piece]) -> tuple[Origin, ...]:
    """Return where the values stand that pieces were made of, templates left out."""
    origins = (origin for piece in pieces for origin in piece.origins if origin.pointer)
    return tuple(dict.fromkeys(origins))


def allotted(names: Iterable[str], rule: str | None, taken: Iterable[str] = ()) -> dict[str, str]:
    """Return how each name is sent: as it is where the rule allows, else in plain letters.

    No two names become one, nor one of those that are `taken`. Names that keep to the rule come
    first, the others in their order: lowering what was lowered changes nothing.
    """
    given = list(dict.fromkeys(names))
    if rule is None:
        return {name: name for name in given}
    allowed = re.compile(rule)
    used = set(taken)
    result: dict[str, str] = {}
    fitting = [name for name in given if allowed.fullmatch(name)]
    for name in [name for name in fitting if name not in used]:
        result[name] = name
        used.add(name)
    counts: dict[str, int] = {}
    for name in given:
        if name not in result:
            result[name] = _unique(transliterated(name), used, counts)
            used.add(result[name])
    return {name: result[name] for name in given}


def transliterated(name: str) -> str:
    """Return a name in ASCII letters, digits, `_` and `-`, at most 64: 诸葛亮 is ZhuGeLiang."""
    text = unicodedata.normalize("NFC", name[:_READ])
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    plain = _REFUSED.sub("_", _APOSTROPHES.sub("", text))
    return plain.strip("_-")[:_LONGEST].rstrip("_-") or _UNREADABLE


def _unique(name: str, used: set[str], counts: dict[str, int]) -> str:
    """Return the name, with the next free number behind it where it is taken."""
    if name not in used:
        return name
    number = counts.get(name, 1)
    while True:
        number += 1
        ending = f"_{number}"
        candidate = name[: _LONGEST - len(ending)] + ending
        if candidate not in used:
            counts[name] = number
            return candidate


def name_pieces(message: Message, names: Mapping[str, str]) -> tuple[Piece, ...]:
    """Return a message's name as it is sent; it keeps its origins."""
    name = message.name
    if name is None or name not in names:
        return ()
    if names[name] == name:
        return message.name_pieces
    origins = tuple(dict.fromkeys(o for piece in message.name_pieces for o in piece.origins))
    return (Piece(text=names[name], origins=origins, exact=False),)
