"""The estimate: close to what a 200,000-token vocabulary counts, and safe on any text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.tokens import estimate
from m2her_compose.tokens.estimate import estimate_at_most, pieces, shape_of
from m2her_compose.tokens.weights import CHARACTERS, RANGES, SHAPES

# Written for this test; the tokens are what o200k_base counts.
COUNTED = {
    "english": (
        (
            "*She leans against the counter, twirling a strand of hair.* \"You're late again, you "
            "know. I was starting to think you'd forgotten about me.\" She sighs, but there is a "
            "smile in her eyes."
        ),
        46,
    ),
    "english instructions": (
        (
            "You are a humorous chat partner. Keep your replies "
            "short, stay in character, and never "
            "speak for the user."
        ),
        23,
    ),
    "chinese": (
        (
            "（她轻轻叹了口气，把茶杯放在桌上）你怎么现在才"
            "来？我等了你一整个下午，茶都凉了。不过……看在你"
            "淋了雨的份上，这次就原谅你吧。"
        ),
        56,
    ),
    "chinese instructions": (
        "你是三国时期的诸葛亮，足智多谋，沉着冷静，说话文雅。请始终保持角色，不要提及现代事物。",
        37,
    ),
    "japanese": (
        (
            "「もう、遅いよ。ずっと待ってたんだから」彼女は"
            "頬を膨らませて、それから少しだけ笑った。「でも、"
            "来てくれてありがとう。今日は一緒に帰ろうね」"
        ),
        52,
    ),
    "russian": (
        (
            "Она поставила чашку на стол и улыбнулась. «Ты опять "
            "опоздал, — сказала она тихо. — Я уже "
            "думала, что ты не придёшь. Садись, расскажи, как прошёл твой день»."
        ),
        51,
    ),
    "python": (
        (
            "def greet(name: str, *, loud: bool = False) -> str:\n"
            '    """Return a greeting."""\n'
            '    text = f"Hello, {name}!"\n'
            "    return text.upper() if loud else text\n"
        ),
        43,
    ),
    "javascript": (
        (
            "const total = items\n  .filter((item) => item.price > 0)\n"
            "  .reduce((sum, item) => sum + item.price * item.count, 0);\n"
            "console.log(`total: ${total}`);\n"
        ),
        46,
    ),
    "emoji": (
        (
            "good morning!! ☀️ did you sleep well? 😴 i made pancakes 🥞🥞 and coffee ☕ come "
            "downstairs before the cat eats them 😹❤️"
        ),
        35,
    ),
    "chinese emoji": (
        "太好了！🎉🎉 今天终于放假啦 😆 我们去海边吧 🌊🏖️ 记得带相机哦 📷✨",
        35,
    ),
}
# Characters of every kind that the estimate tells apart, and of those it knows nothing of.
ALPHABET = st.sampled_from(
    "aZé09 .,_-=()\n\r\t'я Щé中的あア。한ไअ😀❤️\u200d\u0301\ufffd\U00020000\udc00\x00"
)
TEXTS = st.text(alphabet=ALPHABET, max_size=60)


@pytest.mark.parametrize(("text", "tokens"), COUNTED.values(), ids=COUNTED)
def test_a_short_text_is_estimated_within_a_sixth(text: str, tokens: int) -> None:
    assert estimate(text) == pytest.approx(tokens, rel=1 / 6)


def test_short_texts_together_are_estimated_within_a_twentieth() -> None:
    estimated = sum(estimate(text) for text, _ in COUNTED.values())
    assert estimated == pytest.approx(sum(tokens for _, tokens in COUNTED.values()), rel=0.05)


def test_nothing_costs_nothing() -> None:
    assert estimate("") == 0


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_a_text_costs_at_least_one_token_and_at_most_six_a_character(text: str) -> None:
    assert min(1, len(text)) <= estimate(text) <= 6 * len(text)


@given(st.lists(st.one_of(TEXTS, st.text(alphabet=" ax\n", max_size=6)), max_size=6))
def test_texts_are_estimated_together_at_what_they_cost_apart_and_hardly_more(
    texts: list[str],
) -> None:
    apart = sum(map(estimate, texts))
    assert apart <= estimate_at_most(texts) <= apart + 4 * len(texts)


@given(TEXTS, TEXTS)
def test_two_texts_cost_no_more_joined_than_apart(first: str, second: str) -> None:
    # Words that the join makes one, in a chunk that now looks like code, may cost some more.
    apart = estimate(first) + estimate(second)
    assert estimate(first + second) <= 1.5 * apart + 8


@given(TEXTS, TEXTS)
def test_a_longer_text_costs_hardly_less(text: str, more: str) -> None:
    assert estimate(text + more) >= 0.5 * estimate(text) - 4


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_the_order_of_lines_does_not_matter(lines: list[str]) -> None:
    spaced = [f" {line.strip()} " for line in lines]
    assert estimate(" ".join(spaced)) == estimate(" ".join(reversed(spaced)))


@given(TEXTS)
def test_the_shape_has_a_byte_for_each_character(text: str) -> None:
    assert len(shape_of(text)) == len(text)


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_any_shape_is_cut_into_pieces_with_a_length(chunk: bytes) -> None:
    assert all(length >= 1 for _, length in pieces(chunk))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        pytest.param("Hi, you2!", b"Aa, aaa0!", id="ascii"),
        pytest.param("naïve ça", b"aaeaa ea", id="accents"),
        pytest.param("Да — так", b"rr h rrr", id="cyrillic"),
        pytest.param("你好👋🏽", b"hhhh", id="wide"),
        pytest.param("αβ ©", b"oo \x01", id="another alphabet and a sign"),
    ],
)
def test_shape_keeps_the_class_of_each_character(text: str, shape: bytes) -> None:
    assert shape_of(text) == shape


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        pytest.param("Hello,", [("prose break title", 5), ("marks", 1)], id="a word and a comma"),
        pytest.param("don't", [("contraction", 1), ("prose break lower", 3)], id="a contraction"),
        pytest.param(
            "self.max_size",
            [("code break lower", 4), ("code dot lower", 3), ("code underscore lower", 4)],
            id="an attribute",
        ),
        pytest.param("20260112", [("number", 3)], id="digits by three"),
        pytest.param("-----\n", [("rule at the end", 5)], id="a ruler with its line end"),
        pytest.param("\n\n", [("space", 1)], id="an empty line"),
        pytest.param("Привет", [("cyrillic", 6)], id="a Russian word"),
        pytest.param("你好吗", [("wide", 1)], id="a run of ideographs"),
    ],
)
def test_a_chunk_is_cut_as_encoders_cut_it(text: str, cut: list[tuple[str, int]]) -> None:
    assert list(pieces(shape_of(text))) == cut


@pytest.mark.parametrize(
    "made",
    [
        pytest.param("'a' * 10_000_000", id="one letter"),
        pytest.param("' ' * 10_000_000", id="spaces"),
        pytest.param("'\\n' * 10_000_000", id="line ends"),
        pytest.param('"\'" * 10_000_000', id="apostrophes"),
        pytest.param("'/' * 10_000_000", id="slashes"),
        pytest.param("'中' * 3_000_000", id="one ideograph"),
        pytest.param("'e\\u0301' * 2_000_000", id="combining marks"),
        pytest.param("'aЯ中😀_1.' * 200_000", id="mixed scripts without a space"),
        pytest.param("'о' * 5_000_000", id="one cheap Cyrillic letter"),
    ],
)
def test_a_hostile_text_takes_seconds_at_most(made: str) -> None:
    """A quadratic step would take hours; the bound only guards against a hang."""
    program = f"from m2her_compose.tokens import estimate; print(estimate({made}) > 0)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "True\n"


def test_a_character_has_one_cost() -> None:
    listed = [char for _, chars in CHARACTERS for char in chars]
    assert len(listed) == len(set(listed))


def test_ranges_ascend_from_the_first_character() -> None:
    starts = [start for start, _ in RANGES]
    assert (starts[0], starts) == (0, sorted(set(starts)))


def test_a_longer_piece_goes_on_costing_more() -> None:
    assert all(rate >= 1 for costs, rate in SHAPES.values() if len(costs) > 1)
