"""What is left out so that the rest fits: laws that hold for any conversation, and cases."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.passes import Choice, Part, fit
from m2her_compose.scenario import ALWAYS, UnitKind

if TYPE_CHECKING:
    from collections.abc import Sequence

INSTRUCTION, EXAMPLE, TURN = UnitKind.INSTRUCTION, UnitKind.EXAMPLE, UnitKind.TURN


def part(kind: UnitKind, tokens: int, keep: int = 50, name: str = "") -> Part:
    return Part(kind=kind, units=(name or f"{kind.value}/{tokens}",), keep=keep, tokens=tokens)


def left_out(parts: Sequence[Part], budget: int, fixed: int = 0) -> list[str]:
    total = fixed + sum(each.tokens for each in parts)
    return [unit for each in fit(parts, total, budget).left_out for unit in each.units]


# --- cases


def test_what_fits_stays() -> None:
    assert left_out([part(EXAMPLE, 40), part(TURN, 60)], 100) == []


def test_the_oldest_history_goes_first() -> None:
    parts = [part(EXAMPLE, 10), part(TURN, 21), part(TURN, 22), part(TURN, 23)]
    assert left_out(parts, 75) == ["turn/21"]


def test_examples_go_after_all_history_the_last_first() -> None:
    parts = [part(INSTRUCTION, 5), part(EXAMPLE, 11), part(EXAMPLE, 12), part(TURN, 20)]
    assert left_out(parts, 29) == ["turn/20"]
    assert left_out(parts, 20) == ["example/12", "turn/20"]
    assert left_out(parts, 10) == ["example/11", "example/12", "turn/20"]
    assert left_out(parts, 0) == ["instruction/5", "example/11", "example/12", "turn/20"]


def test_the_lowest_keep_goes_first_whatever_it_is() -> None:
    parts = [
        part(INSTRUCTION, 10, keep=5),
        part(EXAMPLE, 11, keep=20),
        part(EXAMPLE, 12, keep=90),
        part(TURN, 20, keep=30),
    ]
    assert left_out(parts, 43) == ["instruction/10"]
    assert left_out(parts, 32) == ["instruction/10", "example/11"]
    assert left_out(parts, 12) == ["instruction/10", "example/11", "turn/20"]


def test_history_behind_something_kept_is_kept_as_long() -> None:
    parts = [part(TURN, 21), part(TURN, 22, keep=80), part(TURN, 23, keep=0), part(EXAMPLE, 30)]
    assert left_out(parts, 90) == ["turn/21"]
    # The third would go first by itself, and may not leave a hole.
    assert left_out(parts, 60) == ["turn/21", "example/30"]


@pytest.mark.parametrize("keep", [ALWAYS])
def test_what_is_always_kept_stays_even_when_it_does_not_fit(keep: int) -> None:
    parts = [part(EXAMPLE, 40, keep=keep), part(TURN, 60, keep=keep), part(TURN, 5)]
    choice = fit(parts, 105, 50)
    assert (choice.left_out, choice.tokens, choice.fits) == ((), 105, False)


def test_history_is_cut_in_steps_of_a_tenth() -> None:
    parts = [part(TURN, 4, name=f"turn/{i}") for i in range(50)]
    # Four tokens too many are one step of ten: three turns.
    assert left_out(parts, 100, fixed=-96) == ["turn/0", "turn/1", "turn/2"]


def test_the_room_that_a_step_leaves_is_filled_again() -> None:
    parts = [part(EXAMPLE, 6, keep=10), *(part(TURN, 4, name=f"turn/{i}") for i in range(50))]
    # Without the example 7 are too many still; the step of ten makes room for it.
    choice = fit(parts, 100 + 13, 100)
    assert [each.units[0] for each in choice.left_out] == [
        "example/6",
        "turn/0",
        "turn/1",
        "turn/2",
    ]
    choice = fit(parts, 100 + 11, 100)
    assert [each.units[0] for each in choice.left_out] == ["turn/0", "turn/1", "turn/2"]


# --- laws

PARTS = st.builds(
    lambda instructions, examples, turns: [*instructions, *examples, *turns],
    *(
        st.lists(
            st.builds(
                part,
                st.just(kind),
                st.integers(1, 60),
                st.one_of(st.just(50), st.integers(0, 100), st.just(ALWAYS)),
            ),
            max_size=size,
        )
        for kind, size in ((INSTRUCTION, 4), (EXAMPLE, 6), (TURN, 25))
    ),
)


def chosen(parts: Sequence[Part], fixed: int, budget: int) -> tuple[Choice, int]:
    total = fixed + sum(each.tokens for each in parts)
    return fit(parts, total, budget), total


def is_gone(each: Part, choice: Choice) -> bool:
    return any(each is other for other in choice.left_out)


def step_cuts(history: Sequence[Part], step: int) -> set[int]:
    """Return after how many parts history may be cut: where a multiple of the step is reached."""
    cuts, gone = {0}, 0
    for i, each in enumerate(history):
        if (gone + each.tokens) // step > gone // step:
            cuts.add(i + 1)
        gone += each.tokens
    return cuts


@given(PARTS, st.integers(0, 300), st.integers(1, 900))
def test_the_budget_is_kept_and_the_count_is_right(
    parts: list[Part], fixed: int, budget: int
) -> None:
    choice, total = chosen(parts, fixed, budget)
    assert choice.tokens == total - sum(each.tokens for each in choice.left_out)
    assert choice.fits == (choice.tokens <= budget)
    if not choice.fits:  # nothing is left that could go
        stays = [each for each in parts if not is_gone(each, choice)]
        pinned = max((i for i, each in enumerate(parts) if each.keep == ALWAYS), default=-1)
        assert all(each.keep == ALWAYS or (each.kind is TURN and pinned >= 0) for each in stays)


@given(PARTS, st.integers(0, 300), st.integers(1, 900))
def test_nothing_pinned_goes(parts: list[Part], fixed: int, budget: int) -> None:
    choice, _ = chosen(parts, fixed, budget)
    assert all(each.keep < ALWAYS for each in choice.left_out)


@given(PARTS, st.integers(0, 300), st.integers(1, 900))
def test_history_is_one_run_that_ends_at_the_present(
    parts: list[Part], fixed: int, budget: int
) -> None:
    choice, _ = chosen(parts, fixed, budget)
    history = [is_gone(each, choice) for each in parts if each.kind is TURN]
    assert history == sorted(history, reverse=True)


@given(PARTS, st.integers(0, 300), st.integers(1, 900))
def test_nothing_goes_that_could_have_stayed(parts: list[Part], fixed: int, budget: int) -> None:
    choice, _ = chosen(parts, fixed, budget)
    for each in choice.left_out:
        if each.kind is not TURN:
            assert choice.tokens + each.tokens > budget
    history = [each for each in parts if each.kind is TURN]
    cut = sum(is_gone(each, choice) for each in history)
    for fewer in step_cuts(history, max(1, budget // 10)):
        if choice.fits and fewer < cut:
            more = sum(each.tokens for each in history[fewer:cut])
            assert choice.tokens + more > budget


@given(PARTS, st.integers(0, 300), st.integers(1, 900))
def test_the_same_parts_give_the_same_choice(parts: list[Part], fixed: int, budget: int) -> None:
    one, _ = chosen(parts, fixed, budget)
    other, _ = chosen(list(parts), fixed, budget)
    assert [id(each) for each in one.left_out] == [id(each) for each in other.left_out]


# --- a chat that grows


def test_the_beginning_of_a_growing_chat_changes_rarely() -> None:
    """In at most one turn of eight, over 200 turns at 2,048 tokens: services reuse what is alike.

    Cutting off no more than has to go changes it in nearly every turn.
    """
    sizes = [18 + (i * 37) % 23 for i in range(201)]
    starts, naive = [], []
    for turns in range(201):
        pairs = [sizes[i : i + 2] for i in range(0, turns, 2)]
        history = [part(TURN, sum(pair), name=f"turn/{i}") for i, pair in enumerate(pairs)]
        total = 600 + sum(each.tokens for each in history)
        starts.append(len(fit(history, total, 2048).left_out))
        naive.append(oldest_first([each.tokens for each in history], total - 2048))
    assert starts[-1] > 50
    assert changes(starts) <= 200 / 8
    assert changes(naive) > 2 * changes(starts)


def oldest_first(tokens: Sequence[int], excess: int) -> int:
    """Return how many parts go when no more go than have to."""
    gone = 0
    while excess > 0:
        excess -= tokens[gone]
        gone += 1
    return gone


def changes(starts: Sequence[int]) -> int:
    return sum(before != after for before, after in pairwise(starts))
