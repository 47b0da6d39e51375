"""Which characters count as invisible, and what is taken out of a file for them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.diagnostics import Diagnostic

ZWSP, ZWNJ, ZWJ = "\u200b", "\u200c", "\u200d"


def findings(folder: Path, text: str, code: str = "M2H509") -> tuple[Diagnostic, ...]:
    """Check a scenario whose `system` is written as given."""
    path = folder / "scene.yaml"
    path.write_text(f"m2her: scenario/v1\nsystem: {text}\nmessage: Hello\n", encoding="utf-8")
    checker = Checker(compiler=Compiler(base=folder), demands=Demands(select=(code,)))
    return checker.check([Input(path=path)]).diagnostics


def edited(found: tuple[Diagnostic, ...]) -> str:
    """Return what `system` looks like in the file after all edits."""
    edits = [edit for each in found for edit in each.edits]
    text = found[0].span.source.text
    for edit in sorted(edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text.split("system: ", 1)[1].removesuffix("\nmessage: Hello\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"She{ZWSP} keeps{ZWSP}{ZWSP} it.", "She keeps it."),
        (f'"{ZWSP}She keeps it.\\u200b"', '"She keeps it.\\u200b"'),
        (f"'It''s{ZWSP} hers.'", "'It''s hers.'"),
        (f"|\n  She{ZWSP} keeps\n  it.{ZWSP}", "|\n  She keeps\n  it."),
        (f">-\n  She keeps\n  {ZWSP}it.", ">-\n  She keeps\n  it."),
    ],
    ids=["plain", "double quotes", "single quotes", "literal", "folded"],
)
def test_what_stands_as_itself_is_taken_out(tmp_path: Path, before: str, after: str) -> None:
    assert edited(findings(tmp_path, before)) == after


@pytest.mark.parametrize(
    "text",
    [f"The light:{ZWSP} hers", f"The light {ZWSP}# hers", f"{ZWSP}- hers", f"a {ZWSP} b"],
    ids=["before a blank after a colon", "before a hash", "at the start", "between blanks"],
)
def test_what_keeps_the_file_as_it_is_read_stays(tmp_path: Path, text: str) -> None:
    found = findings(tmp_path, text)
    assert len(found) == 1
    assert not found[0].edits


@pytest.mark.parametrize(
    "text",
    [
        f"\U0001f469{ZWJ}\u2695\ufe0f",
        f"\U0001f468\U0001f3fd{ZWJ}\U0001f373",
        f"\u0646\u0645\u06cc{ZWNJ}\u062f\u0627\u0646\u0645",
        f"\u0915\u094d{ZWJ}",
        f"\u0e20\u0e32\u0e29\u0e32{ZWSP}\u0e44\u0e17\u0e22",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "1\ufe0f\u20e3",
        "one\ttab and a no-break\u00a0space",
    ],
    ids=["emoji", "skin tone", "Persian", "Hindi", "Thai", "flag", "keycap", "blanks"],
)
def test_what_does_its_work_is_right(tmp_path: Path, text: str) -> None:
    assert not findings(tmp_path, f'"{text}"')


@pytest.mark.parametrize(
    "text",
    [f"a{ZWJ}b", f"a{ZWNJ}b", f"a{ZWSP}b", "a\ufe0f\ufe0fb", "a\U000e0061b", " \ufe0fa"],
    ids=lambda text: unicodedata.name(text[1]),
)
def test_what_has_no_work_there_is_found(tmp_path: Path, text: str) -> None:
    assert len(findings(tmp_path, f'"{text}"')) == 1


def test_marks_belong_to_texts_that_are_read_from_right_to_left(tmp_path: Path) -> None:
    assert not findings(tmp_path, '"\u05d4\u05d9\u05d0 C\u200f."', "M2H510")
    assert len(findings(tmp_path, '"\u05d4\u05d9\u05d0 \u202eC\u202c."', "M2H510")) == 1
    assert len(findings(tmp_path, '"C\u200f."', "M2H510")) == 1
