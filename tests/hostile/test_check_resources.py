"""Checks of files that ask for too much end within limits, as compiling does.

Each check is run by the program itself with 20 seconds of processor time, which the operating
system enforces: work that grows with the square of what is written cannot be done within them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.processes import finished, limited

if TYPE_CHECKING:
    import subprocess

CPU_SECONDS: Final = 20
REPOSITORY: Final = Path(__file__).resolve().parents[2]

HEAD: Final = "m2her: scenario/v1\ncharacters: {mara: She keeps the inn.}\n"
CAST: Final = "m2her: scenario/v1\nspeaker: mara\ncharacters:\n  tom: A guest.\n  mara:\n"
WORDS: Final = [f"word{i}" for i in range(1990)]


def group(text: str) -> str:
    return f"{HEAD}message: Hello\ngroup: |\n  {text}\n"


TEXTS: Final = {
    "a note and many blanks": group("XXX" + " " * 200_000 + "x"),
    "a note at the end and many blanks": group("It is TODO" + " " * 200_000 + "x"),
    "a note in speech and many blanks": f"{HEAD}message: |\n  TODO{' ' * 200_000}x\n",
    "many placeholders of raw texts": group("<BOT> " * 600_000),
    "many placeholders in single braces": group("{char} " * 500_000),
    "many notes": group("[TODO] " * 500_000),
    "a secret that is told again and again": (
        f"{CAST}    secrets: ['{' '.join(WORDS)}']\nmessage: Hello\n"
        f"group: |\n  {(' '.join(WORDS[:900]) + ' ') * 450}\n"
    ),
    "a secret that is nearly told again and again": (
        f"{CAST}    secrets: ['{'王' * 1990}']\nmessage: Hello\n"
        f"group: |\n  {('王' * 13 + ' x ') * 30_000}\n"
    ),
    "a script of silent examples": (
        f"{CAST}    prompt: She keeps the inn.\nabstract: true\nexamples:\n  - |\n"
        + "    user: Hello\n    <START>\n" * 12_000
    ),
}


def checked(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "scene.yaml").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    # Measuring coverage would measure something else, and take its own time.
    environment = {k: v for k, v in environment.items() if not k.startswith(("COV_", "COVERAGE_"))}
    command = [sys.executable, "-m", "m2her_compose", "check", "scene.yaml", *options]
    return finished(
        limited(command, cpu_s=CPU_SECONDS),
        cwd=folder,
        env=environment,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits that the system enforces")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_check_ends_within_limits(tmp_path: Path, text: str) -> None:
    """Statuses other than 0 and 1 are a crash, a bug of ours, or a limit that was met."""
    done = checked(tmp_path, text, "--select", "M2H7")
    assert done.returncode in (0, 1), done.stderr[:2000]
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits that the system enforces")
def test_a_fix_ends_within_limits(tmp_path: Path) -> None:
    done = checked(tmp_path, HEAD + "# m2her: ignore[M2H707]\n" * 40_000, "--diff")
    assert done.returncode == 1, done.stderr[:2000]
    assert done.stdout.count(b"\n-# m2her: ignore[M2H707]") >= 298
