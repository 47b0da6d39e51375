"""Numbers in templates: what arithmetic may make of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from m2her_compose.compiled import CompiledScenario


def compiled(template: str) -> CompiledScenario:
    path = Path("/nowhere/at/all/scene.yaml")
    scene = f'm2her: scenario/v1\nsystem: "{template}"\nmessage: And now?\n'
    files = Disk(texts={path: scene.encode()})
    compiler = Compiler(files=files, base=path.parent, root=path.parent)
    return compiler.compile(Input(path=path), Overrides())


@pytest.mark.parametrize(
    "template",
    [
        "{{ 2 ** 4097 }}",
        "{{ (2 ** 2048) * (2 ** 2048) }}",
        "{{ 2 ** 4095 + 2 ** 4095 + 2 ** 4095 }}",
    ],
)
def test_a_number_of_too_many_digits_is_refused(template: str) -> None:
    errors = [d for d in compiled(template).diagnostics if d.is_error]
    assert [d.message for d in errors] == ["a number with too many digits"]


def test_a_number_of_many_digits_is_written_out() -> None:
    [variant] = compiled("{{ 2 ** 2048 }}").variants
    assert variant.messages[0].content == str(2**2048)
