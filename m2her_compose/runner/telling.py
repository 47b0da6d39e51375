"""What came of requests, for people: remarks, and errors with the lines they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..emit.terminal import Palette, Style, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..errors import ServiceError
    from .probing import Probed
    from .remarks import Remark
    from .tracing import Traced

_HELP = "  = help: "


def error_text(
    error: ServiceError, traced: Sequence[Traced] = (), *, width: int, color: bool
) -> str:
    """Return what went wrong, which lines of the scenario it is about, and what to do."""
    palette = Palette(color)
    return "\n".join(_error_lines(error, traced, width, palette)) + "\n"


def remark_text(remark: Remark, *, width: int, color: bool) -> str:
    """Return what there is to say of a reply, and what to do about it."""
    palette = Palette(color)
    lines = _headline(Style.WARNING, "warning", remark.text, width, palette)
    return "\n".join((*lines, *_labelled(_HELP, remark.help, width, palette))) + "\n"


def probe_table(found: Sequence[Probed], *, width: int, color: bool) -> str:
    """Return a line for each role: whether it is taken, and what the endpoint said otherwise."""
    palette = Palette(color)
    roles = max(len(each.role) for each in found)
    lines: list[str] = []
    for each in found:
        style, word = (Style.USER, "taken") if each.error is None else (Style.ERROR, "refused")
        lines.append(f"{each.role:<{roles}}  {palette.paint(style, word)}")
        if each.error is not None:
            lines += (f"  {line}" for line in wrap(visible(str(each.error)), width - 2))
    return "\n".join(lines) + "\n"


def _error_lines(
    error: ServiceError, traced: Sequence[Traced], width: int, palette: Palette
) -> Iterator[str]:
    yield from _headline(Style.ERROR, "error", str(error), width, palette)
    arrow = palette.paint(Style.GUTTER, "  -->")
    for each in traced:
        place = visible(str(each.span)) if each.span is not None else "(written by no file)"
        yield f"{arrow} {place}: messages[{each.index}], `{each.message.role.value}`"
    if error.advice:
        yield from _labelled(_HELP, error.advice, width, palette)
    if error.attempts > 1:
        yield from _labelled("  = note: ", f"it was tried {error.attempts} times", width, palette)
    if error.request_id:
        yield from _labelled("  = request: ", error.request_id, width, palette)


def _headline(style: Style, word: str, text: str, width: int, palette: Palette) -> list[str]:
    first, *rest = wrap(f"{word}: {visible(text)}", width)
    painted = palette.paint(style, word) + first.removeprefix(word)
    return [painted, *(f"  {line}" for line in rest)]


def _labelled(label: str, text: str, width: int, palette: Palette) -> Iterator[str]:
    first, *rest = wrap(visible(text), max(width - len(label), 20))
    yield palette.paint(Style.GUTTER, label) + first
    yield from (" " * len(label) + line for line in rest)
