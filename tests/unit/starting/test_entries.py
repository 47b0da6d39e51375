"""New files of a library: right as they are, where the library keeps such files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler, Input
from m2her_compose.errors import UsageError
from m2her_compose.schema import Kind
from m2her_compose.source import Disk
from m2her_compose.starting import (
    Named,
    Outline,
    create,
    folder_of,
    library_files,
    named,
    new_file,
    outlines_in,
)

if TYPE_CHECKING:
    from m2her_compose.starting import NewFile

S, C, P = Kind.SCENARIO, Kind.CHARACTER, Kind.PERSONA


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create(tmp_path, library_files())
    return tmp_path.resolve()


def made(root: Path, kind: Kind, name: str, language: str | None = None) -> NewFile:
    """Return the new file of a library whose folders are all below its root."""
    return new_file(
        kind,
        named(name, kind),
        language=language,
        root=root,
        folders=(root,),
        present=tuple(outlines_in((root,), Disk())),
    )


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def found(root: Path, *paths: Path) -> list[str]:
    """Return the codes of what a check of files, or of the whole library, reports."""
    compiler = Compiler(base=root)
    items = [Input(path=path) for path in paths] or compiler.find(root)
    return [each.code.id for each in Checker(compiler=compiler).check(items).diagnostics]


# --- the text


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
@pytest.mark.parametrize(
    ("name", "language"),
    [("The last tram", None), ("The last tram", "en-GB"), ("末班车", None), ("末班车", "zh-CN")],
    ids=["english", "said-to-be-english", "chinese", "said-to-be-chinese"],
)
def test_a_new_file_has_nothing_to_find(
    root: Path, kind: Kind, name: str, language: str | None
) -> None:
    file = made(root, kind, name, language)
    write(file.path, file.text)
    assert [] == found(root, file.path)
    assert root / f"{kind.value}s" == file.path.parent
    assert name in (yaml.safe_load(file.text).get("title"), yaml.safe_load(file.text).get("name"))


def test_the_language_stands_in_a_scenario_where_it_is_not_the_default(root: Path) -> None:
    def language(name: str, given: str | None) -> object:
        return yaml.safe_load(made(root, S, name, given).text).get("language")

    assert (None, "zh") == (language("Tram", None), language("电车", None))
    assert ("en", "zh-CN", "fr") == tuple(language("Tram", each) for each in ("en", "zh-CN", "fr"))


@pytest.mark.parametrize("language", ["", "e", "english language", "zh_CN", "x" * 40, "zh\n"])
def test_what_is_no_language_is_refused(root: Path, language: str) -> None:
    with pytest.raises(UsageError, match="no language"):
        made(root, S, "Tram", language)


def test_only_what_nobody_has_written_anew_is_taken_for_a_copy(root: Path) -> None:
    for name in ("One", "Two"):
        file = made(root, S, name)
        write(file.path, file.text)
    assert ["M2H807"] == found(root)
    write(file.path, made(root, S, "二").text)
    assert [] == found(root)


@settings(max_examples=50)
@given(
    title=st.text(
        st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1
    ).filter(lambda text: text == text.strip())
)
def test_any_title_is_written_so_that_it_is_read_back(title: str) -> None:
    root = Path("/nowhere")
    file = new_file(
        S, Named(stem="x", title=title), language="en", root=root, folders=(root,), present=()
    )
    assert title == yaml.safe_load(file.text)["title"]


# --- where it goes


def held(root: Path, kind: Kind, name: str, **more: object) -> Outline:
    values = {"id": name.rpartition("/")[2], "title": "", "abstract": False, "schema": None} | more
    return Outline(path=root / f"{name}.yaml", kind=kind, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "folders", "present", "expected"),
    [
        pytest.param(S, ["."], [], "scenarios", id="nothing-there"),
        pytest.param(C, ["."], [], "characters", id="no-characters-there"),
        pytest.param(C, ["scenes", "cast/characters"], [], "cast/characters", id="named-so"),
        pytest.param(S, ["scenes"], [], "scenes", id="the-one-folder-named"),
        pytest.param(P, ["scenes"], [], "scenes/personas", id="below-the-one-folder"),
        pytest.param(S, ["."], [(S, "a"), (S, "b"), (S, "x/c")], ".", id="where-most-are"),
        pytest.param(S, ["."], [(S, "x/c"), (S, "a")], ".", id="nearest-to-the-root"),
        pytest.param(C, ["."], [(S, "a"), (C, "cast/b")], "cast", id="of-its-own-kind"),
        pytest.param(S, [], [], "scenarios", id="no-folders"),
    ],
)
def test_where_a_new_file_belongs(
    tmp_path: Path,
    kind: Kind,
    folders: list[str],
    present: list[tuple[Kind, str]],
    expected: str,
) -> None:
    outlines = [held(tmp_path, of, name) for of, name in present]
    folder = folder_of(kind, tmp_path, [tmp_path / each for each in folders], outlines)
    assert tmp_path / expected == folder


def test_abstract_scenarios_do_not_say_where_others_belong(tmp_path: Path) -> None:
    base = held(tmp_path, S, "bases/a", abstract=True)
    assert tmp_path / "scenarios" == folder_of(S, tmp_path, [tmp_path], [base])


@pytest.mark.parametrize("name", ["lost_property", "Lost Property", "LOST_PROPERTY.yaml"])
def test_an_id_that_the_library_has_is_refused(root: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"`lost_property` already: scenarios/lost_property\.yaml"):
        made(root, S, name)


def test_an_id_is_taken_wherever_its_file_is_and_however_it_is_called(root: Path) -> None:
    write(root / "drafts/x.yaml", "m2her: scenario/v1\nid: 'Tram'\nsystem: You drive.\n")
    with pytest.raises(UsageError, match=r"drafts/x\.yaml"):
        made(root, S, "tram")
    assert "tram.yaml" == made(root, C, "tram").path.name


# --- the schema


def address(root: Path, *present: Outline) -> str:
    named_so = Named(stem="x", title="X")
    file = new_file(S, named_so, language=None, root=root, folders=(root,), present=tuple(present))
    first = file.text.partition("\n")[0]
    return first.partition("$schema=")[2]


def test_the_schema_is_the_library_s_own_copy(root: Path) -> None:
    assert "../.m2her/schemas/scenario.v1.schema.json" == address(root)


def test_without_a_copy_it_is_what_another_file_names(tmp_path: Path) -> None:
    write(tmp_path / "schemas/s.json", "{}")
    local = held(tmp_path, S, "scenes/deep/a", schema="../../schemas/s.json")
    assert "../../schemas/s.json" == address(tmp_path, local)
    url = "https://example.org/s.json"
    assert url == address(tmp_path, held(tmp_path, S, "scenes/a", schema=url))


def test_without_any_there_is_none(tmp_path: Path) -> None:
    assert "" == address(tmp_path)
    gone = held(tmp_path, S, "scenes/a", schema="../gone.json")
    assert "" == address(tmp_path, gone)
    assert "" == address(tmp_path, held(tmp_path, C, "cast/a", schema="https://example.org/c"))
