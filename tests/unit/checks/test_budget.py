"""Which variant's size is told of, against which window, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input
from m2her_compose.targets import BASIC, M2_HER
from m2her_compose.tokens import EstimateCounter, estimate

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.diagnostics import Diagnostic
    from m2her_compose.targets import Target
    from m2her_compose.tokens import Counter, Kind

SCENE = """\
m2her: scenario/v1
variables: {words: 1}
matrix:
  words: {few: "1", most: "3000", many: "2500"}
system: "{% for i in range(vars.words | int) %}x {% endfor %}"
persona: {name: Ida}
history: [{user: Good evening.}]
message: Good evening.
"""


class Words:
    """Counts words, as if a tokenizer did; remembers what it was asked."""

    kind: Kind = "exact"
    name = "words"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def count(self, text: str) -> int:
        self.asked.append(text)
        return len(text.split())


def check(
    folder: Path, *, counter: Words, target: Target = M2_HER, settings: str = ""
) -> list[Diagnostic]:
    (folder / "scene.yaml").write_text(SCENE, encoding="utf-8")
    (folder / "m2her.toml").write_text(f"[compile]\n{settings}\n", encoding="utf-8")
    demands = Demands(select=("M2H6",), target=target.id, counter=counter)
    checker = Checker(compiler=Compiler(base=folder), demands=demands)
    return list(checker.check([Input(path=folder / "scene.yaml")]).diagnostics)


def test_the_largest_variant_is_told_of_exactly(tmp_path: Path) -> None:
    """3,000 words, two greetings of two words, three names, three headers, and the prefix."""
    [found] = check(tmp_path, counter=Words())
    tokens = 3000 + 2 * 2 + 3 + 3 * M2_HER.per_message_tokens + M2_HER.prefix_tokens
    assert f"`scene[words=most]` has {tokens:,} tokens" in found.message
    assert found.related[0].message == "`system`: 3,000 tokens"


def test_each_text_is_counted_once(tmp_path: Path) -> None:
    counter = Words()
    check(tmp_path, counter=counter)
    assert len(counter.asked) == len(set(counter.asked))


def test_an_error_is_told_in_place_of_warnings(tmp_path: Path) -> None:
    found = check(tmp_path, counter=Words(), settings="context-window = 2600")
    assert [each.code.slug for each in found] == ["over-context-window"]
    found = check(tmp_path, counter=Words(), settings="context-window = 2600\nbudget = 100")
    assert [each.code.slug for each in found if each.is_error] == ["too-large-to-fit"]


def test_a_target_without_a_window_has_that_of_the_settings(tmp_path: Path) -> None:
    assert not check(tmp_path, counter=Words(), target=BASIC)
    [found] = check(tmp_path, counter=Words(), target=BASIC, settings="context-window = 2600")
    assert "at most 2,600" in found.message


class Estimates:
    """Estimates each text by itself, so that no bound stands for a count."""

    kind: Kind = "estimate"
    name = "estimate"

    def count(self, text: str) -> int:
        return estimate(text)


@pytest.mark.parametrize("words", range(1_000, 2_600, 100))
@pytest.mark.parametrize("lines", [1, 12])
def test_a_bound_says_nothing_that_a_count_does_not_say(
    tmp_path: Path, words: int, lines: int
) -> None:
    """Around 2,048 tokens, and where examples are heavy and where they are not."""
    example = "".join(f"- {{user: {'rain on the roof ' * 30}}}\n" for _ in range(lines))
    scene = f"m2her: scenario/v1\nexamples:\n{example}system: {'x ' * words}\nmessage: Hello.\n"
    (tmp_path / "scene.yaml").write_text(scene, encoding="utf-8")

    def found(counter: Counter) -> list[tuple[str, str]]:
        demands = Demands(select=("M2H6",), counter=counter)
        checker = Checker(compiler=Compiler(base=tmp_path), demands=demands)
        report = checker.check([Input(path=tmp_path / "scene.yaml")])
        return [(each.code.id, each.message) for each in report.diagnostics]

    assert found(EstimateCounter()) == found(Estimates())
