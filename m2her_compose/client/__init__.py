"""The client of the service: requests out, replies in, and every failure as one exception."""

from .addresses import Choice, choose_base_url, read_address
from .asgi import AsgiTransport
from .client import Client, ReplyStream
from .keys import LOCAL_WORD, Key, KeySource, find_key
from .replies import Reply
from .retry import RetryPolicy
from .thinking import ThinkFilter, Thought

__all__ = [
    "LOCAL_WORD",
    "AsgiTransport",
    "Choice",
    "Client",
    "Key",
    "KeySource",
    "Reply",
    "ReplyStream",
    "RetryPolicy",
    "ThinkFilter",
    "Thought",
    "choose_base_url",
    "find_key",
    "read_address",
]
