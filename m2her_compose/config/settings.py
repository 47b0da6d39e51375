"""A library's settings as values: each with where it came from, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..diagnostics.policy import Policy
from ..diagnostics.suggest import close_matches
from ..errors import UsageError
from ..frozen import frozen
from ..targets import TARGETS, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Span

DEFAULT: Final = "default"


@frozen
class Setting:
    """A setting's value, and where it came from; `span` is its place in a file."""

    value: Any
    origin: str
    span: Span | None = None


@frozen
class Settings:
    """The settings of one library, by name (`compile.names`), and the targets that it adds."""

    values: Mapping[str, Setting]
    targets: tuple[Target, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name].value


def policy_of(settings: Settings) -> Policy:
    """Return what a library's settings make of findings."""
    return Policy(
        select=tuple(settings["check.select"]),
        ignore=tuple(settings["check.ignore"]),
        severity=settings["check.severity"],
        per_path=settings["check.per-path-ignores"],
    )


def targets_of(settings: Settings) -> tuple[Target, ...]:
    """Return every target that there is in a library: those that are known, then its own."""
    return (*TARGETS, *settings.targets)


def target_of(settings: Settings, target_id: str | None = None) -> Target | None:
    """Return the target of an id; without one, that of the setting. None where there is none."""
    wanted = settings["compile.target"] if target_id is None else target_id
    return next((each for each in targets_of(settings) if each.id == wanted), None)


def window_of(settings: Settings, target: Target) -> int:
    """Return the most prompt tokens that a target takes.

    Of a library's own target that is what is set there; else what is set for the library, what
    is known of the target, and the setting's default.
    """
    setting = settings.values["compile.context-window"]
    is_set = setting.origin != DEFAULT
    if target.window_tokens is not None and (target in settings.targets or not is_set):
        return target.window_tokens
    window: int = setting.value
    return window


def target_named(settings: Settings, target_id: str | None) -> Target:
    """Return the target of an id; without one, that of the setting, the first where that is wrong.

    Raises `UsageError` when a library has no target of the id.
    """
    found = target_of(settings, target_id)
    if found is not None:
        return found
    if target_id is None:  # which has been reported
        return TARGETS[0]
    known = [target.id for target in targets_of(settings)]
    close = close_matches(target_id, known)
    listed = ", ".join(f"`{each}`" for each in known)
    advice = f"did you mean `{close[0]}`?" if close else f"there are {listed}"
    raise UsageError(f"there is no target `{target_id}`; {advice}")
