"""What a service wrote is given out without the key, and with whole characters."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import NoAnswerError
from m2her_compose.client import Key, KeySource
from m2her_compose.client.clearing import Clearing, whole
from m2her_compose.wire.http import Breakdown, TransportError
from tests.client.scripted import BODY, SECRET, Script, delta, streamed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from m2her_compose import Reply
    from tests.client.scripted import Answer

TEXTS = st.text(st.sampled_from("sk-very/ \U0001f600\ud83d\ude00x"), max_size=12)
PARTS = st.lists(st.one_of(TEXTS, st.just(SECRET), st.just(SECRET[:9]), st.just(SECRET[9:])))


def reply_to(answer: Answer) -> tuple[list[str], Reply]:
    async def main() -> tuple[list[str], Reply]:
        async with Script(answer).client() as client:
            stream = client.stream(BODY)
            return [piece async for piece in stream], stream.reply

    return asyncio.run(main())


def cleared(parts: Sequence[str], key: Key) -> str:
    clearing = Clearing(key)
    return "".join([*map(clearing.feed, parts), clearing.finish()])


@given(parts=PARTS, size=st.integers(1, 30))
def test_no_more_than_its_beginning_is_given_out_however_it_is_cut(
    parts: list[str], size: int
) -> None:
    text = "".join(parts)
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    assert SECRET[3:] not in cleared(parts, Key(SECRET))
    assert SECRET[3:] not in cleared(cut, Key(SECRET))


@pytest.mark.parametrize("size", range(1, len(SECRET) + 1))
def test_pieces_of_any_size_do_not_show_the_key(size: int) -> None:
    said = f"It is {SECRET}."
    parts = [said[at : at + size] for at in range(0, len(said), size)]
    assert cleared(parts, Key(SECRET)).removeprefix("It is ") in {
        f"{SECRET[:begun]}$M2HER_KEY." for begun in range(4)
    }


@pytest.mark.parametrize("length", range(4, len(SECRET)))
def test_a_key_that_is_cut_off_is_not_shown(length: int) -> None:
    assert "It is $M2HER_KEY" == cleared([f"It is {SECRET[:length]}"], Key(SECRET))
    assert "sk-$M2HER_KEY" == cleared(SECRET[:length], Key(SECRET))


@given(parts=PARTS)
def test_text_without_the_key_stays(parts: list[str]) -> None:
    assert whole("".join(parts)) == cleared(parts, Key("another-key"))


def test_what_is_no_secret_stays() -> None:
    local = Key("local", KeySource.LOCAL)
    assert "a local inn" == cleared(["a lo", "cal inn"], local)


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
def test_a_reply_that_repeats_the_key_does_not_show_it(cut: int) -> None:
    events = [
        delta(f"It is {SECRET[:cut]}", id=SECRET),
        delta(f"{SECRET[cut:]}.", reasoning_content=SECRET),
        delta("", SECRET),
    ]
    pieces, reply = reply_to(streamed(*events, "[DONE]"))
    shown = SECRET[:cut] if cut < 4 else ""
    assert f"It is {shown}$M2HER_KEY." == "".join(pieces) == reply.text
    assert SECRET not in repr(reply)


@pytest.mark.parametrize("said", ["1 <", "No. </thi"])
def test_what_was_held_back_of_a_reply_that_broke_is_given_out(said: str) -> None:
    pieces: list[str] = []

    async def main() -> None:
        broken = streamed(delta(said), TransportError(Breakdown.BROKEN, "gone"))
        async with Script(broken).client() as client:
            async for piece in client.stream(BODY):
                pieces.append(piece)  # noqa: PERF401 - which would be lost with the error

    with pytest.raises(NoAnswerError) as caught:
        asyncio.run(main())
    assert said == "".join(pieces) == caught.value.partial


def test_characters_cut_in_two_are_whole() -> None:
    events = (json.dumps(delta(text, end)) for text, end in (("\ud83d", None), ("\ude00!", "stop")))
    pieces, reply = reply_to(streamed(*events, "[DONE]"))
    assert ["\U0001f600!"] == pieces
    assert ("\U0001f600!", "\U0001f600!") == (reply.text, reply.raw)
