"""What a library's settings make of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose import compile_scenario

if TYPE_CHECKING:
    from pathlib import Path

QUOTED = "m2her: scenario/v1\nsystem: Be kind.\nhistory:\n- user: &Good evening.\nmessage: Hi\n"
BROKEN = "m2her: scenario/v1\nsystem: Be kind.\nmesage: Hi\n"


def found(folder: Path, settings: str, text: str = QUOTED) -> list[tuple[str, str]]:
    (folder / "drafts").mkdir()
    (folder / "m2her.toml").write_text(f"[check]\n{settings}\n", encoding="utf-8")
    scene = folder / "drafts" / "scene.yaml"
    scene.write_text(text, encoding="utf-8")
    return [(d.code.id, d.severity.value) for d in compile_scenario(scene).diagnostics]


def test_without_settings_it_is_a_warning(tmp_path: Path) -> None:
    assert [("M2H109", "warning")] == found(tmp_path, "")


@pytest.mark.parametrize(
    "settings",
    [
        'ignore = ["M2H109"]',
        'ignore = ["M2H1"]',
        'ignore = ["unused-anchor"]',
        'per-path-ignores = { "drafts/*" = ["M2H109"] }',
        'severity = { M2H109 = "off" }',
    ],
    ids=["code", "beginning", "name", "path", "off"],
)
def test_it_can_be_ignored(tmp_path: Path, settings: str) -> None:
    assert [] == found(tmp_path, settings)


@pytest.mark.parametrize(
    "settings",
    ['ignore = ["M2H2"]', 'per-path-ignores = { "scenes/*" = ["M2H109"] }'],
    ids=["another code", "another path"],
)
def test_other_settings_leave_it(tmp_path: Path, settings: str) -> None:
    assert [("M2H109", "warning")] == found(tmp_path, settings)


def test_a_warning_made_an_error_stops_the_compilation(tmp_path: Path) -> None:
    assert [("M2H109", "error")] == found(tmp_path, 'severity = { M2H109 = "error" }')
    assert () == compile_scenario(tmp_path / "drafts" / "scene.yaml").variants


def test_an_error_stays_one(tmp_path: Path) -> None:
    settings = 'ignore = ["M2H201"]\nseverity = { M2H201 = "off" }'
    assert ("M2H201", "error") in found(tmp_path, settings, BROKEN)
