"""What differs between two versions of a library: in the messages, not in their files."""

from .compare import Comparer, Comparison
from .model import (
    Change,
    Fate,
    MessageChange,
    Omission,
    Omissions,
    Part,
    ScenarioChange,
    SettingChange,
    TokenChange,
    VariantChange,
    Version,
    part_of,
)
from .words import Edit, Kind

__all__ = [
    "Change",
    "Comparer",
    "Comparison",
    "Edit",
    "Fate",
    "Kind",
    "MessageChange",
    "Omission",
    "Omissions",
    "Part",
    "ScenarioChange",
    "SettingChange",
    "TokenChange",
    "VariantChange",
    "Version",
    "part_of",
]
