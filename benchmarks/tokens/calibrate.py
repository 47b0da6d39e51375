"""Fit the estimator's costs to o200k_base, and write m2her_compose/tokens/weights.py.

Needs numpy and scipy. A ridge regression of token counts on what `pieces` and `beyond_ascii`
find; a piece's cost is piecewise linear in its length. Only calibration texts are read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_matrix, diags  # type: ignore[import-untyped]

PROJECT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from gather import Drawing, Sample, fetch, samples  # noqa: E402 - these folders are no packages
from reference import counts  # noqa: E402
from sources import OTHER  # noqa: E402

from m2her_compose.tokens.estimate import (  # noqa: E402
    HUNDREDTHS,
    beyond_ascii,
    pieces,
    shape_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

KNOTS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14)
MONOTONE: Final = 7  # from which length on a longer piece never costs less
LENGTHS: Final = 20  # how far the table of a kind goes
COUNTED: Final = ("number", "space", "wide", "gap", "contraction", "accents")  # no table: a rate
OFTEN: Final = 30  # how often a character must be seen to get a cost of its own
OFTEN_EMOJI: Final = 8
RATE: Final = 25  # of a Cyrillic letter beyond the table, and the most that one makes cheaper
STEP: Final = 5  # characters' costs are rounded to this, in hundredths
FLOOR: Final = 10  # of a character
LEAST: Final = 40  # of a piece
# What each character beyond the sixth is taken to add, in tokens; and by how much it can.
RATES: Final = {
    "lower": 0.12,
    "title": 0.12,
    "mixed": 0.25,
    "upper": 0.3,
    "alphabet": 0.3,
    "cyrillic": 0.25,
    "marks": 0.3,
    "rule": 0.005,
    "slashes": 0.005,
    "end": 0.05,
}
# How much classes count against the others. Words of English prose stand in code, in manuals of
# all languages and among commands, where they are longer words; here they are to be right.
SHARES: Final = {"english": 2.0, OTHER: 0.05}
LETTERS: Final = "cyrillic"  # its letters make a word of theirs cheaper or dearer
SHAPED: Final = "shaped"  # what counts as a letter of a word, and has no cost of its own
# Where a script begins, and what it is called; characters without a cost of their own have its.
SCRIPTS: Final = (
    (0x0000, SHAPED),
    (0x0400, LETTERS),
    (0x0530, SHAPED),
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

# How strongly a cost is pulled to what is expected: the larger, the more texts it takes to move it.
PULLS: Final = {"char": 0.6, "script": 0.01, "case": 0.1, "kind": 0.3}

Feature = tuple[str, str, int]


def main() -> None:
    """Read the calibration texts, fit, and write the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="a folder for the packages, filled if need be")
    cache = parser.parse_args().cache
    fetch(cache)
    drawing = Drawing(samples_per_source=1_200, shortest=100, longest=1_000)
    texts = [s for s in samples(cache, drawing) if s.purpose == "calibration"]
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
                found["case", _case_of(kind), knot] += amount * times
    # Every run of spaces but for single ones leaves its further spaces as empty chunks.
    found["kind", "gap", 0] = sum(1 for run in shape.replace(b"   ", b"  ").split(b"  ") if run) - 1
    for char, times in Counter(beyond_ascii(text)).items():
        if (script := script_of(char)) == SHAPED:
            continue
        if script != LETTERS:
            found["script", script, 0] += times
        if char in often:
            found["char", char, 0] += times
    return found


def _case_of(kind: str) -> str:
    """Return what kinds have in common: "code dot lower" is a kind of "lower"."""
    first, *_, last = kind.split() * 2
    return first if first in {"cyrillic", "rule"} else last


def _expected(kind: str, length: int) -> float:
    """Return what a piece is taken to cost before anything is known: one token, or more."""
    if kind in COUNTED:
        return {"number": length, "space": 1.0}.get(kind, 0.0)
    return 1.0 + RATES[_case_of(kind)] * max(0, length - 6)


def _amounts(kind: str, length: int) -> Iterable[tuple[int, int]]:
    if kind in COUNTED:
        return [(0, length)]
    knots = (0,) if _case_of(kind) in {"rule", "slashes"} else KNOTS
    return [(knot, length - knot if knot else 1) for knot in knots if length > knot]


def _often(texts: list[Sample]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    for sample in texts:
        seen.update(beyond_ascii(sample.text))
    return frozenset(
        char
        for char, times in seen.items()
        if script_of(char) != SHAPED
        and times >= (OFTEN_EMOJI if script_of(char) == "emoji" else OFTEN)
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
    wanted -= np.array([_expected_cost(sample.text) for sample in texts])
    pull = np.array([PULLS[key[0]] for key in index])
    weighed: Any = diags(weights) @ matrix
    normal = (weighed.T @ weighed).toarray() + np.diag(pull**2)
    answer = np.linalg.solve(normal, weighed.T @ (weights * wanted))
    costs = dict(zip(index, map(float, answer), strict=True))
    costs["script", LETTERS, 0] = _mean_letter(texts, costs)
    return costs


def _mean_letter(texts: list[Sample], costs: dict[Feature, float]) -> float:
    """Return what a letter that makes words dearer or cheaper adds on average, in tokens.

    It is moved into the costs of the words by length, so that letters only tell words apart.
    """
    seen: Counter[str] = Counter()
    for sample in texts:
        seen.update(beyond_ascii(sample.text))
    letters = {char: times for char, times in seen.items() if ("char", char, 0) in costs}
    letters = {char: times for char, times in letters.items() if script_of(char) == LETTERS}
    return sum(costs["char", c, 0] * n for c, n in letters.items()) / sum(letters.values())


def _expected_cost(text: str) -> float:
    chunks = Counter(shape_of(text).split(b" "))
    return sum(n * sum(_expected(*piece) for piece in pieces(c)) for c, n in chunks.items())


def _row_weights(texts: list[Sample], tokens: Any) -> Any:
    """Weigh texts so that every class counts alike, and long texts little more than short ones."""
    sizes = Counter(sample.text_class for sample in texts)
    share = {name: SHARES.get(name, 1.0) * size**-0.5 for name, size in sizes.items()}
    by_class = np.array([share[sample.text_class] for sample in texts])
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
            cost = max(-LEAST, round(HUNDREDTHS * _cost(costs, kind, 1)))
            yield f'    "{kind}": (({cost},), {cost}),'
            continue
        shown = [max(LEAST, round(HUNDREDTHS * _cost(costs, kind, n + 1))) for n in range(LENGTHS)]
        for index in range(MONOTONE, LENGTHS):
            shown[index] = max(shown[index - 1 : index + 1])
        rate = min(60, max(1, round(HUNDREDTHS * RATES[_case_of(kind)])))
        yield f'    "{kind}": (('
        for start in range(0, LENGTHS, 10):
            yield f"        {', '.join(map(str, shown[start : start + 10]))},"
        yield f"    ), {rate}),"


def _cost(costs: dict[Feature, float], kind: str, length: int) -> float:
    fitted = sum(
        amount * (costs.get(("kind", kind, knot), 0) + costs.get(("case", _case_of(kind), knot), 0))
        for knot, amount in _amounts(kind, length)
    )
    letters = costs["script", LETTERS, 0] * length if _case_of(kind) == LETTERS else 0.0
    return _expected(kind, length) + fitted + letters


def _range_lines(costs: dict[Feature, float]) -> Iterable[str]:
    for start, name in SCRIPTS:
        cost = UNSEEN.get(name, costs.get(("script", name, 0), 1.0))
        whole = 0 if name in {SHAPED, LETTERS} else max(FLOOR, round(HUNDREDTHS * cost))
        yield f"    (0x{start:05X}, {whole}),  # {name}"


def _character_lines(costs: dict[Feature, float]) -> Iterable[str]:
    by_cost: dict[int, list[str]] = {}
    for (sort, char, _), cost in costs.items():
        if sort == "char":
            script = script_of(char)
            mean = costs["script", script, 0]
            whole = HUNDREDTHS * (cost - mean if script == LETTERS else cost + mean)
            least = -RATE if script == LETTERS else FLOOR
            by_cost.setdefault(max(least, STEP * round(whole / STEP)), []).append(char)
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
