"""An HTTP request as text, as it would be sent: all but the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..wire.http import HttpRequest

_AUTHORIZATION: Final = "authorization"


def request_text(request: HttpRequest, authorization: str) -> str:
    """Return a request's line, headers and body; `authorization` stands in for the header's value.

    What is left out is what the HTTP library adds of its own: `Host`, `Connection`,
    `Content-Length`.
    """
    headers = (
        f"{name}: {authorization if name == _AUTHORIZATION else value}"
        for name, value in request.headers
    )
    return "\n".join(
        (f"{request.method} {request.url} HTTP/1.1", *headers, "", request.body.decode(), "")
    )
