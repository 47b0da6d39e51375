"""Records: what is put down is taken up again, and what is no record is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from m2her_compose.report import Report
from m2her_compose.report.json import json_report
from m2her_compose.survey.records import NoRecordError, Shelf, read_record, record_of, text_reader

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.checker import FileResult

LONG = "summary: " + "long " * 60
SCENE = f"""\
m2her: scenario/v1
system: "*You keep an inn."
characters:
  mara: {{use: mara.yaml}}
history:
  - user: Is there a *room left?
message: "{{{{ nobody }}}}"
# m2her: ignore[M2H702]
{LONG}
"""


def checked(folder: Path, text: str = SCENE) -> tuple[FileResult, Shelf]:
    (folder / "scene.yaml").write_text(text)
    compiler = Compiler(base=folder)
    [item] = compiler.find(folder)
    result = Checker(compiler=compiler).check_file(item)
    return result, Shelf(library=result.library, text_of=text_reader(compiler))


def put_down(result: FileResult, shelf: Shelf) -> bytes:
    data = record_of(result, shelf)
    assert data is not None
    return data


def shown(result: FileResult) -> str:
    return json_report(Report(diagnostics=result.findings, paths=(result.source.path,)))


def test_a_result_is_taken_up_as_it_was_put_down(tmp_path: Path) -> None:
    result, shelf = checked(tmp_path)
    taken = read_record(put_down(result, shelf), shelf).result()

    assert shown(taken) == shown(result)
    assert taken.facts is not None
    assert result.facts is not None
    assert tuple(taken.facts.sketch) == tuple(result.facts.sketch)
    assert taken.facts.id == "scene"
    assert taken.asked == result.asked
    assert taken.depends_on == result.depends_on
    assert taken.has_ignores
    assert len(result.findings) > 2


def test_facts_take_no_more_than_a_kilobyte(tmp_path: Path) -> None:
    words = " ".join(f"word{i}" for i in range(400))
    result, shelf = checked(tmp_path, f"m2her: scenario/v1\nsystem: {words}\nmessage: Hello.\n")
    facts = json.loads(put_down(result, shelf))["facts"]

    assert result.facts is not None
    assert len(result.facts.sketch) == 64
    assert len(json.dumps(facts)) < 1000


def test_a_text_that_has_changed_is_no_longer_that_of_the_record(tmp_path: Path) -> None:
    result, shelf = checked(tmp_path)
    data = put_down(result, shelf)
    (tmp_path / "scene.yaml").write_text(SCENE + "\n")
    later = Shelf(library=shelf.library, text_of=shelf.text_of)

    with pytest.raises(NoRecordError):
        read_record(data, later).result()
    assert shown(read_record(data, shelf).result()) == shown(result)  # it has the text still


def test_a_text_is_read_when_somebody_asks_for_it(tmp_path: Path) -> None:
    text = f"m2her: persona/v1\nname: Anna\ndescription: {'a traveler ' * 30}\n"
    result, shelf = checked(tmp_path, text)
    taken = read_record(put_down(result, shelf), shelf).result()
    (tmp_path / "scene.yaml").write_text(text.upper())

    assert taken.source.text == text.upper()


def test_a_text_that_is_gone_is_empty(tmp_path: Path) -> None:
    text = f"m2her: persona/v1\nname: Anna\ndescription: {'a traveler ' * 30}\n"
    result, shelf = checked(tmp_path, text)
    taken = read_record(put_down(result, shelf), shelf).result()
    (tmp_path / "scene.yaml").unlink()

    assert taken.source.text == ""


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"null", b'{"asked": []}', b"[" * 100_000, b"\xff", b"1" * 10_000]
)
def test_what_is_no_record_is_refused(tmp_path: Path, data: bytes) -> None:
    _, shelf = checked(tmp_path)
    with pytest.raises(NoRecordError):
        read_record(data, shelf).result()


def parts_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all parts of a value."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(p for key, part in inner for p in parts_of(part, (*path, key)))]


def with_other(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_other(value[path[0]], path[1:], other)
    return copy


@given(
    pick=st.integers(min_value=0),
    other=st.sampled_from([None, True, -1, 10**30, 1.5, "", "x", "=", [], {}, [[]], {"a": 1}]),
)
def test_a_record_with_another_part_is_a_record_or_none(
    tmp_path_factory: pytest.TempPathFactory, pick: int, other: Any
) -> None:
    result, shelf = checked(tmp_path_factory.mktemp("library"))
    record = json.loads(put_down(result, shelf))
    paths = parts_of(record)
    changed = with_other(record, paths[pick % len(paths)], other)
    try:
        taken = read_record(json.dumps(changed).encode(), shelf).result()
        dict(taken.asked)
        shown(taken)
    except NoRecordError:
        pass
