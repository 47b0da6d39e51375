"""The compiled form: messages, and where their pieces were written."""

from .model import Conversation, Drop, Loss, LossKind, Message, Origin, Piece, Role

__all__ = ["Conversation", "Drop", "Loss", "LossKind", "Message", "Origin", "Piece", "Role"]
