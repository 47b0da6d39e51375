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
    from .client import Client, Key, Reply, ReplyStream, RetryPolicy, Thought
    from .compiled import CompiledScenario, CompiledVariant
    from .diagnostics import Diagnostic, Severity, Source, Span
    from .errors import (
        BadAnswerError,
        BalanceError,
        DeadlineError,
        InvalidRequestError,
        KeyRefusedError,
        LimitError,
        M2herError,
        NoAnswerError,
        OutageError,
        RolesError,
        ScenarioError,
        SensitiveError,
        ServiceError,
        SeveralVariantsError,
        TooLongError,
        UsageError,
    )
    from .ir import Message, Origin, Piece, Role
    from .wire.endpoints import Endpoint
    from .wire.replies import Sensitivity, Usage

__all__ = [
    "BadAnswerError",
    "BalanceError",
    "Client",
    "CompiledScenario",
    "CompiledVariant",
    "DeadlineError",
    "Diagnostic",
    "Endpoint",
    "InvalidRequestError",
    "Key",
    "KeyRefusedError",
    "Library",
    "LimitError",
    "M2herError",
    "Message",
    "NoAnswerError",
    "Origin",
    "OutageError",
    "Piece",
    "Reply",
    "ReplyStream",
    "RetryPolicy",
    "Role",
    "RolesError",
    "ScenarioError",
    "SensitiveError",
    "Sensitivity",
    "ServiceError",
    "SeveralVariantsError",
    "Severity",
    "Source",
    "Span",
    "Thought",
    "TooLongError",
    "Usage",
    "UsageError",
    "__version__",
    "compile_scenario",
    "load_library",
]

_HOMES = {
    "api": ("Library", "compile_scenario", "load_library"),
    "client": ("Client", "Key", "Reply", "ReplyStream", "RetryPolicy", "Thought"),
    "compiled": ("CompiledScenario", "CompiledVariant"),
    "diagnostics": ("Diagnostic", "Severity", "Source", "Span"),
    "errors": (
        "BadAnswerError",
        "BalanceError",
        "DeadlineError",
        "InvalidRequestError",
        "KeyRefusedError",
        "LimitError",
        "M2herError",
        "NoAnswerError",
        "OutageError",
        "RolesError",
        "ScenarioError",
        "SensitiveError",
        "ServiceError",
        "SeveralVariantsError",
        "TooLongError",
        "UsageError",
    ),
    "ir": ("Message", "Origin", "Piece", "Role"),
    "wire.endpoints": ("Endpoint",),
    "wire.replies": ("Sensitivity", "Usage"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for: starting the program must not import the compiler."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
