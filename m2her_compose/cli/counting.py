"""What a command line says of counting: whose limits hold, and what counts tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..targets import TARGETS, target_by_id
from ..tokens import TokenizerError, load_tokenizer
from .guard import Misuse
from .inputs import one_of

if TYPE_CHECKING:
    from ..targets import Target
    from ..tokens import Counter, Kind


def chosen_target(name: str | None) -> Target | None:
    """Return the target that `--target` names; None without one. Raises `Misuse`."""
    if name is None:
        return None
    one_of("--target", name, tuple(target.id for target in TARGETS))
    return target_by_id(name)


def chosen_counter(path: str | None) -> Counter | None:
    """Return what counts with the file of `--tokenizer`; None without one. Raises `Misuse`."""
    if path is None:
        return None
    if not path:
        raise Misuse("--tokenizer wants a path")
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
        try:
            return self._counter.count(text)
        except TokenizerError as error:
            raise _misuse(error) from error


def _misuse(error: TokenizerError) -> Misuse:
    return Misuse(f"--tokenizer: {error}" + (f"; {error.help}" if error.help else ""))
