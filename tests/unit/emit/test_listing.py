"""A library's scenarios as a table: on pages of any width, in Chinese, and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Source, Span
from m2her_compose.emit.listing import Page, listing_json, listing_text
from m2her_compose.emit.terminal import cells
from m2her_compose.inventory import Item, Member
from m2her_compose.schema import Kind

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "schemas" / "list.v1.schema.json").read_text("utf-8")
)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
HERE = Span(Source(path="x.yaml", text=""), 0, 0)


def item(name: str, **given: Any) -> Item:
    fields: dict[str, Any] = {
        "path": Path(f"/lib/{name}.yaml"),
        "shown": f"{name}.yaml",
        "kind": Kind.SCENARIO,
        "id": name,
        "id_span": HERE,
        "language": "en",
        "variants": (name,),
    }
    return Item(**{**fields, **given})


FERRY = item(
    "ferry",
    title="The last ferry of the year",
    summary="Somebody is late.",
    speaker="ilse",
    cast=(Member(id="ilse", name="Ilse"), Member(id="tam", name=None)),
    persona="Anna",
    tags=("river", "night"),
    variants=("ferry[hour=dawn]", "ferry[hour=dusk]"),
)
CROSSING = item("渡口", title="起雾的渡口", language="zh-CN", tags=("水", "雾"))
BASE = item("river", abstract=True, variants=())
BROKEN = item("torn", kind=None, id="", language="", variants=(), errors=2, warnings=1)
ALL = (FERRY, CROSSING, BASE, BROKEN)


def test_without_a_width_each_has_one_line() -> None:
    assert listing_text(ALL, Page()) == (
        "id         title                       speaker  with  language  variants  tags"
        "          file\n"
        "ferry      The last ferry of the year  ilse     tam   en               2  river, night"
        "  ferry.yaml\n"
        "渡口       起雾的渡口                                 zh-CN            1  水, 雾"
        "        渡口.yaml\n"
        "river                                                 en        abstract"
        "                river.yaml\n"
        "torn.yaml                                                       2 errors"
        "                torn.yaml\n"
    )


def test_a_wide_page_has_a_table_whose_texts_wrap_in_their_columns() -> None:
    assert listing_text(ALL, Page(width=82)) == (
        "id         title                   speaker  with  language  variants  tags\n"
        "ferry      The last ferry of the   ilse     tam   en               2  river, night\n"
        "           year\n"
        "渡口       起雾的渡口                             zh-CN            1  水, 雾\n"
        "river                                             en        abstract\n"
        "torn.yaml                                                   2 errors\n"
    )


def test_a_narrow_page_has_all_else_below_the_titles() -> None:
    assert listing_text(ALL, Page(width=48)) == (
        "ferry      The last ferry of the year\n"
        "           ilse with tam · en · 2 variants\n"
        "           river, night\n"
        "渡口       起雾的渡口\n"
        "           zh-CN · 1 variant · 水, 雾\n"
        "river      en · abstract\n"
        "torn.yaml  2 errors\n"
    )


def test_a_page_with_no_room_beside_the_ids_has_all_below_them() -> None:
    assert listing_text((FERRY,), Page(width=30)) == (
        "ferry\n  The last ferry of the year\n  ilse with tam · en\n  2 variants · river, night\n"
    )


def test_nothing_is_no_table() -> None:
    assert listing_text((), Page(width=80)) == listing_text((), Page()) == ""


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("茶 a\n\x1b\u202e👩`|")), max_size=60)


@given(
    st.lists(
        st.builds(
            lambda name, title, speaker, tags: item(
                name,
                title=title,
                speaker=speaker,
                cast=(Member(id=speaker, name=None), Member(id=title, name=None)),
                tags=tuple(tags),
            ),
            TEXTS,
            TEXTS,
            TEXTS,
            st.lists(TEXTS, max_size=3),
        ),
        max_size=4,
    ),
    st.integers(30, 150),
)
def test_any_text_fits_and_acts_on_nothing(items: list[Item], width: int) -> None:
    shown = listing_text(items, Page(width=width))
    assert not ACTS.search(shown)
    assert all(cells(line) <= width for line in shown.splitlines())
    plain = listing_text(items, Page())
    assert len(plain.splitlines()) == (len(items) + 1 if items else 0)


@pytest.mark.parametrize("width", [30, 48, 82, 120, None])
def test_colours_change_no_text(width: int | None) -> None:
    colored = listing_text(ALL, Page(width=width, color=True))
    plain = listing_text(ALL, Page(width=width))
    assert "\x1b[1;31m2 errors\x1b[0m" in colored
    assert ESCAPE.sub("", colored) == plain


def test_json_holds_all_of_it() -> None:
    found = json.loads(listing_json(ALL))
    jsonschema_rs.validate(SCHEMA, found)
    assert found["scenarios"][0] == {
        "file": "ferry.yaml",
        "kind": "scenario",
        "id": "ferry",
        "title": "The last ferry of the year",
        "summary": "Somebody is late.",
        "abstract": False,
        "language": "en",
        "speaker": "ilse",
        "characters": [{"id": "ilse", "name": "Ilse"}, {"id": "tam", "name": None}],
        "persona": "Anna",
        "variants": ["ferry[hour=dawn]", "ferry[hour=dusk]"],
        "tags": ["river", "night"],
        "errors": 0,
        "warnings": 0,
    }
    assert found["scenarios"][3]["kind"] is found["scenarios"][3]["id"] is None
