"""What a prompt costs, and to whom it is charged: all parts add up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.charges import BUILT_IN, Bill, Budget, Charger, Charges, shared
from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk
from m2her_compose.targets import BASIC, M2_HER, TARGETS, Target
from m2her_compose.tokens import EstimateCounter, count_conversation

if TYPE_CHECKING:
    from m2her_compose.ir import Conversation
    from m2her_compose.tokens import Counter, Kind

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


class Words:
    """A counter whose figures can be told by looking."""

    kind: Kind = "exact"
    name = "words.json"

    def __init__(self) -> None:
        self.counted: list[str] = []

    def count(self, text: str) -> int:
        self.counted.append(text)
        return len(text.split())


class Nothing(Words):
    """A vocabulary that has no tokens for anything by itself, but one for each whole message."""

    def count(self, text: str) -> int:
        return int("whole" in text and "message" in text)


def conversations(text: str) -> tuple[Conversation, ...]:
    """Compile a scenario that is in no file."""
    folder = Path("/nowhere")
    path = folder / "scene.yaml"
    compiler = Compiler(files=Disk(texts={path: text.encode()}), base=folder, root=folder)
    result = compiler.compile(Input(path=path), Overrides())
    assert result.ok, result.diagnostics
    return tuple(variant.conversation for variant in result.variants)


def charged(text: str, counter: Counter | None = None, target: Target = M2_HER) -> Charges:
    [conversation] = conversations(text)
    return Charger(counter=counter or Words(), overhead=target).charge(conversation)


def fields(charges: Charges) -> list[tuple[str, str, int]]:
    return [(field.pointer, str(field.span), field.tokens) for field in charges.fields]


def templates(charges: Charges) -> list[tuple[str, int]]:
    return [(template.path, template.tokens) for template in charges.templates]


SCENE = """\
m2her: scenario/v1
variables: {era: the late summer}
characters:
  mara: {name: Mara Lind, prompt: "Keeper of bees in {{ vars.era }}"}
message: "{{ char }}, wake up"
"""


def test_a_message_is_charged_to_the_values_it_was_made_of() -> None:
    charges = charged(SCENE)

    assert [(m.role.value, m.content_tokens, m.name_tokens) for m in charges.messages] == [
        ("system", 7, 2),
        ("user", 4, 1),
    ]
    assert fields(charges) == [
        # In its own name and in the user's message.
        ("/characters/mara/name", "scene.yaml:4:16", 4),
        ("/characters/mara/prompt", "scene.yaml:4:35", 4),
        ("/variables/era", "scene.yaml:2:18", 3),
        # ", wake up" are three words of their own, of which the whole has two.
        ("/message", "scene.yaml:5:10", 2),
    ]
    assert templates(charges) == [(BUILT_IN, 1)]


def test_what_a_template_adds_is_charged_to_the_template() -> None:
    text = """\
m2her: scenario/v1
characters: {mara: {name: Mara, description: A keeper of bees., appearance: Tall.}}
message: Hello
"""
    charges = charged(text)

    assert dict(templates(charges))["<built-in>/en/system.j2"] == 4  # You are … . Appearance:
    assert {pointer for pointer, *_ in fields(charges)} == {
        "/characters/mara/name",
        "/characters/mara/description",
        "/characters/mara/appearance",
        "/message",
    }


def test_a_text_computed_from_several_values_is_charged_to_them_in_equal_parts() -> None:
    text = """\
m2her: scenario/v1
variables: {one: a b, two: c d}
system: "{{ [vars.one, vars.two] | join(' ') | upper | replace('B C', 'B x y C') }}"
message: Hello
"""
    tokens = {pointer: count for pointer, _, count in fields(charged(text))}

    # The template's own words in the middle come from the third.
    assert tokens == {"/system": 2, "/variables/one": 2, "/variables/two": 2, "/message": 1}


def test_names_are_not_charged_where_they_are_no_part_of_the_prompt() -> None:
    charges = charged(SCENE, target=BASIC)

    assert [m.name_tokens for m in charges.messages] == [0, 0]
    assert templates(charges) == []
    assert charges.prefix_tokens == 0


def test_parts_that_count_nothing_by_themselves_are_charged_by_their_lengths() -> None:
    text = 'm2her: scenario/v1\nvariables: {x: "ole"}\nsystem: "wh{{ vars.x }} message"\n'
    charges = charged(text + "message: Hi\n", Nothing())

    assert [m.tokens for m in charges.messages] == [1, 0]
    assert fields(charges)[0] == ("/system", "scene.yaml:3:10", 1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_all_parts_add_up_to_what_the_conversation_costs(path: Path, target: Target) -> None:
    counter = EstimateCounter()
    charger = Charger(counter=counter, overhead=target)
    for variant in Compiler().compile(Input(path=path), Overrides()).variants:
        charges = charger.charge(variant.conversation)
        pairs = [(message.name, message.content) for message in variant.messages]
        of_fields = sum(each.tokens for each in charges.fields)
        of_templates = sum(each.tokens for each in charges.templates)

        assert charges.total_tokens == count_conversation(counter, target, pairs)
        assert charges.message_tokens == of_fields + of_templates


def test_variants_share_what_was_counted() -> None:
    text = """\
m2her: scenario/v1
variables: {n: one}
matrix: {n: [one, two, three]}
system: The same for all.
message: "{{ vars.n }}"
"""
    counter = Words()
    charger = Charger(counter=counter, overhead=M2_HER)
    for conversation in conversations(text):
        charger.charge(conversation)

    assert sorted(counter.counted) == ["AI", "The same for all.", "User", "one", "three", "two"]


def test_a_bill_says_what_is_too_much() -> None:
    charges = charged(SCENE, target=BASIC)

    def bill(budget_tokens: int) -> Bill:
        return Bill(
            id="scene",
            path="scene.yaml",
            target="basic",
            kind="exact",
            counted_by="words.json",
            budget=Budget(tokens=budget_tokens, setting="compile.budget"),
            charges=charges,
        )

    assert charges.total_tokens == 11 + 2 * 4
    assert (bill(19).excess_tokens, bill(19).share(19)) == (0, 1.0)
    assert (bill(10).excess_tokens, bill(10).share(19)) == (9, 1.9)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), max_size=40))
def test_shares_add_up_and_are_within_one_of_their_due(total: int, weights: list[int]) -> None:
    parts = shared(total, weights)
    whole = sum(weights)

    assert len(parts) == len(weights)
    if whole:
        assert sum(parts) == total
        assert all(
            abs(part * whole - total * weight) < whole
            for part, weight in zip(parts, weights, strict=True)
        )
    else:
        assert not any(parts)


def test_what_is_left_over_goes_to_the_first_of_equals() -> None:
    assert shared(5, [1, 1, 1]) == [2, 2, 1]
