"""A client that nobody here wrote: OpenAI's SDK, unchanged, against a real server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from m2her_compose.emulator import EmulatorSettings, read_faults, running

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES: Any = [
    {"role": "system", "name": "Ilse", "content": "A ferrywoman."},
    {"role": "user_system", "name": "Tam", "content": "In a hurry."},
    {"role": "sample_message_user", "name": "Tam", "content": "How deep?"},
    {"role": "sample_message_ai", "name": "Ilse", "content": "Deeper than you are tall."},
    {"role": "user", "name": "Tam", "content": "How deep?"},
]
TEXT = "Deeper than you are tall."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(EmulatorSettings()) as found:
        yield found


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as made:
        yield made


def test_a_reply(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="M2-her", messages=MESSAGES)

    assert completion.object == "chat.completion"
    assert completion.choices[0].message.content == TEXT
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens > completion.usage.prompt_tokens > 0
    assert completion._request_id == completion.id


def test_all_parameters_of_the_service(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="M2-her", messages=MESSAGES, temperature=1, top_p=0.95, max_completion_tokens=2
    )

    assert completion.choices[0].finish_reason == "length"


def test_text_in_parts(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="M2-her",
        messages=[
            *MESSAGES[:-1],
            {"role": "user", "content": [{"type": "text", "text": "How deep?"}]},
        ],
    )

    assert completion.choices[0].message.content == TEXT


def test_a_stream(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="M2-her",
        messages=MESSAGES,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    texts = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]

    assert "".join(texts) == TEXT
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["M2-her"]
    assert client.models.retrieve("M2-her").owned_by == "m2her"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_async(url: str) -> None:
    async def ask() -> tuple[str | None, str, list[str]]:
        async with AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
            whole = await client.chat.completions.create(model="M2-her", messages=MESSAGES)
            stream = await client.chat.completions.create(
                model="M2-her", messages=MESSAGES, stream=True
            )
            texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
            models = [model.id async for model in client.models.list()]
            return whole.choices[0].message.content, "".join(texts), models

    assert asyncio.run(ask()) == (TEXT, TEXT, ["M2-her"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("code=1004", openai.AuthenticationError),
        ("code=2049", openai.AuthenticationError),
        ("code=2013", openai.BadRequestError),
        ("code=1039", openai.BadRequestError),
        ("code=1002", openai.RateLimitError),
        ("429:retry-after=1", openai.RateLimitError),
        ("code=1000", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("502:html", openai.InternalServerError),
        ("drop-before", openai.APIConnectionError),
    ],
)
def test_errors_become_its_exceptions(
    fault: str, kind: type[openai.APIError], stream: bool
) -> None:
    settings = EmulatorSettings(faults=read_faults([fault]))
    with (
        running(settings) as url,
        OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
        pytest.raises(kind) as caught,
    ):
        client.chat.completions.create(model="M2-her", messages=MESSAGES, stream=stream)

    if isinstance(caught.value, openai.APIStatusError):
        assert caught.value.request_id == "m2her-1"


def test_an_error_within_a_stream_becomes_its_exception() -> None:
    settings = EmulatorSettings(faults=read_faults(["code-within=1000:after=2"]))
    texts: list[str] = []
    with (
        running(settings) as url,
        OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        stream = client.chat.completions.create(model="M2-her", messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIError, match=r"999 \(1000\)"):
            texts.extend(chunk.choices[0].delta.content or "" for chunk in stream)

    assert "".join(texts) == "Deeper than"


def test_what_may_pass_is_tried_again() -> None:
    settings = EmulatorSettings(faults=read_faults(["script=429:retry-after-ms=1,503,ok"]))
    with (
        running(settings) as url,
        OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=2) as client,
    ):
        completion = client.chat.completions.create(model="M2-her", messages=MESSAGES)

    assert completion.choices[0].message.content == TEXT


def test_a_wrong_key_is_refused() -> None:
    with (
        running(EmulatorSettings(key="the-key")) as url,
        OpenAI(base_url=f"{url}/v1", api_key="another", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError, match="2049"),
    ):
        client.models.list()
