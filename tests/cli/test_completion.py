"""Completion, asked as shells ask for it, and in real shells."""

from __future__ import annotations

import contextlib
import os
import pty
import shlex
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.conftest import REPOSITORY, surroundings
from tests.processes import finished, started

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli.conftest import Program

BREAKS: Final = " \t\n\"'><=;|&(:"
INN: Final = """\
m2her: scenario/v1
title: The inn
variables:
  mood: {enum: [calm, "out of temper"], default: calm, description: How she is.}
  late: {type: boolean, default: false}
  hour: noon
matrix:
  mood: {calm: calm, storm: out of temper}
  late: [true, false]
characters:
  mara: {name: Mara, description: "Calm, or {{ vars.mood }} at {{ vars.hour }}, {{ vars.late }}."}
  otto: {name: Otto, description: A guest.}
speaker: mara
message: Hello.
"""
# A program that does nothing but remember its arguments, unless it is asked for completion.
SHIM: Final = """\
#!/bin/sh
if [ "$1" = completion ]; then exec {python} -m m2her_compose "$@"; fi
for each in "$@"; do printf '%s\\n' "$each" >> {log}; done
printf '%s\\n' -- >> {log}
"""


@pytest.fixture
def library(m2her: Program) -> Program:
    m2her.write("m2her.toml", '[targets.house]\nbase = "basic"\n')
    m2her.write("scenes/inn.yaml", INN)
    m2her.write("scenes/my inn.yaml", INN.replace("title: The", "id: my_inn\ntitle: My"))
    m2her.write("scenes/base.yaml", "m2her: scenario/v1\nabstract: true\nid: base\n")
    m2her.write("cast/mara.yaml", "m2her: character/v1\nname: Mara\n")
    m2her.write("notes.txt", "none of ours")
    return m2her


def offered(program: Program, *words: str, shell: str = "fish") -> list[str]:
    """Return what is offered for the last of the words, without descriptions."""
    done = program("completion", shell, *(f"--word={word}" for word in words))
    assert (0, "") == (done.status, done.err)
    return [line.partition("\t")[0] for line in done.out.splitlines()]


def in_bash(program: Program, line: str) -> list[str]:
    done = program("completion", "bash", f"--word={line}", f"--breaks={BREAKS}")
    assert (0, "") == (done.status, done.err)
    return done.out.splitlines()


# --- what is offered


def test_commands_and_what_they_are_for(m2her: Program) -> None:
    done = m2her("completion", "fish", "--word=ch")
    assert "check\tSay what is wrong with scenarios, characters and personas.\n" == done.out
    assert ["--version", "--help"] == offered(m2her, "--")
    assert {"compile", "new", "schema", "completion"} < {*offered(m2her, "")}


def test_every_option_of_a_command_is_offered_once(m2her: Program) -> None:
    options = offered(m2her, "compile", "--")
    assert {"--set", "--variant", "--target", "--help"} < {*options}
    left = offered(m2her, "compile", "--target", "basic", "--set", "a=b", "--")
    assert {"--target"} == {*options} - {*left}
    assert ["--stdin-filename"] == offered(m2her, "compile", "--st")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("compile", "--format", "j"), ["jsonl"]),
        (("compile", "-f", "j"), ["jsonl"]),
        (("compile", "--format=j"), ["--format=jsonl"]),
        (("compile", "--names", ""), ["always", "given", "never"]),
        (("compile", "x.yaml", "--color", "a"), ["auto", "always"]),
        (("check", "--fail-on", "w"), ["warning"]),
        (("explain", "M2H10"), [f"M2H10{n}" for n in range(1, 10)]),
        (("explain", "unused-v"), ["unused-variable"]),
        (("check", "--select", "M2H1,unused-v"), ["M2H1,unused-variable"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("new", "sc"), ["scenario"]),
        (("new", "scenario", ""), []),
        (("schema", "per"), ["persona"]),
        (("compile", "--target", "h"), ["house"]),
        (("compile", "--message", ""), []),
        (("nonsense", ""), []),
        (("explain", "M2H108", ""), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_values(library: Program, words: tuple[str, ...], expected: list[str]) -> None:
    assert expected == offered(library, *words)


def test_scenarios_that_compile_and_where_others_are(library: Program) -> None:
    """By their titles; not what is hidden, and no other files."""
    library.write(".hidden/x.yaml")
    done = library("completion", "zsh", "--word=compile", "--word=")
    assert [
        "scenes/inn.yaml\tThe inn",
        "scenes/my inn.yaml\tMy inn",
        "cast/",
        "scenes/",
    ] == done.out.splitlines()
    assert ["cast/mara.yaml"] == offered(library, "check", "cast/")


def test_an_id_becomes_the_path_of_its_scenario(library: Program) -> None:
    assert ["scenes/my inn.yaml"] == offered(library, "compile", "my")
    library.write("scenes/myth.yaml")
    library.write("scenes/mystery.yaml", "m2her: scenario/v1\nsystem: You keep it.\n")
    assert ["my_inn", "mystery"] == offered(library, "compile", "my")


def test_from_within_and_from_above_the_library(library: Program) -> None:
    def paths(cwd: Path, word: str) -> list[str]:
        done = library("completion", "fish", "--word=compile", f"--word={word}", cwd=cwd)
        return [line.partition("\t")[0] for line in done.out.splitlines()]

    assert ["inn.yaml"] == paths(library.folder / "scenes", "in")
    assert ["../scenes/inn.yaml"] == paths(library.folder / "cast", "../scenes/i")
    assert ["work/scenes/inn.yaml"] == paths(library.folder.parent, "inn")


def test_without_a_library_no_folder_is_searched(m2her: Program) -> None:
    m2her.write("far/below/tea.yaml")
    assert ["far/"] == offered(m2her, "compile", "")
    assert [] == offered(m2her, "compile", "tea")


def test_files_and_folders(library: Program) -> None:
    assert ["notes.txt"] == offered(library, "compile", "--vars", "no")
    assert ["cast/"] == offered(library, "compile", "--root", "ca")
    assert ["--output=notes.txt"] == offered(library, "compile", "--output=no")
    assert ["cast/"] == offered(library, "init", "ca")


def test_variables_and_their_values(library: Program) -> None:
    given = ("compile", "scenes/inn.yaml", "--set")
    done = library("completion", "fish", *(f"--word={word}" for word in (*given, "")))
    assert ["mood=\tHow she is.", "late=", "hour="] == done.out.splitlines()
    assert ["mood=calm", "mood=out of temper"] == offered(library, *given, "mood=")
    assert ["late=true", "late=false"] == offered(library, *given, "late=")
    assert ["hour=noon"] == offered(library, *given, "hour=")
    assert ["--set=mood=calm"] == offered(library, *given[:2], "--set=mood=c")
    assert ["mood=calm"] == offered(library, "tokens", "-s", "late=true", ".", "-s", "mood=c")
    assert ["mood=calm"] == offered(library, "show", "inn", "--set", "mood=c")


def test_variants_by_their_labels_or_their_ids(library: Program) -> None:
    given = ("compile", "scenes/inn.yaml", "--variant")
    assert ["mood=storm,late=true", "mood=storm,late=false"] == offered(library, *given, "mood=s")
    assert ["inn[mood=calm,late=true]"] == offered(library, *given, "inn[mood=calm,late=t")


def test_speakers(library: Program) -> None:
    done = library(
        "completion",
        "fish",
        "--word=compile",
        "--word=scenes/inn.yaml",
        "--word=--speaker",
        "--word=",
    )
    assert "mara\tMara\notto\tOtto\n" == done.out


# --- what is broken or hostile


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"m2her: scenario/v1\nvariables: [\n", id="no-yaml"),
        pytest.param(b"m2her: scenario/v1\nvariables: 7\nmatrix: {a: 1}\n", id="wrong-types"),
        pytest.param(b"\xff\xfe\x00", id="no-text"),
        pytest.param(b"m2her: scenario/v1\nextends: gone.yaml\nmatrix: {x: [1]}\n", id="gone"),
        pytest.param(b"m2her: scenario/v1\na: " + b"[" * 5000, id="deep"),
        pytest.param(b"m2her: scenario/v1\nvariables: {a: {enum: 7, default: []}}", id="bad-enum"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_broken_scenario_offers_less_and_says_nothing(library: Program, text: bytes) -> None:
    library.write("scenes/broken.yaml", text)
    for words in (
        ("compile", ""),
        ("compile", "scenes/broken.yaml", "--set", ""),
        ("compile", "scenes/broken.yaml", "--set", "a="),
        ("compile", "scenes/broken.yaml", "--variant", ""),
        ("compile", "scenes/broken.yaml", "--speaker", ""),
    ):
        assert all("broken" in each or "compile" in words for each in offered(library, *words))


@pytest.mark.parametrize("settings", [b"[library", b'[library]\nscenarios = "/etc"\n', b"\xff"])
def test_broken_settings_are_no_reason_to_say_anything(library: Program, settings: bytes) -> None:
    library.write("m2her.toml", settings)
    assert ["inn"] != offered(library, "compile", "in")
    assert ["openai", "openrouter"] == offered(library, "compile", "--target", "o")
    assert not any("etc" in each for each in offered(library, "compile", ""))


@pytest.mark.parametrize(
    "words",
    [
        ("compile", "gone.yaml", "--set", ""),
        ("compile", "gone/", "--set", ""),
        ("compile", "a", "--variant", "["),
        ("compile", "/dev/null", "--set", ""),
        ("compile", "/proc/self/mem", "--set", ""),
        ("compile", "~nobody-is-called-so/x"),
        ("compile", "x" * 10_000),
        ("compile", "x" * 10_000, "--set", ""),
        ("compile", "--set", "=" * 100),
        ("--", "--", "-"),
        ("-", ""),
        ("",),
        ("compile", "--", "--se"),
        ("config", "../../../../"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_whatever_is_typed_nothing_is_said(library: Program, words: Sequence[str]) -> None:
    offered(library, *words)


def test_names_and_titles_do_nothing_to_the_terminal(library: Program) -> None:
    library.write("scenes/a.yaml", 'm2her: scenario/v1\ntitle: "x\u202e\x1b[31m\ty"\n')
    library.write(b"scenes/b\x1b[31m\n.yaml")
    done = library("completion", "fish", "--word=compile", "--word=scenes/")
    assert (0, False) == (done.status, "\x1b" in done.out or "\u202e" in done.out)
    assert all(line.count("\t") <= 1 for line in done.out.splitlines())


# --- the scripts


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_and_its_shell_can_read_it(m2her: Program, shell: str) -> None:
    done = m2her("completion", shell)
    assert (0, "") == (done.status, done.err)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = m2her.write("script", done.out)
    assert 0 == finished([shell, "-n", path]).returncode


def test_another_shell_is_refused(m2her: Program) -> None:
    done = m2her("completion", "tcsh")
    assert (2, "") == (done.status, done.out)
    assert "none of bash, zsh, fish" in done.err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("m2her compile scenes/my", [r"scenes/my\ inn.yaml"]),
        ("m2her compile scenes/my\\ i", [r"scenes/my\ inn.yaml"]),
        ("m2her compile 'scenes/my i", ["scenes/my inn.yaml"]),
        ('m2her compile "scenes/my', ["scenes/my inn.yaml"]),
        ("m2her compile 'scenes'/my", [r"/my\ inn.yaml"]),
        ("m2her compile scenes/inn.yaml --set mood=o", [r"out\ of\ temper"]),
        ("m2her compile scenes/inn.yaml --set 'mood=o", ["mood=out of temper"]),
        ("m2her compile scenes/inn.yaml --set=mood=o", [r"out\ of\ temper"]),
        ("m2her compile scenes/inn.yaml --variant inn[mood=calm,late=t", [r"true\]"]),
        ("m2her compile scenes/inn.yaml --speaker=", ["mara", "otto"]),
        ("m2her compile --format=j", ["jsonl"]),
        ("cd x && A=b m2her compile --format j", ["jsonl"]),
        ("echo $(m2her compile --format j", ["jsonl"]),
        ("m2her compile x; m2her explain unused-v", ["unused-variable"]),
        ("m2her", []),
        ("", []),
    ],
)
def test_bash_is_told_what_stands_after_the_place_where_it_cuts_words(
    library: Program, line: str, expected: list[str]
) -> None:
    assert expected == in_bash(library, line)


# The terminal on standard input becomes that of the session, as it is of shells in a window.
ON_ITS_TERMINAL: Final = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def typed(program: Program, shell: Sequence[str], *lines: str) -> list[list[str]]:
    """Type lines into an interactive shell; return the arguments that the program got of each."""
    log, shims = program.folder.parent / "log", program.folder.parent / "shims"
    shims.mkdir()
    shim = SHIM.format(python=shlex.quote(sys.executable), log=shlex.quote(str(log)))
    (shims / "m2her").write_text(shim, encoding="utf-8")
    (shims / "m2her").chmod(0o755)
    ours, theirs = pty.openpty()
    path = os.pathsep.join((str(shims), os.environ.get("PATH", os.defpath)))
    home = {"HOME": str(shims), "TERM": "xterm", "LANG": "C.UTF-8", "PATH": path, "INPUTRC": "/"}
    with started(
        [sys.executable, "-I", "-S", "-c", ON_ITS_TERMINAL, *shell],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=surroundings(home),
        cwd=program.folder,
    ) as process:
        os.close(theirs)
        reader = threading.Thread(target=_drain, args=(ours,))
        reader.start()
        os.write(ours, "".join([*lines, "exit\n"]).encode())
        process.wait()
        reader.join()
    os.close(ours)
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return [part.splitlines() for part in text.split("--\n")[:-1]]


def _drain(terminal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass


KEYS: Final = (
    "m2her compile my\t\n",
    "m2her compile scenes/inn.yaml --set mo\tou\t\n",
    "m2her compile scenes/inn.yaml --set 'mood=ou\t\n",
    "m2her compile scenes/inn.yaml --set=mood=ou\t --form\tjs\t\n",
    "m2her compile scenes/inn.yaml --variant mood=s\tt\t\n",
    "m2her compile scenes/inn.yaml --variant 'inn[mood=calm,late=f\t\n",
    "m2her expl\tM2H50\t8\n",
    "m2her check ca\tma\t\n",
)
ARGUMENTS: Final = [
    ["compile", "scenes/my inn.yaml"],
    ["compile", "scenes/inn.yaml", "--set", "mood=out of temper"],
    ["compile", "scenes/inn.yaml", "--set", "mood=out of temper"],
    ["compile", "scenes/inn.yaml", "--set=mood=out of temper", "--format", "jsonl"],
    ["compile", "scenes/inn.yaml", "--variant", "mood=storm,late=true"],
    ["compile", "scenes/inn.yaml", "--variant", "inn[mood=calm,late=false]"],
    ["explain", "M2H508"],
    ["check", "cast/mara.yaml"],
]


SHELLS: Final = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(m2her completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "source <(m2her completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "m2her completion fish | source"),
}
# What the page says must come before it.
BEFORE: Final = {"zsh": "autoload -Uz compinit; compinit -u -D\n"}


@pytest.mark.parametrize("name", SHELLS)
def test_keys_typed_into_a_shell_become_arguments(library: Program, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    shell, start = SHELLS[name]
    assert ARGUMENTS == typed(library, shell, BEFORE.get(name, ""), f"{start}\n", *KEYS)


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["plain", "single", "double"])
def test_a_file_s_name_is_never_run(library: Program, name: str, quote: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    evil = "x$(touch stolen)`touch stolen`;touch stolen&*?[a]{b,c} \\ %s~#.yaml"
    library.write(evil)
    shell, start = SHELLS[name]
    line = f"m2her check {quote}x\t\n"
    assert [["check", evil]] == typed(library, shell, BEFORE.get(name, ""), f"{start}\n", line)
    assert "stolen" not in library.files()


def test_the_page_says_what_is_typed_here() -> None:
    page = (REPOSITORY / "docs/cli.md").read_text(encoding="utf-8").replace("\\|", "|")
    assert [] == [name for name, (_, start) in SHELLS.items() if f"`{start}`" not in page]


def test_bash_lists_the_scenarios_of_the_repository(m2her: Program) -> None:
    """In a shell that does not interact, as its completion function is called."""
    script = m2her.write("script", m2her("completion", "bash").out)
    call = (
        f'm2her() {{ {shlex.quote(sys.executable)} -m m2her_compose "$@"; }}; '
        f"source {shlex.quote(str(script))}; COMP_LINE='m2her compile scenarios/'; "
        'COMP_POINT=${#COMP_LINE}; _m2her; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = finished(["bash", "-c", call], cwd=REPOSITORY, env=surroundings())
    there = {f"scenarios/{path.name}" for path in (REPOSITORY / "scenarios").glob("*.yaml")}
    assert (0, b"") == (done.returncode, done.stderr)
    assert there < {*done.stdout.decode().splitlines()}


def test_within_double_quotes_no_history_is_asked_for(library: Program) -> None:
    library.write(
        "scenes/mm.yaml",
        "m2her: scenario/v1\nvariables: {mood: {default: 'a!!b', enum: ['a!!b']}}\n"
        "system: '{{ vars.mood }}'\n",
    )
    [found] = in_bash(library, 'm2her compile scenes/mm.yaml --set "mood=a')
    assert found.endswith("""a"'!'""'!'"b""")
    echoed = finished(
        [
            "bash",
            "--norc",
            "-ic",
            f'set -H; echo "mood=a{found.rpartition("=")[2].removeprefix("a")}"',
        ]
    )
    assert b"mood=a!!b\n" == echoed.stdout


def test_a_title_of_blanks_takes_no_time(library: Program) -> None:
    """Looking for its end a blank at a time would take minutes."""
    text = f"m2her: scenario/v1\nid: wide\ntitle: a{' ' * 60_000}b # note\nsystem: x\nmessage: y\n"
    library.write("scenes/wide.yaml", text)
    assert "scenes/wide.yaml" in offered(library, "compile", "scenes/w")
