"""What `m2her compile PATH…` takes: files, folders, standard input."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program


def scene(name: str) -> str:
    return f"m2her: scenario/v1\nid: {name}\nsystem: I am {name}.\nmessage: Hello\n"


def systems(jsonl: str) -> list[str]:
    """Return the system text of each request, in order."""
    return [json.loads(line)["messages"][0]["content"] for line in jsonl.splitlines()]


def test_files_are_compiled_in_the_order_given_and_once_each(m2her: Program) -> None:
    m2her.write("b.yaml", scene("b"))
    m2her.write("sub/a.yaml", scene("a"))
    done = m2her("compile", "b.yaml", "sub/a.yaml", "./sub/../b.yaml", "sub/", "-f", "jsonl")
    assert (0, ["I am b.", "I am a."], "") == (done.status, systems(done.out), done.err)


def test_a_folder_stands_for_the_scenarios_in_and_below_it(m2her: Program) -> None:
    """In order of their paths; what is hidden, linked, or no scenario is passed over in silence."""
    m2her.write("lib/z.yaml", scene("z"))
    m2her.write("lib/a/y.yml", scene("y"))
    m2her.write("lib/a/b/x.yaml", scene("x"))
    m2her.write("lib/.hidden.yaml", scene("hidden"))
    m2her.write("lib/.git/w.yaml", scene("git"))
    m2her.write("lib/notes.txt", scene("notes"))
    m2her.write("lib/who.yaml", "m2her: character/v1\nname: Bo\n")
    m2her.write("lib/me.yaml", "m2her: persona/v1\nname: Me\n")
    m2her.write("lib/base.yaml", "m2her: scenario/v1\nabstract: true\n")
    m2her.write("lib/elsewhere/v.yaml", scene("v"))
    (m2her.folder / "lib/again").symlink_to("elsewhere", target_is_directory=True)
    done = m2her("compile", "lib", "-f", "jsonl")
    assert (0, ["I am x.", "I am y.", "I am v.", "I am z."], "") == (
        done.status,
        systems(done.out),
        done.err,
    )


def test_a_folder_may_hold_yaml_files_that_are_not_ours(m2her: Program) -> None:
    """A file without the header is none of the program's business, until it is named itself."""
    m2her.write("lib/a.yaml", scene("a"))
    m2her.write("lib/docker-compose.yaml", "services: {db: {image: postgres}}\n")
    folder = m2her("compile", "lib", "-f", "jsonl")
    named = m2her("compile", "lib/docker-compose.yaml")
    assert (0, ["I am a."], "") == (folder.status, systems(folder.out), folder.err)
    assert (1, "") == (named.status, named.out)
    assert "error[M2H119]" in named.err


@pytest.mark.parametrize("name", [".", "..", "lib/", "./lib/../lib/."])
def test_a_folder_may_be_named_in_any_way(m2her: Program, name: str) -> None:
    m2her.write("lib/a.yaml", scene("a"))
    inside = m2her.folder / "lib/sub"
    inside.mkdir()
    cwd = {".": m2her.folder / "lib", "..": inside}.get(name, m2her.folder)
    done = m2her("compile", name, "-f", "jsonl", cwd=cwd)
    assert (0, ["I am a."], "") == (done.status, systems(done.out), done.err)


@pytest.mark.parametrize("kind", ["dangling-link", "link-to-folder", "link-loop", "pipe"])
def test_one_entry_that_cannot_be_read_does_not_lose_the_others(m2her: Program, kind: str) -> None:
    """Scenarios without errors are printed when others have some."""
    m2her.write("lib/a.yaml", scene("a"))
    bad = m2her.folder / "lib/bad.yaml"
    if kind == "pipe":
        os.mkfifo(bad)
    else:
        bad.symlink_to({"dangling-link": "nowhere", "link-to-folder": "."}.get(kind, "bad.yaml"))
    done = m2her("compile", "lib", "-f", "jsonl")
    assert (1, ["I am a."]) == (done.status, systems(done.out))
    assert "lib/bad.yaml" in done.err


def test_an_entry_that_cannot_be_read_is_named_as_the_others_are(m2her: Program) -> None:
    m2her.write("lib/sub/a.yaml", scene("a"))
    (m2her.folder / "lib/sub/bad.yaml").symlink_to("nowhere")
    done = m2her("check", "../sub", cwd=m2her.folder / "lib/sub")
    assert "--> bad.yaml:1:1" in done.out


def test_a_link_that_leaves_the_folder_is_an_error_and_the_rest_is_compiled(m2her: Program) -> None:
    m2her.write("lib/a.yaml", scene("a"))
    m2her.write("secret.yaml", scene("secret"))
    (m2her.folder / "lib/out.yaml").symlink_to("../secret.yaml")
    done = m2her("compile", "lib", "-f", "jsonl")
    assert (1, ["I am a."]) == (done.status, systems(done.out))
    assert "error[M2H302]" in done.err
    assert "secret" not in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["nope.yaml"], "nope.yaml does not exist", id="missing"),
        pytest.param(["a.yaml", "nope"], "nope does not exist", id="one-of-two-missing"),
        pytest.param([b"\xff.yaml"], r"\u{dcff}.yaml does not exist", id="not-utf-8"),
        pytest.param(["x\x1b[31m"], r"x\u{1b}[31m does not exist", id="control"),
        pytest.param(["/dev/null"], "not a regular file", id="device"),
        pytest.param(["empty"], "nothing to compile in empty", id="empty-folder"),
        pytest.param([""], "", id="empty-argument"),
    ],
)
def test_a_path_that_cannot_be_compiled_is_wrong_usage(
    m2her: Program, arguments: list[str | bytes], message: str
) -> None:
    """Nothing is printed then, not even what could be compiled."""
    m2her.write("a.yaml", scene("a"))
    (m2her.folder / "empty").mkdir()
    done = m2her("compile", *arguments)
    assert (2, "") == (done.status, done.out)
    assert message in done.err


def test_a_name_may_hold_any_character(m2her: Program) -> None:
    """Newlines, quotes, blanks, bytes that are not UTF-8: shown escaped, and never as they are."""
    name = b"a b\n\"'\xff\x1b[31m\xe2\x80\xae.yaml"
    m2her.write(b"lib/" + name, "m2her: scenario/v1\nsystem: Hi\n")
    m2her.write(b"lib/ok" + name, scene("ok"))
    m2her.write("lib/-x.yaml", scene("dash"))
    done = m2her("compile", "-f", "jsonl", "lib", b"lib/" + name)
    assert (1, ["I am dash.", "I am ok."]) == (done.status, systems(done.out))
    assert r"""lib/a b\u{a}"'\u{dcff}\u{1b}[31m\u{202e}.yaml:1:1""" in done.err
    assert not {"\x1b", "\u202e"} & set(done.err)
    dash = m2her("compile", "-f", "jsonl", "--", "-x.yaml", cwd=m2her.folder / "lib")
    assert (0, ["I am dash."], "") == (dash.status, systems(dash.out), dash.err)


def test_a_thousand_files(m2her: Program) -> None:
    for number in range(1000):
        m2her.write(f"lib/{number % 50}/s{number}.yaml", scene(f"s{number}"))
    done = m2her("compile", "lib", "-f", "jsonl")
    assert (0, 1000, "") == (done.status, len(set(systems(done.out))), done.err)


# --- standard input


def test_standard_input_is_a_file_named_stdin(m2her: Program) -> None:
    done = m2her("compile", "-", "-f", "jsonl", stdin=scene("tea").encode())
    assert (0, ["I am tea."], "") == (done.status, systems(done.out), done.err)
    wrong = m2her("compile", "-", stdin=b"m2her: scenario/v1\nsytem: Hi\n")
    assert "--> <stdin>:2:1" in wrong.err


def test_stdin_filename_places_the_text_in_the_library(m2her: Program) -> None:
    """Its references, its id and its findings are those of a file of that name."""
    m2her.write("lib/who.yaml", "m2her: character/v1\nname: Bo\nprompt: A cook.\n")
    text = b"m2her: scenario/v1\ncharacters: {bo: {use: who.yaml}}\nnams: given\n"
    wrong = m2her("compile", "-", "--stdin-filename", "lib/new.yaml", stdin=text)
    assert "--> lib/new.yaml:3:1" in wrong.err
    good = text.replace(b"nams", b"names")
    done = m2her("compile", "-", "--stdin-filename", "lib/new.yaml", "-f", "text", stdin=good)
    assert 0 == done.status
    assert done.out.startswith("new · M2-her\n\nsystem · Bo\n  A cook.\n")


def test_standard_input_stands_in_for_the_file_on_disk(m2her: Program) -> None:
    """An editor's unsaved text is compiled, and the file's own is not."""
    m2her.write("lib/a.yaml", scene("old"))
    text = scene("new").encode()
    done = m2her("compile", "-", "lib", "--stdin-filename", "lib/a.yaml", "-f", "jsonl", stdin=text)
    assert (0, ["I am new."], "") == (done.status, systems(done.out), done.err)


def test_standard_input_named_twice_is_read_once(m2her: Program) -> None:
    done = m2her("compile", "-", "-", "-f", "jsonl", stdin=scene("tea").encode())
    assert (0, ["I am tea."], "") == (done.status, systems(done.out), done.err)


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        pytest.param(b"", "error[M2H119]: the file is empty", id="empty"),
        pytest.param(scene("a").encode("utf-16"), "error[M2H117]: the file is UTF-16", id="utf-16"),
        pytest.param(scene("a").encode() + b"# \x00", "U+0000", id="nul"),
        pytest.param(
            scene("a").encode() + b"#" * 5_000_000, "larger than 4,000,000 bytes", id="5-mb"
        ),
        pytest.param(b"\x80" * 100, "the byte 0x80 is not UTF-8", id="binary"),
    ],
)
def test_standard_input_that_is_no_text_is_a_finding(
    m2her: Program, data: bytes, finding: str
) -> None:
    done = m2her("compile", "-", stdin=data)
    assert (1, "") == (done.status, done.out)
    assert finding in done.err


def test_a_byte_order_mark_is_accepted(m2her: Program) -> None:
    done = m2her("compile", "-", "-f", "jsonl", stdin=b"\xef\xbb\xbf" + scene("a").encode())
    assert (0, ["I am a."], "") == (done.status, systems(done.out), done.err)


def test_a_closed_standard_input_is_wrong_usage(m2her: Program) -> None:
    done = m2her.shell("$M2HER compile - <&-")
    assert (2, "") == (done.status, done.out)
    assert "bug" not in done.err
