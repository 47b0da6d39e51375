"""Check a library: every file by itself, then the files beside each other, then what is silenced.

A file is built and held against the rules, which gives its findings and its `Facts`; the
library's own rules look at the facts alone. Then settings and comments are applied to all
findings together, and what is left is the report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .build import Build, OpenLibrary, Wishes, id_span, prepared, templates_of
from .checks import (
    RULES,
    Facts,
    Limits,
    Subject,
    Variant,
    ignores_of,
    library,
    lines_of,
    look,
    may_ignore,
    report_bad,
    report_unused,
    silenced,
    sketch,
    wanted,
)
from .config import policy_of, target_named, window_of
from .diagnostics import Severity, Sink, Span
from .diagnostics import codes as c
from .diagnostics.policy import governed
from .frozen import frozen, replaced
from .render import Meter, check_templates, read_paths, texts_of
from .report import Report
from .scenario import Overrides, decode
from .schema import Kind
from .source import Node, shown_path
from .tokens import EstimateCounter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .checks import Rule
    from .compiler import Compiler, Input
    from .diagnostics import Code, Diagnostic, Source
    from .diagnostics.policy import Policy
    from .resolve import LoadedFile, Merged
    from .scenario import Scenario, Text
    from .tokens import Counter

# What `compile` says of files that it does not compile, and of scenarios without a message:
# both are right as they are.
_NOT_CHECKED: Final = (c.NOT_COMPILED, c.OPEN_SCENARIO)
_STAND_IN: Final = "character"


@frozen
class Demands:
    """What the caller wants of a check, in place of what the library's settings say."""

    target: str | None = None
    counter: Counter | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    fail_on: Severity | None = None

    def policy(self, of_library: Policy) -> Policy:
        """Return a library's policy with what the caller gives in its place."""
        given = {"select": self.select, "ignore": self.ignore}
        return replaced(of_library, **{k: v for k, v in given.items() if v is not None})


@frozen
class FileResult:
    """What the check of one file gave; `facts` are None where it is none of a library's files.

    `depends_on` are the files that the findings depend on, its own first. `asked` is all that was
    asked of the files for them, but for the library's settings (`source.asking`).
    `has_ignores`: whether it may hold comments that silence findings.
    """

    source: Source
    path: Path
    library: OpenLibrary
    findings: tuple[Diagnostic, ...]
    facts: Facts | None
    depends_on: tuple[Path, ...]
    asked: Mapping[str, str] = MappingProxyType({})
    has_ignores: bool = True

    @property
    def read_paths(self) -> frozenset[Path]:
        """The paths of all that was read for it, or was to be read, but for settings."""
        questions = (question.partition(" ") for question in self.asked)
        return frozenset(Path(path) for what, _, path in questions if what == "read")


@dataclass(slots=True, kw_only=True)
class Checker:
    """Checks files; what several of them share is loaded once."""

    compiler: Compiler
    demands: Demands = field(default_factory=Demands)
    _rules: dict[Path, tuple[Rule, ...]] = field(default_factory=dict)
    _limits: dict[Path, Limits] = field(default_factory=dict)

    def check(self, items: Sequence[Input]) -> Report:
        """Check files. Raises OSError when one that was named itself cannot be read."""
        results = [self.check_file(item) for item in items]
        return self.report(results, items)

    # --- one file

    def check_file(self, item: Input) -> FileResult:
        """Check one file by itself. Raises OSError when it was named and cannot be read."""
        with self.compiler.asking.scope() as asked:
            result = self._checked(item)
        return replaced(result, asked=asked)

    def forget(self, result: FileResult) -> None:
        """Let go of a file that was checked and that others are not made to build on."""
        facts = result.facts
        if facts is None or (facts.kind is Kind.SCENARIO and not facts.abstract):
            result.library.resolver.forget(result.path)

    def _checked(self, item: Input) -> FileResult:
        build = self.compiler.build(item, Overrides(stand_ins=True))
        sink = Sink()
        file = build.file
        if build.is_foreign:
            sink.extend(build.library.diagnostics)
            _report_foreign(file, sink, named=item.folder is None)
            return _result(build, sink, None)
        sink.extend(d for d in build.diagnostics if d.code not in _NOT_CHECKED)
        report_bad(file.source, sink)
        ready = self._prepared(build)
        sink.extend(d for d in ready.diagnostics if d.is_error)
        fits = bool(ready.conversations) or not build.conversations
        subject = self._subject(build, sink, fits=fits)
        if subject is None:
            return _result(build, sink, None)
        look(subject, self._wanted(build.library), sink)
        return _result(build, sink, _facts(subject, build))

    def _prepared(self, build: Build) -> Build:
        """Return what would be sent, with an error when that cannot be made to fit."""
        if not build.conversations:
            return build
        wishes = Wishes(target=self.demands.target, counter=self.demands.counter)
        return prepared(build, wishes.destination(build.library.settings))

    def _subject(self, build: Build, sink: Sink, *, fits: bool) -> Subject | None:
        file, merged = build.file, build.merged
        if file.kind is None or merged is None:
            return None
        scenario, templates = build.scenario, build.templates
        meter = Meter()
        if scenario is None or templates is None:
            scenario = _stand_in(merged, file.kind, sink)
            templates = templates_of(scenario, None, Sink())
            check_templates(scenario, templates, meter, sink)
        texts = tuple(_all_texts(scenario))
        own = [text for text in texts if text.node.source is file.source]
        lines = [line for line in lines_of(scenario) if line.turn.text.node.source is file.source]
        return Subject(
            source=file.source,
            kind=file.kind,
            merged=merged,
            scenario=scenario,
            all_texts=texts,
            texts=tuple(own),
            lines=tuple(lines),
            written="\n".join([text.value for text in own]),
            variants=tuple(
                Variant(plan=plan, conversation=conversation)
                for plan, conversation in zip(build.plans, build.conversations, strict=False)
            ),
            fits=fits,
            templates=templates,
            limits=self._limits_in(build.library),
            read_paths=partial(read_paths, meter=meter),
        )

    def _limits_in(self, opened: OpenLibrary) -> Limits:
        if opened.root not in self._limits:
            settings = opened.settings
            target = target_named(settings, self.demands.target)
            self._limits[opened.root] = Limits(
                target=target,
                counter=self.demands.counter or EstimateCounter(),
                window_tokens=window_of(settings, target),
                budget_tokens=settings["compile.budget"],
            )
        return self._limits[opened.root]

    def _policy(self, opened: OpenLibrary) -> Policy:
        return self.demands.policy(policy_of(opened.settings))

    def _wanted(self, opened: OpenLibrary) -> tuple[Rule, ...]:
        if opened.root not in self._rules:
            self._rules[opened.root] = wanted(self._policy(opened))
        return self._rules[opened.root]

    # --- all files

    def report(self, results: Sequence[FileResult], items: Sequence[Input]) -> Report:
        """Compare the files with each other, and apply settings and comments to the findings."""
        given = {item.folder for item in items if item.folder}
        folders = [self.compiler.files.resolve(folder) for folder in given]
        left: list[Diagnostic] = []
        for root, of_root in _by_root(results).items():
            complete = any(root.is_relative_to(folder) for folder in folders)
            left.extend(self._of_library(of_root, complete=complete))
        return Report(
            diagnostics=_merged(left),
            paths=tuple(result.source.path for result in results),
            fail_on=self.demands.fail_on or _strictest(results),
        )

    def _of_library(self, results: Sequence[FileResult], *, complete: bool) -> Iterator[Diagnostic]:
        opened = results[0].library
        sink = Sink()
        for result in results:
            sink.extend(result.findings)
        facts = [result.facts for result in results if result.facts is not None]
        library.look(facts, sink, complete=complete)
        if complete and opened.templates is not None:
            library.look_at_templates(opened.templates, facts, sink)
        policy = self._policy(opened)

        def governing(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
            return governed(found, policy, path_of=partial(self._path_in, opened.root))

        checked = {result.source.path: result for result in results}
        by_source: dict[str, list[Diagnostic]] = {path: [] for path in checked}
        sources = {path: result.source for path, result in checked.items()}
        for diagnostic in governing(sink.sorted()):
            by_source.setdefault(diagnostic.span.path, []).append(diagnostic)
            sources.setdefault(diagnostic.span.path, diagnostic.span.source)
        unused = Sink()
        for path, found in by_source.items():
            is_free = path in checked and not checked[path].has_ignores
            ignores = () if is_free else ignores_of(sources[path])
            left, used = silenced(found, ignores)
            yield from left
            if not ignores or path not in checked:
                continue
            if _is_judged(checked[path], complete=complete):
                looked_for = partial(_looked_for, policy, complete=complete)
                report_unused(ignores, used, unused, looked_for=looked_for)
        yield from governing(unused.sorted())

    def _path_in(self, root: Path, diagnostic: Diagnostic) -> str:
        return shown_path(self.compiler.base / diagnostic.span.path, root)


def _by_root(results: Sequence[FileResult]) -> Mapping[Path, list[FileResult]]:
    by_root: dict[Path, list[FileResult]] = {}
    for result in results:
        by_root.setdefault(result.library.root, []).append(result)
    return by_root


def _merged(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings in order, those of one code and place once: variants repeat them."""
    found: dict[tuple[str, str, int, int], Diagnostic] = {}
    for each in sorted(diagnostics, key=lambda d: d.sort_key()):
        found.setdefault((each.code.id, each.span.path, each.span.start, each.span.end), each)
    return tuple(found.values())


def _strictest(results: Sequence[FileResult]) -> Severity:
    """Return what fails a check of several libraries: whatever fails one of them."""
    levels = list(Severity)
    given = {result.library.settings["check.fail-on"] for result in results}
    return max((Severity(each) for each in given), key=levels.index, default=Severity.ERROR)


def _is_judged(result: FileResult, *, complete: bool) -> bool:
    """Tell whether all that can be found in a file was looked for: others may find something."""
    facts = result.facts
    return facts is not None and (complete or (facts.kind is Kind.SCENARIO and not facts.abstract))


def _looked_for(policy: Policy, code: Code, *, complete: bool) -> bool:
    """Tell whether a finding that comments can silence would have been found."""
    if code.severity is Severity.ERROR or code in _NOT_CHECKED or not policy.wants(code):
        return False
    return complete or code not in library.CODES


def _report_foreign(file: LoadedFile, sink: Sink, *, named: bool) -> None:
    """Report a file without a header once: a mistake where it was named, else perhaps not ours."""
    unread = [d for d in file.diagnostics if d.code in (c.ENCODING, c.YAML_LIMIT)]
    if unread:
        sink.extend(unread[:1])
        return
    is_empty = not file.source.text.strip()
    advice = "begin it with `m2her: scenario/v1`, `m2her: character/v1` or `m2her: persona/v1`"
    sink.add(
        c.NO_HEADER,
        "the file is empty" if is_empty else "the file does not say what it is",
        Span(file.source, 0, min(1, len(file.source.text))),
        help=advice if named else f"{advice}; files of other programs belong elsewhere",
        severity=None if named else Severity.WARNING,
    )


def _stand_in(merged: Merged, kind: Kind, sink: Sink) -> Scenario:
    """Return a scenario that has nothing but one character, or one persona.

    What else it would have is unknown: the variables that the texts use, the other characters.
    """
    root = merged.root
    if kind is Kind.PERSONA:
        entries: dict[str, Node] = {"persona": root}
    else:
        cast = root._replace(value={_STAND_IN: root})
        entries = {"characters": cast}
    whole = root._replace(value=entries)
    damage = frozenset(("variables", "characters", "persona", "system", *merged.damage))
    scratch = Sink()
    found = decode(replaced(merged, root=whole, damage=damage), scratch)
    # Its id is nobody's: a file of any name can be used.
    sink.extend(d for d in scratch.sorted() if d.code is not c.BAD_IDENTIFIER)
    return found


def _all_texts(scenario: Scenario) -> Iterator[Text]:
    yield from texts_of(scenario)
    if scenario.system is not None:
        yield scenario.system


def _facts(subject: Subject, build: Build) -> Facts | None:
    if build.merged is None:
        return None
    scenario = subject.scenario
    named = subject.kind is Kind.SCENARIO
    return Facts(
        path=build.file.path,
        kind=subject.kind,
        id=scenario.id if named else "",
        abstract=scenario.abstract,
        language=scenario.language.value if scenario.language is not None else "",
        id_span=id_span(build.file),
        builds_on=build.merged.paths[1:],
        sketch=sketch(text.value for text in subject.texts) if named else (),
    )


def _result(build: Build, sink: Sink, facts: Facts | None) -> FileResult:
    paths = build.merged.paths if build.merged is not None else (build.file.path,)
    return FileResult(
        source=build.file.source,
        path=build.file.path,
        library=build.library,
        findings=sink.sorted(),
        facts=facts,
        depends_on=paths,
        has_ignores=may_ignore(build.file.source),
    )


def checked_codes() -> tuple[Code, ...]:
    """Return the codes that only a check gives: compiling finds the others."""
    ours = {
        *(code for rule in RULES for code in rule.codes),
        *library.CODES,
        c.UNUSED_IGNORE,
        c.BAD_IGNORE,
    }
    return tuple(code for code in c.ALL if code in ours and code is not c.DUPLICATE_ID)
