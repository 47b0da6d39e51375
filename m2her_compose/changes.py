"""`--since REV`: the files that differ from a revision, and the results that this concerns.

git is asked for names and hashes alone. Which contents differ is worked out here.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .config import FILE_NAME
from .diagnostics import codes as c
from .errors import M2herError
from .frozen import replaced
from .git import Git, GitError, check_revision
from .source import Disk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .checker import FileResult
    from .diagnostics import Diagnostic
    from .report import Report

# How long git may take for one answer.
TIMEOUT_S: Final = 60
_NO_HASH: Final = frozenset("0")
_REGULAR: Final = ("100644", "100755")
_SHA1_LENGTH: Final = 40
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
    git = Git(os.environ if environment is None else environment, TIMEOUT_S)
    try:
        return _changed(git, folder, revision)
    except GitError as error:
        raise ChangesError(str(error)) from error


def _changed(git: Git, folder: Path, revision: str) -> frozenset[Path]:
    check_revision(revision)
    top = git.top(folder)
    commit = git.commit(top, revision)
    git.disarm(top)
    names = {*_differing(git, top, _fork(git, top, commit)), *_untracked(git, top)}
    paths = {Path(os.path.realpath((top / name).parent)) / (top / name).name for name in names}
    return frozenset(paths | {Path(os.path.realpath(path)) for path in paths})


def _differing(git: Git, top: Path, commit: str) -> Iterator[str]:
    """Yield the names of tracked files that differ: to git, a touched file may."""
    output = git.run(
        top,
        *("diff-index", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
        *("--no-textconv", "--ignore-submodules=dirty", commit, "--"),
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


def _untracked(git: Git, top: Path) -> Iterator[str]:
    output = git.run(top, "ls-files", "--others", "--exclude-standard", "-z", "--")
    return (os.fsdecode(name) for name in output.split(b"\0") if name)


def _fork(git: Git, top: Path, commit: str) -> str:
    """Return where the working tree's branch left a revision's: what came there since is not ours.

    The revision itself where that is unknown, as in a shallow clone.
    """
    try:
        return git.line(top, "merge-base", commit, "HEAD").decode()
    except GitError:
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
    files = (result.path, *result.depends_on)
    return (
        not changed.isdisjoint(files)
        # A folder that changed as a whole: a submodule, a repository within this one.
        or any(not changed.isdisjoint(path.parents) for path in files)
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
