"""Import requests: each becomes the text of a scenario that is known to compile back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..frozen import frozen, replaced
from ..render.messages import DEFAULT_MODEL
from ..source import DEFAULT_LIMITS
from ..targets import M2_HER
from .decoding import decode_request
from .draft import draft, in_order
from .model import Losses, Refusal
from .proof import note_differences
from .writing import scenario_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .draft import Draft
    from .model import Line, Request


@frozen
class Naming:
    """What a scenario is called, and in which language it is; None leaves it open."""

    id: str | None = None
    title: str | None = None
    language: str | None = None


@frozen
class Imported:
    """A scenario file, and what is to be said of it.

    It compiles to the input for the target of the id `target`. `losses`: in what its request is
    another one than the input. `notes`: what of the input is not part of a scenario.
    """

    text: str
    target: str = M2_HER.id
    losses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def import_request(value: Any, naming: Naming | None = None) -> Imported:
    """Return the scenario of one request, compiled and compared with it.

    Raises `Refusal` when the request is none, or no scenario can hold it.
    """
    naming = naming or Naming()
    request = decode_request(value)
    _refuse_size(sum(len(line.content) for line in request.lines))
    lines = in_order(request.lines, request.losses)
    made = replaced(
        draft(lines, language=naming.language, title=naming.title),
        id=naming.id,
        model=request.model if request.model != DEFAULT_MODEL else None,
        parameters=request.parameters,
    )
    if naming.title is not None and made.title != naming.title:
        raise Refusal(
            "the title is taken: it is where the name of the group stands",
            "leave out `--title`, or give the scenario a name with `--id`",
        )
    return _proven(made, lines, request)


def _proven(made: Draft, lines: Sequence[Line], request: Request) -> Imported:
    """Write the scenario, compile it, and say in what it is another one than it was to be."""
    losses = request.losses.told()
    text = _written(made, (*losses, *request.notes))
    found = Losses(changes={})
    target = note_differences(text, lines, request, found)
    if found.changes:
        losses = (*losses, *found.told())
        text = _written(made, (*losses, *request.notes))
    return Imported(text=text, target=target.id, losses=losses, notes=request.notes)


def _written(made: Draft, remarks: Sequence[str]) -> str:
    text = scenario_text(made, remarks=remarks)
    _refuse_size(len(text.encode()))
    return text


def _refuse_size(size: int) -> None:
    if size > DEFAULT_LIMITS.bytes:
        raise Refusal(
            f"the scenario would be larger than {DEFAULT_LIMITS.bytes:,} bytes, and no file may be",
            "leave out the oldest messages",
        )
