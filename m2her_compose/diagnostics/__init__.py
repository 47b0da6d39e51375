"""Ground level: places, findings and their codes. Imports nothing else of this package."""

from .model import Code, Diagnostic, Edit, Related, Severity, Sink, via_related
from .span import Source, Span

__all__ = [
    "Code",
    "Diagnostic",
    "Edit",
    "Related",
    "Severity",
    "Sink",
    "Source",
    "Span",
    "via_related",
]
