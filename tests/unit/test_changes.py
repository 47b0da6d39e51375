"""What git says has changed, and which results that concerns."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from m2her_compose import changes
from m2her_compose.changes import ChangesError, affected, changed_files, limited
from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from tests.repositories import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.report import Report

MARA = "m2her: character/v1\nname: Mara\ndescription: She keeps the inn.\n"
SCENE = "m2her: scenario/v1\ncharacters:\n  mara: {use: mara.yaml}\nmessage: Hello\n"
ALONE = "m2her: scenario/v1\nsystem: You keep the inn.\nmessage: Hello\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library(Repository):
    def changed(self, revision: str = "HEAD") -> set[str]:
        found = changed_files(self.path, revision)
        return {path.relative_to(self.path).as_posix() for path in found}

    def affected(self) -> set[str]:
        return set(self.limited().paths)

    def limited(self) -> Report:
        checker = Checker(compiler=Compiler(base=self.path))
        items = checker.compiler.find(self.path)
        results = [checker.check_file(item) for item in items]
        kept = affected(results, changed_files(self.path, "HEAD"))
        return limited(checker.report(results, items), kept)


@pytest.fixture
def repository(tmp_path: Path) -> Library:
    made = Library(path=tmp_path.resolve() / "lib")
    made.path.mkdir()
    made.write("mara.yaml", MARA)
    made.write("scene.yaml", SCENE)
    made.write("alone.yaml", ALONE)
    made.commit()
    return made


# --- which files


def test_what_differs_is_found_however_it_came_about(repository: Library) -> None:
    repository.write(".gitignore", "*.tmp\n")
    repository.write("old name.yaml", ALONE * 3)
    repository.write("staged.yaml", ALONE)
    repository.commit()
    repository.write("alone.yaml", ALONE + "title: Inn\n")
    repository.write("staged.yaml", ALONE + "title: Inn\n")
    repository.git("add", "staged.yaml")
    repository.git("mv", "old name.yaml", "新 名.yaml")
    (repository.path / "mara.yaml").unlink()
    repository.write("deep/new\nline.yaml", ALONE)
    repository.write("skipped.tmp", ALONE)
    assert repository.changed() == {
        "alone.yaml",
        "staged.yaml",
        "old name.yaml",
        "新 名.yaml",
        "mara.yaml",
        "deep/new\nline.yaml",
    }


def test_commits_since_a_revision_count(repository: Library) -> None:
    repository.write("alone.yaml", ALONE + "title: Inn\n")
    repository.commit()
    assert repository.changed() == set()
    assert repository.changed("HEAD~1") == {"alone.yaml"}


def test_what_the_other_branch_did_since_is_not_ours(repository: Library) -> None:
    repository.git("branch", "trunk")
    repository.write("ours.yaml", ALONE)
    repository.commit()
    repository.git("checkout", "--quiet", "trunk")
    repository.write("alone.yaml", ALONE + "title: Inn\n")
    repository.commit()
    repository.git("checkout", "--quiet", "-")
    assert repository.changed("trunk") == {"ours.yaml"}


def test_a_touched_file_has_not_changed(repository: Library) -> None:
    os.utime(repository.path / "alone.yaml", (1, 1))
    assert repository.changed() == set()


def test_a_folder_below_the_top_sees_all_of_the_repository(repository: Library) -> None:
    repository.write("deep/new.yaml", ALONE)
    assert changed_files(repository.path / "deep", "HEAD") == {repository.path / "deep/new.yaml"}


def test_a_link_stands_beside_what_it_points_to(repository: Library) -> None:
    (repository.path / "link.yaml").symlink_to("alone.yaml")
    assert repository.changed() == {"link.yaml", "alone.yaml"}


def test_a_programs_own_repository_is_not_taken_for_the_folders(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks run with these set."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert repository.changed() == set()


def test_nothing_that_a_repository_names_is_run(repository: Library, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {trace}\ncat\n', encoding="utf-8")
    script.chmod(0o755)
    repository.write(".gitattributes", "*.yaml filter=evil diff=evil\n")
    repository.commit()
    for setting in (
        "core.fsmonitor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "core.pager",
    ):
        repository.git("config", setting, str(script))
    (repository.path / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman"):
        (repository.path / ".git" / "hooks" / hook).symlink_to(script)
    repository.write("alone.yaml", ALONE + "title: Inn\n")
    repository.write("new.yaml", ALONE)
    index = (repository.path / ".git" / "index").read_bytes()
    assert repository.changed() == {"alone.yaml", "new.yaml"}
    assert not trace.exists(), trace.read_text()
    assert (repository.path / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize("revision", ["", "-h", "--output=x", "a\0b", "a\nb"])
def test_what_is_no_revision_is_refused(repository: Library, revision: str) -> None:
    with pytest.raises(ChangesError, match="is no revision"):
        repository.changed(revision)


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "HEAD..HEAD", "HEAD:alone.yaml", "a b"])
def test_an_unknown_revision_is_an_error(repository: Library, revision: str) -> None:
    with pytest.raises(ChangesError, match=r"git knows no revision `.*`"):
        repository.changed(revision)


def test_a_folder_outside_of_any_repository_is_an_error(tmp_path: Path) -> None:
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    with pytest.raises(ChangesError, match="in no git repository"):
        changed_files(tmp_path, "HEAD", environment)


def test_without_git_it_says_so(repository: Library) -> None:
    with pytest.raises(ChangesError, match="git was not found"):
        changed_files(repository.path, "HEAD", {"PATH": str(repository.path)})


def test_a_git_that_hangs_is_given_up(
    repository: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(changes, "TIMEOUT_S", 0.2)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    with pytest.raises(ChangesError, match=r"more than 0\.2 seconds"):
        changed_files(repository.path, "HEAD", {"PATH": path})


# --- what they concern


def test_nothing_changed_concerns_nothing(repository: Library) -> None:
    assert repository.affected() == set()


def test_a_file_concerns_those_that_use_it(repository: Library) -> None:
    repository.write("mara.yaml", MARA + "goals: To sell the inn.\n")
    assert repository.affected() == {"mara.yaml", "scene.yaml"}
    repository.git("checkout", "mara.yaml")
    repository.write("scene.yaml", SCENE + "title: Inn\n")
    assert repository.affected() == {"scene.yaml"}


def test_settings_concern_all_files_below(repository: Library) -> None:
    repository.write("m2her.toml", "")
    assert repository.affected() == {"alone.yaml", "mara.yaml", "scene.yaml"}
    repository.commit()
    (repository.path / "m2her.toml").unlink()
    assert repository.affected() == {"alone.yaml", "mara.yaml", "scene.yaml"}


def test_a_template_concerns_all_files(repository: Library) -> None:
    repository.write("m2her.toml", '[library]\ntemplates = "templates"\n')
    repository.write("templates/en/group.j2", "{{ group.name }}")
    repository.commit()
    repository.write("templates/en/group.j2", "The scene: {{ group.name }}")
    assert repository.affected() == {"alone.yaml", "mara.yaml", "scene.yaml"}


def test_a_file_that_is_gone_concerns_those_that_used_it(repository: Library) -> None:
    (repository.path / "mara.yaml").unlink()
    report = repository.limited()
    assert report.paths == ("scene.yaml",)
    assert [d.code.slug for d in report.diagnostics if d.is_error] == ["file-not-found"]


def test_a_repository_within_concerns_all_its_files(repository: Library) -> None:
    inner = Repository(path=repository.path / "inner")
    inner.path.mkdir()
    inner.git("init", "--quiet")
    inner.write("scene.yaml", ALONE.replace("inn.", "mill."))
    assert repository.affected() == {"inner/scene.yaml"}
    inner.commit()
    repository.commit()
    assert repository.affected() == set()
    inner.write("scene.yaml", ALONE.replace("inn.", "ferry."))
    inner.commit()
    assert repository.affected() == {"inner/scene.yaml"}


def test_a_file_that_was_missing_before_concerns_nobody(repository: Library) -> None:
    repository.write("old.yaml", SCENE.replace("mara.yaml", "nowhere.yaml"))
    repository.commit()
    repository.write("alone.yaml", ALONE + "title: Inn\n")
    assert repository.affected() == {"alone.yaml"}


def test_a_mistake_in_a_used_file_is_told_when_the_user_changed(repository: Library) -> None:
    """The character's text is as before; the variable that it reads is gone."""
    repository.write("mara.yaml", MARA.replace("the inn", "{{ vars.what }}"))
    repository.write("scene.yaml", SCENE + "variables: {what: the inn}\n")
    repository.commit()
    repository.write("scene.yaml", SCENE)
    errors = [d for d in repository.limited().diagnostics if d.is_error]
    assert [d.span.path for d in errors] == ["mara.yaml"]


def test_two_files_with_one_id_are_told_when_the_first_is_new(repository: Library) -> None:
    repository.write("about.yaml", ALONE + "id: alone\n")
    errors = [d for d in repository.limited().diagnostics if d.is_error]
    assert [(d.code.slug, d.span.path) for d in errors] == [("duplicate-id", "alone.yaml")]
