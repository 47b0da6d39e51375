"""What a library holds: its files, what each of them is, and which others it uses."""

from .graph import Graph, Row, State
from .model import Item, Member, Use, UseKind, uses_of
from .query import Query

__all__ = [
    "Graph",
    "Item",
    "Member",
    "Query",
    "Row",
    "State",
    "Use",
    "UseKind",
    "uses_of",
]
