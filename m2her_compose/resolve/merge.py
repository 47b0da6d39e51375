"""JSON Merge Patch (RFC 7396) over located trees, with `key+` and `use` as the format has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import codes as c

if TYPE_CHECKING:
    from ..diagnostics import Sink
    from ..source import Node


def merge(inherited: Node | None, patch: Node, sink: Sink) -> Node:
    """Return `inherited` with `patch` applied to it.

    Maps merge, lists and scalars replace, null removes; `key+` appends to the inherited list; a
    map that names `use` replaces the inherited map.
    """
    if not patch.is_map:
        return patch
    entries = dict(inherited.entries) if inherited is not None else {}
    appended: list[tuple[str, Node]] = []
    for key, child in patch.entries.items():
        if key.endswith("+") and not key.startswith("x-"):
            appended.append((key[:-1], child))
        elif child.is_null:
            entries.pop(key, None)
        elif child.is_map:
            before = None if _names_use(child) else entries.get(key)
            entries[key] = merge(before, child, sink)
        else:
            entries[key] = child
    for key, child in appended:
        if not child.is_null:
            _append(entries, key, child, patch, sink)
    return patch.holding(entries)


def _names_use(node: Node) -> bool:
    use = node.entries.get("use")
    return use is not None and not use.is_null


def _append(entries: dict[str, Node], key: str, child: Node, patch: Node, sink: Sink) -> None:
    if key in patch.entries and not patch.entries[key].is_null:
        sink.add(
            c.BAD_APPEND,
            f"`{key}` and `{key}+` stand side by side",
            child.key_span,
            help=f"`{key}` replaces the inherited list, `{key}+` adds to it: keep one of the two",
            via=child.via,
        )
        return
    before = entries.get(key)
    if before is not None and before.is_map:
        sink.add(
            c.BAD_APPEND,
            f"`{key}+` has no list to append to: the inherited `{key}` is a map",
            child.key_span,
            help=f"write `{key}:` with labels, as the inherited one has them",
            via=child.via,
        )
        return
    entries[key] = child._replace(value=[*_items(before), *_items(child)], text=None, style="")


def _items(node: Node | None) -> list[Node]:
    if node is None or node.is_null:
        return []
    return list(node.items) if node.is_list else [node]
