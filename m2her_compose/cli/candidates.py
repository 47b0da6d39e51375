"""What a library offers to completion: its files, and the variables and variants of scenarios.

Bounded in all that it looks at: whoever presses a key does not wait for a large library.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..source import Disk
from .candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..config import Settings
    from ..scenario import Scenario, Variable
    from ..starting import Outline

_MOST_ENTRIES: Final = 5_000
_MOST_FILES: Final = 500
_MOST_SCENARIOS: Final = 30
# Of scenarios that are read in full, together: a few hundred kilobytes take a quarter of a second.
_MOST_BYTES: Final = 300_000
_ENDINGS: Final = (".yaml", ".yml")
_SETTINGS_NAME: Final = "m2her.toml"


# --- files


def paths(current: str, *, folders_only: bool = False, yaml_only: bool = False) -> list[Candidate]:
    """Return the files and folders whose paths begin with what was typed; folders end with `/`.

    Hidden ones are offered when their dot was typed.
    """
    folder, _, beginning = current.rpartition("/")
    typed = f"{folder}/" if "/" in current else ""
    found: list[Candidate] = []
    try:
        with os.scandir(_expanded(typed or ".")) as entries:
            for entry, _ in zip(entries, range(_MOST_ENTRIES), strict=False):
                name = entry.name
                if not name.startswith(beginning) or (name[0] == "." and not beginning):
                    continue
                if entry.is_dir():
                    found.append(Candidate(f"{typed}{name}/"))
                elif not folders_only and (not yaml_only or name.endswith(_ENDINGS)):
                    found.append(Candidate(f"{typed}{name}"))
    except (OSError, ValueError):
        return []
    return sorted(found, key=lambda each: each.value)


def _expanded(name: str) -> Path:
    """Return a path as the shell would hand it over; one that cannot be is this folder."""
    if "\0" in name:
        return Path()
    try:
        return Path(name).expanduser()
    except RuntimeError:  # `~name`, of nobody
        return Path(name)


def scenario_files(current: str) -> list[Candidate]:
    """Return the scenarios at hand by their paths, with their titles, then files and folders.

    Where no path begins so, it may be the beginning of an id: the one file that it stands for is
    returned, or the ids if they are several.
    """
    here = list(_scenarios_here())
    shown = {_relative(each.path): each for each in here}
    found = [
        Candidate(path, each.title) for path, each in shown.items() if path.startswith(current)
    ]
    found += paths(current, yaml_only=True)
    if found or not current:
        return found
    named = [each for each in here if each.id.startswith(current)]
    if len(named) == 1:
        return [Candidate(_relative(named[0].path), named[0].title)]
    return [Candidate(each.id, each.title) for each in named]


def _relative(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()


def _scenarios_here() -> Iterator[Outline]:
    """Yield the scenarios that can be compiled, of the library of this folder or those in it."""
    from ..schema import Kind
    from ..starting import outline

    files = Disk()
    for path in _yaml_files(_library_folders(files)):
        found = outline(path, files)
        if found is not None and found.kind is Kind.SCENARIO and not found.abstract:
            yield found


def _library_folders(files: Disk) -> list[Path]:
    """Return where the files of the libraries at hand are; none where there is no library.

    Nothing else is searched: it may be a home folder.
    """
    from ..starting import folders_in

    here = Path.cwd()
    root = _root_of(here)
    roots = [root] if root is not None else _roots_below(here)
    folders: list[Path] = []
    for each in roots:
        folders += folders_in(each, _settings_of(each, files), files)
    return folders


def _root_of(folder: Path) -> Path | None:
    every = (folder, *folder.parents)
    return next((each for each in every if (each / _SETTINGS_NAME).exists()), None)


def _roots_below(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry, _ in zip(entries, range(_MOST_ENTRIES), strict=False)
                if entry.name[0] != "." and (folder / entry.name / _SETTINGS_NAME).exists()
            ]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]


def _settings_of(root: Path, files: Disk) -> Settings:
    from ..config import environment, load_settings
    from ..diagnostics import Sink

    return load_settings(root, root, files, environment(), Sink())


def _yaml_files(folders: Iterable[Path]) -> list[Path]:
    """Return YAML files in and below folders, not more than can be looked at."""
    found: dict[Path, None] = {}
    left = list(folders)
    looked_at = 0
    while left and looked_at < _MOST_ENTRIES and len(found) < _MOST_FILES:
        try:
            entries = sorted(os.scandir(left.pop(0)), key=lambda entry: entry.name)
        except OSError:
            continue
        looked_at += len(entries)
        visible = [entry for entry in entries if entry.name[0] != "."]
        for entry in visible:
            if entry.is_dir(follow_symlinks=False):
                left.append(Path(entry.path))
            elif entry.name.endswith(_ENDINGS):
                found[Path(entry.path)] = None
    return sorted(found)[:_MOST_FILES]


# --- what scenarios take


def assignments(given: Sequence[str], current: str) -> Iterator[Candidate]:
    """Yield `NAME=` for each variable of the scenarios given, or `NAME=VALUE` for its values."""
    name, has_value, _ = current.partition("=")
    for scenario in _scenarios(given):
        for variable in scenario.variables.values():
            if not has_value:
                yield Candidate(f"{variable.name}=", _description(variable))
            elif variable.name == name:
                yield from (Candidate(f"{name}={value}") for value in _values(variable, scenario))


def _values(variable: Variable, scenario: Scenario) -> Iterator[str]:
    from ..scenario.model import VariableType

    if variable.enum is not None:
        yield from map(_text, variable.enum)
        return
    if variable.type is VariableType.BOOLEAN:
        yield from ("true", "false")
        return
    for choice in scenario.matrix.axes.get(variable.name, ()):
        yield _text(choice.bound.value)
    if variable.default is not None:
        yield _text(variable.default.value)


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _description(variable: Variable) -> str:
    node = variable.node.entries.get("description") if variable.node.is_map else None
    return (node.text or "") if node is not None else ""


def variants(given: Sequence[str], current: str) -> Iterator[Candidate]:
    """Yield the variants of the scenarios given: what is in their brackets, or their whole ids."""
    from ..diagnostics import Sink
    from ..scenario import Overrides, plans

    for scenario in _scenarios(given):
        for plan in plans(scenario, Overrides(stand_ins=True), Sink()):
            labels = plan.variant.partition("[")[2].removesuffix("]")
            if labels and not current.startswith(scenario.id):
                yield Candidate(labels)
            else:
                yield Candidate(plan.variant)


def speakers(given: Sequence[str]) -> Iterator[Candidate]:
    """Yield the ids of the characters of the scenarios given, with their names."""
    for scenario in _scenarios(given):
        for name, character in scenario.characters.items():
            text = character.one("name")
            yield Candidate(name, text.value if text is not None else "")


def _scenarios(given: Sequence[str]) -> Iterator[Scenario]:
    """Yield the scenarios of the paths on a command line; of this folder if there are none."""
    files = Disk()
    resolved = [files.resolve(path) for name in given or (".",) for path in _meant(name)]
    every = [each for path in resolved for each in _files_of(path)]
    left = _MOST_BYTES
    for path in dict.fromkeys(every[:_MOST_SCENARIOS]):
        left -= _size(path)
        if left < 0:
            return
        found = _scenario(path, files)
        if found is not None:
            yield found


def _meant(name: str) -> list[Path]:
    """Return the paths that a word stands for: itself, or the scenarios whose id it is."""
    path = _expanded(name)
    try:
        if path.exists():
            return [path]
    except (OSError, ValueError):
        return []
    return [each.path for each in _scenarios_here() if each.id == name]


def _files_of(path: Path) -> list[Path]:
    """Return a file, or the YAML files of a folder; nothing for what no system would hold."""
    try:
        return _yaml_files([path]) if path.is_dir() else [path]
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


def _scenario(path: Path, files: Disk) -> Scenario | None:
    """Read a scenario as far as its mistakes allow."""
    from ..config import find_root
    from ..diagnostics import Sink
    from ..resolve import Loader, Resolver
    from ..scenario import decode
    from ..schema import Kind

    loader = Loader(files=files, root=find_root(path, None, files), base=Path.cwd())
    try:
        file = loader.load(path)
    except OSError:
        return None
    merged = Resolver(loader=loader).resolve(file, Sink())
    if file.kind is not Kind.SCENARIO or merged is None:
        return None
    return decode(merged, Sink())


# --- what the program and the library know by name


def targets() -> Iterator[Candidate]:
    """Yield the targets that there are: those that are known, then the library's own."""
    from ..config import targets_of

    files = Disk()
    root = _root_of(Path.cwd()) or Path.cwd()
    for target in targets_of(_settings_of(root, files)):
        yield Candidate(target.id, target.title)


def codes(current: str) -> Iterator[Candidate]:
    """Yield the codes of findings, or their readable names when one of those was begun."""
    from ..diagnostics.codes import ALL

    for code in ALL:
        is_name = current[:1].islower() and not code.id.lower().startswith(current.lower())
        yield Candidate(code.slug if is_name else code.id, code.title)


def several_codes(current: str) -> Iterator[Candidate]:
    """Yield a list of codes with its last one completed."""
    before, comma, last = current.rpartition(",")
    for each in codes(last):
        if each.value.startswith(last):
            yield Candidate(f"{before}{comma}{each.value}", each.about)


def schema_kinds() -> Iterator[Candidate]:
    """Yield the kinds that have a schema."""
    from ..starting import schema_kinds as known

    for kind, title in known().items():
        yield Candidate(kind, title)
