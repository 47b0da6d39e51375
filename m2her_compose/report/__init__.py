"""Findings as output: for people, for editors and for machines."""

from .text import render_diagnostics, summary

__all__ = ["render_diagnostics", "summary"]
