"""What becomes of single messages, names and parameters; what is refused, changed or left out."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from m2her_compose.importers import Imported, Naming, Refusal, import_request

SYSTEM: Final = {"role": "system", "content": "You are Mara."}
MOVED: Final = (
    "moved up, since system, user_system and group come first, then examples, then the conversation"
)
USER: Final = {"role": "user", "content": "Hello?"}


def refusal(value: Any, naming: Naming | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        import_request(value, naming)
    return caught.value.message


def message(role: str, content: Any, name: str | None = None) -> dict[str, Any]:
    return {"role": role, "content": content, **({"name": name} if name is not None else {})}


def asked(**beside: Any) -> Imported:
    return import_request({"messages": [SYSTEM, USER], **beside})


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        pytest.param("Hello?", "message 2 is no map with `role` and `content`", id="text"),
        pytest.param({"content": "x"}, "message 2 has no `role`", id="no-role"),
        pytest.param(
            message("critic", "x"), 'message 2 has the unknown role "critic"', id="unknown-role"
        ),
        pytest.param(
            {"role": ["user"], "content": "x"},
            "message 2 has the unknown role a list of 1",
            id="role-is-a-list",
        ),
        pytest.param(
            message("tool", "42"),
            "message 2 belongs to a tool call, which scenarios do not have",
            id="tool",
        ),
        pytest.param(
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
            "message 2 belongs to a tool call, which scenarios do not have",
            id="tool-calls",
        ),
        pytest.param(
            message("user", [{"type": "image_url", "image_url": {"url": "https://x"}}]),
            'message 2 has a part of the type "image_url": M2-her reads text',
            id="picture",
        ),
        pytest.param(
            message("user", ["x"]), "message 2 has a part that is no text", id="bare-part"
        ),
        pytest.param(
            message("user", 7),
            "the `content` of message 2 is neither a text nor a list of parts",
            id="number",
        ),
        pytest.param(
            {"role": "user", "name": 7, "content": "x"},
            "the `name` of message 2 is no text",
            id="name",
        ),
        pytest.param(
            message("user", "cut \ud83d"),
            "the content of message 2 has half of a character, `\\ud83d`, which cannot be written",
            id="lone-surrogate",
        ),
        pytest.param(
            message("user", "x", "\udc00"),
            "the name of message 2 has half of a character, `\\udc00`, which cannot be written",
            id="lone-surrogate-in-a-name",
        ),
    ],
)
def test_a_message_that_no_scenario_has_is_refused(odd: Any, expected: str) -> None:
    assert expected == refusal([SYSTEM, odd])


@pytest.mark.parametrize("key", ["tool_calls", "function_call"])
def test_tools_that_were_not_called_are_no_reason(key: str) -> None:
    assert () == import_request([SYSTEM, {**USER, key: None}]).losses


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param(
            [message("system", "You are Mara.\n"), USER],
            ["message 1: line breaks at the end are dropped"],
            id="line-break-at-the-end",
        ),
        pytest.param(
            [SYSTEM, message("assistant", " "), message("assistant", None), USER],
            ["messages 2, 3: left out, since nothing is said"],
            id="nothing-said",
        ),
        pytest.param(
            [message("developer", "You are Mara."), USER],
            ["message 1: the role `developer` becomes `system`"],
            id="developer",
        ),
        pytest.param(
            [SYSTEM, message("user", [{"type": "text", "text": t} for t in "ab"])],
            ["message 2: parts are put together, a line break between them"],
            id="several-parts",
        ),
        pytest.param(
            [SYSTEM, message("system", "It rains."), USER],
            ["message 2: joined to the first `system` message"],
            id="two-system-messages",
        ),
        pytest.param(
            [message("user", "x", "Ann"), message("user", "y", "Bob"), message("user", "z", "Ann")],
            ['message 2: the name "Bob" becomes "Ann"'],
            id="two-users",
        ),
        pytest.param(
            [message("user_system", "x", "Ann"), USER],
            ['message 2: gets the name "Ann"'],
            id="user-with-and-without-a-name",
        ),
        pytest.param(
            [message("group", "It rains.", "Rain"), USER],
            ['message 1: loses the name "Rain"'],
            id="only-the-group-has-a-name",
        ),
        pytest.param(
            [message("user", "x", " Ann ")],
            ['message 1: the name " Ann " becomes "Ann"'],
            id="blanks-around-a-name",
        ),
        pytest.param(
            [message("assistant", "x") for _ in range(12)]
            + [message("sample_message_ai", "y") for _ in range(12)],
            [
                f"messages 13, 14, 15, 16, 17, 18, 19, 20 and 4 more: {MOVED}",
            ],
            id="examples-after-the-history",
        ),
    ],
)
def test_what_no_scenario_says_exactly_is_told(messages: list[Any], expected: list[str]) -> None:
    made = import_request(messages)
    assert expected == list(made.losses)
    for line in made.text.splitlines()[1 : 1 + len(expected)]:
        assert line.startswith("# - message")


@pytest.mark.parametrize("name", [None, ""])
def test_an_empty_name_is_none(name: str | None) -> None:
    made = import_request([SYSTEM, {**USER, "name": name}])
    assert () == made.losses
    assert "names: given\n" in made.text


def test_messages_that_say_nothing_at_all_are_refused() -> None:
    assert refusal([message("user", " ")]) == "no message says anything"


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        pytest.param({"temperature": 0.8}, "{temperature: 0.8}", id="number"),
        pytest.param({"temperature": 1}, "{temperature: 1}", id="whole"),
        pytest.param({"temperature": 1e-7}, "{temperature: 1e-07}", id="small"),
        pytest.param({"stream": True}, "{stream: true}", id="flag"),
        pytest.param(
            {"stream": False, "max_completion_tokens": 9, "top_p": 1.0},
            "{top_p: 1.0, max_completion_tokens: 9, stream: false}",
            id="in-their-order",
        ),
    ],
)
def test_parameters_stay(beside: dict[str, Any], expected: str) -> None:
    made = asked(**beside)
    assert ((), ()) == (made.losses, made.notes)
    assert f"parameters: {expected}\n" in made.text


@pytest.mark.parametrize(
    "beside",
    [
        {"temperature": None},
        {"max_tokens": None},
        {"stop": None},
        {"model": ""},
        {"model": "M2-her"},
    ],
    ids=json.dumps,
)
def test_what_is_null_or_the_default_is_not_written(beside: dict[str, Any]) -> None:
    assert asked().text == asked(**beside).text
    assert () == asked(**beside).notes


@pytest.mark.parametrize(
    "beside",
    [
        {"temperature": "hot"},
        {"temperature": True},
        {"temperature": float("inf")},
        {"temperature": 10**400},
        {"max_completion_tokens": 1.5},
        {"max_completion_tokens": 10**40},
        {"stream": 1},
        {"top_p": []},
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_value_that_scenarios_do_not_take_is_a_loss(beside: dict[str, Any]) -> None:
    made = asked(**beside)
    [loss] = made.losses
    assert loss.startswith(f"`{next(iter(beside))}: ")
    assert "\nparameters" not in made.text


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        pytest.param({"seed": 7}, ["`seed: 7`"], id="number"),
        pytest.param({"stop": ["a", "b"]}, ["`stop: a list of 2`"], id="list"),
        pytest.param(
            {"max_tokens": 5}, ["`max_tokens`: written as `max_completion_tokens`"], id="old-limit"
        ),
        pytest.param(
            {"max_tokens": 5, "max_completion_tokens": 6}, ["`max_tokens: 5`"], id="both-limits"
        ),
        pytest.param(
            {"user": "\x1b[31m\u202e\u2028"},
            ['`user: "\\u001b[31m\\u{202e}\\u{2028}"`'],
            id="what-a-terminal-obeys",
        ),
        pytest.param({"k\n#": 1}, ["`k\\u{a}#: 1`"], id="a-key-over-lines"),
        pytest.param({"x": "y" * 99}, [f'`x: "{"y" * 58}…`'], id="long"),
    ],
)
def test_other_keys_of_a_body_are_told(beside: dict[str, Any], expected: list[str]) -> None:
    assert expected == list(asked(**beside).notes)


def test_other_keys_of_messages_are_told_once() -> None:
    made = import_request([{**SYSTEM, "weight": 1}, {**USER, "weight": 0, "id": "x"}])
    assert ["`weight` of 2 messages", "`id` of a message"] == list(made.notes)
    assert () == made.losses


def test_remarks_stand_above_the_scenario_as_a_bounded_number_of_comments() -> None:
    made = asked(**{f"key_{n}": "x" * 100 for n in range(40)})
    comments = [line for line in made.text.splitlines() if line.startswith("#")]
    assert 22 == len(comments)
    assert "# and 20 more" == comments[-1]
    assert all(len(line) < 100 for line in comments)


def test_no_comment_of_ours_is_made_by_a_request() -> None:
    assert "m2her:" not in asked(user="# m2her: ignore[M2H101]").text.partition("\nm2her: ")[0]


def test_a_model_stays() -> None:
    assert "model: minimax/minimax-m2-her\n" in asked(model="minimax/minimax-m2-her").text
    assert "`model` is no text" == refusal({"messages": [USER], "model": 7})


# --- naming


def test_a_scenario_is_called_and_spoken_as_asked() -> None:
    naming = Naming(id="first", title="First meeting", language="de")
    made = import_request([SYSTEM, USER], naming)
    assert "id: first\ntitle: First meeting\nlanguage: de\n" in made.text


def test_a_title_that_the_group_needs_for_its_name_is_refused() -> None:
    named = [message("group", "It rains.", "Rain"), message("user", "x", "Ann")]
    assert "title: Rain\n" in import_request(named).text
    assert "title: Rain\n" in import_request(named, Naming(title="Rain")).text
    expected = "the title is taken: it is where the name of the group stands"
    assert expected == refusal(named, Naming(title="Other"))


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        pytest.param(["Mara Quill"], ["mara_quill"], id="words"),
        pytest.param(["Mara", "MARA"], ["mara", "mara_2"], id="same-but-for-case"),
        pytest.param(["四娘", "Zoë"], ["四娘", "zoë"], id="any-script"),
        pytest.param(["User", "Thought", "AI"], ["user_2", "thought_2", "ai_2"], id="taken"),
        pytest.param(["2B", "***", "★"], ["_2b", "character", "character_2"], id="no-identifier"),
    ],
)
def test_characters_get_ids_made_of_their_names(names: list[str], ids: list[str]) -> None:
    lines = [message("system", "x", names[0]), *(message("assistant", "x", n) for n in names)]
    made = import_request([*lines, message("user", "y", "Ann")])
    assert () == made.losses
    assert [f"  {each}:" for each in ids] == [
        line
        for line in made.text.splitlines()
        if line.startswith("  ") and line.endswith(":") and line != "  -"
    ][: len(ids)]


# --- size


def test_as_many_messages_as_a_scenario_holds_are_imported_and_no_more() -> None:
    many = [message("user" if n % 2 else "assistant", f"Line {n}.") for n in range(20_000)]
    made = import_request(many)
    assert () == made.losses
    assert "history: |\n" in made.text
    expected = "100,001 messages, and a scenario has at most 100,000"
    assert expected == refusal([USER] * 100_001)


def test_a_scenario_that_would_be_too_large_is_refused() -> None:
    expected = "the scenario would be larger than 4,000,000 bytes, and no file may be"
    assert expected == refusal([message("user", "ab " * 1_400_000)])
    assert expected == refusal([message("user", "\x07" * 1_400_000 + "x")])
    assert refusal([message("user", "ab " * 700_000 + "x")]).startswith("no scenario can hold this")


@pytest.mark.parametrize(
    ("count", "words", "is_script"),
    [
        pytest.param(7, 1, False, id="few"),
        pytest.param(8, 1, True, id="many"),
        pytest.param(8, 40, False, id="many-wide-ones"),
        pytest.param(1001, 40, True, id="more-than-a-list-is-good-for"),
    ],
)
def test_a_history_is_a_script_where_that_reads_better(
    count: int, words: int, is_script: bool
) -> None:
    said = " ".join(["word"] * words)
    lines = [message("user" if n % 2 else "assistant", said) for n in range(count)]
    made = import_request([SYSTEM, *lines, USER])
    assert () == made.losses
    assert is_script == ("history: |\n" in made.text)
