"""Conversations that are made to fit: what is sent, what is not, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose import compile_scenario
from m2her_compose.build import Wishes
from m2her_compose.charges import Charger
from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk
from m2her_compose.targets import M2_HER, target_by_id
from m2her_compose.tokens import EstimateCounter, count_conversation

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.compiled import CompiledScenario, CompiledVariant

SCENE = """\
m2her: scenario/v1
characters: {mara: {name: Mara, description: She keeps the inn at the ford.}}
persona: {name: Ida, description: You have walked all day.}
instructions:
  - Stay in character.
  - {text: Never name the ferryman, keep: always}
  - {text: Mention the weather whenever it changes., keep: 5}
examples:
  - {user: Fine day., mara: It was., keep: always}
  - {user: And the mill?, mara: It turns when the miller does not drink., keep: 10}
  - - user: Is the bridge safe?
    - mara: Safer than the man who built it.
      keep: 90
history:
  - mara: Come in and close the door.
  - user: Is there a fire? I have been out in this since the mill, and the road is under water.
  - mara: There is a fire, a chair, and a dog who will want half of whatever you eat.
  - user: Has anybody come over the ford today, or is it as bad as they say down there?
  - mara: Two carts and a liar.
  - narrator: The shutters bang.
message: Is there a room left?
"""


def compiled(text: str, budget: int | None, base: Path) -> CompiledScenario:
    path = base / "scene.yaml"
    files = Disk(texts={path: text.encode()})
    wishes = Wishes(budget_tokens=budget, everything=budget is None)
    return Compiler(files=files, base=base, wishes=wishes).compile(Input(path=path), Overrides())


def only(result: CompiledScenario) -> CompiledVariant:
    [variant] = result.variants
    return variant


def tokens(variant: CompiledVariant) -> int:
    charger = Charger(counter=EstimateCounter(), overhead=M2_HER)
    return charger.charge(variant.conversation).total_tokens


def said(variant: CompiledVariant) -> list[str]:
    return [message.content for message in variant.messages[2:]]


# --- cases


def test_an_instruction_goes_from_the_system_message(tmp_path: Path) -> None:
    whole = only(compiled(SCENE, None, tmp_path))
    less = only(compiled(SCENE, tokens(whole) - 1, tmp_path))
    assert [(drop.kind, drop.keep) for drop in less.dropped] == [("instruction", 5)]
    assert "weather" in whole.messages[0].content
    assert "weather" not in less.messages[0].content
    assert "Never name the ferryman" in less.messages[0].content
    assert said(less) == said(whole)


def test_a_line_and_its_answer_go_together(tmp_path: Path) -> None:
    whole = only(compiled(SCENE, None, tmp_path))
    less = only(compiled(SCENE, tokens(whole) - 60, tmp_path))
    [history] = [drop for drop in less.dropped if drop.kind == "turn"]
    assert history.units in (("turn/0", "turn/1", "turn/2"), ("turn/0",))
    assert said(less)[-1] == "Is there a room left?"


def test_what_is_left_out_knows_where_it_stood(tmp_path: Path) -> None:
    whole = only(compiled(SCENE, None, tmp_path))
    less = only(compiled(SCENE, tokens(whole) - 1, tmp_path))
    [drop] = less.dropped
    assert [str(origin.span) for origin in drop.origins] == ["scene.yaml:7:12"]
    assert drop.tokens > 0


def test_a_library_sets_the_budget(tmp_path: Path) -> None:
    (tmp_path / "m2her.toml").write_text("[compile]\nbudget = 300\n", encoding="utf-8")
    (tmp_path / "scene.yaml").write_text(SCENE, encoding="utf-8")
    result = compile_scenario(tmp_path / "scene.yaml")
    assert only(result).dropped
    assert not only(compile_scenario(tmp_path / "scene.yaml", budget=4000)).dropped


def test_without_a_budget_the_window_is_one(tmp_path: Path) -> None:
    (tmp_path / "m2her.toml").write_text("[compile]\ncontext-window = 300\n", encoding="utf-8")
    (tmp_path / "scene.yaml").write_text(SCENE, encoding="utf-8")
    assert only(compile_scenario(tmp_path / "scene.yaml")).dropped
    found = compile_scenario(tmp_path / "scene.yaml", budget=200).diagnostics
    assert [d.code.slug for d in found if d.is_error] == ["too-large-to-fit"]


DECORATED = "'✧･ﾟ: *✧･ﾟ:* 𝓛𝓾𝓷𝓪 *:･ﾟ✧*:･ﾟ✧'"


@pytest.mark.parametrize("target", ["m2-her", "basic", "openai", "openrouter"])
@pytest.mark.parametrize("budget", [350, 500, 1000])
@pytest.mark.parametrize(
    ("name", "cast"), [(DECORATED, 1), ("诸葛亮", 2), ("A" * 190, 1)], ids=["signs", "two", "long"]
)
def test_the_budget_is_used_whatever_a_target_makes_of_names(
    target: str, budget: int, name: str, cast: int, tmp_path: Path
) -> None:
    """Names that are dropped, cut or written before each line cost otherwise than they seem to."""
    speakers = ["mara", "pike"][:cast]
    history = "".join(
        f"- user: yes {i}\n- {speakers[i % cast]}: and {i} more of the same\n" for i in range(100)
    )
    text = (
        f"m2her: scenario/v1\ncharacters:\n  mara: {{name: {name}, description: Short.}}\n"
        + ("  pike: {name: Pike}\nspeaker: mara\n" if cast > 1 else "")
        + f"history:\n{history}message: And?\n"
    )
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    result = compile_scenario(tmp_path / "scene.yaml", target=target, budget=budget)
    assert result.ok, result.diagnostics
    found = target_by_id(target)
    assert found is not None
    charger = Charger(counter=EstimateCounter(), overhead=found)
    size = charger.charge(only(result).conversation).total_tokens
    # A step of a tenth, and the part that did not fit.
    assert budget * 0.7 < size <= budget


def test_many_small_instructions_are_no_reason_to_lose_all(tmp_path: Path) -> None:
    """What a list's dashes cost is known only when an item is gone."""
    rules = "".join(f"- Rule {i}\n" for i in range(150))
    text = f"m2her: scenario/v1\nsystem: Be kind.\ninstructions:\n{rules}message: Hello\n"
    assert 270 < tokens(only(compiled(text, 300, tmp_path))) <= 300


def test_a_librarys_own_target_brings_its_window(tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_text(SCENE, encoding="utf-8")
    own = '[targets.local]\nbase = "m2-her"\ncontext-window = 300\n'
    for line in ("budget = 9000", "context-window = 9000"):
        (tmp_path / "m2her.toml").write_text(f"[compile]\n{line}\n{own}", encoding="utf-8")
        result = compile_scenario(tmp_path / "scene.yaml", target="local")
        assert tokens(only(result)) <= 300
        assert not only(compile_scenario(tmp_path / "scene.yaml")).dropped


@pytest.mark.parametrize(
    ("keep", "words"),
    [("alway", "`alway`"), ("101", "`101`"), ("-1", "`-1`"), ("1.5", "`1.5`"), ("'80'", "`80`")],
)
@pytest.mark.parametrize(
    "place",
    ["{text: Be brief., keep: KEEP}", "{user: A, mara: B, keep: KEEP}", "{user: A, keep: KEEP}"],
)
def test_a_wrong_keep_is_told_where_it_stands(
    keep: str, words: str, place: str, tmp_path: Path
) -> None:
    key = "instructions" if "text" in place else "examples" if "mara" in place else "history"
    text = (
        f"m2her: scenario/v1\ncharacters: {{mara: A}}\n{key}:\n  - {place.replace('KEEP', keep)}\n"
    )
    [error] = [d for d in compiled(text, None, tmp_path).diagnostics if d.is_error]
    assert error.message == f"`keep` cannot be {words}"
    assert error.span.text == keep


# --- laws

LINES = st.lists(
    st.tuples(
        st.sampled_from(["user", "mara", "narrator"]),
        st.integers(1, 40),
        st.sampled_from(["", "keep: always", "keep: 0", "keep: 100", "keep: 70"]),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(LINES, LINES, st.integers(190, 700))
def test_the_budget_is_kept_and_nothing_pinned_is_missing(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[str, int, str]],
    examples: list[tuple[str, int, str]],
    budget: int,
) -> None:
    base = tmp_path_factory.getbasetemp()
    turns = [f"{{{who}: {f'h{i} ' * size}, {keep}}}" for i, (who, size, keep) in enumerate(history)]
    shown = [
        f"{{{who}: {f'e{i} ' * size}, {keep}}}" for i, (who, size, keep) in enumerate(examples)
    ]
    text = (
        "m2her: scenario/v1\ncharacters: {mara: {name: Mara, description: Keeps the inn.}}\n"
        f"examples: [{', '.join(shown)}]\nhistory: [{', '.join(turns)}]\nmessage: And now?\n"
    )
    whole = only(compiled(text, None, base))
    result = compiled(text, budget, base)
    if not result.ok:
        assert [d.code.slug for d in result.diagnostics if d.is_error] == ["too-large-to-fit"]
        return
    less = only(result)
    assert tokens(less) <= budget
    lines = [message.content for message in whole.messages]
    kept = [message.content for message in less.messages]
    assert kept == [line for line in lines if line in kept]
    gone = {origin.span.text for drop in less.dropped for origin in drop.origins}
    assert len(kept) + sum(len(drop.units) for drop in less.dropped) == len(lines)
    for line in lines:
        assert (line in kept) != (line.strip() in {each.strip() for each in gone})
    pinned = [line for line in (*turns, *shown) if "always" in line]
    assert not [line for line in pinned if any(each.strip() in line for each in gone)]


def test_short_texts_that_cost_much_are_counted(tmp_path: Path) -> None:
    """One `ạ` alone is five tokens of our estimate, more than byte-level tokenizers make of it."""
    turns = "".join(f"  - {speaker}: ạ\n" for speaker in ("user", "ai") * 200)
    text = f"m2her: scenario/v1\nsystem: x\nnames: never\nhistory:\n{turns}message: ạ\n"
    whole = only(compiled(text, None, tmp_path))
    messages = [(m.name, m.content) for m in whole.messages]
    total = count_conversation(EstimateCounter(), M2_HER, messages)
    assert only(compiled(text, total, tmp_path)).messages == whole.messages
    assert len(only(compiled(text, total - 1, tmp_path)).messages) < len(whole.messages)
