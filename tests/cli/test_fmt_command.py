"""`m2her fmt`: files in one style, written only when they say the same."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program

LOOSE = "message: 'Hello.'\nm2her: scenario/v1\nsystem: \"You keep an inn.\"\n"
NEAT = "m2her: scenario/v1\nsystem: You keep an inn.\nmessage: 'Hello.'\n"
BROKEN = "m2her: scenario/v1\nmesage: Hello.\n"
DIFF = """\
--- inn.yaml
+++ inn.yaml
@@ -1,3 +1,3 @@
-message: 'Hello.'
 m2her: scenario/v1
-system: "You keep an inn."
+system: You keep an inn.
+message: 'Hello.'
"""
# Formats as it should, and then drops a word.
FORGETFUL = """
import sys
from m2her_compose.formatting import work
right = work.formatted
work.formatted = lambda text, *given: right(text, *given).replace("an inn", "inn")
from m2her_compose.cli.app import entry
sys.argv = ["m2her", *sys.argv[1:]]
entry()
"""
# While it formats a file, its author saves another text.
HASTY = """
import sys
from pathlib import Path
from m2her_compose.formatting import work
right = work.formatted
def slow(text, *given):
    made = right(text, *given)
    if not Path("done").exists():
        Path("done").touch()
        Path("inn.yaml").write_text(made + "# newer\\n")
    return made
work.formatted = slow
from m2her_compose.cli.app import entry
sys.argv = ["m2her", *sys.argv[1:]]
entry()
"""


def test_files_are_written_and_counted(m2her: Program) -> None:
    loose = m2her.write("inn.yaml", LOOSE)
    m2her.write("neat.yaml", NEAT)

    done = m2her("fmt", ".")

    assert (done.status, done.out) == (0, "")
    assert done.err == "formatted inn.yaml\n1 file formatted, 1 left as it is\n"
    assert loose.read_text() == NEAT


def test_a_second_run_changes_nothing(m2her: Program) -> None:
    path = m2her.write("inn.yaml", LOOSE)
    m2her("fmt", "inn.yaml")
    before = path.stat().st_mtime_ns

    done = m2her("fmt", "inn.yaml")

    assert (done.status, done.err) == (0, "0 files formatted, 1 left as it is\n")
    assert path.stat().st_mtime_ns == before


def test_check_lists_what_would_change_and_writes_nothing(m2her: Program) -> None:
    path = m2her.write("inn.yaml", LOOSE)
    m2her.write("neat.yaml", NEAT)

    done = m2her("fmt", ".", "--check")

    assert (done.status, done.out) == (1, "inn.yaml\n")
    assert done.err == "1 file would be formatted, 1 left as it is\n"
    assert path.read_text() == LOOSE
    assert m2her("fmt", "neat.yaml", "--check").status == 0


@pytest.mark.parametrize("more", [(), ("--check",)], ids=["alone", "with-check"])
def test_diff_shows_what_would_change_and_writes_nothing(
    m2her: Program, more: tuple[str, ...]
) -> None:
    path = m2her.write("inn.yaml", LOOSE)

    done = m2her("fmt", "inn.yaml", "--diff", *more)

    assert (done.status, done.out) == (1, DIFF)
    assert path.read_text() == LOOSE
    assert m2her("fmt", "inn.yaml").status == 0
    assert m2her("fmt", "inn.yaml", "--diff").out == ""


def test_a_diff_has_colours_on_a_terminal_and_shows_what_would_act_on_it(m2her: Program) -> None:
    m2her.write("inn.yaml", LOOSE.replace("keep", "keep\u202e"))

    shown = m2her.on_terminal("fmt", "inn.yaml", "--diff")

    assert "\x1b[1;31m-message: 'Hello.'\x1b[0m\n" in shown
    assert "keep\\u{202e} an inn." in shown
    assert "\u202e" not in shown


def test_standard_input_goes_to_standard_output(m2her: Program) -> None:
    done = m2her("fmt", "-", stdin=LOOSE.encode())
    assert (done.status, done.out) == (0, NEAT)

    done = m2her("fmt", "-", stdin=NEAT.encode())
    assert (done.status, done.out) == (0, NEAT)


def test_standard_input_belongs_where_it_is_said(m2her: Program) -> None:
    m2her.write("bases/inn.yaml", "m2her: scenario/v1\nabstract: true\nsystem: You keep an inn.\n")
    scene = b"extends: inn.yaml\nm2her: scenario/v1\nmessage: Hello there.\n"

    done = m2her("fmt", "-", "--stdin-filename", "bases/scene.yaml", stdin=scene)

    assert done.status == 0
    assert done.out == "m2her: scenario/v1\nextends: inn.yaml\nmessage: Hello there.\n"


def test_standard_input_with_errors_gives_nothing(m2her: Program) -> None:
    done = m2her("fmt", "-", stdin=BROKEN.encode())

    assert (done.status, done.out) == (1, "")
    assert "did you mean `message`?" in done.err


def test_files_with_errors_are_told_of_and_do_not_keep_the_others(m2her: Program) -> None:
    m2her.write("inn.yaml", LOOSE)
    broken = m2her.write("a_broken.yaml", BROKEN)

    done = m2her("fmt", ".")

    assert done.status == 1
    assert "a_broken.yaml:2:1" in done.err
    assert done.err.endswith("1 file formatted, 0 left as they are, 1 with errors\n")
    assert broken.read_text() == BROKEN


def test_a_folder_without_files_is_no_mistake(m2her: Program) -> None:
    done = m2her("fmt", ".")

    assert (done.status, done.out, done.err) == (0, "", "nothing to format in .\n")


def test_files_of_others_are_passed_over_in_folders(m2her: Program) -> None:
    m2her.write("compose.yml", "services:   {}\n")
    m2her.write("inn.yaml", NEAT)

    assert m2her("fmt", ".").err == "0 files formatted, 1 left as it is\n"
    named = m2her("fmt", "compose.yml")
    assert named.status == 1
    assert "does not say what it is" in named.err


def test_a_change_of_what_is_said_is_a_bug_and_others_go_on(m2her: Program) -> None:
    path = m2her.write("inn.yaml", LOOSE)
    other = m2her.write("other.yaml", LOOSE.replace("an inn", "a shop"))

    done = m2her.python(FORGETFUL, "fmt", ".")

    assert done.status == 4
    assert "this is a bug of m2her, and not of your file: inn.yaml was left as it is" in done.err
    assert "its values and its messages would not have been the same" in done.err
    assert done.err.endswith("1 file formatted, 0 left as they are, 1 not formatted\n")
    assert path.read_text() == LOOSE
    assert other.read_text() == NEAT.replace("an inn", "a shop")


def test_nothing_is_written_through_links(m2her: Program) -> None:
    path = m2her.write("real/inn.yaml", LOOSE)
    (m2her.folder / "link.yaml").symlink_to(path)

    done = m2her("fmt", "link.yaml")

    assert (done.status, done.out) == (0, "")
    assert "link.yaml is a link: nothing is written through links" in done.err
    assert path.read_text() == LOOSE
    assert (m2her.folder / "link.yaml").is_symlink()


def test_a_file_that_has_changed_meanwhile_stays(m2her: Program) -> None:
    path = m2her.write("inn.yaml", LOOSE)
    other = m2her.write("other.yaml", LOOSE)

    done = m2her.python(HASTY, "fmt", ".")

    assert done.status == 2
    assert "inn.yaml could not be changed: inn.yaml has changed since it was read\n" in done.err
    assert done.err.endswith("1 file formatted, 0 left as they are, 1 not formatted\n")
    assert path.read_text() == NEAT + "# newer\n"
    assert other.read_text() == NEAT


def test_mark_and_mode_of_a_file_stay_and_line_ends_become_plain(m2her: Program) -> None:
    path = m2her.write("inn.yaml", b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode())
    path.chmod(0o640)

    assert m2her("fmt", "inn.yaml").status == 0

    assert path.read_bytes() == b"\xef\xbb\xbf" + NEAT.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param((), "Missing argument", id="no path"),
        pytest.param(("nowhere.yaml",), "does not exist", id="no such path"),
        pytest.param(("-", "inn.yaml"), "formatted alone", id="standard input and a file"),
        pytest.param(("inn.yaml", "--color", "no"), "--color", id="no such colour"),
    ],
)
def test_what_makes_no_sense_is_refused(m2her: Program, given: tuple[str, ...], said: str) -> None:
    m2her.write("inn.yaml", LOOSE)

    done = m2her("fmt", *given)

    assert (done.status, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "text",
    [
        'm2her: scenario/v1\ntitle: "pay \\u202e\\u2066evil"\nsystem: "a\\u200bb"\nmessage: Hi\n',
        'm2her: character/v1\nname: &n "Mara"\n',
        'm2her: scenario/v1\ngroup: &a "Mara"\nsystem: Hi\nmessage: *a\n',
    ],
    ids=["escapes", "anchor", "alias"],
)
def test_what_has_to_stay_as_it_is_written_stays(m2her: Program, text: str) -> None:
    path = m2her.write("a.yaml", text)
    done = m2her("fmt", "a.yaml")
    assert 0 == done.status, done.err
    after = path.read_text(encoding="utf-8")
    assert sorted(text.splitlines()) == sorted(line for line in after.splitlines() if line)
