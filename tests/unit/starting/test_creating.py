"""Files are made whole or not at all, and none that exists is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from m2her_compose.errors import UsageError
from m2her_compose.starting import create
from m2her_compose.starting.creating import _take_place

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {"a.txt": "a\n", "in/b.txt": "b\n", "in/deep/c.txt": "c\n"}


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_and_their_folders_are_made(tmp_path: Path) -> None:
    made = create(tmp_path / "x/y", TEXTS)
    assert (tuple(TEXTS), ()) == (made.made, made.kept)
    assert {*TEXTS} == names(tmp_path / "x/y")
    assert b"b\n" == (tmp_path / "x/y/in/b.txt").read_bytes()


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/b.txt").write_bytes(b"mine")
    made = create(tmp_path, TEXTS)
    assert (("a.txt", "in/deep/c.txt"), ("in/b.txt",)) == (made.made, made.kept)
    assert b"mine" == (tmp_path / "in/b.txt").read_bytes()


def test_a_link_is_kept_wherever_it_leads(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/nowhere/at/all")
    assert ("a.txt",) == create(tmp_path, TEXTS).kept
    assert (tmp_path / "a.txt").is_symlink()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("in", "is no folder"), ("a.txt", "is a folder, and a file is to stand there")],
)
def test_nothing_is_made_when_something_is_in_the_way(
    tmp_path: Path, name: str, reason: str
) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "in").touch() if name == "in" else (folder / "a.txt").mkdir()
    before = names(folder)
    with pytest.raises(UsageError, match=reason):
        create(folder, TEXTS)
    assert before == names(folder)


def test_a_folder_that_leads_out_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/in").symlink_to("../out")
    with pytest.raises(UsageError, match="link that leads out"):
        create(tmp_path / "x", TEXTS)
    assert set() == names(tmp_path)


def test_a_folder_may_be_named_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    create(tmp_path / "link", TEXTS)
    assert {*TEXTS} == names(tmp_path / "real")


@pytest.mark.parametrize("kind", ["file", "dangling", "below-a-file", "nul"])
def test_what_cannot_be_a_folder_is_said(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "dangling":
        path.symlink_to("gone")
    elif kind == "nul":
        path = tmp_path / "x\0y"
    else:
        path.touch()
        path = path / "y" if kind == "below-a-file" else path
    with pytest.raises(UsageError, match=r"no folder|link to nothing|NUL"):
        create(path, TEXTS)


def test_a_write_that_fails_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        create(tmp_path, {"a.txt": "a", "b.txt": "\ud800"})
    assert {"a.txt"} == names(tmp_path)


def test_a_folder_whose_name_the_system_does_not_take_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too long"):
        create(tmp_path / ("x" * 300), TEXTS)


def test_what_the_system_refuses_later_leaves_what_was_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .* too long; the files before it are"):
        create(tmp_path / "x", {"a.txt": "a", "b" * 300: "b"})
    assert {"x/a.txt"} == names(tmp_path)


def test_who_comes_first_keeps_the_name(tmp_path: Path) -> None:
    """A file that another program made since it was looked for."""
    part, path = tmp_path / "part", tmp_path / "a.txt"
    part.write_bytes(b"ours")
    path.write_bytes(b"theirs")
    assert not _take_place(part, path)
    assert b"theirs" == path.read_bytes()


def test_a_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    os.umask(mask)
    create(tmp_path, TEXTS)
    assert 0o666 & ~mask == (tmp_path / "a.txt").stat().st_mode & 0o777
