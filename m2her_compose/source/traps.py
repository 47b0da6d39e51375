"""The traps that YAML sets for dialogue, told apart from plain mistakes in YAML.

A line of speech is full of what YAML keeps for itself: `*smiles*` is an alias, `[OOC: …]` a
list, `"Well," he said` a text that ends too early, `Current goal: leave` a key. libyaml then
complains about something else, often on another line. Here its complaint and the line it was
about are read together, and the author is told what happened and how to write the line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ..diagnostics import Edit, Span
from ..diagnostics import codes as c
from .quoting import EXCERPT, INDICATORS, as_quoted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Code, Source

QUOTE_HELP: Final = (
    "quote the whole text with the other kind of quotes, or put it into a block after `|`"
)
INDICATOR_HELP: Final = "put the text in quotes, or into a block after `|`"
_BELOW_HELP: Final = "it goes on below: put all of it into a block after `|`, under its key"
_OUT_OF_PLACE_HELP: Final = (
    "it stands below a value: put both into a block after `|`, under one key, or give it its own"
)

# What can stand before a value on its line: list dashes, then perhaps a key.
_KEY: Final = (
    r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"'\[\]{}&*!|>%@`,#-][^:\n]{0,200}?)[ \t]{0,20}:[ \t]+"""
)
_VALUE: Final = re.compile(rf"[ \t]*(?:-[ \t]+)*(?:{_KEY}(?:[&!]\w+[ \t]+)?)?(?P<value>\S[^\n]*)")
_LONGEST_KEY: Final = 40
# A quoted text with more behind it. A comma or bracket may be that of a list, and so only counts
# when words follow it.
_MORE: Final = r"""[ \t]*(?:[^\s#,\]}]|,[ \t]*[^\s"'\[\]{}#,])"""
_QUOTED: Final = re.compile(
    rf"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*')(?={_MORE})|'[^'\n]*'(?=[^\s':,\]}}#])"""
)
_QUOTED_LINES: Final = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^']|'')*'"),
}
_MOST_LINES: Final = 40
_LINE_START: Final = re.compile(r"(?<=\n)[^\r\n]")
_ALIAS: Final = re.compile(r"[^,\[\]{}\n]*[^,\[\]{}\s]")
_GLUED: Final = re.compile(
    r"(?P<lead>[ ]*(?:-[ ]+)*)(?P<key>[^\s:：\"'#\[\]{}&*!|>%@`,-][^\s:：]{0,60})"
    r"(?P<colon>:(?=[^\s/])|：)(?P<rest>[^\n]*)"
)
_EMPTY_KEY: Final = re.compile(r"[ \t]*(?:-[ \t]+)*(:)(?:\s|$)")
# What stands before a value on its line.
_LEAD: Final = re.compile(rf"(?P<dashes>[ ]*(?:-[ \t]+)*)(?P<key>(?!<<){_KEY}(?:[&!]\w+[ \t]+)?)?")
# A line as the author may have meant it: dashes, then perhaps a key of one word.
_LINE: Final = re.compile(
    r"(?P<dashes>[ ]*(?:-(?:[ \t]+|(?=\r?$)))*)"
    r"""(?:(?P<key>"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^\s"'\[\]{}&*!|>%@`,#:：-][^\s:：]{0,100})"""
    r"[ \t]{0,20}:(?=\s|\Z))?(?P<rest>[^\n]*)",
    re.MULTILINE,
)
_NOTHING: Final = re.compile(r"(?:[ \t]*+(?:#[^\n]*)?\r?\n)*+")
# What may stand where a value begins on the next line.
_NO_VALUE: Final = re.compile(r"[ \t]*(?:[&!]\S{1,100}[ \t]*)?(?:#.*)?")
_ROOT_KEY: Final = re.compile(r"[\"']?[a-z][a-z0-9_-]*\+?[\"']?")
# Further up, a list of so many items has long been one.
_MOST_ABOVE: Final = 1000
_COMMENT: Final = re.compile(r"\s#")
_SPEAKS: Final = re.compile(r"\b(?:user|ai|narrator|thought)[ \t]?:")
# Texts that begin with one of these are no list or map that was forgotten: those never do.
_PLAIN_HEADS: Final = "*%@`"
_AS_KEY: Final = re.compile(r"(?:\[[^\]]*\]|\{[^}]*\}|[^\s\[{]+)[ \t]*:(?:\s|$)")
_CLOSING: Final = {"[": "]", "{": "}"}
_BLANKS: Final = " \t"
_BEFORE_OPENING: Final = " \t*([—–-"
_OF_TEXTS: Final = (c.TEXT_INDICATOR, c.TEXT_AFTER_QUOTE, c.TEXT_TEMPLATE, c.TEXT_COLON)


class Trap(NamedTuple):
    """A text that YAML misread: the finding about it, and the characters to mask.

    `edits`, where there are any, are safe: the file is refused without them, and means what its
    author wrote with them. `below` are the lines on which the text goes on.
    """

    code: Code
    message: str
    span: Span
    help: str
    as_comment: bool = False
    edits: tuple[Edit, ...] = ()
    below: Span | None = None


def trap_at(source: Source, text: str, offset: int) -> Trap | None:
    """Tell which trap the value on the line of `offset` fell into, or None."""
    start = text.rfind("\n", 0, offset) + 1
    line = _VALUE.match(text, start)
    if line is None:
        return None
    at = line.start("value")
    value = line["value"].rstrip()
    span = Span(source, at, at + len(value))
    return _begins_badly(value, span) or _goes_on(value, span)


def alias_trap(source: Source, text: str, offset: int) -> Trap | None:
    """Explain a `*` in the middle of a collection in brackets or braces."""
    found = _ALIAS.match(text, offset)
    if text[offset : offset + 1] != "*" or found is None:
        return None
    span = Span(source, *found.span())
    help_text = f"{INDICATOR_HELP}: {quoted(span.text)}"
    return Trap(c.TEXT_INDICATOR, indicator_message("*"), span, help_text)


def quote_over_lines(source: Source, text: str, offset: int) -> Trap | None:
    """Explain a quoted text that ends just before `offset`, where more of it follows."""
    end = len(text[:offset].rstrip(" \t"))
    quote = text[end - 1 : end]
    if quote not in _QUOTED_LINES:
        return None
    line_start = text.rfind("\n", 0, end) + 1
    for _ in range(_MOST_LINES):
        line = _VALUE.match(text, line_start)
        if line is not None and line["value"][0] == quote:
            found = _QUOTED_LINES[quote].match(text, line.start("value"))
            if found is not None and found.end() == end:
                stop = text.find("\n", offset)
                stop = len(text) if stop < 0 else stop
                span = Span(
                    source, found.start(), found.start() + len(text[found.start() : stop].rstrip())
                )
                message = (
                    f"a text that begins with `{quote}` ends at the next one, but more follows"
                )
                return Trap(c.TEXT_AFTER_QUOTE, message, span, QUOTE_HELP)
        if line_start == 0:
            break
        line_start = text.rfind("\n", 0, line_start - 1) + 1
    return None


def glued_key(source: Source, text: str, offset: int) -> Trap | None:
    """Explain `name:Bob` on the line before: no key to YAML, but a text that goes on."""
    start = text.rfind("\n", 0, offset) + 1
    before = text.rfind("\n", 0, max(0, start - 1)) + 1
    glued = _GLUED.match(text, before, max(before, start - 1))
    if glued is None or start == 0:
        return None
    indent = len(text[start:offset]) - len(text[start:offset].lstrip(" "))
    if len(glued["lead"]) != indent:
        return None
    rest = glued["rest"].strip()
    span = Span(source, glued.start("key"), glued.start("key") + len(glued["key"]) + 1)
    written = f"{glued['key']}: {rest}".strip()[:EXCERPT]
    message = f"`{glued['key']}{glued['colon']}` is no key without a colon and a blank"
    return Trap(c.YAML_SYNTAX, message, span, f"write `{written}`", as_comment=True)


def empty_key(source: Source, text: str, offset: int) -> Trap | None:
    """Explain a line that begins with its colon."""
    found = _EMPTY_KEY.match(text, text.rfind("\n", 0, offset) + 1)
    if found is None:
        return None
    place = Span(source, *found.span(1))
    return Trap(c.YAML_KEY, "a key is empty", place, "write a name before the `:`")


def colon_trap(source: Source, text: str, offset: int) -> Trap | None:
    """Explain the colon at `offset` that made a key of a text's beginning."""
    if text[offset : offset + 1] != ":":
        return None
    start = text.rfind("\n", 0, offset) + 1
    line = _VALUE.match(text, start)
    edits: tuple[Edit, ...] = ()
    if line is not None and line.start("value") <= offset and line["value"][0] not in "\"'":
        at = line.start("value")
        edits = quoting(Span(source, at, at + len(line["value"].rstrip())))
    words = text[start:offset].strip()
    for lead in ("- ", "? "):
        words = words.removeprefix(lead).strip()
    words = words.rsplit(": ", 1)[-1]
    return Trap(
        c.TEXT_COLON,
        colon_message(words),
        Span(source, offset - len(words), offset + 1),
        "put the whole text in quotes, or into a block after `|`",
        edits=edits,
    )


def colon_message(key: str) -> str:
    """Say that the beginning of a text reads as a key."""
    shown = key
    if len(key) > _LONGEST_KEY:
        cut = key[: _LONGEST_KEY - 1]
        words, _, _ = cut.rpartition(" ")
        shown = f"{words if 2 * len(words) > _LONGEST_KEY else cut.rstrip()} …"
    return f"`{shown}:` reads as a key, since a colon and a space follow"


def indicator_message(char: str) -> str:
    """Say what YAML takes a text for that begins with `char`."""
    shown = "a backtick" if char == "`" else f"`{char}`"
    return f"a text that begins with {shown}, which YAML reads as {INDICATORS[char]}"


def _begins_badly(value: str, span: Span) -> Trap | None:
    if value.startswith(("{{", "{%", "{#")):
        return template_trap(span)
    head = value[0]
    if head not in INDICATORS or (head in "-?" and value[1:2] not in " \t"):
        return None
    return Trap(
        c.TEXT_INDICATOR,
        indicator_message(head),
        span,
        f"{INDICATOR_HELP}: {quoted(span.text)}",
        edits=quoting(span) if _is_text(value) else (),
    )


def _is_text(value: str) -> bool:
    """Tell whether a value that begins badly was surely meant as text."""
    head = value[0]
    if _AS_KEY.match(value):
        return False
    if head in _CLOSING:  # `[sighs] Sit.`, and no list that is never closed
        return value.find(_CLOSING[head]) > 0
    return head in _PLAIN_HEADS or (head == "&" and value[1:2] in " \t")


def template_trap(span: Span) -> Trap:
    """Explain an unquoted `{{ x }}`, which YAML reads as a map within a map."""
    text = span.text.split("\n", 1)[0]
    return Trap(
        c.TEXT_TEMPLATE,
        f"a text that begins with an unquoted `{text[:2]}`, which YAML reads as a map",
        span,
        f"{INDICATOR_HELP}: {quoted(text)}",
        edits=quoting(span),
    )


def _goes_on(value: str, span: Span) -> Trap | None:
    if value[0] not in "\"'":
        return None
    quoted_part = _QUOTED.match(value)
    if quoted_part is not None:
        return Trap(
            c.TEXT_AFTER_QUOTE,
            f"a text that begins with `{value[0]}` ends at the next one, but more follows",
            span,
            f"{QUOTE_HELP}: {quoted(_without_own_quotes(span.text))}",
            # Quotes at both ends may be YAML's, and those between them what is to be escaped.
            edits=quoting(span) if value[-1] != value[0] else (),
        )
    return None


def _without_own_quotes(text: str) -> str:
    """Return what stands between quotes that are YAML's: `"*nods* "Yes." He sits."`.

    Those between them then open and close in turn, or are apostrophes. In `"Yes," he says, "yes."`
    the outer quotes are speech.
    """
    inner = text[1:-1]
    if len(text) < 3 or text[0] != text[-1] or text[0] not in inner:  # noqa: PLR2004
        return text
    within = [i for i, sign in enumerate(text) if sign == text[0]][1:-1]
    if text[0] == "'":
        within = [i for i in within if not (text[i - 1].isalnum() and text[i + 1].isalnum())]
    opens = [text[i - 1] in _BEFORE_OPENING and text[i + 1] not in _BLANKS for i in within]
    return inner if opens == [i % 2 == 0 for i in range(len(opens))] else text


def unclosed_quote(source: Source, text: str, offset: int) -> Trap:
    """Explain a quote that opens a text and is never closed."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    value = text[offset:end].rstrip()
    return Trap(
        c.TEXT_AFTER_QUOTE,
        f"the `{text[offset]}` that opens here is never closed",
        Span(source, offset, offset + len(value)),
        f"close it, or quote the whole text with the other kind of quotes: {quoted(value)}",
    )


def quoting(span: Span) -> tuple[Edit, ...]:
    """Return the edit that quotes a text; none where it is not clear that this is the whole text.

    It is where the text fills its line after a key or a dash, neither ends in a comment nor goes
    on below, belongs to no text that begins above, and holds nothing that may be another turn or
    the end of a collection.
    """
    text, whole = span.text, span.source.text
    start = whole.rfind("\n", 0, span.start) + 1
    lead = _LEAD.fullmatch(whole, start, span.start)
    stop = whole.find("\n", span.end)
    stop = len(whole) if stop < 0 else stop
    if lead is None or "\n" in text or whole[span.end : stop].strip():
        return ()
    if _COMMENT.search(text) or _SPEAKS.search(text) or _ends_collection(text):
        return ()
    if not lead["key"] and "-" not in lead["dashes"]:
        return ()
    columns = _columns(lead)
    if not _is_followed_well(whole, stop + 1, columns) or _is_part_of_text(whole, start, columns):
        return ()
    return (Edit(span, as_quoted(text)),)


def _columns(line: re.Match[str]) -> dict[int, str]:
    """Return the columns in which a line's dashes stand, and its key."""
    columns = {i: "-" for i, sign in enumerate(line["dashes"]) if sign == "-"}
    return {**columns, len(line["dashes"]): ":"} if line["key"] else columns


def _is_followed_well(text: str, start: int, columns: Mapping[int, str]) -> bool:
    """Tell whether nothing follows a line, or an item or a key where one can stand."""
    for line in _lines_from(text, start):
        below = _columns(line)
        if not below:
            return False
        column = next(iter(below))
        if column == 0 and below[0] == ":" and not _ROOT_KEY.fullmatch(line["key"]):
            return False  # a text may well begin so
        return column in columns or column < next(iter(columns))
    return True


def _is_part_of_text(text: str, start: int, columns: Mapping[int, str]) -> bool:
    """Tell whether a line with a key or dashes belongs to a text that begins above it.

    Else the line that it belongs to ends with a colon or a dash, and so on up to the left edge.
    """
    column, sign = next(iter(columns.items()))
    for _ in range(_MOST_ABOVE):
        if start == 0:
            return False
        start = text.rfind("\n", 0, start - 1) + 1
        line = _LINE.match(text, start)
        if line is None or _says_nothing(line):
            continue
        above = _columns(line)
        if column not in above and len(line["dashes"]) - len(line["dashes"].lstrip()) >= column:
            continue
        is_sibling = column in above and not (sign == "-" and above[column] == ":")
        if not is_sibling and not (above and _NO_VALUE.fullmatch(line["rest"].rstrip())):
            return True
        column, sign = next(iter(above.items()))
    return False


def going_on(text: str, trap: Trap) -> Trap:
    """Return a trap with the lines below on which its text goes on.

    They are indented deeper, or neither items nor keys.
    """
    start = text.rfind("\n", 0, trap.span.start) + 1
    lead = _LEAD.match(text, start)
    if trap.code not in _OF_TEXTS or lead is None or not _is_at_value(text, trap, lead):
        return trap
    columns = _columns(lead)
    if not columns and _is_out_of_place(text, trap.span.start):
        trap = trap._replace(help=_OUT_OF_PLACE_HELP)
    # A line without key and dash is itself one on which a text goes on.
    column = max(columns, default=len(text))
    stop = end = _end_of_line(text, trap.span.end)
    for line in _lines_from(text, stop + 1):
        if len(line["dashes"]) - len(line["dashes"].lstrip()) <= column and _columns(line):
            break
        end = line.end()
    if end == stop:
        return trap
    below = Span(trap.span.source, stop, end)
    advice = _BELOW_HELP if columns else trap.help
    return trap._replace(help=advice, edits=(), below=below)


def _is_at_value(text: str, trap: Trap, lead: re.Match[str]) -> bool:
    if trap.code is c.TEXT_COLON:
        return text[lead.end() : lead.end() + 1] not in ("[", "{", '"', "'")
    return trap.span.start == lead.end()


def _lines_from(text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield the lines from an offset on that are neither blank nor comments."""
    while (found := _NOTHING.match(text, start)) and found.end() < len(text):
        line = _LINE.match(text, found.end())
        if line is None:
            return
        if not _says_nothing(line):
            yield line
        start = _end_of_line(text, line.end()) + 1


def _says_nothing(line: re.Match[str]) -> bool:
    return not _columns(line) and line["rest"].lstrip()[:1] in ("", "#")


def _end_of_line(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _ends_collection(text: str) -> bool:
    """Tell whether a text ends with what may belong to a collection around it."""
    return text.endswith((",", "]", "}")) and not (
        (text.endswith("]") and "[" in text) or (text.endswith("}") and "{" in text)
    )


def _is_out_of_place(text: str, offset: int) -> bool:
    """Tell whether no value can begin there: at the left edge, or on the line below another."""
    start = text.rfind("\n", 0, offset) + 1
    if start == offset:
        return True
    if text[start:offset].strip():
        return False
    start = len(text[:start].rstrip())
    for _ in range(_MOST_ABOVE):
        start = text.rfind("\n", 0, max(0, start - 1)) + 1
        line = _LINE.match(text, start)
        if line is not None and not _says_nothing(line):
            return not (_columns(line) and _NO_VALUE.fullmatch(line["rest"].rstrip()))
    return False


def mask(text: str, trap: Trap) -> str:
    """Replace a trap's text by letters, keeping blanks, line breaks and every later offset.

    A whole line at the left edge, or below a value, becomes a comment: letters there would be a
    text of their own. So do the lines on which the text goes on.
    """
    start, end = trap.span.start, trap.span.end
    if trap.as_comment:
        return f"{text[:start]}#{text[start + 1 :]}"
    letters = re.sub(r"\S", "x", text[start:end])
    if text[end : end + 1] in ("", "\n", "\r") and _is_out_of_place(text, start):
        letters = "#" + letters[1:]
    rest = text[end:]
    if trap.below is not None:
        stop, last = trap.below.start, trap.below.end
        below = re.sub(r"\S", "x", text[stop:last])
        rest = f"{text[end:stop]}{_LINE_START.sub('#', below)}{text[last:]}"
    return text[:start] + letters + rest
