"""Failures as exceptions: their kind, what they say, and what the user should do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from m2her_compose import (
    BadAnswerError,
    BalanceError,
    Endpoint,
    InvalidRequestError,
    Key,
    KeyRefusedError,
    LimitError,
    NoAnswerError,
    OutageError,
    RetryPolicy,
    RolesError,
    SensitiveError,
    ServiceError,
    TooLongError,
)
from m2her_compose.client import KeySource
from m2her_compose.wire.codes import SERVICE_CODES, ServiceCode, Trouble
from m2her_compose.wire.http import Breakdown, TransportError
from tests.client.scripted import (
    BODY,
    EVENTS,
    JSON,
    NAMED,
    NAMELESS,
    SECRET,
    Answer,
    Script,
    body,
    delta,
    native_error,
    openai_error,
    read,
    streamed,
    told,
)

KINDS = {
    Trouble.OUTAGE: OutageError,
    Trouble.LIMIT: LimitError,
    Trouble.KEY: KeyRefusedError,
    Trouble.BALANCE: BalanceError,
    Trouble.SENSITIVE: SensitiveError,
    Trouble.TOO_LONG: TooLongError,
    Trouble.INVALID: InvalidRequestError,
}


def error_of(
    *answers: Answer | TransportError, request: dict[str, Any] = BODY, retries: int = 0, **how: Any
) -> ServiceError:
    """Return what the answers to one request end in."""

    async def main() -> ServiceError:
        policy = RetryPolicy(retries=retries)
        with pytest.raises(ServiceError) as caught:
            await Script(*answers).client(retry=policy, **how).send(request)
        return caught.value

    return asyncio.run(main())


def html(status: int) -> Answer:
    page = b"<html><h1>Bad gateway</h1></html>"
    return Answer(steps=[page], status=status, headers={"content-type": "text/html"})


@pytest.mark.parametrize("known", SERVICE_CODES, ids=lambda known: str(known.code))
@pytest.mark.parametrize("status", [200, 400, 500])
def test_each_code_is_an_exception_of_its_kind_whatever_the_status(
    known: ServiceCode, status: int
) -> None:
    native = error_of(body(native_error(known.code, "it is so"), status))
    openai = error_of(body(openai_error(known.http_status, known.code, "it is so"), status))

    for error in (native, openai):
        assert KINDS[known.trouble] is type(error)
        assert (known.code, "e1") == (error.code, error.request_id)
        assert "it is so" in str(error)
        assert f"code {known.code}" in str(error)
        assert error.advice
        assert error.can_retry is (known.trouble in {Trouble.OUTAGE, Trouble.LIMIT})
    assert status == native.status
    assert known.http_status == openai.status


@pytest.mark.parametrize("known", SERVICE_CODES, ids=lambda known: str(known.code))
@pytest.mark.parametrize("endpoint", Endpoint)
def test_each_code_within_a_stream(known: ServiceCode, endpoint: Endpoint) -> None:
    async def main() -> None:
        script = Script(streamed(delta("Yes"), native_error(known.code)))
        with pytest.raises(KINDS[known.trouble]) as caught:
            await read(script.client(endpoint=endpoint))
        assert isinstance(caught.value, ServiceError)
        assert "Yes" == caught.value.partial

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "kind", "can_retry"),
    [
        pytest.param(Answer(status=401), KeyRefusedError, False, id="401 without a body"),
        pytest.param(html(403), KeyRefusedError, False, id="403"),
        pytest.param(html(402), BalanceError, False, id="402"),
        pytest.param(html(404), InvalidRequestError, False, id="404 html"),
        pytest.param(html(408), OutageError, True, id="408"),
        pytest.param(html(413), TooLongError, False, id="413"),
        pytest.param(html(429), LimitError, True, id="429 html"),
        pytest.param(html(500), OutageError, True, id="500 html"),
        pytest.param(html(502), OutageError, True, id="502 html"),
        pytest.param(Answer(status=503), OutageError, True, id="503 empty"),
        pytest.param(Answer(status=529), OutageError, True, id="529"),
        pytest.param(html(302), BadAnswerError, False, id="redirect"),
        pytest.param(html(200), BadAnswerError, False, id="a page"),
        pytest.param(Answer(headers=JSON), BadAnswerError, True, id="empty"),
        pytest.param(Answer(steps=[b"{"], headers=JSON), BadAnswerError, True, id="half of JSON"),
        pytest.param(body([]), BadAnswerError, True, id="a list"),
        pytest.param(body({"choices": 3}), BadAnswerError, True, id="another shape"),
        pytest.param(
            Answer(steps=[b"[" * 100_000], headers=JSON), BadAnswerError, True, id="too deep"
        ),
        pytest.param(
            Answer(steps=[b" " * (1 << 20)] * 17, headers=JSON), BadAnswerError, True, id="17 MiB"
        ),
        pytest.param(
            Answer(steps=[b":" + b" " * (1 << 20) + b"\n"] * 65, headers=EVENTS),
            BadAnswerError,
            True,
            id="events of 65 MiB",
        ),
        pytest.param(
            Answer(steps=[b"data: "] + [b" " * (1 << 20)] * 5, headers=EVENTS),
            BadAnswerError,
            True,
            id="an event without an end",
        ),
    ],
)
def test_answers_without_a_code(answer: Answer, kind: type[Exception], can_retry: bool) -> None:
    error = error_of(answer)

    assert kind is type(error)
    assert can_retry is error.can_retry
    assert answer.status == error.status
    assert "<" not in str(error)
    assert error.advice


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, {"message": "no", "type": "authentication_error"}, KeyRefusedError),
        (200, {"message": "no", "code": "invalid_api_key"}, KeyRefusedError),
        (429, {"message": "pay", "type": "insufficient_quota"}, BalanceError),
        (200, {"message": "slow", "code": 429}, LimitError),
        (200, {"message": "slow", "type": "rate_limit_error"}, LimitError),
        (400, {"message": "long", "code": "context_length_exceeded"}, TooLongError),
        (400, {"message": "maximum context length is 65536 tokens"}, TooLongError),
        (200, {"message": "down"}, OutageError),
        (200, {"message": "who knows", "code": 1999}, InvalidRequestError),
        (404, {"message": "The model `x` does not exist"}, InvalidRequestError),
        (500, "all is lost", OutageError),
    ],
)
def test_errors_as_gateways_write_them(
    status: int, error: object, kind: type[ServiceError]
) -> None:
    found = error_of(body({"error": error}, status))

    assert kind is type(found)
    assert found.message in str(found)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"detail": "Not Found"}, InvalidRequestError),
        ({"object": "error", "message": "bad role"}, InvalidRequestError),
    ],
)
def test_other_bodies_of_errors_are_shown(said: dict[str, Any], kind: type[Exception]) -> None:
    error = error_of(body(said, 404))

    assert kind is type(error)
    assert list(said.values())[-1] == error.message


def test_an_error_status_may_come_with_events() -> None:
    text = f"event: error\ndata: {json.dumps(openai_error(429, 1002))}\n\n".encode()

    assert 1002 == error_of(Answer(steps=[text], status=429, headers=EVENTS)).code


def test_an_error_whose_body_breaks_is_known_by_its_status() -> None:
    broken = TransportError(Breakdown.BROKEN, "reset")

    assert isinstance(error_of(Answer(steps=[b"{", broken], status=429)), LimitError)


def test_the_request_id_may_stand_in_a_header() -> None:
    assert "abc" == error_of(Answer(status=500, headers={"trace-id": "abc"})).request_id


@pytest.mark.parametrize(
    ("breakdown", "says", "can_retry"),
    [
        (Breakdown.UNREACHABLE, "cannot reach https://api.minimax.io: no route", True),
        (Breakdown.UNTRUSTED, "certificate of https://api.minimax.io is not trusted", False),
        (Breakdown.BROKEN, "the connection to https://api.minimax.io broke", True),
        (Breakdown.SILENT, "no more came from https://api.minimax.io", True),
    ],
)
def test_no_answer_says_why(breakdown: Breakdown, says: str, can_retry: bool) -> None:
    error = error_of(TransportError(breakdown, "no route"))

    assert isinstance(error, NoAnswerError)
    assert says in str(error)
    assert can_retry is error.can_retry


# --- roles


@pytest.mark.parametrize(
    ("request_body", "answers", "kind", "advice"),
    [
        pytest.param(NAMED, [2013], RolesError, "--target basic", id="2013, named"),
        pytest.param(NAMELESS, [2013], RolesError, "need a name", id="2013, nameless"),
        pytest.param(BODY, [2013], InvalidRequestError, "--dry-run", id="2013, basic roles"),
        pytest.param(NAMED, [1000] * 3, RolesError, "--target basic", id="1000, named"),
        pytest.param(NAMELESS, [1000] * 3, RolesError, "need a name", id="1000, nameless"),
        pytest.param(BODY, [1000] * 3, OutageError, "try again later", id="1000, basic roles"),
    ],
)
def test_codes_that_mean_roles(
    request_body: dict[str, Any], answers: list[int], kind: type[Exception], advice: str
) -> None:
    error = error_of(
        *[body(native_error(code)) for code in answers], request=request_body, retries=9
    )

    assert kind is type(error)
    assert advice in error.advice
    assert len(answers) == error.attempts


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("invalid params", RolesError),
        ("invalid role: group, not supported by this model", RolesError),
        ("messages[0]: name is required", RolesError),
        ("unknown model 'M2-him'", InvalidRequestError),
        ("temperature must be in (0, 1]", InvalidRequestError),
        ("max_completion_tokens must be at most 2048", InvalidRequestError),
        ("input length exceeds context window", TooLongError),
    ],
)
def test_a_2013_that_speaks_of_something_else_is_not_about_roles(
    message: str, kind: type[Exception]
) -> None:
    assert kind is type(error_of(body(native_error(2013, message)), request=NAMED))


def test_other_services_that_name_the_role_are_about_roles() -> None:
    said = {"error": {"message": "Input should be 'system', 'user'; role 'group'"}}

    assert isinstance(error_of(body(said, 422), request=NAMED), RolesError)


def test_a_1000_that_time_ended_is_an_outage() -> None:
    error = error_of(body(native_error(1000), retry_after="100"), request=NAMED, retries=3)

    assert type(error) is OutageError


# --- advice on keys, limits


@pytest.mark.parametrize(
    ("how", "advice"),
    [
        ({"key": Key(SECRET, KeySource.MINIMAX)}, "check `MINIMAX_API_KEY`: keys are made at"),
        ({"key": Key(SECRET, KeySource.FILE)}, "check the key file"),
        ({"key": SECRET}, "check the key of the program"),
        (
            {"key": Key(SECRET, KeySource.OPENAI), "base_url": "https://openrouter.ai/api/v1"},
            "it is a key for https://openrouter.ai",
        ),
        (
            {"key": Key("local", KeySource.LOCAL), "base_url": "http://localhost:1"},
            "set `OPENAI_API_KEY`",
        ),
    ],
)
def test_a_refused_key_is_told_by_where_it_came_from(how: dict[str, Any], advice: str) -> None:
    assert advice in error_of(Answer(status=401), **how).advice


def test_a_limit_says_when_to_come_back() -> None:
    error = error_of(body(openai_error(429, 1002), 429, retry_after="7"))

    assert 7 == error.retry_after_s
    assert "wait 7 s" in error.advice


def test_other_services_may_be_elsewhere() -> None:
    assert "the endpoint" in error_of(html(404)).advice
    said = {"error": {"message": "no such model"}}
    assert "--model" in error_of(body(said, 404)).advice


# --- what others wrote


def test_text_of_the_service_is_cut_and_harmless() -> None:
    error = error_of(body(native_error(2013, "\x1b[31m" + "x" * 10_000), x_request_id="\x1b[1m"))

    assert "\x1b" not in str(error)
    assert len(str(error)) < 400
    assert len(error.message) <= 2_000


FORMS = [
    SECRET,
    "sk-very%2Fsecret%2Bkey%3D1234",
    "sk-very%2fsecret%2bkey%3d1234",
    json.dumps(SECRET).replace("/", "\\/")[1:-1],
    "".join(f"\\u{ord(c):04x}" for c in SECRET),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", [0, 1_990, 290])
def test_the_key_is_in_no_error_that_the_service_makes(form: str, before: int) -> None:
    text = "x" * before + f" your key {form} is bad"
    answers: list[Answer | TransportError] = [
        body(native_error(2049, text)),
        body(openai_error(401, 2049, text), 401),
        Answer(steps=[text.encode()], status=500, headers={"content-type": "text/plain"}),
        body({"detail": text}, 400, x_request_id=form),
        TransportError(Breakdown.BROKEN, text),
        streamed(delta(text), "{garbage"),
        streamed("{garbage " + text),
        Answer(steps=[text.encode()], headers=JSON),
    ]
    for answer in answers:
        for shown in everything_shown(error_of(answer)):
            for hidden in (*FORMS, SECRET[:12]):
                assert hidden not in shown


def everything_shown(error: BaseException | None) -> list[str]:
    """Return all texts of an exception and of those that it comes from."""
    texts: list[str] = []
    while error is not None:
        texts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return texts


def test_the_key_is_in_no_repr() -> None:
    client = Script(told("Yes")).client()
    request = client.request(BODY, stream=True)
    key = Key(SECRET)
    shown = [repr(client), str(client), repr(request), str(request), repr(key), str(key), f"{key}"]

    assert [text for text in shown if "secret" in text] == []
    assert ("authorization", f"Bearer {SECRET}") in request.headers
