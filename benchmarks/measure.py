"""Pairs of measurements: two things timed in turn, so that a machine's moods hit both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> str:
    """Time two functions in turn; return the medians in milliseconds and the median ratio."""
    pairs: list[tuple[float, float]] = []
    ours(), theirs()
    for _ in range(rounds):
        pairs.append((_seconds(ours), _seconds(theirs)))
    first = statistics.median(a for a, _ in pairs) * 1000
    second = statistics.median(b for _, b in pairs) * 1000
    between = sorted(a / b for a, b in pairs)
    low, middle, high = between[len(between) // 10], statistics.median(between), between[-len(between) // 10]
    return f"{first:9.2f} ms {second:9.2f} ms   ratio {middle:6.2f}   (80 % between {low:.2f} and {high:.2f})"


def run(command: Sequence[str]) -> Callable[[], object]:
    """Return a function that runs a whole process and waits for it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
