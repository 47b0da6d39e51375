"""Passes over a conversation: what fits a budget, and what a target takes."""

from .lower import lower

__all__ = ["lower"]
