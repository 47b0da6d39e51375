"""Render plans into messages: templates, evaluated within limits and with every origin kept."""

from .fault import Meter
from .messages import charge_messages, check_templates, render
from .templates import TemplateFolder, TemplateSet, english_templates, find_templates

__all__ = [
    "Meter",
    "TemplateFolder",
    "TemplateSet",
    "charge_messages",
    "check_templates",
    "english_templates",
    "find_templates",
    "render",
]
