"""What a change of files touches, in a library that is watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from m2her_compose.survey.standing import Standing

if TYPE_CHECKING:
    from pathlib import Path

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
    compiler = Compiler(base=library)
    items = compiler.find(library)
    checker = Checker(compiler=compiler)
    known = Standing()
    known.take(items, [checker.check_file(item) for item in items])
    return known


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


@pytest.mark.parametrize("name", ["m2her.toml", "templates", "templates/zh"])
def test_settings_and_folders_touch_everything(
    library: Path, standing: Standing, name: str
) -> None:
    assert standing.touched([library / name]).everything
