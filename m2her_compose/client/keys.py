"""Keys: where they come from, where each may go, and that nobody gets to see them."""

from __future__ import annotations

import os
import re
import stat
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from .addresses import Address, read_address

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_FILE_VARIABLE: Final = "M2HER_KEY_FILE"
MOST_KEY_BYTES: Final = 8_192
# What is shorter is no secret, and taking it out of texts would only garble them.
_LEAST_SECRET: Final = 4
_PRINTABLE: Final = re.compile(r"[!-~]+")
_OPENAI: Final = "https://api.openai.com"


class KeySource(Enum):
    """What a key came from."""

    GIVEN = "the program"
    FILE = "key file"
    MINIMAX = "MINIMAX_API_KEY"
    OPENAI = "OPENAI_API_KEY"
    LOCAL = "none needed on this machine"


# What servers on this machine get that ask for no key: many want the header all the same.
LOCAL_WORD: Final = "local"
_PLACEHOLDERS: Final = {
    KeySource.GIVEN: "$M2HER_KEY",
    KeySource.FILE: "$M2HER_KEY",
    KeySource.MINIMAX: "$MINIMAX_API_KEY",
    KeySource.OPENAI: "$OPENAI_API_KEY",
    KeySource.LOCAL: LOCAL_WORD,
}


class Key:
    """A key. Neither `str` nor `repr` show it; `authorization` is the one way to it."""

    def __init__(self, secret: str, source: KeySource = KeySource.GIVEN) -> None:
        self._secret = _checked(secret, source)
        self.source = source

    def __repr__(self) -> str:
        return f"Key({self.source.value})"

    @property
    def authorization(self) -> str:
        """The value of the `Authorization` header. It holds the key: never to be shown."""
        return f"Bearer {self._secret}"

    @property
    def placeholder(self) -> str:
        """What is shown in place of the key: the variable that holds it, as a shell writes it."""
        return _PLACEHOLDERS[self.source]

    def redact(self, text: str) -> str:
        """Return text with the placeholder for the key, also where that is escaped or cut off.

        Escapes are those of URLs and of JSON, in any mixture.
        """
        if not self._is_secret:
            return text
        text = self._pattern.sub(lambda _: self.placeholder, text)
        for length in range(min(len(self._secret) - 1, len(text)), _LEAST_SECRET - 1, -1):
            if text.endswith(self._secret[:length]):
                return text[:-length] + self.placeholder
        return text

    def cleared(self, text: str) -> str:
        """Return text with the placeholder for the key where it stands as it is."""
        return text.replace(self._secret, self.placeholder) if self._is_secret else text

    def begun_at_end(self, text: str) -> int:
        """Return how many characters at the end of a text begin the key; few are no beginning."""
        if not self._is_secret:
            return 0
        most = min(len(self._secret) - 1, len(text))
        lengths = range(most, _LEAST_SECRET - 1, -1)
        return next((n for n in lengths if text.endswith(self._secret[:n])), 0)

    def ended_at_beginning(self, before: str, text: str) -> int:
        """Return how many characters at the beginning of a text end a key that began before it."""
        if not self._is_secret:
            return 0
        for begun in range(min(len(before), len(self._secret) - 1), 0, -1):
            if before.endswith(self._secret[:begun]) and text.startswith(self._secret[begun:]):
                return len(self._secret) - begun
        return 0

    @property
    def _is_secret(self) -> bool:
        return self.source is not KeySource.LOCAL and len(self._secret) >= _LEAST_SECRET

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("".join(map(_any_form, self._secret)))


def find_key(
    base_url: str,
    environment: Mapping[str, str],
    key_file: Path | None = None,
    *,
    is_by_library: bool = False,
) -> Key:
    """Return the key to send to a base URL; the first of these that may go there.

    The key file, or that of `M2HER_KEY_FILE`: anywhere, but where only a library's settings named
    the URL (`is_by_library`), to the vendor alone. `MINIMAX_API_KEY`: to the vendor.
    `OPENAI_API_KEY`: to where `OPENAI_BASE_URL` points, or to OpenAI without it. To this machine:
    a word that is no secret. Raises `UsageError` where there is none, or it is no key.
    """
    address = read_address(base_url)
    named = environment.get(KEY_FILE_VARIABLE, "").strip()
    if (key_file is not None or named) and (address.is_vendor or not is_by_library):
        return read_key_file(key_file if key_file is not None else Path(named))
    minimax = environment.get("MINIMAX_API_KEY", "").strip()
    if minimax and address.is_vendor:
        return Key(minimax, KeySource.MINIMAX)
    openai = environment.get("OPENAI_API_KEY", "").strip()
    if openai and address.origin == _openai_origin(environment):
        return Key(openai, KeySource.OPENAI)
    if address.is_loopback:
        return Key(LOCAL_WORD, KeySource.LOCAL)
    raise UsageError(_no_key(address, has_minimax=bool(minimax), has_openai=bool(openai)))


def read_key_file(path: Path) -> Key:
    """Return the key of a file: one line, in a file of the user's own that nobody else can read.

    Raises `UsageError`, which never holds what the file does.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink():
        raise UsageError(f"the key file `{path}` is a link: name the file itself")
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise UsageError(f"the key file `{path}` cannot be read: {reason.lower()}") from error
    try:
        _check_file(os.fstat(descriptor), path)
        data = os.read(descriptor, MOST_KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > MOST_KEY_BYTES:
        raise UsageError(f"the key file `{path}` has more than {MOST_KEY_BYTES:,} bytes")
    # What is not ASCII becomes a character that no key may have.
    return Key(data.decode("ascii", "replace").strip(), KeySource.FILE)


def _check_file(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"the key file `{path}` is no ordinary file")
    if os.name != "posix":
        return
    if status.st_uid != os.geteuid():
        raise UsageError(f"the key file `{path}` belongs to somebody else: make your own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise UsageError(
            f"the key file `{path}` is open to other users of this machine: run `chmod 600` on it"
        )


def _checked(secret: str, source: KeySource) -> str:
    what = f"`{source.value}`" if source in {KeySource.MINIMAX, KeySource.OPENAI} else "the key"
    if source is KeySource.FILE:
        what = "what the key file holds"
    if not secret:
        raise UsageError(f"{what} is empty")
    if len(secret) > MOST_KEY_BYTES:
        raise UsageError(f"{what} is too long for a key: over {MOST_KEY_BYTES:,} characters")
    if not _PRINTABLE.fullmatch(secret):
        raise UsageError(
            f"{what} is no key: a key is one line of ASCII without blanks or control characters"
        )
    return secret


def _openai_origin(environment: Mapping[str, str]) -> str | None:
    """Return where `OPENAI_API_KEY` may go; None where `OPENAI_BASE_URL` is no URL to trust."""
    try:
        return read_address(environment.get("OPENAI_BASE_URL", "").strip() or _OPENAI).origin
    except UsageError:
        return None


def _no_key(address: Address, *, has_minimax: bool, has_openai: bool) -> str:
    if address.is_vendor:
        fix = "set `MINIMAX_API_KEY`"
    elif address.origin == _OPENAI:
        fix = "set `OPENAI_API_KEY`"
    else:
        kept = [
            name
            for name, is_set in (("MINIMAX_API_KEY", has_minimax), ("OPENAI_API_KEY", has_openai))
            if is_set
        ]
        alone = " and ".join(f"`{name}`" for name in kept)
        why = f" ({alone} is for elsewhere, and not sent there)" if kept else ""
        fix = f"set `OPENAI_API_KEY`, and `OPENAI_BASE_URL` to this URL{why}"
    return f"there is no key for {address.origin}: {fix}"


def _any_form(character: str) -> str:
    """Return a pattern for a character of a key as it is, or escaped for a URL or for JSON."""
    code = ord(character)
    escapes = f"%{code:02x}", f"\\u{code:04x}"
    forms = [re.escape(character), *(f"(?i:{re.escape(escape)})" for escape in escapes)]
    if character in '/"\\':
        forms.append(re.escape(f"\\{character}"))
    return f"(?:{'|'.join(forms)})"
