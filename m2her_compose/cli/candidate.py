"""What completion offers, whoever finds it."""

from __future__ import annotations

from typing import NamedTuple


class Candidate(NamedTuple):
    """A word that would fit, and what to say about it."""

    value: str
    about: str = ""
