"""Change one thing of a library at a time, and check it with and without a cache.

    python benchmarks/library/mutate.py [ROUNDS] [FILES] [SEED]

Whatever is changed, both must find the same. A change stays, so that the next ones come on top of
it; now and then all is put back. The tests run a short form of it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler
from m2her_compose.report.json import json_report
from m2her_compose.source import Disk
from m2her_compose.survey import Cache, Survey, Workers, context_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENVIRONMENTS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"M2HER_COMPILE_NAMES": "given"},
    {"M2HER_COMPILE_TARGET": "basic"},
    {"M2HER_CHECK_IGNORE": "M2H7"},
)
_SETTINGS: Final = (
    "",
    '[compile]\ntarget = "openai"\n',
    "[compile]\nbudget = 700\n",
    '[library]\ntemplates = "templates"\n',
    '[library]\ntemplates = "elsewhere"\n',
    '[library]\nscenarios = ["scenes", "bases"]\n',
    '[check]\nignore = ["quotes-not-sent"]\n',
    '[check.severity]\nM2H7 = "error"\n',
    "[check\n",
)
_TEMPLATES: Final = (
    "{{ system or char.prompt or char.description }} {{ instructions | join(' ') }}",
    "{{ group.setting }}",
    "{{ nobody }}",
    "{% if %}",
    "{{ alone }} {{ user.description }}",
)
_LINES: Final = (
    "x-note: 1",
    'summary: "a *lone star"',
    "style: TODO",
    'style: "{{ vars.nothing }}"',
    "speaker: nobody",
    "extends: ../bases/0.yaml",
    "extends: ../../bases/1.yaml",
    "persona: {use: ../../personas/9999.yaml}",
    "unknown: key",
    "  broken: [",
    "# m2her: ignore[quotes-not-sent]",
    "language: zh",
)


@dataclass(slots=True)
class Library:
    """A library that is changed at random, and how it is called."""

    folder: Path
    random: random.Random
    original: Mapping[str, bytes]
    environment: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    select: tuple[str, ...] | None = None

    @classmethod
    def at(cls, folder: Path, seed: int) -> Library:
        """Take the files of a folder as what is put back now and then."""
        original = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return cls(folder, random.Random(seed), original)  # noqa: S311 - nothing is kept secret

    def change(self) -> str:
        """Change one thing, and say what."""
        kind = self.random.choice(_CHANGES)
        kind(self)
        return kind.__name__

    # --- parts of changes

    def file(self, under: str = "") -> Path:
        names = [name for name in self.original if name.startswith(under)]
        return self.folder / self.random.choice(names)

    def shared(self) -> Path:
        return self.file(self.random.choice(("bases/", "characters/", "personas/")))

    def remove(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        for above in reversed(path.relative_to(self.folder).parents):
            if not (self.folder / above).is_dir():
                self.remove(self.folder / above)
                (self.folder / above).mkdir()
        self.remove(path)
        path.write_bytes(data)


# --- changes


def put_back(library: Library) -> None:
    """Make everything as it was at first."""
    for path in library.folder.iterdir():
        library.remove(path)
    for name, data in library.original.items():
        library.write(library.folder / name, data)


def put_one_back(library: Library) -> None:
    """Make one file as it was at first."""
    path = library.file()
    library.write(path, library.original[path.relative_to(library.folder).as_posix()])


def add_a_line(library: Library) -> None:
    """Write a line at the end of any YAML file, or of one that others share."""
    path = library.random.choice((library.file, library.shared))()
    if path.is_file() and path.suffix == ".yaml":
        line = library.random.choice(_LINES)
        path.write_bytes(path.read_bytes() + line.encode() + b"\n")


def take_a_line(library: Library) -> None:
    """Take a line out of a file."""
    path = library.random.choice((library.file, library.shared))()
    if path.is_file():
        lines = path.read_bytes().splitlines(keepends=True)
        del lines[library.random.randrange(len(lines) or 1) :][:1]
        path.write_bytes(b"".join(lines))


def spoil(library: Library) -> None:
    """Put bytes into a file that are no text."""
    path = library.file()
    if path.is_file():
        path.write_bytes(path.read_bytes()[:40] + b"\xff\xfe\x00")


def delete(library: Library) -> None:
    """Delete a file, often one that others build on."""
    library.remove(library.random.choice((library.file, library.shared))())


def rename(library: Library) -> None:
    """Give a file another name."""
    path = library.file()
    if path.is_file() and path.suffix == ".yaml":
        path.rename(path.with_name(f"{library.random.choice('abcXYZ')}_{path.name}"))


def change_case(library: Library) -> None:
    """Give a file its name in upper case."""
    path = library.file("scenes/")
    if path.is_file():
        path.rename(path.with_name(f"{path.stem.upper()}.yaml"))


def link(library: Library) -> None:
    """Put a link in place of a file: to another one, to nothing, out of the library."""
    path, other = library.shared(), library.random.choice((library.shared, library.file))()
    places = (other, library.folder / "nowhere.yaml", library.folder.parent / "outside.yaml")
    if path.parent.is_dir() and path != other:
        library.remove(path)
        path.symlink_to(library.random.choice(places))


def link_a_folder(library: Library) -> None:
    """Put a link to another folder in place of one."""
    folder, other = library.folder / "personas", library.folder / "characters"
    if other.is_dir():
        library.remove(folder)
        folder.symlink_to(other)


def make_a_folder(library: Library) -> None:
    """Put a folder in place of a file."""
    path = library.shared()
    library.remove(path)
    path.mkdir(parents=True, exist_ok=True)


def set_templates(library: Library) -> None:
    """Write a template over a built-in one, or over another, or take it away."""
    language = library.random.choice(("en", "zh", "zh-cn"))
    name = library.random.choice(("system", "user_system", "group", "thought"))
    path = library.folder / library.random.choice(("templates", "elsewhere")) / language
    if library.random.random() < 1 / 4:
        library.remove(path / f"{name}.j2")
    else:
        library.write(path / f"{name}.j2", library.random.choice(_TEMPLATES).encode())


def set_settings(library: Library) -> None:
    """Write other settings, also for a part of the library, or take them away."""
    folder = library.folder / library.random.choice(("", "", "scenes", "scenes/000"))
    if library.random.random() < 1 / 4:
        library.remove(folder / "m2her.toml")
    else:
        library.write(folder / "m2her.toml", library.random.choice(_SETTINGS).encode())


def set_environment(library: Library) -> None:
    """Call the program with other settings."""
    library.environment = library.random.choice(_ENVIRONMENTS)


def set_options(library: Library) -> None:
    """Call the program with other options."""
    library.target = library.random.choice((None, "basic", "openrouter"))
    library.select = library.random.choice((None, ("M2H1", "M2H7"), ("M2H6",)))


def make_a_circle(library: Library) -> None:
    """Let bases extend each other."""
    for name, other in (("0", "1"), ("1", "0")):
        path = library.folder / "bases" / f"{name}.yaml"
        if path.is_file():
            path.write_bytes(path.read_bytes() + f"extends: {other}.yaml\n".encode())


def touch(library: Library) -> None:
    """Give files other times, and nothing else."""
    for path in library.folder.rglob("*.yaml"):
        if path.is_file():
            os.utime(path, (library.random.randrange(10**9),) * 2)


_CHANGES: Final[tuple[Callable[[Library], None], ...]] = (
    *(put_one_back, put_one_back, put_one_back, add_a_line, add_a_line, add_a_line, take_a_line),
    *(spoil, delete, rename, change_case, link, link_a_folder, make_a_folder, set_templates),
    *(set_templates, set_settings, set_environment, set_options, make_a_circle, touch, put_back),
)


# --- with and without a cache


def workers_of(library: Library, count: int = 1) -> Workers:
    """Return what a run over a library depends on."""
    return Workers(
        count=count,
        base=library.folder,
        root=None,
        environment=library.environment,
        target=library.target,
        select=library.select,
        ignore=None,
        tokenizer=None,
    )


def found(library: Library, cache_folder: Path | None, **survey: Any) -> tuple[str, int]:
    """Return what a check finds, as JSON, and how many files were checked and not looked up."""
    checked = []

    class Counted(Checker):
        def check_file(self, item: Any) -> Any:
            checked.append(item)
            return super().check_file(item)

    compiler = Compiler(
        files=Disk(folders={}), base=library.folder, environment=library.environment
    )
    demands = Demands(target=library.target, select=library.select)
    checker = Counted(compiler=compiler, demands=demands)
    items = compiler.find(library.folder)
    if cache_folder is None and not survey:
        results = [checker.check_file(item) for item in items]
    else:
        cache = Cache(cache_folder, context_of(workers_of(library))) if cache_folder else None
        results = Survey(checker=checker, cache=cache, **survey).results(items)
    return json_report(checker.report(results, items)), len(checked)


def mutated(library: Library, cache_folder: Path, rounds: int) -> tuple[int, int]:
    """Change a library so many times; return how many files were looked up, and how many not.

    Raises AssertionError at the first difference.
    """
    looked_up = checked = 0
    changes: list[str] = []
    for _ in range(rounds):
        changes.append(library.change())
        expected, count = found(library, None)
        for _ in range(2):  # what the first run keeps, the second takes up
            actual, anew = found(library, cache_folder)
            if actual != expected:
                raise AssertionError(f"other findings after {', '.join(changes)}")
            looked_up += count - anew
            checked += anew
    return looked_up, checked


def main() -> None:
    """Run the long form, and say how much of it came from the cache."""
    from generate import write

    rounds, files, seed = (*map(int, sys.argv[1:]), *(1000, 300, 7)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve() / "library"
        write(folder, files)
        looked_up, checked = mutated(Library.at(folder, seed), Path(place) / "cache", rounds)
    print(f"{rounds:,} changes, the same findings: {looked_up:,} looked up, {checked:,} checked")


if __name__ == "__main__":
    main()
