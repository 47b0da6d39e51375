"""What an ignore comment silences, and what it does not."""

from __future__ import annotations

import pytest

from m2her_compose.checks import ignores_of
from m2her_compose.diagnostics import Source


def silenced_lines(text: str, path: str = "scene.yaml") -> dict[str, tuple[int, int]]:
    """Return the first and last line that each name holds for."""
    source = Source(path=path, text=text)
    return {
        each.name: (
            source.position(each.start)[0],
            source.position(max(each.start, min(each.end, len(text)) - 1))[0],
        )
        for each in ignores_of(source)
    }


def test_beside_something_a_comment_holds_for_its_line() -> None:
    text = "m2her: scenario/v1\nsystem: Hello.  # m2her: ignore[M2H706]\nmessage: Hello.\n"
    assert silenced_lines(text) == {"M2H706": (2, 2)}


def test_on_its_own_line_a_comment_holds_for_the_block_below() -> None:
    text = (
        "m2her: scenario/v1\n"
        "# m2her: ignore[M2H706]\n"
        "characters:\n"
        "  mara:\n"
        "    description: |\n"
        "      One.\n"
        "\n"
        "      Two.\n"
        "message: Hello.\n"
    )
    assert silenced_lines(text) == {"M2H706": (3, 8)}


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_list_below_its_key_belongs_to_the_block(indent: str) -> None:
    text = (
        "m2her: scenario/v1\n"
        "# m2her: ignore[M2H706]\n"
        "history:\n"
        f"{indent}- user: One.\n"
        f"{indent}- user: Two.\n"
        "message: Hello.\n"
    )
    assert silenced_lines(text) == {"M2H706": (3, 5)}


def test_above_an_item_a_comment_holds_for_that_item() -> None:
    text = (
        "m2her: scenario/v1\n"
        "history:\n"
        "  # m2her: ignore[M2H706]\n"
        "  - mara: One.\n"
        "    thought: Two.\n"
        "  - user: Three.\n"
    )
    assert silenced_lines(text) == {"M2H706": (4, 5)}


def test_an_item_does_not_hold_the_items_after_it() -> None:
    text = "m2her: scenario/v1\nexamples:\n# m2her: ignore[M2H706]\n- - user: A\n- user: B\n"
    assert silenced_lines(text) == {"M2H706": (4, 4)}


def test_thousands_of_comments_are_read_in_one_pass() -> None:
    """Each of them reaches over all the blocks below: going through those anew would not end."""
    nested = "".join(f"{' ' * i}# m2her: ignore[M2H7]\n{' ' * i}k:\n" for i in range(150))
    text = f"m2her: scenario/v1\n{nested}" + f"{' ' * 150}k: [{'a,' * 10}]\n" * 20_000
    assert len(ignores_of(Source(path="scene.yaml", text=text))) == 150


def test_a_comment_within_the_block_does_not_end_it() -> None:
    text = "m2her: scenario/v1\n# m2her: ignore[M2H706]\ngroup:\n  name: A\n# why\n  place: B\n"
    assert silenced_lines(text) == {"M2H706": (3, 6)}


def test_above_the_header_a_comment_holds_for_the_whole_file() -> None:
    text = "# m2her: ignore[M2H706]\n\n# About the inn.\nm2her: scenario/v1\nsystem: A.\n"
    assert silenced_lines(text) == {"M2H706": (1, 5)}


def test_names_are_separated_by_commas_or_blanks() -> None:
    text = "m2her: scenario/v1\nsystem: A.  # m2her: ignore[ M2H7,todo  M2H706 ] since it is old\n"
    assert list(silenced_lines(text)) == ["M2H7", "todo", "M2H706"]


@pytest.mark.parametrize(
    "line",
    [
        "system: 'Write # m2her: ignore[M2H706] below.'",
        "system: |\n  # m2her: ignore[M2H706]",
        'system: "a\\\n  # m2her: ignore[M2H706]"',
        "system: A#m2her: ignore[M2H706]",
        "system: {raw: '# m2her: ignore[M2H706]'}",
    ],
)
def test_what_stands_in_a_text_is_no_comment(line: str) -> None:
    assert silenced_lines(f"m2her: scenario/v1\n{line}\nmessage: Hello.\n") == {}


def test_a_comment_after_a_text_that_looks_like_one_is_seen() -> None:
    text = "m2her: scenario/v1\nsystem: '# m2her: ignore[A]'  # m2her: ignore[B]\n"
    assert list(silenced_lines(text)) == ["B"]


def test_a_comment_below_which_nothing_stands_holds_for_nothing() -> None:
    text = "m2her: scenario/v1\nsystem: A.\n# m2her: ignore[M2H706]\n"
    assert silenced_lines(text) == {"M2H706": (3, 3)}


def test_in_settings_a_comment_holds_for_the_line_below() -> None:
    text = "[check]\n# m2her: ignore[M2H706]\nselect = []\nignore = []\n"
    assert silenced_lines(text, "m2her.toml") == {"M2H706": (3, 3)}


@pytest.mark.parametrize("end", ["\r", "\r\n", "\x85", "\u2028", "\u2029"])
def test_a_comment_ends_where_yaml_ends_it(end: str) -> None:
    """What is taken out with it must not be the author's next line."""
    text = f"m2her: scenario/v1\nsystem: A.  # m2her: ignore[M2H706]{end}message: B\n"
    [ignore] = ignores_of(Source(path="scene.yaml", text=text))
    assert ignore.comment.text == "# m2her: ignore[M2H706]"


def test_a_file_that_is_no_yaml_has_comments_all_the_same() -> None:
    text = "m2her: scenario/v1\nsystem: [  # m2her: ignore[M2H706]\n"
    assert silenced_lines(text) == {"M2H706": (2, 2)}


def test_line_breaks_of_other_systems() -> None:
    text = "m2her: scenario/v1\r\n# m2her: ignore[M2H706]\r\ngroup:\r\n  name: A\r\nmessage: B\r\n"
    assert silenced_lines(text) == {"M2H706": (3, 4)}
