"""Write a text as a YAML scalar that reads back as exactly that text, in every YAML.

Plain where nothing speaks against it, since quotes are easily taken for speech; in quotes where a
text of one line needs them; as a block where it has several lines, does not fit on its line, or
would need quotes within quotes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH: Final = 100

# All that libyaml breaks lines at, or does not read, and what is no good in a line: tabs.
_UNPRINTABLE: Final = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufeff\\ufffe\\uffff"
    # What nobody sees, or what reorders the text beside it: an author who wrote an escape meant it.
    "\\xad\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069"
)
_ESCAPED: Final = re.compile(f'["\\\\\\t\\n{_UNPRINTABLE}]')
_NOT_IN_BLOCK: Final = re.compile(f"[{_UNPRINTABLE}]|[ \\t](?=\\n|\\Z)")
_NOT_IN_LINE: Final = re.compile(f"[\\t\\n{_UNPRINTABLE}]")
# What cannot begin a plain scalar; `-`, `?` and `:` can before a letter, if only to YAML.
_BAD_START: Final = re.compile(r"[&*!|>%@`\"'#,\[\]{}]|[-?:](?![^\s,\[\]{}])|---|\.\.\.|=\Z|<<\Z")
_BAD_WITHIN: Final = re.compile(r":(?=\s|\Z)|(?<=\s)#")
_BAD_IN_FLOW: Final = re.compile(r"[,\[\]{}:?]")
_WORDS: Final = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "~", ""}
)
# Numbers, times and dates, of YAML 1.1 and 1.2: more than these, and never less.
_NUMBER: Final = re.compile(
    r"[-+]?\.?[0-9][0-9a-fA-FxXoO_:.eE+-]*(?:[tT \t]+[0-9:. tTzZ+-]*)?|[-+]?\.(?:inf|nan)",
    re.IGNORECASE,
)
_WORD_BREAK: Final = re.compile(r"(?<=\S) (?=\S)")
_MOST_WORDS_IN_BRACES: Final = 8
_SHORT_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDE: Final = frozenset("WF")
_MARKS: Final = frozenset({"Mn", "Me"})


def written(
    text: str, *, indent: int, width: int = WIDTH, flow: bool = False, column: int | None = None
) -> str:
    r"""Return a text as the scalar that stands after `key: ` or `- `, without a line end.

    The lines of a block have `indent` blanks, which must be more than the key or dash has. Lines
    are to end at `width` cells; the scalar begins at `column`, counted from 0 (`indent`, if it is
    not given). In a collection in brackets or braces (`flow`) nothing becomes a block. No half of
    a surrogate pair may be in the text: YAML has no way to write one. After a block that begins
    with `|+` the next line must be no blank one: that would be a part of the text.
    """
    fits = (indent if column is None else column) + cells(text) <= width
    is_block = not flow and can_be_block(text)
    if "\n" in text:
        return _literal(text, indent) if is_block else in_double_quotes(text)
    if is_block and not fits and _WORD_BREAK.search(text):
        return _folded(text, indent, width)
    if is_plain(text, flow=flow):
        return text
    if _NOT_IN_LINE.search(text) or ('"' not in text and "\\" not in text):
        return in_double_quotes(text)
    if is_block and "'" in text:
        return _literal(text, indent)
    return f"""'{text.replace("'", "''")}'"""


def written_key(text: str) -> str:
    """Return a text as a key, without its colon: plain where that is safe, else in quotes."""
    if is_plain(text, flow=True):
        return text
    if _NOT_IN_LINE.search(text) or ('"' not in text and "\\" not in text):
        return in_double_quotes(text)
    return f"""'{text.replace("'", "''")}'"""


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Tell whether a text can stand without quotes, and is text to every YAML."""
    return not (
        text != text.strip()
        or text.casefold() in _WORDS
        or _BAD_START.match(text)
        or _NOT_IN_LINE.search(text)
        or _BAD_WITHIN.search(text)
        or (flow and _BAD_IN_FLOW.search(text))
        or _NUMBER.fullmatch(text)
    )


def has_needless_quotes(verbatim: str, text: str) -> bool:
    """Tell whether a scalar in quotes would read the same without them, in every YAML.

    So the quotes may have been meant to be heard, where it is speech. Texts that begin with a
    figure or a sign are left alone: who quotes them knows YAML.
    """
    if not text or len(text) != len(verbatim) - 2 or not is_plain(text):
        return False
    return text[0].isalpha() or not text[0].isascii()


def in_double_quotes(text: str) -> str:
    """Return a text on one line in double quotes, with escapes for what needs them."""
    return f'"{_ESCAPED.sub(lambda found: _escape(found[0]), text)}"'


def cells(text: str) -> int:
    """Return about how wide one line of text is: wide characters count two, marks none."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if unicodedata.east_asian_width(char) in _WIDE
        else unicodedata.category(char) not in _MARKS
        for char in text
    )


def _escape(char: str) -> str:
    known = _SHORT_ESCAPES.get(char)
    if known is not None:
        return known
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"  # noqa: PLR2004


def can_be_block(text: str) -> bool:
    """Tell whether a text can be indented lines: none that editors or YAML would change."""
    first = text.lstrip("\n")[:1]
    return first not in ("", " ", "\t") and _NOT_IN_BLOCK.search(text) is None


def _literal(text: str, indent: int) -> str:
    ended = len(text) - len(text.rstrip("\n"))
    sign = ("|-", "|", "|+")[min(ended, 2)]
    lines = text.split("\n")[: -1 if ended else None]
    return "\n".join((sign, *(" " * indent + line if line else "" for line in lines)))


def _words(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may end: none ends within braces."""
    held: list[str] = []
    for word in _WORD_BREAK.split(text):
        held.append(word)
        so_far = " ".join(held)
        opened, closed = (max(map(so_far.rfind, signs)) for signs in (("{{", "{%"), ("}}", "%}")))
        if opened <= closed or len(held) >= _MOST_WORDS_IN_BRACES:
            yield so_far
            held = []
    if held:
        yield " ".join(held)


def _folded(text: str, indent: int, width: int) -> str:
    """Return a text of one line as several, of which each but the longest words fits."""
    lines: list[str] = []
    room = width - indent
    words: list[str] = []
    used = 0
    for word in _words(text):
        size = cells(word)
        if words and used + 1 + size > room:
            lines.append(" ".join(words))
            words, used = [], 0
        used += size + bool(words)
        words.append(word)
    lines.append(" ".join(words))
    return "\n".join((">-", *(" " * indent + line for line in lines)))
