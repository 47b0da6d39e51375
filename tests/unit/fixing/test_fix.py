"""What `--fix` mends, what it leaves, and what it never does."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler, Input
from m2her_compose.diagnostics import Diagnostic, Edit, Sink, Source, Span
from m2her_compose.diagnostics import codes as c
from m2her_compose.emit.files import RefusedError
from m2her_compose.fixing import fix, fixed_text, write
from m2her_compose.source import Disk, parse

from .conftest import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[3]
HEAD = "m2her: scenario/v1\nsystem: You keep the inn.\n"


def said(folder: Folder) -> list[str]:
    """Return the texts of the one request, the system message left out."""
    [request] = folder.requests()
    return [message["content"] for message in request["messages"][1:]]


def fixed(folder: Folder, text: str) -> str:
    folder.write(text)
    for change in folder.fix().changes:
        write(change)
    return (folder.path / "scene.yaml").read_bytes().decode()


# --- what is mended


def test_a_newer_version_is_no_misspelling(folder: Folder) -> None:
    text = "m2her: scenario/v2\nsystem: You keep the inn.\nmessage: Hello\n"
    assert text == fixed(folder, text)


@pytest.mark.parametrize("header", ["scenari/v1", "scenarios/v1", "Scenario/v1"])
def test_a_misspelt_header_is_mended(folder: Folder, header: str) -> None:
    text = f"m2her: {header}\nsystem: You keep the inn.\nmessage: Hello\n"
    assert fixed(folder, text) == text.replace(header, "scenario/v1")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("*looks up* Who is there?", id="star"),
        pytest.param("*it's late* Come back tomorrow.", id="star-and-apostrophe"),
        pytest.param('*says "no"* It\'s \\ late.', id="both-quotes"),
        pytest.param("@Mara, are you there?", id="at"),
        pytest.param("%s of what?", id="percent"),
        pytest.param("`wait`", id="backtick"),
        pytest.param("& so on", id="ampersand"),
        pytest.param("[sighs] Not again.", id="bracket"),
        pytest.param("[OOC: a break?]", id="list"),
        pytest.param("Current goal: leave", id="colon"),
        pytest.param("酒馆: 打烊了。", id="colon-chinese"),
        pytest.param("I sleep in room #4 tonight.", id="number"),
        pytest.param('"Well," he said', id="quote"),
    ],
)
@pytest.mark.parametrize("place", ["message: {}\n", "history:\n  - user: {}\n"])
def test_a_text_that_yaml_misreads_is_quoted(folder: Folder, line: str, place: str) -> None:
    fixed(folder, HEAD + place.format(line) + "title: Late\n")
    _, report = folder.check()
    assert not [d for d in report.diagnostics if d.is_error]
    assert said(folder) == [line]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param("", id="end"),
        pytest.param("\n\n# later\n", id="blanks-and-comments"),
        pytest.param("    thought: He may stay.\n", id="key-of-the-item"),
        pytest.param("  - user: No.\n", id="item"),
        pytest.param("\nmessage: Hello\n", id="key"),
        pytest.param("# m2her\nx-draft: true\n", id="key-of-the-authors-own"),
    ],
)
@pytest.mark.parametrize(
    "before", ["", "  - user: Yes?\n\n", "  # one\n  - user: |\n      *nods*\n"]
)
def test_a_text_is_quoted_between_others(folder: Folder, before: str, after: str) -> None:
    wrong = f"{HEAD}history:\n{before}  - ai: *nods*\n{after}"
    assert fixed(folder, wrong) == wrong.replace("ai: *nods*", "ai: '*nods*'")


def test_a_template_is_quoted(folder: Folder) -> None:
    fixed(folder, HEAD + "persona: {name: Tom}\nmessage: {{ user }} is here.\n")
    assert said(folder)[-1] == "Tom is here."


def test_an_item_with_a_colon_is_quoted(folder: Folder) -> None:
    text = fixed(folder, HEAD + "instructions:\n  - Note: be brief\nmessage: Hello\n")
    assert "  - 'Note: be brief'\n" in text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("mesage: Hello", "message: Hello"),
        ('"mesage": Hello', '"message": Hello'),
        ("message: Hello\nnames: allways", "message: Hello\nnames: always"),
        ("message: Hello\nnames: 'allways'  # all", "message: Hello\nnames: 'always'  # all"),
    ],
)
def test_a_slip_of_the_pen_is_mended(folder: Folder, wrong: str, right: str) -> None:
    assert fixed(folder, f"{HEAD}{wrong}\n") == f"{HEAD}{right}\n"


def test_everything_else_stays_to_the_byte(folder: Folder) -> None:
    before = "\ufeff# Tea\r\n" + HEAD.replace("\n", "\r\n") + "\r\n\r\nmessage:   *nods* Hi   "
    after = before.replace("*nods* Hi", "'*nods* Hi'")
    assert fixed(folder, before) == after


def test_several_rounds_mend_what_mended_errors_hid(folder: Folder) -> None:
    text = fixed(folder, HEAD + "message: *nods* Hi\nnames: allways\nhistory: []\n")
    assert "'*nods* Hi'" in text
    assert "names: always" in text


# --- what is left


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("message: *nods* Hi  # aside\n", id="perhaps-a-comment"),
        pytest.param("message: *nods* Hi\n  and more\n", id="goes-on-below"),
        pytest.param("message: [sighs and\n", id="perhaps-a-list"),
        pytest.param("message: - Hi\n", id="perhaps-an-item"),
        pytest.param("message: > Hi\n", id="perhaps-a-block"),
        pytest.param("message: Hello #draft\n", id="perhaps-a-comment-without-a-blank"),
        pytest.param('message: "He said "hi" and left."\n', id="whose-quotes"),
        pytest.param("message: Hi ai: hello\n", id="perhaps-two-turns"),
        pytest.param("message: 'Tis late\n", id="perhaps-unclosed"),
        pytest.param("message: Hello\nprompt: You keep the inn.\n", id="other-formats-key"),
        pytest.param("message: Hello\nmessages: Hello\n", id="key-that-is-there"),
        pytest.param("mesage: Hello\nmesagge: Hi\n", id="two-for-one-key"),
        pytest.param("message: Hello\nhistry: {a: b}\n", id="value-that-does-not-fit"),
        pytest.param("message: Hello\ngroup: {setting: {place: Inn}}\n", id="a-map"),
        pytest.param("message: Hello\ninstructions:\n  - text: be brief\n", id="map-in-a-list"),
        pytest.param("message: Hi\ninstructions:\n  - Note: be #1 # yes\n", id="aside-in-a-list"),
        pytest.param("message: Hello\nstyle: [short, plain]\n", id="a-list-for-a-text"),
        pytest.param("a: &a allways\nmessage: Hello\nnames: *a\n", id="value-of-an-alias"),
        pytest.param("message: Hi {{ usr }}\npersona: {name: Tom}\n", id="unknown-name"),
        pytest.param("message: Hello\nmessage: Hi\n", id="duplicate"),
        pytest.param("message: Hello\nparameters: {top_k: 1}\n", id="other-parameter"),
        pytest.param("history:\n  - [user, ai]: Hello\n", id="two-speakers"),
        pytest.param(
            "group:\n  recap: - **Then**: They met.\n    - **Now**: He knocks.\n"
            "    - **Soon**: She opens.\n",
            id="pasted-list",
        ),
        pytest.param(
            "group:\n  recap: They met, and then\n    - **Now**: He knocks: twice.\n",
            id="pasted-list-in-a-text",
        ),
        pytest.param("history:\n  - ai: *He knocks.\n\n*She opens.* In.\n", id="pasted-lines"),
        pytest.param(
            "history:\n  - ai: *He knocks.\n\nThen: she opens.\nmessage: Hi\n",
            id="pasted-lines-with-a-colon",
        ),
        pytest.param("history:\n  - ai: *He knocks*\n  and waits.\n", id="pasted-at-the-dash"),
        pytest.param("history:\n  - ai: *He knocks*\n   - user: Hi\n", id="no-fitting-column"),
        pytest.param('message: "Well," he said\nand left.\n', id="quote-and-unindented-lines"),
        pytest.param("history:\n  - *ai*: Hello\n", id="speaker-in-stars"),
    ],
)
def test_what_may_be_meant_otherwise_is_left(folder: Folder, rest: str) -> None:
    assert fixed(folder, HEAD + rest) == HEAD + rest


def test_a_file_outside_of_what_was_named_is_left(folder: Folder) -> None:
    folder.write("m2her: character/v1\nname: Mara\ndesciption: An innkeeper.\n", "other/mara.yaml")
    folder.write("", "m2her.toml")
    scene = "m2her: scenario/v1\ncharacters:\n  mara: {use: other/mara.yaml}\nmessage: Hello\n"
    path = folder.write(scene)
    assert fix(folder.checker, [Input(path=path)]).changes == ()
    assert [change.shown for change in folder.fix().changes] == ["other/mara.yaml"]


def test_a_link_is_left(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("elsewhere") / "scene.yaml"
    target.write_text(HEAD + "mesage: Hello\n", encoding="utf-8")
    link = folder.path / "scene.yaml"
    link.symlink_to(target)
    result = fix(folder.checker, [Input(path=link)])
    assert (result.changes, result.links) == ((), ("scene.yaml",))
    assert [each.code for each in result.report.diagnostics if each.is_error] == [c.UNKNOWN_KEY]
    assert result.report.fixable == 0


@pytest.mark.parametrize("name", ["0.yaml", "zz.yaml"])
def test_a_file_that_a_link_points_to_is_fixed(folder: Folder, name: str) -> None:
    own = folder.write(HEAD + "mesage: Hello\n", "inn.yaml")
    (folder.path / name).symlink_to("inn.yaml")
    result = folder.fix()
    assert [change.path for change in result.changes] == [own]
    assert result.links == ()


class Counting(Checker):
    """A checker that counts what all of its kind read."""

    read = 0

    def check_file(self, item: Input) -> Any:
        result = super().check_file(item)
        Counting.read += len(result.source.text)
        return result


def test_a_large_file_is_checked_a_few_times(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round mends no more than a sink holds: without a limit, all rounds would be needed."""
    monkeypatch.setattr(sys.modules[fix.__module__], "_CHECKED_AGAIN_CHARACTERS", 0)
    monkeypatch.setattr(Counting, "read", 0)
    text = HEAD + "message: Hello\n" + "# m2her: ignore[M2H707]\n" * 3_500

    def checker_for(texts: Mapping[Path, bytes]) -> Checker:
        return Counting(compiler=Compiler(base=folder.path, files=Disk(texts=texts)))

    folder.write(text)
    result = fix(checker_for, folder.items())
    [change] = result.changes
    assert len(change.findings) > 600
    assert result.unfinished == ("scene.yaml",)
    assert Counting.read < 5 * len(text)


def test_what_a_round_did_not_come_to_is_said(folder: Folder) -> None:
    folder.write((HEAD + "mesage: Hello\n").replace("scenario", "scenari"))
    first = fix(folder.checker, folder.items(), rounds=1)
    assert first.unfinished == ("scene.yaml",)
    assert first.report.fixable > 0
    whole = folder.fix()
    assert whole.unfinished == ()
    assert whole.report.fixable == 0


class Meddling(Checker):
    """A checker whose every finding about a title wants to take the message away."""

    def report(self, results: Any, items: Any) -> Any:
        found = super().report(results, items)
        source = results[0].source
        at = source.text.find("message")
        extra = finding(source, Edit(Span(source, at, at + 2), "")) if at > 0 else None
        return found if extra is None else type(found)(diagnostics=(extra,), paths=found.paths)


def test_a_fix_that_breaks_its_file_is_refused(folder: Folder) -> None:
    folder.write(HEAD + "message: Hello\n")

    def checker_for(texts: Mapping[Path, bytes]) -> Checker:
        return Meddling(compiler=Compiler(base=folder.path, files=Disk(texts=texts)))

    result = fix(checker_for, folder.items())
    assert result.changes == ()
    assert result.refused == ("scene.yaml",)


def test_an_edit_that_breaks_its_file_is_left_and_the_others_are_made(tmp_path: Path) -> None:
    """Each of the two names can have the other one in it, and both together are a cycle."""
    folder = Folder(path=tmp_path.resolve(), select=("M2H706",))
    folder.write(
        "m2her: scenario/v1\n"
        "characters:\n"
        '  lena: {name: "Host of <USER>", description: "<BOT> mends clocks."}\n'
        'persona: {name: "Guest of <BOT>", description: "A friend of <BOT>."}\n'
        'message: "Is <CHAR> at home?"\n'
    )
    result = folder.fix()
    [change] = result.changes
    assert change.new_text == (
        "m2her: scenario/v1\n"
        "characters:\n"
        '  lena: {name: "Host of {{ user }}", description: "{{ char }} mends clocks."}\n'
        'persona: {name: "Guest of <BOT>", description: "A friend of {{ char }}."}\n'
        'message: "Is {{ char }} at home?"\n'
    )
    assert len(change.findings) == 4
    assert result.refused == ()
    assert [(str(d.span.text), d.safe) for d in result.report.diagnostics] == [("<BOT>", False)]


def test_an_edit_that_breaks_another_file_is_left_and_the_others_are_made(tmp_path: Path) -> None:
    folder = Folder(path=tmp_path.resolve(), select=("M2H706",))
    folder.write(
        'm2her: persona/v1\nname: "Guest of <BOT>"\ndescription: "A friend of <BOT>."\n',
        "guest.yaml",
    )
    folder.write(
        "m2her: scenario/v1\n"
        'characters: {lena: {name: "Host of {{ user }}", description: She mends clocks.}}\n'
        "persona: {use: guest.yaml}\nmessage: Hello\n"
    )
    result = folder.fix()
    assert [change.shown for change in result.changes] == ["guest.yaml"]
    assert result.changes[0].new_text.endswith(
        'name: "Guest of <BOT>"\ndescription: "A friend of {{ char }}."\n'
    )
    assert result.report.fixable == 0


def test_a_file_that_changed_since_it_was_read_is_not_written(folder: Folder) -> None:
    path = folder.write(HEAD + "mesage: Hello\n")
    [change] = folder.fix().changes
    path.write_text("m2her: scenario/v1\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="has changed since it was read"):
        write(change)
    assert path.read_text(encoding="utf-8") == "m2her: scenario/v1\n"


def test_a_file_keeps_its_mode(folder: Folder) -> None:
    path = folder.write(HEAD + "mesage: Hello\n")
    path.chmod(0o640)
    [change] = folder.fix().changes
    write(change)
    assert path.stat().st_mode & 0o777 == 0o640


# --- edits


def finding(source: Source, *edits: Edit, safe: bool = True) -> Diagnostic:
    sink = Sink()
    sink.add(c.EMPTY_TEXT, "made up", edits[0].span, edits=edits, safe=safe)
    return replace(sink.sorted()[0], span=Span(source, edits[0].span.start, edits[0].span.end))


def test_edits_that_touch_each_other_are_applied_in_order() -> None:
    source = Source(path="a", text="0123456789")
    first = finding(source, Edit(Span(source, 2, 5), "x"))
    second = finding(source, Edit(Span(source, 4, 6), "y"), Edit(Span(source, 8, 9), "y"))
    third = finding(source, Edit(Span(source, 5, 5), "z"))
    fourth = finding(source, Edit(Span(source, 5, 6), "w"))
    text, applied = fixed_text(source, [third, second, first, fourth])
    assert text == "01xz56789"
    assert applied == (first, third)


def test_edits_that_are_unsafe_or_elsewhere_are_not_applied() -> None:
    source, other = Source(path="a", text="01"), Source(path="b", text="01")
    unsafe = finding(source, Edit(Span(source, 0, 1), "x"), safe=False)
    abroad = finding(source, Edit(Span(source, 0, 1), "x"), Edit(Span(other, 0, 1), "x"))
    idle = finding(source, Edit(Span(source, 0, 1), "0"))
    assert fixed_text(source, [unsafe, abroad, idle]) == ("01", ())


# --- properties

SCRAPS = [
    "*nods* ",
    "{{ user }}",
    "'",
    '"',
    ": ",
    " #",
    "- ",
    "[",
    "}",
    "\n",
    "\r\n",
    "  ",
    "é",
    "&a ",
]


def corpus() -> list[str]:
    found = []
    for path in sorted((ROOT / "tests" / "corpus" / "err").glob("*.yaml")):
        data = path.read_bytes()
        if len(data) < 3_000:
            found.append(data.decode("utf-8", "ignore"))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(corpus()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        if draw(st.booleans()):
            text = text[:at] + draw(st.sampled_from(SCRAPS)) + text[at:]
        else:
            text = text[:at] + text[at + draw(st.integers(1, 12)) :]
    return text


def checker_of(path: Path, texts: Mapping[Path, bytes]) -> Checker:
    return Checker(compiler=Compiler(base=path.parent, files=Disk(texts=texts)))


@settings(max_examples=150)
@given(mutated())
def test_a_fix_introduces_no_error_and_is_done_at_once(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name).resolve() / "scene.yaml"
        path.write_bytes(text.encode())

        def checker_for(texts: Mapping[Path, bytes]) -> Checker:
            return checker_of(path, texts)

        before = checker_for({}).check([Input(path=path)])
        result = fix(checker_for, [Input(path=path)])
        for change in result.changes:
            write(change)
            assert misread(change.new_text) <= misread(change.old_text)
        errors = [d for d in before.diagnostics if d.is_error]
        left = [d for d in result.report.diagnostics if d.is_error]
        assert errors or not left
        again = fix(checker_for, [Input(path=path)])
        assert again.changes == ()
        assert [str(d.span) for d in again.report.diagnostics] == [
            str(d.span) for d in result.report.diagnostics
        ]


def misread(text: str) -> int:
    sink = Sink()
    parse(Source(path="a", text=text), sink)
    return sum(d.is_error for d in sink.sorted())


@given(st.text("ab\n\r", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5))))
def test_what_no_edit_names_stays(text: str, places: list[tuple[int, int]]) -> None:
    source = Source(path="a", text=text)
    spans = [Span(source, start, start + n) for start, n in places if start + n <= len(text)]
    made, applied = fixed_text(source, [finding(source, Edit(span, "X")) for span in spans])
    at, rest = 0, []
    for edit in sorted((d.edits[0] for d in applied), key=lambda e: (e.span.start, e.span.end)):
        rest.append(text[at : edit.span.start])
        at = edit.span.end
    rest.append(text[at:])
    assert made == "X".join(rest)
