"""A library of one file on disk, checked, fixed and compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input
from m2her_compose.fixing import Fixed, Silenced, fix, with_ignores
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from m2her_compose.checker import FileResult
    from m2her_compose.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A library in a folder; `select` are the findings that are looked at, besides errors."""

    path: Path
    select: tuple[str, ...] = ()

    def write(self, text: str, name: str = "scene.yaml") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def checker(self, texts: Mapping[Path, bytes]) -> Checker:
        compiler = Compiler(base=self.path, files=Disk(texts=texts))
        return Checker(compiler=compiler, demands=Demands(select=self.select))

    def items(self) -> list[Input]:
        return self.checker({}).compiler.find(self.path)

    def fix(self) -> Fixed:
        return fix(self.checker, self.items())

    def check(self) -> tuple[list[FileResult], Report]:
        checker, items = self.checker({}), self.items()
        results = [checker.check_file(item) for item in items]
        return results, checker.report(results, items)

    def ignored(self) -> Silenced:
        [result], report = self.check()
        return with_ignores(result.source, report.diagnostics)

    def requests(self, name: str = "scene.yaml") -> list[dict[str, Any]]:
        compiler = Compiler(base=self.path)
        found = compiler.compile(Input(path=self.path / name), Overrides())
        return [variant.request() for variant in found.variants]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(path=tmp_path.resolve())
