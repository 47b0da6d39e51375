"""Results of checks from one run to the next, in a database of the user's own.

What is in it decides nothing by itself: a record is taken only for a file of the same contents, in
the same circumstances, when all that was asked for it has the same answers today. A database that
is torn, locked or somebody else's is no database: then everything is checked.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..source.asking import digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

FILE_NAME: Final = "check-1.sqlite3"
# What SQLite opens beside a database: of a pipe it would wait for the writer.
_BESIDE: Final = ("-journal", "-wal")
_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_OTHERS_MAY_WRITE: Final = 0o022
_MOST_FILE_BYTES: Final = 2_000_000_000
_BATCH: Final = 500
_WAIT_S: Final = 2
_DAY_S: Final = 86_400
# A record is renewed when it is used after some days, and gone when nobody used it for long.
_RENEWED_DAYS: Final = 7
_KEPT_DAYS: Final = 45
_CHECKSUM_DIGITS: Final = 32
_MOST_RECORD_BYTES: Final = 1_000_000
# As SQLite repeats it, so that a database can be told by it.
_TABLE: Final = """CREATE TABLE records (
  key text primary key, day integer not null, checksum text not null, record blob not null
) without rowid"""


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder for what programs keep for a user; None where there is none."""
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        home = environment.get("HOME", "")
        base = f"{home}/Library/Caches" if home else ""
    else:
        home = environment.get("HOME", "")
        base = environment.get("XDG_CACHE_HOME", "")
        if not Path(base).is_absolute():
            base = f"{home}/.cache" if home else ""
    return Path(base) / "m2her" if Path(base).is_absolute() else None


class Cache:
    """Records by their keys. Nothing here raises: what cannot be read or written is not there.

    `context` stands for all that holds for a whole run; it is a part of every key.
    """

    def __init__(self, folder: Path, context: str) -> None:
        self._path = folder / FILE_NAME
        self._context = context
        self._day = int(time.time() // _DAY_S)
        # Who waited once does not wait again with each batch.
        self._is_locked = False

    def key(self, *parts: str) -> str:
        """Return the key of a record that depends on these texts, and on the context."""
        # Lengths keep texts apart that run into each other.
        whole = "".join(f"{len(part)}:{part}" for part in (self._context, *parts))
        return digest(whole.encode("utf-8", "surrogatepass"))

    def records(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the records of those keys that have one."""
        wanted = list(keys)
        found: dict[str, bytes] = {}
        old: list[str] = []
        with self._opened(make=False) as connection:
            if connection is None:
                return {}
            for start in range(0, len(wanted), _BATCH):
                some = wanted[start : start + _BATCH]
                marks = ",".join("?" * len(some))
                query = f"select * from records where key in ({marks}) and length(record) <= {_MOST_RECORD_BYTES}"  # noqa: E501, S608 - question marks and a number only
                for key, day, checksum, record in connection.execute(query, some):
                    if isinstance(record, bytes) and checksum == _checksum(key, record):
                        found[key] = record
                        if not isinstance(day, int) or day < self._day - _RENEWED_DAYS:
                            old.append(key)
        if old:
            self._renew(old)
        return found

    def _renew(self, keys: list[str]) -> None:
        with self._opened(make=True) as connection:
            if connection is not None:
                rows = [(self._day, key) for key in keys]
                connection.executemany("update records set day = ? where key = ?", rows)
                connection.commit()

    def keep(self, records: Mapping[str, bytes]) -> None:
        """Keep records for the next run, and let go of those that nobody uses any more."""
        if not records:
            return
        rows = [(k, self._day, _checksum(k, data), data) for k, data in records.items()]
        with self._opened(make=True) as connection:
            if connection is None:
                return
            connection.execute("begin immediate")
            if not _tables(connection):
                connection.execute(_TABLE)
            connection.executemany("insert or replace into records values (?, ?, ?, ?)", rows)
            connection.execute("delete from records where day < ?", (self._day - _KEPT_DAYS,))
            connection.commit()

    @contextlib.contextmanager
    def _opened(self, *, make: bool) -> Iterator[sqlite3.Connection | None]:
        """Open the database; None where that cannot be. What goes wrong meanwhile ends it."""
        import sqlite3

        connection = self._connection(make=make)
        try:
            yield connection
        except (sqlite3.OperationalError, OSError):  # locked, full, or without a table yet
            pass
        except (sqlite3.Error, UnicodeError):
            self._remove(connection)
        finally:
            if connection is not None:
                connection.close()

    def _connection(self, *, make: bool) -> sqlite3.Connection | None:
        import sqlite3

        if self._is_locked:
            return None
        try:
            if not self._is_ours(make=make):
                return None
            uri = f"{self._path.absolute().as_uri()}?mode={'rw' if make else 'ro'}"
            connection = sqlite3.connect(uri, uri=True, timeout=_WAIT_S, isolation_level=None)
        except (sqlite3.Error, OSError):
            return None
        try:
            # A view or a trigger could be without end; nothing of that kind was made by us.
            if _tables(connection) in ([], [_TABLE]):
                return connection
        except sqlite3.OperationalError:
            self._is_locked = True
            connection.close()
            return None
        except (sqlite3.Error, UnicodeError):  # a torn one is told of in its own bytes
            pass
        self._remove(connection)
        return None

    def _is_ours(self, *, make: bool) -> bool:
        """Tell whether the file is one that nobody else can write, and make it where asked to."""
        folder = self._path.parent
        if make:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
                os.close(os.open(self._path, flags, _PRIVATE_FILE))
        try:
            states = [folder.stat(), self._path.lstat()]
        except FileNotFoundError:
            return False
        for ending in _BESIDE:
            with contextlib.suppress(FileNotFoundError):
                states.append(Path(f"{self._path}{ending}").lstat())
        if not all(stat.S_ISREG(each.st_mode) for each in states[1:]):
            return False
        if states[1].st_size > _MOST_FILE_BYTES:
            return False
        if sys.platform == "win32":  # folders there are private by inheritance, not by mode
            return True
        mine = all(each.st_uid == os.getuid() for each in states)
        return mine and not any(each.st_mode & _OTHERS_MAY_WRITE for each in states)

    def _remove(self, connection: sqlite3.Connection | None) -> None:
        """Remove a database that is none, so that the next run can make another."""
        if connection is not None:
            connection.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Return how the first tables, views and triggers of a database were made."""
    return [sql for (sql,) in connection.execute("select sql from sqlite_master limit 2")]


def _checksum(key: str, record: bytes) -> str:
    return digest(key.encode("ascii") + record)
