"""`m2her diff`: what the model gets otherwise, of files, folders and revisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.repositories import commit_all

if TYPE_CHECKING:
    from tests.cli.conftest import Program

INN = """\
m2her: scenario/v1
id: inn
characters:
  mara: {use: mara.yaml}
variables: {dish: soup}
message: What is in the {{ vars.dish }}?
"""
MARA = "m2her: character/v1\nname: Mara\ndescription: She keeps the inn by the river.\n"
HOURS = """\
m2her: scenario/v1
variables: {hour: dawn}
matrix: {hour: [dawn, noon]}
system: You keep the ferry at {{ vars.hour }}.
message: Hello
"""


@pytest.fixture
def library(m2her: Program) -> Program:
    """Return the program in a repository that holds a library."""
    m2her.write("m2her.toml", "")
    m2her.write("inn.yaml", INN)
    m2her.write("mara.yaml", MARA)
    m2her.write("scenes/hours.yaml", HOURS)
    commit_all(m2her.folder)
    return m2her


# --- revisions


def test_nothing_is_said_when_files_were_only_reformatted(library: Program) -> None:
    library.write("inn.yaml", "# the inn\n" + INN.replace("soup", '"soup"') + "notes: none\n")
    done = library("diff", "--git", "HEAD")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_change_of_a_shared_file_is_told_where_it_was_written(library: Program) -> None:
    library.write("mara.yaml", MARA.replace("by the river", "at the river"))
    done = library("diff", "--git", "HEAD")
    assert (done.status, done.err) == (1, "")
    assert done.out == (
        "inn: changed (inn.yaml)\n"
        "  ~ system · Mara · message 1 · mara.yaml:3\n"
        "      You are Mara.\n"
        "      She keeps the inn [-by-]{+at+} the river.\n"
        "  tokens: about 199, as before\n"
    )


def test_new_gone_and_broken_scenarios_are_told(library: Program) -> None:
    library.write("new.yaml", HOURS)
    (library.folder / "scenes/hours.yaml").unlink()
    library.write("inn.yaml", INN.replace("message", "mesage"))
    done = library("diff", "--git", "HEAD")
    assert done.status == 1
    assert (
        "inn: does not compile (inn.yaml)\n  M2H201 unknown key `mesage` · inn.yaml:6" in done.out
    )
    assert "new, was hours: changed (new.yaml, was scenes/hours.yaml)" in done.out
    assert done.err.startswith("m2her: errors in the working tree:\nerror[M2H201]")


def test_errors_of_the_revision_are_told_as_its_own(library: Program) -> None:
    library.write("inn.yaml", INN.replace("message", "mesage"))
    library.git("commit", "--quiet", "--all", "--message", "Broken")
    library.write("inn.yaml", INN)
    done = library("diff", "--git", "HEAD")
    assert done.status == 1
    assert "inn: compiles now (inn.yaml)" in done.out
    assert done.err.startswith("m2her: errors in HEAD:\n")
    library.write("inn.yaml", INN.replace("message", "mesage") + "# still\n")
    both = library("diff", "--git", "HEAD")
    assert (both.status, both.out, both.err.count("error[")) == (1, "", 1)


def test_paths_limit_what_is_compared(library: Program) -> None:
    library.write("mara.yaml", MARA.replace("inn", "mill"))
    assert library("diff", "--git", "HEAD", "scenes").status == 0
    assert library("diff", "--git", "HEAD", "inn.yaml").status == 1
    inside = library("diff", "--git", "HEAD", "../inn.yaml", cwd=library.folder / "scenes")
    assert "(../inn.yaml)" in inside.out or "inn.yaml)" in inside.out
    assert inside.status == 1


def test_a_path_may_be_gone_or_new(library: Program) -> None:
    (library.folder / "scenes/hours.yaml").unlink()
    (library.folder / "scenes").rmdir()
    gone = library("diff", "--git", "HEAD", "scenes/hours.yaml")
    assert (gone.status, "hours: gone (scenes/hours.yaml)" in gone.out) == (1, True)
    library.write("later/hours.yaml", HOURS)
    new = library("diff", "--git", "HEAD", "later")
    assert (new.status, "hours: new (later/hours.yaml)" in new.out) == (1, True)
    nowhere = library("diff", "--git", "HEAD", "nowhere.yaml")
    assert (nowhere.status, nowhere.err) == (2, "m2her: nowhere.yaml does not exist\n")


@pytest.mark.parametrize("name", ["nowhere", "HEAD~7", "--output=x", ""])
def test_an_unknown_revision_is_wrong_usage(library: Program, name: str) -> None:
    done = library("diff", f"--git={name}")
    assert (done.status, done.out) == (2, "")
    assert "revision" in done.err


def test_outside_of_a_repository_it_says_so(m2her: Program) -> None:
    m2her.write("inn.yaml", HOURS)
    done = m2her("diff", "--git", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(m2her.folder.parent)})
    assert (done.status, "in no git repository" in done.err) == (2, True)


# --- files and folders


def test_two_files_are_compared_whatever_they_are_called(m2her: Program) -> None:
    m2her.write("old.yaml", HOURS + "group: {name: Ferry}\n")
    m2her.write("new.yaml", HOURS + "group: {name: Ferry}\n# anew\n")
    assert m2her("diff", "old.yaml", "new.yaml").status == 0
    m2her.write("new.yaml", HOURS.replace("Hello", "Good evening") + "group: {name: Ferry}\n")
    done = m2her("diff", "old.yaml", "new.yaml")
    assert (done.status, done.err) == (1, "")
    assert "[-Hello-]{+Good evening+}" in done.out
    assert "new.yaml:5 (was old.yaml:5)" in done.out
    assert "[hour=dawn]" in done.out


def test_two_folders_are_compared_by_ids(m2her: Program) -> None:
    for folder in ("old", "new"):
        m2her.write(f"{folder}/hours.yaml", HOURS)
        m2her.write(f"{folder}/m2her.toml", '[library]\nscenarios = ["."]\n')
    assert m2her("diff", "old", "new").status == 0
    m2her.write("new/deep/hours.yaml", HOURS.replace("ferry", "bridge"))
    (m2her.folder / "new/hours.yaml").unlink()
    done = m2her("diff", "old", "new")
    assert "hours: changed (new/deep/hours.yaml, was old/hours.yaml)" in done.out
    assert "[-ferry-]{+bridge+}" in done.out


def test_a_folder_without_scenarios_is_an_empty_side(m2her: Program) -> None:
    m2her.write("new/hours.yaml", HOURS)
    (m2her.folder / "old").mkdir()
    done = m2her("diff", "old", "new")
    assert (done.status, "hours: new" in done.out) == (1, True)


# --- options


def test_values_variants_and_targets_are_those_of_compile(m2her: Program) -> None:
    m2her.write("old.yaml", HOURS)
    m2her.write("new.yaml", HOURS.replace("the ferry at", "the bridge at"))
    given = m2her("diff", "old.yaml", "new.yaml", "--set", "hour=dusk", "--target", "basic")
    assert given.status == 1
    one = m2her("diff", "old.yaml", "new.yaml", "--variant", "hour=noon")
    assert one.status == 1
    assert "[hour=noon]" in one.out
    assert "dawn" not in one.out
    none = m2her("diff", "old.yaml", "new.yaml", "--variant", "hour=never")
    assert (none.status, none.out) == (2, "")


def test_markdown_goes_to_a_file(m2her: Program) -> None:
    m2her.write("old.yaml", HOURS)
    m2her.write("new.yaml", HOURS.replace("ferry", "bridge"))
    done = m2her("diff", "old.yaml", "new.yaml", "-f", "markdown", "-o", "out/change.md")
    assert (done.status, done.out) == (1, "")
    page = (m2her.folder / "out/change.md").read_text(encoding="utf-8")
    assert page.startswith("## What changes in the messages\n")
    assert (
        "```diff\n- You keep the [-ferry-] at dawn.\n+ You keep the {+bridge+} at dawn.\n" in page
    )


def test_what_was_read_is_not_written_over(m2her: Program) -> None:
    m2her.write("old.yaml", HOURS)
    m2her.write("new.yaml", HOURS)
    done = m2her("diff", "old.yaml", "new.yaml", "--output", "new.yaml")
    assert done.status == 2
    assert (m2her.folder / "new.yaml").read_text(encoding="utf-8") == HOURS


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.yaml",),
        ("a.yaml", "a.yaml", "a.yaml"),
        ("a.yaml", "nowhere.yaml"),
        ("a.yaml", "folder"),
        ("a.yaml", "a.yaml", "--format", "yaml"),
        ("a.yaml", "a.yaml", "--color", "red"),
        ("a.yaml", "a.yaml", "--target", "nowhere"),
        ("a.yaml", "a.yaml", "--set", "novalue"),
        ("a.yaml", "a.yaml", "--root", "nowhere"),
        ("a.yaml", "a.yaml", "--budget", "none"),
        ("a.yaml", ""),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_wrong_usage(m2her: Program, arguments: tuple[str, ...]) -> None:
    m2her.write("a.yaml", HOURS)
    (m2her.folder / "folder").mkdir()
    done = m2her("diff", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("m2her: ")


def test_on_a_terminal_it_is_in_colour_and_fits(library: Program) -> None:
    library.write("mara.yaml", MARA.replace("by the river", "很远很远的河边" * 9))
    shown = library.on_terminal("diff", "--git", "HEAD", columns=40)
    assert "\x1b[1;32m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "{+" not in plain
    assert all(len(line) <= 40 for line in plain.splitlines())


def test_the_same_bytes_come_out_each_time(library: Program) -> None:
    library.write("mara.yaml", MARA.replace("river", "mill"))
    assert library("diff", "--git", "HEAD").raw == library("diff", "--git", "HEAD").raw


def test_where_there_is_no_scenario_nothing_is_said_to_be_alike(m2her: Program) -> None:
    """As a gate, silence would be a false pass."""
    for name in ("old/mara.yaml", "new/mara.yaml"):
        m2her.write(name, f"m2her: character/v1\nname: Mara\ndescription: {name}\n")
    for paths in (("old", "new"), ("old/mara.yaml", "new/mara.yaml")):
        done = m2her("diff", *paths)
        assert (done.status, done.out) == (2, "")
        assert "nothing to compare" in done.err
