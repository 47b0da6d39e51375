"""The examples in each command's help run as they are printed there."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from m2her_compose.cli.app import ENTRIES

if TYPE_CHECKING:
    from tests.cli.conftest import Program

# Statuses other than 0 that belong to what an example is there to find.
MAY_FIND = {"check", "diff"}
ASKS = re.compile(r"doctor (?!--offline)")


def examples(m2her: Program, *command: str) -> list[str]:
    shown = m2her(*command, "--help").out.partition("Examples:\n")[2]
    found = [line.strip() for line in shown.splitlines() if line.strip()]
    assert len(found) >= 2
    return found


@pytest.mark.parametrize("command", ["", *(name for name, _ in ENTRIES if name != "serve")])
def test_every_example_runs(place: Program, command: str) -> None:
    for example in examples(place, *command.split()):
        done = place.shell(re.sub(r"\bm2her (?=[a-z])", "$M2HER ", example))
        if ASKS.search(example):  # which takes a key
            assert (2, "there is no key for") == (done.status, done.err[7:26])
            continue
        allowed = {0, 1} if command in MAY_FIND else {0}
        assert done.status in allowed, (example, done.err)


def test_every_example_of_serve_serves(place: Program) -> None:
    for example in examples(place, "serve"):
        # On a free port, whichever the example names.
        with place.started(*example.split()[1:], "--port", "0", text=True) as process:
            assert process.stderr is not None
            said = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            process.wait()
        assert (0, "a local M2-her at http://127.0.0.1:") == (process.returncode, said[:35])
