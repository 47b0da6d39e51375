"""The library in scenarios/: the guide's own requests, and scenes that use most of the format."""

from __future__ import annotations

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
    assert len(library) == 7


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


@pytest.mark.parametrize("speaker", ["四娘", "沈先生", "小满"])
def test_tea_house_keeps_each_secret_and_thought_to_its_owner(speaker: str) -> None:
    minds = {
        "四娘": ["柜台底下压着一封没有落款的信", "怕人看见"],
        "沈先生": ["那封信是他托人捎来的", "到底还是有人来问"],
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
