"""From the name that an author gives to a file's name and a title."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.errors import UsageError
from m2her_compose.schema import Kind
from m2her_compose.starting import named

S, C, P = Kind.SCENARIO, Kind.CHARACTER, Kind.PERSONA


@pytest.mark.parametrize(
    ("text", "kind", "stem", "title"),
    [
        pytest.param("The last tram", S, "the_last_tram", "The last tram", id="words"),
        pytest.param("last_tram", S, "last_tram", "Last tram", id="a-file-name"),
        pytest.param("last-tram", S, "last-tram", "Last tram", id="a-hyphen-in-an-id"),
        pytest.param("last-tram", C, "last_tram", "Last Tram", id="no-hyphen-in-a-key"),
        pytest.param("odile_renner", C, "odile_renner", "Odile Renner", id="a-name"),
        pytest.param("last_tram.yaml", S, "last_tram", "Last tram", id="with-its-ending"),
        pytest.param("The Tram.YML", S, "the_tram", "The Tram", id="ending-in-capitals"),
        pytest.param("听雨茶馆", S, "ting_yu_cha_guan", "听雨茶馆", id="chinese"),
        pytest.param("何四娘", C, "he_si_niang", "何四娘", id="chinese-name"),
        pytest.param("Żaneta Łoś", P, "zaneta_los", "Żaneta Łoś", id="accents"),
        pytest.param("Zoe\u0308", P, "zoe", "Zoë", id="composed"),
        pytest.param("The Keeper's Daughter", S, "the_keepers_daughter", None, id="apostrophe"),
        pytest.param("Act 2: the end?", S, "act_2_the_end", None, id="punctuation"),
        pytest.param("  Mara  ", C, "mara", "Mara", id="blanks-around"),
        pytest.param("007", S, "007", "007", id="digits"),
        pytest.param("Con", P, None, None, id="kept-by-windows"),
        pytest.param("narrator", S, "narrator", "Narrator", id="a-scenario-may-be-called-so"),
    ],
)
def test_names(text: str, kind: Kind, stem: str | None, title: str | None) -> None:
    if stem is None:
        with pytest.raises(UsageError, match="Windows"):
            named(text, kind)
        return
    found = named(text, kind)
    assert (stem, title or text) == (found.stem, found.title)


def test_a_title_that_is_given_is_taken_as_it_is() -> None:
    found = named("tram", S, "  电车: the #1 ")
    assert ("tram", "电车: the #1") == (found.stem, found.title)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", S, "is empty"),
        ("  ", S, "is empty"),
        ("???", S, "gives no file name"),
        ("a/b", S, "is a path"),
        ("..", S, "is a path"),
        ("a\\b", S, "is a path"),
        ("a\nb", S, "cannot be shown"),
        ("a\x1b[31m", S, "cannot be shown"),
        ("\ud800", S, "cannot be shown"),
        ("a\u202eb", S, "cannot be shown"),
        ("x" * 101, S, "101 characters"),
        ("{{ user }}", C, "template"),
        ("user", C, "the format keeps this word"),
        ("AI", C, "the format keeps this word"),
        ("narrator", C, "the format keeps this word"),
        ("com1", S, "Windows"),
    ],
)
def test_what_cannot_be_a_name_is_refused(text: str, kind: Kind, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        named(text, kind)


def test_a_title_is_held_to_the_same() -> None:
    for title in ("", "a\nb", "{% x %}", "x" * 101):
        with pytest.raises(UsageError, match="the title"):
            named("tram", S, title)


@given(text=st.text(max_size=120), kind=st.sampled_from(Kind))
def test_any_name_gives_a_file_that_every_system_can_hold(text: str, kind: Kind) -> None:
    try:
        found = named(text, kind)
    except UsageError:
        return
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?", found.stem)
    assert len(found.stem) <= 60
    assert found.title.isprintable()
    assert kind is S or "-" not in found.stem
