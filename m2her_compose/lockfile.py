"""`m2her.lock`: hashes of all that a library compiles to, and what they say of a change.

A lock holds no text. Beside the hash of each request it holds short hashes of its parts, which
tell where a request has changed. It is TOML with a line for each part, sorted by variant, so that
git merges it and shows a change where it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from .errors import M2herError
from .frozen import frozen
from .wire.requests import content_hash, request_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .ir import Conversation, Message

FILE_NAME: Final = "m2her.lock"
VERSION: Final = 1
MAX_BYTES: Final = 32_000_000
_MOST_ENTRIES: Final = 200_000
_LONGEST_ID: Final = 10_000
_HEAD: Final = (
    "# Written by `m2her lock`, which tells what has changed with `--check`.\n"
    "# Commit it; after a merge, write it anew.\n"
)
_DIGITS: Final = 16
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_LINE: Final = re.compile(r"([a-z]{1,20}) = (.+)")
_CONFLICT: Final = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_ENTRY: Final = "[[request]]"
# The parts of a request, as they are named in the file, in the order in which they stand there.
_PARTS: Final = ("model", "parameters", "system", "persona", "group", "message")
_KEYS: Final = ("id", "target", "hash", *_PARTS, "examples", "history")
_PART_OF_UNIT: Final = {
    "persona": "persona",
    "group": "group",
    "example": "examples",
    "turn": "history",
    "opening": "message",
}


class LockError(M2herError):
    """A file is no lock; the message says why."""


@frozen
class Entry:
    """One compiled request. `parts` has the hashes of those parts that it consists of.

    `examples` has one for each exchange, `history` one for each message of it.
    """

    id: str
    target: str
    hash: str
    parts: Mapping[str, str]
    examples: tuple[str, ...]
    history: tuple[str, ...]


@frozen
class Lock:
    """All requests of a library, by the ids of their variants."""

    entries: Mapping[str, Entry]

    def text(self) -> str:
        """Return the lock as a file."""
        blocks = ("\n".join(_entry_lines(self.entries[each])) for each in sorted(self.entries))
        return "\n\n".join([f"{_HEAD}version = {VERSION}", *blocks]) + "\n"


def lock_of(conversations: Iterable[Conversation]) -> Lock:
    """Return the lock of compiled conversations."""
    return Lock(entries={each.id: _entry(each) for each in conversations})


def _entry(conversation: Conversation) -> Entry:
    body = request_body(conversation)
    parameters = {key: body[key] for key in body if key not in ("model", "messages")}
    parts = {"model": _digest(body["model"]), "parameters": _digest(parameters)}
    grouped: dict[str, list[Message]] = {}
    for message in conversation.messages:
        part = _PART_OF_UNIT.get(message.unit.partition("/")[0], "system")
        grouped.setdefault(part, []).append(message)
    examples = groupby(grouped.pop("examples", ()), key=lambda message: message.unit)
    history = grouped.pop("history", [])
    parts.update((part, _digest_of(messages)) for part, messages in grouped.items())
    return Entry(
        id=conversation.id,
        target=conversation.target,
        hash=content_hash(body),
        parts=parts,
        examples=tuple(_digest_of(list(messages)) for _, messages in examples),
        history=tuple(_digest_of([message]) for message in history),
    )


def _digest_of(messages: Sequence[Message]) -> str:
    return _digest([message.to_dict() for message in messages])


def _digest(value: Any) -> str:
    canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_DIGITS]


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield _ENTRY
    yield f"id = {_quoted(entry.id)}"
    yield f"target = {_quoted(entry.target)}"
    yield f'hash = "{entry.hash}"'
    for part in _PARTS:
        if part in entry.parts:
            yield f'{part} = "{entry.parts[part]}"'
    for name, digests in (("examples", entry.examples), ("history", entry.history)):
        if digests:
            yield f"{name} = {json.dumps(list(digests))}"


def _quoted(text: str) -> str:
    """Return a text as TOML and JSON write it alike."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- reading


def read_lock(data: bytes) -> Lock:
    """Read a lock file. Raises `LockError` when it is none.

    Only what `Lock.text` writes is read, line by line: a lock is not for writing by hand.
    """
    if len(data) > MAX_BYTES:
        raise LockError(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise LockError("it is not UTF-8") from error
    _check_version(lines)
    entries: dict[str, Entry] = {}
    for number, values in _blocks(lines):
        entry = _read_entry(number, values)
        if entry.id in entries:
            raise LockError(f"line {number}: a request that is there twice")
        entries[entry.id] = entry
    return Lock(entries=entries)


def _check_version(lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, 1):
        if line.startswith(_CONFLICT):
            raise LockError(f"line {number}: a conflict of git's; write the lock anew")
    stated = next((line for line in lines if line and not line.startswith("#")), "")
    found = re.fullmatch(r"version = ([1-9][0-9]{0,5})", stated)
    if found is None:
        raise LockError("it does not begin with its version")
    if int(found[1]) > VERSION:
        raise LockError("it was written by a newer m2her")


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the values of each request, with the line at which it begins."""
    start, values, count = 0, dict[str, Any](), 0
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#") or (not start and line.startswith("version = ")):
            continue
        if line == _ENTRY:
            if start:
                yield start, values
            start, values, count = number, {}, count + 1
            if count > _MOST_ENTRIES:
                raise LockError(f"it has more than {_MOST_ENTRIES:,} requests")
            continue
        found = _LINE.fullmatch(line)
        if found is None or not start or found[1] not in _KEYS or found[1] in values:
            raise LockError(f"line {number} is none of a lock's")
        values[found[1]] = _value(found[2], number)
    if start:
        yield start, values


def _value(text: str, number: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LockError(f"line {number} is none of a lock's") from error


def _read_entry(number: int, values: Mapping[str, Any]) -> Entry:
    def text(key: str, wanted: re.Pattern[str] | None = None) -> str:
        value = values.get(key)
        if not isinstance(value, str) or (wanted is not None and not wanted.fullmatch(value)):
            raise LockError(f"line {number}: a request without a proper `{key}`")
        return value

    def digests(key: str) -> tuple[str, ...]:
        value = values.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(each, str) and _DIGEST.fullmatch(each) for each in value
        ):
            raise LockError(f"line {number}: a request without a proper `{key}`")
        return tuple(value)

    if len(text("id")) > _LONGEST_ID:
        raise LockError(f"line {number}: a request without a proper `id`")
    return Entry(
        id=text("id"),
        target=text("target"),
        hash=text("hash", _HASH),
        parts={part: text(part, _DIGEST) for part in _PARTS if part in values},
        examples=digests("examples"),
        history=digests("history"),
    )


# --- comparing


@frozen
class Drift:
    """How a request differs from what was locked: `what` says it in a few words, for people."""

    id: str
    what: tuple[str, ...]


def drifts(locked: Lock, now: Lock, *, broken: Iterable[str] = ()) -> tuple[Drift, ...]:
    """Return what has changed since a lock was written, sorted by id.

    Of the scenarios in `broken`, by their ids, nothing is known now: they are not told as gone.
    """
    of_broken = frozenset(broken)
    found: list[Drift] = []
    for each in sorted({*locked.entries, *now.entries}):
        before, after = locked.entries.get(each), now.entries.get(each)
        if after is None:
            if each.partition("[")[0] not in of_broken:
                found.append(Drift(id=each, what=("gone",)))
        elif before is None:
            found.append(Drift(id=each, what=("not locked",)))
        elif (before.hash, before.target) != (after.hash, after.target):
            found.append(Drift(id=each, what=tuple(_differences(before, after)) or ("changed",)))
    return tuple(found)


def _differences(before: Entry, after: Entry) -> Iterator[str]:
    if before.target != after.target:
        yield f"target {before.target} → {after.target}"
    for part in _PARTS:
        old, new = before.parts.get(part), after.parts.get(part)
        if old != new:
            yield f"{part} {_fate(old, new)}"
    yield from _list_difference("example", before.examples, after.examples)
    yield from _list_difference("history message", before.history, after.history)


def _fate(old: str | None, new: str | None) -> str:
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


def _list_difference(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Say which of a list's items changed, or how many there are now."""
    if old == new:
        return
    if len(old) == len(new):
        places = [n for n, pair in enumerate(zip(old, new, strict=True), 1) if pair[0] != pair[1]]
        shown = ", ".join(map(str, places[:5])) + (" and more" if len(places) > 5 else "")  # noqa: PLR2004
        yield f"{what}{'s' * (len(places) > 1)} {shown} of {len(new)} changed"
        return
    kept = (Counter(old) & Counter(new)).total()
    others = ", others changed" if kept < min(len(old), len(new)) else ""
    yield f"{what}s: {len(old)} → {len(new)}{others}"
