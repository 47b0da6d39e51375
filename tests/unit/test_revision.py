"""The files of a git revision: read as if they were on disk, and nothing beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose import git as git_module
from m2her_compose import revision as module
from m2her_compose.compiler import Compiler
from m2her_compose.git import Git, GitError
from m2her_compose.revision import Revision, open_revision
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk
from m2her_compose.source.walk import yaml_files
from tests.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

MARA = "m2her: character/v1\nname: Mara\ndescription: She keeps the inn.\n"
SCENE = "m2her: scenario/v1\ncharacters:\n  mara: {use: ../mara.yaml}\nmessage: Hello\n"
LIMIT = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Library(Repository):
    def link(self, name: str, target: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).symlink_to(target)

    def empty(self) -> None:
        """Remove all files from the disk: what is read after that is from git."""
        self.git("rm", "-r", "--quiet", "--cached", ".")
        for path in sorted(self.path.rglob("*"), reverse=True):
            if ".git" not in path.parts and (path.is_symlink() or path.is_file()):
                path.unlink()


@pytest.fixture
def repository(tmp_path: Path) -> Library:
    made = Library(path=tmp_path.resolve() / "lib")
    made.path.mkdir()
    made.write("mara.yaml", MARA)
    made.write("scenes/inn.yaml", SCENE)
    made.write("新/名 1.yml", SCENE)
    made.commit()
    return made


@pytest.fixture
def head(repository: Library) -> Iterator[Revision]:
    with opened(repository) as revision:
        yield revision


def opened(repository: Library, name: str = "HEAD") -> Revision:
    return open_revision(repository.path, name, os.environ)


def test_contents_are_those_of_the_revision(repository: Library, head: Revision) -> None:
    repository.write("mara.yaml", "changed")
    (repository.path / "scenes/inn.yaml").unlink()
    assert head.read(repository.path / "mara.yaml") == MARA.encode()
    assert head.read(repository.path / "scenes/inn.yaml") == SCENE.encode()
    assert head.read(repository.path / "新/名 1.yml") == SCENE.encode()


def test_folders_are_those_of_the_revision(repository: Library, head: Revision) -> None:
    repository.write("later/new.yaml", MARA)
    assert head.names(repository.path) == ["mara.yaml", "scenes", "新"]
    assert head.names(repository.path / "scenes") == ["inn.yaml"]
    assert head.names(repository.path / "later") == []
    assert head.is_folder(repository.path)
    assert head.is_folder(repository.path / "scenes")
    assert not head.is_folder(repository.path / "later")
    assert not head.is_folder(repository.path / "mara.yaml")
    assert head.exists(repository.path / "scenes/../mara.yaml")
    assert not head.exists(repository.path / "later/new.yaml")


def test_what_is_not_there_is_said_as_the_disk_says_it(repository: Library, head: Revision) -> None:
    with pytest.raises(FileNotFoundError):
        head.read(repository.path / "nowhere.yaml")
    with pytest.raises(IsADirectoryError):
        head.read(repository.path / "scenes")


def test_a_library_compiles_as_it_did(repository: Library) -> None:
    before = Compiler(base=repository.path)
    [item, _] = [each for each in before.find(repository.path) if "mara" not in each.path.name]
    expected = before.compile(item, Overrides())
    assert expected.ok
    repository.empty()
    with opened(repository) as revision:
        compiler = Compiler(files=revision, base=repository.path)
        items = compiler.find(repository.path)
        assert [each.path.name for each in items] == ["mara.yaml", "inn.yaml", "名 1.yml"]
        found = compiler.compile(items[1], Overrides())
    assert found.diagnostics == expected.diagnostics
    assert [v.request() for v in found.variants] == [v.request() for v in expected.variants]


def test_settings_and_templates_are_those_of_the_revision(repository: Library) -> None:
    repository.write("m2her.toml", '[library]\ntemplates = "own"\n')
    repository.write("own/en/system.j2", "As it was.")
    repository.commit()
    repository.write("own/en/system.j2", "As it is.")
    repository.write("m2her.toml", "")
    with opened(repository) as revision:
        compiler = Compiler(files=revision, base=repository.path)
        [item] = compiler.find(repository.path / "scenes/inn.yaml")
        [variant] = compiler.compile(item, Overrides()).variants
    assert variant.messages[0].content == "As it was."


def test_the_walk_finds_what_it_finds_on_disk(repository: Library) -> None:
    repository.write(".hidden/a.yaml", MARA)
    repository.write("scenes/.b.yaml", MARA)
    repository.write("scenes/deep/er/c.yml", MARA)
    repository.write("scenes/notes.txt", "notes")
    repository.link("linked", "scenes")
    repository.link("d.yaml", "mara.yaml")
    repository.link("broken.yaml", "nowhere.yaml")
    repository.commit()
    on_disk = yaml_files(repository.path, Disk())
    with opened(repository) as revision:
        assert yaml_files(repository.path, revision) == on_disk
    assert [path.name for path in on_disk] == [
        *("broken.yaml", "d.yaml", "mara.yaml", "c.yml", "inn.yaml", "名 1.yml")
    ]


# --- links


def test_links_within_the_repository_are_followed(repository: Library) -> None:
    repository.link("deep/alias", "../scenes")
    repository.link("twice", "deep/alias/inn.yaml")
    repository.link("absolute.yaml", str(repository.path / "mara.yaml"))
    repository.commit()
    repository.empty()
    with opened(repository) as revision:
        assert revision.resolve(repository.path / "twice") == repository.path / "scenes/inn.yaml"
        assert revision.read(repository.path / "twice") == SCENE.encode()
        assert revision.names(repository.path / "deep/alias") == ["inn.yaml"]
        up = repository.path / "deep/alias/../mara.yaml"
        assert revision.resolve(up) == repository.path / "mara.yaml"
        assert revision.read(repository.path / "absolute.yaml") == MARA.encode()


@pytest.mark.parametrize("target", ["../secret.yaml", "/etc/hostname", "scenes/../../secret.yaml"])
def test_links_out_of_the_repository_lead_to_nothing(repository: Library, target: str) -> None:
    (repository.path.parent / "secret.yaml").write_text(MARA, encoding="utf-8")
    repository.link("out.yaml", target)
    repository.link("outer", "..")
    repository.commit()
    with opened(repository) as revision:
        out = repository.path / "out.yaml"
        assert not revision.resolve(out).is_relative_to(repository.path)
        for path in (
            out,
            repository.path / "outer/secret.yaml",
            repository.path / "../secret.yaml",
        ):
            with pytest.raises(FileNotFoundError):
                revision.read(path)
            assert not revision.exists(path)
        assert revision.names(repository.path / "outer") == []
        assert not revision.is_folder(repository.path / "outer")


def test_links_that_lead_to_each_other_end(repository: Library) -> None:
    repository.link("a.yaml", "b.yaml")
    repository.link("b.yaml", "a.yaml")
    repository.link("self", "self/self")
    repository.commit()
    with opened(repository) as revision:
        for name in ("a.yaml", "self", "self/x.yaml"):
            with pytest.raises(OSError, match=r"regular|No such"):
                revision.read(repository.path / name)


def test_a_way_to_the_repository_by_a_link_of_the_disk_is_known(repository: Library) -> None:
    short = repository.path.parent / "short"
    short.symlink_to(repository.path / "scenes")
    with opened(repository) as revision:
        assert revision.read(short / "inn.yaml") == SCENE.encode()


def test_relative_paths_are_from_here(
    repository: Library, monkeypatch: pytest.MonkeyPatch, head: Revision
) -> None:
    monkeypatch.chdir(repository.path / "scenes")
    assert head.read(Path("inn.yaml")) == SCENE.encode()
    assert head.resolve(Path("../mara.yaml")) == repository.path / "mara.yaml"


# --- what is not to be trusted


def test_a_large_file_is_read_as_far_as_the_limit(repository: Library) -> None:
    repository.write("large.yaml", b"x" * (LIMIT + 100_000))
    repository.write("largest.yaml", b"y" * LIMIT)
    repository.commit()
    with opened(repository) as revision:
        assert len(revision.read(repository.path / "large.yaml")) == LIMIT + 1
        assert revision.read(repository.path / "largest.yaml") == b"y" * LIMIT
        assert revision.read(repository.path / "mara.yaml") == MARA.encode()


def test_names_that_lead_elsewhere_are_passed_over(repository: Library) -> None:
    """Names are checked where git makes a tree of files; here a tree is made by hand."""
    blob = repository.git("hash-object", "-w", "--stdin", stdin=MARA.encode())

    def tree(*entries: bytes) -> str:
        return repository.git(
            *("hash-object", "-w", "-t", "tree", "--literally", "--stdin"),
            stdin=b"".join(entries),
        )

    inner = tree(b"100644 x.yaml\0" + bytes.fromhex(blob))
    outer = tree(b"40000 ..\0" + bytes.fromhex(inner), b"100644 mara.yaml\0" + bytes.fromhex(blob))
    commit = repository.git("commit-tree", outer, "-m", "By hand")
    with opened(repository, commit) as revision:
        assert revision.names(repository.path) == ["mara.yaml"]
        assert not revision.exists(repository.path.parent / "x.yaml")


def test_content_that_is_not_there_is_an_error(repository: Library) -> None:
    digest = repository.git("rev-parse", "HEAD:mara.yaml")
    stored = repository.path / ".git/objects" / digest[:2] / digest[2:]
    stored.unlink()
    with opened(repository) as revision:
        with pytest.raises(OSError, match="no such content"):
            revision.read(repository.path / "mara.yaml")
        assert revision.read(repository.path / "scenes/inn.yaml") == SCENE.encode()


def test_nothing_that_a_repository_names_is_run(repository: Library, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {trace}\ncat\n', encoding="utf-8")
    script.chmod(0o755)
    repository.write(".gitattributes", "*.yaml filter=evil diff=evil\n")
    repository.commit()
    for setting in (
        *("core.fsmonitor", "core.pager", "diff.evil.textconv", "filter.evil.smudge"),
        *("core.sshCommand", "filter.evil.process"),
    ):
        repository.git("config", setting, str(script))
    with opened(repository) as revision:
        assert revision.read(repository.path / "mara.yaml") == MARA.encode()
    assert not trace.exists()


@pytest.mark.parametrize("name", ["", "-h", "--output=x", "a\0b", "a\nb"])
def test_what_is_no_revision_is_refused(repository: Library, name: str) -> None:
    with pytest.raises(GitError, match="is no revision"):
        opened(repository, name)


@pytest.mark.parametrize("name", ["nowhere", "HEAD~9", "HEAD..HEAD", "HEAD:mara.yaml"])
def test_an_unknown_revision_is_an_error(repository: Library, name: str) -> None:
    with pytest.raises(GitError, match="git knows no revision"):
        opened(repository, name)


def test_too_many_files_are_refused(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(GitError, match="more than 2 files"):
        opened(repository)


def test_a_git_that_hangs_is_given_up(repository: Library, tmp_path: Path) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    git = Git({"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}, timeout_s=0.2)
    with (
        git_module.Blobs(git, repository.path) as blobs,
        pytest.raises(OSError, match="no such content"),
    ):
        blobs.read("0" * 40, 10)
