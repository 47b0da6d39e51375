"""What is known of each target, and that it is consistent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from m2her_compose.config import load_settings, target_of, targets_of
from m2her_compose.diagnostics import Sink
from m2her_compose.ir import Role
from m2her_compose.source import Disk
from m2her_compose.targets import (
    ASCII_NAMES,
    BASIC,
    M2_HER,
    OPENROUTER,
    TARGETS,
    Examples,
    Range,
    Target,
    target_by_id,
)

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
        *(["examples"] if target.examples is not Examples.BLOCK else []),
        *([] if target.sends_names else ["sends_names"]),
        *(["reply_limit"] if target.reply_limit != M2_HER.reply_limit else []),
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


# --- a library's own targets


def own(text: str, **variables: str) -> tuple[tuple[Target, ...], list[str]]:
    """Return the targets that a library adds, and findings as `line:column message`."""
    root, sink = Path("/library"), Sink()
    files = Disk(texts={root / "m2her.toml": text.encode()})
    settings = load_settings(root, root, files, variables, sink)
    assert targets_of(settings)[: len(TARGETS)] == TARGETS
    found = [f"{each.span.line}:{each.span.column} {each.message}" for each in sink.sorted()]
    return targets_of(settings)[len(TARGETS) :], found


def test_an_own_target_is_its_base_and_what_is_different() -> None:
    (target,), findings = own(
        """\
[targets.local]
base = "openrouter"
title = "llama.cpp"
models = ["qwen3-8b", "qwen3-4b"]
context-window = 8192
examples = "turns"
names = "ascii"
roles = ["group", "system", "assistant", "user"]
"""
    )
    assert [] == findings
    assert ("local", "llama.cpp") == (target.id, target.title)
    assert ("qwen3-8b", "qwen3-4b") == target.models
    assert (8192, None, None) == (target.window_tokens, target.warn_window_tokens, target.price)
    assert (Examples.TURNS, ASCII_NAMES) == (target.examples, target.name_rule)
    assert ("system", "group", "user", "assistant") == target.roles
    assert OPENROUTER.ranges == target.ranges


def test_an_own_target_may_have_a_price_of_its_own() -> None:
    found, findings = own(
        """\
[targets.local]
base = "openrouter"
models = ["qwen3-8b"]
price = {input = 0.1, output = 4}
[targets.other.price]
input = 0
output = 1e-3
"""
    )
    assert [] == findings
    assert [(0.1, 4.0), (0.0, 0.001)] == [
        (each.price.input_usd, each.price.output_usd) for each in found if each.price is not None
    ]


def test_an_own_target_that_says_nothing_is_the_basic_one() -> None:
    (target,), findings = own("[targets.local]")
    assert [] == findings
    differing = {name for name in FIELDS if getattr(target, name) != getattr(BASIC, name)}
    assert {"id", "title"} == differing


def test_a_target_without_names_needs_none() -> None:
    (target,), findings = own('[targets.local]\nbase = "m2-her"\nnames = "none"')
    assert [] == findings
    assert (False, None, (), False) == (
        target.sends_names,
        target.name_rule,
        target.named_roles,
        target.counts_names,
    )


def test_a_base_with_named_examples_has_a_block_where_there_are_no_names() -> None:
    (target,), findings = own('[targets.local]\nbase = "openai"\nnames = "none"')
    assert [] == findings
    assert Examples.BLOCK is target.examples


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("targets = 1", "1:1 `targets` wants a table", id="no table"),
        pytest.param("[targets]\nlocal = 1", "1:2 `targets` wants a table", id="no table in it"),
        pytest.param('[targets."a b"]', "1:2 `a b` cannot be the id", id="a blank in an id"),
        pytest.param("[targets.basic]", "1:2 `basic` is a target that m2her knows", id="taken"),
        pytest.param("[targets.M2-Her]", "1:2 `m2-her` is a target that m2her", id="taken in case"),
        pytest.param(
            "[targets.local]\ncolor = 1", "2:1 there is no setting `targets.local.color`", id="key"
        ),
        pytest.param(
            '[targets.local]\nbase = "no"', "2:1 `targets.local.base` wants `m2-her`", id="base"
        ),
        pytest.param(
            '[targets.one]\nbase = "basic"\n[targets.two]\nbase = "one"',
            "4:1 `targets.two.base` wants",
            id="another own one as a base",
        ),
        pytest.param(
            '[targets.local]\ntitle = "a\\nb"', "2:1 `targets.local.title` wants a line", id="title"
        ),
        pytest.param(
            "[targets.a]\nmodels = []", "2:1 `targets.a.models` wants a list", id="models"
        ),
        *(
            pytest.param(f"[targets.a]\nprice = {price}", "2:1 `targets.a.price` wants", id=price)
            for price in ("1", "{input = 1}", "{input = 1, output = 1, cached = 1}")
        ),
        *(
            pytest.param(
                f"[targets.a.price]\ninput = 1\noutput = {usd}",
                "1:2 `targets.a.price` wants",
                id=f"{usd} USD",
            )
            for usd in ("-1", "nan", "inf", "true", "'1'", "9" * 400)
        ),
        pytest.param(
            "[targets.a]\ncontext-window = true",
            "2:1 `targets.a.context-window` wants",
            id="window",
        ),
        pytest.param(
            '[targets.a]\nroles = ["system", "user"]', "2:1 `targets.a.roles` wants", id="few roles"
        ),
        pytest.param(
            '[targets.a]\nroles = ["system", "user", "assistant", "sample_message_ai"]',
            "2:1 `targets.a.roles` wants",
            id="half a pair of roles",
        ),
        pytest.param(
            '[targets.a]\nroles = ["system", "user", "assistant", "tool"]',
            "2:1 `targets.a.roles` wants",
            id="a role of others",
        ),
        pytest.param(
            '[targets.a]\nexamples = "named"', "2:1 `targets.a.examples` wants names", id="nameless"
        ),
        pytest.param(
            '[targets."a.b"]\nnames = 1', "2:1 `targets.a.b.names` wants", id="a quoted id"
        ),
        pytest.param(
            "[targets]\na = {names = 1}", "2:1 `targets.a.names` wants", id="an inline table"
        ),
    ],
)
def test_a_mistake_in_a_target_is_found_where_it_is(text: str, finding: str) -> None:
    _, findings = own(text)
    assert 1 == len(findings)
    assert findings[0].startswith(finding)


def test_a_target_with_a_mistake_is_there_all_the_same() -> None:
    """One mistake is told of once: what names the target finds it."""
    (target,), findings = own('compile.target = "a"\n[targets.a]\nnames = 1')
    assert 1 == len(findings)
    assert ("a", False) == (target.id, target.sends_names)


def test_there_are_at_most_a_hundred_targets() -> None:
    assert 100 == len(own("\n".join(f"[targets.t{n}]" for n in range(100)))[0])
    targets, findings = own("\n".join(f"[targets.t{n}]" for n in range(101)))
    assert ((), 1) == (targets, len(findings))


@pytest.mark.parametrize("name", ["local", "openai"])
def test_the_library_s_target_may_be_its_own(name: str) -> None:
    root, sink = Path("/library"), Sink()
    text = f'[compile]\ntarget = "{name}"\n[targets.local]'
    files = Disk(texts={root / "m2her.toml": text.encode()})
    settings = load_settings(root, root, files, {}, sink)
    assert 0 == len(sink)
    found = target_of(settings)
    assert found is not None
    assert name == found.id
    assert target_of(settings, "basic") is BASIC
    assert target_of(settings, "nowhere") is None


def test_a_target_that_there_is_not_is_found_in_the_environment_too() -> None:
    assert ["1:1 there is no target `locl`"] == own("[targets.local]", M2HER_COMPILE_TARGET="locl")[
        1
    ]
    assert [] == own("[targets.local]", M2HER_COMPILE_TARGET="local")[1]
