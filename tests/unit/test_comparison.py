"""What differs between two versions of scenarios, in what the model gets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.build import Wishes
from m2her_compose.charges import Charger
from m2her_compose.comparison import (
    Change,
    Comparer,
    Comparison,
    Fate,
    Kind,
    MessageChange,
    Part,
    VariantChange,
    Version,
)
from m2her_compose.comparison.sequences import Effort, align
from m2her_compose.comparison.words import edits, words
from m2her_compose.compiler import Compiler, Input
from m2her_compose.emit.difference import Page, difference_text
from m2her_compose.emit.difference_markdown import MOST_BYTES, difference_markdown
from m2her_compose.emit.terminal import cells
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk
from m2her_compose.targets import M2_HER
from m2her_compose.tokens import EstimateCounter

if TYPE_CHECKING:
    from collections.abc import Sequence

SCENE = """\
m2her: scenario/v1
id: inn
characters:
  mara:
    name: Mara
    description: She keeps an inn by the river.
persona: {name: Tam, description: You are a ferryman.}
group: A wet evening.
examples:
- {user: Is there a room?, mara: There is always a room.}
history:
- user: Good evening.
- mara: Wipe your feet.
- user: They are dry.
message: What is the soup?
"""
VARIANTS = """\
m2her: scenario/v1
id: hours
variables: {hour: dawn}
matrix: {hour: [dawn, noon, dusk]}
system: You keep the ferry.
group: It is {{ vars.hour }}.
message: Hello
"""


def version(text: str, place: str = "inn.yaml", budget: int | None = None) -> Version:
    """Compile a scenario that is in no file."""
    folder = Path("/nowhere")
    path = folder / place
    compiler = Compiler(
        files=Disk(texts={path: text.encode()}),
        base=folder,
        root=folder,
        wishes=Wishes(budget_tokens=budget),
    )
    result = compiler.compile(Input(path=path), Overrides())
    return Version(
        id=result.id,
        path=result.path,
        place=place,
        conversations=tuple(each.conversation for each in result.variants),
        errors=tuple(each for each in result.diagnostics if each.is_error),
    )


def compared(
    old: Sequence[Version], new: Sequence[Version], *, same_scenario: bool = False
) -> Comparison:
    charger = Charger(counter=EstimateCounter(), overhead=M2_HER)
    return Comparer(charge=charger.charge, same_scenario=same_scenario).compare(old, new)


def change(old: str, new: str) -> VariantChange:
    """Return what became of the only variant of a scenario."""
    [scenario] = compared([version(old)], [version(new)]).scenarios
    [variant] = scenario.variants
    return variant


def message(old: str, new: str) -> MessageChange:
    [found] = change(old, new).messages
    return found


def shown(old: str, new: str, width: int | None = None) -> str:
    return difference_text(compared([version(old)], [version(new)]), Page(width=width))


def marked(old: str, new: str) -> str:
    """Return a text's edits as one line."""
    signs = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "{{+{}+}}"}
    return "".join(signs[e.kind].format(e.text) for e in edits(old, new, Effort(100_000)))


# --- what is the same


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(SCENE, id="the-same-bytes"),
        pytest.param("# kept by Mara\n" + SCENE.replace("\n", "\r\n"), id="comments-and-line-ends"),
        pytest.param(SCENE.replace("A wet evening.", '"A wet\\x20evening."'), id="quotes"),
        pytest.param(SCENE.replace("group: A", "group: >-\n  A"), id="blocks"),
        pytest.param(
            SCENE.replace("group: A wet evening.\n", "") + "group: {setting: A wet evening.}\n",
            id="order-and-shorthands",
        ),
        pytest.param(SCENE + "summary: Not sent.\nx-note: neither\n", id="what-is-never-sent"),
        pytest.param(
            SCENE.replace("Mara", "'{{ vars.n }}'") + "variables: {n: Mara}", id="templates"
        ),
    ],
)
def test_a_scenario_that_was_written_anew_is_the_same(new: str) -> None:
    assert new == SCENE or version(new).conversations
    assert compared([version(SCENE)], [version(new)]).is_empty


def test_a_file_that_moved_is_the_same() -> None:
    assert compared([version(SCENE)], [version(SCENE, "deep/er.yaml")]).is_empty


# --- messages


def test_a_changed_word_is_found_in_its_message_and_line() -> None:
    found = message(SCENE, SCENE.replace("by the river", "at the river"))
    assert found.change is Change.CHANGED
    assert (found.old_number, found.new_number) == (1, 1)
    assert str(found.new_place) == "inn.yaml:6:18"
    assert [e for e in found.edits if e.kind is not Kind.SAME] == [
        (Kind.GONE, "by"),
        (Kind.NEW, "at"),
    ]


def test_places_are_of_both_sides() -> None:
    new = "# a line more\n" + SCENE.replace("Wipe your feet.", "Wipe your boots.")
    found = message(SCENE, new)
    assert (found.old_place and found.old_place.line, found.new_place and found.new_place.line) == (
        13,
        14,
    )


def test_the_line_within_a_block_is_named() -> None:
    block = SCENE.replace("A wet evening.", "|-\n  One.\n  Two.\n  Three.")
    found = message(block, block.replace("Three", "Four"))
    assert found.new_place is not None
    assert found.new_place.line == 11


def test_a_turn_that_was_added_does_not_change_the_others() -> None:
    new = SCENE.replace("- user: Good", "- mara: Come in.\n- user: Good")
    found = message(SCENE, new)
    assert (found.change, found.new_number) == (Change.ADDED, 6)
    assert found.new is not None
    assert found.new.content == "Come in."
    back = message(new, SCENE)
    assert (back.change, back.old_number) == (Change.REMOVED, 6)


def test_a_message_that_moved_is_told_once() -> None:
    new = SCENE.replace("- user: Good evening.\n", "").replace(
        "message", "- user: Good evening.\nmessage"
    )
    [found] = change(SCENE, new).messages
    assert found.change is Change.MOVED
    assert found.old is not None
    assert found.old.content == "Good evening."
    assert (found.old_number, found.new_number) == (6, 8)


def test_a_message_that_says_something_else_is_gone_and_new() -> None:
    found = change(SCENE, SCENE.replace("They are dry.", "Where have all horses gone tonight"))
    assert [each.change for each in found.messages] == [Change.REMOVED, Change.ADDED]


def test_a_name_alone_is_a_change() -> None:
    found = change(SCENE, SCENE.replace("Tam", "Tom")).messages
    assert {each.edits for each in found} == {()}
    assert found[0].new is not None
    assert "user_system · Tam → user_system · Tom" in shown(SCENE, SCENE.replace("Tam", "Tom"))


def test_a_part_that_is_new_comes_where_it_is_sent() -> None:
    old = SCENE.replace("group: A wet evening.\n", "")
    found = message(old, SCENE)
    assert (found.change, found.new_number) == (Change.ADDED, 3)


# --- beside messages


def test_tokens_are_told_by_part() -> None:
    found = change(SCENE, SCENE.replace("There is always a room.", "No."))
    assert [part for part, _ in found.tokens] == [Part.EXAMPLES]
    assert found.total.difference == found.tokens[0][1].difference < 0


def test_model_and_parameters_are_told() -> None:
    old = SCENE + "parameters: {temperature: 1.0, top_p: 0.9}\n"
    new = SCENE + "parameters: {temperature: 0.5, stream: false}\nmodel: M2-her-2\n"
    assert [(s.name, s.old, s.new) for s in change(old, new).settings] == [
        ("model", "M2-her", "M2-her-2"),
        ("temperature", 1.0, 0.5),
        ("top_p", 0.9, None),
        ("stream", None, False),
    ]
    assert change(old, new).total.difference == 0


def test_what_the_budget_leaves_out_now_is_told() -> None:
    long = SCENE.replace(
        "- user: Good", "- user: " + "So long. " * 40 + "\n- mara: Yes.\n- user: Good"
    )
    old, new = version(long, budget=5_000), version(long, budget=270)
    assert new.conversations[0].dropped
    [scenario] = compared([old], [new]).scenarios
    omissions = scenario.variants[0].omissions
    assert omissions is not None
    assert omissions.tokens.old == 0 < omissions.tokens.new
    assert {each.kind for each in omissions.now} >= {"turn"}
    assert "now left out: turn, inn.yaml:12" in difference_text(
        compared([old], [new]), Page(width=None)
    )
    assert "no longer left out: turn, inn.yaml:12" in difference_text(
        compared([new], [old]), Page(width=None)
    )


# --- scenarios and variants


def test_variants_that_changed_in_the_same_way_are_told_together() -> None:
    [scenario] = compared(
        [version(VARIANTS)], [version(VARIANTS.replace("ferry", "bridge"))]
    ).scenarios
    assert [each.ids for each in scenario.variants] == [
        ("hours[hour=dawn]", "hours[hour=noon]", "hours[hour=dusk]")
    ]


def test_what_stays_the_same_may_differ_between_variants_that_are_told_together() -> None:
    old = VARIANTS.replace("You keep the ferry.", "You keep the ferry at {{ vars.hour }}.")
    [scenario] = compared([version(old)], [version(old.replace("ferry", "bridge"))]).scenarios
    assert [len(each.ids) for each in scenario.variants] == [3]


def test_variants_come_and_go() -> None:
    new = VARIANTS.replace("[dawn, noon, dusk]", "[dawn, noon, night]")
    [scenario] = compared([version(VARIANTS)], [version(new)]).scenarios
    assert [(v.change, v.ids) for v in scenario.variants] == [
        (Change.ADDED, ("hours[hour=night]",)),
        (Change.REMOVED, ("hours[hour=dusk]",)),
    ]


def test_scenarios_come_and_go() -> None:
    old = [version(SCENE), version(VARIANTS, "hours.yaml")]
    other = version(SCENE.replace("id: inn", "id: mill").replace("inn", "mill"), "mill.yaml")
    found = compared(old, [other, old[1]]).scenarios
    assert [(s.fate, s.id) for s in found] == [(Fate.ADDED, "mill"), (Fate.REMOVED, "inn")]


def test_a_scenario_keeps_its_identity_by_its_id_then_by_its_path() -> None:
    renamed = SCENE.replace("id: inn", "id: tavern").replace("A wet", "A dry")
    [by_path] = compared([version(SCENE)], [version(renamed)]).scenarios
    assert (by_path.fate, by_path.id, by_path.old_id) == (Fate.CHANGED, "tavern", "inn")
    moved = version(SCENE.replace("A wet", "A dry"), "other.yaml")
    [by_id] = compared([version(SCENE)], [version(VARIANTS), moved]).scenarios[1:]
    assert (by_id.id, by_id.old_path) == ("inn", "inn.yaml")


def test_a_scenario_that_was_only_renamed_is_told_as_that() -> None:
    named = SCENE + "title: The inn\n"
    new = version(named.replace("id: inn", "id: tavern"), "tavern.yaml")
    [found] = compared([version(named)], [new]).scenarios
    assert (found.fate, found.old_id, found.variants) == (Fate.CHANGED, "inn", ())


def test_two_files_are_one_scenario_whatever_they_are_called() -> None:
    named = SCENE + "title: The inn\n"
    new = version(named.replace("id: inn", "id: tavern"), "tavern.yaml")
    assert compared([version(named)], [new], same_scenario=True).is_empty


def test_a_scenario_that_does_not_compile_any_more_is_told() -> None:
    broken = version(SCENE.replace("message", "mesage"))
    [found] = compared([version(SCENE)], [broken]).scenarios
    assert found.fate is Fate.BROKEN
    assert [each.code.id for each in found.errors] == ["M2H201"]
    [back] = compared([broken], [version(SCENE)]).scenarios
    assert back.fate is Fate.MENDED
    assert compared([broken], [broken]).is_empty
    assert compared([broken], []).is_empty


# --- words


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("She keeps an inn.", "She kept an inn.", "She [-keeps-]{+kept+} an inn."),
        ("他在柜台后面。", "她在柜台后面。", "[-他-]{+她+}在柜台后面。"),
        ("one two", "one new two", "one {+new +}two"),
        ("don't go", "do go", "[-don't-]{+do+} go"),
        ("red, blue", "green, grey", "[-red, blue-]{+green, grey+}"),
        ("a\nb", "a\nc", "a\n[-b-]{+c+}"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
    ],
)
def test_edits_are_by_words(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


TEXTS = st.text(alphabet="ab \n。好é'", max_size=60)


@given(TEXTS, TEXTS, st.integers(min_value=0, max_value=200))
def test_edits_are_all_of_both_texts(old: str, new: str, steps: int) -> None:
    found = edits(old, new, Effort(steps))
    assert "".join(e.text for e in found if e.kind is not Kind.NEW) == old
    assert "".join(e.text for e in found if e.kind is not Kind.GONE) == new


@given(st.text(max_size=80))
def test_words_are_all_of_a_text(text: str) -> None:
    assert "".join(words(text)) == text


@given(st.lists(st.integers(0, 4), max_size=30), st.lists(st.integers(0, 4), max_size=30))
def test_aligned_blocks_cover_both_sequences(old: list[int], new: list[int]) -> None:
    i = j = 0
    for block in align(old, new, Effort(100_000)):
        assert (block.old.start, block.new.start) == (i, j)
        i, j = block.old.stop, block.new.stop
        same = old[block.old.start : i] == new[block.new.start : j]
        assert same is block.same
    assert (i, j) == (len(old), len(new))


def test_work_is_bounded_whatever_texts_hold() -> None:
    """Texts of two characters in no order, which no word holds together."""
    old = "".join("ab"[(n * n // 7) % 2] + " " for n in range(200_000))
    new = "".join("ab"[(n * n // 11) % 2] + " " for n in range(200_000))
    effort = Effort(300_000)
    found = edits(old, new, effort)
    assert effort.steps > -1_000_000
    assert "".join(e.text for e in found if e.kind is not Kind.NEW) == old


def test_ten_thousand_turns_are_compared() -> None:
    head = "m2her: scenario/v1\nid: long\nsystem: s\nhistory:\n"
    turns = [f"- {'user' if n % 2 else 'ai'}: line {n % 977} of {n}\n" for n in range(9_000)]
    new = [*turns[:100], "- ai: something new\n", *turns[100:8_990], *turns[8_995:]]
    new[4_000] = "- user: line 4000 of another\n"
    found = change(head + "".join(turns), head + "".join(new)).messages
    assert {each.change for each in found} <= {Change.ADDED, Change.REMOVED, Change.CHANGED}
    assert 5 < len(found) < 12


# --- as text and as Markdown


def test_what_stays_the_same_is_left_out() -> None:
    long = SCENE.replace("A wet evening.", "|-\n" + "".join(f"  Line {n}.\n" for n in range(60)))
    text = shown(long, long.replace("Line 30.", "Row 30."))
    assert "[-Line-]{+Row+} 30." in text
    assert "Line 29." in text
    assert "Line 27." not in text
    wide = SCENE.replace("A wet evening.", "word " * 300 + "end")
    assert max(map(len, shown(wide, wide.replace("end", "END")).splitlines())) < 120


@pytest.mark.parametrize("width", [24, 40, 80])
def test_lines_fit_the_width(width: int) -> None:
    new = SCENE.replace("by the river", "在很宽很宽的河边" * 10).replace("wet", "wet" * 40)
    lines = shown(SCENE, new, width).splitlines()
    assert max(map(cells, lines)) <= width


def test_colours_stand_in_place_of_signs_but_for_blanks() -> None:
    new = SCENE.replace("by the river", "at the river").replace("A wet", "A  wet")
    text = difference_text(compared([version(SCENE)], [version(new)]), Page(color=True))
    assert "\x1b[1;31mby\x1b[0m\x1b[1;32mat\x1b[0m" in text
    assert "[- -]" in text


def test_nothing_acts_on_a_terminal() -> None:
    new = SCENE.replace("A wet evening.", r'"\e[31m\u202e`red`"').replace("Tam", r'"T\u202eam"')
    for text in (
        shown(SCENE, new),
        difference_markdown(compared([version(SCENE)], [version(new)])),
    ):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\u{202e}" in text


HOSTILE = "```\n\n# Heading\n<img src=x onerror=alert(1)>\n@everyone | `code`\n````\n~~~~"


def test_markdown_holds_texts_in_fences_that_they_cannot_leave() -> None:
    block = "|-\n" + "".join(f"  {line}\n" for line in HOSTILE.split("\n"))
    old = SCENE.replace("group: A wet evening.", f"group: {block}  old")
    new = old.replace("  old", "  new").replace("What is the soup?", '"@all `a` | <b>"')
    page = difference_markdown(compared([version(old)], [version(new)]))
    fence: str | None = None
    outside: list[str] = []
    for line in page.splitlines():
        if fence is None and line.startswith("```"):
            fence = line.removesuffix("diff")
        elif fence is not None and line.strip(" ") == fence:
            fence = None
        elif fence is None:
            outside.append(line)
    assert fence is None
    assert not any(sign in line for line in outside for sign in ("<", "@", "Heading", "onerror"))


def test_markdown_holds_names_in_spans_that_they_cannot_leave() -> None:
    old = version(SCENE, "a`b|c.yaml")
    new = version(SCENE.replace("Mara", '"M`@x` | <b>"').replace("A wet", "A dry"), "a`b|c.yaml")
    page = difference_markdown(compared([old], [new]))
    for line in page.splitlines():
        if line.startswith(("#", "`~`", "|")):
            assert line.count("`") % 2 == 0
            outside = "".join(line.split("`")[::2])
            assert not set("@<") & set(outside)


def test_markdown_has_a_table_of_tokens() -> None:
    page = difference_markdown(
        compared([version(VARIANTS)], [version(VARIANTS.replace("the ferry", "a bridge here"))])
    )
    assert "| `hours[hour=dawn]` and 2 more | changed |" in page
    assert "_Tokens are estimates._" in page
    assert difference_markdown(compared([version(SCENE)], [version(SCENE)])) == ""


def test_markdown_is_bounded_and_says_what_was_cut() -> None:
    def many(word: str) -> list[Version]:
        history = "history:\n" + "".join(
            f"- user: {n} {word} {'a long line ' * 20}\n" for n in range(100)
        )
        text = f"m2her: scenario/v1\nsystem: s\n{history}"
        return [version(f"{text}id: s{n}\n", f"s{n}.yaml") for n in range(60)]

    page = difference_markdown(compared(many("old"), many("new")))
    assert len(page.encode()) < MOST_BYTES + 1_000
    assert "Too long to be shown whole: " in page
