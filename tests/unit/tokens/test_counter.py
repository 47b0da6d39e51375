"""What messages and conversations cost beside their texts."""

from __future__ import annotations

import pytest

from m2her_compose.targets import M2_HER, TARGETS, Target, target_by_id
from m2her_compose.tokens import (
    Counter,
    EstimateCounter,
    Kind,
    count_conversation,
    count_message,
    estimate,
)

BASIC = target_by_id("basic")


class Words:
    """A counter whose figures can be told by looking."""

    kind: Kind = "exact"
    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


def test_an_estimate_says_so() -> None:
    counter: Counter = EstimateCounter()
    assert (counter.kind, counter.name) == ("estimate", "estimate")
    assert counter.count("two words") == estimate("two words")


def test_a_message_costs_its_text_its_name_and_its_header() -> None:
    cost = count_message(Words(), M2_HER, name="Zhuge Liang", content="one two three")
    assert cost == 3 + 2 + M2_HER.per_message_tokens


def test_a_message_without_a_name_costs_none() -> None:
    cost = count_message(Words(), M2_HER, name=None, content="one")
    assert cost == 1 + M2_HER.per_message_tokens


def test_a_name_costs_nothing_where_it_is_not_sent_on() -> None:
    assert BASIC is not None
    cost = count_message(Words(), BASIC, name="Zhuge Liang", content="one")
    assert cost == 1 + BASIC.per_message_tokens


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
def test_a_conversation_costs_its_messages_and_the_prefix(target: Target) -> None:
    messages = [("A", "one two"), (None, "three")]
    parts = sum(count_message(Words(), target, name=n, content=text) for n, text in messages)
    assert count_conversation(Words(), target, messages) == parts + target.prefix_tokens


def test_the_shortest_request_costs_what_the_service_counted() -> None:
    # `你好` alone was counted as 176 and 181 prompt tokens.
    assert 170 <= count_conversation(EstimateCounter(), M2_HER, [(None, "你好")]) <= 185
