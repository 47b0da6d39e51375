"""Where generated code goes, and whose key it takes along."""

from __future__ import annotations

import pytest

from m2her_compose.config import Setting, Settings
from m2her_compose.emit.service import Service, service_for


def settings(base_url: str | None = None, region: str = "global") -> Settings:
    given = Setting(value=base_url or "https://api.minimax.io", origin="m2her.toml:2:1")
    default = Setting(value="https://api.minimax.io", origin="default")
    return Settings(
        values={
            "run.base-url": default if base_url is None else given,
            "run.region": Setting(value=region, origin="default"),
        }
    )


@pytest.mark.parametrize(
    ("target", "given", "base_url", "key"),
    [
        ("m2-her", settings(), "https://api.minimax.io/v1", "MINIMAX_API_KEY"),
        ("basic", settings(region="cn"), "https://api.minimaxi.com/v1", "MINIMAX_API_KEY"),
        (
            "m2-her",
            settings("https://api.minimaxi.com/v2/"),
            "https://api.minimaxi.com/v2",
            "MINIMAX_API_KEY",
        ),
        # The vendor's key goes to nobody else.
        ("m2-her", settings("http://127.0.0.1:8000"), "http://127.0.0.1:8000/v1", "OPENAI_API_KEY"),
        ("m2-her", settings("http://api.minimax.io"), "http://api.minimax.io/v1", "OPENAI_API_KEY"),
        (
            "m2-her",
            settings("https://api.minimax.io@evil.example"),
            "https://api.minimax.io@evil.example/v1",
            "OPENAI_API_KEY",
        ),
        ("m2-her", settings("https://[evil"), None, "OPENAI_API_KEY"),
        ("openrouter", settings(), None, "OPENAI_API_KEY"),
        ("house", settings("https://api.minimax.io"), None, "OPENAI_API_KEY"),
    ],
)
def test_the_vendors_key_goes_to_the_vendor(
    target: str, given: Settings, base_url: str | None, key: str
) -> None:
    found = service_for(target, given)
    assert (base_url, key) == (found.base_url, found.key_variable)


def test_the_url_is_that_of_the_endpoint() -> None:
    assert Service(base_url="https://x/v1", key_variable="K").url == "https://x/v1/chat/completions"
    assert Service(base_url=None, key_variable="K").url is None
