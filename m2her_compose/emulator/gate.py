"""Who may ask: which hosts, which web pages, which keys.

A page on the web can make a browser send requests to this machine, and make a name of its own
point here (DNS rebinding): so `Host` and `Origin` are looked at before anything else.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .contract import Complaint

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_KEY: Final = 1004
WRONG_KEY: Final = 2049
_HOST: Final = re.compile(
    r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE
)
_BEARER: Final = re.compile(rb"\s*bearer[ \t]+(?P<key>\S+)\s*", re.IGNORECASE)

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Which requests come in. `hosts` are further names that this server may be called by.

    `any_address`: any IP address is such a name, for servers that listen on all of them; an
    address in `Host` cannot have been made to point here. `key` is the only one taken; None takes
    any.
    """

    hosts: tuple[str, ...] = ()
    any_address: bool = False
    key: str | None = field(default=None, repr=False)

    def bars(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return why a request is not let in; None where its host and origin are fine."""
        found = tuple(headers)
        hosts = _values(found, b"host")
        if len(hosts) != 1 or not self._knows(hosts[0]):
            return "this server is not called by that `Host`: it answers on its own machine"
        if not all(_is_own_page(origin) for origin in _values(found, b"origin")):
            return "pages of other machines (`Origin`) may not use this server"
        return None

    def key_complaint(self, headers: Iterable[tuple[bytes, bytes]]) -> Complaint | None:
        """Return what is wrong with a request's key; None where it is taken."""
        given = given_key(headers)
        if given is None:
            return Complaint(
                code=NO_KEY, message="login fail, no key: send `Authorization: Bearer KEY`"
            )
        if self.key is not None and not hmac.compare_digest(given, self.key.encode()):
            return Complaint(code=WRONG_KEY, message="invalid api key")
        return None

    def _knows(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].lower().strip("[]")
        if is_loopback(name) or name.rstrip(".") in (each.lower() for each in self.hosts):
            return True
        return self.any_address and _address(name) is not None


def is_loopback(name: str) -> bool:
    """Say whether a host's name or address is always this machine's own."""
    address = _address(name)
    if address is None:
        return name.lower().rstrip(".") == "localhost"
    return address.is_loopback


def given_key(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Return the key that a request brings; None where it brings none, or more than one."""
    values = [value for name, value in headers if name == b"authorization"]
    found = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return found["key"] if found is not None else None


def _values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in headers if header == name]


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_own_page(origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    found = _HOST.fullmatch(host)
    is_web = scheme.lower() in ("http", "https")
    return is_web and found is not None and is_loopback(found["name"].strip("[]"))
