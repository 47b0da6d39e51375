"""Start programs in tests: none outlives its test, and none is waited for without end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# A guard against hanging, not a measure of speed; less than what pytest waits for a test.
PATIENCE_S: Final = 300


def finished(
    command: Sequence[str | bytes | Path],
    *,
    stdin: bytes = b"",
    **options: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, as `started` starts it; return its status and both streams."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with started(command, **{**pipes, **options}) as process:
        out, err = process.communicate(stdin)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@contextmanager
def started(
    command: Sequence[str | bytes | Path], **options: Any
) -> Iterator[subprocess.Popen[Any]]:
    """Start a program in a session of its own, with the options of `Popen`.

    So it has no terminal: an interactive shell would fight for that of whoever runs the tests, and
    be stopped. It and all that it started are killed when they take too long, which ends every
    wait for what they say; and when the block ends, however it ends. Ctrl-C reaches them also
    where whoever runs the tests ignores it.
    """
    with _heeding_ctrl_c():
        process = subprocess.Popen(command, start_new_session=True, **options)
    with process:
        guard = threading.Timer(PATIENCE_S, _kill, (process,))
        guard.daemon = True
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            _kill(process)


def _kill(process: subprocess.Popen[Any]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def limited(command: Sequence[str], *, cpu_s: int, memory_bytes: int | None = None) -> list[str]:
    """Return a command that runs another one within limits that the system enforces.

    `preexec_fn` would set them too, and is not safe where there are threads.
    """
    limits = [f"resource.setrlimit(resource.RLIMIT_CPU, ({cpu_s}, {cpu_s}))"]
    if memory_bytes is not None:
        limits.append(f"resource.setrlimit(resource.RLIMIT_AS, ({memory_bytes}, {memory_bytes}))")
    lines = ["import os, resource, sys", *limits, "os.execv(sys.argv[1], sys.argv[1:])"]
    return [sys.executable, "-I", "-S", "-c", "\n".join(lines), *command]


@contextmanager
def _heeding_ctrl_c() -> Iterator[None]:
    """Pass on no order to ignore Ctrl-C: shells give it to what they run in the background."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
