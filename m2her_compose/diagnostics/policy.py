"""What a library makes of findings: which it wants, which it ignores, how bad it takes others.

Errors are beyond it: what cannot be compiled is not a matter of taste.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from . import codes
from .model import Code, Diagnostic, Severity
from .suggest import close_matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

OFF: Final = "off"


@frozen
class Policy:
    """Which findings are wanted. Nothing in `select` stands for all.

    A code is named whole (`M2H108`), by its beginning (`M2H1`) or by its readable name
    (`quotes-not-sent`). `per_path` maps patterns of paths, relative to the library's root, to
    what is ignored there.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    severity: Mapping[str, str] = MappingProxyType({})
    per_path: Mapping[str, Sequence[str]] = MappingProxyType({})

    def wants(self, code: Code) -> bool:
        """Tell whether findings of a code are wanted anywhere."""
        selected = not self.select or names_code(self.select, code)
        return selected and not names_code(self.ignore, code) and self.level(code) != OFF

    def level(self, code: Code) -> str | None:
        """Return the severity that the library gives a code; None when it gives none.

        The longest of the names that it is named by decides.
        """
        if code.slug in self.severity:
            return self.severity[code.slug]
        beginnings = (code.id[:end] for end in range(len(code.id), 0, -1))
        return next((self.severity[each] for each in beginnings if each in self.severity), None)


def governed(
    diagnostics: Iterable[Diagnostic], policy: Policy, *, path_of: Callable[[Diagnostic], str]
) -> Iterator[Diagnostic]:
    """Yield the findings that a policy wants, in their order, as severe as it takes them.

    `path_of` gives a finding's path relative to the library's root.
    """
    for diagnostic in diagnostics:
        if diagnostic.is_error:
            yield diagnostic
            continue
        if not policy.wants(diagnostic.code) or any(
            names_code(codes, diagnostic.code) and fnmatchcase(path_of(diagnostic), pattern)
            for pattern, codes in policy.per_path.items()
        ):
            continue
        level = policy.level(diagnostic.code)
        yield diagnostic if level is None else replace(diagnostic, severity=Severity(level))


def names_code(names: Iterable[str], code: Code) -> bool:
    """Tell whether one of these names is the code's, its beginning, or its readable name."""
    return any(code.slug == each or (each and code.id.startswith(each)) for each in names)


def unknown_code(name: str) -> tuple[str, str]:
    """Say that no finding has a name, and which may have been meant."""
    words = [word for code in codes.ALL for word in (code.id, code.slug)]
    close = close_matches(name, words)
    advice = f"did you mean `{close[0]}`?" if close else "`m2her explain` lists all findings"
    return f"there is no finding `{name}`", advice
