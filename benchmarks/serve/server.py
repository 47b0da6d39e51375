"""The emulator in a process of its own, and the requests that are sent to it.

    python benchmarks/serve/server.py [FAULT …]

Prints its URL, and serves until it is told to end.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from m2her_compose.emulator import EmulatorSettings, read_faults, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def serving(*faults: str) -> Iterator[str]:
    """Start the emulator with faults, give its base URL, and end it."""
    command = [sys.executable, __file__, *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def reply_to(number: int) -> str:
    """Return the one right reply to a request: it has the number at its beginning and its end."""
    return f"Reply {number} begins, goes on for a while over the river, and ends, reply {number}."


def request_of(number: int) -> dict[str, Any]:
    """Return a request that carries its number, and an example whose answer carries it as well."""
    question = f"This is request {number}"
    return {
        "model": "M2-her",
        "messages": [
            {"role": "system", "name": "Ilse", "content": "A ferrywoman."},
            {"role": "sample_message_user", "name": "Tam", "content": question},
            {"role": "sample_message_ai", "name": "Ilse", "content": reply_to(number)},
            {"role": "user", "name": "Tam", "content": question},
        ],
    }


def main(faults: Sequence[str]) -> None:
    """Serve."""
    settings = EmulatorSettings(faults=read_faults(faults))
    serve(settings, on_ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
