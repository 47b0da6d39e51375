"""The forms in which `compile` writes what it made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..compiled import CompiledVariant
    from ..emit.service import Service
    from ..ir import Conversation
    from .compiling import Compiled
    from .console import Console

# What each form is called, and how names of files in it end.
ENDINGS: Final = {
    "request": ".json",
    "messages": ".json",
    "jsonl": ".jsonl",
    "text": ".txt",
    "yaml": ".yaml",
    "markdown": ".md",
    "curl": ".sh",
    "python": ".py",
}


class Form:
    """One of the forms, for what was compiled by one call."""

    def __init__(self, name: str, compiled: Compiled, console: Console) -> None:
        self.name = name
        self.console = console
        self.read: set[Path] = compiled.inputs.read
        self._compiled = compiled

    def text(self, variants: Sequence[CompiledVariant], *, to_terminal: bool = False) -> str:
        """Return some of the variants in this form."""
        match self.name:
            case "text":
                return "\n".join(self._transcript(each, boxed=to_terminal) for each in variants)
            case "markdown":
                from ..emit.markdown import markdown_transcript

                return "\n".join(markdown_transcript(each.conversation) for each in variants)
            case "yaml":
                from ..emit.yaml_messages import messages_yaml

                return messages_yaml([each.conversation for each in variants])
            case "curl":
                from ..emit.curl import curl_commands

                return curl_commands(self._with_services(variants))
            case "python":
                from ..emit.python_code import python_program

                return python_program(self._with_services(variants))
        return self._json(variants)

    def _json(self, variants: Sequence[CompiledVariant]) -> str:
        from ..emit.requests import messages_json, requests_json, requests_jsonl

        emitters = {"request": requests_json, "messages": messages_json, "jsonl": requests_jsonl}
        return emitters[self.name]([variant.request() for variant in variants])

    def _transcript(self, variant: CompiledVariant, *, boxed: bool) -> str:
        from ..emit.transcript import boxed_transcript, plain_transcript

        if not boxed:
            return plain_transcript(variant.conversation)
        console = self.console
        return boxed_transcript(
            variant.conversation,
            width=console.width(sys.stdout),
            color=console.colored(sys.stdout),
        )

    def _with_services(
        self, variants: Sequence[CompiledVariant]
    ) -> list[tuple[Conversation, Service]]:
        """Return each conversation with the service that its library's settings send it to."""
        from ..diagnostics import Sink
        from ..emit.service import service_for

        roots = {
            id(variant): scenario.root
            for scenario in self._compiled.scenarios
            for variant in scenario.variants
        }
        # What is wrong with settings was reported with the scenarios.
        settings = {
            root: self._compiled.inputs.compiler.settings(root, Sink())
            for root in set(roots.values())
        }
        return [
            (each.conversation, service_for(each.conversation.target, settings[roots[id(each)]]))
            for each in variants
        ]
