"""What an emulator is told: how it answers, and whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..targets import M2_HER
from .faults import NO_FAULTS, FaultPlan

if TYPE_CHECKING:
    from pathlib import Path

    from ..wire.http import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The real service behind a recording. `authorization` is the header's value, with its key."""

    transport: Transport
    base_url: str
    authorization: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """How the emulator answers. Raises `UsageError` for settings that contradict each other.

    `key` is the only one taken (None: any), `lenient` admits M2-her's own roles without names,
    `models` are the ids that are served,
    `faults` is what `read_faults` returns. `record` and `upstream` go together; `replay` plays a
    recording back. `hosts` are further names that requests may have in `Host`, and `any_address`
    lets all IP addresses be such names.
    """

    key: str | None = field(default=None, repr=False)
    lenient: bool = False
    models: tuple[str, ...] = M2_HER.models
    faults: FaultPlan = NO_FAULTS
    record: Path | None = None
    upstream: Upstream | None = None
    replay: Path | None = None
    hosts: tuple[str, ...] = ()
    any_address: bool = False

    def __post_init__(self) -> None:
        if self.record is not None and self.replay is not None:
            raise UsageError("`--record` and `--replay` do not go together")
        if (self.record is None) != (self.upstream is None):
            raise UsageError("a recording needs a service to record, and only a recording does")
        passes_on = self.record is not None or self.replay is not None
        if passes_on and not self.faults.is_empty:
            raise UsageError("`--fault` does not go together with `--record` or `--replay`")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise UsageError("the key to ask for is not printable ASCII")
