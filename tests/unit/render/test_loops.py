"""What is known inside of a loop, wherever it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

LOOPS = {
    "the body": "{% for i in [1, 2] %}{{ loop.index }}{% endfor %}",
    "a block below it": "{% for i in [1, 2] %}{% if i %}{{ loop['index'] }}{% endif %}{% endfor %}",
    "a default of a macro that it calls": (
        "{% macro m(a=loop.index) %}{{ a }}{% endmacro %}{% for i in [1, 2] %}{{ m() }}{% endfor %}"
    ),
    "a default of a macro that another one calls": (
        "{% for i in [1, 2] %}{% macro n() %}{{ m() }}{% endmacro %}"
        "{% macro m(a=loop.index) %}{{ a }}{% endmacro %}{{ n() }}{% endfor %}"
    ),
}


@pytest.mark.parametrize("template", LOOPS.values(), ids=LOOPS)
def test_the_loop_is_known_to(template: str) -> None:
    path = Path("/nowhere/at/all/scene.yaml")
    scene = f'm2her: scenario/v1\nsystem: "{template}"\nmessage: And now?\n'
    compiler = Compiler(
        files=Disk(texts={path: scene.encode()}), base=path.parent, root=path.parent
    )
    result = compiler.compile(Input(path=path), Overrides())
    assert result.ok
    assert result.variants[0].messages[0].content == "12"
