"""The examples in the help run as they are printed there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Program

REPOSITORY = Path(__file__).resolve().parents[2]
SCENE = """\
m2her: scenario/v1
variables: {mood: calm}
system: The mood is {{ vars.mood }}.
"""


def test_every_example_runs(m2her: Program) -> None:
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    m2her.write("scene.yaml", SCENE)
    shown = m2her("compile", "--help").out
    examples = re.findall(
        r"^ +((?:cat \S+ \| )?m2her .+)$", shown.partition("Examples:")[2], re.MULTILINE
    )
    assert len(examples) >= 4
    for example in examples:
        done = m2her.shell(re.sub(r"\bm2her (?=compile|config)", "$M2HER ", example))
        assert (0, example) == (done.status, example if done.status == 0 else done.err)
        assert done.out or "--output" in example
