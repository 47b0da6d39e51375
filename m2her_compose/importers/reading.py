"""From the bytes of a file to the requests in it, whatever shape they are in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ..diagnostics import Sink
from ..frozen import frozen
from ..source import decode
from .model import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_REQUESTS: Final = 10_000
# Python itself refuses longer ones (and takes the square of their length until then).
_MOST_DIGITS: Final = 1000
_WANTED: Final = "a list of messages, a request with `messages`, several of them, or JSON lines"
_CARD_KEYS: Final = frozenset({"first_mes", "mes_example", "char_greeting", "spec"})


@frozen
class Found:
    """One request as it stands in a file: `place` says where, for people, if it is not alone."""

    value: Any
    place: str | None = None


class _NoJson(Exception):
    """A text that is no JSON, at an offset of it."""

    def __init__(self, reason: str, at: int, *, goes_on: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.goes_on = goes_on


def read_requests(data: bytes, name: str) -> tuple[Found, ...]:
    """Return the requests in a file: JSON or JSON lines, as UTF-8.

    Of a body, a list of messages, or several of either in a list or one on each line. Raises
    `Refusal` for what is none of these, over 16 MiB, or more than 10,000 requests.
    """
    return tuple(_requests(_text_of(data, name)))


def _refuse_many(count: int) -> None:
    if count > MOST_REQUESTS:
        raise Refusal(
            f"{count:,} requests, and at most {MOST_REQUESTS:,} are taken at once",
            "split the file",
        )


def _text_of(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise Refusal(f"the file is larger than {MOST_BYTES:,} bytes", "split the file")
    sink = Sink()
    source = decode(data, name, sink, MOST_BYTES)
    if source is None:
        [finding] = sink.sorted()
        raise Refusal(f"{_place(finding.span.source.text, finding.span.start)}: {finding.message}")
    if not source.text.strip():
        raise Refusal("the file is empty", f"it is to hold {_WANTED}")
    return source.text


def _requests(text: str) -> Iterator[Found]:
    try:
        value = _parsed(text)
    except _NoJson as error:
        if not error.goes_on or "\n" not in text.strip():
            raise _no_json(text, error, 0) from error
        yield from _of_lines(text)
        return
    yield from _of_value(value)


def _of_value(value: Any) -> Iterator[Found]:
    """Tell one request from a list of several."""
    if isinstance(value, list) and value and not _is_message(value[0]):
        _refuse_many(len(value))
        for number, each in enumerate(value, 1):
            yield Found(value=each, place=f"request {number}")
        return
    yield Found(value=[value] if _is_message(value) else value)


def _of_lines(text: str) -> Iterator[Found]:
    """Read a request from each line; or one in all, where each line is a message."""
    values: list[tuple[int, Any]] = []
    start = 0
    # JSON texts may hold other line breaks as they are: lines end at this one alone.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append((number, _parsed(line)))
            except _NoJson as error:
                raise _no_json(text, error, start) from error
        start += len(line) + 1
    if all(_is_message(value) for _, value in values):
        yield Found(value=[value for _, value in values])
        return
    _refuse_many(len(values))
    for number, value in values:
        yield Found(value=value, place=f"line {number}")


def _is_message(value: Any) -> bool:
    """Tell whether a value is a message, perhaps one that lacks its role."""
    is_map = isinstance(value, dict) and "messages" not in value
    return is_map and ("role" in value or "content" in value)


# --- JSON


def _parsed(text: str) -> Any:
    """Parse JSON. Raises `_NoJson`; `goes_on` where a value ends and more follows."""
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        goes_on = error.msg == "Extra data"
        reason = "more follows where the JSON ends" if goes_on else _in_words(error.msg)
        raise _NoJson(reason, error.pos, goes_on=goes_on) from error
    except RecursionError as error:
        raise Refusal("the JSON is nested too deeply", f"it is to hold {_WANTED}") from error


def _no_json(text: str, error: _NoJson, start: int) -> Refusal:
    return Refusal(f"{_place(text, start + error.at)}: no JSON: {error.reason}")


def _place(text: str, at: int) -> str:
    line_start = text.rfind("\n", 0, at) + 1
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - line_start + 1}"


def _in_words(message: str) -> str:
    words = message.replace("'", "`").removesuffix(" at")
    return words[:1].lower() + words[1:]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refusal(f"an object has the key {json.dumps(twice)} twice")
    return made


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Refusal(f"a number of {len(digits):,} digits")
    return int(digits)


def _constant(word: str) -> NoReturn:
    raise Refusal(f"`{word}` is not a number that JSON knows")


# --- what is none of these


def unfit(value: Any) -> Refusal:
    """Say what a value is that is no request."""
    if isinstance(value, dict) and (value.keys() & _CARD_KEYS):
        return Refusal(
            "this is a character card, and no request",
            "docs/migration.md says what becomes of each of its fields",
        )
    if isinstance(value, dict) and "choices" in value:
        return Refusal("this is a service's answer, and no request", f"give it {_WANTED}")
    if isinstance(value, dict) and "conversations" in value:
        return Refusal(
            "`conversations` are not messages of a request",
            "write each as `role` and `content` in a list `messages`",
        )
    return Refusal("this is no request", f"give it {_WANTED}")
