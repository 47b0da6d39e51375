"""Keys: where they come from, and where each may go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose import Client, UsageError
from m2her_compose.client import Key, KeySource, find_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VENDOR = "https://api.minimax.io"
MINIMAX = {"MINIMAX_API_KEY": "mm-key"}
OPENAI = {"OPENAI_API_KEY": "oa-key"}
HERE = "http://localhost:8000"
ELSEWHERE = "https://example.org"


def at(url: str) -> dict[str, str]:
    return {**OPENAI, "OPENAI_BASE_URL": url}


@pytest.mark.parametrize(
    ("url", "environment", "source"),
    [
        (VENDOR, MINIMAX, KeySource.MINIMAX),
        ("https://api.minimaxi.com/v1", MINIMAX, KeySource.MINIMAX),
        (VENDOR, {**MINIMAX, **at(VENDOR)}, KeySource.MINIMAX),
        (VENDOR, at("https://api.minimax.io/v1"), KeySource.OPENAI),
        ("https://api.openai.com/v1", OPENAI, KeySource.OPENAI),
        (ELSEWHERE, at(f"{ELSEWHERE}:443/v1"), KeySource.OPENAI),
        (HERE, at(f"{HERE}/v1"), KeySource.OPENAI),
        (HERE, {}, KeySource.LOCAL),
        ("http://127.3.2.1", MINIMAX, KeySource.LOCAL),
        ("http://[::1]:80", OPENAI, KeySource.LOCAL),
        (HERE, {**MINIMAX, **at("http://localhost:8001")}, KeySource.LOCAL),
        (VENDOR, {"MINIMAX_API_KEY": " \tmm-key\n"}, KeySource.MINIMAX),
    ],
)
def test_keys_go_where_they_may(
    url: str, environment: Mapping[str, str], source: KeySource
) -> None:
    key = find_key(url, environment)

    expected = {KeySource.MINIMAX: "mm-key", KeySource.OPENAI: "oa-key", KeySource.LOCAL: "local"}
    assert (source, f"Bearer {expected[source]}") == (key.source, key.authorization)


@pytest.mark.parametrize(
    ("url", "environment", "says"),
    [
        (VENDOR, {}, "set `MINIMAX_API_KEY`"),
        (VENDOR, {"MINIMAX_API_KEY": "  "}, "set `MINIMAX_API_KEY`"),
        (VENDOR, OPENAI, "set `MINIMAX_API_KEY`"),
        ("https://api.openai.com", MINIMAX, "set `OPENAI_API_KEY`"),
        (ELSEWHERE, MINIMAX, "`MINIMAX_API_KEY` is for elsewhere, and not sent there"),
        (ELSEWHERE, OPENAI, "`OPENAI_BASE_URL` to this URL"),
        (ELSEWHERE, at("https://example.org:444"), "`OPENAI_BASE_URL` to this URL"),
        (ELSEWHERE, at("https://example.org@evil.example"), "`OPENAI_BASE_URL`"),
        ("https://api.minimax.io.example.org", MINIMAX, "elsewhere"),
        ("https://api.minimax.io.", MINIMAX, "elsewhere"),
    ],
)
def test_no_key_goes_elsewhere(url: str, environment: Mapping[str, str], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_key(url, environment)

    assert says in str(caught.value)
    assert "-key" not in str(caught.value).replace("--key", "")


@pytest.mark.parametrize(
    "secret", ["two words", "line\nbreak", "k\x00y", "schl\u00fcssel", "k" * 9_000]
)
def test_what_is_no_key_is_refused_and_not_shown(secret: str) -> None:
    for environment in ({"MINIMAX_API_KEY": secret}, None):
        with pytest.raises(UsageError) as caught:
            Key(secret) if environment is None else find_key(VENDOR, environment)
        assert secret not in str(caught.value)


def key_file(folder: Path, text: bytes = b"file-key\n", mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_the_key_of_a_file_goes_anywhere(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    by_variable = {**MINIMAX, "M2HER_KEY_FILE": str(path)}

    for key in (find_key(ELSEWHERE, MINIMAX, path), find_key(VENDOR, by_variable)):
        assert (KeySource.FILE, "Bearer file-key") == (key.source, key.authorization)


@pytest.mark.skipif(os.name != "posix", reason="modes and links are those of POSIX")
@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (b"file-key", 0o640, "chmod 600"),
        (b"file-key", 0o604, "chmod 600"),
        (b"file-key", 0o620, "chmod 600"),
        (b"", 0o600, "is empty"),
        (b"file-key\nsecond", 0o600, "one line of ASCII"),
        (b"file key", 0o600, "one line of ASCII"),
        (b"file-k\xc3\xa9y", 0o600, "one line of ASCII"),
        (b"file-key" + b" " * 8_192, 0o600, "more than 8,192 bytes"),
    ],
)
def test_a_key_file_is_the_users_own(tmp_path: Path, text: bytes, mode: int, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        find_key(VENDOR, {}, key_file(tmp_path, text, mode))

    assert "file-k" not in str(caught.value).replace(str(tmp_path), "")


@pytest.mark.skipif(os.name != "posix", reason="modes and links are those of POSIX")
def test_a_key_file_is_an_ordinary_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(key_file(tmp_path))
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, says in (("link", "is a link"), ("pipe", "no ordinary"), ("none", "no such file")):
        with pytest.raises(UsageError, match=says):
            find_key(VENDOR, {}, tmp_path / name)
    with pytest.raises(UsageError, match="is no ordinary file"):
        find_key(VENDOR, {}, tmp_path)


def test_placeholders_are_what_a_shell_would_read() -> None:
    assert "$MINIMAX_API_KEY" == find_key(VENDOR, MINIMAX).placeholder
    assert "local" == find_key(HERE, {}).placeholder


def test_the_word_for_this_machine_is_no_secret() -> None:
    assert "a local model" == find_key(HERE, {}).redact("a local model")


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=40),
    st.text(max_size=20),
)
def test_a_redacted_text_has_no_key(secret: str, around: str) -> None:
    key = Key(secret, KeySource.MINIMAX)
    if secret in key.placeholder:
        return
    redacted = key.redact(f"{around}\n{secret}\n{around}")

    assert secret not in redacted


def test_a_key_that_was_cut_off_is_redacted() -> None:
    assert "bad: $MINIMAX_API_KEY" == Key("sk-0123456789", KeySource.MINIMAX).redact("bad: sk-012")


def test_a_client_finds_url_and_key_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("M2HER_RUN_BASE_URL", "M2HER_KEY_FILE", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINIMAX_API_KEY", "mm-key")

    client = Client()

    assert f"{VENDOR}/v1/chat/completions" == client.url
    assert KeySource.MINIMAX is client.key.source
    monkeypatch.delenv("MINIMAX_API_KEY")
    with pytest.raises(UsageError, match="MINIMAX_API_KEY"):
        Client()


def test_a_library_sends_the_key_of_a_file_to_the_vendor_alone(tmp_path: Path) -> None:
    """Any user of this machine may listen on a port that a cloned library names."""
    path = key_file(tmp_path)
    assert KeySource.LOCAL is find_key(HERE, {}, path, is_by_library=True).source
    assert KeySource.FILE is find_key(VENDOR, {}, path, is_by_library=True).source
    assert KeySource.FILE is find_key(HERE, {}, path).source
