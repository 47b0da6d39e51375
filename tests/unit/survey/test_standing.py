"""What a change of files touches, in a library that is watched."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from m2her_compose.survey.standing import Standing

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.survey.standing import Touched

FILES = {
    "m2her.toml": '[library]\ntemplates = "templates"\n',
    "templates/zh/group.j2": "{{ group.setting }}\n",
    "mara.yaml": "m2her: character/v1\nname: Mara\n",
    "inn.yaml": "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmessage: Hello.\n",
    "mill.yaml": "m2her: scenario/v1\ncharacters: {jon: {use: jon.yaml}}\nmessage: Hello.\n",
    "tea.yaml": "m2her: scenario/v1\nlanguage: zh\nsystem: You keep a tea house.\nmessage: 你好\n",
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def standing(library: Path) -> Standing:
    return standing_of(library)


def standing_of(library: Path) -> Standing:
    compiler = Compiler(base=library)
    items = compiler.find(library)
    checker = Checker(compiler=compiler)
    known = Standing()
    known.take(items, [checker.check_file(item) for item in items])
    return known


def stems(found: Touched) -> list[str]:
    return sorted(path.stem for path in found.paths)


def write_links(library: Path, **links: str) -> None:
    for name, target in links.items():
        (library / name).symlink_to(target)


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ("tea.yaml", ["tea"]),
        ("mara.yaml", ["inn", "mara"]),
        ("templates/zh/group.j2", ["tea"]),
        ("notes.txt", []),
        ("templates/fr/group.j2", []),
    ],
)
def test_a_change_touches_what_depends_on_the_file(
    library: Path, standing: Standing, changed: str, touched: list[str]
) -> None:
    found = standing.touched([library / changed])

    assert sorted(path.stem for path in found.paths) == touched
    assert not found.everything
    assert not found.others


def test_a_file_that_comes_touches_who_looked_for_it(library: Path, standing: Standing) -> None:
    (library / "jon.yaml").write_text(FILES["mara.yaml"])
    found = standing.touched([library / "jon.yaml"])

    assert [path.stem for path in found.paths] == ["mill"]
    assert found.others


def test_a_file_of_a_likely_name_touches_who_was_told_of_such(
    library: Path, standing: Standing
) -> None:
    (library / "john.yaml").write_text(FILES["mara.yaml"])

    assert [p.stem for p in standing.touched([library / "john.yaml"]).paths] == ["mill"]


def test_a_template_that_comes_touches_its_language(library: Path, standing: Standing) -> None:
    (library / "templates" / "zh" / "system.j2").write_text("{{ system }}")
    found = standing.touched([library / "templates" / "zh" / "system.j2"])

    assert [path.stem for path in found.paths] == ["tea"]


def test_a_file_that_goes_touches_who_built_on_it(library: Path, standing: Standing) -> None:
    (library / "mara.yaml").unlink()
    found = standing.touched([library / "mara.yaml"])

    assert {"inn"} <= {path.stem for path in found.paths}
    assert found.others


def test_a_template_that_nobody_looks_for_concerns_the_library(
    library: Path, standing: Standing
) -> None:
    assert standing.touched([library / "templates" / "fr" / "group.j2"]).templates
    assert not standing.touched([library / "notes.txt"]).templates


def test_a_name_that_goes_touches_who_was_told_of_it(library: Path) -> None:
    (library / "jon.yaml.bak").write_text("")
    standing = standing_of(library)
    (library / "jon.yaml.bak").unlink()

    assert stems(standing.touched([library / "jon.yaml.bak"])) == ["mill"]


def test_a_file_that_goes_and_comes_back_is_looked_for_each_time(
    library: Path, standing: Standing
) -> None:
    path = library / "tea.yaml"
    for change in (path.unlink, lambda: path.write_text(FILES["tea.yaml"], encoding="utf-8")):
        change()
        assert standing.touched([path]).others
        standing.keep(Compiler(base=library).find(library))
        standing.settle()
        assert not standing.touched([path]).others


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_each_link_on_the_way_to_a_file_touches_who_went_it(library: Path) -> None:
    write_links(library, **{"way.yaml": "on.yaml", "on.yaml": ".kept/mara.yaml"})
    write_links(library, **{"people": "inner", "inner": ".kept", "found.yaml": ".kept/tea.yaml"})
    (library / ".kept").mkdir()
    (library / ".kept" / "mara.yaml").write_text(FILES["mara.yaml"])
    (library / ".kept" / "tea.yaml").write_text(FILES["tea.yaml"], encoding="utf-8")
    for name, use in (("mill", "way.yaml"), ("inn", "people/mara.yaml")):
        (library / f"{name}.yaml").write_text(FILES["mill.yaml"].replace("jon.yaml", use))
    standing = standing_of(library)
    for name in ("people", "inner"):
        (library / name).unlink()

    assert stems(standing.touched([library / "on.yaml"])) == ["mill", "on", "way"]
    assert stems(standing.touched([library / "inner"])) == ["inn"]
    assert standing.touched([library / "people"]).everything
    assert stems(standing.touched([library / "found.yaml"])) == ["found"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_comes_is_looked_for_also_where_it_leads_nowhere(
    library: Path, standing: Standing
) -> None:
    write_links(library, **{"new.yaml": "nowhere.yaml"})

    assert standing.touched([library / "new.yaml"]).others


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_the_settings_are_read_from_touches_everything(library: Path) -> None:
    (library / "m2her.toml").rename(library / "base.toml")
    write_links(library, **{"m2her.toml": "base.toml"})

    assert standing_of(library).touched([library / "base.toml"]).everything


def test_what_was_asked_for_is_known_and_nothing_else(library: Path, standing: Standing) -> None:
    assert standing.knows(str(library / "jon.yaml"))
    assert not standing.knows(str(library / ".jon.yaml.swp"))


def test_a_folder_of_folders_that_goes_touches_everything(library: Path) -> None:
    (library / "scenes" / "inns").mkdir(parents=True)
    (library / "inn.yaml").rename(library / "scenes" / "inns" / "inn.yaml")
    known = standing_of(library)
    (library / "scenes").rename(library / ".elsewhere")

    assert known.touched([library / "scenes"]).everything


def test_a_file_that_went_with_its_folder_is_looked_for_when_it_comes_back(library: Path) -> None:
    (library / "scenes").mkdir()
    (library / "inn.yaml").rename(library / "scenes" / "inn.yaml")
    known = standing_of(library)
    (library / "scenes").rename(library / ".elsewhere")
    assert known.touched([library / "scenes"]).everything
    known.settle()
    (library / "scenes").mkdir()
    (library / "scenes" / "inn.yaml").write_text("m2her: scenario/v1\nmessage: Hello.\n")

    assert known.touched([library / "scenes" / "inn.yaml"]).others


@pytest.mark.parametrize("name", ["m2her.toml", "templates", "templates/zh"])
def test_settings_and_folders_touch_everything(
    library: Path, standing: Standing, name: str
) -> None:
    assert standing.touched([library / name]).everything
