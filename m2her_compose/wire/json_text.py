"""JSON as text: valid everywhere, of UTF-8, and harmless to the terminal it may be shown on."""

from __future__ import annotations

import json
import re
from typing import Any, Final

# Valid in JSON as they are, but a terminal obeys or hides them, and halves of surrogate pairs
# cannot be encoded: written as escapes, which every JSON reader turns back.
_RISKY: Final = re.compile(
    "[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufeff"
    "\\U000e0000-\\U000e007f]"
)


def pretty_json(value: Any) -> str:
    """Return plain data as JSON to be read: indented, with a final newline."""
    return _safe(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def compact_json(value: Any) -> str:
    """Return plain data as JSON on one line, without blanks and without a newline.

    Raises `ValueError` for NaN and the infinities, which JSON does not have.
    """
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _safe(text: str) -> str:
    return _RISKY.sub(lambda found: json.dumps(found[0])[1:-1], text)
