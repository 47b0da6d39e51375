"""The settings that there are: where each stands, what it takes, its default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics.policy import OFF
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_TOKENS: Final = 100_000_000
_MOST_SECONDS: Final = 86_400
_MOST_RETRIES: Final = 100
# Entries of a list or table: each may be held against each finding.
MOST_ENTRIES: Final = 500
# A cloned library must not be able to send keys and chats elsewhere (SECURITY, "a key leaks").
_VENDOR_HOSTS: Final = ("api.minimax.io", "api.minimaxi.com")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
SEVERITIES: Final = ("error", "warning", "note", OFF)


@frozen
class Option:
    """One setting: where it stands, what it takes, its default, and what it does."""

    section: str
    key: str
    takes: str
    accepts: Callable[[Any], bool]
    default: Any
    about: str

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}" if self.section else self.key

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "M2HER_" + re.sub(r"[.-]", "_", self.name).upper()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS


def _is_few(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_RETRIES


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST_SECONDS
    )


def _is_texts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_ENTRIES
        and all(isinstance(item, str) for item in value)
    )


def _is_text_or_texts(value: Any) -> bool:
    return _is_text(value) or _is_texts(value)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _is_severities(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MOST_ENTRIES
        and all(isinstance(level, str) for level in value.values())
    )


def _is_path_ignores(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MOST_ENTRIES
        and all(_is_texts(codes) for codes in value.values())
    )


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{1,6}(\.\d{1,6}){0,2}", value) is not None


def _is_safe_url(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    from urllib.parse import urlsplit

    try:
        url = urlsplit(value)
    except ValueError:
        return False
    encrypted = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    return url.hostname in (*_VENDOR_HOSTS, *_LOOPBACK) and encrypted and not url.username


OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        section="",
        key="min-version",
        takes="a version",
        accepts=_is_version,
        default=None,
        about="The oldest m2her that can read the library.",
    ),
    Option(
        section="library",
        key="scenarios",
        takes="a folder, or a list of them",
        accepts=_is_text_or_texts,
        default=".",
        about="Where the library's files are.",
    ),
    Option(
        section="library",
        key="templates",
        takes="a folder",
        accepts=_is_text,
        default=None,
        about="The library's own templates, one folder per language.",
    ),
    Option(
        section="compile",
        key="target",
        takes="a target's name",
        accepts=_is_text,
        default="m2-her",
        about="What the messages are made for.",
    ),
    Option(
        section="compile",
        key="names",
        takes="`always`, `given` or `never`",
        accepts=_one_of("always", "given", "never"),
        default="always",
        about="Which names are sent, where a scenario does not say.",
    ),
    Option(
        section="compile",
        key="context-window",
        takes="a whole number of tokens",
        accepts=_is_whole,
        default=65_344,
        about="The most prompt tokens that the model takes.",
    ),
    Option(
        section="compile",
        key="budget",
        takes="a whole number of tokens",
        accepts=_is_whole,
        default=None,
        about="The prompt tokens that a request may use.",
    ),
    Option(
        section="check",
        key="select",
        takes="a list of codes",
        accepts=_is_texts,
        default=[],
        about="The findings to report; all when empty.",
    ),
    Option(
        section="check",
        key="ignore",
        takes="a list of codes",
        accepts=_is_texts,
        default=[],
        about="The findings not to report.",
    ),
    Option(
        section="check",
        key="severity",
        takes="a table of severities",
        accepts=_is_severities,
        default={},
        about="Other severities, by code.",
    ),
    Option(
        section="check",
        key="per-path-ignores",
        takes="a table of lists of codes",
        accepts=_is_path_ignores,
        default={},
        about="Findings not to report, by path.",
    ),
    Option(
        section="check",
        key="fail-on",
        takes="`error`, `warning` or `note`",
        accepts=_one_of("error", "warning", "note"),
        default="error",
        about="The least severity that fails a check.",
    ),
    Option(
        section="run",
        key="base-url",
        takes="a URL of the vendor or of this machine",
        accepts=_is_safe_url,
        default="https://api.minimax.io",
        about="Where requests go.",
    ),
    Option(
        section="run",
        key="region",
        takes="`global` or `cn`",
        accepts=_one_of("global", "cn"),
        default="global",
        about="Which of the vendor's regions requests go to.",
    ),
    Option(
        section="run",
        key="timeout",
        takes="a number of seconds",
        accepts=_is_number,
        default=60,
        about="How long a reply may take, with all attempts.",
    ),
    Option(
        section="run",
        key="retries",
        takes=f"a whole number up to {_MOST_RETRIES}",
        accepts=_is_few,
        default=3,
        about="How often a request that failed is tried again.",
    ),
)
