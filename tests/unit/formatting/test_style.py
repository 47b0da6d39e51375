"""The one style, case by case: `before.yaml` becomes `after.yaml`, which stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose.formatting import State
from tests.unit.formatting.conftest import outcome

if TYPE_CHECKING:
    from tests.conftest import Golden

ROOT = Path(__file__).resolve().parents[3]
CASES = sorted((ROOT / "tests/corpus/fmt").iterdir())
OTHERS = sorted(
    path
    for folder in ("scenarios", "tests/corpus/compile", "tests/corpus/lower", "tests/corpus/near")
    for path in (ROOT / folder).rglob("*.yaml")
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_gets_the_one_style(case: Path, golden: Golden) -> None:
    made = outcome(case / "before.yaml")

    assert (made.state, made.doubts) == (State.CHANGED, ())
    golden(case / "after.yaml", made.after)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_in_the_one_style_stays_as_it_is(case: Path) -> None:
    made = outcome(case / "after.yaml")

    assert made.state is State.SAME
    assert made.before == made.after


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_other_files_are_proven_and_then_stay(path: Path, tmp_path: Path) -> None:
    made = outcome(path)
    if made.state is State.FAULTY:
        assert made.findings
        return
    assert made.state in (State.SAME, State.CHANGED), made.doubts
    copy = tmp_path / path.name
    copy.write_text(made.after, encoding="utf-8")
    assert outcome(copy).after == made.after
