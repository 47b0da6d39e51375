"""What stays in memory when a text has been rendered."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from m2her_compose.compiler import Compiler, Input
from m2her_compose.render.renderer import Renderer
from m2her_compose.render.values import Macro, View
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

TEMPLATES = {
    "a template": "You are {{ char.name }}, and {{ user }} asks you.",
    "a macro": "{% macro m() %}You listen.{% endmacro %}{{ m() }}",
    "a mistake": "{% macro m() %}{{ nobody }}{% endmacro %}{{ m() }}",
}


def left() -> int:
    return sum(isinstance(each, Renderer | Macro | View) for each in gc.get_objects())


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_nothing_waits_for_the_garbage_collector(template: str) -> None:
    path = Path("/nowhere/at/all/scene.yaml")
    scene = f'm2her: scenario/v1\nsystem: "{template}"\nmessage: And now?\n'
    compiler = Compiler(
        files=Disk(texts={path: scene.encode()}), base=path.parent, root=path.parent
    )
    gc.collect()
    gc.disable()
    try:
        before = left()
        result = compiler.compile(Input(path=path), Overrides())
        assert result.diagnostics or result.ok
        assert left() == before
    finally:
        gc.enable()
