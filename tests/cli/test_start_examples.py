"""The examples in the help of what starts a library run in a library that was just started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program


@pytest.mark.parametrize("command", ["init", "new", "schema", "completion"])
def test_every_example_runs(m2her: Program, command: str) -> None:
    m2her("init")
    shown = m2her(command, "--help").out.partition("Examples:\n")[2]
    examples = [line.strip() for line in shown.splitlines() if line.strip()]
    assert len(examples) >= 3
    for example in examples:
        assert example.startswith(f"m2her {command}")
        done = m2her.shell(example.replace("m2her", "$M2HER", 1))
        assert (0, example) == (done.status, example if done.status == 0 else done.err)
        assert done.out or "wrote" in done.err
