"""The compiled form: messages, and where their pieces were written."""

from .model import Conversation, Message, Origin, Piece, Role

__all__ = ["Conversation", "Message", "Origin", "Piece", "Role"]
