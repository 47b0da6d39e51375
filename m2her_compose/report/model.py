"""What a check found: the value that every format is made from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..diagnostics import Severity
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Diagnostic


@frozen
class Report:
    """Findings in order of their places, and how many files were looked at.

    `paths` are those of the files, in the order in which they were given. `fail_on` is the least
    severity that fails the check.
    """

    diagnostics: tuple[Diagnostic, ...]
    paths: tuple[str, ...]
    fail_on: Severity = Severity.ERROR

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity, none left out."""
        counted = Counter(d.severity for d in self.diagnostics)
        return {severity: counted[severity] for severity in Severity}

    @property
    def failed(self) -> bool:
        """Whether a finding is severe enough to fail the check."""
        levels = list(Severity)
        return any(levels.index(d.severity) <= levels.index(self.fail_on) for d in self.diagnostics)

    @property
    def fixable(self) -> int:
        """How many findings can be mended safely."""
        return sum(1 for d in self.diagnostics if d.safe and d.edits)
