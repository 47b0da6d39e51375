"""Exchanges in a file, one JSON object a line: kept by `--record`, played back by `--replay`.

A line holds the endpoint, the request's JSON, the status, the content type and the body in the
pieces in which it came. It holds no headers, no times, and no keys.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ..errors import UsageError
from ..frozen import frozen
from ..wire.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT: Final = "recording/v1"
MOST_FILE_SIZE: Final = 256 * 1024 * 1024
MOST_LINE_SIZE: Final = 12 * 1024 * 1024
# How each line begins that is written here.
_BEGINNING: Final = f'{{"m2her": "{FORMAT}"'.encode()
# Those below are no answers yet.
_STATUSES: Final = range(200, 600)
_LONGEST_TYPE: Final = 200


class RecordingError(UsageError):
    """A recording that cannot be read, or not be written."""


@frozen
class Exchange:
    """One request and its answer."""

    endpoint: Endpoint
    request: Any
    status: int
    content_type: str
    pieces: tuple[bytes, ...]


class Recorder:
    """Appends exchanges to a file, each as a whole line that is written at once.

    `trouble` says why nothing more can be kept; None while all is well. `left_out` counts the
    exchanges that were too long for a line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble: str | None = None
        self.left_out = 0
        self._file, self._size = _opened(path)

    def keep(self, exchange: Exchange) -> None:
        """Append an exchange."""
        line = _line(exchange)
        if len(line) > MOST_LINE_SIZE:
            self.left_out += 1
            return
        if self._size + len(line) > MOST_FILE_SIZE:
            self.trouble = (
                f"`{self._path}` is full: a recording has at most {MOST_FILE_SIZE:,} bytes"
            )
            return
        try:
            _write_all(self._file, line)
        except OSError as error:
            self.trouble = f"cannot write `{self._path}`: {error.strerror}"
            return
        self._size += len(line)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Recording:
    """Recorded exchanges, found by endpoint and request.

    The same request again gets the next of its answers; after the last one, the last one again.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._answers: dict[tuple[Endpoint, str], list[Exchange]] = {}
        self._next: dict[tuple[Endpoint, str], int] = {}
        for exchange in exchanges:
            key = exchange.endpoint, canonical(exchange.request)
            self._answers.setdefault(key, []).append(exchange)

    def answer(self, endpoint: Endpoint, request: Any) -> Exchange | None:
        """Return the answer to a request; None where it was not recorded."""
        key = endpoint, canonical(request)
        answers = self._answers.get(key)
        if answers is None:
            return None
        turn = self._next.get(key, 0)
        self._next[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]

    def __len__(self) -> int:
        return sum(map(len, self._answers.values()))


def canonical(request: Any) -> str:
    """Return a hash of a request that does not depend on the order of its fields."""
    from hashlib import sha256

    text = json.dumps(request, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()


def read_recording(path: Path) -> Recording:
    """Read a recording. Raises `RecordingError`, with the number of a line that is wrong."""
    try:
        with open(_unwaiting(path), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise RecordingError(f"`{path}` is not a regular file")
            if status.st_size > MOST_FILE_SIZE:
                raise RecordingError(f"`{path}` has more than {MOST_FILE_SIZE:,} bytes")
            return Recording(_exchanges(file, path))
    except OSError as error:
        raise RecordingError(f"cannot read `{path}`: {error.strerror}") from error


def _unwaiting(path: Path) -> int:
    """Open a file for reading; a pipe that nobody writes to would be waited for."""
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


def _exchanges(file: BinaryIO, path: Path) -> Iterable[Exchange]:
    number = read = 0
    while line := file.readline(MOST_LINE_SIZE + 1):
        number += 1
        read += len(line)
        # The file may have grown since it was measured.
        if len(line) > MOST_LINE_SIZE or read > MOST_FILE_SIZE:
            raise RecordingError(f"`{path}`, line {number}: it is too long")
        if not line.strip():
            continue
        try:
            yield _exchange(line)
        except _LineError as error:
            raise RecordingError(f"`{path}`, line {number}: {error}") from error


class _LineError(ValueError):
    """What is wrong with a line."""


def _exchange(line: bytes) -> Exchange:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        torn = "" if line.endswith(b"\n") else ", and the file ends in the middle of it"
        raise _LineError(f"it is not valid JSON{torn}") from error
    if not isinstance(data, dict) or data.get("m2her") != FORMAT:
        raise _LineError(f"it is no exchange of the format `{FORMAT}`")
    endpoint, request, status = (data.get(name) for name in ("endpoint", "request", "status"))
    if endpoint not in [each.value for each in Endpoint]:
        raise _LineError("`endpoint` is neither `openai` nor `native`")
    if not isinstance(request, dict):
        raise _LineError("`request` is not an object")
    if not isinstance(status, int) or status not in _STATUSES:
        raise _LineError("`status` is no HTTP status")
    content_type, pieces = data.get("content_type"), data.get("pieces")
    if not isinstance(content_type, str) or not is_header(content_type):
        raise _LineError("`content_type` is no content type")
    if not isinstance(pieces, list):
        raise _LineError("`pieces` is not a list")
    return Exchange(
        endpoint=Endpoint(endpoint),
        request=request,
        status=status,
        content_type=content_type,
        pieces=tuple(map(_piece, pieces)),
    )


def is_header(value: str) -> bool:
    """Tell whether a header may have this value."""
    is_plain = value.isascii() and value.isprintable() and value == value.strip()
    return is_plain and len(value) <= _LONGEST_TYPE


def _piece(value: Any) -> bytes:
    try:
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, dict) and isinstance(value.get("base64"), str):
            return base64.b64decode(value["base64"], validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise _LineError("a piece is neither text nor base64") from error
    raise _LineError("a piece is neither text nor base64")


def _line(exchange: Exchange) -> bytes:
    data = {
        "m2her": FORMAT,
        "endpoint": exchange.endpoint.value,
        "request": exchange.request,
        "status": exchange.status,
        "content_type": exchange.content_type,
        "pieces": [_written(piece) for piece in exchange.pieces],
    }
    try:
        return json.dumps(data, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        # Half of a surrogate pair can only stand there escaped.
        return json.dumps(data).encode() + b"\n"


def _written(piece: bytes) -> str | dict[str, str]:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(piece).decode()}


def _opened(path: Path) -> tuple[int, int]:
    """Open a file for appending, readable by its owner alone; return it and its size."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        file = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    except OSError as error:
        raise RecordingError(f"cannot write `{path}`: {error.strerror}") from error
    try:
        return file, _checked(file, path)
    except BaseException:
        os.close(file)
        raise


def _checked(file: int, path: Path) -> int:
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        raise RecordingError(f"`{path}` is not a regular file")
    if status.st_size:
        if os.read(file, len(_BEGINNING)) != _BEGINNING:
            raise RecordingError(f"`{path}` holds something else: name a new file")
        os.lseek(file, -1, os.SEEK_END)
        if os.read(file, 1) != b"\n":
            raise RecordingError(f"`{path}` ends in the middle of a line: mend it or remove it")
    if hasattr(os, "fchmod"):
        os.fchmod(file, 0o600)
    return status.st_size


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
