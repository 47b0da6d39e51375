"""What the fixes of findings in texts make of a file: the same text, less what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = (
    "m2her: scenario/v1\ncharacters: {lena: {name: Lena, description: She mends clocks.}}\n"
)


def fixed(text: str, code: str, folder: Path) -> str:
    """Return a file's text with the safe edits of one code applied."""
    path = folder / "main.yaml"
    path.write_text(text, encoding="utf-8")
    checker = Checker(compiler=Compiler(base=folder), demands=Demands(select=(code,)))
    found = checker.check([Input(path=path)]).diagnostics
    edits = [edit for each in found if each.safe for edit in each.edits]
    for edit in sorted(edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('"Lena: Mind the step."', "Mind the step.", id="quotes-go"),
        pytest.param("'Lena: \"Mind\" it.'", "'\"Mind\" it.'", id="quotes-stay"),
        pytest.param('"Lena: one\\ntwo"', '"one\\ntwo"', id="escapes-stay"),
        pytest.param("Lena： hello", "hello", id="plain"),
        pytest.param("Lena：*nods*", "Lena：*nods*", id="plain-would-be-an-alias"),
        pytest.param('"\\x4cena: hello"', '"\\x4cena: hello"', id="written-as-an-escape"),
        pytest.param("|\n      **Lena:** hello", "|\n      hello", id="block"),
        pytest.param('"Lena: *nods*"', '"*nods*"', id="action-stays"),
        pytest.param('"**Lena**: yes."', "yes.", id="bold"),
        pytest.param('"Lena: yes: no"', '"yes: no"', id="colon"),
    ],
)
def test_a_label_is_taken_out_where_yaml_reads_the_rest_as_before(
    line: str, expected: str, tmp_path: Path
) -> None:
    text = f"{HEAD}history:\n  - lena: {{}}\n  - user: Too late.\nmessage: Hello.\n"

    assert fixed(text.replace("{}", line), "M2H719", tmp_path) == text.replace("{}", expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('" Hello. "', '"Hello."', id="both-edges"),
        pytest.param("' Hello.'", "Hello.", id="quotes-go"),
        pytest.param('"\\tHello."', '"\\tHello."', id="written-as-an-escape"),
    ],
)
def test_blanks_are_taken_out_of_quotes(line: str, expected: str, tmp_path: Path) -> None:
    assert fixed(f"{HEAD}message: {line}\n", "M2H721", tmp_path) == f"{HEAD}message: {expected}\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('"Hello, <BOT>."', '"Hello, {{ char }}."', id="quoted"),
        pytest.param("Hello, <BOT>.", "Hello, <BOT>.", id="plain"),
        pytest.param('!raw "Hello, {user}."', '!raw "Hello, {{user}}."', id="raw"),
    ],
)
def test_names_are_written_as_templates_in_quotes(line: str, expected: str, tmp_path: Path) -> None:
    assert fixed(f"{HEAD}message: {line}\n", "M2H706", tmp_path) == f"{HEAD}message: {expected}\n"
