"""What is known inside of a loop, wherever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Compiled


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
def test_the_loop_is_known_to(template: str, compiled: Compiled) -> None:
    result = compiled(template)
    assert result.ok
    assert result.variants[0].messages[0].content == "12"
