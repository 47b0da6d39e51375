"""From messages to the parts of a scenario: who speaks, what is an example, what is said last."""

from __future__ import annotations

import re
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..checks.script import Writing, main_writing, weigh
from ..frozen import frozen, replaced
from ..ir import Role
from ..render.renderer import AI_NAME, USER_NAME
from ..scenario import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .model import Line, Losses

_RANK: Final = {
    Role.SYSTEM: 0,
    Role.USER_SYSTEM: 1,
    Role.GROUP: 2,
    Role.SAMPLE_USER: 3,
    Role.SAMPLE_AI: 3,
    Role.USER: 4,
    Role.ASSISTANT: 4,
}
_MOVED: Final = (
    "moved up, since system, user_system and group come first, then examples, then the conversation"
)
_PARTS: Final = (Role.SYSTEM, Role.USER_SYSTEM, Role.GROUP)
_OF_USER: Final = (Role.USER_SYSTEM, Role.SAMPLE_USER, Role.USER)
_OF_MODEL: Final = (Role.SYSTEM, Role.SAMPLE_AI, Role.ASSISTANT)
_NARRATORS: Final = {"en": "Narrator", "zh": "旁白"}
# Keys of a turn that are no character's.
_TAKEN: Final = frozenset({"user", "ai", "narrator", "thought", "raw", "keep"})
_NO_LETTERS: Final = re.compile(r"\W+")
_LONGEST_ID: Final = 40
_NAMELESS_ID: Final = "assistant"
_MOST_WEIGHED: Final = 200


@frozen
class Saying:
    """What somebody says; `speaker` is as a turn has it."""

    speaker: str
    text: str


@frozen
class Draft:
    """The parts of a scenario; what is None or empty is not written.

    `characters` are names by id, None for one without a name. `title` is also what the group is
    called where its text does not begin with its name.
    """

    id: str | None = None
    title: str | None = None
    language: str | None = None
    characters: Mapping[str, str | None] = MappingProxyType({})
    speaker: str | None = None
    user_name: str | None = None
    persona: str | None = None
    group_name: str | None = None
    setting: str | None = None
    system: str | None = None
    examples: tuple[tuple[Saying, ...], ...] = ()
    history: tuple[Saying, ...] = ()
    message: str | None = None
    names: Names = Names.ALWAYS
    model: str | None = None
    parameters: Mapping[str, int | float | bool] = MappingProxyType({})


def in_order(lines: Sequence[Line], losses: Losses) -> tuple[Line, ...]:
    """Return messages in the order of a scenario, each part once; what that changes is a loss.

    A second message of one part is joined to the first, after a blank line.
    """
    highest = 0
    for line in lines:
        if _RANK[line.role] < highest:
            losses.add(_MOVED, line.number)
        highest = max(highest, _RANK[line.role])
    kept: list[Line] = []
    joined: dict[Role, list[str]] = {}
    for line in sorted(lines, key=lambda each: _RANK[each.role]):
        if line.role in joined:
            losses.add(f"joined to the first `{line.role.value}` message", line.number)
            joined[line.role].append(line.content)
            continue
        if line.role in _PARTS:
            joined[line.role] = [line.content]
        kept.append(line)
    return tuple(
        replaced(line, content=_paragraphs(joined[line.role])) if line.role in joined else line
        for line in kept
    )


def _paragraphs(texts: Sequence[str]) -> str:
    """Put texts below each other; one alone stays as it is."""
    return texts[0] if len(texts) == 1 else "\n\n".join(text.rstrip("\n") for text in texts)


def draft(lines: Sequence[Line], *, language: str | None = None, title: str | None = None) -> Draft:
    """Return the scenario that says what ordered messages say, as nearly as one can.

    `language` is guessed where it is not given: Chinese, or none.
    """
    language = language or _language(lines)
    cast = _Cast.of(lines, (language or "en").partition("-")[0].lower())
    parts = {line.role: line for line in lines if line.role in _PARTS}
    system, persona, group = (parts.get(role) for role in _PARTS)
    made = Draft(
        title=title,
        language=language,
        characters=cast.characters,
        speaker=cast.speaker if len(cast.characters) > 1 else None,
        user_name=cast.user_name,
        persona=persona.content if persona is not None else None,
        system=system.content if system is not None else None,
        examples=tuple(tuple(map(cast.saying, each)) for each in _exchanges(lines)),
        names=cast.names,
    )
    return _with_conversation(_with_group(made, group), lines, cast)


def _with_group(made: Draft, group: Line | None) -> Draft:
    """Find where the group's name stands: in its text, or else in the title, if names are sent."""
    if group is None:
        return made
    name = group.name
    if name is None:
        return replaced(made, setting=group.content)
    if group.content == name:
        return replaced(made, group_name=name)
    rest = group.content.removeprefix(f"{name}\n")
    if rest != group.content and rest.strip():
        return replaced(made, group_name=name, setting=rest)
    title = name if made.names is Names.ALWAYS else made.title
    return replaced(made, title=title, setting=group.content)


def _with_conversation(made: Draft, lines: Sequence[Line], cast: _Cast) -> Draft:
    """Part the last message from what was said before it; what ends with a reply is open."""
    said = [line for line in lines if line.role in (Role.USER, Role.ASSISTANT)]
    message = said.pop().content if said and said[-1].role is Role.USER else None
    return replaced(made, history=tuple(map(cast.saying, said)), message=message)


def _exchanges(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Part examples into exchanges: each begins with the user, after what the model says."""
    open_one: list[Line] = []
    for line in lines:
        if line.role not in (Role.SAMPLE_USER, Role.SAMPLE_AI):
            continue
        if open_one and line.role is Role.SAMPLE_USER and open_one[-1].role is Role.SAMPLE_AI:
            yield open_one
            open_one = []
        open_one.append(line)
    if open_one:
        yield open_one


def _language(lines: Sequence[Line]) -> str | None:
    """Tell Chinese, which has templates of its own; in others nothing would change."""
    texts = (line.content for line in lines[:_MOST_WEIGHED])
    return "zh" if main_writing(weigh(texts)) is Writing.HAN else None


# --- who is who


@frozen
class _Cast:
    """Who says what: the characters by their ids, and the key of each one's turns by name."""

    names: Names
    characters: Mapping[str, str | None]
    speaker: str | None
    user_name: str | None
    keys: Mapping[str | None, str]

    @classmethod
    def of(cls, lines: Sequence[Line], language: str) -> _Cast:
        """Tell from the messages' names who is who.

        Names are sent with every message, or only where somebody is called something.
        """
        names = Names.ALWAYS if all(line.name for line in lines) else Names.GIVEN
        of_model = list(dict.fromkeys(line.name for line in lines if line.role in _OF_MODEL))
        leads = next((line.name for line in lines if line.role is Role.SYSTEM), _NARRATORS["en"])
        has_system = any(line.role is Role.SYSTEM for line in lines)
        keys: dict[str | None, str] = {}
        narrator = _NARRATORS.get(language, _NARRATORS["en"])
        if narrator in of_model and not (has_system and leads == narrator):
            of_model.remove(narrator)
            keys[narrator] = "narrator"
        nobody = AI_NAME if names is Names.ALWAYS else None
        characters = {} if of_model in ([], [nobody]) else dict(_with_ids(of_model))
        keys.update(
            {name: key for key, name in characters.items()} or dict.fromkeys(of_model, "ai")
        )
        return cls(
            names=names,
            characters=characters,
            speaker=next(iter(characters), None),
            user_name=_user_name(lines, names),
            keys=keys,
        )

    def saying(self, line: Line) -> Saying:
        """Return a message as a turn."""
        speaker = "user" if line.role in _OF_USER else self.keys[line.name]
        return Saying(speaker=speaker, text=line.content)


def _user_name(lines: Iterable[Line], names: Names) -> str | None:
    """Return what the user is called most often; None where that is what is sent anyway."""
    called = Counter(line.name for line in lines if line.role in _OF_USER and line.name)
    if not called:
        return None
    [(name, _)] = called.most_common(1)
    return None if names is Names.ALWAYS and name == USER_NAME else name


def _with_ids(names: Iterable[str | None]) -> Iterator[tuple[str, str | None]]:
    """Yield each name behind an id made of it; no two ids are the same."""
    taken = set(_TAKEN)
    counts: Counter[str] = Counter()
    for name in names:
        base = _id_of(name) if name is not None else _NAMELESS_ID
        key = base
        while key in taken:
            counts[base] += 1
            key = f"{base}_{counts[base] + 1}"
        taken.add(key)
        yield key, name


def _id_of(name: str) -> str:
    made = _NO_LETTERS.sub("_", name.casefold()).strip("_")[:_LONGEST_ID]
    if made.isidentifier():
        return made
    return f"_{made}" if f"_{made}".isidentifier() and made else "character"
