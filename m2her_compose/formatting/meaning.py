"""What a file means to everything that reads it, in a form that can be compared.

Two files with the same meaning can stand for each other in every scenario: what is compiled is a
function of located trees, and of these only places and the order of keys are left out here. See
docs/decisions/0018-formatting.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import Sink
from ..scenario.script import split_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..source import Node
    from .order import Place

_SAID: Final = "said"
_SCRIPT: Final = "script"


def meaning(node: Node, place: Place, speakers: Mapping[str, str]) -> Any:
    """Return the meaning of a tree whose shorthands are written out.

    Maps are compared without the order of the keys that the format names, but with that of names
    that authors choose and of a turn's speakers; scripts as the turns that they are. `speakers`
    are those a script may have.
    """
    if node.is_map:
        entries = node.entries
        own = tuple(key for key in entries if place.is_name(key))
        return own, {
            key: meaning(child, place.value(key), speakers) for key, child in entries.items()
        }
    if node.is_list:
        if place.is_turns:
            return list(_turns(node, place, speakers))
        item = place.item()
        return [_item(child, item, speakers) for child in node.items]
    return node.value, type(node.value).__name__, node.text, node.raw


def _item(node: Node, place: Place, speakers: Mapping[str, str]) -> Any:
    """Return the meaning of an item: of an exchange in script form, that of its turns."""
    if place.is_turns and not node.is_map and not node.is_list:
        exchanges = list(_scripts(node, speakers))
        return exchanges[0] if len(exchanges) == 1 else (_SCRIPT, exchanges)
    return meaning(node, place, speakers)


def _turns(node: Node, place: Place, speakers: Mapping[str, str]) -> Iterator[Any]:
    """Yield the turns of a list, those of a script one by one."""
    for item in node.items:
        if item.is_map:
            yield _turn(item, place.item(), speakers)
            continue
        exchanges = list(_scripts(item, speakers))
        if len(exchanges) == 1:
            yield from exchanges[0]
        else:
            yield _SCRIPT, exchanges


def _turn(node: Node, place: Place, speakers: Mapping[str, str]) -> Any:
    if len(node.entries) == 1:
        [(key, child)] = node.entries.items()
        if key in speakers and child.text is not None:
            return _SAID, key, child.text, child.raw
    return meaning(node, place, speakers)


def _scripts(node: Node, speakers: Mapping[str, str]) -> Iterator[list[Any]]:
    text = node.text or ""
    for lines in split_script(node, speakers, Sink(), separable=True):
        yield [
            (
                _SAID,
                line.speaker,
                "".join(text[start:end] for start, end in line.stretches.parts),
                node.raw,
            )
            for line in lines
        ]
