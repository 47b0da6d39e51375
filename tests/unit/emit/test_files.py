"""File names made of ids, and files written whole or not at all."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.files import RefusedError, file_names, write_file

if TYPE_CHECKING:
    from pathlib import Path

RESERVED = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
IDS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.text(st.sampled_from("aAbBſsKk.-_[]=,/\\ ß"), max_size=6),
        st.sampled_from(["con", "CON", "nul.x", "com1", "..", ".", "", "a/b", "a\\b", "~", "-x"]),
        st.text(st.sampled_from("茶👩é"), min_size=90, max_size=300),
    ),
    unique=True,
    max_size=12,
)


@given(IDS, st.sampled_from([".json", ".jsonl", ".txt"]))
def test_names_are_safe_and_unique_on_every_system(ids: list[str], ending: str) -> None:
    names = file_names(ids, ending)
    assert set(ids) == set(names)
    folded = {name.casefold() for name in names.values()}
    assert len(ids) == len(folded)
    for name in names.values():
        assert name.endswith(ending)
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert all(char.isprintable() for char in name)
        assert not RESERVED.fullmatch(name)
        assert not RESERVED.fullmatch(name.removesuffix(ending))
        assert not name.startswith((".", " "))
        assert len(name.encode()) <= 255


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ("tea_house-2", "tea_house-2.json"),
        ("茶馆", "茶馆.json"),
        ("tea[mood=calm,era=two words]", "tea[mood=calm,era=two words].json"),
    ],
)
def test_an_ordinary_id_is_its_own_name(each: str, expected: str) -> None:
    assert {each: expected} == dict(file_names([each], ".json"))


@pytest.mark.parametrize(
    "each",
    ["茶" * 100, "𠀀" * 100, "a" * 300, "茶/" * 60],
    ids=["three-bytes-each", "four-bytes-each", "one-byte-each", "unsafe"],
)
def test_names_fit_into_any_file_system(each: str) -> None:
    """255 bytes at most, in UTF-8, and still one for each id."""
    names = file_names([each, each + "x"], ".jsonl")
    assert 2 == len(set(names.values()))
    assert all(len(name.encode()) <= 255 for name in names.values())


def test_names_do_not_depend_on_what_else_is_written() -> None:
    """Where ids differ by more than case."""
    ids = ["a/b", "a", "con", "x" * 300]
    together = file_names(ids, ".json")
    assert dict(together) == {each: file_names([each], ".json")[each] for each in ids}


# --- writing


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    write_file(tmp_path / "a.json", "茶\n")
    assert "茶\n".encode() == (tmp_path / "a.json").read_bytes()
    assert other.stat().st_mode == (tmp_path / "a.json").stat().st_mode


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old, and longer than the new", "utf-8")
    path.chmod(0o600)
    write_file(path, "new")
    assert ("new", 0o600) == (path.read_text("utf-8"), stat.S_IMODE(path.stat().st_mode))
    assert [path] == list(tmp_path.iterdir())


def test_nothing_is_written_through_a_link_or_into_what_is_no_file(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old", "utf-8")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "dangling").symlink_to(tmp_path / "new")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "folder", "pipe"):
        with pytest.raises(RefusedError):
            write_file(tmp_path / name, "new")
    assert "old" == target.read_text("utf-8")
    assert ["dangling", "folder", "link", "pipe", "target"] == sorted(
        each.name for each in tmp_path.iterdir()
    )


def test_a_second_name_of_the_file_keeps_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old", "utf-8")
    os.link(path, tmp_path / "second")
    write_file(path, "new")
    assert "old" == (tmp_path / "second").read_text("utf-8")


def test_a_text_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old", "utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_file(path, "x" * 100_000 + "\ud800")
    assert "old" == path.read_text("utf-8")
    assert [path] == list(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_file(tmp_path / "nope/a.json", "x")
