"""What becomes of a conversation for a target that does not take all of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from m2her_compose.compiler import Compiler, Input
from m2her_compose.config import targets_of
from m2her_compose.diagnostics import Sink, Source, Span
from m2her_compose.emit.losses import loss_data, loss_report
from m2her_compose.frozen import replaced
from m2her_compose.ir import Conversation, LossKind, Message, Origin, Piece, Role
from m2her_compose.passes import lower
from m2her_compose.passes.naming import allotted, transliterated
from m2her_compose.scenario import Overrides
from m2her_compose.targets import (
    ASCII_NAMES,
    BASIC,
    M2_HER,
    OPENAI,
    OPENROUTER,
    TARGETS,
    Examples,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.conftest import Golden

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "lower"
CASES = sorted(path.name for path in CORPUS.iterdir())
TURNS = replaced(BASIC, id="turns", examples=Examples.TURNS)
NAMED = replaced(OPENROUTER, id="named", examples=Examples.NAMED)
LOWERING = (BASIC, OPENAI, OPENROUTER, TURNS, NAMED)


def each(targets: Sequence[Target]) -> list[Any]:
    return [pytest.param(target, id=target.id) for target in targets]


# --- what is compiled


def compiled(case: str) -> tuple[Conversation, tuple[Target, ...]]:
    """Return a case's conversation, and its targets: the known ones but for M2-her, its own."""
    folder = CORPUS / case
    compiler = Compiler(base=folder)
    result = compiler.compile(Input(path=folder / "main.yaml"), Overrides())
    (variant,) = result.variants
    targets = targets_of(compiler.settings(folder, Sink()))
    own = tuple(target for target in targets if target not in TARGETS)
    return variant.conversation, own or TARGETS[1:]


@pytest.mark.parametrize("case", CASES)
def test_a_scenario_becomes_exactly_this_on_each_target(case: str, golden: Golden) -> None:
    conversation, targets = compiled(case)
    for target in targets:
        lowered = lower(conversation, target)
        body = {
            "model": lowered.model,
            "messages": [message.to_dict() for message in lowered.messages],
            "parameters": dict(lowered.parameters),
        }
        text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
        golden(CORPUS / case / f"expected.{target.id}.json", text)
        golden(
            CORPUS / case / f"expected.{target.id}.losses.txt", loss_report([lowered], width=100)
        )


@pytest.mark.parametrize("case", CASES)
def test_no_expected_file_is_left_over(case: str) -> None:
    _, targets = compiled(case)
    wanted = {f"expected.{t.id}.{end}" for t in targets for end in ("json", "losses.txt")}
    assert wanted == {path.name for path in (CORPUS / case).glob("expected.*")}


@pytest.mark.parametrize("case", CASES)
def test_m2_her_takes_everything_as_it_is(case: str) -> None:
    conversation, _ = compiled(case)
    lowered = lower(conversation, M2_HER)
    assert conversation == lowered
    assert () == lowered.losses


# --- conversations made by hand


def piece(text: str, *, pointer: str = "/x", audience: str | None = None) -> Piece:
    span = Span(Source(path="a.yaml", text=text), 0, len(text))
    origin = Origin(pointer=pointer, span=span)
    return Piece(text=text, origins=(origin,), exact=True, audience=audience)


def message(role: Role, text: str, name: str | None = None, unit: str = "") -> Message:
    pointer = {Role.USER_SYSTEM: "/persona/name", Role.GROUP: "/group/name"}.get(role, "/n/name")
    names = () if name is None else (piece(name, pointer=pointer),)
    return Message(
        role=role, pieces=(piece(text),), name_pieces=names, unit=unit or role.value, template=None
    )


def conversation(*messages: Message, language: str = "en", **more: Any) -> Conversation:
    fields: dict[str, Any] = {"model": "M2-her", "parameters": {}, **more}
    return Conversation(id="made", messages=messages, language=language, **fields)


SYSTEM = message(Role.SYSTEM, "Keep the light.", "Bea")
PERSONA = message(Role.USER_SYSTEM, "Wet boots.", "Ida")
ASKED = message(Role.SAMPLE_USER, "Lonely?", "Ida", "example/0")
ANSWERED = message(Role.SAMPLE_AI, "Visitors.", "Bea", "example/0")
OPENING = message(Role.USER, "Open?", "Ida")


def test_a_system_message_is_made_where_there_is_none() -> None:
    lowered = lower(conversation(PERSONA, ASKED, ANSWERED, OPENING), BASIC)
    assert ["system", "user"] == [each.role.value for each in lowered.messages]
    assert (
        "About the user (Ida):\nWet boots.\n\nExample exchange:\nIda: Lonely?\nBea: Visitors."
        == lowered.messages[0].content
    )
    assert "into a system message made for it" in lowered.losses[0].outcome


@pytest.mark.parametrize("language", ["de", "ja", "en-GB", "zhx"])
def test_a_language_without_headings_gets_the_english_ones(language: str) -> None:
    lowered = lower(conversation(SYSTEM, PERSONA, language=language), BASIC)
    assert "\n\nAbout the user (Ida):\n" in lowered.messages[0].content


@pytest.mark.parametrize("language", ["zh", "zh-CN", "ZH-Hant"])
def test_chinese_conversations_get_chinese_headings(language: str) -> None:
    lowered = lower(conversation(SYSTEM, PERSONA, language=language), BASIC)
    assert lowered.messages[0].content.endswith("\n\n关于用户（Ida）：\nWet boots.")


def test_what_is_folded_keeps_its_origins_and_who_may_know_it() -> None:
    secret = replace(PERSONA, pieces=(piece("Told to one.", audience="bea"),))
    lowered = lower(conversation(SYSTEM, secret), BASIC)
    (folded,) = [each for each in lowered.messages[0].pieces if each.text == "Told to one."]
    assert secret.pieces[0] is folded
    headings = [each for each in lowered.messages[0].pieces if not each.origins]
    assert ["\n\n", "About the user (", "):\n"] == [each.text for each in headings]
    assert not any(each.exact for each in headings)


def test_the_first_system_message_stays_the_beginning_of_itself() -> None:
    lowered = lower(conversation(SYSTEM, PERSONA, OPENING), OPENROUTER)
    first = lowered.messages[0]
    assert SYSTEM.pieces == first.pieces[: len(SYSTEM.pieces)]
    assert (SYSTEM.unit, SYSTEM.name_pieces) == (first.unit, first.name_pieces)


def test_reads_of_what_is_folded_are_kept() -> None:
    read = Origin(pointer="/vars/era", span=Span(Source(path="a.yaml", text="x"), 0, 1))
    lowered = lower(conversation(SYSTEM, replace(PERSONA, reads=(read,))), BASIC)
    assert (read,) == lowered.messages[0].reads


def test_lines_of_one_speaker_get_no_label() -> None:
    said = message(Role.ASSISTANT, "Sit.", "Bea")
    lowered = lower(conversation(SYSTEM, said, OPENING), BASIC)
    assert ["Keep the light.", "Sit.", "Open?"] == [each.content for each in lowered.messages]
    assert [None, None, None] == [each.name for each in lowered.messages]
    assert ["Bea", "Ida"] == [each.before for each in lowered.losses]


def test_lines_of_another_speaker_than_the_one_who_answers_get_labels() -> None:
    said = message(Role.ASSISTANT, "Snow.", "Narrator")
    lowered = lower(conversation(SYSTEM, said, OPENING), BASIC)
    assert "Narrator: Snow." == lowered.messages[1].content


def test_only_the_model_s_lines_get_labels() -> None:
    said = message(Role.ASSISTANT, "Snow.", "Narrator")
    lowered = lower(conversation(SYSTEM, said, OPENING), BASIC)
    assert OPENING.pieces == lowered.messages[-1].pieces


@pytest.mark.parametrize("target", each(TARGETS))
def test_a_conversation_with_nothing_to_change_keeps_its_messages(target: Target) -> None:
    plain = conversation(message(Role.SYSTEM, "Keep the light."), message(Role.USER, "Open?"))
    assert plain.messages == lower(plain, target).messages


def test_what_was_left_out_for_the_budget_stays_noted() -> None:
    lowered = lower(conversation(SYSTEM, PERSONA), BASIC)
    again = lower(lowered, OPENAI)
    assert lowered.losses == again.losses[: len(lowered.losses)]


# --- model and parameters


@pytest.mark.parametrize(
    ("model", "target", "sent"),
    [
        pytest.param("M2-her", OPENROUTER, "minimax/minimax-m2-her", id="default and one known"),
        pytest.param("M2-her", BASIC, "M2-her", id="default and none known"),
        pytest.param("qwen3", OPENROUTER, "qwen3", id="the author's own"),
        pytest.param("minimax/minimax-m2-her", OPENROUTER, "minimax/minimax-m2-her", id="known"),
    ],
)
def test_the_default_model_gives_way_to_the_target_s(model: str, target: Target, sent: str) -> None:
    lowered = lower(conversation(SYSTEM, model=model), target)
    assert sent == lowered.model
    renames = [(each.before, each.after) for each in lowered.losses if each.what == "model"]
    assert ([(model, sent)] if model != sent else []) == renames


@pytest.mark.parametrize(
    ("target", "key"), [(BASIC, "max_tokens"), (OPENAI, "max_completion_tokens")]
)
def test_the_limit_of_a_reply_is_called_what_the_target_reads(target: Target, key: str) -> None:
    given_ = {"temperature": 0.5, "max_completion_tokens": 300, "stream": False}
    lowered = lower(conversation(SYSTEM, parameters=given_), target)
    assert {"temperature": 0.5, key: 300, "stream": False} == dict(lowered.parameters)


# --- names


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("诸葛亮", "ZhuGeLiang"),
        ("Mara Lind", "Mara_Lind"),
        ("Dr. No", "Dr_No"),
        ("O’Brien", "OBrien"),
        ("Ольга", "Olga"),
        ("e\u0301a", "ea"),
        ("さくら", "sakura"),
        ("何四娘（“Bea”）", "HeSiNiang_Bea"),
        ("🎻", "violin"),
        ("★", "name"),
        ("\u202e", "name"),
        ("x" * 80, "x" * 64),
        ("长" * 5000, "Zhang" * 12 + "Zhan"),
    ],
)
def test_a_name_is_written_in_plain_letters(name: str, plain: str) -> None:
    assert plain == transliterated(name)


def test_names_that_keep_to_the_rule_come_first() -> None:
    assert {"诸葛亮": "ZhuGeLiang_2", "ZhuGeLiang": "ZhuGeLiang"} == allotted(
        ["诸葛亮", "ZhuGeLiang"], ASCII_NAMES
    )


def test_a_number_does_not_make_a_name_too_long() -> None:
    names = allotted(["é" * 70, "e" * 70, "e" * 64], ASCII_NAMES)
    assert ["e" * 62 + "_2", "e" * 62 + "_3", "e" * 64] == [*names.values()]


def test_names_of_examples_are_nobody_else_s() -> None:
    named = message(Role.ASSISTANT, "I am.", "example_user")
    lowered = lower(conversation(SYSTEM, ASKED, named, OPENING), OPENAI)
    assert ["Bea", "example_user", "example_user_2", "Ida"] == [m.name for m in lowered.messages]


# --- what always holds


names_ = st.none() | st.sampled_from(["Bea", "何四娘", "Bea Lund", "example_user", "何 四娘", "★"])


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Make any conversation whose texts are told apart by their numbers."""
    head = draw(st.lists(st.sampled_from([Role.SYSTEM, Role.USER_SYSTEM, Role.GROUP]), unique=True))
    head.sort(key=list(Role).index)
    samples = draw(st.lists(st.sampled_from([Role.SAMPLE_USER, Role.SAMPLE_AI]), max_size=5))
    turns = draw(st.lists(st.sampled_from([Role.USER, Role.ASSISTANT]), max_size=5))
    made = []
    for number, role in enumerate([*head, *samples, *turns]):
        ending = draw(st.sampled_from(["", "\n\nmore", ": x", "：", "(y)\n"]))
        unit = f"example/{draw(st.integers(0, 2))}" if role in samples else role.value
        made.append(message(role, f"<{number}>{ending}", draw(names_), unit))
    language = draw(st.sampled_from(["en", "zh"]))
    parameters = draw(st.sampled_from([{}, {"max_completion_tokens": 5}]))
    return conversation(*made, language=language, parameters=parameters)


targets = st.sampled_from([*TARGETS, TURNS, NAMED])


@given(conversations(), targets)
def test_every_role_is_one_that_the_target_takes(made: Conversation, target: Target) -> None:
    assert {m.role.value for m in lower(made, target).messages} <= set(target.roles)


@given(conversations(), targets)
def test_every_name_keeps_to_the_target_s_rule(made: Conversation, target: Target) -> None:
    for sent in lower(made, target).messages:
        assert target.sends_names or sent.name is None
        assert sent.name is None or re.fullmatch(target.name_rule or "(?s:.*)", sent.name)


@given(conversations(), targets)
def test_every_text_is_there_once_and_in_its_order(made: Conversation, target: Target) -> None:
    sent = "\0".join(m.content for m in lower(made, target).messages)
    places = [sent.find(m.content) for m in made.messages]
    assert -1 not in places
    assert sorted(places) == places
    assert all(1 == sent.count(f"<{number}>") for number in range(len(made.messages)))


@given(conversations(), targets)
def test_every_piece_is_there_once_and_keeps_its_origins(
    made: Conversation, target: Target
) -> None:
    sent = [p for m in lower(made, target).messages for p in m.pieces if "<" in p.text]
    assert [p for m in made.messages for p in m.pieces] == sent


@given(conversations(), targets)
def test_lines_are_sent_to_the_byte_but_for_labels(made: Conversation, target: Target) -> None:
    said = [m for m in made.messages if m.role in (Role.USER, Role.ASSISTANT)]
    sent = lower(made, target).messages
    for before, after in zip(said, sent[len(sent) - len(said) :], strict=True):
        assert before.role is after.role
        label, found, rest = after.content.rpartition(before.content)
        assert (before.content, "") == (found, rest)
        assert not label or (
            before.role is Role.ASSISTANT and label[:-1].rstrip(":") == before.name
        )


@given(conversations(), targets)
def test_lowering_twice_changes_nothing_more(made: Conversation, target: Target) -> None:
    once = lower(made, target)
    assert once == lower(once, target)


@given(conversations(), targets)
def test_different_names_stay_different(made: Conversation, target: Target) -> None:
    assume(target.sends_names)
    turns = [m for m in made.messages if m.role in (Role.USER, Role.ASSISTANT)]
    sent = lower(made, target).messages[-len(turns) :] if turns else ()
    pairs = {(a.name, b.name) for a, b in zip(turns, sent, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@given(conversations(), targets)
def test_whoever_is_no_longer_named_is_in_the_report(made: Conversation, target: Target) -> None:
    lowered = lower(made, target)
    told = "\0".join(
        [*(m.content for m in lowered.messages), *(m.name or "" for m in lowered.messages)]
    )
    reported = {loss.before for loss in lowered.losses}
    for name in {m.name for m in made.messages if m.name is not None}:
        assert name in told or name in reported


# --- the report


def lost(target: Target) -> Conversation:
    messages = (SYSTEM, PERSONA, ASKED, ANSWERED, message(Role.ASSISTANT, "雪。", "旁白"), OPENING)
    return lower(conversation(*messages), target)


def widths(text: str) -> Iterator[int]:
    from m2her_compose.emit.terminal import cells

    return (cells(line) for line in text.splitlines())


def test_without_losses_there_is_no_report() -> None:
    assert "" == loss_report([lower(conversation(OPENING), OPENROUTER)][:0])
    assert "" == loss_report([conversation(OPENING)])


def test_each_loss_is_a_line_with_its_place() -> None:
    scene = message(Role.GROUP, "Steam.", "Inn")
    snow = message(Role.ASSISTANT, "雪。", "旁白")
    lowered = lower(conversation(SYSTEM, scene, ANSWERED, snow), OPENAI)
    both = '"example_user" and "example_assistant"'
    assert loss_report([lowered]).splitlines() == [
        "made, for openai",
        'a.yaml:1:1  folded   group     into the first system message, under "The scene (Inn)"',
        f"a.yaml:1:1  folded   examples  one exchange into system messages named {both}",
        'a.yaml:1:1  folded   name      "Bea" stands before its lines in examples',
        'a.yaml:1:1  renamed  name      "旁白" is sent as "PangBai"',
    ]


@pytest.mark.parametrize("width", [1, 30, 40, 60, 72, 80, 100, 200])
@pytest.mark.parametrize("target", each(LOWERING))
def test_no_line_is_wider_than_the_terminal(target: Target, width: int) -> None:
    assert max(widths(loss_report([lost(target)], width=width))) <= max(30, width)


def test_variants_that_lost_the_same_are_told_of_once() -> None:
    first = lost(BASIC)
    others = [replace(first, id=f"made[{n}]") for n in range(2)]
    assert loss_report([first, *others]).startswith("made and 2 more variants, for basic\n")
    assert 1 == loss_report([first, *others]).count("variants")


def test_nothing_in_a_report_acts_on_the_terminal() -> None:
    evil = message(Role.USER, "Open?", "I\x1b[31mda\u202e")
    assert "\x1b" not in (text := loss_report([lower(conversation(SYSTEM, evil), BASIC)]))
    assert "\\u{202e}" in text


def test_losses_are_plain_data() -> None:
    data = loss_data(lost(OPENAI))
    assert json.loads(json.dumps(data)) == data
    assert {
        "kind": LossKind.RENAMED.value,
        "what": "name",
        "outcome": '"旁白" is sent as "PangBai"',
        "before": "旁白",
        "after": "PangBai",
        "places": [{"pointer": "/n/name", "file": "a.yaml", "line": 1, "column": 1}],
    } == data[-1]
