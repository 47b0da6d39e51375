"""A check of many files: from a cache, in several processes, and again with every change."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose.cli.console import Console

from .conftest import TEA

if TYPE_CHECKING:
    from .conftest import Program


def write_library(m2her: Program, count: int) -> None:
    m2her.write("m2her.toml", "")
    for i in range(count):
        slip = "sumary: A slip.\n" if i % 10 == 3 else ""
        m2her.write(f"scenes/{i:03}.yaml", TEA.replace("id: tea", f"id: tea_{i}") + slip)


# --- results that are kept


def test_a_cache_folder_is_used_and_changes_nothing(m2her: Program) -> None:
    write_library(m2her, 12)
    plain = m2her("check", "--no-cache")
    first = m2her("check", "--cache-dir", "kept")
    second = m2her("check", "--cache-dir", "kept")

    assert plain == first == second
    assert plain.status == 1
    assert m2her.files("kept") == ["check-1.sqlite3"]


def test_a_few_files_leave_no_cache_behind(m2her: Program) -> None:
    write_library(m2her, 3)
    m2her("check", env={"XDG_CACHE_HOME": str(m2her.folder / "cache")})

    assert not (m2her.folder / "cache").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="where the folder is differs by system")
def test_many_files_are_kept_in_the_users_folder(m2her: Program) -> None:
    write_library(m2her, 50)
    m2her("check", env={"XDG_CACHE_HOME": str(m2her.folder / "cache")})

    assert m2her.files("cache") == ["m2her/check-1.sqlite3"]


def test_a_cache_folder_that_cannot_be_made_is_done_without(m2her: Program) -> None:
    write_library(m2her, 3)
    m2her.write("file", "")

    assert m2her("check", "--cache-dir", "file/kept") == m2her("check", "--no-cache")


def test_files_to_be_changed_are_checked_anew(m2her: Program) -> None:
    write_library(m2her, 4)
    done = m2her("check", "--fix", "--cache-dir", "kept")

    assert "changed scenes/003.yaml" in done.err
    assert not (m2her.folder / "kept").exists()


# --- processes


@pytest.mark.parametrize("output_format", ["text", "json", "sarif"])
def test_processes_make_no_difference_to_the_bytes(m2her: Program, output_format: str) -> None:
    write_library(m2her, 60)
    one, two = (
        m2her("check", "--no-cache", "--jobs", jobs, "--format", output_format)
        for jobs in ("1", "2")
    )

    assert one == two
    assert one.status == 1


def test_what_stops_a_check_stops_it_in_any_number_of_processes(m2her: Program) -> None:
    write_library(m2her, 30)
    one, two = (
        m2her("check", "--no-cache", "--jobs", jobs, "--target", "nobody") for jobs in ("1", "2")
    )

    assert one == two
    assert one.status == 2


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "65", "", "1.5", "٣", "9" * 5000])
def test_a_number_of_processes_that_is_none_is_refused(m2her: Program, jobs: str) -> None:
    done = m2her("check", "--jobs", jobs)

    assert done.status == 2
    assert "is neither `auto` nor a number from 1 to 64" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="reads of processes where Linux lists them")
def test_ctrl_c_ends_all_processes(m2her: Program) -> None:
    # Too much to be done before both are seen, however slow it is to look.
    slow = "{% for a in range(400) %}{% for b in range(400) %}{% endfor %}{% endfor %}"
    for i in range(600):
        m2her.write(f"scenes/{i:03}.yaml", TEA.replace("You keep", f"You keep {slow}"))
    with m2her.started("check", "--no-cache", "--jobs", "2", stderr=subprocess.STDOUT) as process:
        # The workers hold the pipe as well: it ends when all of them have.
        while len(children_of(process.pid)) < 2:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.read() == b""
        assert process.wait() == 130


def children_of(pid: int) -> list[str]:
    """Return the processes that one started, but for the one that looks after its memory."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # Between a name in brackets and all the rest: the state, and the parent.
        with contextlib.suppress(OSError):  # it has ended meanwhile
            parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
            command = (folder / "cmdline").read_bytes()
            if int(parent) == pid and b"spawn_main" in command:
                found.append(folder.name)
    return found


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["scenes/001.yaml", "mara.yaml", "templates/en/group.j2"])
def test_what_any_process_has_read_is_not_overwritten(m2her: Program, jobs: str, name: str) -> None:
    write_library(m2her, 4)
    m2her.write("m2her.toml", '[library]\ntemplates = "templates"\n')
    m2her.write("templates/en/group.j2", "{{ group.setting }}")
    m2her.write("mara.yaml", "m2her: character/v1\nname: Mara\n")
    m2her.write("scenes/001.yaml", TEA + "characters: {mara: {use: ../mara.yaml}}\n")
    for _ in range(2):
        options = ("--cache-dir", "kept", "--jobs", jobs, "--output", name)
        done = m2her("check", "scenes", *options)
        assert (done.status, "which was read" in done.err) == (2, True)


# --- how far it is


def test_a_pipe_is_told_nothing_of_how_far_it_is(m2her: Program) -> None:
    write_library(m2her, 12)

    assert m2her("check", "--no-cache").err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, step_s: float) -> str:
    """Return what is told of four files that take so long each."""
    clock = itertools.count(0, step_s)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("sys.stderr", stream)
    with Console().progress(4) as tell:
        for done in range(1, 5):
            tell(done)
    return stream.getvalue()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return monkeypatch


def test_a_terminal_is_told_how_far_a_long_check_is(at_home: pytest.MonkeyPatch) -> None:
    said = told(at_home, Terminal(), step_s=0.6)

    assert said.split("\r")[1:] == [
        "━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 2 of 4 files",
        "━━━━━━━━━━━━━━━╌╌╌╌╌ 3 of 4 files",
        "━━━━━━━━━━━━━━━━━━━━ 4 of 4 files",
        "\x1b[K",
    ]


def test_a_narrow_terminal_is_told_what_it_has_room_for(at_home: pytest.MonkeyPatch) -> None:
    at_home.setenv("COLUMNS", "20")
    assert "━━━╌╌╌ 2 of 4 files" in told(at_home, Terminal(), step_s=0.6).split("\r")

    at_home.setenv("COLUMNS", "8")
    assert "4 files" in told(at_home, Terminal(), step_s=0.6).split("\r")


def test_a_short_check_tells_nothing(at_home: pytest.MonkeyPatch) -> None:
    assert told(at_home, Terminal(), step_s=0.1) == ""


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_ci_and_dumb_terminals_are_told_nothing(
    at_home: pytest.MonkeyPatch, name: str, value: str
) -> None:
    at_home.setenv(name, value)

    assert told(at_home, Terminal(), step_s=0.6) == ""


def test_a_stream_that_is_no_terminal_is_told_nothing(at_home: pytest.MonkeyPatch) -> None:
    assert told(at_home, io.StringIO(), step_s=0.6) == ""


# --- again and again


def until(end: str, process: subprocess.Popen[bytes]) -> str:
    """Return what a program says up to a line that ends so."""
    said = ""
    assert process.stdout is not None
    for line in iter(process.stdout.readline, b""):
        said += line.decode()
        if line.decode().rstrip().endswith(end):
            return said
    pytest.fail(f"`{end}` was not said: {said}")


def replace(m2her: Program, name: str, text: str) -> None:
    """Write a file in one step: of several, a slow machine tells one by one."""
    m2her.write(".new", text).rename(m2her.folder / name)


def test_changes_are_checked_until_ctrl_c(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    write_library(m2her, 3)
    with m2her.started("check", "--watch", stderr=subprocess.STDOUT) as watch:
        assert "3 notes in 3 files" in until("watching 3 files; Ctrl-C ends it", watch)

        replace(m2her, "scenes/001.yaml", TEA.replace("id: tea", "id: tea_1\nsumary: A slip."))
        said = until("all 3 files: 1 error, 2 notes", watch)
        assert "scenes/001.yaml changed: 1 file to check" in said
        assert "unknown key `sumary`" in said

        replace(m2her, "scenes/004.yaml", TEA.replace("id: tea", "id: tea_0"))
        assert "the id `tea_0` is taken" in until("all 4 files: 2 errors, 3 notes", watch)

        (m2her.folder / "scenes" / "004.yaml").unlink()
        assert "taken" not in until("all 3 files: 1 error, 2 notes", watch)

        replace(m2her, "m2her.toml", '[library]\nscenarios = "scenes"\n')
        assert "m2her.toml changed: 3 files to check" in until("with `--fix`", watch)
        watch.send_signal(signal.SIGINT)
        assert watch.wait() == 130


def test_a_file_alone_is_watched_as_one(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    m2her.write("tea.yaml", TEA)
    with m2her.started("check", "--watch", "tea.yaml", stderr=subprocess.STDOUT) as watch:
        until("watching 1 file; Ctrl-C ends it", watch)


def test_a_change_that_could_not_be_checked_is_checked_with_the_next(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    for name, text in (("one", "system: You listen."), ("two", "extends: .base.yaml")):
        m2her.write(f"{name}.yaml", f"m2her: scenario/v1\n{text}\n")
    m2her.write(".base.yaml", "m2her: scenario/v1\nsystem: You listen.\n")
    with m2her.started(
        "check", "--watch", "one.yaml", "two.yaml", stderr=subprocess.STDOUT
    ) as watch:
        until("watching 2 files; Ctrl-C ends it", watch)
        (m2her.folder / "one.yaml").unlink()
        until("one.yaml does not exist", watch)
        m2her.write(".base.yaml", "m2her: scenario/v1\nsumary: A slip.\nsystem: You listen.\n")
        until("one.yaml does not exist", watch)

        m2her.write("one.yaml", "m2her: scenario/v1\nsystem: You listen.\n")
        assert "unknown key `sumary`" in until("with `--fix`", watch)


def test_settings_that_come_into_a_folder_above_are_noticed(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    write_library(m2her, 3)
    (m2her.folder / "m2her.toml").unlink()
    with m2her.started("check", "--watch", "scenes", stderr=subprocess.STDOUT) as watch:
        until("watching 3 files; Ctrl-C ends it", watch)
        m2her.write("m2her.toml", '[check]\nselect = ["M2H1"]\n')
        assert "m2her.toml changed: 3 files to check" in until("no findings in 3 files", watch)

        m2her.write("m2her.toml", "[check\n")
        until("1 error in 3 files", watch)


def test_a_watched_folder_may_go_and_come_back(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    write_library(m2her, 3)
    with m2her.started("check", "--watch", "scenes", stderr=subprocess.STDOUT) as watch:
        until("watching 3 files; Ctrl-C ends it", watch)
        (m2her.folder / "scenes").rename(m2her.folder / "elsewhere")
        until("scenes does not exist; if it is an id, `m2her list` shows its file", watch)

        (m2her.folder / "elsewhere").rename(m2her.folder / "scenes")
        until("3 notes in 3 files", watch)
        m2her.write("scenes/001.yaml", TEA.replace("id: tea", "id: tea_1\nsumary: A slip."))
        until("all 3 files: 1 error, 2 notes", watch)


def test_watching_ends_when_nobody_reads_it_any_more(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    write_library(m2her, 3)
    with m2her.started("check", "--watch") as watch:
        assert watch.stderr is not None
        assert watch.stdout is not None
        assert watch.stderr.readline().startswith(b"watching 3 files")
        watch.stdout.close()
        m2her.write("scenes/001.yaml", TEA.replace("id: tea", "id: tea_1\nsumary: A slip."))
        assert watch.wait() == 0


@pytest.mark.parametrize(
    "arguments",
    [["--fix"], ["--diff"], ["--add-ignores"], ["--since", "HEAD"], ["--output", "f"], ["-"]],
    ids=lambda arguments: arguments[0],
)
def test_watching_goes_with_nothing_that_is_done_once(m2her: Program, arguments: list[str]) -> None:
    done = m2her("check", "--watch", *arguments)

    assert done.status == 2
    assert "--watch and" in done.err


def test_watching_prints_text(m2her: Program) -> None:
    done = m2her("check", "--watch", "--format", "json")

    assert (done.status, done.err) == (2, "m2her: --watch prints text: leave --format out\n")


def test_watching_says_what_it_needs(m2her: Program) -> None:
    m2her.write("tea.yaml")
    done = m2her.python(
        "import sys; sys.modules['watchfiles'] = None\n"
        "from m2her_compose.cli.app import entry\n"
        "sys.argv = ['m2her', 'check', '--watch']; entry()"
    )

    assert done.status == 2
    assert "pip install 'm2her[watch]'" in done.err


def test_a_folder_that_may_not_be_watched_is_told_of(m2her: Program) -> None:
    pytest.importorskip("watchfiles")
    m2her.write("tea.yaml")
    done = m2her.python(
        "import sys, watchfiles\n"
        "def refuse(*_, **__):\n"
        "    raise OSError('too many folders')\n"
        "    yield\n"
        "watchfiles.watch = refuse\n"
        "from m2her_compose.cli.app import entry\n"
        "sys.argv = ['m2her', 'check', '--watch']; entry()"
    )

    assert (done.status, done.err) == (2, "m2her: --watch: too many folders\n")
