"""The scenario as a value: decoded from its tree, and bound into plans."""

from .decode import decode
from .model import (
    ALWAYS,
    DEFAULT_KEEP,
    FIELDS,
    Bound,
    Entity,
    EntityKind,
    Exchange,
    Instruction,
    Names,
    Scenario,
    Text,
    Turn,
    Variable,
)
from .plan import Overrides, Plan, Unit, UnitKind, plans

__all__ = [
    "ALWAYS",
    "DEFAULT_KEEP",
    "FIELDS",
    "Bound",
    "Entity",
    "EntityKind",
    "Exchange",
    "Instruction",
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
