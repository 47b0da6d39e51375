"""Which scenarios are wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from m2her_compose.diagnostics import Source, Span
from m2her_compose.inventory import Item, Member, Query
from m2her_compose.schema import Kind

FERRY = Item(
    path=Path("/lib/ferry.yaml"),
    shown="lib/ferry.yaml",
    kind=Kind.SCENARIO,
    id="ferry",
    id_span=Span(Source(path="", text=""), 0, 0),
    title="Der letzte Kahn",
    summary="Straße am Fluss",
    language="zh-CN",
    speaker="ilse",
    cast=(Member(id="ilse", name="Ilse B."), Member(id="tam", name=None)),
    persona="Anna",
    tags=("River", "夜"),
)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        pytest.param(Query(), True, id="nothing asked"),
        pytest.param(Query(tags=("river", "夜")), True, id="all tags"),
        pytest.param(Query(tags=("river", "day")), False, id="one tag of two"),
        pytest.param(Query(tags=("riv",)), False, id="part of a tag"),
        pytest.param(Query(language="zh"), True, id="a language without its region"),
        pytest.param(Query(language="ZH-cn"), True, id="a language in any case"),
        pytest.param(Query(language="z"), False, id="part of a language"),
        pytest.param(Query(language="zh-CN-x"), False, id="a language that is more exact"),
        pytest.param(Query(character="tam"), True, id="a character's id"),
        pytest.param(Query(character="Ilse B."), True, id="a character's name"),
        pytest.param(Query(character="ils"), False, id="part of an id"),
        pytest.param(Query(speaker="ilse"), True, id="the speaker"),
        pytest.param(Query(speaker="tam"), False, id="another one than the speaker"),
        pytest.param(Query(text="KAHN"), True, id="text of the title"),
        pytest.param(Query(text="strasse"), True, id="text of the summary"),
        pytest.param(Query(text="anna"), True, id="text of the persona's name"),
        pytest.param(Query(text="lib/f"), True, id="text of the path"),
        pytest.param(Query(text="submarine"), False, id="no such text"),
        pytest.param(Query(speaker="ilse", tags=("day",)), False, id="only one of two demands"),
    ],
)
def test_what_is_wanted(query: Query, matches: bool) -> None:
    assert query.matches(FERRY) is matches


def test_nobody_speaks_where_the_speaker_is_open() -> None:
    from m2her_compose.frozen import replaced

    assert not Query(speaker="ilse").matches(replaced(FERRY, speaker=None))
