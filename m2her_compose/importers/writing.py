"""Write a draft as a scenario file that people like to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..source.writing import (
    WIDTH,
    can_be_block,
    cells,
    in_double_quotes,
    written,
    written_key,
)
from .verbatim import verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .draft import Draft, Saying

# Fewer turns are easier to move about as a list, and wide ones to read, unless they are this many.
_FEWEST_IN_SCRIPT: Final = 8
_MOST_WIDE_IN_LIST: Final = 1000
_NO_SYSTEM: Final = 'system: " "  # blank: there is no system message'
# Valid in YAML as they are, but they hide or turn around what is beside them: written as escapes.
_RISKY: Final = re.compile(
    "[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\U000e0000-\\U000e007f]"
)
# What could open a turn, were it at the left edge.
_LIKE_A_LABEL: Final = re.compile(r"[ \t]*[^\s:：][^:：\n]{0,60}?[ \t]*[:：]")
_SEPARATOR: Final = re.compile(r"[ \t]*<start>[ \t]*", re.IGNORECASE)
_LONGEST_COMMENT: Final = 98
_MOST_COMMENTS: Final = 20


def scenario_text(made: Draft, *, remarks: Sequence[str] = ()) -> str:
    """Return the scenario file. `remarks` are what is not kept, and stand above it as comments."""
    blocks = (
        *_head(made),
        *_people(made),
        *(_field("system", made.system) if made.system is not None else (_NO_SYSTEM,)),
        *_examples(made),
        *_history(made.history),
        *_field("message", made.message),
        *_foot(made),
    )
    comments = "".join(f"{line}\n" for line in _comments(remarks))
    return comments + _spaced(blocks)


def _comments(remarks: Sequence[str]) -> Iterator[str]:
    if remarks:
        yield "# Not kept as it was:"
    for remark in remarks[:_MOST_COMMENTS]:
        line = f"# - {remark.replace('m2her:', 'm2her')}"  # no comment of ours is made by others
        yield line if len(line) <= _LONGEST_COMMENT else f"{line[:_LONGEST_COMMENT]}…"
    if len(remarks) > _MOST_COMMENTS:
        yield f"# and {len(remarks) - _MOST_COMMENTS:,} more"


def _spaced(blocks: Iterable[str]) -> str:
    """Put blocks below each other, with a blank line around those of several lines."""
    parts: list[str] = []
    for block in blocks:
        if parts and ("\n" in parts[-1] or "\n" in block):
            parts.append("")
        parts.append(block)
    return "\n".join(parts) + "\n"


# --- the parts, in the order of docs/format.md


def _head(made: Draft) -> Iterator[str]:
    yield "m2her: scenario/v1"
    if made.id is not None:
        yield f"id: {written(made.id, indent=2)}"
    if made.title is not None:
        yield f"title: {_quoted_if_risky(made.title, 2, 7)}"
    if made.language is not None:
        yield f"language: {written(made.language, indent=2)}"


def _people(made: Draft) -> Iterator[str]:
    if made.characters:
        lines = ["characters:"]
        for key, name in made.characters.items():
            label = f"  {written_key(key)}:"
            lines += [f"{label} {{}}"] if name is None else [label, _entry("name", name, 4)]
        if made.speaker is not None:
            lines.append(f"speaker: {written(made.speaker, indent=2)}")
        yield "\n".join(lines)
    yield from _named("persona", made.user_name, "description", made.persona)
    yield from _named("group", made.group_name, "setting", made.setting)


def _named(key: str, name: str | None, field: str, text: str | None) -> Iterator[str]:
    """Yield a part with a name; without one, its text is all there is to say."""
    if name is None:
        yield from _field(key, text)
        return
    lines = [f"{key}:", _entry("name", name, 2)]
    if text is not None:
        lines.append(_entry(field, text, 2))
    yield "\n".join(lines)


def _field(key: str, text: str | None) -> Iterator[str]:
    if text is not None:
        yield _entry(key, text, 0)


def _entry(key: str, text: str, indent: int, lead: str = "") -> str:
    """Return a key with a text; `lead` is what stands before it, its width part of `indent`."""
    label = f"{lead or ' ' * indent}{written_key(key)}: "
    return f"{label}{value(text, indent + 2, indent + len(key) + 2)}"


def value(text: str, indent: int, column: int) -> str:
    """Return a text as the YAML that compiles to exactly that text, but for line ends behind it."""
    mark, body = verbatim(text.rstrip("\n"))
    column += len(mark)
    if "\n" in body and can_be_block(body) and not _RISKY.search(body):
        # The line end that a block is best written with is none of the text.
        return mark + written(f"{body}\n", indent=indent, column=column)
    return mark + _quoted_if_risky(body, indent, column)


def _quoted_if_risky(text: str, indent: int, column: int) -> str:
    if _RISKY.search(text):
        return _RISKY.sub(_escape, in_double_quotes(text))
    return written(text, indent=indent, column=column)


def _escape(found: re.Match[str]) -> str:
    point = ord(found[0])
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"  # noqa: PLR2004


def _foot(made: Draft) -> Iterator[str]:
    yield f"names: {made.names.value}"
    if made.model is not None:
        yield f"model: {_quoted_if_risky(made.model, 2, 7)}"
    if made.parameters:
        pairs = (f"{key}: {_number(each)}" for key, each in made.parameters.items())
        yield f"parameters: {{{', '.join(pairs)}}}"


def _number(number: float) -> str:
    return ("true" if number else "false") if isinstance(number, bool) else repr(number)


# --- what is said


def _examples(made: Draft) -> Iterator[str]:
    if not made.examples:
        return
    lines = ["examples:"]
    for exchange in made.examples:
        speakers = {each.speaker for each in exchange}
        if len(speakers) == len(exchange):  # each speaks once: one map holds them
            lines += _turns(exchange, "  - ", "    ", 4)
        else:
            first, *rest = exchange
            lines += _turns([first], "  - - ", "", 6)
            for each in rest:
                lines += _turns([each], "    - ", "", 6)
    yield "\n".join(lines)


def _turns(turns: Sequence[Saying], first: str, others: str, indent: int) -> list[str]:
    """Return the lines of one map, whose keys stand at `indent`."""
    leads = (first, *[others] * (len(turns) - 1))
    return [
        _entry(turn.speaker, turn.text, indent, lead)
        for turn, lead in zip(turns, leads, strict=True)
    ]


def _history(turns: Sequence[Saying]) -> Iterator[str]:
    """Yield what was said: a script when it is long, and can stand in one; else a list."""
    if not turns:
        return
    script = _script(turns) if len(turns) >= _FEWEST_IN_SCRIPT else None
    if script is not None:
        yield f"history: {written(script, indent=2)}"
        return
    lines = ["history:"]
    for turn in turns:
        lines += _turns([turn], "  - ", "", 4)
    yield "\n".join(lines)


def _script(turns: Sequence[Saying]) -> str | None:
    """Return turns as a script; None when one of them would not come out of it as it went in."""
    widest = WIDTH - 2 if len(turns) <= _MOST_WIDE_IN_LIST else None
    lines: list[str] = []
    for turn in turns:
        mark, body = verbatim(turn.text)
        if mark or not _survives(body):
            return None
        first, *rest = body.split("\n")
        said = [f"{turn.speaker}: {first}", *(f"  {line}" if line else "" for line in rest)]
        if widest is not None and any(cells(line) > widest for line in said):
            return None
        lines += said
    return "\n".join(lines) + "\n"


def _survives(text: str) -> bool:
    """Tell whether a text can be a turn of a script: neither its lines nor its edges change."""
    first, *rest = text.split("\n")
    said = [line for line in rest if line]
    return (
        first.strip() != ""
        and text == text.strip()
        and not _RISKY.search(text)
        and can_be_block(text)
        and not any(not line.strip() for line in said)
        and min((len(line) - len(line.lstrip(" \t")) for line in said), default=0) == 0
        and not any(_LIKE_A_LABEL.match(line) or _SEPARATOR.fullmatch(line) for line in said)
    )
