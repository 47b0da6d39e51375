"""Say why a text is no YAML, and mask the value that is to blame so that the rest can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yaml.error import MarkedYAMLError

from ..diagnostics import Span
from ..diagnostics import codes as c
from .build import Rejected
from .traps import (
    Trap,
    alias_trap,
    colon_trap,
    empty_key,
    glued_key,
    going_on,
    mask,
    quote_over_lines,
    template_trap,
    trap_at,
    unclosed_quote,
)

if TYPE_CHECKING:
    from yaml.error import YAMLError

    from ..diagnostics import Sink, Source

_ALIAS_KEY: Final = re.compile(r"\*[\w-]+")

# What libyaml refuses to read at all (YAML 1.1, section 5.1).
_UNPRINTABLE: Final = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)


def recover(source: Source, text: str, problem: Rejected | YAMLError, sink: Sink) -> str | None:
    """Report what stopped the reading; return the text with it masked, None if that is no use."""
    if isinstance(problem, Rejected):
        trap = _rejected_trap(source, text, problem)
    elif isinstance(problem, MarkedYAMLError):
        trap = _trap(source, text, problem)
    else:
        _report_unprintable(source, sink)
        return None
    trap = going_on(text, trap) if trap is not None else None
    masked = mask(text, trap) if trap is not None else text
    if trap is None or masked == text:
        if isinstance(problem, Rejected):
            sink.add(problem.code, problem.message, problem.span, help=problem.help)
        else:
            _report_syntax(source, sink, problem)
        return None
    sink.add(
        trap.code,
        trap.message,
        trap.span,
        help=trap.help,
        edits=trap.edits,
        safe=bool(trap.edits),
    )
    sink.leave_out((trap.span,) if trap.below is None else (trap.span, trap.below))
    return masked


def _report_unprintable(source: Source, sink: Sink) -> None:
    found = _UNPRINTABLE.search(source.text)
    at = found.start() if found else 0
    sink.add(
        c.ENCODING,
        f"the control character U+{ord(source.text[at]):04X} stands in the text",
        Span(source, at, at + 1),
        help='remove it; in double quotes it can be written as an escape, such as "\\x07"',
    )


def _rejected_trap(source: Source, text: str, rejected: Rejected) -> Trap | None:
    """Find the trap behind a rejected value, or a way to go on after it."""
    if not rejected.curable:
        return None
    at = rejected.span.start
    if rejected.code is c.YAML_KEY:
        # `{{ x }}` is rejected at its second brace.
        start = at - 1 if at and text[at - 1 : at + 1] == "{{" else at
        if text.startswith("{{", start):
            end = text.find("\n", start)
            line = text[start : len(text) if end < 0 else end].rstrip()
            return template_trap(Span(source, start, start + len(line)))
    alias = _ALIAS_KEY.match(text, at)
    if rejected.code is c.YAML_KEY and alias is not None:
        return Trap(c.YAML_KEY, rejected.message, Span(source, *alias.span()), rejected.help or "")
    trap = trap_at(source, text, at)
    if trap is None or trap.span.start != at:
        trap = alias_trap(source, text, at)
    if trap is not None and _is_speech(trap.span.text):
        return trap
    return Trap(rejected.code, rejected.message, rejected.span, rejected.help or "")


def _is_speech(text: str) -> bool:
    """Tell `*sighs and sits down*` from the alias `*defaults`."""
    return re.fullmatch(r"\*[\w-]+", text) is None


def _trap(source: Source, text: str, error: MarkedYAMLError) -> Trap | None:
    problem, context = error.problem or "", error.context or ""
    at = error.problem_mark.index if error.problem_mark else 0
    began = error.context_mark.index if error.context_mark else at
    if text[at : at + 1] == "\t" or "tab character" in problem:
        return None
    if problem.startswith("mapping values are not allowed"):
        return (
            glued_key(source, text, at)
            or empty_key(source, text, at)
            or trap_at(source, text, at)
            or colon_trap(source, text, at)
        )
    if context.startswith("while scanning a quoted scalar"):
        trap = trap_at(source, text, began)
        starts_there = trap is not None and trap.span.start == began
        return trap if starts_there else unclosed_quote(source, text, began)
    if context.startswith("while scanning an alias"):
        trap = trap_at(source, text, began)
        starts_there = trap is not None and trap.span.start == began
        return trap if starts_there else alias_trap(source, text, began)
    if "expected ',' or" in problem:
        return None if _is_closed(text, began) else trap_at(source, text, began)
    return (
        trap_at(source, text, at)
        or quote_over_lines(source, text, at)
        or (trap_at(source, text, began) if context.startswith("while scanning") else None)
        or empty_key(source, text, at)
        or _previous_line_trap(source, text, at)
    )


def _is_closed(text: str, start: int) -> bool:
    """Tell whether a collection's line ends with a bracket: a mistake in it, and not a text."""
    end = text.find("\n", start)
    return text[start : len(text) if end < 0 else end].rstrip().endswith(("]", "}"))


def _previous_line_trap(source: Source, text: str, offset: int) -> Trap | None:
    """Look at the line before: libyaml often notices only at the next token."""
    before = text[: text.rfind("\n", 0, offset) + 1].rstrip()
    return trap_at(source, text, len(before) - 1) if before else None


_PLAIN_WORDS: Final = (
    (
        r"did not find expected key",
        "a key is wanted here",
        "look at the indentation of this line and the one before",
    ),
    (
        r"did not find expected '-' indicator",
        "an item of the list is wanted here",
        "begin the line with `- `, at the column of the items above",
    ),
    (
        r"could not find expected ':'",
        "a `:` is missing after a key",
        "write `key: text`; a text that goes on must be indented",
    ),
    (
        r"did not find expected ',' or '\]'",
        "the list in brackets is not closed",
        "add `]`, or quote a text that begins with `[`",
    ),
    (
        r"did not find expected ',' or '\}'",
        "the map in braces is not closed",
        "add `}`, or quote a text that begins with `{`",
    ),
    (
        r"found undefined tag handle",
        "a tag that the format does not have",
        "quote the text if it begins with an exclamation mark",
    ),
    (
        r"found unknown escape character",
        "a backslash that escapes nothing",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (r"found a tab character", "a tab stands where indentation is wanted", "indent with spaces"),
)


def _report_syntax(source: Source, sink: Sink, error: MarkedYAMLError) -> None:
    problem = error.problem or "cannot be read"
    mark = error.problem_mark
    if problem.startswith("could not find expected ':'") and error.context_mark:
        mark = error.context_mark
    at = min(mark.index if mark else 0, len(source.text))
    if source.text[at : at + 1] == "\t":
        problem = "found a tab character"
    message = problem
    advice = "look at the quotes and the indentation of this line and the one before"
    for pattern, words, help_text in _PLAIN_WORDS:
        if re.match(pattern, problem):
            message, advice = words, help_text
            break
    line = source.line(source.position(at)[0])
    if "：" in line and ": " not in line:
        advice = f"`：` is no colon to YAML: write `{line.strip().replace('：', ': ', 1)[:60]}`"
    end = at + 1
    if problem.startswith("could not find expected ':'"):
        end = at + len(line.rstrip()) - source.position(at)[1] + 1
    span = Span(source, at, max(at, min(end, len(source.text))))
    sink.add(c.YAML_SYNTAX, message, span, help=advice)
