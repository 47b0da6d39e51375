"""Passes over a conversation: what fits a budget, and what a target takes."""

from .fit import STEPS, Choice, Part, fit, parts_of
from .lower import lower

__all__ = ["STEPS", "Choice", "Part", "fit", "lower", "parts_of"]
