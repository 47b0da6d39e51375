"""One style for files, which changes nothing of what they say (docs/fmt.md)."""

from .text import comments_of, formatted
from .work import Formatted, State, format_file

__all__ = ["Formatted", "State", "comments_of", "format_file", "formatted"]
