"""Base URLs: which are taken, and which one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import UsageError
from m2her_compose.client import choose_base_url
from m2her_compose.client.addresses import read_address
from m2her_compose.config import OPTIONS, Setting, Settings, load_settings
from m2her_compose.diagnostics import Sink, Source, Span
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GLOBAL, CN = "https://api.minimax.io", "https://api.minimaxi.com"


@pytest.mark.parametrize(
    ("url", "origin", "is_loopback", "is_vendor"),
    [
        ("https://api.minimax.io", GLOBAL, False, True),
        ("HTTPS://API.minimax.io:443/v1/", GLOBAL, False, True),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai", False, False),
        ("https://10.0.0.1:8443", "https://10.0.0.1:8443", False, False),
        ("http://localhost:8000/v1", "http://localhost:8000", True, False),
        ("http://127.0.0.1", "http://127.0.0.1", True, False),
        ("http://127.9.9.9:80", "http://127.9.9.9", True, False),
        ("http://[::1]:8000", "http://[::1]:8000", True, False),
        ("https://localhost", "https://localhost", True, False),
    ],
)
def test_good_urls(url: str, origin: str, is_loopback: bool, is_vendor: bool) -> None:
    address = read_address(url)

    assert (origin, is_loopback, is_vendor) == (
        address.origin,
        address.is_loopback,
        address.is_vendor,
    )
    assert url.rstrip("/") == address.url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.minimax.io",
        "ftp://api.minimax.io",
        "file:///etc/passwd",
        "http://api.minimax.io",
        "http://example.org",
        "http://0.0.0.0",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://[::ffff:127.0.0.1]",
        "http://2130706433",
        "http://127.1",
        "https://user@api.minimax.io",
        "https://user:secret@api.minimax.io",
        "https://api.minimax.io\\@example.org",
        "https://api.minimax.io\\.example.org",
        "https://api.minimax.io?x=1",
        "https://api.minimax.io/#x",
        "https://api.minimax.io:99999",
        "https://api.minimax.io:x",
        "https://api.mini max.io",
        "https://api.minimax.io/\n",
        "https://api.minimax.io/\r\nHost: x",
        "https://\u0430pi.minimax.io",
        "https:///v1",
        "https://" + "a" * 3_000,
    ],
)
def test_bad_urls(url: str) -> None:
    if url.endswith("\n"):
        url += "x"  # white space around is taken off
    with pytest.raises(UsageError) as caught:
        read_address(url)

    assert "secret" not in str(caught.value)
    assert ("user name" in str(caught.value)) is ("@" in url)


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        address = read_address(f"https://{text}")
    except UsageError:
        return
    assert address.host


def settings(tmp_path: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    (tmp_path / "m2her.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, tmp_path, Disk(), environment or {}, Sink())


KEYS = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://example.org/v1"}
OWN = {"M2HER_RUN_BASE_URL": "https://own.example/v1"}
LOCAL = '[run]\nbase-url = "http://localhost:9/v1"\n'
REGION = '[run]\nregion = "cn"\n'


@pytest.mark.parametrize(
    ("environment", "how", "toml", "expected"),
    [
        ({}, {}, "", GLOBAL),
        ({}, {}, REGION, CN),
        (KEYS, {}, REGION, "https://example.org/v1"),
        ({**KEYS, "MINIMAX_API_KEY": "k"}, {}, REGION, CN),
        ({"OPENAI_BASE_URL": "https://example.org"}, {}, "", GLOBAL),
        (KEYS, {}, LOCAL, "http://localhost:9/v1"),
        ({**KEYS, **OWN}, {}, LOCAL, "https://own.example/v1"),
        ({**KEYS, **OWN}, {"region": "cn"}, LOCAL, CN),
        (OWN, {"region": "cn", "flag": "https://flag.example"}, LOCAL, "https://flag.example"),
    ],
)
def test_the_first_that_there_is(
    environment: dict[str, str], how: dict[str, Any], toml: str, expected: str, tmp_path: Path
) -> None:
    found = settings(tmp_path, toml, environment)

    assert expected == choose_base_url(environment, settings=found, **how).url
    if not toml:
        assert expected == choose_base_url(environment, **how).url


@pytest.mark.parametrize(
    ("environment", "how", "says"),
    [
        ({}, {"flag": "http://example.org"}, "`--base-url` must begin with `https://`"),
        ({}, {"region": "moon"}, "`global` or `cn`"),
        ({"M2HER_RUN_BASE_URL": "nowhere"}, {}, "`M2HER_RUN_BASE_URL` is no URL"),
        ({**KEYS, "OPENAI_BASE_URL": "http://example.org"}, {}, "`OPENAI_BASE_URL` must begin"),
    ],
)
def test_a_choice_that_is_wrong_says_which(
    environment: dict[str, str], how: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        choose_base_url(environment, **how)


def test_the_region_of_the_environment_holds_without_settings() -> None:
    assert CN == choose_base_url({"M2HER_RUN_REGION": "cn"}).url
    with pytest.raises(UsageError, match="`global` or `cn`"):
        choose_base_url({"M2HER_RUN_REGION": "moon"})


def test_a_library_cannot_send_keys_elsewhere(tmp_path: Path) -> None:
    toml = '[run]\nbase-url = "https://example.org"\n'
    assert GLOBAL == choose_base_url({}, settings=settings(tmp_path, toml)).url

    values = {option.name: Setting(value=option.default, origin="default") for option in OPTIONS}
    span = Span(Source(path="m2her.toml", text=toml), 0, 1)
    values["run.base-url"] = Setting(value="https://example.org", origin="m2her.toml:1", span=span)
    with pytest.raises(UsageError, match="may only name the vendor or this machine"):
        choose_base_url({}, settings=Settings(values=values))


def test_a_url_that_a_library_alone_names_is_told_apart(tmp_path: Path) -> None:
    found = settings(tmp_path, '[run]\nbase-url = "http://127.0.0.1:7803"\n')
    assert choose_base_url({}, settings=found).is_by_library
    named = {"M2HER_RUN_BASE_URL": "http://127.0.0.1:7803"}
    assert not choose_base_url(named, settings=found).is_by_library
    assert not choose_base_url({}, flag="http://127.0.0.1:7803", settings=found).is_by_library


@pytest.mark.parametrize(
    "url",
    [
        "http\u017f://x",
        "https://\u212a.example",
        "https://[::::]",
        "https://[1.2.3.4]",
        "https://[:]",
        "https://xn--",
        "https://xn--a",
        "https://a..b",
    ],
)
def test_hosts_that_nobody_can_be_asked_at_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no URL that requests can go to"):
        read_address(url)
