"""Count tokens exactly, with a `tokenizer.json` as Hugging Face's `tokenizers` reads it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from os import PathLike

    from .counter import Kind

MOST_BYTES: Final = 64 << 20  # the files of 200,000-token vocabularies measure 10 to 30 MB
_PANIC: Final = "PanicException"
_INSTALL: Final = "pip install 'm2her[tokenizer]'"


class TokenizerError(Exception):
    """A tokenizer cannot be used; the message says why, and `help` what to do."""

    def __init__(self, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class TokenizerCounter:
    """Counts as a vocabulary does; special tokens of the text's ends are not added.

    `count` raises TokenizerError for a text that the tokenizer has no tokens for.
    """

    kind: Kind = "exact"

    def __init__(self, tokenizer: Any, name: str) -> None:
        self.name = name
        self._tokenizer = tokenizer

    def count(self, text: str) -> int:
        # What is no Unicode text (half of a surrogate pair) has no encoding: count a sign for it.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        try:
            return len(self._tokenizer.encode(whole, add_special_tokens=False).ids)
        except BaseException as exc:  # noqa: BLE001 - `_reason` says why
            _refuse(self.name, f"cannot count every text: {_reason(exc)}", exc)


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
    except BaseException as exc:  # noqa: BLE001 - `_reason` says why
        _refuse(file, f"is not a tokenizer: {_reason(exc)}", exc)
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


def _reason(exc: BaseException) -> str:
    """Return what the library complains of; raise again what is none of it, an interruption say.

    It has no exception type of its own, and panics of its Rust code are no `Exception`.
    """
    if not isinstance(exc, Exception) and type(exc).__name__ != _PANIC:
        raise exc
    return str(exc).splitlines()[0] if str(exc) else repr(exc)


def _refuse(file: Path | str, reason: str, cause: BaseException | None = None) -> NoReturn:
    help = "a tokenizer is a `tokenizer.json`, as published beside a model"
    raise TokenizerError(f"`{file}` {reason}", help=help) from cause
