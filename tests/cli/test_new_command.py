"""`m2her new`: one file more in a library, which is right as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.cli.conftest import Program


@pytest.fixture
def library(m2her: Program) -> Program:
    assert 0 == m2her("init").status
    return m2her


@pytest.mark.parametrize("kind", ["scenario", "character", "persona"])
@pytest.mark.parametrize(
    ("name", "stem"), [("The last tram", "the_last_tram"), ("末班电车", "mo_ban_dian_che")]
)
def test_a_new_file_is_right_at_once(library: Program, kind: str, name: str, stem: str) -> None:
    done = library("new", kind, name)
    path = f"{kind}s/{stem}.yaml"
    assert (0, f"{path}\n") == (done.status, done.out)
    checked = library("check", path, "--fail-on", "note")
    assert (0, "") == (checked.status, checked.err)
    assert 0 == library("fmt", "--check", path).status
    key = "title" if kind == "scenario" else "name"
    assert name == yaml.safe_load((library.folder / path).read_text(encoding="utf-8"))[key]


def test_what_it_advises_for_characters_and_personas_works(library: Program) -> None:
    character = library("new", "character", "7th guest").err
    persona = library("new", "persona", "Night nurse").err
    used = character.partition("In a scenario:\n")[2] + persona.partition("In a scenario:\n")[2]
    scene = "\n".join(line.removeprefix("  ") for line in used.splitlines())
    library.write("scenarios/use.yaml", f"m2her: scenario/v1\n{scene}\nmessage: Hello.\n")
    checked = library("check", "--fail-on", "warning")
    assert (0, "") == (checked.status, checked.err)


def test_a_new_scenario_compiles_as_it_is_advised(library: Program) -> None:
    done = library("new", "scenario", "The last tram")
    assert "Next:\n  m2her compile scenarios/the_last_tram.yaml --format text\n" == done.err
    assert 0 == library.shell(done.err.partition("\n")[2].replace("m2her", "$M2HER")).status


def test_from_a_folder_within_the_library(library: Program) -> None:
    done = library("new", "character", "Mara", cwd=library.folder / "scenarios")
    assert (0, "../characters/mara.yaml\n") == (done.status, done.out)


def test_title_and_language(library: Program) -> None:
    done = library("new", "scenario", "tram", "--title", "末班: #1", "--language", "zh-CN")
    text = (library.folder / done.out.strip()).read_text(encoding="utf-8")
    made = yaml.safe_load(text)
    assert (0, "末班: #1", "zh-CN") == (done.status, made["title"], made["language"])


def test_a_language_without_templates_is_written_and_said(library: Program) -> None:
    done = library("new", "scenario", "Tram", "--language", "fr")
    assert (0, "scenarios/tram.yaml\n") == (done.status, done.out)
    assert "M2H324" in done.err


def test_where_files_are_is_the_library_s_own_affair(m2her: Program) -> None:
    m2her.write("m2her.toml", '[library]\nscenarios = ["scenes", "cast"]\n')
    m2her.write("scenes/tea.yaml")
    m2her.write("cast/mara.yaml", "m2her: character/v1\nname: Mara\n")
    made = [m2her("new", kind, "x").out for kind in ("scenario", "character", "persona")]
    assert ["scenes/x.yaml\n", "cast/x.yaml\n", "scenes/personas/x.yaml\n"] == made
    assert 0 == m2her("check").status


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("scenario", "Lost property"), "already: scenarios/lost_property.yaml"),
        (("character", "odile_renner"), "already: characters/odile_renner.yaml"),
        (("character", "narrator"), "the format keeps this word"),
        (("scenario", "con"), "Windows"),
        (("scenario", "../up"), "is a path"),
        (("scenario", ""), "is empty"),
        (("scenario", "?"), "use letters or digits"),
        (("scenario", "x", "--title", "{{ x }}"), "template"),
        (("scenario", "x", "--language", "klingon?"), "no language"),
        (("novel", "x"), "the kind `novel` is none of scenario, character, persona"),
        (("scenario", "x", "--color", "red"), "none of auto, always, never"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_and_nothing_made(
    library: Program, arguments: tuple[str, ...], reason: str
) -> None:
    before = library.files()
    done = library("new", *arguments)
    assert (2, "") == (done.status, done.out)
    assert reason in done.err
    assert before == library.files()


def test_what_is_in_the_way_is_left_as_it_is(library: Program) -> None:
    library.write("scenarios/tram.yaml", "not: ours\n")
    done = library("new", "scenario", "tram")
    assert (2, "m2her: scenarios/tram.yaml is there already\n") == (done.status, done.err)


def test_without_a_library_it_says_how_to_start_one(m2her: Program) -> None:
    done = m2her("new", "scenario", "x")
    assert (2, []) == (done.status, m2her.files())
    assert "`m2her init` starts one" in done.err


def test_a_library_whose_settings_are_wrong_is_not_added_to(library: Program) -> None:
    library.write("m2her.toml", "[library\n")
    before = library.files()
    done = library("new", "scenario", "x")
    assert (1, "", before) == (done.status, done.out, library.files())
    assert "M2H801" in done.err


def test_a_folder_that_leads_out_is_not_written_into(library: Program) -> None:
    library.write("m2her.toml", '[library]\nscenarios = "scenes"\n')
    (library.folder.parent / "out").mkdir()
    (library.folder / "scenes").symlink_to("../out")
    done = library("new", "scenario", "x")
    assert done.status in (1, 2)
    assert [] == [*(library.folder.parent / "out").iterdir()]


@pytest.mark.parametrize("name", ["123", "1e5", "thought", "keep", "raw", "!raw"])
def test_a_character_is_called_what_scenarios_can_call_it(m2her: Program, name: str) -> None:
    m2her("init")
    before = m2her.files()
    done = m2her("new", "character", name)
    assert (2, before) == (done.status, m2her.files())
    assert "no character can be called" in done.err
