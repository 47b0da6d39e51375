"""`m2her serve`: a local M2-her, to try scenarios and clients on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import connecting, options
from ..console import Console
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from ...emulator import EmulatorSettings

EPILOG: Final = """\b
Examples:
  m2her serve
  m2her serve --port 8088 --key secret-of-tests
  m2her serve --fault 429:retry-after=1@10% --fault drop-within@2%
  m2her serve --replay recorded.jsonl
"""
_HIGHEST_PORT: Final = 65_535


@frozen
class Arguments:
    """Serve a local M2-her that rehearses: the service's contract, and no model."""

    port: Annotated[
        int,
        typer.Option("--port", "-p", metavar="PORT", help="Where to listen; 0 takes a free one."),
    ] = 8765
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1"
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let --host be reached from other machines.")
    ] = False
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="WORD", help="The only key that is taken, for tests."),
    ] = None
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Take M2-her's own roles also without a name.")
    ] = False
    faults: Annotated[
        tuple[str, ...],
        typer.Option(
            "--fault", metavar="SPEC", help="What goes wrong, and how often; may be given again."
        ),
    ] = ()
    record: Annotated[
        str | None,
        typer.Option(
            "--record", metavar="FILE", help="Pass on to a real service, and keep it all."
        ),
    ] = None
    replay: Annotated[
        str | None, typer.Option("--replay", metavar="FILE", help="Answer from what was recorded.")
    ] = None
    base_url: connecting.BaseUrl = None
    region: connecting.Region = None
    key_file: connecting.KeyFile = None
    color: options.Color = "auto"

    endpoint = "openai"
    offline = False


def run(arguments: Arguments) -> Status:
    """Serve until Ctrl-C."""
    _check(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    from ...emulator import RecordingError, available, serve
    from ...errors import UsageError

    missing = available()
    if missing is not None:
        raise Misuse(f"`serve` needs {missing}; {connecting.EXTRA}")

    def say_ready(url: str) -> None:
        console.say(f"a local M2-her at {url}/v1; {_manner(arguments)}; Ctrl-C ends it\n")

    try:
        serve(
            _settings(arguments, console),
            host=arguments.host,
            port=arguments.port,
            allow_remote=arguments.allow_remote,
            on_ready=say_ready,
        )
    except (UsageError, RecordingError, OSError) as error:
        raise Misuse(str(error)) from error
    return Status.DONE


def _manner(arguments: Arguments) -> str:
    if arguments.record is not None:
        return "it passes everything on to the real service, and keeps it"
    if arguments.replay is not None:
        return "it answers from a recording"
    return "it rehearses and is no model"


def _check(arguments: Arguments) -> None:
    options.check_color(arguments.color)
    connecting.check_where(arguments)
    if not 0 <= arguments.port <= _HIGHEST_PORT:
        raise Misuse(f"`--port {arguments.port}` is no port: 0 to {_HIGHEST_PORT}")
    for option, value in (("--record", arguments.record), ("--replay", arguments.replay)):
        if value is not None and (not value or "\0" in value):
            raise Misuse(f"{option} wants a path")
    if arguments.key is not None and not arguments.key.strip():
        raise Misuse("--key wants a word")
    real = {"--base-url": arguments.base_url, "--region": arguments.region}
    for option, value in {**real, "--key-file": arguments.key_file}.items():
        if value is not None and arguments.record is None:
            raise Misuse(f"{option} goes with --record: without it nobody else is asked")
    if arguments.lenient and (arguments.record is not None or arguments.replay is not None):
        raise Misuse("--lenient is for rehearsing, and not for --record and --replay")


def _settings(arguments: Arguments, console: Console) -> EmulatorSettings:
    """Return how to answer. Raises `UsageError` for what does not go together."""
    from ...emulator import EmulatorSettings, read_faults

    upstream = None
    if arguments.record is not None:
        upstream = connecting.upstream(arguments, connecting.settings_here(console))
    return EmulatorSettings(
        key=arguments.key,
        lenient=arguments.lenient,
        faults=read_faults(arguments.faults),
        record=Path(arguments.record) if arguments.record is not None else None,
        replay=Path(arguments.replay) if arguments.replay is not None else None,
        upstream=upstream,
    )
