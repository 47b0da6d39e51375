"""A local M2-her to try scenarios and clients on: it rehearses, and is no model."""

from .app import Emulator, application
from .faults import KINDS, FaultError, FaultPlan, kinds_listed, read_faults
from .recording import RecordingError
from .server import DEFAULT_HOST, available, running, serve
from .settings import EmulatorSettings, Upstream

__all__ = [
    "DEFAULT_HOST",
    "KINDS",
    "Emulator",
    "EmulatorSettings",
    "FaultError",
    "FaultPlan",
    "RecordingError",
    "Upstream",
    "application",
    "available",
    "kinds_listed",
    "read_faults",
    "running",
    "serve",
]
