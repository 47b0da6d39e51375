"""m2her: scenarios as code for role-play models.

from m2her_compose import compile_scenario

result = compile_scenario("scenarios/longzhong_dialogue.yaml")
result.request()   # the body of the request, ready to be sent
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .api import Library, compile_scenario, load_library
    from .compiled import CompiledScenario, CompiledVariant
    from .diagnostics import Diagnostic, Severity, Source, Span
    from .errors import M2herError, ScenarioError, SeveralVariantsError, UsageError
    from .ir import Message, Origin, Piece, Role

__all__ = [
    "CompiledScenario",
    "CompiledVariant",
    "Diagnostic",
    "Library",
    "M2herError",
    "Message",
    "Origin",
    "Piece",
    "Role",
    "ScenarioError",
    "SeveralVariantsError",
    "Severity",
    "Source",
    "Span",
    "UsageError",
    "__version__",
    "compile_scenario",
    "load_library",
]

_HOMES = {
    "api": ("Library", "compile_scenario", "load_library"),
    "compiled": ("CompiledScenario", "CompiledVariant"),
    "diagnostics": ("Diagnostic", "Severity", "Source", "Span"),
    "errors": ("M2herError", "ScenarioError", "SeveralVariantsError", "UsageError"),
    "ir": ("Message", "Origin", "Piece", "Role"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for: starting the program must not import the compiler."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
