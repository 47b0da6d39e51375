"""Write a made-up library that looks like a real one.

    python benchmarks/library/generate.py FOLDER FILES [SEED]

The same seed gives the same bytes. One file of twenty is a character, one of fifty a persona, one
of a hundred a base; the others are scenarios, two of three in English, that use and extend those.
They check without errors, and with the notes and warnings that real libraries have.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 7
# Words, and sentences with slots for them: so many that hardly two files say the same.
_WORDS: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("words.json").read_text(encoding="utf-8")
)
_A_FOLDER: Final = 100
_CHINESE_SHARE: Final = 3
_SETTINGS: Final = """\
min-version = "0.1"

[library]
scenarios = "."
templates = "templates"

[check.per-path-ignores]
"bases/*" = ["unreferenced-file"]
"""
_GROUP_TEMPLATE: Final = """\
{% if alone %}{{ alone }}{% else %}{% if group.name %}{{ group.name }}
{% endif %}{% if group.time or group.place %}{{ group.time }} {{ group.place }}
{% endif %}{{ group.setting }}
{% if group.recap %}So far: {{ group.recap }}
{% endif %}{{ group.status }}
{% endif %}"""


class Author:
    """Makes up the texts of one file, in one language."""

    def __init__(self, seed: str, *, chinese: bool) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing is kept secret
        self.chinese = chinese
        self.words = _WORDS["chinese" if chinese else "english"]

    def pick(self, kind: str) -> str:
        """Return a word, or a sentence with its slots filled."""
        slots = ("name", "family", "trade", "place", "thing", "mood", "deed", "event")
        chosen = {slot: self.random.choice(self.words[slot]) for slot in slots[2:]}
        text: str = self.random.choice(self.words[kind])
        filled = text.format(**chosen, number=self.random.randrange(60, 200, 10))
        return filled[:1].upper() + filled[1:] if kind not in slots else filled

    def several(self, kind: str, least: int, most: int) -> list[str]:
        return [self.pick(kind) for _ in range(self.random.randint(least, most))]

    def told(self, least: int, most: int) -> str:
        return ("" if self.chinese else " ").join(self.several("story", least, most))

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def name(self) -> str:
        if self.chinese:
            return self.pick("name")
        return f"{self.pick('name')} {self.pick('family')}"

    def moods(self) -> list[str]:
        return sorted({self.pick("mood") for _ in range(3)})


def _text(text: str) -> str:
    """Return a text as YAML: plain where that is safe, else in quotes."""
    plain = text[:1].isalpha() and not any(sign in text for sign in (": ", " #", "{", '"'))
    return text if plain and not text.endswith(":") else json.dumps(text, ensure_ascii=False)


def _listed(key: str, items: list[str], indent: str = "") -> Iterator[str]:
    yield f"{indent}{key}:"
    yield from (f"{indent}  - {_text(item)}" for item in items)


def _header(kind: str, depth: int) -> Iterator[str]:
    schema = f"{'../' * depth}schemas/{kind}.v1.schema.json"
    yield f"# yaml-language-server: $schema={schema}"
    yield f"m2her: {kind}/v1"


def character(author: Author) -> Iterator[str]:
    """Yield the lines of a character's file."""
    yield from _header("character", 1)
    yield f"name: {author.name()}"
    yield f"description: {_text(author.told(1, 2))}"
    yield f"appearance: {_text(author.told(1, 1))}"
    yield f"personality: [{', '.join(author.moods())}]"
    yield f"background: {_text(author.told(2, 5))}"
    yield f"speech: {_text(author.told(1, 1))}"
    yield from _listed("knowledge", author.several("story", 1, 3))
    yield from _listed("goals", author.several("story", 1, 2))
    yield from _listed("secrets", author.several("story", 1, 2))
    yield from _listed("greetings", author.several("say", 1, 2))
    yield "examples:"
    yield from _exchange(author, "  ")


def persona(author: Author) -> Iterator[str]:
    """Yield the lines of a persona's file."""
    yield from _header("persona", 1)
    yield f"name: {author.name()}"
    yield f"description: {_text(author.told(1, 3))}"
    yield f"background: {_text(author.told(2, 4))}"


def base(author: Author) -> Iterator[str]:
    """Yield the lines of an abstract scenario."""
    yield from _header("scenario", 1)
    yield "abstract: true"
    yield f"language: {'zh-CN' if author.chinese else 'en'}"
    yield "variables:"
    yield "  late: {type: integer, default: 0, description: By how many minutes it is late.}"
    yield "group:"
    yield f"  name: {author.pick('place')}"
    yield "  status: >-"
    yield f"    {{% if vars.late > 0 %}}{author.pick('scene')} ({{{{ vars.late }}}})"
    yield f"    {{% else %}}{author.pick('scene')}{{% endif %}}"
    yield from _listed("instructions", author.several("order", 2, 3))
    yield f"style: {_text(author.told(1, 1))}"
    yield "parameters: {temperature: 0.85, max_completion_tokens: 400}"


def _exchange(author: Author, indent: str, speaker: str = "ai") -> Iterator[str]:
    yield f"{indent}- user: {_text(author.pick('ask'))}"
    yield f"{indent}  {speaker}: {_text(author.pick('say'))}"


def scenario(author: Author, cast: list[str], others: dict[str, str]) -> Iterator[str]:
    """Yield the lines of a scenario with some of the characters, a persona and perhaps a base."""
    yield from _header("scenario", 3)
    yield f"title: {author.pick('place')}"
    yield f"summary: {_text(author.told(1, 1))}"
    if author.chance(40):
        yield f"notes: {_text(author.told(1, 1))}"
    yield f"tags: [{', '.join(author.moods())}]"
    if author.chinese:
        yield "language: zh-CN"
    if author.chance(35):
        yield f"extends: ../../bases/{others['base']}.yaml"
        yield from _listed("instructions+", author.several("order", 1, 1))
    else:
        yield from _listed("instructions", author.several("order", 2, 3))
    names = list(dict.fromkeys(author.random.choices(cast, k=1 + author.chance(30))))
    varied = author.chance(12)
    if varied:
        yield "variables: {weather: a light rain}"
        yield "matrix: {weather: {calm: a light rain, storm: a black storm}}"
    yield from _people(author, names, others["persona"])
    yield from _scene(author, varied=varied)
    yield from _said(author, f"c{names[0]}")


def _people(author: Author, names: list[str], persona_name: str) -> Iterator[str]:
    yield "characters:"
    for name in names:
        yield f"  c{name}:"
        yield f"    use: ../../characters/{name}.yaml"
        yield f"    relationships: {_text(author.told(1, 3))}"
    if len(names) > 1:
        yield f"speaker: c{names[0]}"
    if author.chance(70):
        yield "persona:"
        yield f"  use: ../../personas/{persona_name}.yaml"
        yield f"  appearance: {_text(author.told(1, 1))}"
    else:
        yield f"persona: {_text(author.told(1, 2))}"


def _scene(author: Author, *, varied: bool) -> Iterator[str]:
    yield "group:"
    yield f"  name: {author.pick('place')}"
    weather = " {{ vars.weather }}." if varied else ""
    yield f"  setting: {_text(author.pick('scene') + weather)}"
    if author.chance(50):
        yield f"  recap: {_text(author.told(2, 4) + ' {{ user }}.')}"
    if author.chance(30):
        yield f"style: {_text(author.told(1, 1))}"
    if author.chance(1):
        yield "reply_format: TODO"


def _said(author: Author, speaker: str) -> Iterator[str]:
    if author.chance(80):
        yield "examples:"
        for _ in range(author.random.randint(1, 2)):
            yield from _exchange(author, "  ", speaker)
        if author.chance(30):
            yield "  - |"
            yield f"    user: {author.pick('ask')}"
            yield f"    {speaker}: {author.pick('say')}"
    yield "history:"
    for _ in range(author.random.randint(4, 11)):
        if author.chance(25):
            yield f"  - narrator: {_text(author.pick('scene'))}"
        yield f"  - user: {_text(author.pick('ask'))}"
        yield f"  - {speaker}: {_text(author.pick('say') + (' *' if author.chance(0.5) else ''))}"
        if author.chance(30):
            yield f"    thought: {_text(author.told(1, 1))}"
    yield f"message: {_text(author.pick('ask'))}"


def library(count: int, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a library of so many YAML files, its settings first."""
    yield "m2her.toml", _SETTINGS
    yield "templates/en/group.j2", _GROUP_TEMPLATE
    numbers = {"bases": max(1, count // 100), "personas": max(1, count // 50)}
    numbers["characters"] = max(3, count // 20)
    made = {"bases": base, "personas": persona, "characters": character}
    for folder, number in numbers.items():
        for i in range(number):
            author = Author(f"{seed} {folder} {i}", chinese=i % _CHINESE_SHARE == 0)
            yield f"{folder}/{i}.yaml", "\n".join(made[folder](author)) + "\n"
    for i in range(count - sum(numbers.values())):
        author = Author(f"{seed} scenes {i}", chinese=i % _CHINESE_SHARE == 0)
        pool = {key: _alike(author, number) for key, number in numbers.items()}
        others = {"base": pool["bases"][0], "persona": pool["personas"][0]}
        name = f"scenes/{i // _A_FOLDER:03}/scene_{i}.yaml"
        yield name, "\n".join(scenario(author, pool["characters"], others)) + "\n"


def _alike(author: Author, number: int) -> list[str]:
    """Return the names of a few files in the author's language: neighbours share them."""
    of_language = [i for i in range(number) if (i % _CHINESE_SHARE == 0) == author.chinese]
    return [str(author.random.choice(of_language or [0])) for _ in range(3)]


def write(folder: Path, count: int, seed: int = SEED) -> None:
    """Write a library into a folder, which is made where there is none."""
    for name, text in library(count, seed):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
