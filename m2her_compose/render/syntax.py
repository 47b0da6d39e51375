"""Read a template: Jinja2's lexer and parser, with exact places, and within limits.

Jinja2 keeps line numbers only. Here the number that travels with each token, and so with each
node of the tree, is its *offset* in the template: the parser hands it through unread.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream

from ..diagnostics import codes as c
from .fault import Fault
from .program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fault import Meter

# What is remembered from one file to the next is no longer than this.
SHORT: Final = 4000
_MOST_TOKENS: Final = 20_000
_MOST_NESTING: Final = 20
_MOST_DEPTH: Final = 100
_MOST_DIGITS: Final = 30
_DEEP_HELP: Final = "split it into several expressions or blocks"
_OPENERS: Final = frozenset({"for", "if", "with", "macro", "filter", "call", "block"})


def has_template(text: str) -> bool:
    """Tell whether a text holds anything for the template engine."""
    return "{" in text and _has_tag(text)


def _has_tag(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


def program_of(text: str, meter: Meter) -> Program:
    """Return a template made ready; `lineno` of each node is its offset. Raises `Fault`.

    Short ones are remembered from one file to the next, long ones within a compilation.
    """
    if len(text) <= SHORT:
        return _short_program(text)
    if text not in meter.programs:
        meter.programs[text] = Program(_parse(text))
    return meter.programs[text]


def parse_template(text: str, meter: Meter) -> nodes.Template:
    """Return the tree of a template (`program_of`)."""
    return program_of(text, meter).tree


@lru_cache(maxsize=512)
def _short_program(text: str) -> Program:
    return Program(_parse(text))


def _parse(text: str) -> nodes.Template:
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        at = min(error.lineno or 0, len(text))
        raise Fault(c.TEMPLATE_SYNTAX, *_in_words(error.message or "", text, at)) from error
    except RecursionError as error:  # the counts below should make this impossible
        raise Fault(
            c.TEMPLATE_LIMIT, "the template is nested too deeply", 0, 1, _DEEP_HELP
        ) from error
    _refuse_depth(tree)
    return tree


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    return _Environment(
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )


class _Environment(Environment):
    """An environment whose tokens carry offsets where others carry line numbers."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        numbered = _with_offsets(self.lexer.tokeniter(source, name, filename, state), source)
        return TokenStream(self.lexer.wrap(numbered, name, filename), name, filename)


def _with_offsets(
    tokens: Iterator[tuple[int, str, str]], source: str
) -> Iterator[tuple[int, str, str]]:
    """Replace line numbers by offsets, and refuse what would take the parser too deep.

    Between two tokens the lexer only ever drops white space, so that each token is found by
    looking for its text from where the last one ended.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as the lexer does
    guard = _NestingGuard()
    at = 0
    try:
        for count, (_, kind, value) in enumerate(tokens):
            found = source.find(value, at)
            at = found if found >= 0 else at
            if count > _MOST_TOKENS:
                raise Fault(
                    c.TEMPLATE_LIMIT,
                    f"a template of more than {_MOST_TOKENS:,} parts",
                    at,
                    at + 1,
                    _DEEP_HELP,
                )
            guard.see(kind, value, at)
            yield at, kind, value
            at += len(value)
    except TemplateSyntaxError as error:
        # The lexer's own errors come with a line; all others already have the offset.
        raise TemplateSyntaxError(error.message or "", at) from error


class _NestingGuard:
    """Counts brackets, blocks, and chains of operators that the parser takes recursively."""

    __slots__ = ("_blocks", "_brackets", "_chain", "_conditions", "_expect_tag")

    def __init__(self) -> None:
        self._brackets = self._blocks = self._chain = self._conditions = 0
        self._expect_tag = False

    def see(self, kind: str, value: str, at: int) -> None:
        """Account for one token. Raises `Fault` where the nesting is too deep."""
        if kind in ("integer", "float") and len(value) > _MOST_DIGITS:
            message = f"a number of {len(value)} digits"
            raise Fault(c.TEMPLATE_LIMIT, message, at, at + len(value))
        if kind == "block_begin":
            self._expect_tag = True
        elif kind in ("block_end", "variable_end"):
            self._brackets = self._conditions = 0
        elif kind == "operator":
            self._brackets += (value in "([{") - (value in ")]}")
        elif kind == "name":
            self._name(value)
        if value == "not" or (kind == "operator" and value in "+-"):
            self._chain += 1
        elif kind != "whitespace":
            self._chain = 0
        if max(self._brackets, self._blocks, self._chain, self._conditions) > _MOST_NESTING:
            message = f"nested deeper than {_MOST_NESTING} levels"
            raise Fault(c.TEMPLATE_LIMIT, message, at, at + len(value), _DEEP_HELP)

    def _name(self, value: str) -> None:
        if self._expect_tag:
            self._expect_tag = False
            self._blocks += (value in _OPENERS) - (value[:3] == "end" and value[3:] in _OPENERS)
        elif value == "if":
            self._conditions += 1


def _refuse_depth(tree: nodes.Template) -> None:
    """Refuse trees too deep to be evaluated; found without recursion."""
    level: list[nodes.Node] = [tree]
    for _ in range(_MOST_DEPTH):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    at = level[0].lineno
    raise Fault(c.TEMPLATE_LIMIT, "an expression of too many parts", at, at + 1, _DEEP_HELP)


def _in_words(message: str, text: str, at: int) -> tuple[str, int, int, str | None]:
    """Say a parser's complaint in this program's style: lower case, no period, and what to do."""
    words = message.rstrip(".").replace("'", "`")
    words = words[:1].lower() + words[1:]
    advice = None
    if "end of template" in words or "unexpected end" in words.lower():
        opener = max(text.rfind("{{"), text.rfind("{%"), text.rfind("{#"), 0)
        at = opener if at >= len(text) - 1 or at == 0 else at
        advice = (
            "close it with `}}` or `%}`; text that only looks like a template goes behind `!raw`"
        )
    elif words.startswith("expected token `end of print statement`"):
        advice = "names have no blanks; text that only looks like a template goes behind `!raw`"
    elif words == "expected an expression, got `end of print statement`":
        words, advice = "there is nothing between `{{` and `}}`", "name what is to be printed"
    elif words.startswith("missing end of comment tag"):
        advice = "close it with `#}`, or put `!raw` before a text that only looks like a template"
    elif "unknown tag" in words or "unexpected" in words:
        advice = "text that only looks like a template goes behind `!raw`"
    end = at + 2 if text[at : at + 2] in ("{{", "{%", "{#") else at + 1
    return words or "cannot be read", at, min(max(end, at + 1), len(text) + 1), advice
