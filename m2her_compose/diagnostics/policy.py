"""What a library makes of findings: which it ignores, and where, and how bad it takes others.

Errors are beyond it: what cannot be compiled is not a matter of taste.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from .model import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_OFF: Final = "off"


def governed(
    diagnostics: Sequence[Diagnostic],
    *,
    ignore: Sequence[str],
    severity: Mapping[str, str],
    per_path: Mapping[str, Sequence[str]],
    path_of: Callable[[Diagnostic], str],
) -> Iterator[Diagnostic]:
    """Yield the findings that a library wants, in their order, as severe as it takes them.

    A code is named whole (`M2H108`), by its beginning (`M2H1`) or by its readable name
    (`quotes-not-sent`). `path_of` gives a finding's path relative to the library's root, which
    the patterns of `per_path` are held against.
    """
    for diagnostic in diagnostics:
        if diagnostic.is_error:
            yield diagnostic
            continue
        level = severity.get(diagnostic.code.id, severity.get(diagnostic.code.slug))
        ignored = _names(ignore, diagnostic) or any(
            _names(codes, diagnostic) and fnmatchcase(path_of(diagnostic), pattern)
            for pattern, codes in per_path.items()
        )
        if not ignored and level != _OFF:
            yield diagnostic if level is None else replace(diagnostic, severity=Severity(level))


def _names(codes: Sequence[str], diagnostic: Diagnostic) -> bool:
    code = diagnostic.code
    return any(code.slug == each or (each and code.id.startswith(each)) for each in codes)
