"""Exit statuses (docs/exit-codes.md). A command returns one of these, and nothing else."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """What a process ends with; the numbers that are missing are reserved."""

    DONE = 0
    ERRORS = 1
    USAGE = 2
    SERVICE = 3
    BUG = 4
    INTERRUPTED = 130
