"""What differs between two versions of a library, as text for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ..comparison import Change, Fate, Kind
from ..frozen import frozen
from .terminal import Palette, Style, cells, clip, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..comparison import (
        Comparison,
        Edit,
        MessageChange,
        Omissions,
        ScenarioChange,
        TokenChange,
        VariantChange,
    )
    from ..diagnostics import Span
    from ..ir import Message

_MOST_IDS: Final = 3
_MOST_ERRORS: Final = 3
_MOST_LEFT_OUT: Final = 10
# Of a text that stays the same, so much is shown beside what changes.
_NEAR_LINES: Final = 1
_NEAR: Final = 60
# Of a text that is new or gone as a whole, so much is shown.
_MOST_LINES: Final = 40
_LONGEST_LINE: Final = 2_000
_LEAST_WIDTH: Final = 24
_ELLIPSIS: Final = "…"
_BLANK_OR_WORD: Final = re.compile(r" +|[^ ]+")
MARKS: Final = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~", Change.MOVED: ">"}
_STYLES: Final = {
    Change.ADDED: Style.USER,
    Change.REMOVED: Style.ERROR,
    Change.CHANGED: Style.WARNING,
    Change.MOVED: Style.NOTE,
}
FATES: Final = {
    Fate.ADDED: "new",
    Fate.REMOVED: "gone",
    Fate.CHANGED: "changed",
    Fate.BROKEN: "does not compile",
    Fate.MENDED: "compiles now",
}


@frozen
class Page:
    """What is written on: its width in cells (None: nothing is wrapped), and colours or not.

    `about` stands before totals that are estimates.
    """

    width: int | None = None
    color: bool = False
    about: str = "about "


class Stretch(NamedTuple):
    """A part of a shown line: what became of it, and its harmless text."""

    kind: Kind
    text: str


# --- what both forms say


def variant_names(change: VariantChange, scenario: str) -> str:
    """Name the variants that a change is about; nothing for a scenario that is one."""
    if change.ids == (scenario,):
        return ""
    ids = [visible(each.removeprefix(scenario) or each) for each in change.ids[:_MOST_IDS]]
    more = len(change.ids) - len(ids)
    return ", ".join(ids) + (f" and {more} more" if more else "")


def scenario_title(scenario: ScenarioChange) -> str:
    """Return a scenario's id, and the one that it had."""
    was = f", was {scenario.old_id}" if scenario.old_id is not None else ""
    return visible(f"{scenario.id}{was}") if scenario.id else visible(scenario.path)


def scenario_paths(scenario: ScenarioChange) -> str:
    """Return a scenario's file, and the one that it stood in."""
    was = f", was {scenario.old_path}" if scenario.old_path is not None else ""
    return visible(f"{scenario.path}{was}")


def signed(tokens: TokenChange) -> str:
    """Return how many tokens more or fewer there are, with a sign."""
    return f"{tokens.difference:+,}".replace("-", "−")


def _place(span: Span | None) -> str:
    return visible(f"{span.path}:{span.line}") if span is not None else ""


def _label(message: Message) -> str:
    role = message.role.value
    return visible(role if message.name is None else f"{role} · {message.name}")


def message_heading(change: MessageChange) -> str:
    """Return a line that says which message is concerned, and where it was written."""
    message = change.new or change.old
    old, new = change.old, change.new
    label = _label(message) if message is not None else ""
    if old is not None and new is not None and _label(old) != _label(new):
        label = f"{_label(old)} → {_label(new)}"
    numbers = f"message {change.new_number or change.old_number}"
    if change.change is Change.MOVED:
        numbers = f"message {change.new_number}, was {change.old_number}"
    places = [_place(change.new_place), _place(change.old_place)]
    if places[0] and places[1] and places[0] != places[1]:
        where = f"{places[0]} (was {places[1]})"
    else:
        where = places[0] or places[1]
    return " · ".join(filter(None, (label, numbers, where)))


def setting_lines(change: VariantChange) -> Iterator[str]:
    """Yield what became of the model, the target and the parameters."""
    for each in change.settings:
        yield f"{visible(each.name)}: {_value(each.old)} → {_value(each.new)}"


def _value(value: str | float | None) -> str:
    if value is None:
        return "not set"
    return ("true" if value else "false") if isinstance(value, bool) else visible(str(value))


def omission_lines(omissions: Omissions) -> Iterator[str]:
    """Yield what the budget leaves out now, and what it did before."""
    yield (
        f"left out by the budget: {omissions.tokens.old:,} → {omissions.tokens.new:,} tokens"
        f" ({signed(omissions.tokens)})"
    )
    for title, of in (("now left out", omissions.now), ("no longer left out", omissions.again)):
        for each in of[:_MOST_LEFT_OUT]:
            yield f"  {title}: {visible(each.kind)}, {_place(each.origin.span)}"
        if len(of) > _MOST_LEFT_OUT:
            yield f"  and {len(of) - _MOST_LEFT_OUT} more"


def loss_lines(change: VariantChange) -> Iterator[str]:
    """Yield what the target does not take now, and what it did not before."""
    for title, of in (("now lost", change.losses), ("no longer lost", change.old_losses)):
        for each in of[:_MOST_LEFT_OUT]:
            yield visible(f"{title}: {each.what} {each.kind.value}: {each.outcome}")
        if len(of) > _MOST_LEFT_OUT:
            yield f"and {len(of) - _MOST_LEFT_OUT} more"


def token_line(change: VariantChange, about: str) -> str:
    """Return the size of a prompt, before and after, and what made the difference."""
    total, scope = change.total, f" ({visible(change.ids[0])})" if len(change.ids) > 1 else ""
    if change.change is not Change.CHANGED:
        return f"{about}{max(total.old, total.new):,} tokens" + (
            " each" if len(change.ids) > 1 else ""
        )
    parts = ", ".join(f"{part.value} {signed(each)}" for part, each in change.tokens)
    if not total.difference and not parts:
        return f"tokens{scope}: {about}{total.new:,}, as before"
    shown = f"tokens{scope}: {about}{total.old:,} → {total.new:,} ({signed(total)})"
    return f"{shown}: {parts}" if parts else shown


def error_lines(scenario: ScenarioChange) -> Iterator[str]:
    """Yield why a scenario does not compile: the first mistakes."""
    for each in scenario.errors[:_MOST_ERRORS]:
        yield visible(f"{each.code.id} {each.message} · {each.span.path}:{each.span.line}")
    more = len(scenario.errors) - _MOST_ERRORS
    if more > 0:
        yield f"and {more} more"


# --- lines of a changed text


def changed_lines(edits: Iterable[Edit]) -> list[list[Stretch]]:
    """Split edits into the lines that are shown: a change may go over several."""
    lines: list[list[Stretch]] = [[]]
    for edit in edits:
        first, *others = edit.text.replace("\r\n", "\n").split("\n")
        lines[-1].extend([Stretch(edit.kind, first)] * bool(first))
        for each in others:
            if edit.kind is not Kind.SAME:
                lines[-1].append(Stretch(edit.kind, "⏎"))
            lines.append([Stretch(edit.kind, each)] * bool(each))
    return lines


def near_changes(lines: Sequence[list[Stretch]]) -> Iterator[list[Stretch] | None]:
    """Yield the lines in which something changes and those beside them; None for the rest."""
    changed = [any(part.kind is not Kind.SAME for part in line) for line in lines]
    skipped = False
    for number, line in enumerate(lines):
        if any(changed[max(0, number - _NEAR_LINES) : number + _NEAR_LINES + 1]):
            yield _shortened(line, changes=changed[number])
            skipped = False
        elif not skipped:
            yield None
            skipped = True


def _shortened(line: Sequence[Stretch], *, changes: bool) -> list[Stretch]:
    """Cut what stays the same down to what stands beside a change, and make all harmless."""
    short: list[Stretch] = []
    for number, part in enumerate(line):
        text = part.text
        if part.kind is not Kind.SAME:
            text = _cut(text, _LONGEST_LINE)
        elif not changes:
            text = _cut(text, 2 * _NEAR)
        elif len(text) > 2 * _NEAR + 1:
            head = text[:_NEAR] if number else ""
            tail = text[-_NEAR:] if number < len(line) - 1 else ""
            text = f"{head}{_ELLIPSIS}{tail}"
        short.append(Stretch(part.kind, visible(text)))
    return short


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + _ELLIPSIS


def whole_lines(message: Message, mark: str) -> Iterator[str]:
    """Yield the lines of a message that is new or gone, as far as they are shown."""
    lines = message.content[: _MOST_LINES * _LONGEST_LINE].split("\n")
    for line in lines[:_MOST_LINES]:
        yield f"{mark} {visible(_cut(line.removesuffix(chr(13)), _LONGEST_LINE))}".rstrip()
    if len(lines) > _MOST_LINES:
        yield f"{mark} {_ELLIPSIS}"


# --- text


def difference_text(comparison: Comparison, page: Page) -> str:
    """Return all that differs as text; nothing when nothing does."""
    writer = _Writer(page)
    for scenario in comparison.scenarios:
        writer.scenario(scenario)
    return "\n".join(writer.lines) + "\n" if writer.lines else ""


class _Writer:
    """Writes a page; the lines so far are in `lines`."""

    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        self._page = page
        self._palette = Palette(page.color)
        self._width = max(_LEAST_WIDTH, page.width) if page.width is not None else None

    def scenario(self, scenario: ScenarioChange) -> None:
        if self.lines:
            self.lines.append("")
        self._say(
            f"{scenario_title(scenario)}: {FATES[scenario.fate]} ({scenario_paths(scenario)})",
            Style.STRONG,
        )
        for line in error_lines(scenario):
            self._say(f"  {line}", Style.ERROR)
        for variant in scenario.variants:
            self._variant(variant, scenario)

    def _variant(self, variant: VariantChange, scenario: ScenarioChange) -> None:
        names = variant_names(variant, scenario.id)
        tokens = token_line(variant, self._page.about)
        if variant.change is not Change.CHANGED:
            mark = MARKS[variant.change]
            self._say(f"  {mark} {f'{names}: ' * bool(names)}{tokens}", _STYLES[variant.change])
            return
        if names:
            self._say(f"  {names}", Style.STRONG)
        for message in variant.messages:
            self._message(message)
        for line in setting_lines(variant):
            self._say(f"  ~ {line}")
        if variant.omissions is not None:
            for line in omission_lines(variant.omissions):
                self._say(f"  ~ {line}")
        for line in loss_lines(variant):
            self._say(f"  ~ {line}")
        self._say(f"  {tokens}")

    def _message(self, change: MessageChange) -> None:
        style, mark = _STYLES[change.change], MARKS[change.change]
        self._say(f"  {mark} {message_heading(change)}", style)
        if change.change is Change.ADDED and change.new is not None:
            for line in whole_lines(change.new, "+"):
                self._say(f"    {line}", Style.USER)
        elif change.change is Change.REMOVED and change.old is not None:
            for line in whole_lines(change.old, "-"):
                self._say(f"    {line}", Style.ERROR)
        elif change.edits:
            for parts in near_changes(changed_lines(change.edits)):
                self._parts(parts if parts is not None else [Stretch(Kind.SAME, _ELLIPSIS)])

    def _say(self, line: str, style: Style | None = None) -> None:
        parts = wrap(line, self._width) if self._width is not None else [line]
        self.lines.extend(self._palette.paint(style, each) if style else each for each in parts)

    def _parts(self, parts: Sequence[Stretch]) -> None:
        """Write one line of a changed text, wrapped between its words."""
        indent = " " * 6
        room = self._width - len(indent) if self._width is not None else None
        for row in _rows([self._marked(part) for part in parts], room):
            shown = "".join(self._painted(part) for part in row).rstrip()
            self.lines.append((indent + shown).rstrip())

    def _marked(self, part: Stretch) -> Stretch:
        """Set signs around a change where no colour shows it, or would not be seen."""
        if part.kind is Kind.SAME or (self._page.color and part.text.strip(" ⏎")):
            return part
        left, right = ("[-", "-]") if part.kind is Kind.GONE else ("{+", "+}")
        return Stretch(part.kind, f"{left}{part.text}{right}")

    def _painted(self, part: Stretch) -> str:
        if part.kind is Kind.SAME:
            return part.text
        return self._palette.paint(Style.ERROR if part.kind is Kind.GONE else Style.USER, part.text)


def _rows(parts: Sequence[Stretch], room: int | None) -> Iterator[list[Stretch]]:
    """Break a line into rows of at most `room` cells."""
    if room is None:
        yield list(parts)
        return
    row: list[Stretch] = []
    used = 0
    for part in parts:
        for word in _BLANK_OR_WORD.findall(part.text):
            for piece in wrap(word, room) if cells(word) > room and word.strip() else (word,):
                size = cells(piece)
                if used + size > room and row:
                    yield row
                    row, used = [], 0
                if piece.isspace() and not row:
                    continue
                row.append(Stretch(part.kind, clip(piece, room)))
                used += size
    yield row
