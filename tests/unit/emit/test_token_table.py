"""Tables of tokens: figures, bars in proportion, and lines that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from m2her_compose.charges import (
    BUILT_IN,
    Bill,
    Budget,
    Charges,
    FieldCharge,
    MessageCharge,
    TemplateCharge,
)
from m2her_compose.diagnostics import Source, Span
from m2her_compose.emit.terminal import cells
from m2her_compose.emit.token_table import Page, token_summary, token_tables
from m2her_compose.frozen import replaced
from m2her_compose.ir import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TEXT = Source(path="scenes/渡口.yaml", text="a\nb\nc")


def message(role: Role, name: str | None, tokens: int) -> MessageCharge:
    return MessageCharge(role=role, name=name, unit="x", content_tokens=tokens, name_tokens=0)


def field(pointer: str, offset: int, tokens: int) -> FieldCharge:
    return FieldCharge(pointer=pointer, span=Span(TEXT, offset, offset + 1), tokens=tokens)


def bill(*, kind: str = "estimate", budget: int = 4000, scale: int = 1) -> Bill:
    charges = Charges(
        prefix_tokens=170,
        header_tokens=8,
        messages=(
            message(Role.SYSTEM, "Ilse", 1000 * scale),
            message(Role.USER, None, 125 * scale),
        ),
        fields=(
            field("/characters/ilse/description", 0, 900 * scale),
            field("/message", 4, 125 * scale),
        ),
        templates=(
            TemplateCharge(path="<built-in>/en/system.j2", tokens=99 * scale),
            TemplateCharge(path=BUILT_IN, tokens=scale),
        ),
    )
    return Bill(
        id="ferry",
        path=TEXT.path,
        target="m2-her",
        kind="exact" if kind == "exact" else "estimate",
        counted_by="models/her.json" if kind == "exact" else "estimate",
        budget=Budget(tokens=budget, setting="compile.budget"),
        charges=charges,
    )


PLAIN = """\
ferry (scenes/渡口.yaml)
about 1,303 tokens for m2-her: 32.57% of the budget of 4,000 (compile.budget)

tokens   share              messages
 1,000  25.00%  ██████████  1 system               Ilse
   125   3.12%  █▎          2 user
     8   0.20%  ▏           2 headers of messages
   170   4.25%  █▊          the service's prefix
 1,303  32.57%              total

tokens   share              made of
   900  22.50%  ██████████  characters.ilse.description  scenes/渡口.yaml:1
   125   3.12%  █▍          message                      scenes/渡口.yaml:3
    99   2.48%  █▏          words of a template          <built-in>/en/system.j2
     1   0.03%  ▏           names that nobody wrote
 1,125  28.12%              all messages
"""


def test_a_bill_is_two_tables() -> None:
    assert token_tables([bill()], Page()) == PLAIN


def test_bars_are_plain_where_blocks_cannot_be_drawn() -> None:
    shown = token_tables([bill()], Page(blocks=False))

    bars = re.findall(r"#+", shown)
    assert [len(bar) for bar in bars] == [10, 1, 1, 2, 10, 1, 1, 1]
    assert not set("▏▎▍▌▋▊▉█") & set(shown)


def test_exact_counts_name_the_tokenizer_and_what_is_not_exact() -> None:
    _, heading, *rows = token_tables([bill(kind="exact")], Page()).splitlines()

    assert heading == (
        "1,303 tokens for m2-her, 1,125 counted with her.json and about 178 that the service adds: "
        "32.57% of the budget of 4,000 (compile.budget)"
    )
    assert [row.split("  ")[-1].strip() for row in rows if row.endswith("about")] == [
        "2 headers of messages, about",
        "the service's prefix, about",
    ]


def test_what_is_too_much_is_said_and_red() -> None:
    shown = token_tables([bill(budget=1000)], Page(color=True))

    heading = shown.splitlines()[1]
    assert heading.startswith("\x1b[1;31mabout 1,303 tokens")
    assert "130.30% of the budget of 1,000 (compile.budget), 303 too many" in heading


def test_several_bills_are_apart() -> None:
    assert token_tables([bill(), bill()], Page()) == f"{PLAIN}\n{PLAIN}"


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [30, 40, 55, 60, 70, 80, 100, 200])
@pytest.mark.parametrize("scale", [1, 10**6])
def test_every_line_fits(width: int, color: bool, scale: int) -> None:
    long = bill(scale=scale)
    wide = replaced(
        long,
        id="渡口" * 30,
        charges=replaced(
            long.charges,
            messages=(message(Role.SAMPLE_USER, "老王\x1b[2J" * 20, 7), *long.charges.messages),
            fields=(field("/characters/" + "长" * 50, 2, 3), *long.charges.fields),
        ),
    )
    for shown in (
        token_tables([long, wide], Page(width=width, color=color)),
        token_summary([long, wide], Page(width=width, color=color)),
    ):
        plain = ESCAPE.sub("", shown)
        assert max(cells(line) for line in plain.splitlines()) <= width
        assert (plain != shown) is color
        assert "\x1b" not in plain


def test_a_narrow_page_has_figures_below_what_they_are_about() -> None:
    _, _, parts = token_tables([bill()], Page(width=40)).split("\n\n")

    assert parts.splitlines()[:4] == [
        "tokens   share",
        "characters.ilse.description",
        "scenes/渡口.yaml:1",
        "   900  22.50%  ██████████",
    ]


def test_places_stand_below_where_there_is_no_room_beside() -> None:
    lines = token_tables([bill()], Page(width=70)).splitlines()

    assert lines[12:14] == [
        "   900  22.50%  ██████████  characters.ilse.description",
        "                            scenes/渡口.yaml:1",
    ]


def summary(bills: Sequence[Bill]) -> list[str]:
    return token_summary(bills, Page()).splitlines()


def test_a_summary_has_a_line_for_each_bill() -> None:
    small = replaced(bill(), id="raft[mood=calm]")
    large = bill(scale=2)

    assert summary([small, large]) == [
        "about so many tokens for m2-her; the budget is 4,000 (compile.budget)",
        "",
        "tokens   share              variants",
        " 1,303  32.57%  █████▍      raft[mood=calm]  scenes/渡口.yaml",
        " 2,428  60.70%  ██████████  ferry            scenes/渡口.yaml",
    ]


def test_a_summary_parts_what_has_other_budgets() -> None:
    exact = (
        "so many tokens for m2-her, counted with her.json but for what the service adds; "
        "the budget is 9 (compile.budget)"
    )
    lines = summary([bill(), bill(), bill(kind="exact", budget=9)])
    headings = [line for line in lines if "budget" in line]

    assert headings == [
        "about so many tokens for m2-her; the budget is 4,000 (compile.budget)",
        exact,
    ]
