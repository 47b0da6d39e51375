"""The examples of docs/client.md run as they stand, against a server of this machine."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import m2her_compose
from tests.client.scripted import delta, event, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "client.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```py\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


class Answers(BaseHTTPRequestHandler):
    """Answers every request with the same reply."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        data = json.dumps(whole("Good evening.")).encode()
        if request.get("stream"):
            parts = (delta("<think>Hm</think>Good "), delta("evening.", "stop"), "[DONE]")
            data = b"".join(map(event, parts))
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for name in ("M2HER_KEY_FILE", "OPENAI_API_KEY", "MINIMAX_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("M2HER_RUN_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.chdir(ROOT)
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "docs/client.md", "exec"), {"__name__": "__main__"})  # noqa: S102

    printed = capsys.readouterr().out
    assert "Good" in printed or "AsgiTransport" in example
    assert "[Hm]" in printed or "Thought" not in example


def test_the_page_has_every_exception() -> None:
    named = {name for name in m2her_compose.__all__ if name.endswith("Error")}
    others = {"M2herError", "ScenarioError", "SeveralVariantsError", "UsageError", "ServiceError"}

    assert named - others == set(re.findall(r"^\| `(\w+Error)`", TEXT, re.MULTILINE))
