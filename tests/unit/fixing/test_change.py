"""A change as a diff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.fixing import unified_diff

LINES = "".join(f"line {number}\n" for number in range(1, 31))


def test_a_diff_shows_what_changed_and_three_lines_around_it() -> None:
    new = LINES.replace("line 9\n", "line nine\n").replace("line 25\n", "")
    assert unified_diff(LINES, new, "a.yaml") == (
        "--- a.yaml\n+++ a.yaml\n"
        "@@ -6,7 +6,7 @@\n line 6\n line 7\n line 8\n-line 9\n+line nine\n line 10\n line 11\n"
        " line 12\n"
        "@@ -22,7 +22,6 @@\n line 22\n line 23\n line 24\n-line 25\n line 26\n line 27\n line 28\n"
    )


def test_nothing_changed_is_no_diff() -> None:
    assert unified_diff(LINES, LINES, "a.yaml") == ""


def test_what_acts_on_a_terminal_is_shown() -> None:
    shown = unified_diff("a\x1b[2J\r\n", "b\u202e\r\n", "a\n.yaml")
    assert shown == ("--- a\\u{a}.yaml\n+++ a\\u{a}.yaml\n@@ -1 +1 @@\n-a\\u{1b}[2J\n+b\\u{202e}\n")


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (
            "a",
            "b",
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        ),
        ("", "b\n", "@@ -0,0 +1 @@\n+b\n"),
        ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
        ("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
    ],
)
def test_the_end_of_a_file(old: str, new: str, shown: str) -> None:
    assert unified_diff(old, new, "a").removeprefix("--- a\n+++ a\n") == shown


@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_a_diff_is_one_that_programs_can_apply(old: list[str], new: list[str]) -> None:
    before, after = ("".join(f"{each}\n" for each in lines) for lines in (old, new))
    assert applied(old, unified_diff(before, after, "a").splitlines()) == new


def applied(lines: list[str], diff: list[str]) -> list[str]:
    """Apply a diff as patch does."""
    made: list[str] = []
    at = 0
    for row in diff[2:]:
        if row.startswith("@@"):
            start, _, count = row.split()[1][1:].partition(",")
            first = int(start) - (count != "0")
            made += lines[at:first]
            at = first
        elif row[0] == "+":
            made.append(row[1:])
        else:
            assert lines[at] == row[1:]
            if row[0] == " ":
                made.append(row[1:])
            at += 1
    return made + lines[at:]


def test_a_long_text_is_compared_in_no_time() -> None:
    old = "".join(f"line {number % 50}\n" for number in range(200_000))
    new = old.replace("line 7\n", "seven\n", 3)
    assert unified_diff(old, new, "a").count("+seven") == 3
