"""Rules: what is wrong with a file that compiles, and with files beside each other."""

from . import library
from .facts import SKETCH, Facts, sketch
from .ignores import ignores_of, may_ignore, report_bad, report_unused, silenced
from .registry import RULES, Rule, look, wanted
from .subject import Limits, Line, Setting, Subject, Variant, lines_of

__all__ = [
    "RULES",
    "SKETCH",
    "Facts",
    "Limits",
    "Line",
    "Rule",
    "Setting",
    "Subject",
    "Variant",
    "ignores_of",
    "library",
    "lines_of",
    "look",
    "may_ignore",
    "report_bad",
    "report_unused",
    "silenced",
    "sketch",
    "wanted",
]
