"""What each model or endpoint accepts, and what a library says of its own ones."""

from .known import (
    ASCII_NAMES,
    BASIC,
    BASIC_ROLES,
    M2_HER,
    NAMED_ROLES,
    OPENAI,
    OPENROUTER,
    TARGETS,
    target_by_id,
)
from .model import NOTED, Examples, Price, Range, Source, Target
from .own import read_targets

__all__ = [
    "ASCII_NAMES",
    "BASIC",
    "BASIC_ROLES",
    "M2_HER",
    "NAMED_ROLES",
    "NOTED",
    "OPENAI",
    "OPENROUTER",
    "TARGETS",
    "Examples",
    "Price",
    "Range",
    "Source",
    "Target",
    "read_targets",
    "target_by_id",
]
