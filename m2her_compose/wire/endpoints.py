"""The service's endpoints: their paths, and the URL of each under a base URL."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Endpoint(Enum):
    """The two ways to ask for a reply. Source: the vendor's reference."""

    OPENAI = "openai"
    NATIVE = "native"

    @property
    def path(self) -> str:
        """The path under the API's version, as in `/v1` and this."""
        return _PATHS[self]


_PATHS: Final = {
    Endpoint.OPENAI: "/chat/completions",
    Endpoint.NATIVE: "/text/chatcompletion_v2",
}
VERSION_PATH: Final = "/v1"
REGIONS: Final = {"global": "https://api.minimax.io", "cn": "https://api.minimaxi.com"}
VENDOR_HOSTS: Final = ("api.minimax.io", "api.minimaxi.com")


def endpoint_url(base_url: str, endpoint: Endpoint) -> str:
    """Return the URL to send requests to.

    A base URL without a path gets `/v1`; one with a path has its version in it, as in the
    `https://api.minimax.io/v1` that the vendor's guide sets and the `base_url` of OpenAI's SDKs.
    """
    from urllib.parse import urlsplit

    base = base_url.rstrip("/")
    version = "" if urlsplit(base).path else VERSION_PATH
    return f"{base}{version}{endpoint.path}"
