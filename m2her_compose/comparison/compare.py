"""Compare two versions of a library: scenario by scenario, variant by variant, word by word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..diagnostics import Span
from ..frozen import frozen, replaced
from .matching import matched
from .model import (
    Change,
    Fate,
    MessageChange,
    Omission,
    Omissions,
    Part,
    ScenarioChange,
    SettingChange,
    TokenChange,
    VariantChange,
    Version,
    part_of,
)
from .sequences import Effort, align
from .words import Kind, edits, words

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from ..charges import Charges
    from ..ir import Conversation, Loss, Message, Piece
    from .matching import Pair
    from .words import Edit

# Steps of aligning: for one text or list of messages, and for everything.
_STEPS: Final = 2_000_000
_ALL_STEPS: Final = 30_000_000
# Messages in place of others are paired by what they say, unless these are more pairs than that.
_MOST_PAIRS: Final = 2_500
_LOOKED_AT: Final = 2_000
_ALIKE: Final = 0.3
_LONGEST_LINE: Final = 400
_SINGLE: Final = (Part.SYSTEM, Part.PERSONA, Part.GROUP, Part.MESSAGE)


@frozen
class Comparison:
    """All that differs, in the order of the new scenarios, then of those that are gone."""

    scenarios: tuple[ScenarioChange, ...]

    @property
    def is_empty(self) -> bool:
        return not self.scenarios


@dataclass(slots=True, kw_only=True)
class Comparer:
    """Compares versions. `charge` says what a conversation costs; asked where one differs.

    `same_scenario`: one scenario stands on each side, and they are compared whatever they are
    called.
    """

    charge: Callable[[Conversation], Charges]
    same_scenario: bool = False
    _all: Effort = field(default_factory=lambda: Effort(_ALL_STEPS))
    _edits: dict[tuple[str, str], tuple[Edit, ...]] = field(default_factory=dict)

    def compare(self, old: Sequence[Version], new: Sequence[Version]) -> Comparison:
        """Return what differs; nothing when the model gets the same."""
        pairs: list[Pair] = (
            [(old[0], new[0])] if self.same_scenario and old and new else matched(old, new)
        )
        found = (self._scenario(before, after) for before, after in pairs)
        return Comparison(scenarios=tuple(each for each in found if each is not None))

    # --- scenarios

    def _scenario(self, old: Version | None, new: Version | None) -> ScenarioChange | None:
        if old is None or new is None:
            return self._one_side(old, new)
        renamed = bool(old.id and new.id and old.id != new.id) and not self.same_scenario
        change = ScenarioChange(
            fate=Fate.CHANGED,
            id=new.id or old.id,
            path=new.path,
            old_id=old.id if renamed else None,
            old_path=old.path if old.path != new.path else None,
        )
        if new.errors or old.errors:
            if new.errors and old.errors:
                return None
            fate = Fate.BROKEN if new.errors else Fate.MENDED
            variants = self._alone(Change.ADDED, new.conversations)
            return replaced(change, fate=fate, variants=variants, errors=new.errors)
        variants = self._variants(old, new)
        return replaced(change, variants=variants) if variants or renamed else None

    def _one_side(self, old: Version | None, new: Version | None) -> ScenarioChange | None:
        version = new or old
        if version is None or (version.errors and version is old):
            return None
        fate, change = (
            (Fate.ADDED, Change.ADDED) if version is new else (Fate.REMOVED, Change.REMOVED)
        )
        return ScenarioChange(
            fate=Fate.BROKEN if version.errors else fate,
            id=version.id,
            path=version.path,
            variants=self._alone(change, version.conversations),
            errors=version.errors,
        )

    def _alone(
        self, change: Change, conversations: Iterable[Conversation]
    ) -> tuple[VariantChange, ...]:
        """Tell of variants that one side has; those of the same size together."""
        groups: dict[int, list[str]] = {}
        for each in conversations:
            groups.setdefault(self.charge(each).total_tokens, []).append(each.id)
        is_new = change is Change.ADDED
        return tuple(
            VariantChange(
                change=change,
                ids=tuple(ids),
                total=TokenChange(old=0 if is_new else tokens, new=tokens if is_new else 0),
            )
            for tokens, ids in groups.items()
        )

    # --- variants

    def _variants(self, old: Version, new: Version) -> tuple[VariantChange, ...]:
        before = {each.id.removeprefix(old.id): each for each in old.conversations}
        after = {each.id.removeprefix(new.id): each for each in new.conversations}
        found = [
            each
            for label, conversation in after.items()
            if label in before
            for each in self._variant(before[label], conversation)
        ]
        added = [each for label, each in after.items() if label not in before]
        gone = [each for label, each in before.items() if label not in after]
        return (
            *_grouped(found),
            *self._alone(Change.ADDED, added),
            *self._alone(Change.REMOVED, gone),
        )

    def _variant(self, old: Conversation, new: Conversation) -> Iterator[VariantChange]:
        messages = tuple(self._messages(old.messages, new.messages))
        settings = tuple(_settings(old, new))
        omissions = _omissions(old, new)
        losses, old_losses = _losses(new, old), _losses(old, new)
        if not (messages or settings or omissions or losses or old_losses):
            return
        before, after = self.charge(old), self.charge(new)
        by_part, by_part_before = _by_part(after), _by_part(before)
        tokens = ((part, TokenChange(old=by_part_before[part], new=by_part[part])) for part in Part)
        yield VariantChange(
            change=Change.CHANGED,
            ids=(new.id,),
            total=TokenChange(old=before.total_tokens, new=after.total_tokens),
            tokens=tuple((part, each) for part, each in tokens if each.difference),
            messages=messages,
            settings=settings,
            omissions=omissions,
            losses=losses,
            old_losses=old_losses,
        )

    # --- messages

    def _messages(self, old: Sequence[Message], new: Sequence[Message]) -> list[MessageChange]:
        keys, new_keys = [_key(m) for m in old], [_key(m) for m in new]
        if keys == new_keys:
            return []
        found: list[MessageChange] = []
        for block in align(keys, new_keys, self._effort()):
            if not block.same:
                for i, j in self._paired(old, new, block.old, block.new):
                    found.append(self._message(old, new, i, j))
        return _with_moves(found)

    def _effort(self) -> Effort:
        return Effort(_STEPS, of_all=self._all)

    def _paired(
        self, old: Sequence[Message], new: Sequence[Message], left: range, right: range
    ) -> list[tuple[int | None, int | None]]:
        """Pair messages that stand in place of each other, in the order of both."""
        if left and right and len(left) * len(right) <= _MOST_PAIRS:
            return _most_alike(old, new, left, right)
        pairs: list[tuple[int | None, int | None]] = []
        i, j = left.start, right.start
        while i < left.stop and j < right.stop:
            if _fits(old[i], new[j]):
                pairs.append((i, j))
                i, j = i + 1, j + 1
            elif left.stop - i >= right.stop - j:
                pairs.append((i, None))
                i += 1
            else:
                pairs.append((None, j))
                j += 1
        pairs.extend((each, None) for each in range(i, left.stop))
        pairs.extend((None, each) for each in range(j, right.stop))
        return pairs

    def _message(
        self, old: Sequence[Message], new: Sequence[Message], i: int | None, j: int | None
    ) -> MessageChange:
        before = old[i] if i is not None else None
        after = new[j] if j is not None else None
        made = MessageChange(
            change=Change.CHANGED,
            old=before,
            new=after,
            old_number=i + 1 if i is not None else 0,
            new_number=j + 1 if j is not None else 0,
        )
        if before is None or after is None:
            return replaced(
                made,
                change=Change.ADDED if before is None else Change.REMOVED,
                old_place=_place(before, 0) if before is not None else None,
                new_place=_place(after, 0) if after is not None else None,
            )
        if before.content == after.content:
            return replaced(made, old_place=_name_place(before), new_place=_name_place(after))
        at = _first_difference(before.content, after.content)
        return replaced(
            made,
            old_place=_place(before, at),
            new_place=_place(after, at),
            edits=self._words(before.content, after.content),
        )

    def _words(self, old: str, new: str) -> tuple[Edit, ...]:
        """Return the edits of a text; variants share most of them."""
        key = (old, new)
        if key not in self._edits:
            self._edits[key] = edits(old, new, self._effort())
        return self._edits[key]


def _key(message: Message) -> Hashable:
    return (message.role, message.name, message.content)


def _fits(old: Message, new: Message) -> bool:
    return old.role == new.role and part_of(old.unit) is part_of(new.unit)


def _with_moves(found: list[MessageChange]) -> list[MessageChange]:
    """Tell a message that is gone here and new elsewhere as moved, where it is new."""
    gone: dict[Hashable, list[MessageChange]] = {}
    for each in reversed(found):
        if each.change is Change.REMOVED and each.old is not None:
            gone.setdefault(_key(each.old), []).append(each)
    moved: set[int] = set()
    told: list[MessageChange] = []
    for each in found:
        same = gone.get(_key(each.new)) if each.new is not None and each.old is None else None
        if same:
            before = same.pop()
            moved.add(id(before))
            each = replaced(  # noqa: PLW2901 - it is told in another way
                each,
                change=Change.MOVED,
                old=before.old,
                old_number=before.old_number,
                old_place=before.old_place,
            )
        told.append(each)
    return [each for each in told if id(each) not in moved]


def _most_alike(
    old: Sequence[Message], new: Sequence[Message], left: range, right: range
) -> list[tuple[int | None, int | None]]:
    """Pair messages so that what they have in common is most, in the order of both."""
    left_words = {i: _bag(old[i]) for i in left}
    right_words = {j: _bag(new[j]) for j in right}

    def score(i: int, j: int) -> float:
        if not _fits(old[i], new[j]):
            return 0.0
        if part_of(old[i].unit) in _SINGLE:
            return 1.0
        common = _alike(left_words[i], right_words[j])
        return common if common >= _ALIKE else 0.0

    n, m = len(left), len(right)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    scores = [[score(i, j) for j in right] for i in left]
    for a in range(n - 1, -1, -1):
        for b in range(m - 1, -1, -1):
            paired = best[a + 1][b + 1] + scores[a][b] if scores[a][b] else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], paired)
    pairs: list[tuple[int | None, int | None]] = []
    a = b = 0
    while a < n and b < m:
        if scores[a][b] and best[a][b] == best[a + 1][b + 1] + scores[a][b]:
            pairs.append((left[a], right[b]))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            pairs.append((left[a], None))
            a += 1
        else:
            pairs.append((None, right[b]))
            b += 1
    pairs.extend((left[each], None) for each in range(a, n))
    pairs.extend((None, right[each]) for each in range(b, m))
    return pairs


def _bag(message: Message) -> Counter[str]:
    return Counter(w for w in words(message.content[:_LOOKED_AT]) if not w.isspace())


def _alike(old: Counter[str], new: Counter[str]) -> float:
    whole = old.total() + new.total()
    return 2 * (old & new).total() / whole if whole else 1.0


# --- places


def _first_difference(old: str, new: str) -> int:
    """Return the first place at which two texts differ, in time that grows with their length."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _place(message: Message, at: int) -> Span | None:
    """Return where the text at a place of a message was written, as far as that is known.

    What nobody wrote is told by what stands nearest to it.
    """
    start = 0
    nearest: Span | None = None
    for piece in message.pieces:
        end = start + len(piece.text)
        span = _span(piece, at - start if start <= at < end else 0)
        if span is not None and (nearest is None or start <= at):
            nearest = span
        if nearest is not None and at < end:
            return nearest
        start = end
    if nearest is None and message.reads:
        return message.reads[0].span
    return nearest


def _name_place(message: Message) -> Span | None:
    spans = (_span(piece, 0) for piece in message.name_pieces)
    return next((span for span in spans if span is not None), _place(message, 0))


def _span(piece: Piece, at: int) -> Span | None:
    """Return the span of a piece; of an exact one of several lines, that of the line at `at`."""
    if not piece.origins:
        return None
    span = next((o.span for o in piece.origins if o.pointer), piece.origins[0].span)
    if not piece.exact or "\n" not in piece.text:
        return span
    start = piece.text.rfind("\n", 0, at) + 1
    line = piece.text[start : start + _LONGEST_LINE].partition("\n")[0].strip()
    found = span.source.text.find(line, span.start, span.end) if line else -1
    return Span(span.source, found, found + len(line)) if found >= 0 else span


# --- what else differs


def _settings(old: Conversation, new: Conversation) -> Iterator[SettingChange]:
    before = {"model": old.model, "target": old.target, **old.parameters}
    after = {"model": new.model, "target": new.target, **new.parameters}
    for name in dict.fromkeys((*before, *after)):
        left, right = before.get(name), after.get(name)
        if left != right or type(left) is not type(right):
            yield SettingChange(name=name, old=left, new=right)


def _by_part(charges: Charges) -> Counter[Part]:
    """Return the tokens of each part, with the headers of its messages."""
    count = len(charges.messages)
    header = charges.header_tokens // count if count else 0
    sums: Counter[Part] = Counter()
    for each in charges.messages:
        sums[part_of(each.unit)] += each.tokens + header
    return sums


def _omissions(old: Conversation, new: Conversation) -> Omissions | None:
    before, after = _left_out(old), _left_out(new)
    if before.keys() == after.keys():
        return None
    return Omissions(
        now=tuple(each for key, each in after.items() if key not in before),
        again=tuple(each for key, each in before.items() if key not in after),
        tokens=TokenChange(
            old=sum(drop.tokens for drop in old.dropped),
            new=sum(drop.tokens for drop in new.dropped),
        ),
    )


def _left_out(conversation: Conversation) -> dict[tuple[str, str], Omission]:
    return {
        (drop.kind, unit): Omission(kind=drop.kind, unit=unit, origin=origin)
        for drop in conversation.dropped
        for unit, origin in zip(drop.units, drop.origins, strict=False)
    }


def _losses(of: Conversation, but: Conversation) -> tuple[Loss, ...]:
    """Return the losses that only the first of two conversations has."""
    known = Counter((each.kind, each.what, each.outcome) for each in but.losses)
    left: list[Loss] = []
    for each in of.losses:
        key = (each.kind, each.what, each.outcome)
        if known[key] > 0:
            known[key] -= 1
        else:
            left.append(each)
    return tuple(left)


# --- variants that changed in the same way


def _grouped(found: Iterable[VariantChange]) -> list[VariantChange]:
    groups: dict[Hashable, VariantChange] = {}
    for each in found:
        key = _signature(each)
        known = groups.get(key)
        groups[key] = each if known is None else replaced(known, ids=(*known.ids, *each.ids))
    return list(groups.values())


def _signature(change: VariantChange) -> Hashable:
    """Return what a reader is told of a variant, but for its sizes and its name."""
    return (
        tuple(map(_message_signature, change.messages)),
        tuple((s.name, s.old, s.new) for s in change.settings),
        tuple((part, tokens.difference) for part, tokens in change.tokens),
        _omission_keys(change.omissions),
        tuple((loss.what, loss.outcome) for loss in change.losses),
        tuple((loss.what, loss.outcome) for loss in change.old_losses),
    )


def _message_signature(message: MessageChange) -> Hashable:
    """Return what became of a message; of a changed one, what stays the same may be another."""
    where = (message.change, message.old_number, message.new_number)
    if not message.edits:
        old = _key(message.old) if message.old is not None else None
        return (*where, old, _key(message.new) if message.new is not None else None)
    changed = tuple(each for each in message.edits if each.kind is not Kind.SAME)
    return (*where, changed, str(message.old_place), str(message.new_place))


def _omission_keys(omissions: Omissions | None) -> Hashable:
    if omissions is None:
        return None
    return (
        tuple((each.kind, each.unit) for each in omissions.now),
        tuple((each.kind, each.unit) for each in omissions.again),
    )
