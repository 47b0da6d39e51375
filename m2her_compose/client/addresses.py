"""Where requests go: which base URLs are taken, and which one is chosen."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from ..frozen import frozen
from ..wire.endpoints import REGIONS, VENDOR_HOSTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..config import Settings

BASE_URL_VARIABLE: Final = "M2HER_RUN_BASE_URL"
REGION_VARIABLE: Final = "M2HER_RUN_REGION"
_SETTING: Final = "run.base-url"
_REGION: Final = "run.region"
_LONGEST: Final = 2_000
# Stricter than the standard, so that everybody who reads such a URL finds the same host in it.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-zA-Z0-9._~!$&'()*+,;=:%-]*)*)",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65_535


@frozen
class Address:
    """A base URL that was found good, in parts. `host` is in lower case, without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent there stays on this machine."""
        return is_loopback(self.host)

    @property
    def is_vendor(self) -> bool:
        return self.scheme == "https" and self.host in VENDOR_HOSTS

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a key may be bound to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def read_address(url: str, where: str = "the base URL") -> Address:
    """Return a base URL's parts; `where` names in errors what held it.

    Only `https`, or `http` to this machine; no user name, query or fragment, which would be sent
    along or lost. Raises `UsageError`.
    """
    text = url.strip()
    if "@" in text:  # whose text is not shown: it may hold a password
        raise UsageError(f"{where} must not hold a user name or password")
    found = _URL.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT or not _is_host(found["host"]):
        raise UsageError(
            f"{where} is no URL that requests can go to: write `https://HOST`, with a port or a "
            "path where needed, and without `?` and `#`"
        )
    scheme = found["scheme"].lower()
    host = found["host"].lower().strip("[]")
    if scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"{where} must begin with `https://`: only to this machine (`localhost`) may keys and "
            "chats go unencrypted"
        )
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    return Address(url=text.rstrip("/"), scheme=scheme, host=host, port=port)


@frozen
class Choice:
    """A base URL; `is_by_library`: a library's `m2her.toml` alone names it, and nobody here."""

    url: str
    is_by_library: bool = False


def choose_base_url(
    environment: Mapping[str, str],
    *,
    flag: str | None = None,
    region: str | None = None,
    settings: Settings | None = None,
) -> Choice:
    """Return the base URL to send to; the first of these that there is.

    `flag`; `region`; `M2HER_RUN_BASE_URL`; what `m2her.toml` sets, which may only name the vendor
    or this machine; `OPENAI_BASE_URL` where `OPENAI_API_KEY` is set and `MINIMAX_API_KEY` is not;
    the region that is set; the vendor's global one. Raises `UsageError` where it is not taken.
    """
    if flag is not None:
        return Choice(url=read_address(flag, "`--base-url`").url)
    if region is not None:
        return Choice(url=_of_region(region))
    if variable := environment.get(BASE_URL_VARIABLE, "").strip():
        return Choice(url=read_address(variable, f"`{BASE_URL_VARIABLE}`").url)
    from_file = settings.values[_SETTING] if settings is not None else None
    if from_file is not None and from_file.span is not None:
        url = _of_library(str(from_file.value), from_file.origin)
        return Choice(url=url, is_by_library=True)
    if openai := openai_base_url(environment):
        return Choice(url=read_address(openai, "`OPENAI_BASE_URL`").url)
    if settings is not None:
        return Choice(url=_of_region(settings[_REGION]))
    return Choice(url=_of_region(environment.get(REGION_VARIABLE, "").strip() or "global"))


def openai_base_url(environment: Mapping[str, str]) -> str | None:
    """Return `OPENAI_BASE_URL` where its key is the one to be used."""
    has_own = bool(environment.get("MINIMAX_API_KEY", "").strip())
    if has_own or not environment.get("OPENAI_API_KEY", "").strip():
        return None
    return environment.get("OPENAI_BASE_URL", "").strip() or None


def _of_region(region: str) -> str:
    if region not in REGIONS:
        listed = " or ".join(f"`{name}`" for name in REGIONS)
        raise UsageError(f"there is no such region: it is {listed}")
    return REGIONS[region]


def _of_library(url: str, origin: str) -> str:
    """Check again what the settings' reader lets through: a cloned library is not trusted."""
    address = read_address(url, f"`base-url` ({origin})")
    if not address.is_vendor and not address.is_loopback:
        raise UsageError(
            f"`base-url` ({origin}) may only name the vendor or this machine: name other hosts by "
            f"`--base-url` or `{BASE_URL_VARIABLE}`"
        )
    return address.url


def _is_host(host: str) -> bool:
    """Tell whether everybody reads a host alike: brackets are around IPv6 alone."""
    if host.startswith("["):
        try:
            return ipaddress.ip_address(host[1:-1]).version == 6  # noqa: PLR2004
        except ValueError:
            return False
    try:
        return all(host.removesuffix(".").split(".")) and bool(host.encode("ascii").decode("idna"))
    except UnicodeError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, 127.0.0.0/8 or `::1`."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return host == "::1" or (address.version == 4 and address.is_loopback)  # noqa: PLR2004
