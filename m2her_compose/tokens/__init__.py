"""How many tokens texts, messages and conversations are: estimated, or counted exactly."""

from .counter import (
    Counter,
    EstimateCounter,
    Kind,
    Overhead,
    count_conversation,
    count_message,
    estimated_at_most,
)
from .estimate import estimate
from .tokenizer import TokenizerCounter, TokenizerError, load_tokenizer

__all__ = [
    "Counter",
    "EstimateCounter",
    "Kind",
    "Overhead",
    "TokenizerCounter",
    "TokenizerError",
    "count_conversation",
    "count_message",
    "estimate",
    "estimated_at_most",
    "load_tokenizer",
]
