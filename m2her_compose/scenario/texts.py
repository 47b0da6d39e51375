"""Decode texts: what each says, where, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .model import Text
from .speech import QuotedSpeech, warn_of_cut

if TYPE_CHECKING:
    from ..diagnostics import Sink
    from ..source import Node


@dataclass(slots=True)
class TextDecoder:
    """Decodes a scenario's texts, and gathers what there is to say of all of them together."""

    sink: Sink
    quoted: QuotedSpeech = field(default_factory=QuotedSpeech)

    def text(
        self,
        node: Node | None,
        pointer: str,
        *,
        owner: str | None = None,
        private: bool = False,
        speech: bool = False,
    ) -> Text | None:
        """Decode one text; None when it is absent. `speech` is what somebody says."""
        if node is None or node.is_null or node.text is None:
            return None
        if not node.style:
            warn_of_cut(node, self.sink, speech=speech)
        elif speech:
            self.quoted.look_at(node)
        return Text(value=node.text, node=node, pointer=pointer, owner=owner, private=private)

    def texts(
        self,
        node: Node | None,
        pointer: str,
        *,
        owner: str | None = None,
        private: bool = False,
        speech: bool = False,
    ) -> tuple[Text, ...]:
        """Decode a text or a list of texts."""
        if node is None or node.is_null:
            return ()
        if not node.is_list:
            one = self.text(node, pointer, owner=owner, private=private, speech=speech)
            return (one,) if one is not None else ()
        found = (
            self.text(item, f"{pointer}/{i}", owner=owner, private=private, speech=speech)
            for i, item in enumerate(node.items)
        )
        return tuple(text for text in found if text is not None)

    def finish(self) -> None:
        """Report what concerns all texts: to be called once, after the last of them."""
        self.quoted.report(self.sink)
