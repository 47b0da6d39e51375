"""`m2her init`: a library that is right as it is, and nothing overwritten."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from m2her_compose.starting import library_files

if TYPE_CHECKING:
    from tests.cli.conftest import Program

# The process ends at once when the third file is about to get its name.
KILLED = """
import os, signal, sys
link, calls = os.link, []
def count(*given, **more):
    calls.append(given)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return link(*given, **more)
os.link = count
sys.argv = ["m2her", "init", "library"]
from m2her_compose.cli.app import entry
entry()
"""
# No file may be longer than the first ones are.
FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
sys.argv = ["m2her", "init", "library"]
from m2her_compose.cli.app import entry
entry()
"""


def content(m2her: Program, under: str) -> dict[str, str]:
    return {
        name: (m2her.folder / under / name).read_text(encoding="utf-8")
        for name in m2her.files(under)
    }


def test_it_makes_a_library_that_checks_and_compiles_at_once(m2her: Program) -> None:
    done = m2her("init", "library")
    assert 0 == done.status
    assert library_files() == content(m2her, "library")
    assert [f"made  library/{name}" for name in library_files()] == done.out.splitlines()
    assert "Put the owner of your copy of m2her for OWNER in .pre-commit-config.yaml" in done.err
    checked = m2her("check", "library", "--fail-on", "note")
    assert (0, "") == (checked.status, checked.err)
    assert 0 == m2her("fmt", "--check", "library").status
    compiled = m2her("compile", "library", "-f", "messages")
    assert (0, "") == (compiled.status, compiled.err)


@pytest.mark.parametrize(
    ("folder", "first"), [("my library", "cd 'my library'"), ("-mine", "cd -- -mine")]
)
def test_the_commands_that_it_names_run(m2her: Program, folder: str, first: str) -> None:
    done = m2her("init", "--", folder)
    commands = [line.strip() for line in done.err.partition("Next:\n")[2].splitlines()]
    assert (first, 4) == (commands[0], len(commands))
    script = " && ".join(re.sub(r"^m2her", "$M2HER", command) for command in commands)
    ran = m2her.shell(script)
    assert (0, 1) == (ran.status, ran.out.count("scenarios/the_last_tram.yaml"))


def test_in_this_folder_there_is_nowhere_to_go(m2her: Program) -> None:
    done = m2her("init")
    assert (0, False) == (done.status, "cd " in done.err)
    assert done.out.startswith("made  scenarios/lost_property.yaml\n")


def test_a_second_time_everything_is_kept(m2her: Program) -> None:
    m2her("init", "library")
    m2her.write("library/scenarios/lost_property.yaml", "mine")
    done = m2her("init", "library")
    assert 0 == done.status
    assert [f"kept  library/{name}" for name in library_files()] == done.out.splitlines()
    assert "mine" == content(m2her, "library")["scenarios/lost_property.yaml"]
    assert "OWNER" not in done.err


def test_an_owner_is_written_where_it_belongs(m2her: Program) -> None:
    done = m2her("init", "--owner", "acme")
    assert (0, False) == (done.status, "OWNER" in done.err)
    assert library_files(owner="acme") == content(m2her, ".")
    assert 2 == m2her("init", "other", "--owner", "not an owner").status


def test_within_a_repository_its_root_keeps_what_only_works_there(m2her: Program) -> None:
    (m2her.folder / ".git").mkdir()
    done = m2her("init", "team/library")
    assert (0, False) == (done.status, ".github" in done.out)
    assert "Left out: .pre-commit-config.yaml and .github/workflows/m2her.yml" in done.err
    assert ".github" in m2her("init").out


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("a-file", "a-file is no folder"),
        ("a-file/below", "a-file is no folder"),
        ("dangling", "dangling is a link to nothing"),
        ("", "an empty path"),
        ("with-a-link", "link that leads out"),
        ("/proc/nowhere", "/proc/nowhere"),
    ],
)
def test_what_is_in_the_way_is_said(m2her: Program, folder: str, reason: str) -> None:
    m2her.write("a-file")
    (m2her.folder / "dangling").symlink_to("gone")
    (m2her.folder / "with-a-link").mkdir()
    (m2her.folder / "with-a-link/scenarios").symlink_to("..")
    before = m2her.files()
    done = m2her("init", folder)
    assert (2, "") == (done.status, done.out)
    assert done.err.startswith("m2her: ")
    assert reason in done.err
    assert 1 == done.err.count("\n")
    assert before == m2her.files()


def test_a_folder_s_name_does_nothing_to_the_terminal(m2her: Program) -> None:
    done = m2her("init", "a\x1b[31m")
    assert (0, False) == (done.status, "\x1b" in done.out + done.err)


# --- when it is interrupted


def whole(m2her: Program) -> list[str]:
    """Return the files that are there, each of which is as it should be."""
    found = content(m2her, "library")
    names = [name for name in found if not name.endswith(".part")]
    assert {name: library_files()[name] for name in names} == {name: found[name] for name in names}
    return names


def test_a_process_that_is_killed_leaves_whole_files_and_no_library(m2her: Program) -> None:
    assert m2her.python(KILLED).status < 0
    assert 2 == len(whole(m2her))
    assert 0 == m2her("init", "library").status
    assert {*library_files()} == {*whole(m2her)}


def test_a_disk_that_is_full_is_said_and_leaves_whole_files(m2her: Program) -> None:
    done = m2her.python(FULL)
    assert 2 == done.status
    assert "cannot write library/.m2her/schemas/scenario.v1.schema.json: File too large" in done.err
    assert "m2her.toml" not in whole(m2her)
    assert [] == [name for name in m2her.files("library") if name.endswith(".part")]


def test_files_of_other_programs_are_none_of_the_library(m2her: Program) -> None:
    """A repository has more YAML than ours, and some of it is large."""
    m2her.write("pnpm-lock.yaml", "a: " + "b" * 5_000_000)
    m2her.write("docker-compose.yml", "services: {}\n")
    m2her.write("node_modules/a/x.yaml", "x: 1\n")
    m2her("init")
    done = m2her("check")
    assert (0, "no findings in 3 files\n") == (done.status, done.err + done.out)


def test_what_belongs_into_files_that_were_there_is_said(m2her: Program) -> None:
    m2her.write(".pre-commit-config.yaml", "repos: []\n")
    m2her.write(".vscode/settings.json", "{}\n")
    done = m2her("init")
    assert "repos: []\n" == (m2her.folder / ".pre-commit-config.yaml").read_text()
    assert ".pre-commit-config.yaml was there already; this belongs into it:\n" in done.err
    assert "      - id: m2her-check\n" in done.err
    assert '"yaml.schemas"' in done.err
    again = m2her("init")
    assert again.err.count("was there already") == 2
    m2her.write(".pre-commit-config.yaml", "repos: [{repo: https://example.org/m2her}]\n")
    assert m2her("init").err.count("was there already") == 1
