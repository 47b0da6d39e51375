"""Build the located tree from libyaml's parse events, within limits, stopping at the first breach.

libyaml's own composer overflows the C stack at 100,000 levels, and a constructor loses the
places; this loop keeps its own stack, counts as it goes, and never asks for an event more.
"""

from __future__ import annotations

import math
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..diagnostics import Related, Span
from ..diagnostics import codes as c
from ..frozen import frozen
from .tree import Data, Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..diagnostics import Code, Sink, Source


@frozen
class Limits:
    """What one file may ask for (docs/format.md, "Files")."""

    bytes: int = 4_000_000
    nodes: int = 200_000
    depth: int = 200
    digits: int = 30


DEFAULT_LIMITS: Final = Limits()


class Rejected(Exception):
    """The text cannot become a tree; says why, as the finding that it is.

    `curable`: with the value at the span masked, the rest can be read.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        span: Span,
        help: str | None = None,
        *,
        curable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.help = help
        self.curable = curable


class Tree(NamedTuple):
    """A parsed file: its located root, and the same as plain values for the validators."""

    root: Node
    data: Data


class _Anchor(NamedTuple):
    node: Node
    data: Data
    size: int


# A plain scalar that is no word and begins with none of these is text: the common case.
_NUMBER_START: Final = frozenset("-+.0123456789")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_TAG: Final = re.compile(r"(?:&\S*\s+)?(!\S*)")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s+|$)(?:#[^\n]*\n\s*)*)*")
_CORE: Final = "tag:yaml.org,2002:"
_CORE_TYPES: Final[dict[str, tuple[type, ...]]] = {
    _CORE + "int": (int,),
    _CORE + "float": (int, float),
    _CORE + "bool": (bool,),
    _CORE + "null": (type(None),),
}
_DIRECTIVE: Final = re.compile("(?:^|[\\n\\r\\x85\\u2028\\u2029])%")
_DIRECTIVES: Final = 100
# A plain `<<` is kept under a name that no YAML key can have, until its map is complete.
_MERGE_KEY: Final = "\0<<"
_EMPTY_KEY: Final = "\0"
_NO_KEY: Final = ""
_ODD_KEYS: Final = frozenset(("", "<<"))
_new: Final = tuple.__new__


def build(source: Source, text: str, sink: Sink, limits: Limits) -> Tree | None:
    """Parse `text` (the source's, or a copy of it with mistakes masked) into a located tree.

    Returns None for an empty document. Mistakes that leave the shape of the tree clear go into
    the sink. Raises `Rejected` for the others, and `yaml.YAMLError` where libyaml cannot read on.
    """
    # libyaml compares each directive with all before it; no scenario has use for many.
    directives = islice(_DIRECTIVE.finditer(text), _DIRECTIVES + 1) if "%" in text else ()
    if len(tuple(directives)) > _DIRECTIVES:
        raise Rejected(c.YAML_LIMIT, f"more than {_DIRECTIVES} directives", Span(source, 0, 0))
    return _Builder(source, text, sink, limits).build()


class _Builder:
    __slots__ = ("anchors", "limits", "sink", "source", "text", "used")

    def __init__(self, source: Source, text: str, sink: Sink, limits: Limits) -> None:
        self.source = source
        self.sink = sink
        self.text = text
        self.limits = limits
        self.anchors: dict[str, _Anchor] = {}
        self.used: set[str] = set()

    def build(self) -> Tree | None:  # noqa: C901, PLR0912, PLR0915 - one loop, run per event
        get_event: Callable[[], Any] = CParser(self.text).get_event
        source = self.source
        max_nodes = self.limits.nodes
        max_depth = self.limits.depth
        stack: list[Any] = []
        nodes: Any = []  # the collection being filled: Nodes, and beside it plain values
        data: Any = []
        key: str | None = _NO_KEY  # within a map, None where the next scalar is a key
        key_start = key_end = -1
        value: Any
        # What the collection being filled holds below its own entries, aliases written out. Its
        # entries are counted at its end: the file's size bounds how many there can be till then.
        inner = 0
        documents = 0
        for event in iter(get_event, None):
            kind = type(event)
            if kind is ScalarEvent:
                text = event.value
                at = event.start_mark.index
                end = event.end_mark.index
                if key is None:
                    if event.anchor is not event.tag:  # one of them is not None
                        at = self._after_properties(at, end)
                    if text in nodes or text in _ODD_KEYS:
                        text = self._odd_key(event, text, at, end, nodes.get(text))
                    key = text
                    key_start = at
                    key_end = end
                    continue
                style = event.style
                if event.anchor is not event.tag:
                    at = self._after_properties(at, end)
                    value, raw = self._tagged(event, at, end)
                    text = value if isinstance(value, str) else text
                    place = (source, at, end, key_start, key_end, style or "", raw, ())
                    node = _new(Node, (value, text, *place))
                    if event.anchor is not None:
                        self.anchors[event.anchor] = _Anchor(node, value, 1)
                elif style:
                    value = text
                    node = _new(
                        Node, (text, text, source, at, end, key_start, key_end, style, False, ())
                    )
                else:
                    value = text
                    if text in _WORDS:
                        value = _WORDS[text]
                    elif text[0] in _NUMBER_START:
                        value = self._number(text, at, end)
                    node = _new(
                        Node, (value, text, source, at, end, key_start, key_end, "", False, ())
                    )
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                at = event.start_mark.index
                if key is None:
                    self._complex_key(at)
                if len(stack) >= max_depth:
                    self._too_deep(at)
                if event.anchor is not event.tag:
                    at = self._after_properties(at, len(self.text))
                    self._collection_tag(event, at)
                stack.append((nodes, data, key, key_start, key_end, at, event, inner))
                inner = 0
                if kind is MappingStartEvent:
                    nodes, data, key = {}, {}, None
                else:
                    nodes, data, key = [], [], _NO_KEY
                    key_start = key_end = -1
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                size = 1 + inner + (2 * len(nodes) if type(nodes) is dict else len(nodes))
                if _MERGE_KEY in nodes:
                    self._merge(nodes, data)
                done, value = nodes, data
                nodes, data, key, key_start, key_end, at, opened, before = stack.pop()
                inner = before + size - 1
                if inner >= max_nodes:
                    self._too_many(at)
                style = ("{" if type(done) is dict else "[") if opened.flow_style else ""
                end = event.end_mark.index
                node = _new(
                    Node, (done, None, source, at, end, key_start, key_end, style, False, ())
                )
                if opened.anchor is not None:
                    self.anchors[opened.anchor] = _Anchor(node, value, size)
            elif kind is AliasEvent:
                at = event.start_mark.index
                end = event.end_mark.index
                if key is None:
                    self._complex_key(at)
                found = self._alias(event.anchor, at, end, stack)
                inner += found.size - 1
                if inner >= max_nodes:
                    self._too_many(at)
                node = found.node._replace(key_start=key_start, key_end=key_end)
                value = found.data
            else:
                if kind is DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self._second_document(event.start_mark.index)
                continue
            if key:
                nodes[key] = node
                data[key] = value
                key = None
            else:
                nodes.append(node)
                data.append(value)
        self._unused_anchors()
        return Tree(nodes[0], data[0]) if nodes else None

    def _number(self, text: str, at: int, end: int) -> str | int | float:
        """Return a plain scalar as the number it is, or as text when it is none."""
        number = _NUMBER.fullmatch(text)
        span = Span(self.source, at, end)
        if number is None:
            if _NOT_FINITE.fullmatch(text):
                message = f"`{text}` is not a number that JSON knows"
                self._soft(c.YAML_NUMBER, message, span, "quote it, if it is meant as text")
            return text
        digits = sum(char.isdigit() for char in text)
        if digits > self.limits.digits:
            advice = f"numbers have at most {self.limits.digits} digits; quote it if it is a text"
            self._soft(c.YAML_NUMBER, f"a number of {digits} digits", span, advice)
            return text
        if number[1] is None and number[2] is None:
            return int(text)
        value = float(text)
        return text if math.isinf(value) else value

    def _soft(self, code: Code, message: str, span: Span, advice: str) -> None:
        """Report a mistake after which the tree is still clear; its place needs no more words."""
        self.sink.add(code, message, span, help=advice)
        self.sink.leave_out((span,))

    def _tagged(
        self, event: Any, at: int, end: int
    ) -> tuple[str | int | float | bool | None, bool]:
        tag = event.tag
        text: str = event.value
        plain: str | int | float | bool | None = text
        if not event.style:
            plain = _WORDS[text] if text in _WORDS else self._number(text, at, end)
        if tag is None:
            return plain, False
        if tag in ("!raw", "!", _CORE + "str"):
            return text, tag == "!raw"
        if isinstance(plain, _CORE_TYPES.get(tag, ())):
            return plain, False
        return f"{self._unknown_tag(event)} {text}", False

    def _collection_tag(self, event: Any, at: int) -> None:
        if event.tag == "!raw":
            self.sink.add(
                c.YAML_TAG,
                "`!raw` stands before a list or a map",
                Span(self.source, event.start_mark.index, at),
                help="`!raw` marks one text; `raw: true` marks a whole file, character or persona",
            )
            return
        expected = "map" if isinstance(event, MappingStartEvent) else "seq"
        if event.tag not in (None, "!", _CORE + expected):
            self._unknown_tag(event)

    def _unknown_tag(self, event: Any) -> str:
        """Report a tag that the format does not have; returns it as the text that it may be."""
        at = event.start_mark.index
        place = _TAG.match(self.text, at)
        span = Span(self.source, *place.span(1)) if place else Span(self.source, at, at + 1)
        advice = "the only tag is `!raw`; quote the text if it begins with an exclamation mark"
        self._soft(c.YAML_TAG, f"unknown tag `{span.text}`", span, advice)
        return span.text

    def _alias(self, name: str, at: int, end: int, stack: list[Any]) -> _Anchor:
        span = Span(self.source, at, end)
        if any(frame[6].anchor == name for frame in stack):
            raise Rejected(
                c.YAML_ALIAS, f"`*{name}` stands within `&{name}` itself", span, curable=True
            )
        found = self.anchors.get(name)
        self.used.add(name)
        if found is None:
            advice = f"an alias needs `&{name}` before it"
            raise Rejected(c.YAML_ALIAS, f"`*{name}` names no anchor", span, advice, curable=True)
        return found

    def _merge(self, nodes: dict[str, Node], data: dict[str, Any]) -> None:
        """Apply YAML's `<<`: the named maps' entries, where the map has no such key itself."""
        node = nodes.pop(_MERGE_KEY)
        value = data.pop(_MERGE_KEY)
        parts = list(zip(node.items, value, strict=True)) if node.is_list else [(node, value)]
        for part, plain in parts:
            if not part.is_map:
                advice = "name an anchored map: `<<: *defaults`"
                raise Rejected(
                    c.YAML_ALIAS, "`<<` wants a map, or a list of maps", part.span, advice
                )
            for name, child in part.entries.items():
                if name not in nodes:
                    nodes[name] = child
                    data[name] = plain[name]

    def _unused_anchors(self) -> None:
        """Find texts such as `&c. …` whose beginning YAML took for an anchor."""
        if self.sink.has_errors:  # what referred to it may have been masked
            return
        for name, anchor in self.anchors.items():
            node = anchor.node
            if name in self.used or node.text is None or node.style:
                continue
            start = self.text.rfind(f"&{name}", 0, node.start)
            self.sink.add(
                c.UNUSED_ANCHOR,
                f"`&{name}` is an anchor to YAML, and will not be sent",
                Span(self.source, start, start + len(name) + 1),
                help="quote a text that begins with `&`; an anchor that nothing uses can go",
            )

    def _after_properties(self, at: int, end: int) -> int:
        """Skip the anchor and tag that libyaml counts as part of the value."""
        match = _PROPERTIES.match(self.text, at, end)
        return match.end() if match else at

    def _odd_key(self, event: Any, key: str, at: int, end: int, first: Node | None) -> str:
        """Tell apart keys that are more than a new name: `<<`, an empty one, one given twice."""
        if key == "<<" and not event.style:
            key = _MERGE_KEY
        if not key:
            span = Span(self.source, at, end)
            self._soft(c.YAML_KEY, "a key is empty", span, "write a name before the `:`")
            return _EMPTY_KEY
        if first is not None:
            self.sink.add(
                c.YAML_DUPLICATE_KEY,
                f"the key `{key}` stands here a second time",
                Span(self.source, at, end),
                help="keep one of the two",
                related=(Related(first.key_span, "first given here"),),
            )
            self.sink.leave_out((Span(self.source, at, end),))
        return key

    def _complex_key(self, at: int) -> None:
        raise Rejected(
            c.YAML_KEY,
            "a key is a list, a map or an alias",
            Span(self.source, at, at + 1),
            "keys are plain words; quote the text if it is not meant as a key",
            curable=True,
        )

    def _second_document(self, at: int) -> None:
        raise Rejected(
            c.YAML_DOCUMENTS,
            "a second document begins here",
            Span(self.source, at, min(at + 3, len(self.text))),
            "one file holds one scenario, character or persona: move this part to its own file",
        )

    def _too_deep(self, at: int) -> None:
        raise Rejected(
            c.YAML_LIMIT,
            f"nested deeper than {self.limits.depth} levels",
            Span(self.source, at, at + 1),
            "bring the values closer to the surface",
        )

    def _too_many(self, at: int) -> None:
        raise Rejected(
            c.YAML_LIMIT,
            f"more than {self.limits.nodes:,} values, aliases counted as what they expand to",
            Span(self.source, at, min(at + 1, len(self.source.text))),
            "split the file",
        )
