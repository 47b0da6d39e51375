"""The rule about secrets that others can read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from ..diagnostics import Related
from ..diagnostics import codes as c
from ..frozen import frozen
from ..schema import Kind
from .places import own_place
from .wording import without_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Sink
    from ..scenario import Scenario, Text
    from .subject import Subject

# A word, or one sign of a script that is written without blanks.
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+(?:['’][^\W_]+)*")
_SIGN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_VISIBLE: Final = ("name", "description", "appearance")
_SENTENCE: Final = re.compile(r"[^.!?。！？…\n]+")
# A run of words in common counts if it is so long, or the whole sentence; a whole one of fewer
# words could be said by chance.
_RUN_OF_WORDS: Final = 6
_RUN_OF_SIGNS: Final = 8
_FEWEST_WORDS: Final = 4
_FEWEST_SIGNS: Final = 6
_UNCOMMON: Final = 3
_UNCOMMON_LENGTH: Final = 4
# Of one secret, so that what is remembered of them stays small.
_MOST_WORDS: Final = 2000
_COMMON: Final = frozenset(
    _WORD.findall(
        "about after again also always and another anything because been before being between "
        "both could does each even ever every everything from have having here into itself just "
        "know knows like made make many more most much must never nobody nothing once only "
        "other others over same should since some somebody someone something still such take "
        "than that their them then there these they thing things think this those though "
        "through time told under until very want wants well were what when where which while "
        "whom whose will with without would your himself herself themselves"
    )
)
_COMMON_SIGNS: Final = frozenset(
    "的了是在他她它我你您们这那有和不也就都很到说人一个着过吗呢吧把被给让对从为与又再还没要会能可"
    "里上下来去出得地个时候年月日什么自己のはがをにでともかられてしたないですますこそあ"
)


@frozen
class _Words:
    """Words of a text, with their places in it: all of them, or those of one sentence."""

    text: Text
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    @property
    def is_of_signs(self) -> bool:
        return 2 * sum(_SIGN.fullmatch(word) is not None for word in self.words) > len(self.words)


_Runs: TypeAlias = "dict[tuple[str, ...], _Words]"


def leaked_secrets(subject: Subject, sink: Sink) -> None:
    """Report texts that everyone can see and that repeat what a character keeps secret.

    With one character in a scenario there is nobody to keep it from. A character's file counts
    as one of several.
    """
    scenario = subject.scenario
    if subject.kind is Kind.PERSONA or (
        subject.kind is Kind.SCENARIO and len(scenario.characters) <= 1
    ):
        return
    runs = _runs_of_secrets(scenario)
    if not runs:
        return
    for text in _visible(scenario):
        value = without_templates(text)
        words = _words(text, value, 0, len(value))
        for sentence, start, end in _shared(words, runs):
            secret = sentence.text
            if secret.node.source is text.node.source is not subject.source:
                continue
            sink.add(
                c.LEAKED_SECRET,
                f"all characters see this, and it is a secret of `{secret.owner}`"
                if subject.kind is Kind.SCENARIO
                else "other characters see this, and it is among the secrets",
                own_place(
                    subject,
                    text.span_of(words.places[start][0], words.places[end - 1][1]),
                    text.via,
                ),
                help="take it out, or reword it so that nothing is given away",
                related=[Related(secret.span, "the secret")],
            )


def _runs_of_secrets(scenario: Scenario) -> dict[int, _Runs]:
    """Return the telling runs of words of all secrets, by their length."""
    runs: dict[int, _Runs] = {}
    for entity in scenario.characters.values():
        for secret in entity.texts.get("secrets", ()):
            for sentence in _sentences(secret):
                _add_runs(sentence, runs)
    return runs


def _add_runs(sentence: _Words, runs: dict[int, _Runs]) -> None:
    words, signs = sentence.words, sentence.is_of_signs
    if len(words) < (_FEWEST_SIGNS if signs else _FEWEST_WORDS):
        return
    length = min(len(words), _RUN_OF_SIGNS if signs else _RUN_OF_WORDS)
    for i in range(len(words) - length + 1):
        run = words[i : i + length]
        if sum(map(_is_uncommon, run)) >= min(_UNCOMMON, length - 2):
            runs.setdefault(length, {}).setdefault(run, sentence)


def _is_uncommon(word: str) -> bool:
    if _SIGN.fullmatch(word):
        return word not in _COMMON_SIGNS
    return len(word) >= _UNCOMMON_LENGTH and word not in _COMMON


def _shared(found: _Words, runs: dict[int, _Runs]) -> Iterator[tuple[_Words, int, int]]:
    """Yield each sentence of a secret that a text repeats, once, with where the run is.

    Half of the sentence at least: two texts may name one thing, and only one say what is with it.
    """
    words = found.words
    seen: set[int] = set()
    for length, known in runs.items():
        for i in range(len(words) - length + 1):
            sentence = known.get(words[i : i + length])
            if sentence is None or id(sentence.text) in seen:
                continue
            end = i + 1
            while known.get(words[end : end + length]) is sentence:
                end += 1
            end += length - 1
            if 2 * (end - i) >= len(sentence.words):
                seen.add(id(sentence.text))
                yield sentence, i, end


def _sentences(text: Text) -> Iterator[_Words]:
    """Yield a secret's sentences, as far as so many words go."""
    value = without_templates(text)
    left = _MOST_WORDS
    for part in _SENTENCE.finditer(value):
        words = _words(text, value, *part.span())
        left -= len(words.words)
        if left < 0:
            return
        yield words


def _visible(scenario: Scenario) -> Iterator[Text]:
    for entity in scenario.characters.values():
        for name in _VISIBLE:
            yield from entity.texts.get(name, ())
    for part in (scenario.persona, scenario.group):
        if part is not None:
            for texts in part.texts.values():
                yield from texts


def _words(text: Text, value: str, start: int, end: int) -> _Words:
    found = list(_WORD.finditer(value, start, end))
    return _Words(
        text=text,
        words=tuple(each[0].casefold() for each in found),
        places=tuple(each.span() for each in found),
    )
