"""Hold an imported scenario to its messages: it is compiled, and what comes out is compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..build import Wishes
from ..compiler import Compiler, Input
from ..frozen import frozen
from ..ir import Role
from ..passes.folding import EXAMPLE_NAMES
from ..render.messages import DEFAULT_MODEL
from ..scenario import Overrides
from ..targets import M2_HER, OPENAI
from ..wire.requests import request_body
from .decoding import shown
from .model import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..targets import Target
    from .model import Line, Losses, Request

_FOLDER: Final = Path("/import")


@frozen
class _OneFile:
    """A library that is in memory, and holds one scenario: no settings, no templates."""

    path: Path
    data: bytes

    def read(self, path: Path) -> bytes:
        if path != self.path:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return self.data

    def resolve(self, path: Path) -> Path:
        return path

    def is_folder(self, path: Path) -> bool:
        return path == self.path.parent

    def names(self, folder: Path) -> list[str]:
        return [self.path.name] if folder == self.path.parent else []


def note_differences(text: str, lines: Sequence[Line], request: Request, losses: Losses) -> Target:
    """Note in what a scenario's request differs from the messages that it is to have.

    Returns the target that it is compiled for: examples that came as OpenAI's cookbook has them
    are compared as that one sends them. Raises `Refusal` when the scenario does not compile.
    """
    target = OPENAI if request.is_cookbook else M2_HER
    wishes = Wishes(target=target.id, everything=True)
    files = _OneFile(path=_FOLDER / "scenario.yaml", data=text.encode())
    compiler = Compiler(files=files, base=_FOLDER, root=_FOLDER, wishes=wishes)
    compiled = compiler.compile(Input(path=files.path), Overrides())
    if not compiled.ok:
        error = next(each for each in compiled.diagnostics if each.is_error)
        raise Refusal(f"no scenario can hold this: {error.message}", error.help)
    body = request_body(compiled.variants[0].conversation)
    expected = [_sent(line, is_cookbook=request.is_cookbook) for line in lines]
    _compare(expected, body["messages"], lines, losses)
    beside = {key: body[key] for key in body if key not in ("model", "messages")}
    if beside != dict(request.parameters):
        losses.add("the parameters differ")
    if body["model"] != (request.model or DEFAULT_MODEL):
        losses.add(f"the model becomes {shown(body['model'])}")
    return target


def _sent(line: Line, *, is_cookbook: bool) -> dict[str, str]:
    role, name = line.role, line.name
    if is_cookbook and role in EXAMPLE_NAMES:
        role, name = Role.SYSTEM, EXAMPLE_NAMES[role]
    named = {"name": name} if name is not None else {}
    return {"role": role.value, **named, "content": line.content}


def _compare(
    expected: Sequence[dict[str, str]],
    actual: Sequence[dict[str, Any]],
    lines: Sequence[Line],
    losses: Losses,
) -> None:
    if len(expected) != len(actual):
        losses.add(f"{len(expected):,} messages become {len(actual):,}")
        return
    for line, before, after in zip(lines, expected, actual, strict=True):
        if before == after:
            continue
        if before.get("name") != after.get("name"):
            losses.add(_renaming(before.get("name"), after.get("name")), line.number)
        if before["content"].rstrip("\n") != after["content"] or before["role"] != after["role"]:
            losses.add(f"becomes {shown(after['content'])}", line.number)
        elif before["content"] != after["content"]:
            losses.add("line breaks at the end are dropped", line.number)


def _renaming(old: str | None, new: str | None) -> str:
    if old is None:
        return f"gets the name {shown(new)}"
    return f"the name {shown(old)} becomes {shown(new)}" if new else f"loses the name {shown(old)}"
