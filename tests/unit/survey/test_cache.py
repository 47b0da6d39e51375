"""The database of records: private, and no more than a convenience."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from m2her_compose.survey import Cache, cache_folder
from m2her_compose.survey.cache import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = {"a" * 32: b'{"one": 1}', "b" * 32: b'{"two": 2}'}


def kept(folder: Path) -> Cache:
    cache = Cache(folder, "context")
    cache.keep(KEPT)
    return cache


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open what a cache keeps, to change it behind the cache's back."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        yield connection


def test_what_is_kept_is_there_the_next_time(tmp_path: Path) -> None:
    kept(tmp_path / "cache")

    assert Cache(tmp_path / "cache", "").records([*KEPT, "c" * 32]) == KEPT


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    kept(tmp_path / "above" / "cache")

    assert stat.S_IMODE((tmp_path / "above" / "cache").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "above" / "cache" / FILE_NAME).stat().st_mode) == 0o600


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    assert Cache(tmp_path / "cache", "").records(KEPT) == {}
    assert not (tmp_path / "cache").exists()


def test_keys_differ_by_context_and_by_where_texts_end(tmp_path: Path) -> None:
    one, other = Cache(tmp_path, "one"), Cache(tmp_path, "other")
    keys = [one.key("a", "b"), one.key("ab", ""), one.key("ab"), other.key("a", "b")]

    assert len(set(keys)) == 4
    assert one.key("a", "b") == keys[0]


@pytest.mark.parametrize("others", [0o020, 0o002])
def test_what_others_can_write_is_not_read(tmp_path: Path, others: int) -> None:
    cache = kept(tmp_path / "cache")
    (tmp_path / "cache" / FILE_NAME).chmod(0o600 | others)
    assert cache.records(KEPT) == {}

    (tmp_path / "cache" / FILE_NAME).chmod(0o600)
    (tmp_path / "cache").chmod(0o700 | others)
    assert cache.records(KEPT) == {}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    kept(tmp_path / "cache")
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "other" / FILE_NAME).symlink_to(tmp_path / "cache" / FILE_NAME)

    assert Cache(tmp_path / "other", "").records(KEPT) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes among files there")
@pytest.mark.parametrize("ending", ["", "-journal", "-wal"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, ending: str) -> None:
    cache = kept(tmp_path / "cache")
    path = tmp_path / "cache" / f"{FILE_NAME}{ending}"
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    cache.keep(KEPT)

    assert cache.records(KEPT) == {}


def test_a_file_whose_table_is_no_text_is_replaced(tmp_path: Path) -> None:
    cache = kept(tmp_path / "cache")
    path = tmp_path / "cache" / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE T\x89BLE"))

    assert cache.records(KEPT) == {}
    cache.keep(KEPT)
    assert cache.records(KEPT) == KEPT


@pytest.mark.parametrize("size", [0, 1, 50, 100, 3000, 9000])
def test_a_torn_file_is_an_empty_cache(tmp_path: Path, size: int) -> None:
    cache = Cache(tmp_path / "cache", "context")
    many = {f"{i:032}": bytes(200) for i in range(40)}
    cache.keep(many)
    path = tmp_path / "cache" / FILE_NAME
    os.truncate(path, size)

    assert cache.records(many).items() <= many.items()
    cache.keep(KEPT)
    cache.keep(KEPT)
    assert cache.records(KEPT) == KEPT


def test_a_file_that_is_no_database_is_replaced(tmp_path: Path) -> None:
    cache = kept(tmp_path / "cache")
    (tmp_path / "cache" / FILE_NAME).write_bytes(b"nothing of that kind" * 1000)

    assert cache.records(KEPT) == {}
    cache.keep(KEPT)
    assert cache.records(KEPT) == KEPT


def test_a_record_that_was_changed_is_none(tmp_path: Path) -> None:
    cache = kept(tmp_path / "cache")
    with database(tmp_path / "cache") as connection:
        connection.execute("update records set record = ? where key = ?", (b"{}", "a" * 32))

    assert cache.records(KEPT) == {"b" * 32: KEPT["b" * 32]}


def test_a_table_of_another_shape_is_none(tmp_path: Path) -> None:
    cache = kept(tmp_path / "cache")
    with database(tmp_path / "cache") as connection:
        connection.execute("drop table records")
        connection.execute("create table records (key, day, checksum, record)")
        connection.execute("insert into records values (?, 'soon', 1.5, 'text')", ("a" * 32,))

    assert cache.records(KEPT) == {}


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n"


@pytest.mark.parametrize(
    "made",
    [
        f"create view more as {ENDLESS}",
        f"drop table records; create view records as {ENDLESS}",
        "create trigger more after insert on records begin delete from records; end",
    ],
    ids=["a view beside it", "a view in its place", "a trigger"],
)
def test_a_database_with_anything_else_in_it_is_replaced(tmp_path: Path, made: str) -> None:
    cache = kept(tmp_path / "cache")
    with database(tmp_path / "cache") as connection:
        connection.executescript(made)

    assert cache.records(KEPT) == {}
    cache.keep(KEPT)
    assert cache.records(KEPT) == KEPT


def test_a_day_that_is_none_is_set_anew(tmp_path: Path) -> None:
    cache = kept(tmp_path / "cache")
    with database(tmp_path / "cache") as connection:
        connection.execute("update records set day = 'soon'")

    assert cache.records(KEPT) == KEPT
    with database(tmp_path / "cache") as connection:
        days = {type(day) for (day,) in connection.execute("select day from records")}
    assert days == {int}


def test_a_locked_database_is_waited_for_once_and_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("m2her_compose.survey.cache._WAIT_S", 0)
    cache = kept(tmp_path / "cache")
    other = sqlite3.connect(tmp_path / "cache" / FILE_NAME, isolation_level=None)
    other.execute("begin exclusive")
    assert cache.records(KEPT) == {}
    other.close()
    cache.keep({"c" * 32: b"{}"})

    assert cache.records(KEPT) == {}
    assert Cache(tmp_path / "cache", "context").records([*KEPT, "c" * 32]) == KEPT


def test_a_folder_that_cannot_be_made_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = kept(tmp_path / "file" / "cache")

    assert cache.records(KEPT) == {}


def test_what_nobody_used_for_long_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    kept(tmp_path / "cache")
    now += 40 * 86_400
    assert Cache(tmp_path / "cache", "").records(["a" * 32])  # is used, and renewed by that
    now += 20 * 86_400
    Cache(tmp_path / "cache", "").keep({"c" * 32: b"{}"})

    assert Cache(tmp_path / "cache", "").records(KEPT).keys() == {"a" * 32}


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.cache/m2her"),
        ("linux", {"HOME": "/home/a", "XDG_CACHE_HOME": "/var/a"}, "/var/a/m2her"),
        ("linux", {"HOME": "/home/a", "XDG_CACHE_HOME": "var"}, "/home/a/.cache/m2her"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Caches/m2her"),
        ("linux", {}, None),
        ("darwin", {}, None),
        ("win32", {}, None),
    ],
)
def test_the_folder_is_the_one_for_such_files(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    environment: dict[str, str],
    expected: str | None,
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    found = cache_folder(environment)

    assert (found.as_posix() if found is not None else None) == expected
