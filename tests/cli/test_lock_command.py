"""`m2her lock`: requests are written down, and later changes told."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

INN = "m2her: scenario/v1\nid: inn\nsystem: You keep an inn.\nmessage: Good evening.\n"
HOURS = """\
m2her: scenario/v1
variables: {hour: dawn}
matrix: {hour: [dawn, noon]}
system: You keep the ferry at {{ vars.hour }}.
message: Hello
"""
ADVICE = "`m2her diff --git HEAD` shows the words, `m2her lock` accepts what is new\n"


@pytest.fixture
def library(m2her: Program) -> Program:
    """Return the program in a library that is locked."""
    m2her.write("m2her.toml", "")
    m2her.write("inn.yaml", INN)
    m2her.write("scenes/hours.yaml", HOURS)
    done = m2her("lock")
    assert (done.status, done.out, done.err) == (0, "", "3 requests locked in m2her.lock\n")
    return m2her


def ids(m2her: Program, name: str = "m2her.lock") -> list[str]:
    table = tomllib.loads((m2her.folder / name).read_text(encoding="utf-8"))
    return [each["id"] for each in table["request"]]


def test_a_library_that_is_as_locked_passes(library: Program) -> None:
    library.write("inn.yaml", "# anew\n" + INN + "summary: An inn.\n")
    done = library("lock", "--check")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_what_changed_is_told(library: Program) -> None:
    library.write("inn.yaml", INN.replace("evening", "morning") + "persona: A ferryman.\n")
    library.write("scenes/hours.yaml", HOURS.replace("noon", "dusk"))
    done = library("lock", "--check")
    assert (done.status, done.err) == (1, "")
    assert done.out == (
        "hours[hour=dusk]: not locked\n"
        "hours[hour=noon]: gone\n"
        "inn: persona added, message changed\n"
        f"3 requests not as m2her.lock has: {ADVICE}"
    )
    assert library("lock").status == 0
    assert library("lock", "--check").status == 0


def test_the_same_library_has_the_same_lock(library: Program) -> None:
    before = (library.folder / "m2her.lock").read_bytes()
    assert library("lock", "scenes").status == 0
    assert (library.folder / "m2her.lock").read_bytes() == before


def test_a_path_stands_for_its_whole_library(library: Program) -> None:
    (library.folder / "m2her.lock").unlink()
    done = library("lock", "scenes/hours.yaml", cwd=library.folder)
    assert (done.status, ids(library)) == (0, ["hours[hour=dawn]", "hours[hour=noon]", "inn"])
    library.write("inn.yaml", INN.replace("an inn", "a mill"))
    assert library("lock", "--check", ".", cwd=library.folder / "scenes").status == 1


def test_each_library_has_a_lock_of_its_own(m2her: Program) -> None:
    m2her.write("a/m2her.toml", "")
    m2her.write("a/inn.yaml", INN)
    m2her.write("b/m2her.toml", "")
    m2her.write("b/hours.yaml", HOURS)
    assert m2her("lock", "a", "b").status == 0
    assert (ids(m2her, "a/m2her.lock"), len(ids(m2her, "b/m2her.lock"))) == (["inn"], 2)
    assert not (m2her.folder / "m2her.lock").exists()
    m2her.write("b/hours.yaml", HOURS.replace("ferry", "bridge"))
    done = m2her("lock", "--check")
    assert done.status == 1
    assert "2 requests not as b/m2her.lock has" in done.out
    assert "inn" not in done.out


def test_nothing_is_written_while_there_are_errors(library: Program) -> None:
    before = (library.folder / "m2her.lock").read_bytes()
    library.write("scenes/hours.yaml", HOURS.replace("message", "mesage"))
    library.write("inn.yaml", INN.replace("inn.", "mill."))
    done = library("lock")
    assert (done.status, done.out) == (1, "")
    assert done.err.endswith("m2her: nothing is written to m2her.lock while there are errors\n")
    assert (library.folder / "m2her.lock").read_bytes() == before
    check = library("lock", "--check")
    assert check.status == 1
    assert check.out == f"inn: system changed\n1 request not as m2her.lock has: {ADVICE}"
    assert "mesage" in check.err


def test_a_target_is_a_part_of_the_lock(library: Program) -> None:
    assert library("lock", "--check", "--target", "basic").out.startswith(
        "hours[hour=dawn]: target m2-her → basic"
    )
    assert library("lock", "--target", "basic").status == 0
    assert library("lock", "--target", "basic", "--check").status == 0
    assert library("lock", "--check").status == 1


def test_variables_without_a_value_are_given(m2her: Program) -> None:
    m2her.write("a.yaml", INN + "variables: {mood: {type: string}}\n")
    m2her.write("a.yaml", INN.replace("an inn", "{{ vars.mood }}") + "variables: {mood: {}}\n")
    assert m2her("lock").status == 1
    assert m2her("lock", "--set", "mood=calm").status == 0
    assert m2her("lock", "--check", "--set", "mood=calm").status == 0
    assert m2her("lock", "--check", "--set", "mood=storm").status == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "m2her: there is no m2her.lock: write it with `m2her lock`\n"),
        (b"\xff\xff", "m2her: m2her.lock is no lock: it is not UTF-8\n"),
        (b"{}", "m2her: m2her.lock is no lock: it does not begin with its version\n"),
        (b"version = 9\n", "m2her: m2her.lock is no lock: it was written by a newer m2her\n"),
        (
            b"<<<<<<< HEAD\nversion = 1\n",
            "m2her: m2her.lock is no lock: line 1: a conflict of git's; write the lock anew\n",
        ),
    ],
    ids=["missing", "bytes", "json", "newer", "conflict"],
)
def test_a_lock_that_cannot_be_read_is_wrong_usage(
    library: Program, data: bytes | None, said: str
) -> None:
    (library.folder / "m2her.lock").unlink()
    if data is not None:
        library.write("m2her.lock", data)
    done = library("lock", "--check")
    assert (done.status, done.out, done.err) == (2, "", said)


def test_a_lock_is_not_written_through_a_link_nor_read_out_of_the_library(
    library: Program,
) -> None:
    outside = library.folder.parent / "elsewhere.lock"
    (library.folder / "m2her.lock").replace(outside)
    (library.folder / "m2her.lock").symlink_to(outside)
    before = outside.read_bytes()
    library.write("inn.yaml", INN.replace("evening", "morning"))
    written = library("lock")
    assert (written.status, "link" in written.err, outside.read_bytes()) == (2, True, before)
    read = library("lock", "--check")
    assert (read.status, read.err) == (
        2,
        "m2her: m2her.lock is a link that leads out of the library\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [("nowhere",), ("",), ("--color", "red"), ("--root", "nowhere"), ("--set", "x")],
    ids=" ".join,
)
def test_what_makes_no_sense_is_wrong_usage(library: Program, arguments: tuple[str, ...]) -> None:
    done = library("lock", *arguments)
    assert (done.status, done.out) == (2, "")


def test_a_folder_without_scenarios_has_nothing_to_lock(m2her: Program) -> None:
    done = m2her("lock")
    assert done.status == 2
    assert done.err.startswith("m2her: nothing to lock in .")
    assert m2her.files() == []
