"""The examples in the help of `list`, `graph` and `show` run as they are printed there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("verb", ["list", "graph", "show"])
def test_every_example_runs(m2her: Program, verb: str) -> None:
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    shown = m2her(verb, "--help").out
    examples = re.findall(r"^ +(m2her .+)$", shown.partition("Examples:")[2], re.MULTILINE)
    assert len(examples) >= 3
    for example in examples:
        done = m2her.shell(example.replace("m2her ", "$M2HER ", 1))
        assert (0, example) == (done.status, example if done.status == 0 else done.err)
        assert done.out
