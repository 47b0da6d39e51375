"""The pages say what is so: outputs, examples, lists and links."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from m2her_compose import compile_scenario

if TYPE_CHECKING:
    from types import ModuleType

ROOT: Final = Path(__file__).resolve().parents[2]
_LINK: Final = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_FENCED: Final = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


def load_generator() -> ModuleType:
    path = ROOT / "scripts" / "generate_docs.py"
    spec = importlib.util.spec_from_file_location("generate_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generator: Any = load_generator()
PAGES: Final[list[Path]] = generator.pages()


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get where it is shown."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    titles = (found["title"].replace("`", "").lower() for found in _HEADING.finditer(text))
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_generated_parts_are_what_the_program_says_today(page: Path) -> None:
    """A difference here is repaired by `python scripts/generate_docs.py`, and then read."""
    text = page.read_text(encoding="utf-8")

    assert generator.generated(text) == text


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_no_output_is_written_by_hand(page: Path) -> None:
    text = generator.outside_of_regions(page.read_text(encoding="utf-8"))

    assert [block.line for block in generator.blocks(text) if block.language == "console"] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples_have_findings_only_where_the_page_says_so(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page.read_text(encoding="utf-8")
    wrong = []
    with generator.workspace(text) as folder:
        monkeypatch.chdir(folder)
        for block in generator.blocks(text):
            if block.language != "yaml" or not re.search(r"^m2her:", block.text, re.MULTILINE):
                continue
            name = block.file or f"scenarios/line_{block.line}.yaml"
            Path(name).write_text(block.text, encoding="utf-8")
            result = compile_scenario(name)
            if result.ok is block.has_errors:
                wrong.append((block.line, [str(d.message) for d in result.diagnostics]))
        monkeypatch.chdir(ROOT)

    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_python_examples_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.read_text(encoding="utf-8")
    with generator.workspace(text) as folder:
        monkeypatch.chdir(folder)
        for block in generator.blocks(text):
            if block.language == "python":
                code = compile(block.text, f"{page_name(page)}:{block.line}", "exec")
                exec(code, {"__name__": "__main__"})  # noqa: S102 - the page's own example
        monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    dead = []
    for found in _LINK.finditer(text):
        path, _, anchor = found["target"].partition("#")
        if path.startswith(("https://", "http://", "mailto:")):
            continue
        target = (page.parent / path) if path else page
        missing = not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors(target)
        )
        if missing:
            dead.append(found["target"])

    assert dead == []


def test_every_decision_is_listed_and_numbered_without_gaps() -> None:
    folder = ROOT / "docs" / "decisions"
    names = sorted(page.name for page in folder.glob("[0-9]*.md"))
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    assert [name for name in names if f"({name})" not in index] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_library_files_name_their_schema_on_the_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]

    schema = first.removeprefix("# yaml-language-server: $schema=")

    assert schema != first
    assert (path.parent / schema).resolve().parent == ROOT / "schemas"
    assert (path.parent / schema).is_file()
