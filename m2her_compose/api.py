"""Compile scenarios: the two functions that applications use, and what they take and give."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .build import Wishes
from .compiler import Compiler, Input, with_unique_ids
from .config import environment
from .diagnostics import Diagnostic, Sink, Source
from .diagnostics import codes as c
from .errors import UsageError
from .scenario import Names, Overrides, Text
from .schema import Kind
from .source import Node, parse
from .source.offsets import VERBATIM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .compiled import CompiledScenario


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


# --- the two functions that applications use


def compile_scenario(
    path: str | os.PathLike[str],
    *,
    variables: Mapping[str, str | int | float | bool] | None = None,
    message: str | None = None,
    speaker: str | None = None,
    names: str | None = None,
    variant: str | Sequence[str] | None = None,
    target: str | None = None,
    budget: int | None = None,
    root: str | os.PathLike[str] | None = None,
) -> CompiledScenario:
    """Compile one scenario file.

    `variables` are values for declared variables; `message` is sent as it is, and not rendered;
    `names` is `always`, `given` or `never`; `variant` names one or several variants by their
    ids; `target` is the id of the service that the messages are made for, and `budget` the most
    prompt tokens that they may be, in place of what the library's settings say; `root` is the
    library's root in place of the one found.

    Mistakes in the scenario are in the result's `diagnostics`; what the budget left out and the
    target lost is with each variant. Raises `UsageError` when the file cannot be read, or a value
    is none that an argument takes.
    """
    if root is not None and not Path(root).is_dir():
        raise UsageError(f"{root} is no folder")
    given = Path(os.path.realpath(root)) if root is not None else None
    wishes = _wishes(target, budget)
    compiler = Compiler(root=given, environment=environment(), wishes=wishes)
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
    results = with_unique_ids([compiler.compile(item, Overrides()) for item in compiler.find(path)])
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

    def __contains__(self, scenario_id: object) -> bool:
        return scenario_id in self.scenarios

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
        target: str | None = None,
        budget: int | None = None,
    ) -> CompiledScenario:
        """Compile one scenario of the library anew; the values are as in `compile_scenario`."""
        if scenario_id not in self.scenarios:
            message = f"the library has no scenario `{scenario_id}`"
            raise UsageError(message)
        compiler = Compiler(environment=environment(), wishes=_wishes(target, budget))
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


def _wishes(target: str | None, budget: int | None) -> Wishes:
    if budget is not None and (isinstance(budget, bool) or budget < 1):
        raise UsageError(f"budget is a number of tokens from 1, and not {budget}")
    return Wishes(target=target, budget_tokens=budget)


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
