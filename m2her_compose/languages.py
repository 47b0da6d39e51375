"""The form of language tags; light, since commands ask before they load what reads templates."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 35  # RFC 5646, section 4.4.1
_TAG: Final = re.compile(r"(?:[A-Za-z]{2,8}|[ixIX](?=-))(?:-[A-Za-z0-9]{1,8})*")


def is_language(text: str) -> bool:
    """Tell whether a text has the form of a BCP 47 language tag."""
    return len(text) <= _LONGEST and _TAG.fullmatch(text) is not None
