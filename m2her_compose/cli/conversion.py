"""From a file of requests to scenario files: what is told of each, and where each is written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..emit.files import RefusedError, file_names, write_file
from ..emit.terminal import visible
from ..frozen import frozen
from ..importers import MOST_BYTES, Naming, Refusal, import_request, read_requests
from ..source import Disk
from ..targets import M2_HER
from .guard import Misuse
from .options import STDIN
from .outputs import refuse_read, write_output
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..importers import Found, Imported
    from .console import Console

_ENDING: Final = ".yaml"
_NO_ID: Final = re.compile(r"[^\w-]+")
_MOST_TOLD: Final = 20


class Given(Protocol):
    """The part of a command line that says what is imported, as what, and where to."""

    @property
    def path(self) -> str: ...

    @property
    def output(self) -> str | None: ...

    @property
    def scenario_id(self) -> str | None: ...

    @property
    def title(self) -> str | None: ...

    @property
    def language(self) -> str | None: ...

    @property
    def lossy(self) -> bool: ...

    @property
    def force(self) -> bool: ...


@frozen
class Conversion:
    """What came of a file: scenarios by their ids, and how many requests became none.

    `is_one`: the file holds one request, and not a list of them.
    """

    scenarios: dict[str, Imported]
    refused: int
    is_one: bool


def read_input(name: str) -> bytes:
    """Return a file's bytes, or those of standard input; at most one more than is allowed."""
    try:
        if name == STDIN:
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        if not name or "\0" in name:
            raise Misuse("FILE wants a path")
        return Disk(max_bytes=MOST_BYTES).read(Path(name))
    except AttributeError as error:
        raise Misuse("standard input is closed") from error
    except OSError as error:
        raise Misuse(f"{name}: {error.strerror or error}") from error


def import_all(data: bytes, given: Given, console: Console) -> Conversion:
    """Import every request of a file, and tell what is to be said of each. Raises `Misuse`."""
    shown = "standard input" if given.path == STDIN else given.path
    try:
        requests = read_requests(data, shown)
    except Refusal as refusal:
        _tell(console, shown, refusal.message, help=refusal.help)
        return Conversion(scenarios={}, refused=1, is_one=True)
    is_one = len(requests) == 1 and requests[0].place is None
    if not is_one and given.output in (None, STDIN):
        what = f"{len(requests):,} requests" if len(requests) > 1 else "a list of one request"
        raise Misuse(f"{shown} holds {what}: name a folder with --output")
    scenarios: dict[str, Imported] = {}
    for found, key in zip(requests, _ids(requests, given), strict=True):
        where = shown if found.place is None else f"{shown}, {found.place}"
        naming = Naming(
            id=_written_id(key, given) if is_one else None,
            title=given.title,
            language=given.language,
        )
        imported = _imported(found, naming, where, given, console)
        if imported is not None:
            scenarios[key] = imported
    return Conversion(scenarios=scenarios, refused=len(requests) - len(scenarios), is_one=is_one)


def _ids(requests: Sequence[Found], given: Given) -> list[str]:
    """Return an id for each request: what was given or the file is called, and a number."""
    stem = "imported" if given.path == STDIN else Path(given.path).name.partition(".")[0]
    base = given.scenario_id or _NO_ID.sub("_", stem).strip("_") or "imported"
    if len(requests) == 1 and requests[0].place is None:
        return [base]
    digits = len(str(len(requests)))
    return [f"{base}_{number:0{digits}}" for number in range(1, len(requests) + 1)]


def _written_id(key: str, given: Given) -> str | None:
    """Return the id to be written: the one given, or what stands in for a file's odd name."""
    if given.scenario_id is not None or given.output in (None, STDIN):
        return given.scenario_id
    stem = Path(given.output or "").stem
    is_file = not _is_folder(given.output or "")
    return key if is_file and _NO_ID.search(stem) else None


def _imported(
    found: Found, naming: Naming, where: str, given: Given, console: Console
) -> Imported | None:
    """Import one request; None, when it became no scenario, or not this very one."""
    try:
        imported = import_request(found.value, naming)
    except Refusal as refusal:
        _tell(console, where, refusal.message, help=refusal.help)
        return None
    if imported.losses and not given.lossy:
        advice = "`--lossy` imports it with these changes"
        _tell(console, where, "no scenario says exactly this", imported.losses, help=advice)
        return None
    if imported.losses:
        _tell(console, where, "imported with changes", imported.losses)
    if imported.notes:
        _tell(console, where, "not part of the scenario", imported.notes)
    if imported.target != M2_HER.id:
        said = f"`--target {imported.target}` compiles it to messages like these"
        _tell(console, where, said)
    return imported


def _tell(
    console: Console, where: str, said: str, items: Sequence[str] = (), help: str | None = None
) -> None:
    lines = [f"m2her: {visible(where)}: {visible(said)}{':' if items else ''}"]
    lines += [f"  - {visible(item)}" for item in items[:_MOST_TOLD]]
    if len(items) > _MOST_TOLD:
        lines.append(f"  and {len(items) - _MOST_TOLD:,} more")
    if help is not None:
        lines.append(f"  help: {visible(help)}")
    console.say("".join(f"{line}\n" for line in lines))


# --- outputs


def deliver(made: Conversion, given: Given, console: Console) -> Status:
    """Print or write the scenarios. Raises `Misuse` where one cannot be written."""
    status = Status.ERRORS if made.refused else Status.DONE
    if not made.scenarios:
        return status
    if given.output in (None, STDIN):
        [only] = made.scenarios.values()
        console.result(only.text)
        return status
    output = given.output or ""
    read = set() if given.path == STDIN else {Path(given.path).resolve()}
    if made.is_one and not _is_folder(output):
        _refuse_existing([Path(output)], given)
        [only] = made.scenarios.values()
        write_output(output, only.text, read)
    else:
        _write_folder(Path(output), made, given, read)
    if not made.is_one:
        written, refused = len(made.scenarios), made.refused
        console.say(f"m2her: {written:,} written to {visible(output)}, {refused:,} refused\n")
    return status


def _is_folder(output: str) -> bool:
    return output.endswith("/") or Path(output).is_dir()


def _write_folder(target: Path, made: Conversion, given: Given, read: set[Path]) -> None:
    if target.is_symlink():
        raise Misuse(f"--output {target} is a link: nothing is written through links")
    if target.exists() and not target.is_dir():
        raise Misuse(f"--output {target} is a file, and there are several scenarios: name a folder")
    names = file_names(made.scenarios, _ENDING)
    _refuse_existing([target / name for name in names.values()], given)
    for name in names.values():
        refuse_read(target / name, read)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for key, imported in made.scenarios.items():
            write_file(target / names[key], imported.text)
    except RefusedError as error:
        raise Misuse(str(error)) from error
    except OSError as error:
        raise Misuse(f"--output {target}: {error.strerror or error}") from error


def _refuse_existing(paths: Sequence[Path], given: Given) -> None:
    """Refuse to write over files that may be somebody's work, before any is written."""
    if given.force:
        return
    there = [path for path in paths if path.exists()]
    if there:
        more = f", and {len(there) - 1:,} more" if len(there) > 1 else ""
        raise Misuse(f"{there[0]} exists{more}: name another place, or write over it with --force")
