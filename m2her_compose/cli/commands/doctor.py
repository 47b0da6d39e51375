"""`m2her doctor`: which roles an endpoint takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ...frozen import frozen
from .. import connecting, options
from ..console import Console
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from ...client import Client
    from ...config import Settings
    from ...runner import Probed
    from ...targets import Target

EPILOG: Final = """\b
Examples:
  m2her doctor --offline
  m2her doctor --region cn --endpoint native
  m2her doctor --base-url https://openrouter.ai/api/v1 --target openrouter
"""


@frozen
class Arguments:
    """Ask an endpoint which roles it takes, with one tiny request each."""

    target: options.Target = None
    model: connecting.Model = None
    offline: connecting.Offline = False
    base_url: connecting.BaseUrl = None
    region: connecting.Region = None
    endpoint: connecting.EndpointName = "openai"
    key_file: connecting.KeyFile = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Try each role, and print what came of it."""
    options.check_color(arguments.color)
    connecting.check_where(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    from ...targets import M2_HER

    settings = connecting.settings_here(console)
    target = _target(settings, arguments)
    model = arguments.model or (target.models or M2_HER.models)[0]
    connection = connecting.connect(arguments, settings, model=model)
    client = connection.client()
    console.say(f"asking {connection.url}\n")
    import asyncio

    from ...errors import ServiceError
    from ...runner import advice_of, error_text, probe_table

    try:
        found = asyncio.run(_probed(client, model, target.reply_limit))
    except ServiceError as error:
        color, width = console.colored(sys.stderr), console.width(sys.stderr)
        console.say(error_text(error, width=width, color=color))
        return Status.SERVICE
    color, width = console.colored(sys.stdout), console.width(sys.stdout)
    console.result(probe_table(found, width=width, color=color))
    console.say(f"{advice_of(found)}\n")
    return Status.DONE if any(each.is_taken for each in found) else Status.SERVICE


def _target(settings: Settings, arguments: Arguments) -> Target:
    from ...config import target_named
    from ...errors import UsageError

    try:
        return target_named(settings, arguments.target)
    except UsageError as error:
        raise Misuse(str(error)) from error


async def _probed(client: Client, model: str, reply_limit: str) -> tuple[Probed, ...]:
    from ...runner import probe_roles

    async with client:
        return await probe_roles(client, model, reply_limit)
