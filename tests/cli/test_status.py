"""Exit statuses, and how the program ends when it cannot go on (docs/exit-codes.md)."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from m2her_compose import __version__

if TYPE_CHECKING:
    from tests.cli.conftest import Program


def test_version_and_help_are_done(m2her: Program) -> None:
    """Help says what each option takes, and nothing of it goes to standard error."""
    version = m2her("--version")
    assert (0, f"m2her {__version__}\n", "") == (version.status, version.out, version.err)
    for arguments, words in (
        (["--help"], ["compile", "config", "--version"]),
        (["compile", "-h"], ["request|messages|jsonl|text", "NAME=VALUE", "Examples:"]),
        (["config", "--help"], ["PATH"]),
    ):
        done = m2her(*arguments)
        assert (0, "") == (done.status, done.err)
        assert all(word in done.out for word in words)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["compile"], id="no-path"),
        pytest.param(["compil", "tea.yaml"], id="unknown-command"),
        pytest.param(["compile", "tea.yaml", "--fromat", "text"], id="unknown-option"),
        pytest.param(["compile", "tea.yaml", b"--\xff\x1b[31m"], id="option-of-bytes"),
        pytest.param(["compile", "tea.yaml", "--format"], id="option-without-value"),
        pytest.param(["compile", "tea.yaml", "--format", "TEXT"], id="unknown-format"),
        pytest.param(["compile", "tea.yaml", "--names", "\x1b[31m"], id="unknown-names"),
        pytest.param(["compile", "tea.yaml", "--color", "yes"], id="unknown-color"),
        pytest.param(["compile", "tea.yaml", "--set", "mood"], id="set-without-value"),
        pytest.param(["compile", "tea.yaml", "--set", "=x"], id="set-without-name"),
        pytest.param(["compile", "tea.yaml", "--root", "nope"], id="root-that-is-none"),
        pytest.param(["config", "nope"], id="config-of-nothing"),
        pytest.param(["config", "a", "b"], id="config-of-two"),
    ],
)
def test_wrong_usage(m2her: Program, arguments: list[str | bytes]) -> None:
    m2her.write("tea.yaml")
    done = m2her(*arguments)
    assert (2, "") == (done.status, done.out)
    assert done.err
    assert "\x1b" not in done.err
    assert "Traceback" not in done.err


def test_a_bug_of_ours_says_what_to_report(m2her: Program) -> None:
    """Status 4, and no traceback that looks as if the author's file were to blame."""
    m2her.write("tea.yaml")
    script = """
import sys
import m2her_compose.build

def broken(*args, **kwargs):
    raise ZeroDivisionError("a\\x1b[31m b")

m2her_compose.build.decode = broken
from m2her_compose.cli.app import entry
sys.argv = ["m2her", "compile", "tea.yaml"]
entry()
"""
    done = m2her.python(script)
    assert (4, "") == (done.status, done.out)
    assert "bug" in done.err
    assert r"ZeroDivisionError: a\u{1b}[31m b" in done.err
    assert f"m2her {__version__}, Python 3." in done.err
    assert "report" in done.err
    assert "compiler.py:" in done.err
    assert "Traceback" not in done.err


def test_an_interruption_is_130_and_quiet(m2her: Program) -> None:
    """A real signal, while standard input is read."""
    with m2her.started("compile", "-", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        # More than a pipe holds: once it is written, the program is reading.
        process.stdin.write(b"#" * 1_100_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (130, b"", b"") == (process.returncode, out, err)


def test_an_interruption_while_it_is_imported_is_quiet(m2her: Program) -> None:
    interrupts = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    m2her.write("shadow/typer.py", interrupts)
    path = os.pathsep.join([str(m2her.folder / "shadow"), m2her.environment()["PYTHONPATH"]])
    done = m2her("--version", env={"PYTHONPATH": path})
    # What shells report as 130.
    assert (-signal.SIGINT, "", "") == (done.status, done.out, done.err)


def test_a_reader_that_has_seen_enough_ends_it_quietly(m2her: Program) -> None:
    for number in range(300):
        m2her.write(f"lib/s{number}.yaml", "m2her: scenario/v1\nsystem: Hi\nmessage: Hello\n")
    done = m2her.shell("{ $M2HER compile lib -f jsonl; echo $? >status; } | head -c 10")
    assert (b'{"model":"', b"") == (done.raw, done.raw_err)
    assert "0" == (m2her.folder / "status").read_text("ascii").strip()


@pytest.mark.parametrize(
    "redirection",
    [
        pytest.param(">/dev/full", id="full-disk"),
        pytest.param(">&-", id="closed"),
    ],
)
def test_a_result_that_cannot_be_printed_is_no_bug_and_no_success(
    m2her: Program, redirection: str
) -> None:
    m2her.write("tea.yaml")
    done = m2her.shell(f"$M2HER compile tea.yaml {redirection}")
    assert done.status not in {0, 1, 4}
    assert "bug" not in done.err
    assert "standard output" in done.err


def test_the_result_is_printed_even_if_nobody_can_be_told(m2her: Program) -> None:
    """A closed standard error loses the talk, not the result."""
    m2her.write("tea.yaml")
    plain = m2her("compile", "tea.yaml")
    for redirection in ("2>&-", "2>/dev/full"):
        done = m2her.shell(f"$M2HER compile tea.yaml --explain {redirection}")
        assert (0, plain.raw) == (done.status, done.raw)
