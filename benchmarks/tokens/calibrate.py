"""Fit the estimator's costs to o200k_base, and write m2her_compose/tokens/weights.py.

Needs numpy and scipy. A ridge regression of token counts on what `pieces` and `wide_characters`
find; a piece's cost is piecewise linear in its length. Only calibration texts are read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack  # type: ignore[import-untyped]
from scipy.sparse.linalg import lsqr  # type: ignore[import-untyped]

PROJECT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from gather import Drawing, Sample, fetch, samples  # noqa: E402
from reference import counts  # noqa: E402

from m2her_compose.tokens.estimate import (  # noqa: E402
    HUNDREDTHS,
    pieces,
    shape_of,
    wide_characters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

KNOTS: Final = (0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 19)
LENGTHS: Final = 24  # how far the table of a kind goes
COUNTED: Final = ("number", "space", "wide", "gap", "contraction", "accents")  # no table: a rate
OFTEN: Final = 30  # how often a character must be seen to get a cost of its own
OFTEN_EMOJI: Final = 8
STEP: Final = 5  # characters' costs are rounded to this, in hundredths
FLOOR: Final = 5
# Where a script begins, and what it is called; characters without a cost of their own have its.
SCRIPTS: Final = (
    (0x0000, "other"),
    (0x0400, "cyrillic"),
    (0x0530, "other"),
    (0x0800, "abugida"),
    (0x1E00, "other"),
    (0x2000, "punctuation"),
    (0x2070, "symbol"),
    (0x2E80, "cjk sign"),
    (0x3040, "hiragana"),
    (0x30A0, "katakana"),
    (0x3100, "cjk sign"),
    (0x3400, "han"),
    (0xA000, "other"),
    (0xAC00, "hangul"),
    (0xD7B0, "other"),
    (0xF900, "han"),
    (0xFB00, "other"),
    (0xFE00, "selector"),
    (0xFE10, "cjk sign"),
    (0xFFF0, "other"),
    (0x1F000, "emoji"),
    (0x20000, "rare han"),
    (0x32000, "other"),
)
# Not in the calibration texts; counted by hand: three tokens or four an unknown character.
UNSEEN: Final = {"rare han": 3.0, "other": 2.0, "abugida": 0.6, "hangul": 0.75}

Feature = tuple[str, str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="a folder for the packages, filled if need be")
    cache = parser.parse_args().cache
    fetch(cache)
    drawing = Drawing(samples_per_source=1_200, shortest=100, longest=1_000)
    texts = [s for s in samples(cache, drawing) if s.purpose == "calibration"]
    texts = [replace(sample, text=sample.text) for sample in texts]
    costs = _fitted(texts, counts([sample.text for sample in texts], cache))
    target = PROJECT / "m2her_compose/tokens/weights.py"
    target.write_text(_module(costs), encoding="utf-8")


def script_of(char: str) -> str:
    """Return the name of a character's script."""
    return next(name for start, name in reversed(SCRIPTS) if ord(char) >= start)


def _features(text: str, often: frozenset[str]) -> Counter[Feature]:
    found: Counter[Feature] = Counter()
    shape = shape_of(text)
    for chunk, times in Counter(shape.split(b" ")).items():
        for kind, length in pieces(chunk):
            for knot, amount in _amounts(kind, length):
                found["kind", kind, knot] += amount * times
    # Every run of spaces but for single ones leaves its further spaces as empty chunks.
    found["kind", "gap", 0] = sum(1 for run in shape.replace(b"   ", b"  ").split(b"  ") if run) - 1
    for char, times in wide_characters(text).items():
        found["script", script_of(char), 0] += times
        if char in often:
            found["char", char, 0] += times
    return found


def _amounts(kind: str, length: int) -> Iterable[tuple[int, int]]:
    if kind in COUNTED:
        return [(0, length)]
    return [(knot, max(0, length - knot) if knot else 1) for knot in KNOTS if length > knot]


def _often(texts: list[Sample]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    for sample in texts:
        seen += wide_characters(sample.text)
    return frozenset(
        char
        for char, times in seen.items()
        if times >= (OFTEN_EMOJI if script_of(char) == "emoji" else OFTEN)
    )


def _fitted(texts: list[Sample], tokens: list[int]) -> dict[Feature, float]:
    often = _often(texts)
    index: dict[Feature, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, sample in enumerate(texts):
        for feature, amount in _features(sample.text, often).items():
            rows.append(row)
            columns.append(index.setdefault(feature, len(index)))
            values.append(amount)
    matrix = csr_matrix((values, (rows, columns)), (len(texts), len(index)))
    wanted = np.array(tokens, float)
    weights = _row_weights(texts, wanted)
    pull = np.array([{"char": 0.6, "script": 0.01, "kind": 0.15}[key[0]] for key in index])
    stacked: Any = vstack([diags(weights) @ matrix, diags(pull)])
    answer = lsqr(stacked, np.concatenate([weights * wanted, np.zeros(len(index))]), iter_lim=800)
    return dict(zip(index, map(float, answer[0]), strict=True))


def _row_weights(texts: list[Sample], tokens: Any) -> Any:
    """Weigh texts so that every class counts alike, and long texts little more than short ones."""
    sizes = Counter(sample.text_class for sample in texts)
    by_class = np.array([sizes[sample.text_class] ** -0.5 for sample in texts])
    return 40 * by_class / tokens**0.75


def _module(costs: dict[Feature, float]) -> str:
    lines = [
        '"""What pieces and characters cost, in hundredths of a token.',
        "",
        "Written by benchmarks/tokens/calibrate.py, a fit to o200k_base; not edited by hand.",
        '"""',
        "",
        "# fmt: off",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, Final",
        "",
        "if TYPE_CHECKING:",
        "    from collections.abc import Mapping",
        "",
        "# Of each kind of piece: the costs of lengths from 1 on, and of each further character.",
        "SHAPES: Final[Mapping[str, tuple[tuple[int, ...], int]]] = {",
        *_shape_lines(costs),
        "}",
        "",
        "# Where a script begins, and what a character of it costs that is not listed below.",
        "RANGES: Final[tuple[tuple[int, int], ...]] = (",
        *_range_lines(costs),
        ")",
        "",
        "# Characters by cost.",
        "CHARACTERS: Final[tuple[tuple[int, str], ...]] = (",
        *_character_lines(costs),
        ")",
    ]
    return "\n".join(lines) + "\n"


def _shape_lines(costs: dict[Feature, float]) -> Iterable[str]:
    for kind in sorted({key[1] for key in costs if key[0] == "kind"}):
        if kind in COUNTED:
            cost = round(HUNDREDTHS * costs["kind", kind, 0])
            yield f'    "{kind}": (({cost},), {cost}),'
            continue
        table = [
            sum(a * costs.get(("kind", kind, knot), 0.0) for knot, a in _amounts(kind, length))
            for length in range(1, LENGTHS + 2)
        ]
        rate = max(1, round(HUNDREDTHS * (table[-1] - table[-2])))
        shown = [max(0, round(HUNDREDTHS * cost)) for cost in table[:-1]]
        rows = [", ".join(map(str, shown[i : i + 12])) for i in range(0, LENGTHS, 12)]
        yield f'    "{kind}": (('
        yield from (f"        {row}," for row in rows)
        yield f"    ), {rate}),"


def _range_lines(costs: dict[Feature, float]) -> Iterable[str]:
    for start, name in SCRIPTS:
        cost = UNSEEN.get(name, costs.get(("script", name, 0), 1.0))
        yield f"    (0x{start:05X}, {max(FLOOR, round(HUNDREDTHS * cost))}),  # {name}"


def _character_lines(costs: dict[Feature, float]) -> Iterable[str]:
    by_cost: dict[int, list[str]] = {}
    for (sort, char, _), cost in costs.items():
        if sort == "char":
            whole = HUNDREDTHS * (cost + costs["script", script_of(char), 0])
            by_cost.setdefault(max(FLOOR, STEP * round(whole / STEP)), []).append(char)
    for cost, chars in sorted(by_cost.items()):
        yield f"    ({cost}, ("
        yield from (f'        "{row}"' for row in _wrapped(sorted(chars)))
        yield "    )),"


def _wrapped(chars: list[str]) -> Iterable[str]:
    """Put ideographs as they are, 40 a line; what is hard to see as an escape."""
    shown = [c if c.isalnum() else f"\\U{ord(c):08x}" for c in chars]
    row = ""
    for item in shown:
        row += item
        if len(row.encode()) > 80:  # noqa: PLR2004
            yield row
            row = ""
    if row:
        yield row


if __name__ == "__main__":
    main()
