"""Recordings: what is kept, what is not, and that it comes back the same."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emulator import EmulatorSettings, RecordingError, Upstream, application
from m2her_compose.emulator import recording as recording_module
from m2her_compose.emulator import relay as relay_module
from m2her_compose.emulator.faults import read_faults
from m2her_compose.emulator.recording import Exchange, Recorder, Recording, read_recording
from m2her_compose.emulator.redaction import IN_PLACE, Redaction
from m2her_compose.errors import UsageError
from m2her_compose.wire.endpoints import Endpoint
from m2her_compose.wire.http import Breakdown, HttpRequest, TransportError
from tests.emulator.conftest import HEADERS, KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from tests.emulator.conftest import Answer, Asker

SERVICE_KEY = "sk-the+service/key=="
ENDPOINTS = pytest.mark.parametrize("endpoint", list(Endpoint), ids=lambda each: each.value)


class Response:
    """An answer with a body of given pieces, which may break."""

    def __init__(self, status: int, headers: Mapping[str, str], pieces: list[bytes | None]) -> None:
        self.status = status
        self.headers = headers
        self._pieces = pieces

    async def pieces(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if piece is None:
                raise TransportError(Breakdown.BROKEN, f"broken, with {SERVICE_KEY}")
            yield piece


class Scripted:
    """A transport that gives one answer to everything, or none."""

    def __init__(self, response: Response | None) -> None:
        self.response = response
        self.requests: list[HttpRequest] = []

    @asynccontextmanager
    async def exchange(self, request: HttpRequest) -> AsyncIterator[Response]:
        self.requests.append(request)
        await asyncio.sleep(0)
        if self.response is None:
            raise TransportError(Breakdown.UNREACHABLE, f"refused, with {SERVICE_KEY}")
        yield self.response

    async def close(self) -> None:
        pass


class Inside:
    """A transport to an emulator in this process."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._app = application(settings)

    @asynccontextmanager
    async def exchange(self, request: HttpRequest) -> AsyncIterator[Response]:
        sent: list[Any] = []
        path = request.url.removeprefix("http://localhost")
        headers = [(n.encode(), v.encode()) for n, v in (("host", "localhost"), *request.headers)]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": request.method,
            "path": path,
            "headers": headers,
            "query_string": b"",
            "root_path": "",
        }
        await self._app(scope, receive, send)
        start, *bodies = sent
        headers_sent = {n.decode(): v.decode() for n, v in start["headers"]}
        pieces = [each["body"] for each in bodies if each.get("body")]
        yield Response(start["status"], headers_sent, pieces)

    async def close(self) -> None:
        pass


def upstream(transport: Any) -> Upstream:
    return Upstream(
        transport=transport,
        base_url="http://localhost",
        authorization=f"Bearer {SERVICE_KEY}",
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


@pytest.fixture
def recorder(asker: Callable[..., Asker], file: Path) -> Callable[..., Asker]:
    """Return a function that makes an emulator which records a service's answers."""

    def make(*pieces: bytes | None, status: int = 200, kind: str = "application/json") -> Asker:
        response = Response(status, {"content-type": kind, "set-cookie": "x=y"}, list(pieces))
        return asker(record=file, upstream=upstream(Scripted(response)))

    return make


def exchange(request: Any = None, *pieces: bytes, status: int = 200) -> Exchange:
    return Exchange(
        endpoint=Endpoint.OPENAI,
        request=request if request is not None else {"a": 1},
        status=status,
        content_type="application/json",
        pieces=pieces or (b"{}",),
    )


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.pieces, one.headers["content-type"]) == (
        other.status,
        other.pieces,
        other.headers["content-type"],
    )


@ENDPOINTS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("faults", [[], ["think"], ["429"], ["code=1027"], ["garbage"]], ids=str)
def test_what_was_recorded_comes_back(
    endpoint: Endpoint, stream: bool, faults: list[str], asker: Callable[..., Asker], file: Path
) -> None:
    service = Inside(EmulatorSettings(key=SERVICE_KEY, faults=read_faults(faults)))
    recording = asker(record=file, upstream=upstream(service))

    live = recording.chat(endpoint, stream=stream)
    recording.app.close()
    played = asker(replay=file).chat(endpoint, stream=stream)

    assert same(live, played)
    assert live.headers["x-m2her-recording"] == "true"
    assert played.headers["x-m2her-replay"] == "true"
    assert SERVICE_KEY not in file.read_text(encoding="utf-8")
    assert KEY not in file.read_text(encoding="utf-8")


def test_a_line_holds_the_exchange_and_no_headers(
    recorder: Callable[..., Asker], file: Path
) -> None:
    recorder(b'{"caf\xc3\xa9"', b":1}\xff").chat(temperature=1)

    assert json.loads(file.read_bytes()) == {
        "m2her": "recording/v1",
        "endpoint": "openai",
        "request": {
            "model": "M2-her",
            "messages": [{"role": "user", "content": "Hello"}],
            "temperature": 1,
        },
        "status": 200,
        "content_type": "application/json",
        "pieces": ['{"café"', {"base64": "OjF9/w=="}],
    }


def test_the_service_gets_its_own_key_and_the_body_as_it_was(
    asker: Callable[..., Asker], file: Path
) -> None:
    service = Scripted(Response(200, {"content-type": "application/json"}, [b"{}"]))
    body = b'{ "model": "any-model" }'
    asker(record=file, upstream=upstream(service)).ask("POST", "/v1/chat/completions", body=body)
    (request,) = service.requests

    assert (request.method, request.url) == ("POST", "http://localhost/v1/chat/completions")
    assert request.body == body
    assert dict(request.headers)["authorization"] == f"Bearer {SERVICE_KEY}"
    assert KEY not in repr(request)


def test_a_recording_is_its_owners_alone(recorder: Callable[..., Asker], file: Path) -> None:
    recorder(b"{}").chat()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_recording_that_others_could_read_is_closed_to_them(
    recorder: Callable[..., Asker], file: Path
) -> None:
    file.touch(mode=0o644)
    recorder(b"{}").chat()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_recordings_are_appended_to(recorder: Callable[..., Asker], file: Path) -> None:
    recorder(b"1").chat()
    recorder(b"2").chat()

    assert len(read_recording(file)) == 2


def test_the_same_request_gets_its_answers_in_order_and_then_the_last_again() -> None:
    recording = Recording(exchange({"a": 1, "b": 2}, piece) for piece in (b"1", b"2"))
    found = [recording.answer(Endpoint.OPENAI, {"b": 2, "a": 1}) for _ in range(4)]

    assert [each.pieces for each in found if each is not None] == [
        (b"1",),
        (b"2",),
        (b"2",),
        (b"2",),
    ]


def test_what_was_not_recorded_is_said_to_be_missing(
    recorder: Callable[..., Asker], asker: Callable[..., Asker], file: Path
) -> None:
    recorder(b"{}").chat()
    replay = asker(replay=file)

    assert replay.chat().status == 200
    for missing in (replay.chat(Endpoint.NATIVE), replay.chat(temperature=0.5)):
        assert missing.status == 404
        assert "not in the recording (1 exchanges)" in missing.json["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"a":' * 900], ids=repr)
def test_what_is_no_request_is_neither_passed_on_nor_found(
    body: bytes, recorder: Callable[..., Asker], asker: Callable[..., Asker], file: Path
) -> None:
    path = "/v1/chat/completions"
    assert recorder(b"{}").ask("POST", path, body=body).status == 400
    assert file.read_bytes() == b""
    assert asker(replay=file).ask("POST", path, body=body).status in (400, 404)


@pytest.mark.parametrize("key", [KEY, SERVICE_KEY])
@pytest.mark.parametrize(
    "written",
    [
        lambda key: key,
        lambda key: key.replace("/", "\\/"),
        lambda key: key.replace("+", "\\u002b").replace("=", "\\u003D"),
        lambda key: key.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
        lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
    ],
    ids=["plain", "slashes", "unicode", "url", "all"],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_keys_in_answers_are_not_kept_however_they_are_written_or_split(
    key: str,
    written: Callable[[str], str],
    size: int,
    recorder: Callable[..., Asker],
    file: Path,
) -> None:
    body = f'{{"error": "no such key: {written(key)}!"}}'.encode()
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    live = recorder(*pieces).chat()
    answer = read_recording(file).answer(
        Endpoint.OPENAI,
        {"model": "M2-her", "messages": [{"role": "user", "content": "Hello"}]},
    )

    assert live.body == body
    assert answer is not None
    assert b"".join(answer.pieces) == f'{{"error": "no such key: {IN_PLACE}!"}}'.encode()
    assert len(answer.pieces) == len(pieces)


def test_keys_in_requests_are_not_kept_and_the_request_is_found_all_the_same(
    recorder: Callable[..., Asker], asker: Callable[..., Asker], file: Path
) -> None:
    messages = [{"role": "user", "content": f"my key is {KEY}", KEY: [KEY]}]
    recorder(b"{}").chat(messages=messages)

    assert KEY not in file.read_text(encoding="utf-8")
    assert asker(replay=file).chat(messages=messages).status == 200


def test_a_key_that_is_spread_over_events_is_not_kept(
    recorder: Callable[..., Asker], file: Path
) -> None:
    events = [
        b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % part.encode()
        for part in (SERVICE_KEY[:5], SERVICE_KEY[5:])
    ]
    asked = recorder(*events, kind="text/event-stream")

    assert asked.chat().status == 200
    assert file.read_bytes() == b""


def test_short_words_are_no_secrets() -> None:
    assert Redaction(["local"]).text("a local server") == "a local server"


@given(
    st.lists(st.binary(max_size=12), max_size=8),
    st.integers(0, 60),
    st.lists(st.integers(0, 100), max_size=5),
)
def test_redaction_takes_keys_out_of_any_pieces(
    parts: list[bytes], at: int, cuts: list[int]
) -> None:
    key = "secret-key"
    whole = b"".join(parts)
    whole = whole[:at] + key.encode() + whole[at:]
    edges = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    pieces = [whole[a:b] for a, b in pairwise(edges)]

    kept = Redaction([key]).pieces(pieces)

    assert b"".join(kept) == whole.replace(key.encode(), IN_PLACE.encode())
    assert len(kept) == len(pieces)


def test_a_service_that_is_not_reached_is_an_error_of_it(
    asker: Callable[..., Asker], file: Path
) -> None:
    answer = asker(record=file, upstream=upstream(Scripted(None))).chat()

    assert answer.status == 502
    assert answer.json["error"]["message"] == "no answer to record: refused, with [key] (1033)"
    assert file.read_bytes() == b""


def test_an_answer_that_breaks_is_broken_for_the_client_and_not_kept(
    recorder: Callable[..., Asker], file: Path
) -> None:
    answer = recorder(b"part", None).chat()

    assert (answer.body, answer.dropped, answer.whole) == (b"part", True, False)
    assert file.read_bytes() == b""


def test_an_answer_that_is_too_large_is_broken_off(
    recorder: Callable[..., Asker], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_MOST_ANSWER_SIZE", 5)
    answer = recorder(b"1234", b"5678").chat()

    assert (answer.body, answer.dropped) == (b"1234", True)
    assert file.read_bytes() == b""


def test_when_to_come_back_is_passed_on(asker: Callable[..., Asker], file: Path) -> None:
    headers = {"content-type": "application/json", "retry-after": "3", "set-cookie": "a=b"}
    answer = asker(record=file, upstream=upstream(Scripted(Response(429, headers, [b"{}"])))).chat()

    assert (answer.status, answer.headers["retry-after"]) == (429, "3")
    assert "set-cookie" not in answer.headers


def test_a_full_recording_takes_no_more(
    recorder: Callable[..., Asker], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "MOST_FILE_SIZE", 300)
    asked = recorder(b"x" * 100)
    statuses = [asked.chat().status for _ in range(3)]

    assert statuses == [200, 200, 507]
    assert len(read_recording(file)) == 1


def test_a_line_that_would_be_too_long_is_left_out(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "MOST_LINE_SIZE", 200)
    recorder = Recorder(file)
    recorder.keep(exchange({"a": "x" * 300}))
    recorder.keep(exchange())
    recorder.close()

    assert recorder.left_out == 1
    assert len(read_recording(file)) == 1


def test_half_of_a_surrogate_pair_is_kept(file: Path) -> None:
    request = {"a": "\ud800"}
    recorder = Recorder(file)
    recorder.keep(exchange(request))
    recorder.close()

    assert read_recording(file).answer(Endpoint.OPENAI, request) is not None


GOOD = (
    b'{"m2her": "recording/v1", "endpoint": "openai", "request": {}, "status": 200,'
    b' "content_type": "text/plain", "pieces": []}\n'
)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "not valid JSON, and the file ends in the middle of it"),
        (b"{\n", "not valid JSON"),
        (b"\xff\n", "not valid JSON"),
        (b"[" * 100_000 + b"\n", "not valid JSON"),
        (b"1" * 5_000 + b"\n", "not valid JSON"),
        (b"[]\n", "no exchange"),
        (b"{}\n", "no exchange"),
        (GOOD.replace(b"/v1", b"/v2"), "no exchange of the format `recording/v1`"),
        (GOOD.replace(b'"openai"', b'"other"'), "`endpoint`"),
        (GOOD.replace(b'"openai"', b"[]"), "`endpoint`"),
        (GOOD.replace(b"{}", b"[]"), "`request`"),
        (GOOD.replace(b"200", b"99"), "`status`"),
        (GOOD.replace(b"200", b"101"), "`status`"),
        (GOOD.replace(b"200", b'"200"'), "`status`"),
        (GOOD.replace(b"text/plain", b"a\\r\\nb: c"), "`content_type`"),
        (GOOD.replace(b"text/plain", b"\\u00fc"), "`content_type`"),
        (GOOD.replace(b"text/plain", b" text/html "), "`content_type`"),
        (GOOD.replace(b'"pieces": []', b'"pieces": {}'), "`pieces`"),
        (GOOD.replace(b'"pieces": []', b'"pieces": [1]'), "a piece"),
        (GOOD.replace(b'"pieces": []', b'"pieces": ["\\ud800"]'), "a piece"),
        (GOOD.replace(b'"pieces": []', b'"pieces": [{"base64": "*"}]'), "a piece"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_line_is_an_error_with_its_number(line: bytes, says: str, file: Path) -> None:
    file.write_bytes(GOOD + b"\n" + line)

    with pytest.raises(RecordingError) as caught:
        read_recording(file)

    assert f"`{file}`, line 3: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["MOST_FILE_SIZE", "MOST_LINE_SIZE"])
def test_recordings_are_read_to_a_limit(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(GOOD * 3)
    monkeypatch.setattr(recording_module, name, 100)

    with pytest.raises(RecordingError, match=r"100 bytes|too long"):
        read_recording(file)


def test_a_recording_has_to_be_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")

    for path in (tmp_path, tmp_path / "none" / "file", link, pipe):
        with pytest.raises(RecordingError):
            Recorder(path)
    for path in (tmp_path, tmp_path / "none", pipe):
        with pytest.raises(RecordingError):
            read_recording(path)
    assert not (tmp_path / "target").exists()


def test_a_torn_recording_is_not_appended_to(file: Path) -> None:
    file.write_bytes(GOOD + b"{")

    with pytest.raises(RecordingError, match="ends in the middle of a line"):
        Recorder(file)


def test_settings_that_contradict_each_other_are_refused(file: Path) -> None:
    service = upstream(Scripted(None))
    wrong: list[dict[str, Any]] = [
        {"record": file},
        {"upstream": service},
        {"record": file, "upstream": service, "replay": file},
        {"replay": file, "faults": read_faults(["429"])},
        {"key": "a\nb"},
    ]

    for settings in wrong:
        with pytest.raises(UsageError):
            EmulatorSettings(**settings)


def test_no_key_is_shown() -> None:
    settings = EmulatorSettings(key="secret-key", record=None)
    assert "secret-key" not in repr(settings)
    assert SERVICE_KEY not in repr(upstream(Scripted(None)))
    assert "secret-key" not in repr(Redaction(["secret-key"]))
    assert HEADERS["authorization"].endswith(KEY)


def test_what_is_no_recording_is_not_written_to(file: Path) -> None:
    file.write_text("my novel\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(RecordingError, match="holds something else"):
        Recorder(file)
    assert ("my novel\n", 0o644) == (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777)
