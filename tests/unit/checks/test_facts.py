"""What is kept of a file's words, by which it is told whether another says nearly the same."""

from __future__ import annotations

import re
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.checks.facts import SKETCH, sketch

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
TEXTS = st.lists(st.text(alphabet="abC 9_-\n王水の한éßİ²\ud800", max_size=120), max_size=6)


def hashes(text: str) -> set[int]:
    words = [word.encode("utf-8", "replace") for word in WORD.findall(text.casefold())]
    return {crc32(b" ".join(words[i : i + 3])) for i in range(len(words) - 2)}


@given(TEXTS)
def test_the_smallest_hashes_of_runs_of_three_words_are_kept(texts: list[str]) -> None:
    """A sign of a script without blanks is a word; no run goes from one text into the next."""
    found = set().union(*map(hashes, texts))
    assert sketch(texts) == tuple(sorted(found)[:SKETCH])


def test_words_that_are_said_again_and_again_count_once() -> None:
    again = "the lamp is out " * 500
    assert sketch([again]) == sketch([again[:60]])
