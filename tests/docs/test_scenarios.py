"""The library in scenarios/: the guide's own requests, and models to write after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

from m2her_compose import CompiledScenario, Role, compile_scenario, load_library

LIBRARY: Final = Path(__file__).resolve().parents[2] / "scenarios"

# The requests that the vendor's guide prints, names and parameters included.
GUIDE: Final[dict[str, dict[str, Any]]] = {
    "python_tutor": {
        "model": "M2-her",
        "messages": [
            {"role": "system", "content": "You are a professional programming assistant"},
            {"role": "user", "content": "How to learn Python?"},
        ],
    },
    "longzhong_dialogue": {
        "model": "M2-her",
        "messages": [
            {
                "role": "system",
                "content": "You are Zhuge Liang from Romance of the Three Kingdoms, "
                "wise, calm, and good at strategy",
            },
            {"role": "user_system", "content": "You are a time traveler from modern times"},
            {"role": "group", "content": "Longzhong Dialogue in Three Kingdoms Period"},
            {
                "role": "user",
                "content": "Military advisor, I have some modern ideas I'd like to "
                "discuss with you",
            },
        ],
    },
    "chat_partner": {
        "model": "M2-her",
        "messages": [
            {"role": "system", "content": "You are a humorous chat partner"},
            {"role": "sample_message_user", "content": "The weather is nice today"},
            {
                "role": "sample_message_ai",
                "content": "Indeed! Sunny days always bring joy, just like your smile~",
            },
            {"role": "user", "content": "Planning to go hiking tomorrow"},
        ],
    },
    "usage_example": {
        "model": "M2-her",
        "messages": [
            {
                "role": "system",
                "name": "AI Assistant",
                "content": "You are a friendly and professional AI assistant",
            },
            {"role": "user", "name": "User", "content": "Hello, please introduce yourself"},
        ],
        "temperature": 1.0,
        "top_p": 0.95,
        "max_completion_tokens": 2048,
    },
}


def scene(name: str, **given: Any) -> CompiledScenario:
    return compile_scenario(LIBRARY / f"{name}.yaml", **given)


def said(result: CompiledScenario, *roles: Role) -> list[str]:
    return [message.content for message in result.messages if message.role in roles]


def systems(name: str) -> list[str]:
    """Return the system message of each variant."""
    return [variant.messages[0].content for variant in scene(name).variants]


@pytest.mark.parametrize("name", sorted(GUIDE))
def test_guide_compiles_to_the_published_request(name: str) -> None:
    assert scene(name).request() == GUIDE[name]


@pytest.mark.parametrize("name", sorted(GUIDE))
def test_guide_sends_a_name_with_every_message_on_demand(name: str) -> None:
    result = scene(name, names="always")

    assert [message.role for message in result.messages if not message.name] == []


def test_library_has_no_findings() -> None:
    library = load_library(LIBRARY)

    assert [(str(d.span), d.message) for d in library.diagnostics] == []
    assert len(library) == 21


def test_readme_has_one_line_for_every_scenario() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\(\1\.yaml\) \|", (LIBRARY / "README.md").read_text("utf-8"), re.MULTILINE
    )

    assert sorted(listed) == sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def test_separators_of_scripts_are_not_sent() -> None:
    library = load_library(LIBRARY)

    sent = [
        (variant.id, message.content)
        for scenario in library
        for variant in scenario.variants
        for message in variant.messages
        if "<START>" in message.content
    ]

    assert sent == []


LAST_LINES: Final = {
    "bakery_german": r"(\*.*|\[.* \| try: .*\])",  # the greeting has nothing to correct yet
    "cell_nine": r"\[\d\d:\d\d \| \d+ dB \| (green|amber|red)\]",
    "dining_car": r"\[.* \| .* \| .*\]",
    "drowned_library": r"\[Oil .* \| Turn \d\]",
    "park_corner": r"【本子】.{1,15}",
}


@pytest.mark.parametrize("name", LAST_LINES)
def test_replies_end_as_the_format_asks(name: str) -> None:
    """A model copies what it sees done."""
    for variant in scene(name).variants:
        speaker = variant.messages[0].name
        for message in variant.messages[1:]:
            if message.name == speaker:
                assert re.fullmatch(LAST_LINES[name], message.content.splitlines()[-1])


@pytest.mark.parametrize("speaker", ["四娘", "沈先生", "小满"])
def test_tea_house_keeps_each_secret_and_thought_to_its_owner(speaker: str) -> None:
    minds = {
        "四娘": ["柜台底下压着一封没有落款的信", "怕人看见"],
        "沈先生": ["那封信，是他托人捎来的", "到底还是有人来问"],
        "小满": ["他就是从那条船上爬下来的", "是船上的名单"],
    }

    text = "\n".join(message.content for message in scene("tea_house", speaker=speaker).messages)

    known = {who for who, words in minds.items() if any(word in text for word in words)}
    assert known == {speaker}
    assert [word for word in minds[speaker] if word not in text] == []


def test_night_train_is_compiled_for_each_weather_passenger_and_greeting() -> None:
    assert [variant.id for variant in scene("night_train").variants] == [
        f"night_train[weather={weather},honest={honest},greeting={greeting}]"
        for weather, honest in (("clear", "true"), ("blizzard", "true"), ("blizzard", "false"))
        for greeting in (0, 1)
    ]


def test_dining_car_lets_the_conductor_be_the_user_without_her_secrets() -> None:
    result = scene("dining_car")

    text = "\n".join(message.content for message in result.messages)
    assert {m.name for m in result.messages if m.role is Role.USER} == {"Ilse Brandt"}
    assert "writes it in no book" not in text
    assert "Jarmil answers only when spoken to" in said(result, Role.SYSTEM)[0]
    assert "two spoons" not in text


@pytest.mark.parametrize("speaker", ["agnes", "pell", "rupert", "sayer"])
def test_reading_of_the_will_looks_different_to_each_of_the_four(speaker: str) -> None:
    minds = {
        "agnes": ["posted the will", "a word too many"],
        "pell": ["does not come out of it well", "have to read that aloud"],
        "rupert": ["pledged the house", "Just turn the page"],
        "sayer": ["did not go up to look", "I was at the harbour"],
    }

    result = scene("reading_of_the_will", speaker=speaker)
    text = "\n".join(message.content for message in result.messages)

    assert {who for who, words in minds.items() if any(word in text for word in words)} == {speaker}
    assert [word for word in minds[speaker] if word not in text] == []


def test_late_visit_differs_between_variants_in_one_secret_alone() -> None:
    variants = scene("late_visit").variants

    assert [variant.id for variant in variants] == [
        f"late_visit[reason={reason}]" for reason in ("father", "place", "car")
    ]
    assert len({variant.messages[0].content for variant in variants}) == 3
    assert len({tuple(m.content for m in variant.messages[1:]) for variant in variants}) == 1


@pytest.mark.parametrize("name", ["late_visit", "border_camp"])
def test_scenes_of_two_ways_name_their_decision(name: str) -> None:
    choice = {"late_visit": "Marco comes in", "border_camp": "Ilka builds him the bridge"}[name]

    for system in systems(name):
        assert f"The scene turns on one decision: whether {choice}" in system


@pytest.mark.parametrize("name", ["support_leak", "support_outage"])
def test_help_desk_shares_its_character_and_its_rules(name: str) -> None:
    for system in systems(name):
        assert "You are Juno." in system
        assert "the first sentence is to unplug it" in system


def test_weather_station_opens_in_four_ways() -> None:
    variants = scene("weather_station").variants

    openings = {
        next(m.content for m in variant.messages if m.role is Role.ASSISTANT)
        for variant in variants
    }
    assert len(variants) == len(openings) == 4


def test_listener_keeps_the_rules_on_safety_when_the_rest_has_to_go() -> None:
    """No budget takes them away: the smallest one that compiles still has both."""
    budgets = range(100, 900, 20)
    results = [scene("listener", budget=budget) for budget in budgets]

    small = next(result for result in results if result.ok)
    [system] = said(small, Role.SYSTEM)
    assert "Ask directly whether they are safe now" in system
    assert "Never name means or methods" in system
    assert "what they have tried" not in system


@pytest.mark.parametrize(("oil", "shown"), [(7, "Oil 7/7"), (2, "Oil 2/7")])
def test_drowned_library_shows_its_bar_in_scene_and_history(oil: int, shown: str) -> None:
    result = scene("drowned_library", variables={"oil": oil})

    assert shown in said(result, Role.GROUP)[0]
    assert said(result, Role.ASSISTANT)[0].splitlines()[-1].startswith(f"[{shown} |")


@pytest.mark.parametrize(("battery", "blind"), [(34, False), (8, True)])
def test_storeroom_gets_darker_with_the_battery(battery: int, blind: bool) -> None:
    [group] = said(scene("storeroom", variables={"battery": battery}), Role.GROUP)

    assert f"{battery} per cent" in group
    assert ("comes and goes" in group) is blind
