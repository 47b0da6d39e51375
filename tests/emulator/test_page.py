"""docs/serve.md: its examples work, and its tables are what the program does."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from m2her_compose.emulator import KINDS, EmulatorSettings, read_faults, running
from m2her_compose.emulator.faults import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "serve.md").read_text(
    encoding="utf-8"
)
LOCAL: Final = "http://127.0.0.1:8765"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(EmulatorSettings()) as found:
        yield found


@pytest.mark.parametrize("code", blocks("py"), ids=lambda code: code.split("\n")[0])
def test_python_examples_run(code: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code.replace(LOCAL, url), "docs/serve.md", "exec"), {})  # noqa: S102 - the page's own example

    assert capsys.readouterr().out.strip() in ("Deeper than you are tall.", "")


def test_the_request_by_curl_is_answered(url: str) -> None:
    (command,) = (block for block in blocks("sh") if block.startswith("curl"))
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    curl, *arguments = shlex.split(command.replace(LOCAL, url).replace("\\\n", " "))
    # Without the settings of whoever runs this.
    done = subprocess.run([curl, "-q", *arguments], capture_output=True, text=True, check=True)

    assert '"finish_reason":"stop"' in done.stdout


def test_every_fault_of_the_examples_is_one() -> None:
    specs = re.findall(r"--fault (\S+)", "".join(blocks("sh")))
    scripts = re.findall(r"`(script=[^`]+)`", PAGE)

    assert len(specs) == 3
    assert not read_faults(specs).is_empty
    for spec in (*scripts, "429:retry-after=2", "drop-within:after=0", "code=1000"):
        assert spec in PAGE
        assert not read_faults([spec]).is_empty


def test_the_table_of_faults_has_all_of_them() -> None:
    rows = [
        f"| `{kind.spelling}` | {kind.does} | "
        + "".join(f"{', '.join(f'`{name}`' for name in kind.options)} " if kind.options else "")
        + "|"
        for kind in KINDS
    ]

    assert "\n".join(rows) in PAGE


def test_the_table_of_options_has_all_of_them() -> None:
    rows = re.findall(r"^\| `([a-z-]+)(?:=N)?` \| (.*?) \|$", PAGE, re.MULTILINE)

    assert dict(rows) | OPTIONS == dict(rows)
