"""Take stock of a library: what each of its files is, and which others it uses.

Files are built as a check builds them, so that what is listed as broken is what does not compile.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from .build import id_span
from .checks.library import duplicates
from .compiler import Input
from .diagnostics import Severity
from .diagnostics import codes as c
from .frozen import frozen, replaced
from .inventory import Item, Member, uses_of
from .scenario import Overrides
from .schema import Kind

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    from .build import Build
    from .compiler import Compiler
    from .inventory import Use
    from .resolve import LoadedFile
    from .scenario import Scenario, Text

_DEFAULT_LANGUAGE: Final = "en"
# Characters and personas are not compiled, nor bases: right as they are, and open scenarios too.
_NO_FAULTS: Final = (c.NOT_COMPILED, c.OPEN_SCENARIO)


@frozen
class Stock:
    """The files that were looked at, in order, and the roots of the libraries that they are of."""

    items: tuple[Item, ...]
    roots: tuple[Path, ...]


def take_stock(compiler: Compiler, inputs: Sequence[Input], *, follow: bool = False) -> Stock:
    """Take stock of files, and with `follow` of what they use as well, in and out of folders.

    Raises OSError when a file that was named itself cannot be read.
    """
    found: dict[Path, tuple[Item, Path]] = {}
    todo = deque(inputs)
    while todo:
        build = compiler.build(todo.popleft(), Overrides(stand_ins=True))
        if build.is_foreign or build.file.path in found:
            continue
        item, root = _item(build), build.library.root
        found[item.path] = (item, root)
        if follow:
            targets = dict.fromkeys(use.target for use in item.uses if use.target is not None)
            # In the library that the reference was followed in, whatever lies around the file.
            todo.extend(Input(path=path, folder=root) for path in targets if path not in found)
    roots = tuple(dict.fromkeys(root for _, root in found.values()))
    items = _with_duplicates(list(found.values()))
    if follow:
        items = tuple(replaced(item, uses=_ending(item.uses, found)) for item in items)
    return Stock(items=items, roots=roots)


def scenarios_called(compiler: Compiler, name: str, folder: Path) -> list[Input]:
    """Return the scenarios of a folder that have an id; raises OSError when it cannot be listed.

    Only files that could have it are built: those that hold it, or are called so.
    """
    found = []
    for each in compiler.find(folder):
        try:
            holds = name.encode() in compiler.files.read(each.path)
        except OSError:
            continue
        if not holds and name not in each.path.stem:
            continue
        build = compiler.build(each, Overrides(stand_ins=True))
        if build.scenario is not None and build.scenario.id == name:
            found.append(each)
    return found


def _with_duplicates(found: Sequence[tuple[Item, Path]]) -> tuple[Item, ...]:
    """Count an id that is taken as an error, as compiling does."""
    refused: set[Path] = set()
    for root in {root for _, root in found}:
        of_root = [item for item, each in found if each == root]
        refused.update(item.path for item, _ in duplicates(of_root))
    return tuple(
        replaced(item, errors=item.errors + 1, variants=()) if item.path in refused else item
        for item, _ in found
    )


def _ending(uses: Sequence[Use], found: Container[Path]) -> tuple[Use, ...]:
    """Let references end that lead to files of others, which were passed over."""
    return tuple(
        use
        if use.target is None or use.target in found
        else replaced(use, target=None, problem=f"`{use.text}` does not say what it is")
        for use in uses
    )


def _item(build: Build) -> Item:
    file, scenario = build.file, build.scenario
    counts = dict.fromkeys(Severity, 0)
    for each in build.diagnostics:
        counts[each.severity] += each.code not in _NO_FAULTS
    item = Item(
        path=file.path,
        shown=file.source.path,
        kind=file.kind,
        id="",
        id_span=id_span(file),
        title=_own_text(file, "title" if file.kind is Kind.SCENARIO else "name"),
        summary=_own_text(file, "summary"),
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        uses=uses_of(file, build.library.loader),
    )
    return item if scenario is None else _scenario_item(item, scenario, build)


def _scenario_item(item: Item, scenario: Scenario, build: Build) -> Item:
    language, title, persona = scenario.language, scenario.title, scenario.persona
    cast = tuple(
        Member(id=each.id, name=_written(each.one("name"))) for each in scenario.characters.values()
    )
    return replaced(
        item,
        id=scenario.id,
        title=_written(title) or "",
        abstract=scenario.abstract,
        language=language.value if language is not None else _DEFAULT_LANGUAGE,
        speaker=_speaker(scenario, build),
        cast=cast,
        persona=_written(persona.one("name")) if persona is not None else None,
        tags=scenario.tags,
        variants=tuple(plan.variant for plan in build.plans) if not item.errors else (),
    )


def _speaker(scenario: Scenario, build: Build) -> str | None:
    """Return who answers, as far as the scenario decides it."""
    if build.plans:
        return build.plans[0].speaker
    if scenario.speaker is not None:
        return scenario.speaker.text
    return next(iter(scenario.characters)) if len(scenario.characters) == 1 else None


def _written(text: Text | None) -> str | None:
    return text.value if text is not None else None


def _own_text(file: LoadedFile, key: str) -> str:
    root = file.checked.root if file.checked is not None else None
    node = root.entries.get(key) if root is not None else None
    return (node.text or "") if node is not None else ""
