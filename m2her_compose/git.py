"""The git program, kept from running others and from asking anybody anything.

git is asked for names, hashes and contents alone, and told to run nothing that a repository
names: no hook, filter, monitor or remote.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .emit.terminal import clip, visible
from .errors import M2herError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

TIMEOUT_S: Final = 60
_SETTINGS: Final = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.untrackedCache=false",
    "protocol.allow=never",
    "credential.helper=",
    "submodule.recurse=false",
)
# The caller's own, which say what a repository is; the rest of GIT_* would point elsewhere.
_KEPT: Final = ("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
_FORCED: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_SHOWN: Final = 60
_HEADER: Final = re.compile(rb"[0-9a-f]{40,64} blob ([0-9]{1,15})\n")
_LONGEST_HEADER: Final = 200


class GitError(M2herError):
    """git cannot say what was asked; the message says why."""


class Git:
    """The git program. `environment` is the caller's; what would mislead git is taken out."""

    def __init__(self, environment: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> None:
        kept = {
            name: value
            for name, value in environment.items()
            if not name.startswith("GIT_") or name in _KEPT
        }
        self.environment = {**kept, **_FORCED}
        self.timeout_s = timeout_s

    def top(self, folder: Path) -> Path:
        """Return the uppermost folder of the repository that a folder is in, links resolved."""
        return Path(
            os.path.realpath(os.fsdecode(self.line(folder, "rev-parse", "--show-toplevel")))
        )

    def commit(self, top: Path, revision: str) -> str:
        """Return the hash of the commit that a revision stands for."""
        check_revision(revision)
        try:
            named = self.line(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        except GitError as error:
            message = f"git knows no revision `{shown(revision)}`; a shallow clone has few"
            raise GitError(message) from error
        return named.decode()

    def disarm(self, folder: Path) -> None:
        """Take the programs from the filters of a repository, which comparing might run."""
        pattern = r"^filter\..*\.(clean|smudge|process|required)$"
        output = self.run(
            folder, "config", "-z", "--name-only", "--get-regexp", pattern, none_found=1
        )
        names = sorted({os.fsdecode(name) for name in output.split(b"\0") if name})
        self.environment["GIT_CONFIG_COUNT"] = str(len(names))
        for number, name in enumerate(names):
            off = "false" if name.endswith(".required") else ""
            self.environment[f"GIT_CONFIG_KEY_{number}"] = name
            self.environment[f"GIT_CONFIG_VALUE_{number}"] = off

    def line(self, folder: Path, *arguments: str) -> bytes:
        """Return the one line that a command prints."""
        return self.run(folder, *arguments).removesuffix(b"\n")

    def run(self, folder: Path, *arguments: str, none_found: int = 0) -> bytes:
        """Return what a command prints; `none_found` is a status that is no failure."""
        try:
            done = subprocess.run(  # noqa: S603 - arguments are ours, or a hash that git gave
                _command(folder, arguments),
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                timeout=self.timeout_s,
            )
        except FileNotFoundError as error:
            raise GitError("git was not found") from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git took more than {self.timeout_s} seconds") from error
        except (OSError, ValueError) as error:
            raise GitError("git could not be started") from error
        if done.returncode not in (0, none_found):
            raise GitError(_reason(done.stderr, folder))
        return done.stdout


class Blobs:
    """The contents of a repository's files, by their hashes: one process for all of them.

    A context manager: the process ends with it.
    """

    def __init__(self, git: Git, top: Path) -> None:
        self._git = git
        self._top = top
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, digest: str, max_bytes: int) -> bytes:
        """Return a file's first bytes, at most `max_bytes`; raise OSError when it is not there."""
        process = self._started()
        watch = threading.Timer(self._git.timeout_s, process.kill)
        watch.start()
        try:
            return self._read(process, digest, max_bytes)
        except BaseException:
            self.close()
            raise
        finally:
            watch.cancel()

    def _read(self, process: subprocess.Popen[bytes], digest: str, max_bytes: int) -> bytes:
        asked, answer = process.stdin, process.stdout
        if asked is None or answer is None:
            raise OSError("git could not be asked")
        asked.write(digest.encode() + b"\n")
        asked.flush()
        header = answer.readline(_LONGEST_HEADER)
        found = _HEADER.fullmatch(header)
        if found is None:
            raise OSError("git has no such content: a partial clone, perhaps")
        size = int(found[1])
        data = answer.read(min(size, max_bytes))
        if size > max_bytes:
            self.close()  # the rest is not worth reading
        elif len(data) != size or answer.read(1) != b"\n":
            raise OSError("git stopped in the middle of a file")
        return data

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - arguments are ours
                _command(self._top, ("cat-file", "--batch")),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._git.environment,
            )
        return self._process

    def close(self) -> None:
        """End the process; the next `read` starts another one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close_quietly(stream)
        process.wait()


def check_revision(revision: str) -> None:
    """Refuse what git would take for something else than a revision. Raises `GitError`."""
    if not revision or revision.startswith("-") or "\0" in revision or "\n" in revision:
        raise GitError(f"`{shown(revision)}` is no revision")


def shown(text: str) -> str:
    """Return a name as a message has it: harmless, and not too long."""
    return clip(visible(text), _SHOWN)


def _close_quietly(stream: object) -> None:
    """Close a pipe whose other end may be gone: what was to be written is of no use any more."""
    import contextlib

    with contextlib.suppress(OSError):
        stream.close()  # type: ignore[attr-defined]


def _command(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", "--no-pager", *settings, "-C", str(folder), *arguments]


def _reason(stderr: bytes, folder: Path) -> str:
    said = stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in said:
        return f"{shown(str(folder))} is in no git repository"
    if "dubious ownership" in said:
        return f"git takes {shown(str(folder))} for somebody else's: see git's `safe.directory`"
    return f"git: {shown(said.splitlines()[0].removeprefix('fatal: '))}" if said else "git failed"
