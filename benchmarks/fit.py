"""How often the beginning of a growing chat changes when it is cut, and how long that takes.

    python benchmarks/fit.py

The chat is made by a seeded generator: turns of 4 to 40 words, the user's shorter than the answers.
"""

from __future__ import annotations

import random
import statistics
import time
from itertools import pairwise

from m2her_compose.passes import Part, fit
from m2her_compose.scenario import UnitKind
from m2her_compose.tokens import estimate

TURNS = 200
BUDGET = 2048
# The service's prefix, a system message of 300 tokens, a persona, and the message at hand.
FIXED = 600
LONG = 10_000
WORDS = [
    "the",
    "river",
    "was",
    "high",
    "and",
    "nobody",
    "had",
    "come",
    "over",
    "since",
    "morning",
    "but",
    "she",
    "poured",
    "two",
    "cups",
    "anyway",
    "door",
    "coat",
    "lamp",
    "rain",
    "mill",
    "bridge",
    "horse",
    "answer",
    "question",
    "never",
    "always",
    "perhaps",
    "cold",
    "bread",
    "salt",
]


def line(source: random.Random, *, user: bool) -> int:
    """Return the tokens of one turn, with its header and name."""
    count = source.randint(4, 18) if user else source.randint(8, 34)
    return estimate(" ".join(source.choice(WORDS) for _ in range(count)) + ".") + 5


def parts_of(tokens: list[int]) -> list[Part]:
    """Join each of the user's turns with the answer to it."""
    pairs = [tokens[i : i + 2] for i in range(0, len(tokens), 2)]
    return [
        Part(kind=UnitKind.TURN, units=(str(i),), keep=50, tokens=sum(pair))
        for i, pair in enumerate(pairs)
    ]


def naive(tokens: list[int], excess: int) -> int:
    """Return how many turns go when the oldest ones do, and no more than have to."""
    gone = 0
    while excess > 0:
        excess -= tokens[gone]
        gone += 1
    return gone


def main() -> None:
    """Print a row a way of cutting, and the time for a long chat."""
    for seed in (1, 2, 3):
        source = random.Random(seed)  # noqa: S311 - a chat is no secret
        tokens = [line(source, user=i % 2 == 0) for i in range(TURNS)]
        ours, theirs = [], []
        for turns in range(TURNS + 1):
            total = FIXED + sum(tokens[:turns])
            ours.append(len(fit(parts_of(tokens[:turns]), total, BUDGET).left_out))
            theirs.append(naive(tokens[:turns], total - BUDGET))
        changes = [sum(a != b for a, b in pairwise(cuts)) for cuts in (ours, theirs)]
        print(
            f"seed {seed}: {sum(tokens) / TURNS:.0f} tokens a turn; the beginning changes in "
            f"{changes[0]} of {TURNS} turns (1 of {TURNS / changes[0]:.1f}), "
            f"oldest first in {changes[1]} (1 of {TURNS / changes[1]:.1f})"
        )
    long = [line(source, user=i % 2 == 0) for i in range(LONG)]
    parts = parts_of(long)
    times = []
    for _ in range(30):
        start = time.perf_counter()
        fit(parts, FIXED + sum(long), 65_344)
        times.append(1000 * (time.perf_counter() - start))
    print(f"fit over {LONG:,} turns: {statistics.median(times):.1f} ms")


if __name__ == "__main__":
    main()
