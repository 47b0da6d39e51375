"""No file is replaced by one that says something else: each way to get it wrong is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.formatting import State, formatted
from tests.unit.formatting.conftest import outcome

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from m2her_compose.formatting.work import Style
    from m2her_compose.schema import Kind

SCENE = """\
message: "*waves* Is there a room?"   # the opening
m2her: scenario/v1
characters: {mara: {name: Mara, goals: [To sleep.]}, tom: {name: Tom}}
speaker: mara
variables: {hour: 1, mood: calm}
persona: !raw "A guest."
history:
  - user: Hello.
  - mara: Sit.
x-note: "7"
"""
SCRIPT = "history: |\n  user: Hello.\n  mara: Sit.\n"
LIST = "history:\n  - user: Hello.\n  - mara: Sit.\n"
VALUES, MESSAGES, COMMENTS, FINDINGS = "its values", "its messages", "its comments", "its findings"


def mistaken(old: str, new: str) -> Style:
    """Return a way to format that gets one thing wrong."""

    def style(text: str, kind: Kind, speakers: AbstractSet[str]) -> str:
        right = formatted(text, kind, speakers)
        assert old in right
        return right.replace(old, new)

    return style


@pytest.mark.parametrize(
    ("old", "new", "doubts"),
    [
        pytest.param("Is there a room?", "Is there  a room?", (VALUES, MESSAGES), id="a blank"),
        pytest.param("  # the opening", "", (COMMENTS,), id="a comment lost"),
        pytest.param("!raw ", "", (VALUES,), id="a tag lost"),
        pytest.param('x-note: "7"', "x-note: 7", (VALUES,), id="quotes lost"),
        pytest.param(
            "{hour: 1, mood: calm}", "{mood: calm, hour: 1}", (VALUES,), id="names in another order"
        ),
        pytest.param("[To sleep.]", "[To sleep., x]", (VALUES, MESSAGES), id="an item more"),
        pytest.param(
            "- user: Hello.\n  - mara: Sit.",
            "- mara: Sit.\n  - user: Hello.",
            (VALUES, MESSAGES),
            id="turns in another order",
        ),
        pytest.param("Sit.", "'Sit.'", (FINDINGS,), id="quotes that are told of"),
        pytest.param("speaker: mara", "speaker: [", (VALUES,), id="no YAML"),
        pytest.param("scenario/v1", "persona/v1", (VALUES,), id="another kind"),
        pytest.param(LIST, LIST.replace("Sit.", "Sit"), (VALUES, MESSAGES), id="a letter lost"),
    ],
)
def test_what_is_not_the_same_is_noticed(
    tmp_path: Path, old: str, new: str, doubts: tuple[str, ...]
) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(SCENE, encoding="utf-8")

    made = outcome(path, mistaken(old, new))

    assert (made.state, made.doubts) == (State.UNPROVEN, doubts)
    assert made.after == made.before == SCENE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(LIST, SCRIPT, id="a list of turns as a script"),
        pytest.param(
            "mara: {name: Mara, goals: [To sleep.]}",
            "mara: {goals: [To sleep.], name: Mara}",
            id="keys in another order",
        ),
        pytest.param("speaker: mara", "speaker: 'mara'", id="other quotes"),
    ],
)
def test_what_is_the_same_passes(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(SCENE, encoding="utf-8")

    made = outcome(path, mistaken(old, new))

    assert (made.state, made.doubts) == (State.CHANGED, ())


def test_files_with_errors_are_left_with_their_findings(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text("mesage: Hi\nm2her: scenario/v1\n", encoding="utf-8")

    made = outcome(path)

    assert (made.state, [each.is_error for each in made.findings]) == (State.FAULTY, [True])


def test_an_error_that_is_none_of_its_shape_does_not_keep_a_file_from_its_style(
    tmp_path: Path,
) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text("system: '{{ nobody }}'\nm2her: scenario/v1\n", encoding="utf-8")

    made = outcome(path)

    assert made.state is State.CHANGED
    assert made.after == 'm2her: scenario/v1\nsystem: "{{ nobody }}"\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("--- {m2her: scenario/v1, system: x}\n", id="values beside the mark"),
        pytest.param("m2her: scenario/v1\nsystem: 'a\u2028b'\n", id="a line end of YAML's own"),
    ],
)
def test_what_has_no_safe_way_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(text, encoding="utf-8")

    assert outcome(path).state is State.SAME


def test_a_script_may_have_speakers_of_the_base(tmp_path: Path) -> None:
    base = "m2her: scenario/v1\nabstract: true\ncharacters: {mara: {name: Mara}}\n"
    turns = "".join(f"  - {'mara' if i % 2 else 'user'}: Line {i}.\n" for i in range(8))
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    path = tmp_path / "scene.yaml"
    path.write_text(f"m2her: scenario/v1\nextends: base.yaml\nhistory:\n{turns}", encoding="utf-8")

    made = outcome(path)

    assert (made.state, made.doubts) == (State.CHANGED, ())
    assert "history: |\n  user: Line 0.\n  mara: Line 1.\n" in made.after


def test_brackets_that_would_fill_too_many_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    deep = "[" * 190 + ", ".join(["word"] * 20_000) + "]" * 190
    text = f"m2her: scenario/v1\nsystem: x\nx-deep: {deep}\n"
    path.write_text(text, encoding="utf-8")

    assert outcome(path).state is State.SAME
