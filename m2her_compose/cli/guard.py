"""The one place where whatever a command did not expect is caught."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable


class Misuse(Exception):
    """The call makes no sense; the message says what to do instead."""


def speak(text: str) -> None:
    """Write to standard error; what nobody can read is not worth failing for."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, AttributeError, ValueError):
        silence(sys.stderr)


def silence(stream: TextIO | None) -> None:
    """Send what a stream still holds nowhere: Python would complain of it at its exit."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def guarded(command: Callable[[], Status]) -> Status:
    """Run a command; an interruption, a closed pipe and a bug of ours become exit statuses."""
    from pathlib import Path

    try:
        Path.cwd()
    except OSError:
        speak("m2her: the current folder is gone\n")
        return Status.USAGE
    try:
        return command()
    except Misuse as misuse:
        from ..emit.terminal import visible

        speak(f"m2her: {visible(str(misuse))}\n")
        return Status.USAGE
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        silence(sys.stdout)
        return Status.DONE
    except Exception as error:  # noqa: BLE001 - the one catch-all
        try:
            _report_bug(error)
        except Exception:  # noqa: BLE001 - without memory, say at least this
            speak("m2her: this is a bug of m2her, or there is no memory left\n")
        return Status.BUG


def _report_bug(error: Exception) -> None:
    import platform
    import traceback

    from .._version import __version__
    from ..emit.terminal import visible

    frames = [
        f"  {frame.filename.rpartition('m2her_compose')[2]}:{frame.lineno} {frame.name}\n"
        for frame in traceback.extract_tb(error.__traceback__)
        if "m2her_compose" in frame.filename
    ]
    what = visible(f"{type(error).__name__}: {error}"[:300])
    speak(
        f"m2her: this is a bug of m2her, and not of your files: {what}\n"
        f"Please report it with these lines, and the file that shows it:\n"
        f"  m2her {__version__}, Python {platform.python_version()}, {platform.system()}\n"
        f"{''.join(frames[-8:])}"
    )
