"""The GitHub action and the pre-commit hook: what they run, run here."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.repositories import commit_all

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)
GOOD = "m2her: scenario/v1\nsystem: You keep the inn.\nmessage: Is there a room left?\n"
BAD = "m2her: scenario/v1\nsystm: You keep the inn.\nmessage: Is there a room left?\n"


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ACTION["runs"]["steps"]
    return found


def check(folder: Path, given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the action's own script for checking, with inputs as GitHub hands them over."""
    return run("Check", folder, given)


def difference(
    folder: Path, given: Mapping[str, str]
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the action's own script for showing what changes; return the summary as well."""
    summary = folder.parent / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    done = run("Show what changes", folder, given, {"GITHUB_STEP_SUMMARY": str(summary)})
    return done, summary.read_text(encoding="utf-8").removeprefix("before\n")


def run(
    name: str, folder: Path, given: Mapping[str, str], more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of the action's steps."""
    [step] = [each for each in steps() if each["name"] == name]
    inputs = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
    inputs.update(given)
    variables = {
        name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step["env"].items()
    }
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    shim = programs / "m2her"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m m2her_compose "$@"\n')
    shim.chmod(0o755)
    return subprocess.run(
        ["bash", "-c", step["run"]],
        cwd=folder,
        env={
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            **variables,
            **(more or {}),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


# --- the action


def test_no_input_is_ever_a_part_of_a_script() -> None:
    for step in steps():
        assert "${{" not in step["run"]
        assert all(
            re.fullmatch(r"\$\{\{ inputs\.[a-z-]+ \}\}", value)
            for value in step.get("env", {}).values()
        )


def test_every_input_is_described_and_used() -> None:
    used = {value for step in steps() for value in step.get("env", {}).values()}
    for name, about in ACTION["inputs"].items():
        assert about["description"]
        assert f"${{{{ inputs.{name} }}}}" in used


def test_a_right_library_passes(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", GOOD)
    done = check(tmp_path, {"paths": "inn.yaml"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "::error" not in done.stdout


def test_an_error_is_shown_beside_its_line_and_fails_the_job(tmp_path: Path) -> None:
    write(tmp_path, "scenes/inn.yaml", BAD)
    done = check(tmp_path, {"paths": "scenes"})
    assert done.returncode == 1
    assert re.search(r"^::error file=scenes/inn\.yaml,line=2,", done.stdout, re.MULTILINE)


def test_paths_and_arguments_are_one_a_line(tmp_path: Path) -> None:
    write(tmp_path, "one folder/inn.yaml", BAD)
    write(tmp_path, "two.yaml", BAD)
    done = check(
        tmp_path, {"paths": "one folder\ntwo.yaml\n", "arguments": "--target=basic\n--ignore=M2H7"}
    )
    assert done.returncode == 1
    assert len(re.findall(r"^::error file=", done.stdout, re.MULTILINE)) == 2


def test_a_severity_can_fail_the_job(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", GOOD.replace("room left?", "room left?  # m2her: ignore"))
    assert check(tmp_path, {"paths": "inn.yaml"}).returncode == 0
    assert check(tmp_path, {"paths": "inn.yaml", "fail-on": "warning"}).returncode == 1


def test_findings_are_written_as_sarif_as_well(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", BAD)
    done = check(tmp_path, {"paths": "inn.yaml", "sarif-file": "out/findings.sarif"})
    assert done.returncode == 1
    assert '"2.1.0"' in (tmp_path / "out/findings.sarif").read_text(encoding="utf-8")
    assert "::error" in done.stdout


@pytest.mark.parametrize("text", ["$(touch stolen)", "`touch stolen`", '"; touch stolen; "', "'"])
def test_inputs_are_never_run(text: str, tmp_path: Path) -> None:
    for name in ("paths", "fail-on", "arguments"):
        assert check(tmp_path, {name: text}).returncode == 2
    assert not (tmp_path / "stolen").exists()


# --- what changes


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a library in it."""
    folder = tmp_path / "repository"
    write(folder, "scenes/inn.yaml", GOOD)
    commit_all(folder)
    return folder


def test_without_a_base_there_is_no_summary(repository: Path) -> None:
    done, summary = difference(repository, {})
    assert (done.returncode, done.stdout, done.stderr, summary) == (0, "", "", "")


def test_what_changes_is_added_to_the_summary_and_fails_nothing(repository: Path) -> None:
    write(repository, "scenes/inn.yaml", GOOD.replace("room left", "bed left"))
    done, summary = difference(repository, {"diff-base": "HEAD", "paths": "scenes"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert summary.startswith("## What changes in the messages\n")
    assert "+ Is there a {+bed+} left?" in summary


def test_nothing_is_added_to_the_summary_when_the_model_gets_the_same(repository: Path) -> None:
    write(repository, "scenes/inn.yaml", f"# The inn\n{GOOD}")
    done, summary = difference(repository, {"diff-base": "HEAD"})
    assert (done.returncode, summary) == (0, "")


def test_what_does_not_compile_is_in_the_summary(repository: Path) -> None:
    write(repository, "scenes/inn.yaml", BAD)
    done, summary = difference(repository, {"diff-base": "HEAD"})
    assert done.returncode == 0
    assert "does not compile" in summary


def test_a_base_that_is_not_there_fails_the_job(repository: Path) -> None:
    done, summary = difference(repository, {"diff-base": "HEAD^9"})
    assert (done.returncode, summary) == (2, "")
    assert "a shallow clone has few" in done.stderr


@pytest.mark.parametrize("text", ["$(touch stolen)", "`touch stolen`", '"; touch stolen; "', "-h"])
def test_a_base_is_never_run(text: str, repository: Path) -> None:
    done, summary = difference(repository, {"diff-base": text})
    assert (done.returncode, summary) == (2, "")
    assert not (repository / "stolen").exists()


# --- the hook


def test_the_hook_runs_a_command_that_there_is(tmp_path: Path) -> None:
    [hook] = HOOKS
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    program, *arguments = shlex.split(hook["entry"])
    assert program == "m2her"
    write(tmp_path, "inn.yaml", BAD)
    done = subprocess.run(
        [sys.executable, "-m", "m2her_compose", *arguments],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["scenes/inn.yaml", "inn.yml", "m2her.toml", "a/m2her.toml"])
def test_the_hook_runs_when_a_file_of_a_library_changes(name: str) -> None:
    assert re.search(HOOKS[0]["files"], name)


@pytest.mark.parametrize("name", ["README.md", "not-m2her.toml", "inn.yaml.orig"])
def test_the_hook_does_not_run_for_other_files(name: str) -> None:
    assert not re.search(HOOKS[0]["files"], name)
