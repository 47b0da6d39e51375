"""The exceptions that users of the library can meet.

    M2herError
    ├── ScenarioError        a scenario has errors, and its messages were asked for all the same
    ├── SeveralVariantsError a scenario has several variants, and one was asked for
    └── UsageError           a call that makes no sense: a path that does not exist, a wrong id

An author's mistake is never an exception: it is a `Diagnostic` of the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class M2herError(Exception):
    """The root of all exceptions that this package raises on purpose."""


class ScenarioError(M2herError):
    """A scenario has errors; `diagnostics` are all its findings."""

    def __init__(self, path: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [d for d in diagnostics if d.is_error]
        shown = "\n".join(f"{d.span}: {d.message} [{d.code.id}]" for d in errors[:10])
        super().__init__(f"{path} has {len(errors)} error{'s' * (len(errors) != 1)}\n{shown}")
        self.diagnostics = diagnostics


class SeveralVariantsError(M2herError):
    """A scenario has several variants; `ids` are theirs."""

    def __init__(self, path: str, ids: tuple[str, ...]) -> None:
        super().__init__(f"{path} has {len(ids)} variants: name one of them, or use `.variants`")
        self.ids = ids


class UsageError(M2herError):
    """A call that makes no sense, whatever the files hold."""
