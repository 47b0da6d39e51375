"""Decode dialogue: who says each line, and what is thought beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..schema import is_intact
from .model import AI, ALWAYS, DEFAULT_KEEP, NARRATOR, USER, Exchange, Text, Turn
from .script import split_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..diagnostics import Sink
    from ..source import Node
    from .texts import TextDecoder

_THOUGHT: Final = "thought"
_KEEP: Final = "keep"
_NO_SPEAKERS: Final = (_THOUGHT, _KEEP)


@dataclass(frozen=True, slots=True)
class TurnDecoder:
    """Decodes the turns of a scenario.

    `cast` maps each character's id to its name, `user` is the persona's name; both are as written,
    and empty where there is none.
    """

    cast: Mapping[str, str]
    user: str
    damage: frozenset[str]
    texts: TextDecoder
    sink: Sink

    def history(self, nodes: Iterable[Node]) -> tuple[Turn, ...]:
        """Decode the items of `history`: turns, and scripts of several."""
        turns: list[Turn] = []
        for i, node in enumerate(nodes):
            pointer = f"/history/{i}"
            if node.is_map:
                turns.extend(self._turn(node, pointer, owner=None))
            elif node.text is not None:
                for exchange in self._script(node, pointer, owner=None, separable=False):
                    turns.extend(exchange.turns)
        return tuple(turns)

    def exchanges(
        self, node: Node | None, pointer: str, *, owner: str | None
    ) -> tuple[Exchange, ...]:
        """Decode a list of example exchanges; those of a character's own have it as `owner`."""
        exchanges: list[Exchange] = []
        for i, item in enumerate(node.items if node is not None else ()):
            place = f"{pointer}/{i}"
            if item.is_map:
                made = self._turns_of_map(item, _speaker_keys(item), place, owner=owner)
                exchanges.append(Exchange(turns=made, keep=keep_of(item)))
            elif item.is_list:
                turns = [
                    t
                    for j, each in enumerate(item.items)
                    for t in self._turn(each, f"{place}/{j}", owner=owner)
                ]
                keep = max((keep_of(each) for each in item.items), default=DEFAULT_KEEP)
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
        elif node.entries or is_intact(
            self.damage, section := pointer.split("/")[1], f"{section}/"
        ):
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
                mind = self.texts.text(thought, f"{pointer}/{_THOUGHT}", owner=own, private=True)
                thought = None
            turns.append(Turn(speaker=speaker, text=text, thought=mind, keep=keep_of(node)))
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
        return self.texts.text(typed, pointer, owner=owner, speech=True)

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
            if len(self.cast) > 1 and is_intact(self.damage, "characters"):
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
        if is_intact(self.damage, "characters") and not self.sink.is_full(node.source):
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

    def _speakers(self) -> dict[str, str]:
        return {USER: self.user, AI: "", NARRATOR: "", **self.cast}


def keep_of(node: Node) -> int:
    """Return how long a turn, an exchange or an instruction is kept when not everything fits."""
    said = node.entries.get(_KEEP)
    if said is None or said.is_null:
        return DEFAULT_KEEP
    return said.value if isinstance(said.value, int) else ALWAYS


def _speaker_keys(node: Node) -> list[str]:
    return [key for key in node.entries if key not in _NO_SPEAKERS and not key.startswith("x-")]
