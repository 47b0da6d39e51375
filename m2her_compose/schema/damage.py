"""What errors took out of a tree, by the names of its keys."""

from __future__ import annotations

from typing import Final

EVERYTHING: Final = "*"


def is_intact(damage: frozenset[str], *keys: str) -> bool:
    """Tell whether what is missing under these top-level keys is really missing."""
    return EVERYTHING not in damage and not damage.intersection(keys)
