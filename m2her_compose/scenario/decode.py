"""Decode a merged tree into a `Scenario`: typed values, texts with their places, turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..schema import is_intact
from .model import (
    AI,
    ALWAYS,
    DEFAULT_KEEP,
    FIELDS,
    NARRATOR,
    PRIVATE_FIELDS,
    USER,
    Entity,
    EntityKind,
    Exchange,
    Greeting,
    GreetingChoice,
    Instruction,
    Names,
    Scenario,
    Text,
    Turn,
)
from .script import split_script
from .speech import QuotedSpeech, warn_of_cut
from .variables import decode_matrix, decode_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink
    from ..resolve import Merged
    from ..source import Node

_THOUGHT: Final = "thought"
_KEEP: Final = "keep"
_NO_SPEAKERS: Final = (_THOUGHT, _KEEP)


def decode(merged: Merged, sink: Sink) -> Scenario:
    """Decode a scenario's merged tree. Findings go into the sink; the rest is still decoded."""
    return _Decoder(merged.root, merged.damage, sink).scenario()


@dataclass(slots=True)
class _Decoder:
    root: Node
    damage: frozenset[str]
    sink: Sink
    quoted: QuotedSpeech = field(default_factory=QuotedSpeech)
    cast: Mapping[str, str] = field(default_factory=dict)

    def scenario(self) -> Scenario:
        root = self.root
        nodes = self._children(root, "characters")
        self.cast = {name: _plain_name(node) for name, node in nodes.items()}
        self._check_ids(nodes)
        variables = decode_variables(self._children(root, "variables"), self.sink)
        scenario = Scenario(
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
            system=self._text(root.entries.get("system"), "/system"),
            instructions=self._instructions(root.entries.get("instructions"), "/instructions"),
            style=self._text(root.entries.get("style"), "/style"),
            reply_format=self._text(root.entries.get("reply_format"), "/reply_format"),
            examples=self._exchanges(root.entries.get("examples"), "/examples", owner=None),
            greeting=self._greeting(),
            history=self._history(),
            message=self._text(root.entries.get("message"), "/message", speech=True),
            names=self._names(),
            model=self._plain_value("model"),
            parameters=self._parameters(),
            node=root,
            damage=self.damage,
        )
        self.quoted.report(self.sink)
        return scenario

    # --- simple values

    def _intact(self, *keys: str) -> bool:
        return is_intact(self.damage, *keys)

    def _present(self, key: str) -> Node | None:
        node = self.root.entries.get(key)
        return None if node is None or node.is_null else node

    def _list(self, key: str) -> list[Node]:
        node = self._present(key)
        return list(node.items) if node is not None else []

    def _children(self, node: Node, key: str) -> dict[str, Node]:
        child = node.entries.get(key)
        return (
            {name: each for name, each in child.entries.items() if not each.is_null}
            if child
            else {}
        )

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
        for key, node in self._children(self.root, "parameters").items():
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

    # --- texts

    def _text(
        self,
        node: Node | None,
        pointer: str,
        *,
        owner: str | None = None,
        private: bool = False,
        speech: bool = False,
    ) -> Text | None:
        """Decode one text; None when it is absent. `speech` is what somebody says."""
        if node is None or node.is_null or node.text is None:
            return None
        if not node.style:
            warn_of_cut(node, self.sink, speech=speech)
        elif speech:
            self.quoted.look_at(node)
        return Text(value=node.text, node=node, pointer=pointer, owner=owner, private=private)

    def _texts(
        self,
        node: Node | None,
        pointer: str,
        *,
        owner: str | None = None,
        private: bool = False,
        speech: bool = False,
    ) -> tuple[Text, ...]:
        """Decode a text or a list of texts."""
        if node is None or node.is_null:
            return ()
        if not node.is_list:
            one = self._text(node, pointer, owner=owner, private=private, speech=speech)
            return (one,) if one is not None else ()
        found = (
            self._text(item, f"{pointer}/{i}", owner=owner, private=private, speech=speech)
            for i, item in enumerate(node.items)
        )
        return tuple(text for text in found if text is not None)

    def _instructions(self, node: Node | None, pointer: str) -> tuple[Instruction, ...]:
        """Decode an instruction or a list of them; each is a text, or a map with `keep`."""
        if node is None or node.is_null:
            return ()
        listed = node.items if node.is_list else [node]
        found: list[Instruction] = []
        for i, item in enumerate(listed):
            place = f"{pointer}/{i}" if node.is_list else pointer
            if not item.is_map:
                text = self._text(item, place)
            else:
                said = (key for key in ("text", "raw") if not _is_absent(item.entries.get(key)))
                key = next(said, "text")
                inner = item.entries.get(key)
                if inner is None or inner.is_null or inner.text is None:
                    self._report_no_instruction(item)
                    continue
                text = self._text(inner._replace(raw=inner.raw or key == "raw"), f"{place}/{key}")
            if text is not None:
                found.append(Instruction(text=text, keep=_keep(item)))
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
            found = self._texts(
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
            examples=self._exchanges(
                node.entries.get("examples"), f"{pointer}/examples", owner=name
            ),
        )

    # --- turns

    def _speakers(self) -> dict[str, str]:
        persona = self._present("persona")
        user = _plain_name(persona) if persona is not None and persona.is_map else ""
        return {USER: user, AI: "", NARRATOR: "", **self.cast}

    def _history(self) -> tuple[Turn, ...]:
        turns: list[Turn] = []
        for i, node in enumerate(self._list("history")):
            pointer = f"/history/{i}"
            if node.is_map:
                turns.extend(self._turn(node, pointer, owner=None))
            elif node.text is not None:
                for exchange in self._script(node, pointer, owner=None, separable=False):
                    turns.extend(exchange.turns)
        return tuple(turns)

    def _exchanges(
        self, node: Node | None, pointer: str, *, owner: str | None
    ) -> tuple[Exchange, ...]:
        exchanges: list[Exchange] = []
        for i, item in enumerate(node.items if node is not None else ()):
            place = f"{pointer}/{i}"
            if item.is_map:
                made = self._turns_of_map(item, _speaker_keys(item), place, owner=owner)
                exchanges.append(Exchange(turns=made, keep=_keep(item)))
            elif item.is_list:
                turns = [
                    t
                    for j, each in enumerate(item.items)
                    for t in self._turn(each, f"{place}/{j}", owner=owner)
                ]
                keep = max((_keep(each) for each in item.items), default=DEFAULT_KEEP)
                exchanges.append(Exchange(turns=tuple(turns), keep=keep))
            elif item.text is not None:
                exchanges.extend(self._script(item, place, owner=owner, separable=True))
        return tuple(exchange for exchange in exchanges if exchange.turns)

    def _turn(self, node: Node, pointer: str, *, owner: str | None) -> tuple[Turn, ...]:
        """Decode a turn: a map with exactly one speaker."""
        speakers = _speaker_keys(node)
        if "role" in speakers and "role" not in self.cast:
            self.sink.add(
                c.UNKNOWN_SPEAKER,
                "`role` is no speaker",
                node.entries["role"].key_span,
                help="write `user: text`, with `ai`, `narrator` or a character's id for the others",
                via=node.via,
            )
            return ()
        if len(speakers) == 1:
            return self._turns_of_map(node, speakers, pointer, owner=owner)
        if speakers:
            self.sink.add(
                c.BAD_TURN,
                f"a turn with {len(speakers)} speakers: {', '.join(f'`{s}`' for s in speakers)}",
                node.entries[speakers[1]].key_span,
                help="begin each turn with a dash of its own",
                via=node.via,
            )
        elif node.entries or self._intact(section := pointer.split("/")[1], f"{section}/"):
            self.sink.add(
                c.BAD_TURN,
                "a turn without a speaker",
                node.first_line,
                help="write `user: text`; other speakers are `ai`, `narrator` and characters' ids",
                via=node.via,
            )
        return ()

    def _turns_of_map(
        self, node: Node, speakers: list[str], pointer: str, *, owner: str | None
    ) -> tuple[Turn, ...]:
        """Decode a map's lines in the order written; a `thought` belongs to the character's."""
        entries = node.entries
        thought = entries.get(_THOUGHT)
        turns: list[Turn] = []
        for key in speakers:
            child = entries[key]
            speaker = self._speaker(key, child, owner)
            if speaker is None:
                continue
            own = speaker if speaker not in (USER, NARRATOR, AI) else None
            text = self._line(child, f"{pointer}/{key}", own)
            if text is None:
                continue
            mind = None
            if thought is not None and speaker not in (USER, NARRATOR):
                mind = self._text(thought, f"{pointer}/{_THOUGHT}", owner=own, private=True)
                thought = None
            turns.append(Turn(speaker=speaker, text=text, thought=mind, keep=_keep(node)))
        if thought is not None and not thought.is_null and turns:
            self.sink.add(
                c.BAD_THOUGHT,
                "a thought beside a line that no character says",
                thought.key_span,
                help="thoughts are a character's own; the model must not know the user's",
                via=thought.via,
            )
        return tuple(turns)

    def _line(self, node: Node, pointer: str, owner: str | None) -> Text | None:
        """Decode what somebody says. Here even `null` and `~` are the characters typed."""
        if not (node.text or "").strip():
            self.sink.add(
                c.EMPTY_LINE,
                "a line that says nothing",
                node.key_span,
                help="write what is said, or remove the turn",
                via=node.via,
            )
            return None
        typed = node._replace(value=node.text) if node.is_null else node
        return self._text(typed, pointer, owner=owner, speech=True)

    def _script(
        self, node: Node, pointer: str, *, owner: str | None, separable: bool
    ) -> list[Exchange]:
        exchanges: list[Exchange] = []
        for lines in split_script(node, self._speakers(), self.sink, separable=separable):
            turns: list[Turn] = []
            for line in lines:
                place = node._replace(key_start=-1, key_end=-1)
                label = node.locate(*line.label)
                speaker = self._speaker(
                    line.speaker, place._replace(key_start=label.start, key_end=label.end), owner
                )
                if speaker is None:
                    continue
                value = "".join((node.text or "")[start:end] for start, end in line.stretches.parts)
                if not value.strip():
                    self.sink.add(
                        c.EMPTY_LINE,
                        "a line that says nothing",
                        label,
                        help="write what is said, or remove the turn",
                        via=node.via,
                    )
                    continue
                own = speaker if speaker not in (USER, NARRATOR, AI) else None
                text = Text(
                    value=value, node=place, pointer=pointer, stretches=line.stretches, owner=own
                )
                turns.append(Turn(speaker=speaker, text=text))
            exchanges.append(Exchange(turns=tuple(turns)))
        return exchanges

    def _speaker(self, key: str, node: Node, owner: str | None) -> str | None:
        """Return who a turn's key stands for; None, with a finding, when that is unclear."""
        if key in (USER, NARRATOR) or key in self.cast:
            return key
        if key == AI:
            if owner is not None:
                return owner
            if len(self.cast) > 1 and self._intact("characters"):
                if self.sink.is_full(node.source):
                    return None
                self.sink.add(
                    c.AMBIGUOUS_AI,
                    f"`ai` could be any of {len(self.cast)} characters",
                    node.key_span,
                    help="name who speaks: "
                    + ", ".join(f"`{name}`" for name in list(self.cast)[:12]),
                    via=node.via,
                )
                return None
            return next(iter(self.cast), AI)
        if self._intact("characters") and not self.sink.is_full(node.source):
            known = list(self._speakers())
            close = close_matches(key, known, cutoff=0.6)
            named = ", ".join(f"`{name}`" for name in known)
            self.sink.add(
                c.UNKNOWN_SPEAKER,
                f"`{key}` is no speaker",
                node.key_span,
                help=f"did you mean `{close[0]}`?" if close else f"speakers here are {named}",
                via=node.via,
            )
        return None

    def _greeting(self) -> Greeting:
        node = self._present("greeting")
        if node is None:
            return Greeting()
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Greeting(choice=GreetingChoice.INDEX, index=int(node.value), node=node)
        if node.text in ("none", "all"):
            return Greeting(choice=GreetingChoice(node.text), node=node)
        return Greeting(
            choice=GreetingChoice.TEXT, text=self._text(node, "/greeting", speech=True), node=node
        )


def _speaker_keys(node: Node) -> list[str]:
    return [key for key in node.entries if key not in _NO_SPEAKERS and not key.startswith("x-")]


def _is_absent(node: Node | None) -> bool:
    return node is None or node.is_null


def _keep(node: Node) -> int:
    """Return how long a turn, an exchange or an instruction is kept when not everything fits."""
    said = node.entries.get(_KEEP)
    if said is None or said.is_null:
        return DEFAULT_KEEP
    return said.value if isinstance(said.value, int) else ALWAYS


def _plain_name(node: Node) -> str:
    name = node.entries.get("name")
    return name.text or "" if name is not None else ""
