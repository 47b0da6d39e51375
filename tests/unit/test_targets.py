"""What is known of each target, and that it is consistent."""

from __future__ import annotations

import re

import pytest

from m2her_compose.ir import Role
from m2her_compose.targets import M2_HER, TARGETS, Range, Target, target_by_id

FIELDS = frozenset(Target.__annotations__)


def test_the_targets_are_these() -> None:
    assert [target.id for target in TARGETS] == ["m2-her", "basic", "openai", "openrouter"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
def test_a_target_is_found_by_its_id(target: Target) -> None:
    assert target_by_id(target.id) is target


def test_no_target_has_an_unknown_id() -> None:
    assert target_by_id("M2-her") is None


def test_m2_her_takes_every_role_of_a_message() -> None:
    assert M2_HER.roles == tuple(role.value for role in Role)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
def test_what_needs_a_name_is_a_role(target: Target) -> None:
    assert set(target.named_roles) <= set(target.roles)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
def test_sources_speak_of_fields_and_have_a_date(target: Target) -> None:
    spoken = {field for source in target.sources for field in source.about.split(", ")}
    assert spoken <= FIELDS
    assert all(re.fullmatch(r"20\d\d-\d\d", source.noted) for source in target.sources)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.id)
def test_what_a_target_states_has_a_source(target: Target) -> None:
    stated = {
        *("roles", "per_message_tokens"),
        *(["ranges"] if target.ranges else []),
        *(["price"] if target.price else []),
        *(["models"] if target.models else []),
        *(["window_tokens", "warn_window_tokens"] if target.window_tokens else []),
        *(["prefix_tokens"] if target.prefix_tokens else []),
        *(["name_rule"] if target.name_rule else []),
        *(["named_roles"] if target.named_roles else []),
    }
    assert stated <= {field for source in target.sources for field in source.about.split(", ")}


@pytest.mark.parametrize(
    ("parameter", "value", "holds"),
    [
        pytest.param("temperature", 0, False, id="zero is excluded"),
        pytest.param("temperature", 0.01, True, id="just over zero"),
        pytest.param("temperature", 1, True, id="one is included"),
        pytest.param("temperature", 1.01, False, id="just over one"),
        pytest.param("top_p", float("nan"), False, id="no number"),
        pytest.param("top_p", True, False, id="a boolean"),
        pytest.param("max_completion_tokens", 0, False, id="no token"),
        pytest.param("max_completion_tokens", 1, True, id="one token"),
        pytest.param("max_completion_tokens", 2048, True, id="the most tokens"),
        pytest.param("max_completion_tokens", 2049, False, id="a token too many"),
        pytest.param("max_completion_tokens", 1.5, False, id="half a token"),
        pytest.param("max_completion_tokens", float("inf"), False, id="without end"),
        pytest.param("max_completion_tokens", float("nan"), False, id="no number of tokens"),
    ],
)
def test_m2_her_takes_parameters_within_its_ranges(
    parameter: str,
    value: float,
    holds: bool,
) -> None:
    limits = M2_HER.range_of(parameter)
    assert limits is not None
    assert limits.holds(value) is holds


def test_a_parameter_nobody_wrote_of_has_no_range() -> None:
    assert M2_HER.range_of("frequency_penalty") is None


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        pytest.param(Range(low=0, high=1, low_exclusive=True), "in (0, 1]", id="open below"),
        pytest.param(Range(low=1, high=2048, whole=True), "an integer in [1, 2048]", id="whole"),
    ],
)
def test_a_range_is_shown_as_intervals_are_written(limits: Range, shown: str) -> None:
    assert str(limits) == shown


def test_openrouter_has_a_price_in_usd_a_million_tokens() -> None:
    target = target_by_id("openrouter")
    assert target is not None
    assert target.price is not None
    assert (target.price.input_usd, target.price.output_usd) == (0.30, 1.20)


@pytest.mark.parametrize(
    ("name", "fits"),
    [("Lin", True), ("Lin_2", True), ("two words", False), ("李明", False), ("x" * 65, False)],
)
def test_openai_takes_short_names_of_plain_letters(name: str, fits: bool) -> None:
    target = target_by_id("openai")
    assert target is not None
    assert target.name_rule is not None
    assert bool(re.fullmatch(target.name_rule, name)) is fits
