"""Where `--add-ignores` puts its comments, and what it leaves alone."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Code, Diagnostic, Severity, Sink, Source, Span
from m2her_compose.diagnostics import codes as c
from m2her_compose.fixing import add_ignores, with_ignores, write
from m2her_compose.source import Disk, parse

from .conftest import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[3]
HEAD = "m2her: scenario/v1\nsystem: You keep the inn.\n"
CODES = (c.PLACEHOLDER, c.UNBALANCED_ACTION)


def at(text: str, word: str, *codes: Code) -> list[Diagnostic]:
    source = Source(path="scene.yaml", text=text)
    start = text.index(word)
    sink = Sink()
    for code in codes or (c.PLACEHOLDER,):
        sink.add(code, "made up", Span(source, start, start + len(word)))
    return list(sink.sorted())


def ignored(text: str, found: Sequence[Diagnostic]) -> str:
    made = with_ignores(Source(path="scene.yaml", text=text), found)
    assert not made.left
    return made.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("message: HERE", "message: HERE  # m2her: ignore[M2H706]", id="plain"),
        pytest.param(
            "message: 'HERE' \n", "message: 'HERE'  # m2her: ignore[M2H706] \n", id="quoted"
        ),
        pytest.param("HERE:\n  - a\n", "HERE:  # m2her: ignore[M2H706]\n  - a\n", id="key"),
        pytest.param(
            "a: HERE\r\nb: c\r\n", "a: HERE  # m2her: ignore[M2H706]\r\nb: c\r\n", id="crlf"
        ),
        pytest.param(
            "a: HERE # aside\n", "a: HERE # aside  # m2her: ignore[M2H706]\n", id="beside-a-comment"
        ),
        pytest.param(
            "a: HERE  # m2her: ignore[M2H701] so\n",
            "a: HERE  # m2her: ignore[M2H701, M2H706] so\n",
            id="into-a-comment",
        ),
        pytest.param(
            "a: |\n  HERE\nb: c\n", "# m2her: ignore[M2H706]\na: |\n  HERE\nb: c\n", id="block"
        ),
        pytest.param(
            "h:\r\n  - a: b\r\n    c: >-\r\n      HERE\r\n",
            "h:\r\n  - a: b\r\n    # m2her: ignore[M2H706]\r\n    c: >-\r\n      HERE\r\n",
            id="block-in-an-item",
        ),
        pytest.param(
            "h:\n  - |\n    HERE\n", "h:\n  # m2her: ignore[M2H706]\n  - |\n    HERE\n", id="item"
        ),
        pytest.param(
            "a: HERE\n  and more\n", "# m2her: ignore[M2H706]\na: HERE\n  and more\n", id="lines"
        ),
        pytest.param(
            "a: some\n  HERE\n", "a: some\n  HERE  # m2her: ignore[M2H706]\n", id="last-line"
        ),
        pytest.param(
            'h: {a: "b\n  HERE\n  c"}\n',
            '# m2her: ignore[M2H706]\nh: {a: "b\n  HERE\n  c"}\n',
            id="in-braces",
        ),
        pytest.param(
            "# m2her: ignore[M2H701]\na: |\n  HERE\n",
            "# m2her: ignore[M2H701, M2H706]\na: |\n  HERE\n",
            id="into-a-comment-above",
        ),
        pytest.param(
            "a: '# m2her: ignore[M2H701]'\nb: |\n  HERE\n",
            "a: '# m2her: ignore[M2H701]'\n# m2her: ignore[M2H706]\nb: |\n  HERE\n",
            id="not-into-a-text",
        ),
        pytest.param(
            "a: |+\n  b\n\nc: |\n  HERE\n",
            "a: |+\n  b\n\n# m2her: ignore[M2H706]\nc: |\n  HERE\n",
            id="after-a-block-that-keeps-its-end",
        ),
    ],
)
def test_a_comment_goes_where_it_reaches_the_finding(before: str, after: str) -> None:
    assert ignored(before, at(before, "HERE")) == after


def test_findings_of_a_line_share_a_comment() -> None:
    text = "message: HERE and THERE\nname: a\n"
    found = [*at(text, "THERE", c.PLACEHOLDER, c.NO_EXAMPLES), *at(text, "HERE")]
    assert ignored(text, found) == (
        "message: HERE and THERE  # m2her: ignore[M2H701, M2H706]\nname: a\n"
    )


def test_what_cannot_be_silenced_is_handed_back() -> None:
    text = "a: HERE\n"
    unused = at(text, "HERE", c.UNUSED_IGNORE)
    error = at(text, "HERE", c.UNKNOWN_KEY)
    raised = [replace(each, severity=Severity.ERROR) for each in at(text, "HERE")]
    note = at(text, "a", c.NO_EXAMPLES)
    made = with_ignores(error[0].span.source, [*unused, *error, *raised, *note])
    # What a library's settings call an error is a matter of taste all the same.
    assert made.text == "a: HERE  # m2her: ignore[M2H701, M2H706]\n"
    assert set(made.silenced) == {*note, *raised}
    assert set(made.left) == {*unused, *error}


def test_blocks_are_left_alone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put behind a block's last line is a part of it: that need not be tried out."""
    module = sys.modules[with_ignores.__module__]
    times = 0

    def counted(*arguments: Any) -> Any:
        nonlocal times
        times += 1
        return parse(*arguments)

    monkeypatch.setattr(module, "parse", counted)
    text = "".join(f"a{i}: |\n  HERE {i}.\nb{i}: >-\n  HERE {i}.\n" for i in range(30))
    found = [each for i in range(30) for each in at(text, f"HERE {i}.")]
    made = ignored(text, found)
    assert made.count("# m2her: ignore[M2H706]\na") == 30
    assert times <= 3


def test_a_file_that_is_no_yaml_is_left() -> None:
    text = "a: *b c\nd: HERE\n"
    made = with_ignores(Source(path="scene.yaml", text=text), at(text, "HERE"))
    assert (made.text, len(made.left)) == (text, 1)


def test_a_file_is_silent_afterwards_and_compiles_to_the_same(folder: Folder) -> None:
    folder.write(
        HEAD
        + "history:\n  - user: TODO\n  - ai: |\n      TODO\n      *nods\n"
        + "variables: {mood: calm}\nmessage: TODO *waves\n"
    )
    before = folder.requests()
    _, found = folder.check()
    assert found.diagnostics
    results, report = folder.check()
    made, left = add_ignores(Disk(), folder.items(), results, report)
    for change in made:
        write(change)
    _, after = folder.check()
    assert (after.diagnostics, left) == ((), ())
    assert folder.requests() == before


def test_the_example_library_can_be_silenced(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "lib")
    folder = Folder(path=(tmp_path / "lib").resolve())
    results, report = folder.check()
    made, left = add_ignores(Disk(), folder.items(), results, report)
    for change in made:
        write(change)
    _, after = folder.check()
    assert [d.code for d in after.diagnostics] == [d.code for d in left]


def corpus() -> list[str]:
    found = [path.read_bytes() for path in sorted((ROOT / "tests" / "corpus").rglob("*.yaml"))]
    return [data.decode("utf-8", "ignore") for data in found if len(data) < 3_000]


@given(st.sampled_from(corpus()), st.data())
def test_comments_change_nothing_and_reach_what_they_are_for(
    text: str, data: st.DataObject
) -> None:
    source = Source(path="scene.yaml", text=text)
    sink = Sink()
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        sink.add(data.draw(st.sampled_from(CODES)), "made up", Span(source, start, start))
    made = with_ignores(source, sink.sorted())
    before, after = parse(source, Sink()), parse(Source(path="scene.yaml", text=made.text), Sink())
    assert (before and before.data) == (after and after.data)
    assert len(made.silenced) + len(made.left) == len(sink)
    assert (made.text == text) == (not made.silenced)
