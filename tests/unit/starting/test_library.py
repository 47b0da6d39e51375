"""The library that `m2her init` makes: right as it is, and made of files that belong together."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from m2her_compose import load_library
from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from m2her_compose.errors import UsageError
from m2her_compose.starting import create, library_files, of_repository
from m2her_compose.starting.library import packaged

ROOT: Final = Path(__file__).resolve().parents[3]
OURS: Final = ("scenarios/", "characters/", "personas/")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    create(tmp_path / "library", library_files())
    return tmp_path / "library"


def test_it_has_nothing_to_find_and_one_request(library: Path) -> None:
    compiler = Compiler(base=library)
    report = Checker(compiler=compiler).check(compiler.find(library))
    assert ((), 3) == (report.diagnostics, len(report.paths))
    scenarios = load_library(library)
    assert ["lost_property"] == [each.id for each in scenarios]
    assert ["lost_property"] == [
        variant.id for each in scenarios for variant in each.variants if variant.request()
    ]


def test_nothing_stands_in_it_that_a_template_would_be_meant_to_fill(library: Path) -> None:
    for path in library.rglob("*.yaml"):
        assert not re.search(r"@\w+@|TODO|lorem", path.read_text(encoding="utf-8"))


def test_every_file_of_ours_names_a_schema_that_is_there(library: Path) -> None:
    for name in filter(lambda each: each.startswith(OURS), library_files()):
        path = library / name
        first, second, *_ = path.read_text(encoding="utf-8").splitlines()
        schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        kind = second.removeprefix("m2her: ").removesuffix("/v1")
        assert f"{kind}.v1.schema.json" == schema.name
        assert (ROOT / "schemas" / schema.name).read_bytes() == schema.read_bytes()


def test_the_editor_knows_the_schema_of_every_folder_and_our_tag(library: Path) -> None:
    settings = json.loads((library / ".vscode/settings.json").read_text(encoding="utf-8"))
    schemas = settings["yaml.schemas"]
    for schema, [pattern] in schemas.items():
        kind = Path(schema).name.partition(".")[0]
        assert (library / schema).is_file()
        assert f"{kind}s/**/*.yaml" == pattern
        assert list((library / f"{kind}s").glob("*.yaml"))
    assert ["!raw scalar"] == settings["yaml.customTags"]


def test_the_hook_is_one_that_the_repository_offers() -> None:
    made: Any = yaml.safe_load(library_files()[".pre-commit-config.yaml"])
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    [repository] = made["repos"]
    assert {"https://github.com/OWNER/m2her"} == {repository["repo"]}
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in offered}


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    made: Any = yaml.safe_load(library_files()[".github/workflows/m2her.yml"])
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = made["jobs"]["check"]["steps"]
    [used] = [step for step in steps if step["uses"].startswith("OWNER/m2her@")]
    assert used["with"].keys() <= action["inputs"].keys()
    assert {"contents": "read"} == made["permissions"]
    # The base of a pull request is the first parent of what is checked out.
    [checkout] = [step for step in steps if step["uses"].startswith("actions/checkout@")]
    assert 2 == checkout["with"]["fetch-depth"]
    assert "HEAD^1" in used["with"]["diff-base"]


def test_an_owner_stands_wherever_one_is_needed() -> None:
    texts = library_files(owner="acme")
    assert "github.com/acme/m2her" in texts[".pre-commit-config.yaml"]
    assert "uses: acme/m2her@" in texts[".github/workflows/m2her.yml"]
    assert not any("OWNER" in text for text in texts.values())


@pytest.mark.parametrize("owner", ["", "a b", "a/b", "-a", "a" * 40, "$(x)", "a\nb", "ä"])
def test_what_cannot_own_a_repository_is_refused(owner: str) -> None:
    with pytest.raises(UsageError, match="no owner"):
        library_files(owner=owner)


def test_within_a_repository_its_own_files_are_left_out() -> None:
    whole, inner = library_files(), library_files(is_repository=False)
    assert {*of_repository()} == whole.keys() - inner.keys()
    assert inner == {name: whole[name] for name in inner}


def test_the_bytes_are_the_same_on_every_system() -> None:
    assert [*library_files().items()] == [*library_files().items()]
    for text in library_files().values():
        assert "\r" not in text
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_the_settings_come_last_so_that_half_a_library_is_none() -> None:
    assert "m2her.toml" == [*library_files()][-1]


def test_every_file_of_the_package_is_used() -> None:
    folder = ROOT / "m2her_compose/starting/files/library"
    texts = {*library_files().values()}
    assert [] == [
        path.name for path in folder.iterdir() if packaged(f"library/{path.name}") not in texts
    ]
