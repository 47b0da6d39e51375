"""Passes over a conversation: what fits a budget, and what a target takes."""

from .fit import Choice, Part, fit, parts_of
from .lower import lower

__all__ = ["Choice", "Part", "fit", "lower", "parts_of"]
