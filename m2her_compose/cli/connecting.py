"""From a command line to the service: where requests go, with which key, and what carries them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

import typer

from ..errors import UsageError
from ..frozen import frozen
from ..wire.endpoints import REGIONS, Endpoint, endpoint_url
from .guard import Misuse
from .options import one_of

if TYPE_CHECKING:
    from ..client import Choice, Client, Key
    from ..config import Settings
    from ..emulator import Upstream
    from ..wire.http import Transport
    from .console import Console

BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Where requests go, in place of the vendor."),
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="global|cn", help="Which of the vendor's regions to ask."),
]
EndpointName = Annotated[
    str,
    typer.Option("--endpoint", metavar="openai|native", help="Which of the two endpoints to ask."),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="ID", help="The model, in place of the scenario's.")
]
KeyFile = Annotated[
    str | None,
    typer.Option("--key-file", metavar="FILE", help="A file of yours alone that holds the key."),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Rehearse with a local M2-her: no network, no key, no model."),
]
EXTRA: Final = "it comes with the extra `serve`: pip install 'm2her[serve]'"
# Where the local M2-her of --offline would stand, if it had a socket.
_OFFLINE_URL: Final = "http://localhost"
# In place of a key where there is none, in requests that are only shown.
_NO_KEY: Final = "no-key"


class Where(Protocol):
    """The part of a command line that says whom to ask."""

    @property
    def base_url(self) -> str | None: ...

    @property
    def region(self) -> str | None: ...

    @property
    def endpoint(self) -> str: ...

    @property
    def key_file(self) -> str | None: ...

    @property
    def offline(self) -> bool: ...


@frozen
class Connection:
    """Whom to ask, and how. Without a `key` nothing can be sent, and `no_key` says why."""

    base_url: str
    endpoint: Endpoint
    key: Key | None
    no_key: str
    timeout_s: float
    retries: int
    transport: Transport | None = None

    @property
    def url(self) -> str:
        """Where requests go."""
        return endpoint_url(self.base_url, self.endpoint)

    def client(self) -> Client:
        """Return a client. Raises `Misuse` when there is no key."""
        if self.key is None:
            raise Misuse(f"{self.no_key}; `--offline` rehearses without a key")
        return self._client(self.key)

    def request_text(self, body: dict[str, Any], *, stream: bool) -> str:
        """Return the request that would be sent for a body, with a variable in place of the key."""
        from ..client import Key
        from ..emit.http_request import request_text

        key = self.key or Key(_NO_KEY)
        request = self._client(key).request(body, stream=stream)
        shown = key.placeholder if self.key is not None else f"${self.variable}"
        return request_text(request, f"Bearer {shown}")

    @property
    def variable(self) -> str:
        """The variable that a key for this URL is looked for in."""
        from ..client import read_address

        return "MINIMAX_API_KEY" if read_address(self.base_url).is_vendor else "OPENAI_API_KEY"

    def _client(self, key: Key) -> Client:
        from ..client import Client, RetryPolicy

        return Client(
            base_url=self.base_url,
            key=key,
            endpoint=self.endpoint,
            transport=self.transport,
            timeout_s=self.timeout_s,
            retry=RetryPolicy(retries=self.retries),
        )


def check_where(where: Where) -> None:
    """Refuse words that an option does not take, and options that contradict each other."""
    one_of("--endpoint", where.endpoint, tuple(each.value for each in Endpoint))
    if where.region is not None:
        one_of("--region", where.region, tuple(REGIONS))
    given = {"--base-url": where.base_url, "--region": where.region, "--key-file": where.key_file}
    if where.offline:
        for option, value in given.items():
            if value is not None:
                raise Misuse(f"{option} and --offline: rehearsing, nobody is asked")
    elif where.base_url is not None and where.region is not None:
        raise Misuse("--base-url and --region: both say where requests go")


def connect(where: Where, settings: Settings, *, model: str | None = None) -> Connection:
    """Return whom to ask: what is typed, then the environment, then the library's settings.

    `model` is what will be asked for: rehearsing, it is there whatever it is. Raises `Misuse` for
    a URL that nothing may be sent to.
    """
    endpoint = Endpoint(where.endpoint)
    timeout_s, retries = float(settings["run.timeout"]), int(settings["run.retries"])
    from ..client import LOCAL_WORD, Key, KeySource, choose_base_url

    if where.offline:
        return Connection(
            base_url=_OFFLINE_URL,
            endpoint=endpoint,
            key=Key(LOCAL_WORD, KeySource.LOCAL),
            no_key="",
            timeout_s=timeout_s,
            retries=retries,
            transport=_local_transport(model),
        )
    try:
        choice = choose_base_url(
            os.environ, flag=where.base_url, region=where.region, settings=settings
        )
    except UsageError as error:
        raise Misuse(str(error)) from error
    key, no_key = _found_key(choice, where.key_file)
    return Connection(
        base_url=choice.url,
        endpoint=endpoint,
        key=key,
        no_key=no_key,
        timeout_s=timeout_s,
        retries=retries,
    )


def settings_here(console: Console) -> Settings:
    """Return the settings of the library that this folder is in, and report what is wrong there."""
    from ..compiler import Compiler
    from ..config import environment
    from ..diagnostics import Sink

    sink = Sink()
    settings = Compiler(environment=environment()).settings(Path(), sink)
    console.report(sink.sorted())
    return settings


def upstream(where: Where, settings: Settings) -> Upstream:
    """Return the real service behind a recording. Raises `Misuse` when there is no key for it."""
    from ..client.http import HttpTransport
    from ..emulator import Upstream

    connection = connect(where, settings)
    if connection.key is None:
        raise Misuse(f"{connection.no_key}; without `--record`, `serve` needs no key")
    return Upstream(
        # Whoever asked may have left: what is silent is not waited for without an end.
        transport=HttpTransport(silence_s=connection.timeout_s),
        base_url=connection.base_url,
        authorization=connection.key.authorization,
    )


def _found_key(choice: Choice, key_file: str | None) -> tuple[Key | None, str]:
    """Return the key for a URL; without one None, and what to do about it."""
    from ..client import find_key

    if key_file is not None and choice.is_by_library:
        return None, "m2her.toml says where requests go: for --key-file, say so with --base-url"
    path = Path(key_file) if key_file else None
    try:
        return find_key(choice.url, os.environ, path, is_by_library=choice.is_by_library), ""
    except UsageError as error:
        return None, str(error)


def _local_transport(model: str | None) -> Transport:
    """Return the local M2-her, inside this process. Raises `Misuse` without the extra."""
    from ..client import AsgiTransport

    try:
        from ..emulator import EmulatorSettings, application

        settings = EmulatorSettings()
        if model is not None:
            settings = dataclasses.replace(settings, models=(*settings.models, model))
        return AsgiTransport(application(settings))
    except ImportError as error:
        raise Misuse(f"--offline needs the local M2-her; {EXTRA}") from error
