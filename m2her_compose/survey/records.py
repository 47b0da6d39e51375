"""The result of a check as bytes, and back: what a cache keeps, and what workers hand over.

JSON, since what is read may be anything: a record that is not of the right shape is no record.
Paths below the library's root are kept relative to it.
"""

from __future__ import annotations

import base64
import json
import os
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..checker import FileResult
from ..checks import SKETCH, Facts
from ..diagnostics import Diagnostic, Edit, Related, Severity, Source, Span
from ..diagnostics.codes import ALL
from ..frozen import frozen
from ..schema import Kind
from ..source.asking import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..build import OpenLibrary

# A longer one is not kept: a file with so much to say is checked anew each time.
MOST_BYTES: Final = 1_000_000
# Texts that are no files: values of the environment, of the command line.
_LITERAL: Final = 200
_CODES: Final = {code.id: code for code in ALL}
_BELOW: Final = "="


class NoRecordError(Exception):
    """These bytes are no record, or one of files that have changed since."""


class DeferredSource(Source):
    """A source whose text is read when somebody asks for it; few are asked."""

    __slots__ = ("_found", "_read")
    _read: Callable[[], str]
    _found: str | None

    def __init__(self, path: str, read: Callable[[], str]) -> None:
        for name, value in (("path", path), ("_starts", []), ("_read", read), ("_found", None)):
            object.__setattr__(self, name, value)

    @property
    def text(self) -> str:
        found = self._found
        if found is None:
            try:
                found = self._read()
            except OSError:  # gone since it was checked
                found = ""
            object.__setattr__(self, "_found", found)
        return found


@frozen
class Shelf:
    """Where records are put down and taken up: the library, and how texts are read.

    `text_of` returns the text of the file that a source's path names, as far as it is UTF-8.
    """

    library: OpenLibrary
    text_of: Callable[[str], str]

    @property
    def prefix(self) -> str:
        root = str(self.library.root)
        return root if root.endswith(os.sep) else root + os.sep

    def packed(self, path: str) -> str:
        return _BELOW + path[len(self.prefix) :] if path.startswith(self.prefix) else path

    def unpacked(self, path: str) -> str:
        return self.prefix + path[1:] if path.startswith(_BELOW) else path


# --- putting down


def record_of(result: FileResult, shelf: Shelf) -> bytes | None:
    """Return a result as bytes; None where that cannot be.

    A result in which a circle was cut depends on the order of the files.
    """
    if result.is_cut:
        return None
    sources = _Sources()
    findings = [_packed_finding(each, sources) for each in result.findings]
    own = sources.number(result.source)
    facts = _packed_facts(result.facts, sources, shelf) if result.facts is not None else None
    record = {
        "findings": findings,
        "facts": facts,
        "own": own,
        "ignores": result.has_ignores,
        "path": shelf.packed(str(result.path)),
        "files": [shelf.packed(str(path)) for path in result.depends_on],
        "asked": {
            _repacked(question, shelf.packed): shelf.packed(answer)
            for question, answer in result.asked.items()
        },
        "sources": sources.packed(),
    }
    data = json.dumps(record, separators=(",", ":")).encode("ascii")
    return data if len(data) <= MOST_BYTES else None


class _Sources:
    """The sources that a record names, each once, by number."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._sources: list[Source] = []

    def number(self, source: Source) -> int:
        if id(source) not in self._numbers:
            self._numbers[id(source)] = len(self._sources)
            self._sources.append(source)
        return self._numbers[id(source)]

    def span(self, span: Span) -> list[int]:
        return [self.number(span.source), span.start, span.end]

    def packed(self) -> list[list[str]]:
        return [
            [each.path, "text", each.text]
            if len(each.text) <= _LITERAL
            else [each.path, "hash", _hash_of(each.text)]
            for each in self._sources
        ]


def _hash_of(text: str) -> str:
    return digest(text.encode("utf-8", "surrogatepass"))


def _repacked(question: str, change: Callable[[str], str]) -> str:
    what, _, path = question.partition(" ")
    return f"{what} {change(path)}"


def _packed_finding(found: Diagnostic, sources: _Sources) -> list[Any]:
    return [
        found.code.id,
        found.severity.value,
        found.message,
        sources.span(found.span),
        found.help,
        [[sources.span(each.span), each.message] for each in found.related],
        [[sources.span(each.span), each.text] for each in found.edits],
        found.safe,
    ]


def _packed_facts(facts: Facts, sources: _Sources, shelf: Shelf) -> list[Any]:
    return [
        facts.kind.value,
        facts.id,
        facts.abstract,
        facts.language,
        sources.span(facts.id_span),
        [shelf.packed(str(path)) for path in facts.builds_on],
        base64.b64encode(array("I", facts.sketch).tobytes()).decode("ascii"),
    ]


# --- taking up


@frozen
class Record:
    """A record that was read: its parts, not yet looked into."""

    parts: Mapping[str, Any]
    shelf: Shelf

    def asked(self) -> dict[str, str]:
        """Return what was asked for it, and what the answers were."""
        shelf = self.shelf
        return {
            _repacked(question, shelf.unpacked): shelf.unpacked(answer)
            for question, answer in _typed(self.parts["asked"], dict).items()
            if _typed(answer, str) is answer
        }

    def result(self) -> FileResult:
        """Return the result. Raises `NoRecordError` where a text is no longer what it was."""
        try:
            return _result(self)
        except (KeyError, IndexError, TypeError, ValueError, OverflowError, OSError) as error:
            raise NoRecordError from error


def read_record(data: bytes, shelf: Shelf) -> Record:
    """Return the record that bytes hold. Raises `NoRecordError`."""
    if len(data) > MOST_BYTES:
        raise NoRecordError
    try:
        parts = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NoRecordError from error
    if not isinstance(parts, dict) or not isinstance(parts.get("asked"), dict):
        raise NoRecordError
    return Record(parts=parts, shelf=shelf)


def _result(record: Record) -> FileResult:
    parts, shelf = record.parts, record.shelf
    found, own = _typed(parts["findings"], list), _typed(parts["own"], int)
    # The texts that a report shows places in must be those that were checked.
    needed = bool(found) or _typed(parts["ignores"], bool)
    sources = [_source(each, shelf, is_needed=needed) for each in _typed(parts["sources"], list)]
    path = Path(shelf.unpacked(_typed(parts["path"], str)))
    facts = parts["facts"]
    return FileResult(
        source=sources[own],
        path=path,
        library=shelf.library,
        findings=tuple(_finding(each, sources) for each in found),
        facts=_facts(facts, sources, shelf, path) if facts is not None else None,
        depends_on=tuple(Path(shelf.unpacked(_typed(each, str))) for each in parts["files"]),
        asked=record.asked(),
        has_ignores=_typed(parts["ignores"], bool),
    )


def _source(parts: Any, shelf: Shelf, *, is_needed: bool) -> Source:
    path, kind, value = (_typed(each, str) for each in parts)
    if kind == "text":
        return Source(path=path, text=value)
    if not is_needed:
        return DeferredSource(path, lambda: shelf.text_of(path))
    text = shelf.text_of(path)
    if _hash_of(text) != value:
        raise NoRecordError
    return Source(path=path, text=text)


def _finding(parts: Any, sources: list[Source]) -> Diagnostic:
    code, severity, message, span, advice, related, edits, safe = parts
    return Diagnostic(
        code=_CODES[code],
        severity=Severity(severity),
        message=_typed(message, str),
        span=_span(span, sources),
        help=None if advice is None else _typed(advice, str),
        related=tuple(
            Related(_span(place, sources), _typed(words, str)) for place, words in related
        ),
        edits=tuple(Edit(_span(place, sources), _typed(text, str)) for place, text in edits),
        safe=_typed(safe, bool),
    )


def _facts(parts: Any, sources: list[Source], shelf: Shelf, path: Path) -> Facts:
    kind, id_, abstract, language, span, builds_on, sketch = parts
    hashes = array("I", base64.b64decode(_typed(sketch, str), validate=True))
    if len(hashes) > SKETCH:
        raise NoRecordError
    return Facts(
        path=path,
        kind=Kind(kind),
        id=_typed(id_, str),
        abstract=_typed(abstract, bool),
        language=_typed(language, str),
        id_span=_span(span, sources),
        builds_on=tuple(Path(shelf.unpacked(_typed(each, str))) for each in builds_on),
        sketch=hashes,
    )


def _span(parts: Any, sources: list[Source]) -> Span:
    number, start, end = (_typed(each, int) for each in parts)
    if not 0 <= number < len(sources) or not 0 <= start <= end:
        raise NoRecordError
    return Span(sources[number], start, end)


def _typed(value: Any, kind: type) -> Any:
    """Return a value that is of a kind, and a truth value is no number."""
    if type(value) is not kind:
        raise NoRecordError
    return value
