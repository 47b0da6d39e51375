"""Format files, and prove of each that it says what it said; nothing is written here."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Final

from ..checker import Checker
from ..frozen import frozen
from ..scenario import Overrides
from .meaning import meaning
from .order import root_of
from .text import comments_of, formatted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ..build import Build
    from ..compiler import Compiler, Input
    from ..diagnostics import Diagnostic
    from ..schema import Kind

    # Makes a compiler that reads given bytes in place of some files, by their real paths.
    CompilerFor = Callable[[Mapping[Path, bytes]], Compiler]
    Style = Callable[[str, Kind, AbstractSet[str]], str]

_SPEAKERS: Final = ("user", "ai", "narrator")


class State(Enum):
    """What came of a file. `UNPROVEN`: its new text would say something else, a bug of ours."""

    SAME = "same"
    CHANGED = "changed"
    FAULTY = "faulty"
    UNPROVEN = "unproven"


@frozen
class Formatted:
    """A file's text as it was and as it is to be: the same unless it is `CHANGED`.

    `findings` are the errors for which a file was left alone, `doubts` what of an `UNPROVEN` one
    would not have been the same.
    """

    path: Path
    shown: str
    state: State
    before: str
    after: str
    findings: tuple[Diagnostic, ...] = ()
    doubts: tuple[str, ...] = ()


def format_file(
    compiler_for: CompilerFor, compiler: Compiler, item: Input, style: Style | None = None
) -> Formatted | None:
    """Format one file; None for a foreign one that was found in a folder.

    `compiler` is one that `compiler_for` made of no texts, and may be shared. `style` makes the new
    text, which is not trusted: by default it is `formatted`. Raises OSError when a file that was
    named itself cannot be read.
    """
    build = compiler.build(item, Overrides(stand_ins=True))
    if build.is_foreign and item.folder is not None:
        return None
    errors = tuple(each for each in _own_findings(build, compiler, item) if each.is_error)
    text = build.file.source.text
    checked = build.file.checked
    if errors or checked is None:
        return _made(build, State.FAULTY, text, findings=errors)
    after = (style or formatted)(text, checked.kind, frozenset(_speakers(build)))
    if after == text:
        return _made(build, State.SAME, text)
    other = compiler_for({build.file.path: after.encode("utf-8")})
    doubts = tuple(_doubts(build, other.build(item, Overrides(stand_ins=True))))
    if not doubts and _findings(compiler, item) != _findings(other, item):
        doubts = ("its findings",)
    if doubts:
        return _made(build, State.UNPROVEN, text, doubts=doubts)
    return _made(build, State.CHANGED, after)


def _made(
    build: Build,
    state: State,
    after: str,
    *,
    findings: tuple[Diagnostic, ...] = (),
    doubts: tuple[str, ...] = (),
) -> Formatted:
    return Formatted(
        path=build.file.path,
        shown=build.file.source.path,
        state=state,
        before=build.file.source.text,
        after=after,
        findings=findings,
        doubts=doubts,
    )


def _own_findings(build: Build, compiler: Compiler, item: Input) -> tuple[Diagnostic, ...]:
    """Return what was found in a file as YAML, and against its schema."""
    if build.is_foreign:
        return Checker(compiler=compiler).check_file(item).findings
    if build.file.checked is None and not build.file.diagnostics:
        return build.diagnostics  # it could not be looked at
    return build.file.diagnostics


def _speakers(build: Build) -> dict[str, str]:
    """Return who may speak in a file's scripts, in the form that splitting wants."""
    cast = build.scenario.characters if build.scenario is not None else ()
    return dict.fromkeys((*_SPEAKERS, *cast), "")


def _doubts(before: Build, after: Build) -> list[str]:
    """Return what is not the same in two texts of a file; nothing when they say the same."""
    old, new = before.file.checked, after.file.checked
    broken = any(each.is_error for each in after.file.diagnostics)
    if old is None or new is None or old.kind is not new.kind or broken:
        return ["its values"]
    place, speakers = root_of(old.kind), _speakers(before)
    found: list[str] = []
    if meaning(old.root, place, speakers) != meaning(new.root, place, speakers):
        found.append("its values")
    if _messages(before) != _messages(after):
        found.append("its messages")
    if comments_of(before.file.source.text) != comments_of(after.file.source.text):
        found.append("its comments")
    return found


def _messages(build: Build) -> list[object]:
    """Return what is sent, of each variant."""
    return [
        (
            each.id,
            each.model,
            dict(each.parameters),
            each.units,
            [message.to_dict() for message in each.messages],
        )
        for each in build.conversations
    ]


def _findings(compiler: Compiler, item: Input) -> Counter[tuple[str, str]]:
    """Count the findings of a file by their codes, after settings and comments."""
    checker = Checker(compiler=compiler)
    report = checker.report([checker.check_file(item)], [item])
    return Counter((each.code.id, each.severity.value) for each in report.diagnostics)
