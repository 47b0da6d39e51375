"""The emulator shares the contract with the client, and no code: neither proves the other right."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import m2her_compose.emulator

ROOM = Path(m2her_compose.emulator.__file__).parent
SHARED = {"wire", "targets", "tokens", "errors", "frozen"}


@pytest.mark.parametrize("module", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_only_the_contract_is_shared(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    rooms = {(node.module or "").split(".")[0] for node in imports if node.level == 2}

    assert rooms <= SHARED
    assert not [node for node in imports if (node.module or "").startswith("m2her_compose")]
