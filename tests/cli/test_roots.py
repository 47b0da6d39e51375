"""A library's root: where it is, and that no path leaves it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

FOREIGN = "lib/scenes/workflow.yaml"

SCENE = "m2her: scenario/v1\ncharacters: {bo: {use: ../cast/bo.yaml}}\nmessage: Hello\n"
BO = "m2her: character/v1\nname: Bo\nprompt: A cook.\n"


def prepare(m2her: Program) -> None:
    m2her.write("lib/scenes/a.yaml", SCENE)
    m2her.write("lib/cast/bo.yaml", BO)


def test_without_settings_a_files_own_folder_is_the_root(m2her: Program) -> None:
    prepare(m2her)
    done = m2her("compile", "lib/scenes/a.yaml")
    assert (1, "") == (done.status, done.out)
    assert "error[M2H302]: `../cast/bo.yaml` leads out of the library" in done.err
    assert "--> lib/scenes/a.yaml:2:24" in done.err


def test_a_folder_given_is_the_root(m2her: Program) -> None:
    prepare(m2her)
    assert 0 == m2her("compile", "lib").status
    assert 1 == m2her("compile", "lib/scenes").status


@pytest.mark.parametrize(
    "paths",
    [("lib", "lib/scenes"), ("lib/scenes", "lib"), ("lib", FOREIGN), (FOREIGN, "lib")],
    ids=" ".join,
)
def test_of_what_is_given_twice_the_outermost_folder_counts(
    m2her: Program, paths: tuple[str, str]
) -> None:
    prepare(m2her)
    m2her.write(FOREIGN, "name: ci\n")

    assert m2her("check", *paths) == m2her("check", "lib")


def test_the_nearest_settings_file_makes_the_root(m2her: Program) -> None:
    """Whether the file, its folder or a folder above is given."""
    prepare(m2her)
    m2her.write("lib/m2her.toml", "")
    assert 0 == m2her("compile", "lib/scenes/a.yaml").status
    assert 0 == m2her("compile", "lib/scenes").status
    m2her.write("lib/scenes/m2her.toml", "")
    assert 1 == m2her("compile", "lib").status


def test_the_root_can_be_given(m2her: Program) -> None:
    """In place of the one that would be found; what lies outside of it is not compiled."""
    prepare(m2her)
    done = m2her("compile", "lib/scenes/a.yaml", "--root", "lib", "-f", "jsonl")
    assert (0, "Bo") == (done.status, json.loads(done.out)["messages"][0]["name"])
    m2her.write("own.yaml")
    outside = m2her("compile", "own.yaml", "--root", "lib")
    assert 0 != outside.status
    assert "" == outside.out


def test_a_link_does_not_lead_out(m2her: Program) -> None:
    m2her.write("bo.yaml", BO)
    m2her.write("lib/a.yaml", "m2her: scenario/v1\ncharacters: {bo: {use: cast/bo.yaml}}\n")
    (m2her.folder / "lib/cast").symlink_to("..", target_is_directory=True)
    done = m2her("compile", "lib")
    assert (1, "") == (done.status, done.out)
    assert "error[M2H302]" in done.err
    assert "A cook" not in done.err


def test_a_settings_file_that_links_elsewhere_is_not_read(m2her: Program) -> None:
    """A cloned library must not be able to show what other folders hold."""
    m2her.write("secret.toml", "password = 'hunter2'\n")
    m2her.write("lib/tea.yaml")
    (m2her.folder / "lib/m2her.toml").symlink_to("../secret.toml")
    for arguments in (["compile", "lib"], ["config", "lib"]):
        done = m2her(*arguments)
        assert 1 == done.status
        assert "m2her.toml" in done.err
        assert "hunter2" not in done.err


def test_each_library_has_its_own_settings(m2her: Program) -> None:
    for mode in ("given", "never", "always"):
        m2her.write(f"{mode}/a.yaml", "m2her: scenario/v1\nsystem: Hi\nmessage: Hello\n")
        m2her.write(f"{mode}/m2her.toml", f'[compile]\nnames = "{mode}"\n')
    done = m2her("compile", "given/a.yaml", "always/a.yaml", "never/a.yaml", "-f", "jsonl")
    names = [json.loads(line)["messages"][0].get("name") for line in done.out.splitlines()]
    assert [None, "AI", None] == names
