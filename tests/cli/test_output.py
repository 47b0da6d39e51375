"""--output: whole files under safe names, and nothing where nothing may be written."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

BODY = {
    "model": "M2-her",
    "messages": [
        {"role": "system", "name": "AI", "content": "You keep a tea house."},
        {"role": "user", "name": "User", "content": "Good evening."},
    ],
}
MATRIX = """\
m2her: scenario/v1
id: Tea
variables: {m: x}
matrix: {m: {a: one, A: two, "../up": three, con: four, 茶: five}}
system: "{{ vars.m }}"
message: Hello
"""


def test_one_result_goes_into_a_file(m2her: Program) -> None:
    """The folders above it are made, and standard output stays empty."""
    m2her.write("tea.yaml")
    done = m2her("compile", "tea.yaml", "-o", "new/deep/tea.json")
    assert (0, "", "") == (done.status, done.out, done.err)
    assert json.loads((m2her.folder / "new/deep/tea.json").read_bytes()) == BODY
    assert ["new/deep/tea.json", "tea.yaml"] == m2her.files()


@pytest.mark.parametrize("target", ["there", "there/", "new/"])
def test_one_result_goes_into_a_folder(m2her: Program, target: str) -> None:
    """One that exists, or one that a slash says to be a folder."""
    m2her.write("tea.yaml")
    (m2her.folder / "there").mkdir()
    done = m2her("compile", "tea.yaml", "-o", target)
    assert (0, "", "") == (done.status, done.out, done.err)
    assert ["tea.json"] == m2her.files(target)


def test_several_results_go_into_a_folder(m2her: Program) -> None:
    """Under names that are unique without case, and lead nowhere else."""
    m2her.write("tea.yaml", MATRIX)
    done = m2her("compile", "tea.yaml", "-o", "out")
    names = m2her.files("out")
    assert (0, "", "") == (done.status, done.out, done.err)
    assert 5 == len(names) == len({name.casefold() for name in names})
    assert all(name.endswith(".json") and "/" not in name for name in names)
    assert {"one", "two", "three", "four", "five"} == {
        json.loads((m2her.folder / "out" / name).read_bytes())["messages"][0]["content"]
        for name in names
    }
    assert ["tea.yaml"] == [name for name in m2her.files() if not name.startswith("out/")]


def test_the_ending_is_the_formats(m2her: Program) -> None:
    m2her.write("lib/tea.yaml", MATRIX)
    m2her("compile", "lib", "-o", "texts", "-f", "text")
    m2her("compile", "lib", "-o", "requests.jsonl", "-f", "jsonl")
    assert {".txt"} == {name[-4:] for name in m2her.files("texts")}
    assert 5 == len((m2her.folder / "requests.jsonl").read_text("utf-8").splitlines())


def test_two_scenarios_of_one_id_do_not_overwrite_each_other(m2her: Program) -> None:
    m2her.write("lib/a.yaml")
    m2her.write("lib/b.yaml")
    done = m2her("compile", "lib", "-o", "out")
    assert 0 != done.status
    assert "tea" in done.err
    assert [] == m2her.files("out")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param("link.json", "link.json is a link", id="link"),
        pytest.param("pipe", "pipe is not a regular file", id="pipe"),
        pytest.param("/dev/null", "/dev/null is not a regular file", id="device"),
        pytest.param("tea.yaml/x.json", "tea.yaml/x.json", id="below-a-file"),
        pytest.param("x" * 300, "--output xxx", id="too-long"),
        pytest.param("tea.yaml", "tea.yaml", id="the-scenario-itself"),
        pytest.param("", "--output", id="empty"),
    ],
)
def test_what_is_refused_is_wrong_usage_and_changes_nothing(
    m2her: Program, target: str, message: str
) -> None:
    m2her.write("tea.yaml")
    (m2her.folder / "link.json").symlink_to("elsewhere.json")
    os.mkfifo(m2her.folder / "pipe")
    before = m2her.files()
    text = (m2her.folder / "tea.yaml").read_bytes()
    done = m2her("compile", "tea.yaml", "-o", target)
    assert (2, "") == (done.status, done.out)
    assert message in done.err
    assert before == m2her.files()
    assert text == (m2her.folder / "tea.yaml").read_bytes()


def test_several_results_do_not_fit_into_a_file(m2her: Program) -> None:
    m2her.write("tea.yaml", MATRIX)
    m2her.write("there.json", "old")
    done = m2her("compile", "tea.yaml", "-o", "there.json")
    assert (2, "") == (done.status, done.out)
    assert "name a folder" in done.err
    assert "old" == (m2her.folder / "there.json").read_text("utf-8")


def test_a_file_is_replaced_whole_and_keeps_its_mode(m2her: Program) -> None:
    m2her.write("tea.yaml")
    old = m2her.write("tea.json", "old")
    old.chmod(0o640)
    done = m2her("compile", "tea.yaml", "-o", "tea.json")
    assert (0, BODY) == (done.status, json.loads(old.read_bytes()))
    assert 0o640 == old.stat().st_mode & 0o777
    assert ["tea.json", "tea.yaml"] == m2her.files()


def test_a_write_that_fails_leaves_the_old_file_and_no_part_of_the_new(m2her: Program) -> None:
    """A disk that is full, say: here, a limit on the size of files."""
    m2her.write("tea.yaml")
    m2her.write("tea.json", "old")
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16));"
        "from m2her_compose.cli.app import entry;"
        "sys.argv = ['m2her', 'compile', 'tea.yaml', '-o', 'tea.json']; entry()"
    )
    done = m2her.python(script)
    assert (2, "") == (done.status, done.out)
    assert done.err.startswith("m2her: --output tea.json: ")
    assert "old" == (m2her.folder / "tea.json").read_text("utf-8")
    assert ["tea.json", "tea.yaml"] == m2her.files()
