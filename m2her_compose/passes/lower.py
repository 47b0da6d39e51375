"""Make a conversation into what a target takes."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..ir import Loss, LossKind
from ..targets import M2_HER
from .folding import fold

if TYPE_CHECKING:
    from ..ir import Conversation
    from ..targets import Target

# What a scenario says that names no model.
_DEFAULT_MODEL: Final = M2_HER.models[0]
_REPLY_LIMIT: Final = M2_HER.reply_limit


def lower(conversation: Conversation, target: Target) -> Conversation:
    """Return the conversation as the target takes it, with what was lost on the way.

    A target that takes everything leaves it as it is, and what was lowered once is left so too.
    """
    folded = fold(conversation, target)
    lowered = replace(
        conversation,
        messages=folded.messages,
        target=target.id,
        losses=(*conversation.losses, *folded.losses),
    )
    return _with_parameters(_with_model(lowered, target), target)


def _with_model(conversation: Conversation, target: Target) -> Conversation:
    """Return the conversation for the target's own model, where it asks for the default one.

    A model that the author chose stays, and so does the default where no other is known.
    """
    model = conversation.model
    if not target.models or model in target.models or model != _DEFAULT_MODEL:
        return conversation
    return _renamed(replace(conversation, model=target.models[0]), "model", model, target.models[0])


def _with_parameters(conversation: Conversation, target: Target) -> Conversation:
    """Return the conversation with the limit of replies under the name that the target reads."""
    known = conversation.parameters
    if target.reply_limit == _REPLY_LIMIT or _REPLY_LIMIT not in known:
        return conversation
    renamed = {target.reply_limit if k == _REPLY_LIMIT else k: v for k, v in known.items()}
    changed = replace(conversation, parameters=MappingProxyType(renamed))
    return _renamed(changed, _REPLY_LIMIT, _REPLY_LIMIT, target.reply_limit)


def _renamed(conversation: Conversation, what: str, before: str, after: str) -> Conversation:
    outcome = f'"{before}" is sent as "{after}"' if what == "model" else f'is sent as "{after}"'
    loss = Loss(kind=LossKind.RENAMED, what=what, outcome=outcome, before=before, after=after)
    return replace(conversation, losses=(*conversation.losses, loss))
