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

from .config import (
    FILE_NAME,
    Setting,
    Settings,
    find_root,
    load_settings,
    policy_of,
    target_named,
    window_of,
)
from .diagnostics import Code, Diagnostic, Sink, Source, Span
from .diagnostics import codes as c
from .diagnostics.policy import governed
from .errors import ScenarioError, SeveralVariantsError, UsageError
from .frozen import frozen, replaced
from .preparation import Destination, prepare
from .render import (
    Meter,
    TemplateFolder,
    TemplateSet,
    charge_messages,
    check_templates,
    english_templates,
    find_templates,
    render,
)
from .resolve import LoadedFile, Loader, Merged, Resolver
from .scenario import Names, Overrides, Plan, Scenario, decode, plans
from .schema import Kind
from .source import Disk, plain_data, shown_path
from .source.walk import yaml_files
from .wire import content_hash, request_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .ir import Conversation, Drop, Loss, Message
    from .source import Files
    from .tokens import Counter


# A typical scenario takes 500 steps for each of its variants.
_STEPS = 1_000_000
_STEPS_A_VARIANT = 2_000
# A file of a folder that has no header and no line like one is somebody else's.
_IGNORE = re.compile(r"#[ \t]*m2her:[ \t]*ignore")
_HEADER = re.compile(r"""^["']?m2her["']?[ \t]*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledVariant:
    """One variant of a scenario, compiled."""

    conversation: Conversation

    @property
    def id(self) -> str:
        """`<scenario>`, or `<scenario>[axis=label,…]` where there are several."""
        return self.conversation.id

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages in the order in which they are sent."""
        return self.conversation.messages

    @property
    def parameters(self) -> Mapping[str, int | float | bool]:
        """The sampling parameters that the author set."""
        return self.conversation.parameters

    @property
    def dropped(self) -> tuple[Drop, ...]:
        """What was left out to keep to the budget, in the order of the conversation."""
        return self.conversation.dropped

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the target did not take as it was."""
        return self.conversation.losses

    def request(self) -> dict[str, Any]:
        """Return the body of the request, ready to be sent as JSON."""
        return request_body(self.conversation)

    @property
    def content_hash(self) -> str:
        """`sha256:…` of the request: the same request has the same hash, on every machine."""
        return content_hash(self.request())


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledScenario:
    """One file, compiled: its variants, none when it has errors, and what there is to say of it.

    `path` is for people; `file` and `root`, the library's folder, are absolute. `kind` is None
    for a file that is none of ours. `extensions` are the author's own top-level keys (`x-…`),
    inherited ones included, as plain data.
    """

    path: str
    file: Path
    root: Path
    id: str
    id_span: Span
    kind: Kind | None
    abstract: bool
    variants: tuple[CompiledVariant, ...]
    diagnostics: tuple[Diagnostic, ...]
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it has no errors."""
        return not any(d.is_error for d in self.diagnostics)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages of its one variant; none when it has errors."""
        return self._only().messages if self.ok else ()

    @property
    def parameters(self) -> Mapping[str, int | float | bool]:
        """The parameters of its one variant; none when it has errors."""
        return self._only().parameters if self.ok else {}

    def request(self) -> dict[str, Any]:
        """Return the request of its one variant.

        Raises `ScenarioError` when the scenario has errors, and `SeveralVariantsError` when it
        has more than one variant.
        """
        return self._only().request()

    def _only(self) -> CompiledVariant:
        if not self.ok:
            raise ScenarioError(self.path, self.diagnostics)
        if not self.variants:
            raise UsageError(f"{self.path} is not a scenario that can be compiled by itself")
        if len(self.variants) > 1:
            raise SeveralVariantsError(self.path, tuple(variant.id for variant in self.variants))
        return self.variants[0]


@frozen
class Input:
    """A file to compile, and the folder it was found in when a folder was given."""

    path: Path
    folder: Path | None = None


@frozen
class Wishes:
    """What conversations are made for, where the caller and not the library's settings say it.

    `everything`: nothing is left out, whatever the budget.
    """

    target: str | None = None
    counter: Counter | None = None
    budget_tokens: int | None = None
    everything: bool = False

    def destination(self, settings: Settings) -> Destination:
        """Return what conversations of a library with these settings are made for.

        Raises `UsageError` when the library has no such target.
        """
        target = target_named(settings, self.target)
        budget = self.budget_tokens or settings["compile.budget"]
        window = window_of(settings, target)
        return Destination(
            target=target,
            counter=self.counter,
            budget_tokens=None if self.everything else budget or window,
            is_window=budget is None,
        )


@dataclass(slots=True, kw_only=True)
class Compiler:
    """Compiles files; what several of them share is loaded once.

    `base` is the folder that shown paths are relative to, `root` a library's root that holds
    for all files in place of the one that would be found. `wishes` are for what is sent.
    """

    files: Files = field(default_factory=Disk)
    base: Path = field(default_factory=lambda: Path(os.path.realpath(".")))
    root: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    _libraries: dict[Path, OpenLibrary] = field(default_factory=dict)
    _roots: dict[tuple[Path, Path | None], Path] = field(default_factory=dict)

    def compile(self, item: Input, overrides: Overrides) -> CompiledScenario:
        """Compile one file. Raises OSError when one that was named itself cannot be read."""
        build = self.build(item, overrides)
        if build.conversations:
            build = prepared(build, self.wishes.destination(build.library.settings))
        return _result(build, self._governed(build))

    def build(self, item: Input, overrides: Overrides) -> Build:
        """Take one file through every stage that it can go through; raises as `compile` does."""
        path = self.files.resolve(item.path)
        library = self._library(path, item.folder)
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
        return _build(file, library, overrides, sink)

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
        source = Source(path=shown_path(self.base / item.path, self.base), text="")
        sink.add(code, f"`{item.path.name}` {reason}", Span(source, 0, 0))
        file = LoadedFile(
            path=self.base / item.path, source=source, checked=None, diagnostics=(), explained=()
        )
        folder = item.folder or file.path.parent
        library = replaced(self._library(file.path, folder), diagnostics=())
        return Build(file=file, library=library, diagnostics=sink.sorted())

    def _library(self, path: Path, folder: Path | None) -> OpenLibrary:
        key = (path.parent, folder)
        if key not in self._roots:
            given = self.files.resolve(folder) if folder is not None else None
            self._roots[key] = self.root or find_root(path, given, self.files)
        root = self._roots[key]
        if root not in self._libraries:
            self._libraries[root] = self._open(root)
        return self._libraries[root]

    def _open(self, root: Path) -> OpenLibrary:
        sink = Sink()
        settings = load_settings(root, self.base, self.files, self.environment, sink)
        loader = Loader(files=self.files, root=root, base=self.base)
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
        )

    def _templates(
        self, root: Path, folder: str, settings: Settings, sink: Sink
    ) -> TemplateFolder | None:
        path = self._folder(root, folder, settings.values["library.templates"], sink)
        if path is None:
            return None
        return TemplateFolder(files=self.files, folder=path, root=root, base=self.base)

    def _folder(self, root: Path, folder: str, setting: Setting, sink: Sink) -> Path | None:
        """Return a folder that a setting names; None, with a finding, when it cannot be one."""
        path = self.files.resolve(root / folder) if "\0" not in folder else root.parent
        span = setting.span or Span(Source(path=setting.origin, text=""), 0, 0)
        if not path.is_relative_to(root):
            advice = f"the library's root is `{shown_path(root, self.base)}`"
            message = f"`{folder}` leads out of the library"
            sink.add(c.PATH_OUTSIDE, message, span, help=advice)
            return None
        if setting.span is not None and not self.files.is_folder(path):
            sink.add(c.SETTINGS_VALUE, f"there is no folder `{folder}`", span)
            return None
        return path

    def _scenario_folders(self, root: Path, settings: Settings, sink: Sink) -> tuple[Path, ...]:
        named = settings["library.scenarios"]
        setting = settings.values["library.scenarios"]
        found = (
            self._folder(root, each, setting, sink)
            for each in ([named] if isinstance(named, str) else named)
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


@frozen
class OpenLibrary:
    """What the files under one root have in common; `diagnostics` are those of its settings."""

    root: Path
    settings: Settings
    loader: Loader
    resolver: Resolver
    templates: TemplateFolder | None
    folders: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]


@frozen
class Build:
    """One file, and what each stage made of it: nothing of the stages it could not reach.

    `is_foreign`: nothing says that the file is one of ours, and found in a folder it may well be
    somebody else's. `diagnostics` are all findings, whatever the library's settings make of them.
    """

    file: LoadedFile
    library: OpenLibrary
    is_foreign: bool = False
    merged: Merged | None = None
    scenario: Scenario | None = None
    templates: TemplateSet | None = None
    plans: tuple[Plan, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def prepared(build: Build, destination: Destination) -> Build:
    """Return a build whose conversations are ready to be sent; errors when they cannot be made."""
    if build.templates is None:
        return build
    sink = Sink()
    sink.extend(build.diagnostics)
    ready = tuple(
        prepare(plan, conversation, build.templates, destination, sink)
        for plan, conversation in zip(build.plans, build.conversations, strict=True)
    )
    found = sink.sorted()
    return replaced(build, conversations=() if sink.has_errors else ready, diagnostics=found)


def _build(file: LoadedFile, library: OpenLibrary, overrides: Overrides, sink: Sink) -> Build:
    merged = library.resolver.resolve(file, sink)
    build = Build(file=file, library=library, merged=merged)
    if file.kind is not Kind.SCENARIO:
        if file.kind is not None:
            _note_not_compiled(
                file, f"a {file.kind.value} is used by scenarios, and not compiled by itself", sink
            )
        return replaced(build, diagnostics=sink.sorted())
    scenario = decode(merged, sink)
    templates = templates_of(scenario, library.templates, sink)
    build = replaced(build, scenario=scenario, templates=templates)
    meter = Meter(steps=_STEPS)
    check_templates(scenario, templates, meter, sink)
    if scenario.abstract:
        _note_not_compiled(
            file, "the scenario is abstract: made to be extended, and not compiled by itself", sink
        )
        return replaced(build, diagnostics=sink.sorted())
    defaults = Names(library.settings["compile.names"])
    made = plans(scenario, replaced(overrides, default_names=defaults), sink)
    conversations = _render(scenario, made, templates, meter, sink)
    return replaced(
        build,
        plans=made,
        conversations=() if sink.has_errors else conversations,
        diagnostics=sink.sorted(),
    )


def _render(
    scenario: Scenario,
    made: tuple[Plan, ...],
    templates: TemplateSet,
    meter: Meter,
    sink: Sink,
) -> tuple[Conversation, ...]:
    meter.steps += _STEPS_A_VARIANT * len(made)
    if sink.has_errors:  # look for what else is wrong, in one variant
        for plan in made[:1]:
            render(plan, templates, meter, sink)
        return ()
    count = sum(3 + sum(len(unit.turns) for unit in plan.units) for plan in made)
    if not charge_messages(count, sink, scenario):
        return ()
    return tuple(render(plan, templates, meter, sink) for plan in made if not meter.spent)


def templates_of(scenario: Scenario, own: TemplateFolder | None, sink: Sink) -> TemplateSet:
    """Return the templates of a scenario's language, the English ones where it has none."""
    language = scenario.language
    if language is None:
        return english_templates(own, sink)
    found = find_templates(language.value, own, sink)
    if found is not None:
        return found
    sink.add(
        c.NO_TEMPLATES,
        f"there are no templates for the language `{language.value}`: the English ones are used",
        language.node.first_line,
        help='a library can have its own: set `templates = "templates"` under `[library]` in '
        "m2her.toml, and make a folder for the language there",
        via=language.via,
    )
    return english_templates(own, sink)


def _note_not_compiled(file: LoadedFile, message: str, sink: Sink) -> None:
    if file.checked is not None:
        sink.add(c.NOT_COMPILED, message, file.checked.root.entries["m2her"].span)


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


def id_span(file: LoadedFile) -> Span:
    """Return where a file gives its id, or its header where it gives none."""
    entries = file.checked.root.entries if file.checked is not None else {}
    node = entries.get("id") or entries.get("m2her")
    return node.span if node is not None else Span(file.source, 0, 0)


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
