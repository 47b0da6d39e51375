"""What a command line says of counting: whose limits hold, and what counts tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .guard import Misuse

if TYPE_CHECKING:
    from ..tokens import Counter, Kind, TokenizerError

_DIGITS: Final = 10
_MOST_BUDGETS: Final = 20


def chosen_budget(option: str, text: str | None) -> int | None:
    """Return the prompt tokens that an option allows; None without it. Raises `Misuse`."""
    if text is None:
        return None
    digits = text.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) < _DIGITS and int(digits)):
        raise Misuse(f"`{option} {text}` is no number of tokens: a whole number from 1")
    return int(digits)


def chosen_budgets(text: str | None) -> tuple[int, ...]:
    """Return the budgets that `--sweep` lists; none without it. Raises `Misuse`."""
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not 0 < len(parts) <= _MOST_BUDGETS:
        raise Misuse(f"--sweep wants 1 to {_MOST_BUDGETS} numbers of tokens, as in 1024,2048")
    found = (chosen_budget("--sweep", part) for part in parts)
    return tuple(dict.fromkeys(budget for budget in found if budget is not None))


def chosen_counter(path: str | None) -> Counter | None:
    """Return what counts with the file of `--tokenizer`; None without one. Raises `Misuse`."""
    if path is None:
        return None
    if not path:
        raise Misuse("--tokenizer wants a path")
    from ..tokens import TokenizerError, load_tokenizer

    try:
        return _Chosen(load_tokenizer(path))
    except TokenizerError as error:
        raise _misuse(error) from error


class _Chosen:
    """A tokenizer that somebody chose: what it cannot count is wrong usage."""

    def __init__(self, counter: Counter) -> None:
        self.kind: Kind = counter.kind
        self.name = counter.name
        self._counter = counter

    def count(self, text: str) -> int:
        from ..tokens import TokenizerError

        try:
            return self._counter.count(text)
        except TokenizerError as error:
            raise _misuse(error) from error


def _misuse(error: TokenizerError) -> Misuse:
    return Misuse(f"--tokenizer: {error}" + (f"; {error.help}" if error.help else ""))
