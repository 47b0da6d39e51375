"""The rule about secrets that others can read."""

from __future__ import annotations

import re
from itertools import islice
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
# A run of words in common counts if it is the whole sentence, or so long that nobody writes it
# twice by chance, or half of the sentence and says something.
_FEWEST_WORDS: Final = 4
_FEWEST_SIGNS: Final = 6
_RUN_OF_WORDS: Final = 6
_RUN_OF_SIGNS: Final = 8
_LONG_RUN_OF_WORDS: Final = 8
_LONG_RUN_OF_SIGNS: Final = 14
_UNCOMMON: Final = 3
_UNCOMMON_LENGTH: Final = 4
# Of one secret, so that what is remembered of them stays small; and of the places where the same
# few words begin.
_MOST_WORDS: Final = 2000
_MOST_PLACES: Final = 8
# Of the runs that did not count, so that they are not followed again from their next word.
_MOST_FOLLOWED: Final = 1000
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
    """Words of a text: all of them, or those of one sentence."""

    text: Text
    words: tuple[str, ...]

    @property
    def is_of_signs(self) -> bool:
        return 2 * sum(_SIGN.fullmatch(word) is not None for word in self.words) > len(self.words)


@frozen
class _Sentence:
    """A sentence of a secret, and how many words of it in a row are too many."""

    text: Text
    words: tuple[str, ...]
    fewest: int
    run: int
    long_run: int

    @classmethod
    def of(cls, found: _Words) -> _Sentence:
        signs = found.is_of_signs
        return cls(
            text=found.text,
            words=found.words,
            fewest=_FEWEST_SIGNS if signs else _FEWEST_WORDS,
            run=_RUN_OF_SIGNS if signs else _RUN_OF_WORDS,
            long_run=_LONG_RUN_OF_SIGNS if signs else _LONG_RUN_OF_WORDS,
        )

    def is_told_by(self, words: tuple[str, ...]) -> bool:
        """Tell whether a run of its words gives it away.

        One that is not long must be half of it: two texts may name one thing, and only one say
        what is with it.
        """
        length = len(words)
        if length >= min(self.long_run, len(self.words)):
            return True
        if length < self.run or 2 * length < len(self.words):
            return False
        return sum(map(_is_uncommon, words)) >= _UNCOMMON


# The sentences in which a few words stand, and where in them; by how many words these are.
_Index: TypeAlias = "dict[int, dict[tuple[str, ...], list[tuple[_Sentence, int]]]]"


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
    index = _index_of_secrets(scenario)
    if not index:
        return
    for text in _visible(scenario):
        value = without_templates(text)
        words = _words(text, value, 0, len(value))
        for sentence, start, end in _shared(words, index):
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
                    text.span_of(*_place(value, start, end)),
                    text.via,
                ),
                help="take it out, or reword it so that nothing is given away",
                related=[Related(secret.span, "the secret")],
            )


def _index_of_secrets(scenario: Scenario) -> _Index:
    """Return where the first few words of every run of all secrets stand."""
    index: _Index = {}
    for entity in scenario.characters.values():
        for secret in entity.texts.get("secrets", ()):
            for found in _sentences(secret):
                sentence = _Sentence.of(found)
                words, size = sentence.words, sentence.fewest
                for i in range(len(words) - size + 1):
                    places = index.setdefault(size, {}).setdefault(words[i : i + size], [])
                    if len(places) < _MOST_PLACES:
                        places.append((sentence, i))
    return index


def _is_uncommon(word: str) -> bool:
    if _SIGN.fullmatch(word):
        return word not in _COMMON_SIGNS
    return len(word) >= _UNCOMMON_LENGTH and word not in _COMMON


def _shared(found: _Words, index: _Index) -> Iterator[tuple[_Sentence, int, int]]:
    """Yield each secret that a text gives away, once, with where the run of its words is.

    Runs that do not count are short, so that it costs little to follow them from every word.
    """
    words = found.words
    seen: set[int] = set()
    followed: dict[tuple[int, int], int] = {}
    for size, known in index.items():
        runs = zip(*(words[first:] for first in range(size)), strict=False)
        if known.keys().isdisjoint(runs):
            continue
        for i in range(len(words) - size + 1):
            for sentence, place in known.get(words[i : i + size], ()):
                run = (id(sentence), i - place)
                if id(sentence.text) in seen or i < followed.get(run, 0):
                    continue
                start, end = _run(words, i, sentence.words, place)
                if sentence.is_told_by(words[start:end]):
                    seen.add(id(sentence.text))
                    yield sentence, start, end
                if len(followed) >= _MOST_FOLLOWED:
                    followed.clear()
                followed[run] = end


def _run(words: tuple[str, ...], at: int, others: tuple[str, ...], place: int) -> tuple[int, int]:
    """Return the run of words around a place that is the same around a place among others."""
    shift = at - place
    first, last = max(0, shift), min(len(words), shift + len(others))
    start = end = at
    while start > first and words[start - 1] == others[start - 1 - shift]:
        start -= 1
    while end < last and words[end] == others[end - shift]:
        end += 1
    return start, end


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
    return _Words(text=text, words=tuple(map(str.casefold, _WORD.findall(value, start, end))))


def _place(value: str, start: int, end: int) -> tuple[int, int]:
    """Return where in a text the words from one up to another are, by their numbers."""
    words = list(islice(_WORD.finditer(value), start, end))
    return words[0].start(), words[-1].end()
