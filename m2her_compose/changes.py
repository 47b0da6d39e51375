"""`--since REV`: the files that differ from a revision, and the results that this concerns.

git is asked for names and hashes alone, and told to run nothing that a repository names: no
hook, filter, monitor or remote. Which contents differ is worked out here.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .config import FILE_NAME
from .diagnostics import codes as c
from .emit.terminal import clip, visible
from .errors import M2herError
from .frozen import replaced
from .source import Disk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .checker import FileResult
    from .diagnostics import Diagnostic
    from .report import Report

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
_NO_HASH: Final = frozenset("0")
_REGULAR: Final = ("100644", "100755")
_SHA1_LENGTH: Final = 40
_SHOWN: Final = 60
# What a result can no longer name among the files that it depends on.
_LOST: Final = (c.FILE_NOT_FOUND, c.UNREADABLE, c.NO_TEMPLATES)


class ChangesError(M2herError):
    """What has changed cannot be found out; the message says why."""


# --- which files


def changed_files(
    folder: Path, revision: str, environment: Mapping[str, str] | None = None
) -> frozenset[Path]:
    """Return the files of a folder's repository that differ between a revision and the disk.

    Absolute paths, their folders' symlinks resolved; a link stands beside what it points to.
    Added, deleted and not yet tracked files are among them, ignored ones are not; of a renamed
    file both names are. Raises `ChangesError`.
    """
    git = _Git(os.environ if environment is None else environment)
    if not revision or revision.startswith("-") or "\0" in revision or "\n" in revision:
        raise ChangesError(f"`{_shown(revision)}` is no revision")
    top = Path(os.path.realpath(os.fsdecode(git.line(folder, "rev-parse", "--show-toplevel"))))
    try:
        commit = git.line(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except ChangesError as error:
        message = f"git knows no revision `{_shown(revision)}`; a shallow clone has few"
        raise ChangesError(message) from error
    git.disarm(top)
    names = {*_differing(git, top, _fork(git, top, commit.decode())), *_untracked(git, top)}
    paths = {Path(os.path.realpath((top / name).parent)) / (top / name).name for name in names}
    return frozenset(paths | {Path(os.path.realpath(path)) for path in paths})


def _differing(git: _Git, top: Path, commit: str) -> Iterator[str]:
    """Yield the names of tracked files that differ: to git, a touched file may."""
    output = git.run(
        top,
        *("diff-index", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
        *("--no-textconv", "--ignore-submodules=all", commit, "--"),
    )
    fields = output.split(b"\0")
    for head, name in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old_hash, new_hash, _ = head.decode().lstrip(":").split(" ")
        path = os.fsdecode(name)
        untouched = (
            old_mode == new_mode
            and new_mode in _REGULAR
            and _NO_HASH.issuperset(new_hash)
            and _blob_hash(top / path, old_hash) == old_hash
        )
        if not untouched:
            yield path


def _blob_hash(path: Path, like: str) -> str | None:
    """Return the hash that git would give a file; None for what is not worth reading."""
    disk = Disk()
    try:
        data = disk.read(path) if not path.is_symlink() else None
    except OSError:
        return None
    if data is None or len(data) > disk.max_bytes:
        return None
    content = b"blob %d\0" % len(data) + data
    if len(like) == _SHA1_LENGTH:
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return hashlib.sha256(content).hexdigest()


def _untracked(git: _Git, top: Path) -> Iterator[str]:
    output = git.run(top, "ls-files", "--others", "--exclude-standard", "-z", "--")
    return (os.fsdecode(name) for name in output.split(b"\0") if name)


class _Git:
    """The git program, kept from running others."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        kept = {
            name: value
            for name, value in environment.items()
            if not name.startswith("GIT_") or name in _KEPT
        }
        self.environment = {**kept, **_FORCED}

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
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        try:
            done = subprocess.run(  # noqa: S603 - arguments are ours, or a hash that git gave
                ["git", "--no-pager", *settings, "-C", str(folder), *arguments],  # noqa: S607
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                timeout=TIMEOUT_S,
            )
        except FileNotFoundError as error:
            raise ChangesError("git was not found") from error
        except subprocess.TimeoutExpired as error:
            raise ChangesError(f"git took more than {TIMEOUT_S} seconds") from error
        except (OSError, ValueError) as error:
            raise ChangesError("git could not be started") from error
        if done.returncode not in (0, none_found):
            raise ChangesError(_reason(done.stderr, folder))
        return done.stdout


def _reason(stderr: bytes, folder: Path) -> str:
    said = stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in said:
        return f"{_shown(str(folder))} is in no git repository"
    if "dubious ownership" in said:
        return f"git takes {_shown(str(folder))} for somebody else's: see git's `safe.directory`"
    return f"git: {_shown(said.splitlines()[0].removeprefix('fatal: '))}" if said else "git failed"


def _shown(text: str) -> str:
    return clip(visible(text), _SHOWN)


def _fork(git: _Git, top: Path, commit: str) -> str:
    """Return where the working tree's branch left a revision's: what came there since is not ours.

    The revision itself where that is unknown, as in a shallow clone.
    """
    try:
        return git.line(top, "merge-base", commit, "HEAD").decode()
    except ChangesError:
        return commit


# --- what they concern


def affected(results: Sequence[FileResult], changed: Collection[Path]) -> tuple[FileResult, ...]:
    """Return the results that changed files may have changed.

    Those of files that are, use or extend one of them; with a library's settings or templates,
    all of its files; and those that miss a file, which may be one that is gone.
    """
    paths = set(changed)
    folders = {path.parent for path in paths if path.name == FILE_NAME}
    some_gone = any(not path.exists() for path in paths)
    return tuple(
        each
        for each in results
        if _is_affected(each, paths, folders) or (some_gone and _misses_something(each))
    )


def _is_affected(result: FileResult, changed: set[Path], settings_in: set[Path]) -> bool:
    templates = result.library.templates
    return (
        not changed.isdisjoint((result.path, *result.depends_on))
        or not settings_in.isdisjoint(result.path.parents)
        or (
            templates is not None and any(path.is_relative_to(templates.folder) for path in changed)
        )
    )


def _misses_something(result: FileResult) -> bool:
    return any(each.code in _LOST for each in result.findings)


def limited(report: Report, results: Sequence[FileResult]) -> Report:
    """Return what a report says of these of its results.

    That is what stands in their files, what they found in files that they use, and what
    compares other files with theirs.
    """
    own = {result.source.path for result in results}
    found = {_key(each) for result in results for each in result.findings}

    def is_of_them(each: Diagnostic) -> bool:
        places = (each.span, *(related.span for related in each.related))
        return _key(each) in found or any(span.path in own for span in places)

    return replaced(
        report,
        diagnostics=tuple(each for each in report.diagnostics if is_of_them(each)),
        paths=tuple(path for path in report.paths if path in own),
    )


def _key(each: Diagnostic) -> tuple[str, str, int, int, str]:
    return (each.code.id, each.span.path, each.span.start, each.span.end, each.message)
