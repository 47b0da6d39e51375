"""Decode a merged tree into a `Scenario`: typed values, texts with their places, turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..diagnostics import codes as c
from ..schema import is_intact
from .model import (
    FIELDS,
    PRIVATE_FIELDS,
    Entity,
    EntityKind,
    Greeting,
    GreetingChoice,
    Instruction,
    Names,
    Scenario,
    Text,
)
from .texts import TextDecoder
from .turns import TurnDecoder, keep_of
from .variables import decode_matrix, decode_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink
    from ..resolve import Merged
    from ..source import Node


def decode(merged: Merged, sink: Sink) -> Scenario:
    """Decode a scenario's merged tree. Findings go into the sink; the rest is still decoded."""
    root = merged.root
    persona = root.entries.get("persona")
    texts = TextDecoder(sink)
    turns = TurnDecoder(
        cast={name: _plain_name(node) for name, node in _children(root, "characters").items()},
        user=_plain_name(persona) if persona is not None and persona.is_map else "",
        damage=merged.damage,
        texts=texts,
        sink=sink,
    )
    scenario = _Decoder(root, merged.damage, sink, texts, turns).scenario()
    texts.finish()
    return scenario


@dataclass(frozen=True, slots=True)
class _Decoder:
    root: Node
    damage: frozenset[str]
    sink: Sink
    texts: TextDecoder
    turns: TurnDecoder

    def scenario(self) -> Scenario:
        root = self.root
        nodes = _children(root, "characters")
        self._check_ids(nodes)
        variables = decode_variables(_children(root, "variables"), self.sink)
        return Scenario(
            id=self._id(),
            title=self._plain("title"),
            language=self._plain("language"),
            tags=tuple(item.text or "" for item in self._list("tags")),
            abstract=self._flag("abstract"),
            variables=variables,
            matrix=decode_matrix(
                root.entries.get("matrix"), variables, self.sink, intact=self._intact("variables")
            ),
            characters={name: self._character(name, node) for name, node in nodes.items()},
            speaker=self._present("speaker"),
            persona=self._entity(EntityKind.PERSONA, "persona"),
            group=self._entity(EntityKind.GROUP, "group"),
            system=self.texts.text(root.entries.get("system"), "/system"),
            instructions=self._instructions(root.entries.get("instructions"), "/instructions"),
            style=self.texts.text(root.entries.get("style"), "/style"),
            reply_format=self.texts.text(root.entries.get("reply_format"), "/reply_format"),
            examples=self.turns.exchanges(root.entries.get("examples"), "/examples", owner=None),
            greeting=self._greeting(),
            history=self.turns.history(self._list("history")),
            message=self.texts.text(root.entries.get("message"), "/message", speech=True),
            names=self._names(),
            model=self._plain_value("model"),
            parameters=self._parameters(),
            node=root,
            damage=self.damage,
        )

    # --- simple values

    def _intact(self, *keys: str) -> bool:
        return is_intact(self.damage, *keys)

    def _present(self, key: str) -> Node | None:
        node = self.root.entries.get(key)
        return None if node is None or node.is_null else node

    def _list(self, key: str) -> list[Node]:
        node = self._present(key)
        return list(node.items) if node is not None else []

    def _flag(self, key: str) -> bool:
        node = self._present(key)
        return node is not None and node.value is True

    def _plain(self, key: str) -> Text | None:
        node = self._present(key)
        return (
            Text(value=(node.text or "").strip(), node=node, pointer=f"/{key}")
            if node is not None
            else None
        )

    def _plain_value(self, key: str) -> str | None:
        node = self._present(key)
        return node.text if node is not None else None

    def _names(self) -> Names | None:
        value = self._plain_value("names")
        return Names(value) if value else None

    def _parameters(self) -> dict[str, int | float | bool]:
        values: dict[str, int | float | bool] = {}
        for key, node in _children(self.root, "parameters").items():
            if key.startswith("x-") or not isinstance(node.value, int | float):
                continue
            whole = key == "max_completion_tokens" and not isinstance(node.value, bool)
            values[key] = int(node.value) if whole else node.value
        return values

    def _id(self) -> str:
        node = self._present("id")
        text = (
            node.text or ""
            if node is not None
            else PurePath(self.root.source.path).stem.strip("<>")
        )
        if text and all(char.isalnum() or char in "_-" for char in text):
            return text
        if node is not None:
            self.sink.add(
                c.BAD_IDENTIFIER,
                f"`id` cannot be `{text}`",
                node.first_line,
                help="use letters, digits, `_` and `-`",
            )
        else:
            header = self.root.entries.get("m2her", self.root)
            self.sink.add(
                c.BAD_IDENTIFIER,
                f"the file's name `{text}` cannot serve as the scenario's id",
                header.key_span,
                help="give it one of letters, digits, `_` and `-`, such as `id: my_scene`",
            )
        return text

    def _check_ids(self, nodes: Mapping[str, Node]) -> None:
        for name, node in nodes.items():
            if not name.isidentifier():
                self.sink.add(
                    c.BAD_IDENTIFIER,
                    f"no character can be called `{name}`",
                    node.key_span,
                    help="use letters, digits and `_`, and do not begin with a digit",
                    via=node.via,
                )

    def _instructions(self, node: Node | None, pointer: str) -> tuple[Instruction, ...]:
        """Decode an instruction or a list of them; each is a text, or a map with `keep`."""
        if node is None or node.is_null:
            return ()
        listed = node.items if node.is_list else [node]
        found: list[Instruction] = []
        for i, item in enumerate(listed):
            place = f"{pointer}/{i}" if node.is_list else pointer
            if not item.is_map:
                text = self.texts.text(item, place)
            else:
                said = (key for key in ("text", "raw") if not _is_absent(item.entries.get(key)))
                key = next(said, "text")
                inner = item.entries.get(key)
                if inner is None or inner.is_null or inner.text is None:
                    self._report_no_instruction(item)
                    continue
                text = self.texts.text(
                    inner._replace(raw=inner.raw or key == "raw"), f"{place}/{key}"
                )
            if text is not None:
                found.append(Instruction(text=text, keep=keep_of(item)))
        return tuple(found)

    def _report_no_instruction(self, node: Node) -> None:
        if node.entries or self._intact("instructions", "instructions/"):
            self.sink.add(
                c.WRONG_VALUE,
                "an instruction without a text",
                node.first_line,
                help="write `text:` beside `keep:`",
                via=node.via,
            )

    def _entity(self, kind: EntityKind, key: str) -> Entity | None:
        node = self._present(key)
        if node is None:
            return None
        return Entity(
            kind=kind, id=key, texts=self._fields(kind, node, f"/{key}", owner=None), node=node
        )

    def _fields(
        self, kind: EntityKind, node: Node, pointer: str, *, owner: str | None
    ) -> dict[str, tuple[Text, ...]]:
        texts: dict[str, tuple[Text, ...]] = {}
        entries = node.entries
        for name in FIELDS[kind]:
            child = entries.get(name)
            if child is None:
                continue
            found = self.texts.texts(
                child,
                f"{pointer}/{name}",
                owner=owner,
                private=name in PRIVATE_FIELDS,
                speech=name == "greetings",
            )
            if found:
                texts[name] = found
        return texts

    def _character(self, name: str, node: Node) -> Entity:
        pointer = f"/characters/{name}"
        return Entity(
            kind=EntityKind.CHARACTER,
            id=name,
            texts=self._fields(EntityKind.CHARACTER, node, pointer, owner=name),
            node=node,
            examples=self.turns.exchanges(
                node.entries.get("examples"), f"{pointer}/examples", owner=name
            ),
        )

    def _greeting(self) -> Greeting:
        node = self._present("greeting")
        if node is None:
            return Greeting()
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Greeting(choice=GreetingChoice.INDEX, index=int(node.value), node=node)
        if node.text in ("none", "all"):
            return Greeting(choice=GreetingChoice(node.text), node=node)
        return Greeting(
            choice=GreetingChoice.TEXT,
            text=self.texts.text(node, "/greeting", speech=True),
            node=node,
        )


def _is_absent(node: Node | None) -> bool:
    return node is None or node.is_null


def _plain_name(node: Node) -> str:
    name = node.entries.get("name")
    return name.text or "" if name is not None else ""


def _children(node: Node, key: str) -> dict[str, Node]:
    child = node.entries.get(key)
    if child is None:
        return {}
    return {name: each for name, each in child.entries.items() if not each.is_null}
