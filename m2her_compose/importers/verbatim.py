"""Texts that look like templates and are none: how they are written so that they stay as they are.

A request is what the model got: braces in it are braces.
"""

from __future__ import annotations

import re
from typing import Final

from ..render.syntax import has_template

RAW: Final = "!raw "
# What raw texts still replace (docs/format.md, "Texts").
_PLACEHOLDER: Final = re.compile(r"\{\{(?:char|user)\}\}|<(?:bot|char|user)>", re.IGNORECASE)
# What opens something in a template; a whole `{{ … }}` where that fits into quotes. A template's
# line breaks are all alike: others go into quotes, too.
_OPENER: Final = re.compile(r'\{\{[^{}"\\\r\n]{0,60}\}\}|\{[{%#]|\{?\r')


def verbatim(text: str) -> tuple[str, str]:
    """Return the tag and the text to write, which are rendered as exactly this text."""
    if not has_template(text):
        return "", text
    if not _PLACEHOLDER.search(text):
        return RAW, text
    return "", _OPENER.sub(_as_text, text)


def _as_text(found: re.Match[str]) -> str:
    part = found[0].replace("\r", "\\r")
    return f'{{{{ "{part}" }}}}'
