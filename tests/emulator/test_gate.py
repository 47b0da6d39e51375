"""Who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.emulator.gate import Gate, given_key, is_loopback
from m2her_compose.wire.endpoints import VERSION_PATH, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Asker

KEY = ("authorization", "Bearer some-key")
LOCAL = ("host", "localhost")
MODELS = "/v1/models"
OPENAI, NATIVE = (VERSION_PATH + each.path for each in (Endpoint.OPENAI, Endpoint.NATIVE))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.9.8.7:65535",
        "[::1]",
        "[::1]:8080",
    ],
)
def test_this_machine_is_let_in(host: str, asker: Callable[..., Asker]) -> None:
    assert asker().ask("GET", MODELS, headers=[("host", host), KEY]).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "10.0.0.1",
        "0.0.0.0",  # noqa: S104 - a header, and no socket
        "[::]",
        "[::ffff:10.0.0.1]",
        "2130706433",
        "",
        " ",
        "localhost:port",
        "localhost:8080:8080",
        "[::1",
        "[]",
        "localhost/x",
        "x" * 10_000,
    ],
    ids=lambda host: host[:30] or "empty",
)
@pytest.mark.parametrize("path", [MODELS, "/nothing"])
def test_other_hosts_are_not_let_in(host: str, path: str, asker: Callable[..., Asker]) -> None:
    answer = asker().ask("GET", path, headers=[("host", host), KEY])

    assert answer.status == 403
    assert "`Host`" in answer.json["error"]["message"]


@pytest.mark.parametrize("headers", [[KEY], [LOCAL, LOCAL, KEY]], ids=["none", "two"])
def test_one_host_has_to_be_named(
    headers: list[tuple[str, str]], asker: Callable[..., Asker]
) -> None:
    assert asker().ask("GET", MODELS, headers=headers).status == 403


def test_further_hosts_can_be_let_in(asker: Callable[..., Asker]) -> None:
    by_name, by_address = asker(hosts=("Emulator",)), asker(any_address=True)

    def status(asked: Asker, host: str) -> int | None:
        return asked.ask("GET", MODELS, headers=[("host", host), KEY]).status

    assert [status(by_name, host) for host in ("emulator:80", "10.0.0.1")] == [200, 403]
    assert [status(by_address, h) for h in ("10.0.0.1:80", "[fe80::1]", "evil.example")] == [
        200,
        200,
        403,
    ]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://127.0.0.1", 200),
        ("http://[::1]:3000", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost@evil.example", 403),
        ("http://evil.example@localhost", 403),
        ("http://localhost#.evil.example", 403),
        ("http://localhost/", 403),
        ("null", 403),
        ("file://", 403),
        ("http://[", 403),
        ("", 403),
        ("localhost", 403),
    ],
)
def test_pages_of_other_machines_are_not_let_in(
    origin: str, status: int, asker: Callable[..., Asker]
) -> None:
    answer = asker().ask("GET", MODELS, headers=[LOCAL, KEY, ("origin", origin)])

    assert answer.status == status
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_page_may_not_ask_for_leave(asker: Callable[..., Asker]) -> None:
    headers = [
        LOCAL,
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "POST"),
    ]

    assert asker().ask("OPTIONS", OPENAI, headers=headers).status == 405


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic abc", "key", "Bearer one two"],
    ids=str,
)
def test_without_a_key_there_is_no_answer(
    authorization: str | None, asker: Callable[..., Asker]
) -> None:
    headers = [LOCAL, *([("authorization", authorization)] if authorization is not None else [])]
    openai = asker().ask("POST", OPENAI, headers=headers, body=b"{}")
    native = asker().ask("POST", NATIVE, headers=headers, body=b"{}")
    models = asker().ask("GET", MODELS, headers=headers)

    assert (openai.status, native.status, models.status) == (401, 200, 401)
    assert openai.json["error"]["type"] == "authorized_error"
    assert openai.json["error"]["message"].endswith("(1004)")
    assert native.json["base_resp"]["status_code"] == 1004


def test_two_keys_are_none() -> None:
    assert given_key([(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")]) is None


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_any_key_is_taken(scheme: str, asker: Callable[..., Asker]) -> None:
    headers = [LOCAL, ("authorization", f"{scheme} \xe4")]

    assert asker().ask("GET", MODELS, headers=headers).status == 200


def test_only_a_given_key_is_taken(asker: Callable[..., Asker]) -> None:
    asked = asker(key="the-key")

    def code(key: str, path: str) -> int:
        headers = [LOCAL, ("authorization", f"Bearer {key}")]
        answer = asked.ask("POST", path, headers=headers, body=b"{}").json
        if "base_resp" in answer:
            return int(answer["base_resp"]["status_code"])
        return int(answer["error"]["message"][-5:-1])

    assert [code("the-key", path) for path in (OPENAI, NATIVE)] == [2013, 2013]
    assert [code("the-kez", path) for path in (OPENAI, NATIVE)] == [2049, 2049]


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(Gate(key="secret"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("localhost", True), ("::1", True), ("127.0.0.2", True), ("", False), ("0.0.0.0", False)],  # noqa: S104 - no socket is bound
)
def test_loopback(name: str, expected: bool) -> None:
    assert is_loopback(name) is expected
