"""Align two sequences, in work that is bounded whatever they hold."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

# Edits that are looked for between two places where sequences are the same.
_MOST_EDITS: Final = 600


class Block(NamedTuple):
    """Stretches of both sequences: the same in both, or one in place of the other."""

    same: bool
    old: range
    new: range


@dataclass(slots=True)
class Effort:
    """How much work is left. What is not done is told as one whole in place of another.

    `of_all` is what is left for several alignments together.
    """

    steps: int
    of_all: Effort | None = None

    def spend(self, steps: int) -> bool:
        """Take a number of steps; tell whether there were so many."""
        self.steps -= steps
        return self.steps >= 0 and (self.of_all is None or self.of_all.spend(steps))


def align(old: Sequence[Hashable], new: Sequence[Hashable], effort: Effort) -> list[Block]:
    """Return the blocks that lead from one sequence to the other, in their order.

    What occurs once in both holds them together (as in a patience diff); between two of these,
    the fewest edits are looked for. Neighbouring blocks are of different kinds.
    """
    blocks: list[Block] = []
    open_gaps = [(range(len(old)), range(len(new)))]
    while open_gaps:
        left, right = open_gaps.pop()
        if not left and not right:
            continue
        head = _common_head(old, new, left, right)
        if head:
            _add(blocks, Block(True, left[:head], right[:head]))  # noqa: FBT003 - a field's value
            open_gaps.append((left[head:], right[head:]))
            continue
        tail = _common_tail(old, new, left, right)
        if tail:
            open_gaps.append((left[len(left) - tail :], right[len(right) - tail :]))
            open_gaps.append((left[: len(left) - tail], right[: len(right) - tail]))
            continue
        pairs = _pairs(old, new, left, right, effort) if left and right else ()
        if not pairs:
            _add(blocks, Block(False, left, right))  # noqa: FBT003 - likewise
            continue
        open_gaps.extend(reversed(_split(left, right, pairs)))
    return blocks


def _add(blocks: list[Block], block: Block) -> None:
    """Add a block, to the one before it where both are of one kind."""
    if blocks and blocks[-1].same is block.same:
        before = blocks.pop()
        old = range(before.old.start, block.old.stop)
        block = Block(block.same, old, range(before.new.start, block.new.stop))
    blocks.append(block)


def _common_head(
    old: Sequence[Hashable], new: Sequence[Hashable], left: range, right: range
) -> int:
    count = 0
    for i, j in zip(left, right, strict=False):
        if old[i] != new[j]:
            break
        count += 1
    return count


def _common_tail(
    old: Sequence[Hashable], new: Sequence[Hashable], left: range, right: range
) -> int:
    return _common_head(old, new, left[::-1], right[::-1])


def _split(
    left: range, right: range, pairs: Sequence[tuple[int, int]]
) -> list[tuple[range, range]]:
    """Return the gaps before, at and between pairs, and after the last of them."""
    gaps: list[tuple[range, range]] = []
    i, j = left.start, right.start
    for a, b in pairs:
        gaps.append((range(i, a), range(j, b)))
        gaps.append((range(a, a + 1), range(b, b + 1)))
        i, j = a + 1, b + 1
    gaps.append((range(i, left.stop), range(j, right.stop)))
    return gaps


def _pairs(
    old: Sequence[Hashable], new: Sequence[Hashable], left: range, right: range, effort: Effort
) -> Sequence[tuple[int, int]]:
    """Return places of both that belong together, in order; none when nothing is found."""
    if not effort.spend(len(left) + len(right)):
        return ()
    anchors = _anchors(old, new, left, right)
    return anchors or _shortest(old, new, left, right, effort)


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], left: range, right: range
) -> Sequence[tuple[int, int]]:
    """Return the longest run, in the order of both, of what occurs once in each."""
    left_counts = Counter(old[i] for i in left)
    right_counts = Counter(new[j] for j in right)
    places = {new[j]: j for j in right if right_counts[new[j]] == 1}
    pairs = [(i, places[old[i]]) for i in left if old[i] in places and left_counts[old[i]] == 1]
    # Longest increasing subsequence of the second places.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        if at == len(ends):
            ends.append(j)
            last.append(number)
        else:
            ends[at], last[at] = j, number
    run: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def _shortest(
    old: Sequence[Hashable], new: Sequence[Hashable], left: range, right: range, effort: Effort
) -> Sequence[tuple[int, int]]:
    """Return what stays the same under the fewest edits (Myers); nothing when they are too many."""
    n, m = len(left), len(right)
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(min(n + m, _MOST_EDITS) + 1):
        trace.append(furthest.copy())
        if not effort.spend(2 * edits + 1):
            return ()
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            start = x
            while x < n and x - k < m and old[left[x]] == new[right[x - k]]:
                x += 1
            furthest[k] = x
            if not effort.spend(x - start):
                return ()
            if x >= n and x - k >= m:
                return [(left[i], right[j]) for i, j in _way_back(trace, x, x - k)]
    return ()


def _way_back(trace: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, k = trace[edits], x - y
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        before = k + 1 if down else k - 1
        from_x = furthest[before] if edits else 0
        from_y = from_x - before if edits else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]
