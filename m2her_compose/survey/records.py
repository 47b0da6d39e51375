"""The result of a check as bytes, and back: what a cache keeps, and what workers hand over.

JSON, since what is read may be anything: a record that is not of the right shape is no record.
Paths below the library's root are kept relative to it.
"""

from __future__ import annotations

import base64
import json
import os
from array import array
from collections.abc import Mapping
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
    from collections.abc import Callable, Iterator

    from ..build import OpenLibrary
    from ..compiler import Compiler

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


class Shelf:
    """Where records are put down and taken up: the library, and how texts are read.

    `text_of` returns the text of the file that a source's path names, as far as it is UTF-8.
    `digest` stands for the library's root and settings. Paths and sources that many records name
    are made once.
    """

    __slots__ = ("_paths", "_prefix", "_sources", "digest", "library", "text_of")

    def __init__(self, *, library: OpenLibrary, text_of: Callable[[str], str]) -> None:
        self.library = library
        self.text_of = text_of
        root = str(library.root)
        parts = [root, *(f"{q}\0{a}" for q, a in sorted(library.asked.items()))]
        self.digest = digest("\0\0".join(parts).encode("utf-8", "surrogatepass"))
        self._prefix = root if root.endswith(os.sep) else root + os.sep
        self._paths: dict[str, Path] = {}
        self._sources: dict[tuple[str, str], Source] = {}

    def is_below(self, path: str) -> bool:
        """Tell whether an absolute path lies in the library."""
        return path.startswith(self._prefix)

    def packed(self, path: str) -> str:
        prefix = self._prefix
        return _BELOW + path[len(prefix) :] if path.startswith(prefix) else path

    def unpacked(self, path: str) -> str:
        return self._prefix + path[1:] if path.startswith(_BELOW) else path

    def put(self, path: Path) -> str:
        """Return a path, packed, and have it at hand for the record that names it."""
        packed = self.packed(str(path))
        self._paths[packed] = path
        return packed

    def path(self, packed: str) -> Path:
        """Return a packed path as the path that it is."""
        known = self._paths.get(packed)
        if known is None:
            known = self._paths[packed] = Path(self.unpacked(packed))
        return known

    def packed_question(self, question: str) -> str:
        return _repacked(question, self.packed)

    def unpacked_question(self, question: str) -> str:
        return _repacked(question, self.unpacked)

    def know(self, source: Source, digest_of_text: str) -> None:
        """Take a source that was just checked: it need not be read once more."""
        self._sources[source.path, digest_of_text] = source

    def source(self, path: str, digest_of_text: str) -> Source:
        """Return a source with its text. Raises `NoRecordError` when that is another by now."""
        known = self._sources.get((path, digest_of_text))
        if known is None:
            text = self.text_of(path)
            if _hash_of(text) != digest_of_text:
                raise NoRecordError
            known = self._sources[path, digest_of_text] = Source(path=path, text=text)
        return known


class DeferredAnswers(Mapping[str, str]):
    """What was asked for a record, with its answers: unpacked when somebody looks; few do."""

    __slots__ = ("_packed", "_shelf", "_unpacked")

    def __init__(self, packed: Mapping[str, str], shelf: Shelf) -> None:
        self._packed = packed
        self._shelf = shelf
        self._unpacked: dict[str, str] | None = None

    def _found(self) -> dict[str, str]:
        if self._unpacked is None:
            shelf = self._shelf
            self._unpacked = {
                shelf.unpacked_question(question): shelf.unpacked(answer)
                for question, answer in self._packed.items()
            }
        return self._unpacked

    def __getitem__(self, question: str) -> str:
        return self._found()[question]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._packed)


# --- texts


def text_reader(compiler: Compiler) -> Callable[[str], str]:
    """Return what reads the text of the file that a source's path names. It raises OSError."""

    def read(shown: str) -> str:
        return decoded(compiler.files.read(compiler.base / shown))

    return read


def decoded(data: bytes) -> str:
    """Return a file's text as an excerpt shows it."""
    return data.decode("utf-8-sig", "replace")


# --- putting down


def record_of(result: FileResult, shelf: Shelf) -> bytes | None:
    """Return a result as bytes; None where that cannot be."""
    sources = _Sources()
    findings = [_packed_finding(each, sources) for each in result.findings]
    own = sources.number(result.source)
    facts = _packed_facts(result.facts, sources) if result.facts is not None else None
    record = {
        "library": shelf.digest,
        "findings": findings,
        "facts": facts,
        "own": own,
        "ignores": result.has_ignores,
        "files": [shelf.packed(str(path)) for path in result.depends_on],
        "asked": {
            shelf.packed_question(question): shelf.packed(answer)
            for question, answer in result.asked.items()
        },
        "sources": sources.packed(shelf if result.findings or result.has_ignores else None),
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

    def packed(self, shelf: Shelf | None) -> list[list[str]]:
        """Return the sources, short ones with their texts; a shelf keeps the others at hand."""
        parts: list[list[str]] = []
        for each in self._sources:
            if len(each.text) <= _LITERAL:
                parts.append([each.path, "text", each.text])
                continue
            value = _hash_of(each.text)
            parts.append([each.path, "hash", value])
            if shelf is not None:
                shelf.know(each, value)
        return parts


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


def _packed_facts(facts: Facts, sources: _Sources) -> list[Any]:
    """Return facts without their paths: these are the files that the result depends on."""
    return [
        facts.kind.value,
        facts.id,
        facts.abstract,
        facts.language,
        sources.span(facts.id_span),
        base64.b64encode(array("I", facts.sketch).tobytes()).decode("ascii"),
    ]


# --- taking up


@frozen
class Record:
    """A record that was read: its parts, not yet looked into."""

    parts: Mapping[str, Any]
    shelf: Shelf

    @property
    def asked(self) -> Mapping[str, str]:
        """What was asked for it and what the answers were, with its paths packed."""
        return self.parts["asked"]  # type: ignore[no-any-return]

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
    if not isinstance(parts, dict) or not isinstance(asked := parts.get("asked"), dict):
        raise NoRecordError
    if not {str}.issuperset(map(type, asked.values())):
        raise NoRecordError
    return Record(parts=parts, shelf=shelf)


def _result(record: Record) -> FileResult:
    parts, shelf = record.parts, record.shelf
    if parts["library"] != shelf.digest:  # another process may have found other settings
        raise NoRecordError
    found, own = _typed(parts["findings"], list), _typed(parts["own"], int)
    # The texts that a report shows places in must be those that were checked.
    needed = bool(found) or _typed(parts["ignores"], bool)
    sources = [_source(each, shelf, is_needed=needed) for each in _typed(parts["sources"], list)]
    files = tuple([shelf.path(_typed(each, str)) for each in parts["files"]])
    facts = parts["facts"]
    return FileResult(
        source=sources[own],
        path=files[0],
        library=shelf.library,
        findings=tuple([_finding(each, sources) for each in found]),
        facts=_facts(facts, sources, files) if facts is not None else None,
        depends_on=files,
        asked=DeferredAnswers(record.asked, shelf),
        has_ignores=_typed(parts["ignores"], bool),
    )


def _source(parts: Any, shelf: Shelf, *, is_needed: bool) -> Source:
    path, kind, value = parts
    if not type(path) is type(kind) is type(value) is str:
        raise NoRecordError
    if kind == "text":
        return Source(path=path, text=value)
    if is_needed:
        return shelf.source(path, value)
    return DeferredSource(path, lambda: shelf.text_of(path))


def _finding(parts: Any, sources: list[Source]) -> Diagnostic:
    code, severity, message, span, advice, related, edits, safe = parts
    return Diagnostic(
        code=_CODES[code],
        severity=Severity(severity),
        message=_typed(message, str),
        span=_span(span, sources),
        help=None if advice is None else _typed(advice, str),
        related=tuple(
            [Related(_span(place, sources), _typed(words, str)) for place, words in related]
        ),
        edits=tuple([Edit(_span(place, sources), _typed(text, str)) for place, text in edits]),
        safe=_typed(safe, bool),
    )


def _facts(parts: Any, sources: list[Source], files: tuple[Path, ...]) -> Facts:
    kind, id_, abstract, language, span, sketch = parts
    hashes = array("I", base64.b64decode(_typed(sketch, str), validate=True))
    if len(hashes) > SKETCH:
        raise NoRecordError
    return Facts(
        path=files[0],
        kind=Kind(kind),
        id=_typed(id_, str),
        abstract=_typed(abstract, bool),
        language=_typed(language, str),
        id_span=_span(span, sources),
        builds_on=files[1:],
        sketch=hashes,
    )


def _span(parts: Any, sources: list[Source]) -> Span:
    number, start, end = parts
    if not type(number) is type(start) is type(end) is int:
        raise NoRecordError
    if not 0 <= number < len(sources) or not 0 <= start <= end:
        raise NoRecordError
    return Span(sources[number], start, end)


def _typed(value: Any, kind: type) -> Any:
    """Return a value that is of a kind, and a truth value is no number."""
    if type(value) is not kind:
        raise NoRecordError
    return value
