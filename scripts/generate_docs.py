"""Write what README.md and docs/ show of the program: outputs, help texts, templates, lists.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. NAME is a key of
`WRITERS`, and what follows it the writer's argument. Commands and Python blocks run in a
temporary folder that holds a copy of scenarios/ and the page's own files: the blocks that
follow `<!-- file: NAME -->`.

    python scripts/generate_docs.py           write
    python scripts/generate_docs.py --check   say what is out of date (status 1)
"""

from __future__ import annotations

import difflib
import importlib
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import m2her_compose.render  # noqa: E402 - the checkout's, whatever is installed
from m2her_compose.compiler import Compiler, Input  # noqa: E402
from m2her_compose.config import OPTIONS  # noqa: E402
from m2her_compose.diagnostics.codes import ALL  # noqa: E402
from m2her_compose.frozen import replaced  # noqa: E402
from m2her_compose.passes import lower  # noqa: E402
from m2her_compose.render.filters import FILTERS, METHODS, TESTS  # noqa: E402
from m2her_compose.render.templates import NAMES as TEMPLATES  # noqa: E402
from m2her_compose.scenario import Overrides  # noqa: E402
from m2her_compose.scenario.combinations import MOST_VARIANTS  # noqa: E402
from m2her_compose.source import DEFAULT_LIMITS  # noqa: E402
from m2her_compose.targets import BASIC, TARGETS, Examples, Target  # noqa: E402
from m2her_compose.targets.own import KEYS  # noqa: E402
from scripts.schema_reference import reference  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from m2her_compose.ir import Conversation

_REGION: Final = re.compile(
    r"(?P<open><!-- generated: (?P<name>[^\n]+?) -->\n)(?P<body>.*?)(?P<close><!-- end -->)",
    re.DOTALL,
)
_BLOCK: Final = re.compile(
    r"(?:^<!-- file: (?P<file>[\w./-]+)(?P<wrong>, has errors)? -->\n)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SECONDS: Final = 300
_SHIM: Final = """#!/bin/sh
exec {python} -c 'import sys
sys.argv[0] = "m2her"
from m2her_compose.cli.app import entry
entry()' "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page. `file` is the name it is given to the program by."""

    language: str
    text: str
    line: int
    file: str | None
    has_errors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a writer works with: the region as it stands, what is before it, a folder to run in."""

    argument: str
    body: str
    before: str
    folder: Path


def pages() -> list[Path]:
    """Return the pages that are kept up to date."""
    docs = ROOT / "docs"
    others = [page for page in docs.glob("*.md") if page.name != "exit-codes.md"]
    return [ROOT / "README.md", *sorted(others), *sorted((docs / "decisions").glob("*.md"))]


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    return [
        Block(
            language=found["language"],
            text=found["text"],
            line=text.count("\n", 0, found.start("language")) + 1,
            file=found["file"],
            has_errors=found["wrong"] is not None,
        )
        for found in _BLOCK.finditer(text)
    ]


@contextmanager
def workspace(text: str) -> Iterator[Path]:
    """Make a folder in which a page's commands run: the library, and the page's own files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")
        for block in blocks(text):
            if block.file is not None:
                path = folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
        yield folder


def environment(commands: Path) -> dict[str, str]:
    """Return an environment in which the program says the same on every machine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("M2HER_")}
    return {
        **kept,
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join((str(commands), os.environ.get("PATH", os.defpath))),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }


def run(command: str, folder: Path) -> str:
    """Run a shell command in a folder, `m2her` being this checkout's; return all that it prints."""
    with tempfile.TemporaryDirectory() as name:
        shim = Path(name) / "m2her"
        shim.write_text(_SHIM.format(python=shlex.quote(sys.executable)), encoding="utf-8")
        shim.chmod(0o755)
        done = subprocess.run(  # noqa: S603 - the commands are our own pages'
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=environment(Path(name)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    return done.stdout


# --- writers


def _console(context: Context) -> str:
    """Run the commands of the block again."""
    lines = ["```console"]
    for line in context.body.splitlines():
        if line.startswith("$ "):
            lines.append(line)
            lines.extend(run(line.removeprefix("$ "), context.folder).splitlines())
    return "\n".join([*lines, "```"])


def _output(context: Context) -> str:
    """Run the Python block before the region and show what it prints."""
    python = [block for block in blocks(context.before) if block.language == "python"][-1]
    script = context.folder / "_example.py"
    script.write_text(python.text, encoding="utf-8")
    printed = run(f"{shlex.quote(sys.executable)} -W error _example.py", context.folder)
    return f"```text\n{printed}```"


def _help(context: Context) -> str:
    return f"```text\n{run(f'm2her {context.argument} --help', context.folder)}```"


def _file(context: Context) -> str:
    return f"```yaml\n{(ROOT / context.argument).read_text(encoding='utf-8')}```"


def _templates(context: Context) -> str:
    folder = Path(m2her_compose.render.__file__).parent / "templates" / context.argument
    parts = [
        f"`{name}.j2`:\n\n```jinja\n{(folder / f'{name}.j2').read_text(encoding='utf-8')}```"
        for name in TEMPLATES
    ]
    return "\n\n".join(parts)


def _names(table: Mapping[str, object]) -> Callable[[Context], str]:
    def write(context: Context) -> str:
        del context
        return ", ".join(f"`{name}`" for name in table)

    return write


def _limits(context: Context) -> str:
    del context
    rows = [f"| {what} | {limit:,} |" for what, limit in _limit_rows()]
    return "\n".join(["| what | at most |", "| --- | ---: |", *rows])


def _limit_rows() -> Iterator[tuple[str, int]]:
    meter: Any = importlib.import_module("m2her_compose.render.fault").Meter()
    yield "bytes of a file", DEFAULT_LIMITS.bytes
    yield "values of a file (an alias counts as what it stands for)", DEFAULT_LIMITS.nodes
    yield "values of a scenario with all that it uses and extends", DEFAULT_LIMITS.nodes
    yield "levels of nesting in a file", DEFAULT_LIMITS.depth
    yield "digits of a number", DEFAULT_LIMITS.digits
    yield "variants of a scenario, counted before `exclude`", MOST_VARIANTS
    yield "messages of a scenario, all variants together", _constant("messages", "MOST_MESSAGES")
    yield "steps of a scenario's templates, all variants together", meter.steps
    yield "characters of all texts of a scenario, all variants together", meter.characters
    yield "characters of one text", _constant("fault", "MOST_CHARACTERS")
    yield "parts (tokens) of one template", _constant("syntax", "_MOST_TOKENS")
    yield (
        "nested blocks, brackets or conditions in a template",
        _constant("syntax", "_MOST_NESTING"),
    )
    yield "texts that use each other, in a chain", _constant("renderer", "_MOST_CHAINED")
    yield "macros that call each other, in a chain", _constant(None, "_MOST_CALLS")
    yield "numbers of a `range`", _constant(None, "_MOST_RANGE")
    yield "items of a list in a template, all levels counted", _constant(None, "_MOST_ITEMS")


def _constant(module: str | None, name: str) -> int:
    """Read a limit where it is kept: in a module of `render`, or in whichever of them has it."""
    package = m2her_compose.render
    modules = [found.name for found in pkgutil.iter_modules(package.__path__)]
    for each in [module] if module is not None else modules:
        value = getattr(importlib.import_module(f"{package.__name__}.{each}"), name, None)
        if isinstance(value, int):
            return value
    message = f"no module of {package.__name__} has {name}"
    raise LookupError(message)


def _settings(context: Context) -> str:
    del context
    rows = [
        f"| `{option.name}` | {option.about} | {option.takes} | {_shown(option.default)} |"
        for option in OPTIONS
    ]
    return "\n".join(
        ["| setting | what it does | takes | default |", "| --- | --- | --- | --- |", *rows]
    )


def _reference(context: Context) -> str:
    del context
    return reference()


def _rules(context: Context) -> str:
    del context
    rows = [
        f"| [{c.id}](rules/{c.id}.md) | `{c.slug}` | {c.severity.value} | {c.title} |" for c in ALL
    ]
    return "\n".join(["| code | name | severity | what |", "| --- | --- | --- | --- |", *rows])


# --- what becomes of everything on each target

_ALONE: Final = """
m2her: scenario/v1
title: The inn
characters:
  mara: {name: Mara, description: "<character>", greetings: ["<greeting>"]}
persona: {name: Ida, description: "<persona>"}
group: {setting: "<group>"}
examples:
  - user: "<example-user>"
    mara: "<example-ai>"
history:
  - user: "<history-user>"
  - mara: "<history-ai>"
    thought: "<thought>"
greeting: 0
message: "<message>"
parameters: {temperature: 0.9, max_completion_tokens: 400}
"""
_COMPANY: Final = """
m2her: scenario/v1
characters:
  mara: {name: Mara, description: She keeps the inn.}
  shu: {name: 诸葛亮, description: A guest.}
  lin: {name: ZhuGeLiang, description: Another guest.}
speaker: mara
persona: {name: Ida Voss}
examples:
  - user: Who is there?
    shu: "<example-other>"
history:
  - narrator: "<narrator>"
  - mara: "<speaker>"
  - shu: "<other>"
  - lin: "<another>"
message: "<message>"
model: another-model
"""
# What a row is about, in which of the two scenarios, and the text to look for.
_ROWS: Final = (
    ("the character", _ALONE, "<character>"),
    ("the persona", _ALONE, "<persona>"),
    ("the group", _ALONE, "<group>"),
    ("an example, the user's line", _ALONE, "<example-user>"),
    ("an example, the model's line", _ALONE, "<example-ai>"),
    ("an example, several speakers", _COMPANY, "<example-other>"),
    ("the greeting", _ALONE, "<greeting>"),
    ("history, the user's line", _ALONE, "<history-user>"),
    ("history, the model's line", _ALONE, "<history-ai>"),
    ("a thought", _ALONE, "<thought>"),
    ("history, several speakers", _COMPANY, "<speaker>"),
    ("the narrator", _COMPANY, "<narrator>"),
    ("the message", _ALONE, "<message>"),
    ("a name with a blank", _COMPANY, "<message>"),
    ("a name in another script", _COMPANY, "<other>"),
    ("a name like its transliteration", _COMPANY, "<another>"),
)
_TURNS: Final = replaced(BASIC, id='basic, `examples = "turns"`', examples=Examples.TURNS)


def _targets(context: Context) -> str:
    """Show, for every part of a scenario, what it is on each target: by compiling it."""
    alone, company = (_compiled(text, context.folder) for text in (_ALONE, _COMPANY))
    columns = [*TARGETS[:2], _TURNS, *TARGETS[2:]]
    header = [
        f"`{each.id}`" if each in TARGETS else f"`{BASIC.id}`, {each.id[7:]}" for each in columns
    ]
    rows = [
        [what, *(_found(alone if text is _ALONE else company, each, mark) for each in columns)]
        for what, text, mark in _ROWS
    ]
    lowered = [(lower(alone, each), lower(company, each)) for each in columns]
    rows.append(["no `model`", *(f"`{first.model}`" for first, _ in lowered)])
    rows.append(["`model: another-model`", *(f"`{second.model}`" for _, second in lowered)])
    for key in alone.parameters:
        at = list(alone.parameters).index(key)
        rows.append([f"`{key}`", *(f"`{[*first.parameters][at]}`" for first, _ in lowered)])
    lines = [["part", *header], ["---"] * (len(columns) + 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _compiled(text: str, folder: Path) -> Conversation:
    path = folder / "_target.yaml"
    path.write_text(text, encoding="utf-8")
    result = Compiler(base=folder).compile(Input(path=path), Overrides())
    (variant,) = result.variants
    return variant.conversation


def _found(conversation: Conversation, target: Target, mark: str) -> str:
    """Say in which message a text is: its role and name, its heading, what stands before it."""
    messages = lower(conversation, target).messages
    message = next(each for each in messages if mark in each.content)
    before, _, _ = message.content.partition(mark)
    head, _, label = before.rpartition("\n")
    words = [f"`{message.role.value}`"]
    if message.name is not None:
        words.append(f"named `{message.name}`")
    heading = head.rpartition("\n\n")[2].partition("\n")[0]
    if "\n\n" in before and heading.endswith(":"):
        words.append(f"under `{heading}`")
    if label:
        words.append(f"after `{label.strip()}`")
    return ", ".join(words)


def _target_keys(context: Context) -> str:
    del context
    rows = [f"| `{key.name}` | {key.about} | {key.takes} |" for key in KEYS]
    return "\n".join(["| setting | what it says | takes |", "| --- | --- | --- |", *rows])


def _target_facts(context: Context) -> str:
    """List the targets with what is known of them, and from where."""
    del context
    parts: list[str] = []
    for target in TARGETS:
        sources = [
            f"- {_fields(each.about)}: {each.says} ({each.noted})" for each in target.sources
        ]
        parts.append("\n".join([f"**`{target.id}`**: {target.title}", "", *sources]))
    return "\n\n".join(parts)


def _fields(about: str) -> str:
    return ", ".join(f"`{field}`" for field in about.split(", "))


def _layers(context: Context) -> str:
    """Show the layers as the linter has them."""
    del context
    with (ROOT / "pyproject.toml").open("rb") as file:
        [contract] = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return "```text\n" + "\n".join(contract["layers"]) + "\n```"


def _shown(value: object) -> str:
    return "none" if value in (None, [], {}) else f"`{value}`"


WRITERS: Final[Mapping[str, Callable[[Context], str]]] = {
    "console": _console,
    "file": _file,
    "filters": _names(FILTERS),
    "help": _help,
    "layers": _layers,
    "limits": _limits,
    "methods": _names(METHODS),
    "output": _output,
    "reference": _reference,
    "rules": _rules,
    "settings": _settings,
    "target-facts": _target_facts,
    "target-keys": _target_keys,
    "targets": _targets,
    "templates": _templates,
    "tests": _names(TESTS),
}


# --- pages


def generated(text: str) -> str:
    """Return a page with its generated parts written anew."""

    def write(found: re.Match[str]) -> str:
        name, _, argument = found["name"].partition(" ")
        context = Context(
            argument=argument, body=found["body"], before=text[: found.start()], folder=folder
        )
        return f"{found['open']}{WRITERS[name](context)}\n{found['close']}"

    with workspace(text) as folder:
        return _REGION.sub(write, text)


def outside_of_regions(text: str) -> str:
    """Return a page without its generated parts."""
    return _REGION.sub("", text)


def main(arguments: list[str]) -> int:
    """Write or check the pages; return the exit status."""
    check = arguments == ["--check"]
    found = pages()
    before = [page.read_text(encoding="utf-8") for page in found]
    with ThreadPoolExecutor(max_workers=4) as pool:
        after = list(pool.map(generated, before))
    stale = False
    for page, old, new in zip(found, before, after, strict=True):
        if old == new:
            continue
        stale = True
        name = page.relative_to(ROOT).as_posix()
        if not check:
            page.write_text(new, encoding="utf-8")
            print(f"wrote {name}")
            continue
        old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(old_lines, new_lines, name, f"{name} (new)"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
