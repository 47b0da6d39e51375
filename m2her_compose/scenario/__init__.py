"""The scenario as a value: decoded from its tree, and bound into plans."""

from .decode import decode
from .model import (
    FIELDS,
    Bound,
    Entity,
    EntityKind,
    Exchange,
    Names,
    Scenario,
    Text,
    Turn,
    Variable,
)
from .plan import Overrides, Plan, Unit, UnitKind, plans

__all__ = [
    "FIELDS",
    "Bound",
    "Entity",
    "EntityKind",
    "Exchange",
    "Names",
    "Overrides",
    "Plan",
    "Scenario",
    "Text",
    "Turn",
    "Unit",
    "UnitKind",
    "Variable",
    "decode",
    "plans",
]
