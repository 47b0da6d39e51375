"""One file through every stage that it can go through, within what its library says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .config import Settings, target_named, window_of
from .diagnostics import Diagnostic, Sink, Span
from .diagnostics import codes as c
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
from .scenario import Names, Overrides, Plan, Scenario, decode, plans
from .schema import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .ir import Conversation
    from .resolve import LoadedFile, Loader, Merged, Resolver
    from .tokens import Counter

# A typical scenario takes 500 steps for each of its variants.
_STEPS = 1_000_000
_STEPS_A_VARIANT = 2_000


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
            budget_tokens=None if self.everything else min(budget or window, window),
            is_window=budget is None or budget > window,
        )


@frozen
class OpenLibrary:
    """What the files under one root have in common; `diagnostics` are those of its settings.

    `asked` is what was asked of the files to know this (`source.asking`).
    """

    root: Path
    settings: Settings
    loader: Loader
    resolver: Resolver
    templates: TemplateFolder | None
    folders: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]
    asked: Mapping[str, str]


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


def build_file(file: LoadedFile, library: OpenLibrary, overrides: Overrides, sink: Sink) -> Build:
    """Take a file through every stage, as far as it goes; findings go into the sink as well."""
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


def id_span(file: LoadedFile) -> Span:
    """Return where a file gives its id, or its header where it gives none."""
    entries = file.checked.root.entries if file.checked is not None else {}
    node = entries.get("id") or entries.get("m2her")
    return node.span if node is not None else Span(file.source, 0, 0)
