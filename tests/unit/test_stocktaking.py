"""Taking stock of a library: what its files are, and what each of them uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.compiler import Compiler, Input
from m2her_compose.inventory import Item, UseKind
from m2her_compose.schema import Kind
from m2her_compose.stocktaking import Stock, scenarios_called, take_stock

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
m2her: scenario/v1
abstract: true
title: The river
language: de-AT
tags: [river]
characters:
  ilse: {use: ../people/ilse.yaml}
  tam: {name: "{{ user }}", description: A boy.}
speaker: ilse
"""
FERRY = """\
m2her: scenario/v1
extends: bases/river.yaml
summary: Somebody is late.
tags+: [night]
variables: {hour: {enum: [dawn, dusk]}, boat: {type: string}}
matrix: {hour: [dawn, dusk]}
persona: {use: people/anna.yaml}
message: At {{ vars.hour }}, in the {{ vars.boat }}?
"""
ILSE = "m2her: character/v1\nname: Ilse\ndescription: A ferrywoman.\n"
ANNA = "m2her: persona/v1\nuse: ilse.yaml\nname: Anna\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    write(tmp_path, "m2her.toml", "")
    write(tmp_path, "bases/river.yaml", BASE)
    write(tmp_path, "ferry.yaml", FERRY)
    write(tmp_path, "people/ilse.yaml", ILSE)
    write(tmp_path, "people/anna.yaml", ANNA)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def of(folder: Path, *names: str, follow: bool = False) -> Stock:
    compiler = Compiler(base=folder)
    items = [Input(path=folder / name) for name in names] or compiler.find(folder)
    return take_stock(compiler, items, follow=follow)


def found(taken: Stock, name: str) -> Item:
    return next(item for item in taken.items if item.shown == name)


def test_a_scenario_with_all_that_it_inherits(library: Path) -> None:
    ferry = found(of(library), "ferry.yaml")
    assert (ferry.kind, ferry.id, ferry.title) == (Kind.SCENARIO, "ferry", "The river")
    assert (ferry.summary, ferry.language, ferry.speaker) == ("Somebody is late.", "de-AT", "ilse")
    assert [("ilse", "Ilse"), ("tam", "{{ user }}")] == [(m.id, m.name) for m in ferry.cast]
    assert (ferry.persona, ferry.tags) == ("Anna", ("river", "night"))
    assert ferry.variants == ("ferry[hour=dawn]", "ferry[hour=dusk]")
    assert (ferry.abstract, ferry.is_entry, ferry.errors) == (False, True, 0)


def test_a_value_that_has_to_be_given_is_no_fault(library: Path) -> None:
    """`boat` has no default: the caller gives it."""
    assert found(of(library), "ferry.yaml").errors == 0


def test_a_base(library: Path) -> None:
    base = found(of(library), "bases/river.yaml")
    assert (base.abstract, base.is_entry, base.variants) == (True, False, ())
    # There are no templates for its language, and nothing else is to be said.
    assert (base.speaker, base.errors, base.warnings) == ("ilse", 0, 1)


def test_characters_and_personas(library: Path) -> None:
    taken = of(library)
    ilse, anna = found(taken, "people/ilse.yaml"), found(taken, "people/anna.yaml")
    assert (ilse.kind, ilse.id, ilse.title) == (Kind.CHARACTER, "", "Ilse")
    assert (anna.kind, anna.title, anna.errors) == (Kind.PERSONA, "Anna", 0)


def test_what_files_use_and_as_what(library: Path) -> None:
    taken = of(library)
    shown = [
        (item.shown, use.kind, use.name, str(use.span), use.target)
        for item in taken.items
        for use in item.uses
    ]
    assert shown == [
        (
            "bases/river.yaml",
            UseKind.CHARACTER,
            "ilse",
            "bases/river.yaml:7:15",
            library / "people/ilse.yaml",
        ),
        ("ferry.yaml", UseKind.BASE, "", "ferry.yaml:2:10", library / "bases/river.yaml"),
        ("ferry.yaml", UseKind.PERSONA, "", "ferry.yaml:7:16", library / "people/anna.yaml"),
        (
            "people/anna.yaml",
            UseKind.MODEL,
            "",
            "people/anna.yaml:2:6",
            library / "people/ilse.yaml",
        ),
    ]


def test_what_a_file_uses_is_followed_at_any_depth(library: Path) -> None:
    assert ["ferry.yaml"] == [item.shown for item in of(library, "ferry.yaml").items]
    taken = of(library, "ferry.yaml", follow=True)
    assert ["ferry.yaml", "bases/river.yaml", "people/anna.yaml", "people/ilse.yaml"] == [
        item.shown for item in taken.items
    ]
    assert taken.roots == (library,)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("gone.yaml", "`gone.yaml` does not exist"),
        ("people", "`people` is a folder"),
        ("../outside.yaml", "`../outside.yaml` leads out of the library"),
        ("foreign.yaml", "`foreign.yaml` does not say what it is"),
    ],
)
def test_a_reference_that_leads_nowhere_says_why(
    library: Path, reference: str, problem: str
) -> None:
    write(library, "foreign.yaml", "services: []\n")
    text = f"m2her: scenario/v1\ncharacters: {{a: {{use: {reference}}}}}\nmessage: Hi\n"
    write(library, "lost.yaml", text)
    lost = found(of(library, "lost.yaml", follow=True), "lost.yaml")
    assert [(None, problem)] == [(use.target, use.problem) for use in lost.uses]
    assert lost.errors


def test_circles_are_followed_once(library: Path) -> None:
    write(library, "a.yaml", "m2her: scenario/v1\nextends: b.yaml\nmessage: Hi\n")
    write(library, "b.yaml", "m2her: scenario/v1\nabstract: true\nextends: [b.yaml, a.yaml]\n")
    taken = of(library, "a.yaml", follow=True)
    assert ["a.yaml", "b.yaml"] == [item.shown for item in taken.items]
    assert all(item.errors for item in taken.items)


def test_broken_files_are_among_them_and_files_of_others_are_not(library: Path) -> None:
    write(library, "broken.yaml", "m2her: scenario/v1\nsystem: [\n")
    write(library, "foreign.yaml", "services: [\n")
    write(library, "empty.yaml", "")
    write(library, "wrong.yaml", "m2her: scenario/v1\nid: wrong\nsistem: Hi\nmessage: Hi\n")
    taken = of(library)
    names = [item.shown for item in taken.items]
    assert "foreign.yaml" not in names
    assert "empty.yaml" not in names
    assert found(taken, "broken.yaml").errors == 1
    wrong = found(taken, "wrong.yaml")
    assert (wrong.id, wrong.variants) == ("wrong", ())
    assert wrong.errors >= 1


def test_an_id_that_is_taken_is_an_error_of_the_later_file(library: Path) -> None:
    text = "m2her: scenario/v1\nid: ferry\nsystem: Hi\nmessage: Hi\n"
    write(library, "twin.yaml", text)
    taken = of(library)
    assert (found(taken, "ferry.yaml").errors, found(taken, "twin.yaml").errors) == (0, 1)
    assert found(taken, "twin.yaml").variants == ()


def test_a_file_that_was_named_and_cannot_be_read_is_raised(library: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        of(library, "gone.yaml")


def test_scenarios_are_found_by_their_ids(library: Path) -> None:
    write(library, "other.yaml", "m2her: scenario/v1\nid: named\nsystem: ferry\nmessage: Hi\n")
    compiler = Compiler(base=library)
    for name, files in (
        ("ferry", ["ferry.yaml"]),
        ("named", ["other.yaml"]),
        ("river", ["bases/river.yaml"]),
        ("other", []),
        ("fer", []),
    ):
        got = [
            each.path.relative_to(library).as_posix()
            for each in scenarios_called(compiler, name, library)
        ]
        assert got == files
