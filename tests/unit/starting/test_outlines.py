"""What a file is, told from its first lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from m2her_compose.schema import Kind
from m2her_compose.source import Disk
from m2her_compose.starting import Outline, outline, outlines_in

HERE = Path("/library/tram.yaml")


def of(text: bytes) -> Outline | None:
    return outline(HERE, Disk(texts={HERE: text}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"m2her: scenario/v1\n", ("tram", "tram", False), id="nothing-else"),
        pytest.param(b"m2her: scenario/v1\nid: a\ntitle: T\n", ("a", "T", False), id="both"),
        pytest.param(b"m2her: scenario/v1 # x\nid: 'a' # y\n", ("a", "tram", False), id="comments"),
        pytest.param(b'"m2her": "scenario/v1"\n"id": "a b"\n', ("a b", "tram", False), id="quotes"),
        pytest.param(b"m2her: scenario/v1\r\nid: a\r\n", ("a", "tram", False), id="crlf"),
        pytest.param(b"\xef\xbb\xbfm2her: scenario/v1\n", ("tram", "tram", False), id="bom"),
        pytest.param(b"abstract: true\nm2her: scenario/v1\n", ("tram", "tram", True), id="a-base"),
        pytest.param(b"m2her: scenario/v1\n  id: no\n", ("tram", "tram", False), id="not-nested"),
        pytest.param(b"m2her: scenario/v1\nname: N\n", ("tram", "tram", False), id="no-name"),
        pytest.param(b"m2her: scenario/v1\nid: \xff\n", ("\ufffd", "tram", False), id="not-utf-8"),
    ],
)
def test_scenarios(text: bytes, expected: tuple[str, str, bool]) -> None:
    found = of(text)
    assert found is not None
    assert Kind.SCENARIO is found.kind
    assert expected == (found.id, found.title, found.abstract)


def test_a_character_is_known_by_its_file_and_its_name() -> None:
    found = of(b"# yaml-language-server: $schema=../s.json\nm2her: character/v1\nname: Mara\nid: x")
    assert found is not None
    assert (Kind.CHARACTER, "tram", "Mara") == (found.kind, found.id, found.title)
    assert "../s.json" == found.schema


@pytest.mark.parametrize("text", [b"", b"a: b\n", b"m2her: novel/v1\n", b" m2her: scenario/v1\n"])
def test_others_have_none(text: bytes) -> None:
    assert of(text) is None


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("m2her: persona/v1\n", encoding="utf-8")
    (tmp_path / "b.yaml").symlink_to("gone")
    (tmp_path / "c.yaml").mkdir()
    found = [*outlines_in((tmp_path, tmp_path, tmp_path / "gone"), Disk())]
    assert ["a"] == [each.id for each in found]
