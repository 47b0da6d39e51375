"""`--baseline FILE`: the findings that a library had when it began to be checked.

A finding is known again by its file, its code and the words of its lines, wherever these have
moved to. Errors are never part of a baseline: what does not compile cannot wait.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .errors import M2herError
from .frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from .diagnostics import Diagnostic, Span

VERSION: Final = 1
MAX_BYTES: Final = 16_000_000
_MOST: Final = 1_000_000
_DIGITS: Final = 16
# Of a finding that goes over a whole file, so much tells it apart.
_LINES: Final = 20
_LINE_LENGTH: Final = 2_000
_CODE: Final = re.compile(r"M2H[0-9]{3}")
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_KEYS: Final = {"file", "code", "text", "count"}


class BaselineError(M2herError):
    """A file is no baseline; the message says why."""


class Entry(NamedTuple):
    """What findings are known by: `text` is a digest of the lines that they stand in."""

    file: str
    code: str
    text: str


def _same(path: str) -> str:
    return path


@frozen
class Baseline:
    """Known findings, and how many there are of each."""

    counts: Mapping[Entry, int]

    def remove_known(
        self,
        diagnostics: Iterable[Diagnostic],
        *,
        path_of: Callable[[str], str] = _same,
        among: Collection[str] | None = None,
    ) -> tuple[tuple[Diagnostic, ...], int]:
        """Return the findings that are not known, and how many known ones are there no more.

        `path_of` makes of a shown path the one that the baseline has for the file. `among` are
        the shown paths of the files that were checked, when these are not all.
        """
        counts = Counter(self.counts)
        left: list[Diagnostic] = []
        for diagnostic in diagnostics:
            entry = _entry(diagnostic, path_of) if _can_wait(diagnostic) else None
            if entry is not None and counts[entry] > 0:
                counts[entry] -= 1
            else:
                left.append(diagnostic)
        files = None if among is None else {path_of(path) for path in among}
        gone = (n for entry, n in counts.items() if files is None or entry.file in files)
        return tuple(left), sum(gone)

    def data(self) -> bytes:
        """Return the baseline as a file: sorted JSON, one finding a line."""
        lines = ",\n".join(
            "    " + json.dumps({**entry._asdict(), "count": count}, ensure_ascii=False)
            for entry, count in sorted(self.counts.items())
        )
        findings = f"[\n{lines}\n  ]" if lines else "[]"
        text = f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'
        # A file's name need not be text; JSON has a way to write what is none.
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def baseline_of(
    diagnostics: Iterable[Diagnostic], *, path_of: Callable[[str], str] = _same
) -> Baseline:
    """Return the baseline that knows these findings, but for the errors among them."""
    return Baseline(counts=Counter(_entry(d, path_of) for d in diagnostics if _can_wait(d)))


def _can_wait(diagnostic: Diagnostic) -> bool:
    return diagnostic.can_be_silenced or not diagnostic.is_error


def _entry(diagnostic: Diagnostic, path_of: Callable[[str], str]) -> Entry:
    return Entry(path_of(diagnostic.span.path), diagnostic.code.id, _digest(diagnostic.span))


def _digest(span: Span) -> str:
    """Return a digest of the lines of a span, whose indentation and ends do not count."""
    source = span.source
    starts, text = source.line_starts(), source.text
    first = min(span.line, len(starts))
    last = source.position(max(span.start, span.end - 1))[0]
    words = (
        text[start : start + _LINE_LENGTH].split("\n", 1)[0].strip()
        for start in islice(starts, first - 1, min(last, first - 1 + _LINES))
    )
    joined = "\n".join(words).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:_DIGITS]


# --- reading


def read_baseline(data: bytes) -> Baseline:
    """Read a baseline file. Raises `BaselineError` when it is none."""
    if len(data) > MAX_BYTES:
        raise BaselineError(f"the baseline is larger than {MAX_BYTES:,} bytes")
    try:
        content: Any = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BaselineError("the baseline is not JSON") from error
    if not isinstance(content, dict) or not isinstance(content.get("findings"), list):
        raise BaselineError('the baseline is not a map with a list of "findings"')
    version = content.get("version")
    if type(version) is not int or version < 1:
        raise BaselineError('the baseline has no "version"')
    if version > VERSION:
        raise BaselineError("the baseline was written by a newer m2her")
    counts: dict[Entry, int] = {}
    for number, each in enumerate(content["findings"], 1):
        entry, count = _read_entry(each, number)
        counts[entry] = counts.get(entry, 0) + count
    return Baseline(counts=counts)


def _read_entry(each: Any, number: int) -> tuple[Entry, int]:
    if not isinstance(each, dict) or set(each) != _KEYS:
        names = ", ".join(f'"{key}"' for key in ("file", "code", "text", "count"))
        raise BaselineError(f"finding {number} of the baseline is not a map of {names}")
    file, code, text, count = each["file"], each["code"], each["text"], each["count"]
    if not isinstance(file, str):
        raise BaselineError(f'"file" of finding {number} of the baseline is no text')
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise BaselineError(f'"code" of finding {number} of the baseline is no code')
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise BaselineError(f'"text" of finding {number} of the baseline is no digest')
    if type(count) is not int or not 1 <= count <= _MOST:
        raise BaselineError(f'"count" of finding {number} of the baseline is no count')
    return Entry(file, code, text), count
