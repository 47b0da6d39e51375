"""Count tokens exactly, with a `tokenizer.json` as Hugging Face's `tokenizers` reads it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from os import PathLike

    from .counter import Kind

MOST_BYTES: Final = 64 << 20  # the files of 200,000-token vocabularies measure 10 to 30 MB
_INSTALL: Final = "pip install 'm2her[tokenizer]'"


class TokenizerError(Exception):
    """A tokenizer cannot be used; the message says why, and `help` what to do."""

    def __init__(self, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class TokenizerCounter:
    """Counts as a vocabulary does; special tokens of the text's ends are not added."""

    kind: Kind = "exact"

    def __init__(self, tokenizer: Any, name: str) -> None:
        self.name = name
        self._tokenizer = tokenizer

    def count(self, text: str) -> int:
        # What is no Unicode text (half of a surrogate pair) has no encoding: count a sign for it.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return len(self._tokenizer.encode(whole, add_special_tokens=False).ids)


def load_tokenizer(path: str | PathLike[str]) -> TokenizerCounter:
    """Load a counter from a file of at most 64 MB.

    Raises TokenizerError: the `tokenizers` package is not installed, or the file is missing,
    unreadable, too large, or no tokenizer.
    """
    library = _library()
    file = Path(path)
    source = _read(file)
    try:
        tokenizer = library.Tokenizer.from_str(source)
        # A file may ask for cutting or filling up; neither is a count.
        tokenizer.no_truncation()
        tokenizer.no_padding()
    except Exception as exc:  # noqa: BLE001 - the library has no exception type of its own
        _refuse(file, f"is not a tokenizer: {str(exc).splitlines()[0] if str(exc) else exc!r}", exc)
    return TokenizerCounter(tokenizer, str(file))


def _library() -> Any:
    try:
        return import_module("tokenizers")
    except ImportError as exc:
        message = "exact counts need the `tokenizers` package, which is not installed"
        raise TokenizerError(message, help=_INSTALL) from exc


def _read(file: Path) -> str:
    try:
        if not file.is_file():
            _refuse(file, "is not a file" if file.exists() else "does not exist")
        with file.open("rb") as opened:
            source = opened.read(MOST_BYTES + 1)
    except OSError as exc:
        _refuse(file, f"cannot be read: {exc.strerror}", exc)
    if len(source) > MOST_BYTES:
        _refuse(file, f"is larger than {MOST_BYTES >> 20} MB")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as exc:
        _refuse(file, "is not a tokenizer: it is not UTF-8", exc)


def _refuse(file: Path, reason: str, cause: Exception | None = None) -> NoReturn:
    help = "a tokenizer is a `tokenizer.json`, as published beside a model"
    raise TokenizerError(f"`{file}` {reason}", help=help) from cause
