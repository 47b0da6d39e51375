"""Changing authors' files: what is safe to mend, and comments for what is to stay."""

from .change import Change, unified_diff, write
from .fix import Fixed, fix, fixed_text
from .ignores import Silenced, add_ignores, with_ignores

__all__ = [
    "Change",
    "Fixed",
    "Silenced",
    "add_ignores",
    "fix",
    "fixed_text",
    "unified_diff",
    "with_ignores",
    "write",
]
