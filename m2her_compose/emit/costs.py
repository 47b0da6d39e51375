"""What a budget and a target cost each variant, as JSON (schemas/costs.v1.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..wire.json_text import pretty_json
from .losses import loss_data, place_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ir import Conversation, Drop

VERSION: Final = 1


def costs_json(conversations: Iterable[Conversation]) -> str:
    """Return what was left out of each conversation, and what its target did not take."""
    variants = [_variant(each) for each in conversations]
    return pretty_json({"version": VERSION, "variants": variants})


def _variant(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "target": conversation.target,
        "budget": conversation.budget_tokens,
        "dropped": [_drop(each) for each in conversation.dropped],
        "losses": loss_data(conversation),
    }


def _drop(drop: Drop) -> dict[str, Any]:
    return {
        "kind": drop.kind,
        "units": list(drop.units),
        "keep": drop.keep,
        "tokens": drop.tokens,
        "places": [place_data(each) for each in drop.origins],
    }
