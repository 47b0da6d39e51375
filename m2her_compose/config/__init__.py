"""A library's settings: `m2her.toml`, the environment over it, and where each value came from."""

from .options import OPTIONS, Option
from .reading import FILE_NAME, environment, find_root, load_settings
from .settings import (
    Setting,
    Settings,
    policy_of,
    target_named,
    target_of,
    targets_of,
    window_of,
)

__all__ = [
    "FILE_NAME",
    "OPTIONS",
    "Option",
    "Setting",
    "Settings",
    "environment",
    "find_root",
    "load_settings",
    "policy_of",
    "target_named",
    "target_of",
    "targets_of",
    "window_of",
]
