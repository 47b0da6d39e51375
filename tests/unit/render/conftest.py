"""Scenes of one template, compiled in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from m2her_compose.compiled import CompiledScenario

    Compiled: TypeAlias = Callable[[str], CompiledScenario]


@pytest.fixture
def compiled() -> Compiled:
    """Compile a scene whose system message is a template."""

    def compile_template(template: str) -> CompiledScenario:
        path = Path("/nowhere/at/all/scene.yaml")
        scene = f'm2her: scenario/v1\nsystem: "{template}"\nmessage: And now?\n'
        files = Disk(texts={path: scene.encode()})
        compiler = Compiler(files=files, base=path.parent, root=path.parent)
        return compiler.compile(Input(path=path), Overrides())

    return compile_template
