"""The corpus: what is found, what is not, what is compiled; and a page for every finding.

What compiling finds is found by compiling; what only a check finds, by a check for that code.

`tests/corpus/err` holds mistakes with what is said of each, `near` what looks like a mistake and
is none, `compile` scenarios with the requests they become. An input is one file, or a folder with
a `main.yaml` and, in `options.json`, what the caller gives. Files are named after the code they
are about: `<slug>.yaml`, or `<slug>--<what>.yaml` when there are several.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose import compile_scenario, load_library
from m2her_compose.api import given_message, given_node
from m2her_compose.checker import Checker, Demands, checked_codes
from m2her_compose.compiler import Compiler, Input
from m2her_compose.diagnostics import Severity, codes
from m2her_compose.emit.explanation import explanation
from m2her_compose.report import render_diagnostics, summary
from m2her_compose.scenario import Names, Overrides

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from m2her_compose.compiled import CompiledScenario
    from m2her_compose.diagnostics import Code, Diagnostic

    from ..conftest import Golden

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"
PAGES = ROOT / "docs" / "rules"
MAIN = "main.yaml"
WIDTH = 100


# --- what the corpus holds


def inputs(folder: Path) -> list[Path]:
    """Return the inputs in a folder: files, and the main files of folders."""
    found = [*folder.glob("*.yaml"), *folder.glob(f"*/{MAIN}")]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def case_name(path: Path) -> str:
    return path.parent.name if path.name == MAIN else path.stem


def slug_of(path: Path) -> str:
    return case_name(path).partition("--")[0]


def cases(kind: str) -> list[Any]:
    return [pytest.param(path, id=case_name(path)) for path in inputs(CORPUS / kind)]


def each_code() -> list[Any]:
    return [pytest.param(code, id=code.slug) for code in codes.ALL]


# --- running it


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller gives beside the file."""

    variables: Mapping[str, Any]
    message: str | None = None
    speaker: str | None = None
    names: str | None = None
    variants: Sequence[str] = ()
    library: bool = False
    target: str | None = None


def options_of(path: Path) -> Options:
    file = path.parent / "options.json"
    given = (
        json.loads(file.read_text(encoding="utf-8")) if path.name == MAIN and file.is_file() else {}
    )
    variant = given.pop("variant", ())
    variants = (variant,) if isinstance(variant, str) else tuple(variant)
    return Options(variables=given.pop("variables", {}), variants=variants, **given)


def compiled(path: Path, options: Options, base: Path = CORPUS) -> CompiledScenario:
    """Compile as the command line does, with paths shown relative to `base`."""
    overrides = Overrides(
        variables={name: assignment(name, value) for name, value in options.variables.items()},
        message=given_message("--message", options.message) if options.message else None,
        speaker=given_node("--speaker", options.speaker) if options.speaker else None,
        names=Names(options.names) if options.names else None,
        variants=tuple(given_node("--variant", each) for each in options.variants),
    )
    return Compiler(base=base).compile(Input(path=path), overrides)


def assignment(name: str, value: str) -> Any:
    node = given_node("--set", f"{name}={value}", len(name) + 1)
    return node._replace(key_start=0, key_end=len(name))


def checked(path: Path, code: Code, options: Options, base: Path) -> tuple[Diagnostic, ...]:
    """Check for one code: a file, or all files beside a `main.yaml`."""
    compiler = Compiler(base=base)
    items = compiler.find(path.parent) if path.name == MAIN else [Input(path=path)]
    # An ignore is unused where what it names is looked for.
    select = () if code is codes.UNUSED_IGNORE else (code.id,)
    demands = Demands(select=select, target=options.target)
    found = Checker(compiler=compiler, demands=demands).check(items)
    return tuple(d for d in found.diagnostics if d.code is code or d.is_error)


CHECKED = {code.slug: code for code in checked_codes()}


def findings(path: Path, base: Path = CORPUS) -> tuple[Diagnostic, ...]:
    options = options_of(path)
    if slug_of(path) in CHECKED:
        return checked(path, CHECKED[slug_of(path)], options, base)
    if options.library:
        with contextlib.chdir(base):  # paths are shown relative to the current folder
            return load_library(path.parent).diagnostics
    return compiled(path, options, base).diagnostics


def report(found: tuple[Diagnostic, ...]) -> str:
    text = render_diagnostics(found, color=False, width=WIDTH)
    return f"{text}\n{summary(found, color=False)}\n"


def found_codes(found: tuple[Diagnostic, ...]) -> set[str]:
    return {diagnostic.code.slug for diagnostic in found}


# --- mistakes, and what is said of them


@pytest.mark.parametrize("path", cases("err"))
def test_a_mistake_is_reported_in_exactly_these_words(path: Path, golden: Golden) -> None:
    found = findings(path)
    assert found, "an input of `err` has findings"
    expected = path.with_name("expected.out") if path.name == MAIN else path.with_suffix(".out")
    golden(expected, report(found))


@pytest.mark.parametrize("path", cases("err"))
def test_a_mistake_is_reported_under_the_code_that_its_file_is_named_after(path: Path) -> None:
    known = {code.slug for code in codes.ALL}
    assert slug_of(path) in found_codes(findings(path)) or slug_of(path) not in known


@pytest.mark.parametrize("path", cases("near"))
def test_a_near_miss_is_no_mistake(path: Path) -> None:
    found = findings(path)
    assert slug_of(path) not in found_codes(found)
    assert not [d for d in found if d.is_error], report(found)


@pytest.mark.parametrize("path", cases("err"))
def test_messages_keep_to_the_house_style(path: Path) -> None:
    """Lower case, no final period; names stand in backticks, which come in pairs."""
    for diagnostic in findings(path):
        message = diagnostic.message
        assert not re.match(r"[A-Z][a-z]", message), message
        assert not message.endswith("."), message
        assert message.count("`") % 2 == 0, message


# --- what is compiled


@pytest.mark.parametrize("path", cases("compile"))
def test_a_scenario_becomes_exactly_this_request(path: Path, golden: Golden) -> None:
    result = compiled(path, options_of(path), path.parent)
    assert result.ok, report(result.diagnostics)
    bodies = [variant.request() for variant in result.variants]
    body = bodies[0] if len(bodies) == 1 else bodies
    golden(path.with_name("expected.json"), json.dumps(body, ensure_ascii=False, indent=2) + "\n")


@pytest.mark.parametrize("path", cases("compile"))
def test_variants_have_exactly_these_ids(path: Path, golden: Golden) -> None:
    result = compiled(path, options_of(path), path.parent)
    expected = path.with_name("expected.ids.txt")
    assert expected.is_file() == (len(result.variants) > 1)
    if expected.is_file():
        golden(expected, "".join(f"{variant.id}\n" for variant in result.variants))


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.parent.name)
        for path in inputs(CORPUS / "compile")
        if path.with_name("expected.explain.txt").is_file()
    ],
)
def test_every_piece_is_traced_to_exactly_these_places(path: Path, golden: Golden) -> None:
    result = compiled(path, options_of(path), path.parent)
    text = "".join(explanation(v.conversation, v.content_hash) for v in result.variants)
    golden(path.with_name("expected.explain.txt"), text)


def places(result: CompiledScenario, role: str) -> dict[str, set[str]]:
    """Return the pointers that each piece of the messages of a role came from."""
    [variant] = result.variants
    return {
        piece.text: {origin.pointer for origin in piece.origins}
        for message in variant.messages
        if message.role.value == role
        for piece in message.pieces
    }


def test_what_is_computed_names_every_value_it_was_made_of() -> None:
    """A number has a place as well as a text has one."""
    path = CORPUS / "compile" / "scopes" / MAIN
    pieces = places(compiled(path, options_of(path)), "user")
    assert "/variables/guests/default" in pieces["4"]
    assert "/variables/open/default" in pieces["true"]


def test_a_name_that_nobody_wrote_is_traced_to_its_placeholder() -> None:
    """`{{user}}` in a raw text: the text asked for it, and no template did."""
    path = CORPUS / "compile" / "raw-file" / MAIN
    pieces = places(compiled(path, options_of(path)), "system")
    assert pieces["User"] == {"/characters/mara/description"}


def test_the_public_function_gives_the_same_request() -> None:
    path = CORPUS / "compile" / "guide-usage-example" / MAIN
    assert compile_scenario(path, names="given").request() == json.loads(
        path.with_name("expected.json").read_text(encoding="utf-8")
    )


# --- each code has all that belongs to it


@pytest.mark.parametrize("code", each_code())
def test_a_code_has_an_input_a_near_miss_and_a_page(code: Code) -> None:
    assert code.slug in {case_name(path) for path in inputs(CORPUS / "err")}
    assert code.slug in {slug_of(path) for path in inputs(CORPUS / "near")}
    assert (PAGES / f"{code.id}.md").is_file()


def test_every_page_belongs_to_a_code() -> None:
    assert {path.name for path in PAGES.iterdir()} == {f"{code.id}.md" for code in codes.ALL}


def test_near_misses_are_named_after_codes() -> None:
    assert {slug_of(path) for path in inputs(CORPUS / "near")} == {c.slug for c in codes.ALL}


def test_expected_outputs_belong_to_inputs() -> None:
    for output in (CORPUS / "err").rglob("*.out"):
        source = (
            output.with_name(MAIN) if output.stem == "expected" else output.with_suffix(".yaml")
        )
        assert source.is_file(), output.name


def test_codes_are_unique_and_well_formed() -> None:
    ids = [code.id for code in codes.ALL]
    slugs = [code.slug for code in codes.ALL]
    assert ids == sorted(set(ids))
    assert len(slugs) == len(set(slugs))
    assert all(re.fullmatch(r"M2H[1-8]\d\d", each) for each in ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each) for each in slugs)
    for code in codes.ALL:
        assert code.title, code.id
        assert not code.title.endswith("."), code.title
        assert code.title[:1] == "`" or code.title[:1].islower() or code.title.startswith("m2her")


# --- pages

SECTIONS = ["What", "Why", "Wrong", "Right", "Configure"]
MARK = re.compile(r"# file: (?P<name>[\w./-]+)\n", re.MULTILINE)
COMMAND = re.compile(r"^# m2her (compile main\.yaml|check)(?P<options>.*)\n", re.MULTILINE)
ENCODING = re.compile(r"^# saved as: (?P<name>[\w-]+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of docs/rules: its title, its severity, and its sections by their headings."""

    title: str
    lead: str
    sections: Mapping[str, str]

    def example(self, section: str) -> str:
        blocks = re.findall(
            r"^```yaml\n(.*?)^```$", self.sections[section], re.DOTALL | re.MULTILINE
        )
        assert len(blocks) == 1, f"{section} has one example"
        return str(blocks[0])


def read_page(code: Code) -> Page:
    text = (PAGES / f"{code.id}.md").read_text(encoding="utf-8")
    head, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    title, _, lead = head.partition("\n")
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    return Page(title=title, lead=lead.strip(), sections=sections)


def example_findings(
    example: str, folder: Path, code: Code, *, also_others: bool = False
) -> tuple[Diagnostic, ...]:
    """Write an example's files and compile `main.yaml`, with what its command line gives.

    `# file: NAME` begins a file, `# saved as: NAME` says how the bytes are encoded, and
    `# m2her compile main.yaml …` is the command. A check's code is looked for in all files,
    where one of them is no `main.yaml` as a whole library; `also_others`: whatever is no note.
    """
    command = COMMAND.search(example)
    encoding = ENCODING.search(example)
    files = ENCODING.sub("", COMMAND.sub("", example))
    first, *parts = MARK.split(files)
    texts = dict(zip(parts[::2], parts[1::2], strict=True)) or {MAIN: first}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode(encoding["name"] if encoding else "utf-8"))
    if code.slug in CHECKED:
        words = shlex.split(command["options"]) if command else []
        target = words[words.index("--target") + 1] if "--target" in words else None
        demands = Demands(
            select=() if also_others or code is codes.UNUSED_IGNORE else (code.id,),
            target=target,
        )
        compiler = Compiler(base=folder.resolve())
        items = (
            compiler.find(folder.resolve())
            if len(texts) > 1 or MAIN not in texts
            else [Input(path=folder.resolve() / MAIN)]
        )
        found = Checker(compiler=compiler, demands=demands).check(items).diagnostics
        return tuple(d for d in found if d.severity is not Severity.NOTE or d.code is code)
    if MAIN not in texts:  # a library of several scenarios
        return load_library(folder).diagnostics
    words = shlex.split(command["options"]) if command else []
    options = dict(zip(words[::2], words[1::2], strict=True))
    name, _, value = options.pop("--set", "").partition("=")
    given = Options(
        variables={name: value} if name else {},
        message=options.pop("--message", None),
        speaker=options.pop("--speaker", None),
        variants=tuple(filter(None, [options.pop("--variant", "")])),
    )
    assert not options, f"unknown options {options}"
    return compiled(folder.resolve() / MAIN, given, folder.resolve()).diagnostics


@pytest.mark.parametrize("code", each_code())
def test_a_page_has_its_title_its_severity_and_its_sections(code: Code) -> None:
    page = read_page(code)
    assert page.title == f"# {code.id} {code.slug}"
    assert page.lead == f"Severity: {code.severity.value}."
    assert list(page.sections) == SECTIONS
    assert all(text.strip() for text in page.sections.values())


@pytest.mark.parametrize("code", each_code())
def test_the_wrong_example_of_a_page_has_the_finding(code: Code, tmp_path: Path) -> None:
    found = example_findings(read_page(code).example("Wrong"), tmp_path, code)
    others = found_codes(found) - {code.slug}
    assert code.slug in found_codes(found), report(found)
    assert not others or code is codes.TOO_MANY_FINDINGS, report(found)


@pytest.mark.parametrize("code", each_code())
def test_the_right_example_of_a_page_has_no_finding(code: Code, tmp_path: Path) -> None:
    found = example_findings(read_page(code).example("Right"), tmp_path, code, also_others=True)
    assert not found, report(found)
