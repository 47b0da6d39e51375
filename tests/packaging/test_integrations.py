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
    [step] = [each for each in steps() if each["name"] == "Check"]
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
