"""Whatever messages a service takes: the scenario made of them compiles to the very same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.importers import import_request
from m2her_compose.importers.verbatim import verbatim

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

# What YAML, templates, scripts and placeholders have a meaning for, and texts must not.
PARTS: Final = (
    *"ab \n\t\r'\"\\:#-?*&![]{}|>%@`,~=",
    "\n\n",
    "\r\n",
    ": ",
    " #",
    "- ",
    "---\n",
    "{{",
    "}}",
    "{% if x %}",
    "{#",
    "{{ user }}",
    "{{char}}",
    "{{User}}",
    "<BOT>",
    "<uſer>",
    "\n<START>\n",
    "user: ",
    "\nai：",
    "\n  indented",
    "No",
    "12:30",
    "a word or two, ",
    "你好，",
    "\x00",
    "\x07",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\u202e",
    "\u3000",
    "\xa0",
    "🙂",
    "\U000e0041",
    "many words that go on and on until the line is full, and then some more " * 2,
)
NAMES: Final = (
    *("Ann", "Mara Quill", "诸葛亮", "AI", "User", "user", "Narrator", "旁白", "O'Neil: x", "null"),
    *("*", "2b", "{{x}}", "{{ user }}", "<USER>", "{{char}}", "no # x", "a\tb", "\u202ex", "~"),
)


def is_said(text: str) -> bool:
    return bool(text.strip()) and not text.endswith("\n")


texts = st.one_of(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=12).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.sampled_from(["Hello?", "Hm.", "*nods*\n\nYes.", "Rule one: none."]),
).filter(is_said)
names = st.sampled_from(NAMES)


@st.composite
def conversations(draw: DrawFn) -> list[dict[str, str]]:
    """Make messages in the order of a scenario, with names for all, for nobody, or for some."""
    mode = draw(st.sampled_from(["all", "nobody", "some"]))
    cast = draw(st.lists(names, min_size=1, max_size=3))

    def named(*choice: str) -> dict[str, str]:
        is_named = mode == "all" or (mode == "some" and draw(st.booleans()))
        return {"name": draw(st.sampled_from(choice))} if is_named else {}

    user = named(draw(names))
    made: list[dict[str, str]] = []
    if draw(st.booleans()):
        made.append({"role": "system", **named(*cast), "content": draw(texts)})
    if draw(st.booleans()):
        made.append({"role": "user_system", **user, "content": draw(texts)})
    if draw(st.booleans()):
        # Where names are given to some alone, nobody reads the title.
        called = named(draw(names)) if mode == "all" else {}
        is_repeated = draw(st.booleans())
        own = [called["name"]] if called and is_repeated else []
        lines = [*own, *draw(st.lists(texts, min_size=not own, max_size=1))]
        made.append({"role": "group", **called, "content": "\n".join(lines)})
    for role_pair, most in (
        (("sample_message_user", "sample_message_ai"), 5),
        (("user", "assistant"), 12),
    ):
        for is_users in draw(st.lists(st.booleans(), max_size=most)):
            who = user if is_users else named(*cast)
            made.append({"role": role_pair[not is_users], **who, "content": draw(texts)})
    return made or [{"role": "user", **user, "content": "Hello?"}]


@given(
    conversations(),
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.sampled_from(["M2-her", "gpt-4o", "~", "a: b"]),
            "temperature": st.floats(0, 2),
            "top_p": st.floats(allow_nan=False, allow_infinity=False),
            "max_completion_tokens": st.integers(-9, 10**12),
            "stream": st.booleans(),
        },
    ),
)
def test_any_legal_request_comes_back(
    messages: list[dict[str, str]], beside: dict[str, Any]
) -> None:
    made = import_request({"messages": messages, **beside})
    assert ((), ()) == (made.losses, made.notes), made.text


@given(texts)
def test_any_text_is_kept_from_the_template_engine(text: str) -> None:
    mark, body = verbatim(text)
    assert mark in ("", "!raw ")
    assert () == import_request([{"role": "user", "content": text}]).losses, (mark, body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain <USER>", ("", "plain <USER>")),
        ("{% if %}", ("!raw ", "{% if %}")),
        ("{{char}}", ("", '{{ "{{char}}" }}')),
        ("{{{user}}}", ("", '{{ "{{" }}{user}}}')),
        ("<BOT> {{ x", ("", '<BOT> {{ "{{" }} x')),
        ("{{char}}\r\n{\r", ("", '{{ "{{char}}" }}{{ "\\r" }}\n{{ "{\\r" }}')),
    ],
)
def test_braces_are_written_as_simply_as_can_be(text: str, expected: tuple[str, str]) -> None:
    assert expected == verbatim(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "Hm.",
                "Two lines,\nand a second.",
                "A gap\n\nbetween.",
                "Mood: calm",
                "One\nMood: calm",
                "x\n  indented",
                "x\nuser: not me",
                "x\n<START>",
                "\u3000x",
                "x\n\u3000",
                "ends in a blank ",
            ]
        ),
        min_size=8,
        max_size=8,
    )
)
def test_a_long_history_comes_back_in_either_form(said: list[str]) -> None:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    assert () == import_request(messages).losses
