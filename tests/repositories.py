"""Git repositories for tests: made as somebody, without this machine's settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.processes import finished

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git in a folder; return what it printed, without the blanks around it."""
    who = {"NAME": "Tester", "EMAIL": "tester@example.org"}
    env = {
        **os.environ,
        **{f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()},
    }
    done = finished(["git", *arguments], stdin=stdin, cwd=folder, env=env)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def commit_all(folder: Path) -> None:
    """Commit all files of a folder, which becomes a repository if it is none."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A folder of files that git knows."""

    path: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        return git(self.path, *arguments, stdin=stdin)

    def write(self, name: str, data: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def commit(self) -> None:
        commit_all(self.path)
