"""The format's JSON Schemas: where they are, and holding a file against them."""

from .check import Checked, check, find_kind
from .damage import EVERYTHING, is_intact
from .store import Kind, load_schema, load_schema_text

__all__ = [
    "EVERYTHING",
    "Checked",
    "Kind",
    "check",
    "find_kind",
    "is_intact",
    "load_schema",
    "load_schema_text",
]
