"""Write out a file's shorthands, so that every later stage sees one form of each thing.

`persona: text` becomes `{description: text}`, `group: text` `{setting: text}`, a character's
text `{prompt: text}`, `{raw: text}` a text that is marked as raw; `raw: true` marks all texts of
its file, character or persona. A history in script form becomes a list with one script.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Final

from ..schema import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..source import Node

_FLAG: Final = "raw"


def expand(root: Node, kind: Kind, *, whole_file_raw: bool) -> Node:
    """Return a file's tree with its shorthands written out and its raw texts marked."""
    if kind is not Kind.SCENARIO:
        return _flagged(root, raw=whole_file_raw)
    entries = {
        key: _texts(child, raw=whole_file_raw)
        for key, child in root.entries.items()
        if key not in _SHAPED
    }
    for key, shape in _SHAPED.items():
        if key in root.entries:
            entries[key] = shape(root.entries[key], raw=whole_file_raw)
    entries.pop(_FLAG, None)
    # The order written is kept: messages do not depend on it, but findings and `fmt` do.
    ordered = {key: entries[key] for key in root.entries if key in entries}
    return root._replace(value=ordered)


def _persona(node: Node, *, raw: bool) -> Node:
    return _flagged(node, raw=raw) if node.is_map else _wrap(_texts(node, raw=raw), "description")


def _group(node: Node, *, raw: bool) -> Node:
    return _wrap(_texts(node, raw=raw), "setting")


def _characters(node: Node, *, raw: bool) -> Node:
    return node._replace(
        value={key: _character(child, raw=raw) for key, child in node.entries.items()}
    )


def _character(node: Node, *, raw: bool) -> Node:
    return _flagged(node, raw=raw) if node.is_map else _wrap(_texts(node, raw=raw), "prompt")


def _history(node: Node, *, raw: bool) -> Node:
    node = _texts(node, raw=raw)
    return (
        node if node.is_list or node.is_null else node._replace(value=[node], text=None, style="")
    )


_SHAPED: Final[Mapping[str, Callable[..., Node]]] = {
    "characters": _characters,
    "persona": _persona,
    "group": _group,
    "history": _history,
    "history+": _history,
}


def _wrap(node: Node, field: str) -> Node:
    if node.is_map or node.is_null:
        return node
    inner = node._replace(key_start=-1, key_end=-1)
    return node._replace(value={field: inner}, text=None, style="")


def _flagged(node: Node, *, raw: bool) -> Node:
    """Expand a map in which `raw: true` is a switch and not a text."""
    flag = node.entries.get(_FLAG)
    raw = flag.value is True if flag is not None and not flag.is_null else raw
    return node._replace(
        value={key: _texts(child, raw=raw) for key, child in node.entries.items() if key != _FLAG}
    )


def _texts(node: Node, *, raw: bool) -> Node:
    value = node.value
    if isinstance(value, dict):
        inner = value.get(_FLAG)
        if inner is not None and len(value) == 1 and inner.text is not None:
            marked: Node = inner._replace(raw=True, key_start=node.key_start, key_end=node.key_end)
            return marked
        changed = {
            key: _texts(child, raw=raw) if raw or child.text is None else child
            for key, child in value.items()
        }
        is_same = all(map(is_, changed.values(), value.values()))
        return node if is_same else node.holding(changed)
    if isinstance(value, list | tuple):
        items = [_texts(child, raw=raw) if raw or child.text is None else child for child in value]
        return node if all(map(is_, items, value)) else node.holding(items)
    return node._replace(raw=True) if raw else node
