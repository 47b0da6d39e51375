"""The URL of each endpoint under a base URL, as people write those."""

from __future__ import annotations

import pytest

from m2her_compose.wire.endpoints import REGIONS, VENDOR_HOSTS, Endpoint, endpoint_url


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://api.minimax.io", "https://api.minimax.io/v1"),
        ("https://api.minimax.io/", "https://api.minimax.io/v1"),
        ("https://api.minimax.io/v1", "https://api.minimax.io/v1"),
        ("https://api.minimax.io/v1/", "https://api.minimax.io/v1"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_urls(base: str, expected: str) -> None:
    assert f"{expected}/chat/completions" == endpoint_url(base, Endpoint.OPENAI)
    assert f"{expected}/text/chatcompletion_v2" == endpoint_url(base, Endpoint.NATIVE)


def test_regions_are_the_vendors_hosts() -> None:
    assert {f"https://{host}" for host in VENDOR_HOSTS} == set(REGIONS.values())
