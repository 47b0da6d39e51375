"""`m2her check` and `m2her explain` as people and machines run them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose.diagnostics.codes import ALL

from .conftest import TEA

if TYPE_CHECKING:
    from .conftest import Program

RULES = Path(__file__).resolve().parents[2] / "docs" / "rules"
QUOTED = """\
m2her: scenario/v1
characters: {mara: She keeps the inn.}
history:
  - user: Do you ever travel?
  - mara: &I went as far as the mill once.
message: Is there a room left?
"""
BROKEN = "m2her: scenario/v1\nsystm: You keep a tea house.\nmessage: Good evening.\n"


# --- where things go, and how it ends


def test_findings_are_the_result_and_go_to_standard_output(m2her: Program) -> None:
    m2her.write("tea.yaml", BROKEN)
    done = m2her("check", "tea.yaml")
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("error[M2H201]: unknown key `systm`\n  --> tea.yaml:2:1\n")
    assert done.out.rstrip().splitlines()[-1].startswith("1 error in 1 file")


def test_without_a_path_the_folder_is_checked(m2her: Program) -> None:
    m2her.write("one.yaml")
    m2her.write("two/three.yaml", BROKEN)
    assert "two/three.yaml:2:1" in m2her("check").out


def test_a_right_library_is_said_to_be_right(m2her: Program) -> None:
    m2her.write("tea.yaml")
    done = m2her("check", "--select", "M2H1")
    assert (done.status, done.out, done.err) == (0, "no findings in 1 file\n", "")


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 1), ("note", 1)])
def test_a_severity_fails_the_check(m2her: Program, level: str, status: int) -> None:
    m2her.write("inn.yaml", QUOTED)
    assert m2her("check", "--select", "M2H1", "--fail-on", level).status == status


def test_standard_input_belongs_where_it_is_said_to(m2her: Program) -> None:
    m2her.write("cast/mara.yaml", "m2her: character/v1\ndescription: Keeps the inn.\n")
    text = "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmesage: A\n"
    done = m2her("check", "-", "--stdin-filename", "cast/inn.yaml", stdin=text.encode())
    assert "cast/inn.yaml:3:1" in done.out
    assert "does not exist" not in done.out


# --- wrong usage


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "nowhere.yaml does not exist"),
        (["--format", "xml"], "`--format xml` is none of text, json"),
        (["--select", "M2H9999"], "--select: there is no finding `M2H9999`"),
        (["--ignore", "no-example"], "did you mean `no-examples`?"),
        (["--target", "gpt"], "there is no target `gpt`"),
        (["--fail-on", "hint"], "`--fail-on hint` is none of error, warning, note"),
        (["--statistics", "--format", "json"], "--statistics goes with `--format text`"),
        (["--tokenizer", "nowhere.json"], "nowhere.json"),
        (["--root", "nowhere"], "--root nowhere is no folder"),
        (["--output", "tea.yaml"], "would overwrite tea.yaml"),
        (["--write-baseline"], "--write-baseline goes with --baseline FILE"),
        (["--baseline", "tea.yaml", "--write-baseline"], "would overwrite tea.yaml"),
        (["-", "--fix"], "standard input cannot be changed"),
        (["--diff", "--format", "json"], "--diff prints changes and no findings"),
        (["--baseline", "b", "--output", "./b"], "are the same file"),
    ],
)
def test_wrong_usage_is_told_in_a_line(m2her: Program, arguments: list[str], words: str) -> None:
    m2her.write("tea.yaml")
    before = (m2her.folder / "tea.yaml").read_bytes()
    done = m2her("check", *arguments)
    assert done.status == 2
    assert done.out == ""
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert (m2her.folder / "tea.yaml").read_bytes() == before


# --- forms


def test_statistics_count_by_code(m2her: Program) -> None:
    m2her.write("a.yaml", QUOTED)
    m2her.write("b.yaml", QUOTED.replace("Is there", "mesage: Is there"))
    m2her.write("c.yaml", QUOTED)
    out = m2her("check", "--statistics", "--select", "M2H1").out.splitlines()
    assert out[0] == "2  warning  M2H109  unused-anchor"
    assert out[-1].startswith("1 error, 2 warnings in 3 files")


def test_json_has_its_keys_and_sums(m2her: Program) -> None:
    m2her.write("tea.yaml", BROKEN)
    found = json.loads(m2her("check", "--format", "json").out)
    assert list(found) == ["version", "diagnostics", "summary"]
    assert found["summary"] == {"files": 1, "errors": 1, "warnings": 0, "notes": 0}
    assert list(found["diagnostics"][0]) == [
        "code",
        "slug",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "help",
        "related",
        "fix",
    ]


@pytest.mark.parametrize("name", ["json", "sarif", "github", "gitlab", "junit"])
def test_output_is_written_whole_and_the_same_as_printed(m2her: Program, name: str) -> None:
    m2her.write("tea.yaml", BROKEN)
    printed = m2her("check", "tea.yaml", "--format", name)
    written = m2her("check", "tea.yaml", "--format", name, "--output", "out/found")
    assert (printed.status, written.status, written.out) == (1, 1, "")
    assert (m2her.folder / "out/found").read_bytes() == printed.raw


def test_text_keeps_to_the_width_of_a_terminal(m2her: Program) -> None:
    m2her.write("茶馆.yaml", BROKEN.replace("Good evening.", "晚上好。" * 40))
    shown = m2her.on_terminal("check", columns=50, env={"NO_COLOR": "1"})
    assert "茶馆.yaml:2:1" in shown
    assert max(len(line) for line in shown.splitlines()) <= 50


def test_colours_are_for_terminals_and_those_who_ask(m2her: Program) -> None:
    m2her.write("tea.yaml", BROKEN)
    assert "\x1b[" not in m2her("check").out
    assert "\x1b[" in m2her("check", "--color", "always").out
    assert "\x1b[" in m2her.on_terminal("check")
    assert "\x1b[" not in m2her.on_terminal("check", env={"NO_COLOR": "1"})


def test_whoever_reads_only_the_beginning_is_no_error(m2her: Program) -> None:
    for i in range(200):
        m2her.write(f"{i}.yaml", BROKEN)
    for command in ("check", "check --diff", "check --format json"):
        done = m2her.shell(f"$M2HER {command} | head -n 1; exit 0")
        assert done.err == ""


def test_what_a_file_holds_cannot_steer_the_terminal(m2her: Program) -> None:
    m2her.write("tea.yaml", TEA + '"a\\e]0;owned\\x07\\u202e": 1\n')
    for name in ("text", "github"):
        out = m2her("check", "--format", name).out
        assert "\x1b" not in out
        assert "\u202e" not in out


# --- hostile surroundings


def test_file_names_cannot_steer_the_terminal_or_ci(m2her: Program) -> None:
    m2her.write("p\x1b]0;x\x07\n::error::x.yaml", BROKEN)
    done = m2her("check", ".", "--fix")
    assert "\x1b" not in done.err + done.out
    assert not [line for line in done.err.splitlines() if line.startswith("::")]
    missing = m2her("check", "no\n::error::such.yaml")
    assert len(missing.err.splitlines()) == 1


def test_a_folder_that_cannot_be_looked_into_is_one_finding(m2her: Program) -> None:
    m2her.write("tea.yaml")
    m2her.write("closed/inn.yaml", BROKEN)
    closed = m2her.folder / "closed"
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):  # whoever may read everything sees what is in it
            return
        done = m2her("check", "--select", "M2H1")
        assert (done.status, done.err) == (1, "")
        assert "error[M2H118]" in done.out
        assert "in 2 files" in done.out
    finally:
        closed.chmod(0o755)


def test_a_folder_that_is_gone_is_wrong_usage(m2her: Program) -> None:
    done = m2her.shell("mkdir gone; cd gone; rmdir ../gone; $M2HER check")
    assert (done.status, done.err) == (2, "m2her: the current folder is gone\n")


def test_a_pipe_is_named_when_it_cannot_be_read(m2her: Program) -> None:
    os.mkfifo(m2her.folder / "pipe.yaml")
    done = m2her("check", "pipe.yaml")
    assert (done.status, done.err) == (2, "m2her: pipe.yaml: not a regular file\n")


def test_many_folders_are_looked_into_once_each(m2her: Program) -> None:
    for i in range(1500):
        m2her.write(f"{i}/a.yaml", TEA.replace("id: tea", f"id: tea_{i}"))
    done = m2her("check", "--select", "M2H8", "--ignore", "M2H807")
    assert (done.status, done.out) == (0, "no findings in 1,500 files\n")


def test_settings_of_any_length_are_bounded(m2her: Program) -> None:
    m2her.write("tea.yaml")
    patterns = ", ".join(f'"{i}/*" = ["M2H7"]' for i in range(600))
    m2her.write(
        "m2her.toml",
        f'[library]\ntemplates = "{"a" * 5000}"\n[check]\nper-path-ignores = {{ {patterns} }}\n',
    )
    out = m2her("check").out
    assert "a path of 5,000 characters" in out
    assert "of at most 500 entries" in out


def test_a_severity_can_be_given_to_a_beginning(m2her: Program) -> None:
    m2her.write("inn.yaml", QUOTED)
    m2her.write("m2her.toml", '[check]\nseverity = { M2H1 = "off", M2H7 = "off" }\n')
    assert m2her("check").out == "no findings in 1 file\n"
    m2her.write("m2her.toml", '[check]\nseverity = { M2H1 = "off", M2H109 = "error" }\n')
    assert "error[M2H109]" in m2her("check").out


# --- mending


def test_fix_mends_in_place_and_reports_what_is_left(m2her: Program) -> None:
    path = m2her.write("tea.yaml", BROKEN + "# the end\n")
    done = m2her("check", "tea.yaml", "--fix", "--select", "M2H2")
    assert (done.status, done.out) == (0, "no findings in 1 file\n")
    assert done.err == "changed tea.yaml (1 finding)\n"
    assert path.read_text() == BROKEN.replace("systm", "system") + "# the end\n"


def test_diff_shows_and_changes_nothing(m2her: Program) -> None:
    path = m2her.write("tea.yaml", BROKEN)
    done = m2her("check", "--diff")
    assert (done.status, done.err) == (1, "")
    assert "-systm: You keep a tea house.\n+system: You keep a tea house.\n" in done.out
    assert path.read_text() == BROKEN
    m2her.write("tea.yaml")
    assert m2her("check", "--diff").status == 0


def test_ignores_are_added_where_findings_stand(m2her: Program) -> None:
    path = m2her.write("inn.yaml", QUOTED)
    assert "ignore[M2H109]" in m2her("check", "--add-ignores", "--diff").out
    assert path.read_text() == QUOTED
    before = m2her("compile", "inn.yaml").out
    done = m2her("check", "--add-ignores")
    assert (done.status, done.out) == (0, "no findings in 1 file\n")
    assert "&I went as far as the mill once.  # m2her: ignore[M2H109]" in path.read_text()
    assert m2her("check").out == "no findings in 1 file\n"
    assert m2her("compile", "inn.yaml").out == before


def test_links_are_not_changed_and_what_they_point_to_is(m2her: Program) -> None:
    outside = m2her.write("out/inn.yaml", QUOTED)
    m2her.write("lib/m2her.toml", "")
    (m2her.folder / "lib/link.yaml").symlink_to("../out/inn.yaml")
    m2her("check", "lib/link.yaml", "--add-ignores")
    assert outside.read_text() == QUOTED
    wrong = m2her.write("lib/wrong.txt", BROKEN)
    (m2her.folder / "lib/linked.yaml").symlink_to("wrong.txt")
    done = m2her("check", "lib/linked.yaml", "--fix")
    assert done.err == "m2her: lib/linked.yaml is a link: nothing is written through links\n"
    assert "can be mended" not in done.out
    assert wrong.read_text() == BROKEN
    own = m2her.write("lib/z.yaml", BROKEN)
    (m2her.folder / "lib/0.yaml").symlink_to("z.yaml")
    assert "changed lib/z.yaml" in m2her("check", "lib", "--fix").err
    assert own.read_text() == BROKEN.replace("systm", "system")
    assert (m2her.folder / "lib/0.yaml").is_symlink()


def test_what_no_comment_can_silence_gets_none(m2her: Program) -> None:
    text = (
        "m2her: scenario/v1\nvariables: {weather: {type: string}}\n"
        "system: It is {{ vars.weather }}.  # m2her: ignore[]\nmessage: Hello\n"
    )
    path = m2her.write("inn.yaml", text)
    m2her("check", "inn.yaml", "--add-ignores", "--ignore", "M2H701")
    assert path.read_text() == text


def test_a_baseline_holds_what_is_known(m2her: Program) -> None:
    m2her.write("inn.yaml", QUOTED)
    known = ("--baseline", "known/base.json", "--fail-on", "note")
    missing = m2her("check", *known)
    assert missing.status == 2
    assert "write it with --write-baseline" in missing.err
    assert m2her("check", *known, "--write-baseline").status == 0
    # Lines that moved are known still, from another folder as well.
    m2her.write("inn.yaml", "# An inn.\n\n" + QUOTED)
    assert m2her("check", *known).status == 0
    elsewhere = m2her(
        "check", "..", *known[2:], "--baseline", "base.json", cwd=m2her.folder / "known"
    )
    assert elsewhere.status == 0
    m2her.write("new.yaml", QUOTED)
    assert m2her("check", *known).status == 1
    m2her.write("new.yaml", TEA)
    m2her.write("inn.yaml", QUOTED.replace("&", ""))
    assert "no longer there" in m2her("check", *known[:2]).err


@pytest.mark.parametrize("content", [b"", b"[]", b"{" * 100_000, b"\xff", b'{"version": 99}'])
def test_what_is_no_baseline_is_refused(m2her: Program, content: bytes) -> None:
    m2her.write("inn.yaml", QUOTED)
    m2her.write("base.json", content)
    done = m2her("check", "--baseline", "base.json")
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_since_reports_what_a_branch_did(m2her: Program) -> None:
    m2her.write("old.yaml", BROKEN)
    m2her.write("mara.yaml", "m2her: character/v1\ndescription: Keeps the inn.\n")
    m2her.write(
        "inn.yaml", "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmessage: A\n"
    )
    who = "-c user.name=T -c user.email=t@example.org"
    m2her.shell(f"git init -q && git add -A && git {who} commit -qm All")
    assert m2her("check", "--since", "HEAD").out == "no findings in 0 files\n"
    m2her.write("mara.yaml", "m2her: character/v1\ndescription: '{{ vars.x }}'\n")
    done = m2her("check", "--since", "HEAD")
    assert "mara.yaml:2:23" in done.out
    assert "in 2 files" in done.out
    assert "old.yaml" not in done.out
    unknown = m2her("check", "--since", "nowhere")
    assert unknown.status == 2
    assert len(unknown.err.splitlines()) == 1


# --- explain


def test_a_page_is_the_one_in_the_docs(m2her: Program) -> None:
    for name in ("M2H108", "m2h108", "quotes-not-sent", "Quotes-Not-Sent"):
        done = m2her("explain", name)
        assert (done.status, done.err) == (0, "")
        assert done.out == (RULES / "M2H108.md").read_text(encoding="utf-8")


def test_without_a_code_all_findings_are_listed(m2her: Program) -> None:
    out = m2her("explain").out
    assert [code.id for code in ALL if code.id not in out or code.slug not in out] == []


def test_an_unknown_code_is_told_with_a_guess(m2her: Program) -> None:
    done = m2her("explain", "quote-not-sent")
    assert (done.status, done.out) == (2, "")
    assert "did you mean `quotes-not-sent`?" in done.err
