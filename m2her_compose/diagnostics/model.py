"""What an author is told: a finding as data, and the sink that collects findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING

from .span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .span import Source


class Severity(Enum):
    """How bad a finding is: an error stops the compilation of its scenario."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """A permanent kind of finding: `M2H` and three digits, and a readable name."""

    id: str
    slug: str
    severity: Severity
    title: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of a stretch of the author's text (an empty span inserts)."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a finding involves, and what happens there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    `message` says what is wrong (lower case, no final period, names in backticks), `help` what
    to do about it. `related` goes from the innermost place outwards. `safe` marks `edits` that
    cannot change what the model gets other than as the message says.
    """

    code: Code
    severity: Severity
    message: str
    span: Span
    help: str | None = None
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    safe: bool = False

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def can_be_silenced(self) -> bool:
        """Whether comments can silence it: what mostly is an error is no matter of taste.

        How severe a library takes it does not count.
        """
        return self.code.severity is not Severity.ERROR

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by place, then by code: the same on every machine and in any order of work."""
        return (self.span.path, self.span.start, self.span.end, self.code.id, self.message)


def via_related(via: Iterable[Span]) -> tuple[Related, ...]:
    """Turn the `use` and `extends` places a value came through into related spans.

    `via` goes from the outermost place inwards; the result from the innermost outwards.
    """
    return tuple(Related(span, "reached from here") for span in reversed(tuple(via)))


_LONGEST = 600
_MOST_FINDINGS = 300
# The one code that the sink itself gives; it stands here, below the list of all codes.
TOO_MANY_FINDINGS = Code(
    "M2H120", "too-many-findings", Severity.NOTE, "a file has more findings than are shown"
)


def _clipped(text: str) -> str:
    """Cut the middle out of a text that quotes something endless."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 3 :]}"


def _enough(span: Span) -> Diagnostic:
    return Diagnostic(
        code=TOO_MANY_FINDINGS,
        severity=TOO_MANY_FINDINGS.severity,
        message=f"the file has {_MOST_FINDINGS} findings and more: the rest is not shown",
        span=Span(span.source, len(span.source.text), len(span.source.text)),
    )


def _holds(outer: Span, inner: Span) -> bool:
    end = max(outer.end, outer.start + 1)
    return outer.source is inner.source and outer.start <= inner.start < end


@dataclass(slots=True)
class Sink:
    """Collects findings in the order they are made, each place and code once."""

    _found: dict[tuple[object, ...], Diagnostic] = field(default_factory=dict)
    _explained: list[Span] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        code: Code,
        message: str,
        span: Span,
        *,
        help: str | None = None,
        severity: Severity | None = None,
        related: Iterable[Related] = (),
        via: Iterable[Span] = (),
        edits: Iterable[Edit] = (),
        safe: bool = False,
    ) -> None:
        """Record a finding; the same code, place and message a second time is the same finding.

        `severity` is given where a finding is less bad than its code mostly is.
        """
        if self.is_full(span.source) or any(_holds(each, span) for each in self._explained):
            return
        diagnostic = Diagnostic(
            code=code,
            severity=severity or code.severity,
            message=_clipped(message),
            span=span,
            help=None if help is None else _clipped(help),
            related=(*related, *via_related(via)),
            edits=tuple(edits),
            safe=safe,
        )
        self.extend((diagnostic,))

    def leave_out(self, spans: Iterable[Span]) -> None:
        """Say nothing more of these stretches: what they hold has been found to be a mistake."""
        self._explained.extend(islice(spans, max(0, _MOST_FINDINGS - len(self._explained))))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Record findings made elsewhere."""
        for d in diagnostics:
            key = (d.code.id, d.span.path, d.span.start, d.span.end, d.message)
            if key in self._found or self.is_full(d.span.source):
                continue
            self._counts[d.span.path] = self._counts.get(d.span.path, 0) + 1
            self._found[key] = d
            if self.is_full(d.span.source):
                self._found[(d.span.path,)] = _enough(d.span)

    def is_full(self, source: Source) -> bool:
        """Tell whether a file has so many findings that more would help nobody."""
        return self._counts.get(source.path, 0) >= _MOST_FINDINGS

    @property
    def explained_spans(self) -> tuple[Span, ...]:
        return tuple(self._explained)

    @property
    def has_errors(self) -> bool:
        return any(d.is_error for d in self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return all findings by file and place."""
        if len(self._found) < 2:  # noqa: PLR2004 - most have none or one
            return tuple(self._found.values())
        return tuple(sorted(self._found.values(), key=Diagnostic.sort_key))
