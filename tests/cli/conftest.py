"""Run the program as its users do: as a process, with pipes or a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.processes import finished, started
from tests.repositories import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

REPOSITORY: Final = Path(__file__).resolve().parents[2]
# PYTHONUTF8 of programs that are to keep to their locale, where it can spell the folder of PyYAML:
# a library that it loads cannot be found otherwise.
NO_UTF8: Final = "0" if yaml.__file__.isascii() else "1"

TEA: Final = """\
m2her: scenario/v1
id: tea
system: You keep a tea house.
message: Good evening.
"""


def surroundings(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return an environment that no setting of this machine leaks into; None removes."""
    own = {"CI": None, "PYTHONPATH": str(REPOSITORY), **(changes or {})}
    kept = {key: value for key, value in os.environ.items() if key not in own}
    return kept | {key: value for key, value in own.items() if value is not None}


@dataclass(frozen=True)
class Outcome:
    """What a process left: its exit status, and both streams."""

    status: int
    raw: bytes
    raw_err: bytes

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def err(self) -> str:
        return self.raw_err.decode()


@dataclass(frozen=True)
class Program:
    """The program, and the folder it runs in."""

    folder: Path

    def __call__(
        self,
        *arguments: str | bytes | Path,
        stdin: bytes = b"",
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> Outcome:
        done = finished(
            self.command(*arguments), stdin=stdin, env=surroundings(env), cwd=cwd or self.folder
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def environment(self) -> dict[str, str]:
        return surroundings()

    def command(self, *arguments: str | bytes | Path) -> list[str | bytes | Path]:
        return [sys.executable, "-m", "m2her_compose", *arguments]

    def started(
        self, *arguments: str, env: Mapping[str, str] | None = None, **options: Any
    ) -> AbstractContextManager[subprocess.Popen[Any]]:
        """Start the program and go on, with its streams as pipes unless `options` say otherwise."""
        streams = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        return started(
            self.command(*arguments),
            env=surroundings(env),
            cwd=self.folder,
            **{**streams, **options},
        )

    def shell(self, script: str, env: Mapping[str, str | None] | None = None) -> Outcome:
        """Run a shell's command line, in which `$M2HER` is the program."""
        python = shlex.quote(sys.executable)
        lines = [f'_program() {{ {python} -m m2her_compose "$@"; }}', "M2HER=_program", script]
        done = finished(["sh", "-c", "\n".join(lines)], env=surroundings(env), cwd=self.folder)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def python(self, script: str, *arguments: str) -> Outcome:
        """Run a Python script that starts the program in its own process."""
        command = [sys.executable, "-c", script, *arguments]
        done = finished(command, env=self.environment(), cwd=self.folder)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def on_terminal(
        self,
        *arguments: str | bytes | Path,
        columns: int = 80,
        env: Mapping[str, str | None] | None = None,
    ) -> str:
        """Run with both streams on a terminal of some width; return all that it was sent."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        with started(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env=surroundings({"TERM": "xterm-256color", **(env or {})}),
            cwd=self.folder,
        ) as process:
            os.close(theirs)
            sent = bytearray()
            with contextlib.suppress(OSError):  # how Linux says that nobody writes any more
                while part := os.read(ours, 65536):
                    sent += part
            os.close(ours)
            process.wait()
        return sent.decode().replace("\r\n", "\n")

    def write(self, name: str | bytes, text: str | bytes = TEA) -> Path:
        """Write a file, and the folders above it."""
        path = self.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def git(self, *arguments: str) -> None:
        git(self.folder, *arguments)

    def files(self, under: str = ".") -> list[str]:
        """Return the names of all files below a folder, sorted."""
        root = self.folder / under
        return sorted(
            path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()
        )


@pytest.fixture
def m2her(tmp_path: Path) -> Program:
    """Return the program, to be run in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Program(folder)


# What the files are that examples name.
_SCENE: Final = """\
m2her: scenario/v1
variables: {mood: {default: calm, enum: [calm, storm]}}
system: The mood is {{ vars.mood }}.
message: Good evening.
"""
_CHAT: Final = [
    {"role": "system", "content": "You keep a light."},
    {"role": "user", "content": "Hello"},
]
# A tokenizer of one word, as the files of real ones are written.
_TOKENIZER: Final = {
    "version": "1.0",
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"},
    "pre_tokenizer": {"type": "Whitespace"},
    "added_tokens": [],
}


@pytest.fixture
def place(m2her: Program) -> Program:
    """Return the program in a folder that has all that examples name."""
    shutil.copytree(REPOSITORY / "scenarios", m2her.folder / "scenarios")
    (m2her.folder / "scenarios/m2her.toml").rename(m2her.folder / "m2her.toml")
    for name in ("scene.yaml", "scenes/tea.yaml", "old/tea.yaml", "new/tea.yaml"):
        own = name.replace("/", "_").partition(".")[0]
        m2her.write(name, _SCENE.replace("m2her: scenario/v1", f"m2her: scenario/v1\nid: {own}"))
    m2her.write("chat.json", json.dumps(_CHAT))
    m2her.write("requests.jsonl", f"{json.dumps(_CHAT)}\n{json.dumps(_CHAT)}\n")
    m2her.write("tokenizer.json", json.dumps(_TOKENIZER))
    m2her.write("recorded.jsonl", "")
    commit_all(m2her.folder)
    m2her.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return m2her
