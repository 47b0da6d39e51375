"""Requests as values."""

from __future__ import annotations

from m2her_compose.wire.http import HttpRequest


def test_a_request_shows_no_header() -> None:
    headers = (("authorization", "Bearer secret"), ("accept", "x"))
    request = HttpRequest(method="POST", url="https://localhost/v1", headers=headers, body=b"{}")

    assert "HttpRequest(POST https://localhost/v1, authorization, accept, 2 bytes)" == repr(request)
