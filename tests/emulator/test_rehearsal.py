"""What is answered, and that it is the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emulator.answers import Reply, stream_events
from m2her_compose.emulator.contract import ChatRequest, RequestMessage
from m2her_compose.emulator.rehearsal import LENGTH, STOP, in_pieces, rehearse
from m2her_compose.emulator.rulebook import Speech, line_for, speech_of
from m2her_compose.tokens import estimate
from m2her_compose.wire.endpoints import Endpoint

SYSTEM = ("system", "Ilse", "A ferrywoman.")
EXAMPLES = (
    ("sample_message_user", "Tam", "How deep is the river here?"),
    ("sample_message_ai", "Ilse", "*She lowers the pole.* Deep enough."),
    ("sample_message_user", "Tam", "What does a crossing cost?"),
    ("sample_message_ai", "The Ferry", "Two coins."),
)


def request(*messages: tuple[str, str | None, str], limit: int = 2048) -> ChatRequest:
    return ChatRequest(
        endpoint=Endpoint.OPENAI,
        model="M2-her",
        messages=tuple(RequestMessage(role=r, name=n, content=c) for r, n, c in messages),
        reply_limit=limit,
        stream=False,
        include_usage=False,
        prompt_tokens=0,
    )


@pytest.mark.parametrize(
    ("said", "answer", "speaker"),
    [
        ("How deep is the river here?", "*She lowers the pole.* Deep enough.", "Ilse"),
        ("how deep is the river", "*She lowers the pole.* Deep enough.", "Ilse"),
        ("And what does the crossing cost?", "Two coins.", "The Ferry"),
    ],
    ids=lambda value: value,
)
def test_the_example_most_like_what_was_said_answers(said: str, answer: str, speaker: str) -> None:
    reply = rehearse(request(SYSTEM, *EXAMPLES, ("user", "Tam", said)))

    assert (reply.text, reply.speaker, reply.finish_reason) == (answer, speaker, STOP)


def test_chinese_examples_are_found_as_well() -> None:
    reply = rehearse(
        request(
            ("sample_message_user", "旅人", "先生可愿出山？"),
            ("sample_message_ai", "诸葛亮", "且饮茶。"),
            ("user", "旅人", "先生愿出山吗？"),
        )
    )

    assert reply.text == "且饮茶。"


def test_the_last_user_message_counts() -> None:
    reply = rehearse(
        request(
            *EXAMPLES,
            ("user", "Tam", "What does a crossing cost?"),
            ("assistant", "Ilse", "Two coins."),
            ("user", "Tam", "How deep is the river here?"),
        )
    )

    assert reply.text.endswith("Deep enough.")


@pytest.mark.parametrize(
    ("said", "speech"),
    [
        ("Hello there", Speech.GREETING),
        ("*waves* Hi!", Speech.STATEMENT),
        ("Good evening.", Speech.GREETING),
        ("Hello, can you see me?", Speech.QUESTION),
        ("what is this", Speech.QUESTION),
        ('"Is it far?"', Speech.QUESTION),
        ("Thank you, Master Kongming.", Speech.THANKS),
        ("Goodbye, then.", Speech.FAREWELL),
        ("The fog is rising.", Speech.STATEMENT),
        ("", Speech.STATEMENT),
        ("你好", Speech.GREETING),
        ("先生可愿出山？", Speech.QUESTION),
        ("你愿意吗", Speech.QUESTION),
        ("多谢先生", Speech.THANKS),
        ("就此告辞", Speech.FAREWELL),
        ("天下大势，分久必合。", Speech.STATEMENT),
    ],
    ids=str,
)
def test_the_rule_book_knows_what_was_said(said: str, speech: Speech) -> None:
    assert speech_of(said) is speech


@pytest.mark.parametrize("said", ["Hello", "Why?", "Thanks", "Bye", "It rains.", ""], ids=repr)
@pytest.mark.parametrize("turn", range(3))
def test_every_english_line_says_that_it_is_rehearsed(said: str, turn: int) -> None:
    assert line_for(said, name="ilse", turn=turn).startswith("(rehearsal) ")
    assert "ilse" in line_for(said, name="ilse", turn=turn)
    assert "character" in line_for(said, name=None, turn=turn).lower()


@pytest.mark.parametrize("said", ["你好", "为什么？", "谢谢", "再见", "下雨了。"])
@pytest.mark.parametrize("turn", range(3))
def test_every_chinese_line_says_that_it_is_rehearsed(said: str, turn: int) -> None:
    assert line_for(said, name="诸葛亮", turn=turn).startswith("（排练）")
    assert "诸葛亮" in line_for(said, name="诸葛亮", turn=turn)


def test_braces_in_a_name_are_letters_like_others() -> None:
    assert "{0} {name}" in line_for("Hello", name="{0} {name}", turn=0)


def test_the_rule_book_speaks_in_the_name_of_the_character() -> None:
    reply = rehearse(request(SYSTEM, ("user", None, "The fog is rising.")))

    assert reply.speaker == "Ilse"
    assert "Ilse" in reply.text


def test_a_conversation_does_not_go_round_in_one_line() -> None:
    first = request(SYSTEM, ("user", None, "It rains."))
    second = request(
        SYSTEM, ("user", None, "It rains."), ("assistant", None, "x"), ("user", None, "It rains.")
    )

    assert rehearse(first).text != rehearse(second).text


def test_the_same_request_gets_the_same_reply() -> None:
    asked = request(SYSTEM, *EXAMPLES, ("user", None, "Could you help?"))

    assert rehearse(asked).text == rehearse(asked).text


@given(st.text(max_size=200), st.integers(1, 40))
def test_a_reply_keeps_to_its_limit_in_whole_pieces(answer: str, limit: int) -> None:
    asked = request(
        ("sample_message_user", "a", "q"),
        ("sample_message_ai", "b", answer),
        ("user", "a", "q"),
        limit=limit,
    )

    reply = rehearse(asked)

    assert answer.startswith(reply.text)
    assert reply.finish_reason == (STOP if reply.text == answer else LENGTH)
    assert estimate(reply.text) <= limit or len(in_pieces(reply.text)) == 1


@given(st.text(max_size=300))
def test_pieces_together_are_the_text(text: str) -> None:
    assert "".join(in_pieces(text)) == text
    assert all(in_pieces(text))


@pytest.mark.parametrize("filling", [" ", "a", "字", "\u0301", "ab ", "?", "\n", "（"], ids=repr)
def test_large_requests_are_answered_within_bounds(filling: str) -> None:
    size = 4 * 1024 * 1024 // len(filling.encode())
    long = filling * (size // len(filling) // 2)
    asked = request(
        ("sample_message_user", "a", long), ("sample_message_ai", "b", long), ("user", "a", long)
    )

    assert len(rehearse(asked).text) <= 32_768


@pytest.mark.parametrize("filling", ["-", "_", "\u200b", "a", "1", " ", "字"], ids=repr)
@pytest.mark.parametrize("endpoint", list(Endpoint), ids=lambda each: each.value)
def test_what_is_sent_is_bounded_as_well(filling: str, endpoint: Endpoint) -> None:
    """Every piece of a native stream repeats the speaker's name."""
    long = filling * 1_000_000
    asked = request(
        ("sample_message_user", "a", "q"),
        ("sample_message_ai", "name " * 10_000, long),
        ("user", "a", "q"),
    )
    pieces = rehearse(asked).pieces
    reply = Reply(
        id="i",
        created=0,
        model="m",
        pieces=pieces,
        speaker=rehearse(asked).speaker,
        finish_reason=STOP,
        prompt_tokens=0,
        completion_tokens=0,
    )
    events = stream_events(reply, endpoint, include_usage=True)

    assert len(pieces) <= 4_096
    assert sum(map(len, (*events.texts, *events.after))) < 4 * 1024 * 1024


def test_only_so_many_examples_are_compared() -> None:
    others = [
        ("sample_message_user" if i % 2 == 0 else "sample_message_ai", "n", f"{i} other " * 200)
        for i in range(4_000)
    ]
    asked = request(*others, *EXAMPLES, ("user", "Tam", "How deep is the river here?"))

    assert rehearse(asked).text.startswith("(rehearsal) ")
