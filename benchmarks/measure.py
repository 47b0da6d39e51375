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
    ours(), theirs()
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    first = statistics.median(a for a, _ in pairs) * 1000
    second = statistics.median(b for _, b in pairs) * 1000
    ratios = sorted(a / b for a, b in pairs)
    tenth = len(ratios) // 10
    spread = f"80 % between {ratios[tenth]:.2f} and {ratios[-tenth - 1]:.2f}"
    return f"{first:9.2f} ms {second:9.2f} ms   ratio {statistics.median(ratios):6.2f}   ({spread})"


def run(command: Sequence[str]) -> Callable[[], object]:
    """Return a function that runs a whole process and waits for it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
