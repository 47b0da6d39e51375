"""Broken input ends in findings: scenarios, changed at random, in ways that happen to files.

The seeds are fixed, so that a failure is found again by its number.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.checker import Checker, Demands
from m2her_compose.compiler import Compiler, Input
from m2her_compose.report import render_diagnostics
from m2her_compose.report.formats import FORMATS
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk
from m2her_compose.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from m2her_compose.compiled import CompiledScenario
    from m2her_compose.report import Report

ROUNDS: Final = 300
PER_TEST: Final = 30

BASES: Final = (
    """\
m2her: scenario/v1
id: tea
title: Tea
language: en
tags: [quiet, winter]
variables:
  era: {type: string, default: modern times, enum: [modern times, the Tang dynasty]}
  mood: calm
  count: {type: integer, default: 3}
matrix:
  era: [modern times, the Tang dynasty]
  mood: {calm: calm and rested, storm: tired}
  exclude: [{era: the Tang dynasty, mood: storm}]
  include: [{mood: drunk}]
characters:
  mara: &mara
    name: Mara
    description: Keeps bees in {{ vars.era }}, {{ user }}.
    personality: [wise, "calm: very", 'it''s']
    secrets: [She is afraid of {{ user.name }}.]
    greetings:
      - "*nods* Sit, {{ user }}."
      - |
        Come in.
          And sit.
  tom: {name: 汤姆, description: A baker.}
speaker: mara
persona: {name: Traveler, description: You are {{ vars.mood }}.}
group:
  name: The meadow
  setting: >-
    A folded
    text about {{ group.name }}

    here.
instructions: [Stay in character., "Answer in {{ vars.count * 40 }} words."]
style: Plain.
examples:
  - user: Hi
    mara: "Hello, \\u4f60\\u597d"
  - - user: One
    - tom: Two
  - |
    user: Would you?
    mara: Yes.
      Gladly.
    <START>
    user: No?
    tom: Never.
history:
  - user: Thank you.
  - mara: "*pours tea*"
    thought: He is tired.
  - narrator: Snow.
message: !raw "Hello {{char}} <USER>"
""",
    """\
m2her: scenario/v1
x-note: &note {a: 1, b: [x, y]}
x-more: {<<: *note, c: ~}
system: |2
    {% for c in characters.values() %}
    {{ loop.index }}. {{ c }}{{ "," if not loop.last }}
    {% endfor %}
  {# a comment #}{{ default }}
characters:
  诸葛亮: {prompt: "你是诸葛亮。{% if vars.x %}{{ vars.x|upper }}{% endif %}"}
variables: {x: {default: 1.50}}
greeting: none
history: |
  user: 军师
  诸葛亮： 请坐 😀
  ai: 好
    多行
message: {raw: "<BOT>?"}
parameters: {temperature: 0.9, stream: false}
names: given
""",
    """\
m2her: scenario/v1
persona: A traveler.
group: The hall.
system: You are a guide.
message: Where am I?
""",
)
TOKENS: Final = (
    ": ",
    " #",
    "- ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "*a",
    "&a ",
    "!raw ",
    "!x ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "|",
    ">",
    "|2\n",
    "%",
    "@",
    "`",
    "? ",
    "<<: *mara",
    "---\n",
    "...\n",
    "\u2028",
    "\ufeff",
    "\0",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{ x }}",
    "{{ char.nme }}",
    "{% if 1 %}",
    "{% endif %}",
    "{% for x in [1] %}",
    "{% endfor %}",
    "{{ 1/0 }}",
    "{{ user.description }}",
    "{{ ''.__class__ }}",
    "null",
    "~",
    "true",
    "No",
    "007",
    ".nan",
    "1e999",
    "9" * 40,
    "😀",
    "诸",
    "\u202e",
    "\x1b[31m",
    "user: x\n",
    "ai: x\n",
    "usr: x\n",
    "<START>\n",
    "thought: x\n",
    "extends: a.yaml\n",
    "use: ../x\n",
    "x-y: 1\n",
    "instructions+: [a]\n",
    "  ",
    "    ",
    "\\",
    "\\x",
    "{% raw %}",
    "|length",
    "${a}",
    "a: b: c",
    "{% macro m(a, b=1) %}",
    "{% set x = 1 %}",
    "{% autoescape true %}{% endautoescape %}",
    "(" * 30,
    "not " * 30,
)


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 40) :]


def _end(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _lines(change: Callable[[list[bytes], int, random.Random], None]) -> Callable[..., bytes]:
    def mutate(data: bytes, rng: random.Random) -> bytes:
        lines = data.split(b"\n")
        change(lines, rng.randrange(len(lines)), rng)
        return b"\n".join(lines)

    return mutate


def _drop(lines: list[bytes], at: int, rng: random.Random) -> None:
    del rng, lines[at]


def _double(lines: list[bytes], at: int, rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines)), lines[at])


def _indent(lines: list[bytes], at: int, rng: random.Random) -> None:
    lines[at] = rng.choice([b" ", b"  ", b"\t", b"    "]) + lines[at]


def _outdent(lines: list[bytes], at: int, rng: random.Random) -> None:
    lines[at] = lines[at][rng.randrange(1, 4) :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    at = rng.randrange(len(text) + 1)
    return (text[:at] + rng.choice(TOKENS) + text[at:]).encode()


def _replace(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    at = rng.randrange(len(text) + 1)
    return (text[:at] + rng.choice(TOKENS) + text[at + rng.randrange(8) :]).encode()


def _newlines(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice([b"\r\n", b"\r"]))


def _flow(data: bytes, rng: random.Random) -> bytes:
    """Put another file into this one."""
    other = rng.choice(BASES).encode()
    start = rng.randrange(len(other))
    at = rng.randrange(len(data))
    return data[:at] + other[start : start + rng.randrange(1, 120)] + data[at:]


MUTATIONS: Final = (
    _flip,
    _cut,
    _end,
    _lines(_drop),
    _lines(_double),
    _lines(_indent),
    _lines(_outdent),
    _insert,
    _insert,
    _insert,
    _insert,
    _replace,
    _replace,
    _newlines,
    _flow,
)


def mutated(seed: int) -> bytes:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    data = rng.choice(BASES).encode()
    for _ in range(rng.choice([1, 1, 2, 3, 5])):
        if data:
            data = rng.choice(MUTATIONS)(data, rng)
    return data


def compiled(data: bytes) -> CompiledScenario:
    folder = Path("/nowhere/at/all")
    path = folder / "scene.yaml"
    compiler = Compiler(files=Disk(texts={path: data}), base=folder, root=folder)
    return compiler.compile(Input(path=path), Overrides())


def said(result: CompiledScenario) -> str:
    """Return all that a compilation gives, as one text."""
    parts: list[Any] = [[each.id, each.request(), each.content_hash] for each in result.variants]
    parts += [
        [str(piece.text), piece.exact, [(o.pointer, str(o.span)) for o in piece.origins]]
        for variant in result.variants
        for message in variant.messages
        for piece in (*message.pieces, *message.name_pieces)
    ]
    shown = render_diagnostics(result.diagnostics, color=False, width=100)
    return json.dumps(parts) + shown


def hold(seed: int) -> None:
    """Compile one changed file twice, and hold the results to what must be true of all."""
    data = mutated(seed)
    result = compiled(data)
    for finding in result.diagnostics:
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= len(span.source.text) + 1, (seed, finding)
            if not span.path.startswith("<"):
                assert span.path == "scene.yaml", (seed, span.path)
    order = [finding.sort_key() for finding in result.diagnostics]
    assert order == sorted(order), seed
    assert len(set(order)) == len(order), seed
    assert bool(result.variants) <= result.ok, seed
    for variant in result.variants:
        for message in variant.messages:
            assert message.content.strip(), seed
            for piece in message.pieces:
                assert piece.origins or piece.text in ("AI", "User"), (seed, piece)
                for origin in piece.origins:
                    length = len(origin.span.source.text)
                    assert 0 <= origin.span.start <= origin.span.end <= length, (seed, piece)
    assert said(result) == said(compiled(data)), seed


@pytest.mark.parametrize("first", range(0, ROUNDS, PER_TEST))
def test_a_changed_file_ends_in_findings(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        hold(seed)


def checked(data: bytes, target: str) -> Report:
    folder = Path("/nowhere/at/all")
    path = folder / "scene.yaml"
    compiler = Compiler(files=Disk(texts={path: data}), base=folder, root=folder)
    checker = Checker(compiler=compiler, demands=Demands(target=target))
    return checker.check([Input(path=path)])


@settings(max_examples=200)
@given(st.integers(0, 10**9), st.sampled_from([target.id for target in TARGETS]))
def test_a_changed_file_is_checked_to_the_end(seed: int, target: str) -> None:
    """No rule fails, each finding has its place in a file, and the order is the same again."""
    data = mutated(seed)
    report = checked(data, target)
    for finding in report.diagnostics:
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= len(span.source.text) + 1
        for edit in finding.edits:
            assert 0 <= edit.span.start <= edit.span.end <= len(edit.span.source.text)
    keys = [finding.sort_key() for finding in report.diagnostics]
    assert keys == sorted(keys)
    places = [(d.code.id, d.span.path, d.span.start, d.span.end) for d in report.diagnostics]
    assert len(set(places)) == len(places)
    again = checked(data, target)
    shown = [render_diagnostics(r.diagnostics, color=False, width=80) for r in (report, again)]
    assert shown[0] == shown[1]
    for write in FORMATS.values():
        assert write(report) == write(again)
