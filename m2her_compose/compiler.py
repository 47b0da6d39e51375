"""From a file to its compiled variants: every stage in its order, and what files share.

Prints nothing; reads files through `Files`, and nothing else of the world.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .build import Build, OpenLibrary, Wishes, build_file, id_span, prepared
from .compiled import CompiledScenario, CompiledVariant
from .config import (
    FILE_NAME,
    Setting,
    Settings,
    find_root,
    load_settings,
    policy_of,
)
from .diagnostics import Code, Diagnostic, Sink, Source, Span
from .diagnostics import codes as c
from .diagnostics.policy import governed
from .frozen import frozen, replaced
from .render import TemplateFolder
from .resolve import LoadedFile, Loader, Resolver
from .source import Asking, Disk, plain_data, shown_path
from .source.walk import yaml_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .scenario import Overrides, Scenario
    from .source import Files


_LONGEST_PATH = 1024
_IGNORE = re.compile(r"#[ \t]*m2her:[ \t]*ignore")
# A file of a folder that has no header and no line like one is somebody else's.
_HEADER = re.compile(r"""^["']?m2her["']?[ \t]*:""", re.MULTILINE)


@frozen
class Input:
    """A file to compile, and the folder it was found in when a folder was given."""

    path: Path
    folder: Path | None = None


@dataclass(slots=True, kw_only=True)
class Compiler:
    """Compiles files; what several of them share is loaded once.

    `base` is the folder that shown paths are relative to, `root` a library's root that holds
    for all files in place of the one that would be found. `wishes` are for what is sent.
    """

    files: Files = field(default_factory=lambda: Disk(folders={}))
    base: Path = field(default_factory=lambda: Path(os.path.realpath(".")))
    root: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    asking: Asking = field(init=False)
    _libraries: dict[Path, OpenLibrary] = field(default_factory=dict)
    _roots: dict[tuple[str, Path | None], Path] = field(default_factory=dict)
    _known: dict[Path, Path | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asking = Asking(self.files)

    def compile(self, item: Input, overrides: Overrides) -> CompiledScenario:
        """Compile one file. Raises OSError when one that was named itself cannot be read."""
        build = self.build(item, overrides)
        if build.conversations:
            build = prepared(build, self.wishes.destination(build.library.settings))
        return _result(build, self._governed(build))

    def build(self, item: Input, overrides: Overrides) -> Build:
        """Take one file through every stage that it can go through; raises as `compile` does."""
        path, library = self.opened(item)
        sink = Sink()
        sink.extend(library.diagnostics)
        if not path.is_relative_to(library.root):
            return self._unusable(item, c.PATH_OUTSIDE, "lies outside of the library", sink)
        try:
            file = library.loader.load(path)
        except OSError as error:
            if item.folder is None:
                raise
            reason = error.strerror or str(error)
            return self._unusable(item, c.UNREADABLE, f"cannot be read: {reason.lower()}", sink)
        if file.kind is None and not _HEADER.search(file.source.text):
            found = library.diagnostics + (file.diagnostics if item.folder is None else ())
            return Build(file=file, library=library, is_foreign=True, diagnostics=found)
        return build_file(file, library, overrides, sink)

    def opened(self, item: Input) -> tuple[Path, OpenLibrary]:
        """Return where a file really is, and the library that it belongs to."""
        path = self.files.resolve(item.path)
        return path, self._library(path, item.folder)

    def _governed(self, build: Build) -> tuple[Diagnostic, ...]:
        """Apply what the library's settings say of findings."""
        settings, root = build.library.settings, build.library.root
        found = governed(
            build.diagnostics,
            policy_of(settings),
            path_of=lambda each: shown_path(self.base / each.span.path, root),
        )
        return tuple(each for each in found if not _is_silenced(each))

    def settings(self, folder: Path, sink: Sink) -> Settings:
        """Return the settings that hold in a folder."""
        library = self._library(self.files.resolve(folder) / FILE_NAME, None)
        sink.extend(library.diagnostics)
        return library.settings

    def _unusable(self, item: Input, code: Code, reason: str, sink: Sink) -> Build:
        """Report a file that was found or named, and cannot be looked at."""
        # Where its name stands: if it is a link, that leads elsewhere.
        path = self.files.resolve(item.path.parent) / item.path.name
        source = Source(path=shown_path(path, self.base), text="")
        sink.add(code, f"`{item.path.name}` {reason}", Span(source, 0, 0))
        file = LoadedFile(path=path, source=source, checked=None, diagnostics=(), explained=())
        folder = item.folder or path.parent
        library = replaced(self._library(path, folder), diagnostics=())
        return Build(file=file, library=library, diagnostics=sink.sorted())

    def _library(self, path: Path, folder: Path | None) -> OpenLibrary:
        key = (os.path.dirname(path), folder)  # noqa: PTH120 - of each file, and a Path takes longer
        if key not in self._roots:
            given = self.files.resolve(folder) if folder is not None else None
            self._roots[key] = self.root or find_root(path, given, self.files, self._known)
        root = self._roots[key]
        if root not in self._libraries:
            with self.asking.scope(apart=True) as asked:
                self._libraries[root] = self._open(root, asked)
        return self._libraries[root]

    def _open(self, root: Path, asked: Mapping[str, str]) -> OpenLibrary:
        sink = Sink()
        settings = load_settings(root, self.base, self.asking, self.environment, sink)
        loader = Loader(files=self.asking, root=root, base=self.base)
        templates = None
        folder = settings["library.templates"]
        if folder is not None:
            templates = self._templates(root, folder, settings, sink)
        return OpenLibrary(
            root=root,
            settings=settings,
            loader=loader,
            resolver=Resolver(loader=loader),
            templates=templates,
            folders=self._scenario_folders(root, settings, sink),
            diagnostics=sink.sorted(),
            asked=asked,
        )

    def _templates(
        self, root: Path, folder: str, settings: Settings, sink: Sink
    ) -> TemplateFolder | None:
        path = self._folder(root, folder, settings.values["library.templates"], sink)
        if path is None:
            return None
        return TemplateFolder(files=self.asking, folder=path, root=root, base=self.base, known={})

    def _folder(self, root: Path, folder: str, setting: Setting, sink: Sink) -> Path | None:
        """Return a folder that a setting names; None, with a finding, when it cannot be one."""
        span = setting.span or Span(Source(path=setting.origin, text=""), 0, 0)
        if len(folder) > _LONGEST_PATH:
            message = f"a path of {len(folder):,} characters"
            sink.add(c.SETTINGS_VALUE, message, span, help="no folder is called so")
            return None
        path = self.asking.resolve(root / folder) if "\0" not in folder else root.parent
        if not path.is_relative_to(root):
            advice = f"the library's root is `{shown_path(root, self.base)}`"
            message = f"`{folder}` leads out of the library"
            sink.add(c.PATH_OUTSIDE, message, span, help=advice)
            return None
        if setting.span is not None and not self.asking.is_folder(path):
            sink.add(c.SETTINGS_VALUE, f"there is no folder `{folder}`", span)
            return None
        return path

    def _scenario_folders(self, root: Path, settings: Settings, sink: Sink) -> tuple[Path, ...]:
        named = settings["library.scenarios"]
        setting = settings.values["library.scenarios"]
        found = (
            self._folder(root, each, setting, sink)
            for each in ([named] if isinstance(named, str) else dict.fromkeys(named))
        )
        return tuple(path for path in found if path is not None)

    def find(self, path: Path) -> list[Input]:
        """Return the files that a path stands for: itself, or every YAML file of a folder.

        Of a library's root these are the files of the folders that its settings name.
        """
        if not self.files.is_folder(path):
            return [Input(path=path)]
        library = self._library(self.files.resolve(path) / FILE_NAME, path)
        root = library.root
        at_root = root == self.files.resolve(path) and library.folders != (root,)
        folders = library.folders if at_root else (path,)
        found = dict.fromkeys(p for folder in folders for p in yaml_files(folder, self.files))
        return [Input(path=file, folder=path) for file in found]


def _is_silenced(diagnostic: Diagnostic) -> bool:
    """Tell whether a comment beside a finding silences it; few files have any."""
    source = diagnostic.span.source
    if not diagnostic.can_be_silenced or not _IGNORE.search(source.text):
        return False
    from .checks.ignores import ignores_of

    return any(each.silences(diagnostic) for each in ignores_of(source))


def _result(build: Build, diagnostics: tuple[Diagnostic, ...]) -> CompiledScenario:
    file, scenario = build.file, build.scenario
    failed = any(each.is_error for each in diagnostics)
    variants = () if failed else build.conversations
    return CompiledScenario(
        path=file.source.path,
        file=file.path,
        root=build.library.root,
        id=scenario.id if scenario is not None else "",
        id_span=id_span(file),
        kind=file.kind,
        abstract=scenario is not None and scenario.abstract,
        variants=tuple(CompiledVariant(conversation=each) for each in variants),
        diagnostics=diagnostics,
        extensions=MappingProxyType(_extensions(scenario)),
    )


def _extensions(scenario: Scenario | None) -> dict[str, Any]:
    entries = scenario.node.entries if scenario is not None else {}
    return {key: plain_data(node) for key, node in entries.items() if key.startswith("x-")}


def with_unique_ids(results: Sequence[CompiledScenario]) -> list[CompiledScenario]:
    """Report each scenario whose id another one before it has: ids are unique in a library."""
    if len(results) < 2:  # noqa: PLR2004 - one alone has nobody beside it
        return list(results)
    from .checks.library import duplicates, report_duplicate

    by_root: dict[Path, list[CompiledScenario]] = {}
    for result in results:
        by_root.setdefault(result.root, []).append(result)
    refused: dict[int, tuple[Diagnostic, ...]] = {}
    for of_root in by_root.values():
        for each, before in duplicates(of_root):
            sink = Sink()
            sink.extend(each.diagnostics)
            report_duplicate(each, before, sink)
            refused[id(each)] = sink.sorted()
    return [
        replace(each, variants=(), diagnostics=refused[id(each)]) if id(each) in refused else each
        for each in results
    ]
