"""The layout of the package: what each folder offers, and that it is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import m2her_compose

PACKAGE = Path(m2her_compose.__file__).parent
INITS = sorted(PACKAGE.rglob("__init__.py"))


def module_name(init: Path) -> str:
    return ".".join((PACKAGE.name, *init.parent.relative_to(PACKAGE).parts))


def export_order(name: str) -> tuple[int, list[str | int]]:
    """Order as the linter's RUF022 does: constants, classes, the rest; numbers by their value."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    parts = re.split(r"(\d+)", name)
    return kind, [int(part) if part.isdigit() else part for part in parts]


@pytest.mark.parametrize("init", INITS, ids=module_name)
def test_init_has_sorted_all_that_resolves(init: Path) -> None:
    module = importlib.import_module(module_name(init))

    exported = list(module.__all__)

    assert exported == sorted(set(exported), key=export_order)
    assert [name for name in exported if not hasattr(module, name)] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}

    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_package_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
