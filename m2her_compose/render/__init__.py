"""Render plans into messages: templates, evaluated within limits and with every origin kept."""

from .fault import Meter
from .messages import charge_messages, check_templates, render, texts_of
from .scope import read_paths
from .templates import NAMES as TEMPLATE_NAMES
from .templates import TemplateFolder, TemplateSet, english_templates, find_templates

__all__ = [
    "TEMPLATE_NAMES",
    "Meter",
    "TemplateFolder",
    "TemplateSet",
    "charge_messages",
    "check_templates",
    "english_templates",
    "find_templates",
    "read_paths",
    "render",
    "texts_of",
]
