"""Notice what YAML did to a text: cut it at a comment, or took quotes that were to be heard."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit, Related, Span
from ..diagnostics import codes as c
from ..source.quoting import as_quoted, quoted

if TYPE_CHECKING:
    from ..diagnostics import Sink
    from ..source import Node

_BLANKS: Final = (" ", "\t")
_COMMENT: Final = re.compile(r"([ \t]+)#([^\n]*)")
# `room #4` names a number, where `#draft` may be a comment after all.
_NUMBERED: Final = re.compile(r"\d")
_SENTENCE_ENDS: Final = ".!?…\"')*~。！？”』」—-,:;"


def warn_of_cut(node: Node, sink: Sink, *, speech: bool) -> None:
    """Report a plain text that ends where ` #` began a comment that was meant as text.

    `#word` right after a text is taken for text: comments are written `# word`. In speech, a
    single blank before `# ` after an unfinished sentence is at least suspicious.
    """
    source = node.source
    if node.style or source.text[node.end : node.end + 1] not in _BLANKS or not node.text:
        return
    comment = _COMMENT.match(source.text, node.end)
    if comment is None:
        return
    rest = comment[2].rstrip()
    whole = f"{node.text} #{rest}"
    if rest and not rest.startswith((" ", "\t", "#", "!", "-", "=")):
        sink.add(
            c.TEXT_CUT,
            "the text ends here: ` #` begins a comment",
            Span(source, comment.end(1), comment.end(1) + 1 + len(rest)),
            help=f"quote it to keep it whole: {quoted(whole)}; begin a real comment with `# `",
            via=node.via,
            edits=_whole(node, comment.end(1) + 1 + len(rest)),
            safe=comment[1] == " " and _NUMBERED.match(rest) is not None,
        )
    elif speech and comment[1] == " " and rest and node.text[-1] not in _SENTENCE_ENDS:
        sink.add(
            c.TEXT_MAYBE_CUT,
            "the speech ends here: ` #` begins a comment",
            Span(source, comment.end(1), comment.end(1) + 1 + len(rest)),
            help=f"quote it if this was meant to be said: {quoted(whole)}; "
            "else put two blanks before the comment",
            via=node.via,
        )


def _whole(node: Node, end: int) -> tuple[Edit, ...]:
    """Return the edit that quotes a text of one line up to the end of its supposed comment."""
    span = Span(node.source, node.start, end)
    return (Edit(span, as_quoted(span.text)),) if "\n" not in span.text else ()


@dataclass(slots=True)
class QuotedSpeech:
    """Gathers speech that is wholly in quotes which YAML does not need, and will not send."""

    _found: dict[object, list[Node]] = field(default_factory=dict)

    def look_at(self, node: Node) -> None:
        """Remember a speech whose quotes are no help to YAML: they were meant to be heard."""
        if node.style in ("'", '"') and _is_needless(node):
            nodes = self._found.setdefault(node.source.path, [])
            if all(each.start != node.start for each in nodes[:1]):
                nodes.append(node)

    def report(self, sink: Sink) -> None:
        """Report once a file, at the first such speech."""
        for nodes in self._found.values():
            first, *rest = nodes
            quote = first.style
            outer = "'" if quote == '"' else '"'
            more = f", nor those around {len(rest)} more" if rest else ""
            sink.add(
                c.QUOTES_NOT_SENT,
                f"the quotes around this speech are YAML's and will not be sent{more}",
                first.span,
                help=f"to send them, quote once more: `{outer}{quote}…{quote}{outer}`; "
                "else leave them out",
                related=[Related(node.span, "nor these") for node in rest[:2]],
                via=first.via,
            )


def _is_needless(node: Node) -> bool:
    from ..source.writing import has_needless_quotes

    source = node.source.text
    key_is_quoted = node.key_start >= 0 and source[node.key_start] in "\"'"
    in_flow = source[node.end : node.end + 80].lstrip(" \t")[:1] in (",", "]", "}")
    if key_is_quoted or (in_flow and node.end < len(source)):
        return False
    return has_needless_quotes(source[node.start : node.end], node.text or "")
