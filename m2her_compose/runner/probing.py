"""Find out which roles an endpoint takes: one tiny request for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidRequestError, OutageError, ServiceError
from ..frozen import frozen
from ..targets import BASIC_ROLES, M2_HER, NAMED_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import Client

_TEXT: Final = "Hi"
_NAME: Final = "Probe"
_QUESTION: Final = {"role": "user", "name": _NAME, "content": _TEXT}
_REPLY_TOKENS: Final = 1


@frozen
class Probe:
    """A role to try, and the messages that try it: the fewest that make sense."""

    role: str
    messages: tuple[dict[str, str], ...]


@frozen
class Probed:
    """What came of a probe: taken, or the error."""

    role: str
    error: ServiceError | None = None

    @property
    def is_taken(self) -> bool:
        return self.error is None


def probes() -> tuple[Probe, ...]:
    """Return a probe for each of the seven roles, in the order of sending."""
    return tuple(Probe(role=role, messages=_messages(role)) for role in M2_HER.roles)


def _messages(role: str) -> tuple[dict[str, str], ...]:
    tried = {"role": role, "name": _NAME, "content": _TEXT}
    if role == "user":
        return (tried,)
    if role == "assistant":
        return (_QUESTION, tried, _QUESTION)
    if role == "sample_message_ai":  # an answer without a question is no example
        return ({**tried, "role": "sample_message_user"}, tried, _QUESTION)
    return (tried, _QUESTION)


async def probe_roles(client: Client, model: str, reply_limit: str) -> tuple[Probed, ...]:
    """Send each probe, one after the other.

    The first error that has nothing to do with roles (no answer, the key, the balance) ends it. One
    endpoint answers code 1000 to roles that it does not take, as it does in an outage.
    """
    found: list[Probed] = []
    for probe in probes():
        body: dict[str, Any] = {
            "model": model,
            "messages": list(probe.messages),
            reply_limit: _REPLY_TOKENS,
        }
        try:
            await client.send(body)
        except (InvalidRequestError, OutageError) as error:
            found.append(Probed(role=probe.role, error=error))
        else:
            found.append(Probed(role=probe.role))
    return tuple(found)


def advice_of(found: Sequence[Probed]) -> str:
    """Return what the outcome of all probes means for what to compile for."""
    basic = [each for each in found if each.role in BASIC_ROLES]
    if all(isinstance(each.error, OutageError) for each in basic):
        return "the service fails, whatever it is asked: try again later"
    taken = {each.role for each in found if each.is_taken}
    if taken >= set(M2_HER.roles):
        return "the endpoint takes all seven roles: compile for `m2-her`, the default"
    if taken >= set(BASIC_ROLES):
        missing = ", ".join(f"`{role}`" for role in NAMED_ROLES if role not in taken)
        return f"the endpoint does not take {missing}: compile with `--target basic`"
    return "the endpoint takes no ordinary conversation: check `--model` and `--base-url`"
