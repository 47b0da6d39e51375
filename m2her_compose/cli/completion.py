"""What a shell offers for the word under the cursor: commands, options, and what they take.

A command's own declaration says what its words are: `metavar` tells a choice (`text|json`), a
file, a folder, a scenario. Nothing is printed here, and a library that is broken offers less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_LONGEST_ABOUT: Final = 80
_CHOICE: Final = re.compile(r"\w[\w-]*(?:\|\w[\w-]*)+")
_OPTION_OF_PROGRAM: Final = "-"


@dataclass(slots=True)
class _Line:
    """The words of a command that stand before the cursor, told apart.

    `open_option` is an option whose value comes next; `is_over`: after `--` there are no options.
    """

    arguments: list[str] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    open_option: Any = None
    is_over: bool = False


def candidates(words: Sequence[str], program: Any) -> tuple[Candidate, ...]:
    """Return what the last of `words` could become; the program's own name is none of them.

    `program` is the group of all commands. Candidates begin with what was typed, but for the one
    file that a scenario's id stands for.
    """
    *before, current = words or ("",)
    start = next((i for i, word in enumerate(before) if not word.startswith("-")), None)
    if start is None:
        found = _of_program(program, wants_option=current.startswith(_OPTION_OF_PROGRAM))
        return _shown(_beginning(current, found))
    command = program.get_command(None, before[start])
    if command is None:
        return ()
    line = _read(command, before[start + 1 :])
    return _shown(_of_command(command, line, current))


def _of_program(program: Any, *, wants_option: bool) -> Iterable[Candidate]:
    if wants_option:
        yield from _options(program, set())
        return
    for name in program.list_commands(None):
        yield Candidate(name, program.get_command(None, name).get_short_help_str(_LONGEST_ABOUT))


def _read(command: Any, words: Iterable[str]) -> _Line:
    options = {name: param for param in _params(command, "option") for name in param.opts}
    line = _Line()
    for word in words:
        if line.open_option is not None:
            line.open_option = None
        elif line.is_over or word == "-" or not word.startswith("-"):
            line.arguments.append(word)
        elif word == "--":
            line.is_over = True
        else:
            name, has_value, _ = word.partition("=")
            if not word.startswith("--"):
                name, has_value = word[:2], word[2:]
            option = options.get(name)
            if option is not None:
                line.given.add(option.name)
                line.open_option = None if has_value or option.is_flag else option
    return line


def _of_command(command: Any, line: _Line, current: str) -> Iterable[Candidate]:
    if line.open_option is not None:
        return _values(line.open_option, line, current)
    if current.startswith("-") and not line.is_over and current != "-":
        name, has_value, value = current.partition("=")
        if not has_value:
            return _beginning(current, _options(command, line.given))
        option = next((p for p in _params(command, "option") if name in p.opts), None)
        if option is None or option.is_flag:
            return ()
        found = _values(option, line, value)
        return [Candidate(f"{name}={each.value}", each.about) for each in found]
    argument = _argument(command, len(line.arguments))
    return _values(argument, line, current) if argument is not None else ()


def _argument(command: Any, position: int) -> Any:
    """Return the argument at a position; None where the command takes no more."""
    for param in _params(command, "argument"):
        if param.nargs < 0 or position < param.nargs:
            return param
        position -= param.nargs
    return None


def _options(command: Any, given: set[str]) -> Iterable[Candidate]:
    """Yield the long names of options, less those that were given and count once."""
    for param in _params(command, "option"):
        if param.name not in given or param.multiple:
            long = [name for name in param.opts if name.startswith("--")]
            yield from (Candidate(name, param.help or "") for name in long[:1])
    yield Candidate("--help", "Show this message and exit.")


def _params(command: Any, kind: str) -> list[Any]:
    return [
        param
        for param in command.params
        if param.param_type_name == kind and not getattr(param, "hidden", False)
    ]


# --- what a word is to be


def _values(param: Any, line: _Line, current: str) -> Iterable[Candidate]:
    """Return the candidates for an option's or an argument's value."""
    metavar = param.metavar or ""
    choice = _CHOICE.search(metavar)
    if choice is not None:
        return _beginning(current, map(Candidate, choice[0].split("|")))
    from . import candidates as library

    by_option: dict[str, Callable[[], Iterable[Candidate]]] = {
        "--set": lambda: library.assignments(line.arguments, current),
        "--variant": lambda: library.variants(line.arguments, current),
        "--speaker": lambda: library.speakers(line.arguments),
        "--target": library.targets,
    }
    for name in param.opts:
        if name in by_option:
            return _beginning(current, by_option[name]())
    by_word: dict[str, Callable[[], Iterable[Candidate]]] = {
        "CODES": lambda: library.several_codes(current),
        "CODE": lambda: _beginning(current, library.codes(current)),
        "KIND": lambda: _beginning(current, library.schema_kinds()),
        "DIR": lambda: library.paths(current, folders_only=True),
        "FILE": lambda: library.paths(current),
        "SCENARIO": lambda: library.scenario_files(current),
        "PATH": lambda: library.scenario_files(current),
    }
    is_argument = param.param_type_name == "argument"
    for word in re.findall(r"[A-Z]+", metavar):
        if word == "PATH" and not is_argument:  # of `--output`
            return library.paths(current)
        if word in by_word:
            return by_word[word]()
    return ()


def _beginning(current: str, found: Iterable[Candidate]) -> Iterable[Candidate]:
    return (each for each in found if each.value.startswith(current))


def _shown(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return each candidate once, in order, less those that no line could hold."""
    from ..emit.terminal import visible

    kept: dict[str, Candidate] = {}
    for each in found:
        if each.value.isprintable():
            about = visible(" ".join(each.about.split()))[:_LONGEST_ABOUT]
            kept.setdefault(each.value, Candidate(each.value, about))
    return tuple(kept.values())
