"""Where generated code sends a conversation, and the variable that holds the key: never a key.

The vendor's key goes to the vendor's hosts alone, whatever a library's settings name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..config.settings import DEFAULT
from ..frozen import frozen
from ..targets import BASIC, M2_HER
from ..wire.endpoints import REGIONS, VENDOR_HOSTS, Endpoint, endpoint_url

if TYPE_CHECKING:
    from ..config import Settings

VENDOR_KEY: Final = "MINIMAX_API_KEY"
OTHER_KEY: Final = "OPENAI_API_KEY"
# Where the service of a target that is not the vendor's is told, as OpenAI's SDKs have it.
BASE_URL_VARIABLE: Final = "OPENAI_BASE_URL"
_SETTING: Final = "run.base-url"
_OF_VENDOR: Final = (M2_HER.id, BASIC.id)


@frozen
class Service:
    """A service: its base URL with the version, None where a variable holds it."""

    base_url: str | None
    key_variable: str

    @property
    def url(self) -> str | None:
        """The URL of the endpoint that is compatible with OpenAI's."""
        return None if self.base_url is None else self.base_url + Endpoint.OPENAI.path


def service_for(target_id: str, settings: Settings) -> Service:
    """Return the service of a target, as a library's settings have it."""
    if target_id not in _OF_VENDOR:
        return Service(base_url=None, key_variable=OTHER_KEY)
    setting = settings.values[_SETTING]
    base = REGIONS[settings["run.region"]] if setting.origin == DEFAULT else str(setting.value)
    try:
        url = endpoint_url(base, Endpoint.OPENAI)
        is_vendor = _is_vendor(url)
    except ValueError:
        return Service(base_url=None, key_variable=OTHER_KEY)
    return Service(
        base_url=url.removesuffix(Endpoint.OPENAI.path),
        key_variable=VENDOR_KEY if is_vendor else OTHER_KEY,
    )


def _is_vendor(url: str) -> bool:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in VENDOR_HOSTS and not parts.username
