"""The shell commands of README and of the pages run as they are printed there."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.conftest import REPOSITORY

if TYPE_CHECKING:
    from tests.cli.conftest import Program

_BLOCK: Final = re.compile(r"^```sh\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
# Installing and the project's own tools are what `.ci/run` does; curl is asked in tests/emulator.
_OTHERS: Final = re.compile(r"^(make|pipx|pip|git|curl) ")
_ENDLESS: Final = re.compile(r"^m2her (serve|.*--watch)")
# Statuses other than 0 that belong to what a command is there to find.
_MAY_FIND: Final = ("check", "compile scenarios --format", "fmt scenarios --check", "fmt tea.yaml")
# The function that stands for the program keeps a list of what was run.
_SHELL: Final = 'm2her() { $M2HER "$@"; s=$?; echo "$s $*" >>"$RAN"; return $s; }\n'

PAGES: Final = sorted(
    page.relative_to(REPOSITORY).as_posix()
    for page in (REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md"))
    if _BLOCK.search(page.read_text(encoding="utf-8"))
)


def blocks(page: str) -> list[list[str]]:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    found = [block["text"].replace("\\\n", " ").splitlines() for block in _BLOCK.finditer(text)]
    return [[line for line in lines if not _OTHERS.match(line)] for lines in found]


def test_pages_have_commands() -> None:
    assert {"README.md", "docs/check.md", "docs/serve.md"} <= {*PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_commands_run(place: Program, page: str) -> None:
    place.write("tea.yaml")
    ran = place.folder.parent / "ran"
    for lines in blocks(page):
        ran.write_text("", encoding="utf-8")
        ends = [line for line in lines if not _ENDLESS.match(line)]
        done = place.shell(_SHELL + "\n".join(ends), env={"RAN": str(ran)})
        assert "Traceback" not in done.err
        statuses = [line.split(" ", 1) for line in ran.read_text(encoding="utf-8").splitlines()]
        assert len(statuses) == len([line for line in ends if line.startswith("m2her ")])
        for status, arguments in statuses:
            allowed = {"0", "1"} if arguments.startswith(_MAY_FIND) else {"0"}
            assert status in allowed, (arguments, done.err)


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_go_on_run_until_ctrl_c(place: Program, page: str) -> None:
    # It is needed to pass requests on, and nobody is asked before one comes.
    env = {"MINIMAX_API_KEY": "none"}
    place.write("exchanges.jsonl", "")
    for line in (line for lines in blocks(page) for line in lines if _ENDLESS.match(line)):
        arguments = shlex.split(line, comments=True)[1:]
        if "serve" in arguments:  # on a free port, whichever the page names
            arguments += ["--port", "0"]
        if "--watch" in arguments:
            pytest.importorskip("watchfiles")
        with place.started(*arguments, env=env, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout is not None
            said = []
            for part in process.stdout:
                said.append(part)
                if part.endswith("Ctrl-C ends it\n"):
                    break
            process.send_signal(signal.SIGINT)
            process.communicate()
        assert process.returncode == (130 if "--watch" in arguments else 0), (line, said)
