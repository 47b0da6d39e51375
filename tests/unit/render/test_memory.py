"""What stays in memory when a text has been rendered."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from m2her_compose.render.renderer import Renderer
from m2her_compose.render.values import Macro, View

if TYPE_CHECKING:
    from .conftest import Compiled

TEMPLATES = {
    "a template": "You are {{ char.name }}, and {{ user }} asks you.",
    "a macro": "{% macro m() %}You listen.{% endmacro %}{{ m() }}",
    "a mistake": "{% macro m() %}{{ nobody }}{% endmacro %}{{ m() }}",
}


def left() -> int:
    return sum(isinstance(each, Renderer | Macro | View) for each in gc.get_objects())


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_nothing_waits_for_the_garbage_collector(template: str, compiled: Compiled) -> None:
    gc.collect()
    gc.disable()
    try:
        before = left()
        result = compiled(template)
        assert result.diagnostics or result.ok
        assert left() == before
    finally:
        gc.enable()
