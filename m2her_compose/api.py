"""Compile scenarios: the library behind the command line. Prints nothing, keeps no state."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .config import FILE_NAME, Settings, environment, find_root, load_settings
from .diagnostics import Code, Diagnostic, Related, Sink, Source, Span
from .diagnostics import codes as c
from .errors import ScenarioError, SeveralVariantsError, UsageError
from .frozen import frozen, replaced
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
from .resolve import LoadedFile, Loader, Resolver
from .scenario import Names, Overrides, Plan, Scenario, Text, decode, plans
from .schema import Kind
from .source import Disk, Node, parse, shown_path
from .source.offsets import VERBATIM
from .source.walk import yaml_files
from .wire import content_hash, request_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .ir import Conversation, Message
    from .source import Files


# A typical scenario takes 500 steps for each of its variants.
_STEPS = 1_000_000
_STEPS_A_VARIANT = 2_000
# A file of a folder that has no header and no line like one is somebody else's.
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
    for a file that is none of ours.
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


@dataclass(slots=True, kw_only=True)
class Compiler:
    """Compiles files; what several of them share is loaded once.

    `base` is the folder that shown paths are relative to, `root` a library's root that holds
    for all files in place of the one that would be found.
    """

    files: Files = field(default_factory=Disk)
    base: Path = field(default_factory=lambda: Path(os.path.realpath(".")))
    root: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    _libraries: dict[Path, _Library] = field(default_factory=dict)
    _roots: dict[tuple[Path, Path | None], Path] = field(default_factory=dict)

    def compile(self, item: Input, overrides: Overrides) -> CompiledScenario:
        """Compile one file. Raises OSError when one that was named itself cannot be read."""
        path = self.files.resolve(item.path)
        library = self._library(path, item.folder)
        sink = Sink()
        sink.extend(library.diagnostics)
        if not path.is_relative_to(library.loader.root):
            return self._unusable(item, c.PATH_OUTSIDE, "lies outside of the library", sink)
        try:
            file = library.loader.load(path)
        except OSError as error:
            if item.folder is None:
                raise
            reason = error.strerror or str(error)
            return self._unusable(item, c.UNREADABLE, f"cannot be read: {reason.lower()}", sink)
        if item.folder is not None and file.kind is None and not _HEADER.search(file.source.text):
            return _result(file, library.loader.root, "", (), Sink())
        return _compile(file, library, overrides, sink)

    def settings(self, folder: Path, sink: Sink) -> Settings:
        """Return the settings that hold in a folder."""
        library = self._library(self.files.resolve(folder) / FILE_NAME, None)
        sink.extend(library.diagnostics)
        return library.settings

    @property
    def paths_read(self) -> frozenset[Path]:
        """Every file that has been read so far, its symlinks resolved."""
        return frozenset(
            path for library in self._libraries.values() for path in library.loader.paths_read
        )

    def _unusable(self, item: Input, code: Code, reason: str, sink: Sink) -> CompiledScenario:
        """Report a file that was found or named, and cannot be looked at."""
        source = Source(path=shown_path(self.base / item.path, self.base), text="")
        sink.add(code, f"`{item.path.name}` {reason}", Span(source, 0, 0))
        file = LoadedFile(
            path=self.base / item.path, source=source, checked=None, diagnostics=(), explained=()
        )
        return _result(file, item.folder or file.path.parent, "", (), sink)

    def _library(self, path: Path, folder: Path | None) -> _Library:
        key = (path.parent, folder)
        if key not in self._roots:
            given = self.files.resolve(folder) if folder is not None else None
            self._roots[key] = self.root or find_root(path, given, self.files)
        root = self._roots[key]
        if root not in self._libraries:
            self._libraries[root] = self._open(root)
        return self._libraries[root]

    def _open(self, root: Path) -> _Library:
        sink = Sink()
        settings = load_settings(root, self.base, self.files, self.environment, sink)
        loader = Loader(files=self.files, root=root, base=self.base)
        templates = None
        folder = settings["library.templates"]
        if folder is not None:
            templates = self._templates(root, folder, settings, sink)
        return _Library(
            settings=settings,
            loader=loader,
            resolver=Resolver(loader=loader),
            templates=templates,
            diagnostics=sink.sorted(),
        )

    def _templates(
        self, root: Path, folder: str, settings: Settings, sink: Sink
    ) -> TemplateFolder | None:
        path = self.files.resolve(root / folder)
        if path.is_relative_to(root):
            return TemplateFolder(files=self.files, folder=path, root=root, base=self.base)
        span = settings.values["library.templates"].span or Span(Source(path="", text=""), 0, 0)
        sink.add(
            c.PATH_OUTSIDE,
            f"`{folder}` leads out of the library",
            span,
            help=f"the library's root is `{shown_path(root, self.base)}`",
        )
        return None


@frozen
class _Library:
    """What the files under one root have in common."""

    settings: Settings
    loader: Loader
    resolver: Resolver
    templates: TemplateFolder | None
    diagnostics: tuple[Diagnostic, ...]


def _compile(
    file: LoadedFile, library: _Library, overrides: Overrides, sink: Sink
) -> CompiledScenario:
    merged = library.resolver.resolve(file, sink)
    if file.kind is not Kind.SCENARIO:
        if file.kind is not None:
            _note_not_compiled(
                file, f"a {file.kind.value} is used by scenarios, and not compiled by itself", sink
            )
        return _result(file, library.loader.root, "", (), sink)
    scenario = decode(merged, sink)
    templates = _templates(scenario, library.templates, sink)
    meter = Meter(steps=_STEPS)
    check_templates(scenario, templates, meter, sink)
    if scenario.abstract:
        _note_not_compiled(
            file, "the scenario is abstract: made to be extended, and not compiled by itself", sink
        )
        return _result(file, library.loader.root, scenario.id, (), sink, abstract=True)
    defaults = Names(library.settings["compile.names"])
    made = plans(scenario, replaced(overrides, default_names=defaults), sink)
    conversations = _render(scenario, made, templates, meter, sink)
    return _result(file, library.loader.root, scenario.id, conversations, sink)


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


def _templates(scenario: Scenario, own: TemplateFolder | None, sink: Sink) -> TemplateSet:
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


def _result(
    file: LoadedFile,
    root: Path,
    scenario_id: str,
    conversations: tuple[Conversation, ...],
    sink: Sink,
    *,
    abstract: bool = False,
) -> CompiledScenario:
    entries = file.checked.root.entries if file.checked is not None else {}
    node = entries.get("id") or entries.get("m2her")
    variants = [CompiledVariant(conversation=each) for each in conversations]
    return CompiledScenario(
        path=file.source.path,
        file=file.path,
        root=root,
        id=scenario_id,
        id_span=node.span if node is not None else Span(file.source, 0, 0),
        kind=file.kind,
        abstract=abstract,
        variants=() if sink.has_errors else tuple(variants),
        diagnostics=sink.sorted(),
    )


def with_unique_ids(results: Sequence[CompiledScenario]) -> list[CompiledScenario]:
    """Report each scenario whose id another one before it has: ids are unique in a library.

    Abstract ones do not count: nothing that is compiled bears their ids.
    """
    first: dict[tuple[Path, str], CompiledScenario] = {}
    checked: list[CompiledScenario] = []
    for result in results:
        counts = result.id and not result.abstract
        before = first.setdefault((result.root, result.id), result) if counts else result
        if before is not result:
            sink = Sink()
            sink.extend(result.diagnostics)
            sink.add(
                c.DUPLICATE_ID,
                f"the id `{result.id}` is taken",
                result.id_span,
                help="an id is unique in a library; without one it is the file's name",
                related=[Related(before.id_span, "first used here")],
            )
            result = replace(result, variants=(), diagnostics=sink.sorted())  # noqa: PLW2901
        checked.append(result)
    return checked


# --- what callers give in place of the file's


def given_node(label: str, text: str, start: int = 0, end: int | None = None) -> Node:
    """Return a value from outside of any file; `label` says where it was given (`--set`)."""
    source = Source(path=label, text=text)
    stop = len(text) if end is None else end
    value = text[start:stop]
    return Node(value=value, text=value, source=source, start=start, end=stop, style=VERBATIM)


def given_message(label: str, text: str) -> Text:
    """Return an opening message from outside: it is sent as it is, never rendered."""
    return Text(value=text, node=given_node(label, text), pointer="/message", literal=True)


def read_variables(source: Source, sink: Sink) -> dict[str, Node]:
    """Read a file of values, YAML or JSON: a map from variables to values."""
    tree = parse(source, sink)
    if tree is None:
        return {}
    if not tree.root.is_map:
        sink.add(
            c.WRONG_TYPE, "a file of values is a map from variables to values", tree.root.first_line
        )
        return {}
    return dict(tree.root.entries)


def find_inputs(path: Path) -> list[Input]:
    """Return the files that a path stands for: itself, or every YAML file of a folder."""
    if path.is_dir():
        return [Input(path=file, folder=path) for file in yaml_files(path)]
    return [Input(path=path)]


# --- the two functions that applications use


def compile_scenario(
    path: str | os.PathLike[str],
    *,
    variables: Mapping[str, str | int | float | bool] | None = None,
    message: str | None = None,
    speaker: str | None = None,
    names: str | None = None,
    variant: str | Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> CompiledScenario:
    """Compile one scenario file.

    `variables` are values for declared variables; `message` is sent as it is, and not rendered;
    `names` is `always`, `given` or `never`; `variant` names one or several variants by their
    ids; `root` is the library's root in place of the one found.

    Mistakes in the scenario are in the result's `diagnostics`. Raises `UsageError` when the
    file cannot be read or `names` is none of the three.
    """
    compiler = Compiler(
        root=Path(os.path.realpath(root)) if root is not None else None, environment=environment()
    )
    overrides = _overrides(variables, message, speaker, names, variant)
    return _compile_or_raise(compiler, Path(path), overrides)


def load_library(folder: str | os.PathLike[str]) -> Library:
    """Load a library: a folder of scenarios, characters and personas.

    Raises `UsageError` when the folder does not exist.
    """
    path = Path(os.path.realpath(folder)) if "\0" not in str(folder) else None
    if path is None or not path.is_dir():
        raise UsageError(f"{folder} is no folder")
    compiler = Compiler(environment=environment())
    results = with_unique_ids([compiler.compile(item, Overrides()) for item in find_inputs(path)])
    scenarios: dict[str, CompiledScenario] = {}
    sink = Sink()
    for each in results:
        sink.extend(d for d in each.diagnostics if d.code is not c.NOT_COMPILED)
        if each.kind is Kind.SCENARIO and not each.abstract:
            scenarios.setdefault(each.id, each)
    return Library(folder=path, scenarios=MappingProxyType(scenarios), diagnostics=sink.sorted())


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A folder's scenarios, compiled with their defaults, by id; abstract ones are left out."""

    folder: Path
    scenarios: Mapping[str, CompiledScenario]
    diagnostics: tuple[Diagnostic, ...]

    def __iter__(self) -> Iterator[CompiledScenario]:
        return iter(self.scenarios.values())

    def __len__(self) -> int:
        return len(self.scenarios)

    def __getitem__(self, scenario_id: str) -> CompiledScenario:
        return self.scenarios[scenario_id]

    def compile(
        self,
        scenario_id: str,
        *,
        variables: Mapping[str, str | int | float | bool] | None = None,
        message: str | None = None,
        speaker: str | None = None,
        names: str | None = None,
        variant: str | Sequence[str] | None = None,
    ) -> CompiledScenario:
        """Compile one scenario of the library anew; the values are as in `compile_scenario`."""
        if scenario_id not in self.scenarios:
            message = f"the library has no scenario `{scenario_id}`"
            raise UsageError(message)
        compiler = Compiler(environment=environment())
        overrides = _overrides(variables, message, speaker, names, variant)
        return _compile_or_raise(compiler, self.scenarios[scenario_id].file, overrides, self.folder)


def _compile_or_raise(
    compiler: Compiler, path: Path, overrides: Overrides, folder: Path | None = None
) -> CompiledScenario:
    if "\0" in str(path):
        raise UsageError("a path with a NUL character")
    try:
        return compiler.compile(Input(path=path, folder=folder), overrides)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error


def _overrides(
    variables: Mapping[str, str | int | float | bool] | None,
    message: str | None,
    speaker: str | None,
    names: str | None,
    variant: str | Sequence[str] | None,
) -> Overrides:
    wanted = (variant,) if isinstance(variant, str) else tuple(variant or ())
    try:
        mode = Names(names) if names is not None else None
    except ValueError as error:
        text = f"names is `always`, `given` or `never`, and not `{names}`"
        raise UsageError(text) from error
    return Overrides(
        variables={name: _given_value(name, value) for name, value in (variables or {}).items()},
        message=given_message("message", message) if message is not None else None,
        speaker=given_node("speaker", speaker) if speaker is not None else None,
        names=mode,
        variants=tuple(given_node("variant", each) for each in wanted),
    )


def _given_value(name: str, value: str | float) -> Node:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return given_node(f"variables[{name!r}]", text)
