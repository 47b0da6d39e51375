"""A check as a whole: which files, which findings, what settings and comments make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input
from m2her_compose.diagnostics import Severity
from m2her_compose.scenario import Overrides

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.report import Report

QUOTED = """\
m2her: scenario/v1
characters: {mara: She keeps the inn.}
history:
  - user: Do you ever travel?
  - mara: &I went as far as the mill once.
message: Is there a room left?
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(folder: Path, *names: str, demands: Demands | None = None) -> Report:
    """Check files of a folder, or all of it."""
    compiler = Compiler(base=folder)
    items = [Input(path=folder / name) for name in names] or compiler.find(folder)
    return Checker(compiler=compiler, demands=demands or Demands()).check(items)


def told(report: Report) -> list[str]:
    """Return the findings but for notes, as `path:line code`."""
    return [
        f"{d.span} {d.code.slug}" for d in report.diagnostics if d.severity is not Severity.NOTE
    ]


# --- which files


def test_a_file_of_another_program_is_one_warning_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "services: {a: [}\nx: &y\n")
    report = check(tmp_path)
    assert told(report) == ["compose.yaml:1:1 no-header"]
    assert report.diagnostics[0].severity is Severity.WARNING
    assert report.paths == ("compose.yaml",)
    assert not report.failed


def test_a_file_of_another_program_is_one_error_where_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "services: {a: [}\nx: &y\n")
    report = check(tmp_path, "compose.yaml")
    assert told(report) == ["compose.yaml:1:1 no-header"]
    assert report.failed


def test_an_empty_file_counts_as_a_file(tmp_path: Path) -> None:
    write(tmp_path, "empty.yaml", "\n")
    report = check(tmp_path)
    assert told(report) == ["empty.yaml:1:1 no-header"]
    assert report.diagnostics[0].message == "the file is empty"


def test_a_file_that_is_no_text_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_bytes("services: {}\n".encode("utf-16"))
    assert told(check(tmp_path)) == ["wide.yaml:1:1 bad-encoding"]


def test_mistakes_in_a_shared_file_are_told_once(tmp_path: Path) -> None:
    write(tmp_path, "mara.yaml", "m2her: character/v1\ndescription: '{{ nobody.name }}'\n")
    for name in ("one", "two"):
        use = "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmessage: A\n"
        write(tmp_path, f"{name}.yaml", use)
    assert told(check(tmp_path)) == ["mara.yaml:2:18 unknown-name"]


def test_a_character_that_nobody_uses_is_looked_at_all_the_same(tmp_path: Path) -> None:
    text = "m2her: character/v1\ndescription: '{{ vars.era }} {{ nobody.name }}'\n"
    write(tmp_path, "jean-luc.yaml", text)
    report = check(tmp_path, "jean-luc.yaml")
    assert told(report) == ["jean-luc.yaml:2:33 unknown-name"]


# --- variables


def test_a_variable_without_a_value_is_a_note_and_the_rest_is_checked(tmp_path: Path) -> None:
    text = (
        "m2her: scenario/v1\n"
        "variables: {era: {type: string}}\n"
        "system: In {{ vars.era }}.\n"
        "message: A\n"
    )
    write(tmp_path, "inn.yaml", text)
    [note] = [d for d in check(tmp_path).diagnostics if d.code.slug == "missing-variable"]
    assert note.severity is Severity.NOTE


def test_an_axis_keeps_its_values_where_a_default_is_missing(tmp_path: Path) -> None:
    text = (
        "m2her: scenario/v1\n"
        "variables: {mood: {type: string}, era: now}\n"
        "matrix: {mood: [calm, storm], include: [{era: then}]}\n"
        "system: '{{ vars.mood }} {{ vars.era }}'\n"
        "style: '{% if vars.mood == \"storm\" %}{{ 1 / 0 }}{% endif %}'\n"
        "message: A\n"
    )
    write(tmp_path, "inn.yaml", text)
    assert [d.code.slug for d in check(tmp_path).diagnostics if d.is_error] == ["template-value"]


# --- what is wanted


def test_a_selection_leaves_errors_in(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", QUOTED + "mesage: twice\n")
    demands = Demands(select=("M2H7",))
    assert told(check(tmp_path, demands=demands)) == ["inn.yaml:7:1 unknown-key"]


def test_the_command_line_takes_the_place_of_settings(tmp_path: Path) -> None:
    write(tmp_path, "m2her.toml", '[check]\nignore = ["unused-anchor"]\n')
    write(tmp_path, "inn.yaml", QUOTED)
    assert told(check(tmp_path)) == []
    demands = Demands(ignore=("M2H1",), select=("M2H1", "M2H7"))
    assert told(check(tmp_path, demands=demands)) == []
    assert told(check(tmp_path, demands=Demands(ignore=()))) == ["inn.yaml:5:11 unused-anchor"]


def test_settings_select_by_path_and_severity(tmp_path: Path) -> None:
    settings = (
        "[check]\n"
        'per-path-ignores = { "drafts/*" = ["M2H109"] }\n'
        'severity = { unused-anchor = "error" }\n'
    )
    write(tmp_path, "m2her.toml", settings)
    write(tmp_path, "inn.yaml", QUOTED)
    write(tmp_path, "drafts/other.yaml", QUOTED)
    report = check(tmp_path)
    assert [d for d in told(report) if "anchor" in d] == ["inn.yaml:5:11 unused-anchor"]
    assert report.failed


def test_settings_say_what_fails(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", QUOTED)
    assert not check(tmp_path).failed
    write(tmp_path, "m2her.toml", '[check]\nfail-on = "warning"\n')
    assert check(tmp_path).failed
    assert not check(tmp_path, demands=Demands(fail_on=Severity.ERROR)).failed


def test_unknown_names_in_settings_are_found_with_their_line(tmp_path: Path) -> None:
    settings = (
        "[compile]\n"
        'target = "openapi"\n'
        "[check]\n"
        "ignore = [\n"
        '  "M2H109",\n'
        '  "M2H999",\n'
        "]\n"
        'severity = { "no-example" = "off", M2H109 = "loud" }\n'
        'per-path-ignores = { "drafts/*" = ["M2H101"] }\n'
    )
    write(tmp_path, "m2her.toml", settings)
    write(tmp_path, "inn.yaml", QUOTED.replace("&", ""))
    found = [f"{d.span} {d.message}" for d in check(tmp_path).diagnostics if d.is_error]
    assert found == [
        "m2her.toml:2:11 there is no target `openapi`",
        "m2her.toml:6:4 `check.ignore`: there is no finding `M2H999`",
        "m2her.toml:8:15 `check.severity`: there is no finding `no-example`",
        "m2her.toml:8:46 `check.severity`: `M2H109` cannot be `loud`",
        "m2her.toml:9:37 `check.per-path-ignores`: `M2H101` is an error",
    ]


# --- comments


def test_a_comment_in_a_shared_file_holds_for_all_who_use_it(tmp_path: Path) -> None:
    text = (
        "m2her: character/v1\n"
        "description: Keeps the inn.\n"
        'greetings: ["A", "B"]  # m2her: ignore[unused-anchor]\n'
    )
    write(tmp_path, "mara.yaml", text)
    use = "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmessage: A\n"
    write(tmp_path, "inn.yaml", use)
    assert [d for d in told(check(tmp_path)) if "anchor" in d] == []


def test_a_finding_that_a_library_takes_for_an_error_can_still_be_silenced(tmp_path: Path) -> None:
    write(tmp_path, "m2her.toml", '[check]\nseverity = { unused-anchor = "error" }\n')
    line = "- mara: &I went as far as the mill once."
    write(tmp_path, "inn.yaml", QUOTED.replace(line, f"{line}  # m2her: ignore[M2H109]"))
    assert told(check(tmp_path)) == []
    [result] = [Compiler(base=tmp_path).compile(Input(path=tmp_path / "inn.yaml"), Overrides())]
    assert (result.ok, result.diagnostics) == (True, ())


def test_an_ignore_is_not_unused_because_its_code_is_not_looked_for(tmp_path: Path) -> None:
    write(tmp_path, "inn.yaml", QUOTED.replace("&", "") + "# m2her: ignore[unused-anchor]\n")
    assert told(check(tmp_path)) == ["inn.yaml:7:17 unused-ignore"]
    assert told(check(tmp_path, demands=Demands(ignore=("M2H109",)))) == []


def test_an_ignore_in_a_shared_file_is_judged_with_the_whole_library_alone(tmp_path: Path) -> None:
    text = "m2her: character/v1\nname: Mara  # m2her: ignore[M2H505]\ndescription: Keeps the inn.\n"
    write(tmp_path, "mara.yaml", text)
    use = "m2her: scenario/v1\ncharacters: {mara: {use: mara.yaml}}\nmessage: A\n"
    write(tmp_path, "inn.yaml", use)
    assert told(check(tmp_path, "mara.yaml")) == []
    assert told(check(tmp_path)) == ["mara.yaml:2:29 unused-ignore"]


# --- order


def test_the_order_of_work_does_not_matter(tmp_path: Path) -> None:
    names = ("a.yaml", "b.yaml", "c/d.yaml")
    for name in names:
        write(tmp_path, name, QUOTED)
    forth, back = check(tmp_path, *names), check(tmp_path, *reversed(names))

    # Of several files with one id it is the first that has it.
    def without_ids(report: Report) -> list[str]:
        return [each for each in told(report) if "id" not in each and "dup" not in each]

    assert without_ids(forth) == without_ids(back)


def scene(name: str, *bases: str) -> str:
    """Return a scenario that extends others, named without their endings."""
    extends = ", ".join(f"{base}.yaml" for base in bases)
    head = f"m2her: scenario/v1\nid: {name}\nabstract: true\n"
    return f"{head}extends: [{extends}]\ntitle: {name}\n"


GRAPHS = {
    "a circle": {"a": ["b"], "b": ["c"], "c": ["a"], "outside": ["b"], "beside": ["outside"]},
    "two circles that meet": {"a": ["b", "c"], "b": ["a"], "c": ["a", "d"], "d": ["d"]},
    "a chain that is too long": {f"s{i:02}": [f"s{i + 1:02}"] * (i < 60) for i in range(61)},
    "a chain of the most": {f"s{i:02}": [f"s{i + 1:02}"] * (i < 40) for i in range(41)},
    "a short cut": {
        **{f"s{i:02}": [f"s{i + 1:02}"] for i in range(40)},
        "s40": ["end"],
        "end": [],
        "user": ["s20", "s01", "end"],
    },
    "a short way after a long one": {
        **{f"s{i:02}": [f"s{i + 1:02}"] for i in range(39)},
        "s39": ["low"],
        "low": ["end"],
        "end": ["last"],
        "last": [],
        "top": ["low"],
        "user": ["s02", "low"],
        "other": ["s02", "top"],
    },
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS.keys())
def test_what_is_found_in_a_file_does_not_depend_on_the_others(
    tmp_path: Path, graph: dict[str, list[str]]
) -> None:
    for name, bases in graph.items():
        write(tmp_path, f"{name}.yaml", scene(name, *bases))

    def found(checker: Checker, name: str) -> tuple[object, ...]:
        result = checker.check_file(Input(path=tmp_path / f"{name}.yaml"))
        told = [
            (str(d.span), d.message, [(str(r.span), r.message) for r in d.related])
            for d in result.findings
        ]
        return told, result.depends_on, result.asked

    def checker() -> Checker:
        return Checker(compiler=Compiler(base=tmp_path))

    alone = {name: found(checker(), name) for name in graph}
    for names in (sorted(graph), sorted(graph, reverse=True)):
        together = checker()
        assert {name: found(together, name) for name in names} == alone


def test_a_base_that_was_checked_by_itself_stays_one_file(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "m2her: scenario/v1\nabstract: true\nextends: base.yaml\n")
    write(tmp_path, "base.yaml", "m2her: scenario/v1\ninstructions+: [Be kind]\nmessage: Hello.\n")
    user = write(tmp_path, "user.yaml", "m2her: scenario/v1\nextends: [a.yaml, base.yaml]\n")
    together = Checker(compiler=Compiler(base=tmp_path))
    for item in together.compiler.find(tmp_path):
        result = together.check_file(item)
        together.forget(result)
    alone = Checker(compiler=Compiler(base=tmp_path)).check_file(Input(path=user))

    assert [d.message for d in result.findings] == [d.message for d in alone.findings]


def test_a_circle_is_told_once_wherever_it_is_entered(tmp_path: Path) -> None:
    for name, bases in GRAPHS["a circle"].items():
        write(tmp_path, f"{name}.yaml", scene(name, *bases))

    expected = "files build on each other in a circle: `a.yaml` → `b.yaml` → `c.yaml` → `a.yaml`"
    for names in (("a.yaml", "b.yaml", "c.yaml", "beside.yaml"), ("c.yaml",), ("beside.yaml",)):
        circles = [d for d in check(tmp_path, *names).diagnostics if d.code.slug == "cycle"]
        assert [(str(d.span), d.message) for d in circles] == [("c.yaml:4:11", expected)]


def test_forty_references_are_a_chain_and_one_more_is_too_long(tmp_path: Path) -> None:
    for name, bases in GRAPHS["a chain that is too long"].items():
        write(tmp_path, f"{name}.yaml", scene(name, *bases))

    def too_deep(name: str) -> list[str]:
        report = check(tmp_path, f"{name}.yaml")
        return [f"{d.span}" for d in report.diagnostics if "40 deep" in d.message]

    assert too_deep("s20") == []
    assert too_deep("s19") == ["s59.yaml:4:11"]
