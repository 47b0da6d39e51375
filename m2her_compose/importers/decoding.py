"""From the JSON of one request to its messages: what a scenario knows, and nothing else."""

from __future__ import annotations

import json
import math
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ..emit.terminal import visible
from ..frozen import frozen, replaced
from ..ir import Role
from ..passes.folding import EXAMPLE_NAMES
from ..render.messages import MOST_MESSAGES
from ..source import DEFAULT_LIMITS
from .model import Line, Losses, Refusal, Request
from .reading import unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROLES: Final = {role.value: role for role in Role}
_BASIC: Final = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
_EXAMPLES: Final = {name: role for role, name in EXAMPLE_NAMES.items()}
_TOOL_ROLES: Final = ("tool", "function")
_TOOL_KEYS: Final = ("tool_calls", "function_call", "tool_call_id")
_MESSAGE_KEYS: Final = ("role", "name", "content", *_TOOL_KEYS)
_OLD_LIMIT: Final = "max_tokens"
_LIMIT: Final = "max_completion_tokens"
_NUMBERS: Final = ("temperature", "top_p", _LIMIT)
_LONGEST_SHOWN: Final = 60
_LONGEST_NUMBER: Final = DEFAULT_LIMITS.digits


def decode_request(value: Any) -> Request:
    """Return what a scenario can hold of a request: a body, a line of a batch, or messages.

    Raises `Refusal` for tool messages, pictures, unknown roles, and what is no request at all.
    """
    body = _body(value)
    messages = body["messages"]
    if not isinstance(messages, list):
        raise Refusal("`messages` is no list")
    if not messages:
        raise Refusal("there are no messages")
    if len(messages) > MOST_MESSAGES:
        raise Refusal(
            f"{len(messages):,} messages, and a scenario has at most {MOST_MESSAGES:,}",
            "leave out the oldest ones",
        )
    reader = _Reader(losses=Losses(changes={}), notes=[], unknown=Counter())
    lines = [line for i, each in enumerate(messages, 1) for line in reader.message(i, each)]
    if not lines:
        raise Refusal("no message says anything")
    reader.note_unknown_of_messages()
    parameters = reader.parameters(body)
    model = reader.model(body)
    reader.note_unknown(body)
    is_cookbook = _is_cookbook(lines)
    return Request(
        lines=tuple(_with_examples(lines) if is_cookbook else lines),
        model=model,
        parameters=MappingProxyType(parameters),
        is_cookbook=is_cookbook,
        losses=reader.losses,
        notes=tuple(reader.notes),
    )


def _body(value: Any) -> Mapping[str, Any]:
    """Return a request's body; a list of messages is one of which nothing else is known."""
    if isinstance(value, list):
        return {"messages": value}
    if isinstance(value, dict) and "messages" in value:
        return value
    # A line of a batch: `custom_id`, `method`, `url`, `body`.
    inner = value.get("body") if isinstance(value, dict) else None
    if isinstance(inner, dict) and "messages" in inner:
        return inner
    raise unfit(value)


@frozen
class _Reader:
    """Reads messages and what is beside them, and gathers what is to be said of both."""

    losses: Losses
    notes: list[str]
    unknown: Counter[str]

    # --- messages

    def message(self, number: int, value: Any) -> Iterator[Line]:
        """Yield one message; none, with a loss, when it says nothing."""
        where = f"message {number}"
        if not isinstance(value, dict):
            raise Refusal(f"{where} is no map with `role` and `content`")
        role = self._role(number, value)
        content = self._content(number, value.get("content"))
        name = value.get("name")
        if name is not None and not isinstance(name, str):
            raise Refusal(f"the `name` of {where} is no text")
        _refuse_halves(f"the content of {where}", content)
        _refuse_halves(f"the name of {where}", name or "")
        self.unknown.update(key for key in value if key not in _MESSAGE_KEYS)
        if content.strip():
            yield Line(number=number, role=role, name=name or None, content=content)
        else:
            self.losses.add("left out, since nothing is said", number)

    def _role(self, number: int, value: Mapping[str, Any]) -> Role:
        where, role = f"message {number}", value.get("role")
        if role in _TOOL_ROLES or any(value.get(key) for key in _TOOL_KEYS):
            raise Refusal(f"{where} belongs to a tool call, which scenarios do not have")
        if role == "developer":
            self.losses.add("the role `developer` becomes `system`", number)
            return Role.SYSTEM
        if not isinstance(role, str) or role not in _ROLES:
            said = "has no `role`" if role is None else f"has the unknown role {shown(role)}"
            raise Refusal(f"{where} {said}", f"roles are {', '.join(f'`{r}`' for r in _ROLES)}")
        return _ROLES[role]

    def _content(self, number: int, content: Any) -> str:
        """Return a message's text, which may stand in parts; nothing counts as empty."""
        where = f"message {number}"
        if content is None or isinstance(content, str):
            return content or ""
        if not isinstance(content, list):
            raise Refusal(f"the `content` of {where} is neither a text nor a list of parts")
        texts = [_part(where, part) for part in content]
        if len(texts) > 1:
            self.losses.add("parts are put together, a line break between them", number)
        return "\n".join(texts)

    def note_unknown_of_messages(self) -> None:
        """Note the keys of messages that scenarios do not have."""
        for key, count in self.unknown.items():
            times = "a message" if count == 1 else f"{count:,} messages"
            self.notes.append(f"`{shown(key, quotes=False)}` of {times}")

    # --- beside the messages

    def model(self, body: Mapping[str, Any]) -> str | None:
        """Return the model's id. One that is no text is no model."""
        model = body.get("model")
        if model is None or model == "":
            return None
        if not isinstance(model, str):
            raise Refusal("`model` is no text")
        _refuse_halves("`model`", model)
        return model

    def parameters(self, body: Mapping[str, Any]) -> dict[str, int | float | bool]:
        """Return the parameters that scenarios have; a loss for a value that they do not take."""
        found: dict[str, int | float | bool] = {}
        for key in (*_NUMBERS, "stream"):
            value = body.get(key)
            if value is None and key == _LIMIT and body.get(_OLD_LIMIT) is not None:
                value = body[_OLD_LIMIT]
                self.notes.append(f"`{_OLD_LIMIT}`: written as `{_LIMIT}`")
            if value is None:
                continue
            if _is_taken(key, value):
                found[key] = value
            else:
                self.losses.add(
                    f"`{key}: {shown(value)}` is left out: scenarios take no such value"
                )
        return found

    def note_unknown(self, body: Mapping[str, Any]) -> None:
        """Note the keys of a body that scenarios do not have."""
        known = ["messages", "model", "stream", *_NUMBERS]
        if body.get(_LIMIT) is None:
            known.append(_OLD_LIMIT)
        self.notes.extend(
            f"`{shown(key, quotes=False)}: {shown(value)}`"
            for key, value in body.items()
            if key not in known and value is not None
        )


def _part(where: str, part: Any) -> str:
    if isinstance(part, dict):
        if part.get("type") == "text" and isinstance(part.get("text"), str):
            text: str = part["text"]
            return text
        if isinstance(part.get("type"), str) and part["type"] != "text":
            raise Refusal(
                f"{where} has a part of the type {shown(part['type'])}: M2-her reads text"
            )
    raise Refusal(f"{where} has a part that is no text")


def _is_taken(key: str, value: Any) -> bool:
    if key == "stream":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if len(repr(value)) > _LONGEST_NUMBER or not math.isfinite(value):
        return False
    return key != _LIMIT or value == int(value)


def _refuse_halves(what: str, text: str) -> None:
    """Refuse half of a surrogate pair, which stands for no character: UTF-8 cannot write it."""
    if text.isascii():
        return
    half = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
    if half is not None:
        raise Refusal(
            f"{what} has half of a character, `\\u{ord(half):04x}`, which cannot be written",
            "the text was cut within an emoji: remove what is left of it",
        )


def shown(value: Any, *, quotes: bool = True) -> str:
    """Return a JSON value for people: on one line, cut when long, with nothing that acts."""
    if isinstance(value, str) and not quotes:
        text = value[: _LONGEST_SHOWN + 1]
    elif isinstance(value, list | dict) and value:
        what = "list" if isinstance(value, list) else "map"
        text = f"a {what} of {len(value):,}"
    else:
        cut = value[: _LONGEST_SHOWN + 1] if isinstance(value, str) else value
        text = json.dumps(cut, ensure_ascii=False)
    text = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return "".join(
        char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in visible(text)
    )


# --- examples as in OpenAI's cookbook


def _is_cookbook(lines: list[Line]) -> bool:
    """Tell whether system messages with certain names are examples.

    Source: OpenAI's cookbook on formatting inputs to its chat models.
    """
    return all(line.role in _BASIC for line in lines) and any(map(_is_example, lines))


def _is_example(line: Line) -> bool:
    return line.role is Role.SYSTEM and line.name in _EXAMPLES


def _with_examples(lines: list[Line]) -> list[Line]:
    """Give examples their roles, and the names of those who say the rest."""
    others = [line for line in lines if not _is_example(line)]
    # Where there is no system message, the first reply says who answers.
    speaks = (
        line.name for role in (Role.SYSTEM, Role.ASSISTANT) for line in others if line.role is role
    )
    asks = (line.name for line in others if line.role is Role.USER)
    names = {Role.SAMPLE_AI: next(speaks, None), Role.SAMPLE_USER: next(asks, None)}
    return [_as_example(line, names) if _is_example(line) else line for line in lines]


def _as_example(line: Line, names: Mapping[Role, str | None]) -> Line:
    role = _EXAMPLES[line.name or ""]
    return replaced(line, role=role, name=names[role])
