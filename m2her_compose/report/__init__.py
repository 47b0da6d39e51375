"""Findings as output: for people, for editors and for machines."""

from .model import Report
from .text import render_diagnostics, statistics, summary, text_report

__all__ = ["Report", "render_diagnostics", "statistics", "summary", "text_report"]
