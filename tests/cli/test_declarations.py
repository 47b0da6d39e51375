"""What the modules of commands declare is what typer parses, and only what is asked for loads."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import pytest
import typer
from typer.models import ParameterInfo

from m2her_compose.cli import commands
from m2her_compose.cli.app import ENTRIES
from m2her_compose.cli.declaration import command_of
from m2her_compose.cli.guard import Misuse
from m2her_compose.cli.status import Status
from m2her_compose.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from m2her_compose.cli.app import Entry
    from tests.cli.conftest import Outcome, Program

HEAVY = {
    "asyncio",
    "httpx",
    "m2her_compose.compiler",
    "m2her_compose.diagnostics",
    "m2her_compose.source",
    "m2her_compose.render",
    "jinja2",
    "json",
    "yaml",
}
LOADED = """
import atexit, sys
# What measures the tests loads modules of its own.
before = set(sys.modules)
atexit.register(lambda: print(*sorted(set(sys.modules) - before), file=sys.stderr))
from m2her_compose.cli.app import entry
sys.argv[0] = "m2her"
entry()
"""
by_name = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@frozen
class Arguments:
    """Do what is asked.

    And no more than that.
    """

    paths: Annotated[tuple[str, ...], typer.Argument(metavar="PATH...")]
    counts: Annotated[tuple[int, ...], typer.Option("--count")] = ()
    colors: Annotated[tuple[str, ...], typer.Option("--color")] = ("red", "blue")
    name: Annotated[str | None, typer.Option("--name")] = None
    loud: Annotated[bool, typer.Option("--loud")] = False
    fixed = "never asked for"


def called(run: Callable[[Arguments], Status], *given: str) -> int:
    """Run a command with a command line, and return what the process would end with."""
    module: Any = SimpleNamespace(Arguments=Arguments, EPILOG="", run=run)
    with pytest.raises(SystemExit) as ended:
        command_of("do", module).main(list(given), prog_name="m2her do")
    assert isinstance(ended.value.code, int)
    return ended.value.code


# --- from a class to a command


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("a",), (("a",), (), ("red", "blue"), None, False)),
        (
            ("a", "b", "--count", "2", "--count", "3", "--name", "x", "--loud"),
            (("a", "b"), (2, 3), ("red", "blue"), "x", True),
        ),
        (("--color", "green", "--", "-a"), (("-a",), (), ("green",), None, False)),
    ],
    ids=["defaults", "all-given", "another-than-the-default"],
)
def test_fields_hold_what_is_typed(given: tuple[str, ...], expected: tuple[object, ...]) -> None:
    seen: list[Arguments] = []

    def run(arguments: Arguments) -> Status:
        seen.append(arguments)
        return Status.ERRORS

    assert Status.ERRORS == called(run, *given)
    [made] = seen
    assert expected == (made.paths, made.counts, made.colors, made.name, made.loud)


def test_a_field_without_default_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    assert Status.USAGE == called(lambda _: Status.DONE)
    assert "Missing argument 'PATH...'" in capsys.readouterr().err


def test_what_run_raises_becomes_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    def run(arguments: Arguments) -> Status:
        raise Misuse(f"no {arguments.paths[0]}")

    assert Status.USAGE == called(run, "a")
    assert "m2her: no a\n" == capsys.readouterr().err


def test_the_help_is_the_first_line_and_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    called(lambda _: Status.DONE, "--help")
    shown = capsys.readouterr().out
    assert "Do what is asked." in shown
    assert "no more" not in shown
    assert "--count" in shown
    assert "fixed" not in shown


# --- the commands there are


def test_every_module_is_a_command() -> None:
    modules = [entry.module or entry.name for entry in ENTRIES]
    assert sorted(found.name for found in pkgutil.iter_modules(commands.__path__)) == sorted(
        modules
    )


@by_name
def test_every_field_says_how_it_is_typed(entry: Entry) -> None:
    module: Any = import_module(f"{commands.__name__}.{entry.module or entry.name}")
    fields = get_type_hints(module.Arguments, include_extras=True)
    marks = {
        name: [isinstance(mark, ParameterInfo) for mark in getattr(hint, "__metadata__", ())]
        for name, hint in fields.items()
    }
    assert {name: [True] for name in fields} == marks
    assert all(mark.help for hint in fields.values() for mark in hint.__metadata__)
    assert {"arguments": module.Arguments, "return": Status} == get_type_hints(module.run)
    assert isinstance(module.EPILOG, str)


# --- what is loaded


def of_commands(done: Outcome) -> set[str]:
    """Return the modules of commands that a process had loaded at its end."""
    return {name for name in done.err.split() if name.startswith(f"{commands.__name__}.")}


def test_only_the_command_asked_for_is_loaded(m2her: Program) -> None:
    m2her.write("tea.yaml")
    done = m2her.python(LOADED, "compile", "tea.yaml")
    assert (0, {f"{commands.__name__}.compile"}) == (done.status, of_commands(done))


@by_name
def test_the_help_of_a_command_loads_only_its_declaration(m2her: Program, entry: Entry) -> None:
    done = m2her.python(LOADED, entry.name, "--help")
    own = f"{commands.__name__}.{entry.module or entry.name}"
    assert (0, {own}) == (done.status, of_commands(done))
    assert not HEAVY & set(done.err.split())


def test_the_list_of_commands_loads_nothing_heavy(m2her: Program) -> None:
    done = m2her.python(LOADED, "--help")
    assert (0, len(ENTRIES)) == (done.status, len(of_commands(done)))
    assert not HEAVY & set(done.err.split())


def test_a_new_library_is_made_without_what_reads_templates(m2her: Program) -> None:
    done = m2her.python(LOADED, "init", "library")
    assert 0 == done.status
    assert not {"jinja2", "m2her_compose.render"} & set(done.err.split())
