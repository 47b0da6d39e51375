"""Input that asks for too much ends within limits: in a finding or a result, never in a crash.

Each file is compiled by the program itself, with 1 GB of address space and 20 seconds of processor
time, which the operating system enforces. The sizes are such that work that grows with their
square, or worse, cannot be done within them; and that a slow machine can do the rest: each takes
less than a seventh of them where nothing was slow.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.processes import finished, limited

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 20
REPOSITORY: Final = Path(__file__).resolve().parents[2]

Files = dict[str, str | bytes]


def compiled(folder: Path, files: Files) -> subprocess.CompletedProcess[bytes]:
    """Run `m2her compile` on the first of the files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    # Measuring coverage would measure something else, and take its own time.
    environment = {k: v for k, v in environment.items() if not k.startswith(("COV_", "COVERAGE_"))}
    command = [sys.executable, "-m", "m2her_compose", "compile", next(iter(files))]
    return finished(
        limited(command, cpu_s=CPU_SECONDS, memory_bytes=MEMORY_BYTES),
        cwd=folder,
        env=environment,
    )


def scenario(body: str) -> Files:
    return {"scene.yaml": f"m2her: scenario/v1\nsystem: Be kind.\n{body}"}


def message(template: str, before: str = "") -> Files:
    """Return a scenario whose opening message is the template, in a block."""
    lines = "\n".join(f"  {line}" for line in template.split("\n"))
    return scenario(f"{before}message: |\n{lines}\n")


def names(count: int) -> str:
    return ", ".join(f"v{i}" for i in range(count))


def axis(count: int) -> str:
    return f"variables: {{a: v0}}\nmatrix:\n  a: [{names(count)}]\n"


def folded_names(count: int) -> str:
    """Return a long name of many different letters: slow to compare with another."""
    return "".join(chr(0x4E00 + (i * 7919 + i // 150) % 151) for i in range(count))


def deep_macro(calls: str) -> str:
    return (
        "{% macro m(n) %}"
        + "{% if 1 %}" * 12
        + "{{ "
        + "(" * 8
        + "m(n + 1)"
        + " ~ '')" * 8
        + " }}"
        + "{% endif %}" * 12
        + "{% endmacro %}"
        + calls
    )


def chain(count: int, item: Callable[[int], str], last: str) -> Files:
    """Return files that each extend the next one."""
    files: Files = {}
    for i in range(count):
        rest = item(i + 1) if i < count - 1 else last
        files[f"f{i}.yaml"] = f"m2her: scenario/v1\n{'' if i == 0 else 'abstract: true'}\n{rest}\n"
    return files


DOUBLE: Final = "{% set a = ['x'] %}"
GROW: Final = "{% set a = [a, a] %}" * 60

TEMPLATES: Final[dict[str, Files]] = {
    "a power of ten": message("{{ 'a' * 10**9 }}"),
    "a tower of powers": message("{{ 10**10**10 }}"),
    "a power of a fraction": message("{{ 1.5 ** 10 ** 300 }}{{ 10 ** -(10 ** 300) }}"),
    "digits of an integer": message(f"{{{{ {'9' * 100_000} }}}}"),
    "digits in base sixteen": message(f"{{{{ 0x{'f' * 100_000} }}}}"),
    "a product of integers": message("{% set a = 10 ** 1000 %}{{ a * a * a }}"),
    "integers squared in a loop": message(
        "{% set n = namespace(a=3) %}"
        "{% for i in range(100) %}{% set n.a = n.a * n.a %}{% endfor %}{{ n.a }}"
    ),
    "a sum of large integers": message("{{ [10 ** 1200] * 2 }}{{ [10 ** 1200, 10 ** 1200]|sum }}"),
    "a range": message("{{ range(10**9) }}"),
    "a range in a list": message("{{ range(10**9)|list|length }}"),
    "a range beyond all numbers": message("{{ range(10**300) }}"),
    "nested ranges": message(
        "{% for i in range(10000) %}{% for j in range(10000) %}{% for k in range(10000) %}"
        "{% endfor %}{% endfor %}{% endfor %}"
    ),
    "nested ranges that print": message(
        "{% for i in range(10000) %}{% for j in range(10000) %}{{ char.name|upper }}"
        "{% endfor %}{% endfor %}"
    ),
    "25 nested loops": message("{% for i in [1, 2] %}" * 25 + "x" + "{% endfor %}" * 25),
    "deep parentheses": message("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"),
    "deep lists": message("{{ " + "[" * 5000 + "1" + "]" * 5000 + " }}"),
    "deep subscripts": message("{{ char" + "[0]" * 5000 + " }}"),
    "deep attributes": message("{{ char" + ".name" * 5000 + " }}"),
    "deep calls": message("{{ char" + "()" * 5000 + " }}"),
    "a chain of `not`": message("{{ " + "not " * 5000 + "1 }}"),
    "a chain of minuses": message("{{ " + "- " * 5000 + "1 }}"),
    "a chain of filters": message("{{ 'a'" + "|upper" * 5000 + " }}"),
    "a chain of tests": message("{{ 1" + " is odd" * 5000 + " }}"),
    "a chain of conditions": message("{{ 1" + " if 1 else 1" * 3000 + " }}"),
    "a chain of `elif`": message("{% if 0 %}" + "{% elif 0 %}" * 3000 + "{% endif %}"),
    "a chain of `and`": message("{{ 1" + " and 1" * 5000 + " }}"),
    "a chain of sums": message("{{ 1" + " + 1" * 5000 + " }}"),
    "a chain of powers": message("{{ 1" + " ** 1" * 5000 + " }}"),
    "100,000 expressions": message("{{ 1 }}" * 100_000),
    "a million openings": message("{{" * 1_000_000),
    "a million block openings": message("{%" * 1_000_000),
    "a million comment openings": message("{#" * 1_000_000),
    "an unclosed text": message("{{ '" + "\\\\" * 500_000 + " }}"),
    "blanks before a block": message("a" + " " * 300_000 + "{% if 1 %}x{% endif %}"),
    "doubling by `~`": message("{% set a = 'ab' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}"),
    "doubling by `+`": message("{% set a = 'ab' %}" + "{% set a = a + a %}" * 60 + "{{ a }}"),
    "doubling by replace": message(
        "{% set a = 'ab' %}" + "{% set a = a|replace('a', a) %}" * 60 + "{{ a }}"
    ),
    "doubling by join": message("{% set a = 'ab' %}" + "{% set a = [a, a]|join(a) %}" * 60),
    "doubling by indent": message(
        "{% set a = 'a\\nb' %}" + "{% set a = (a ~ '\\n')|indent(a, true) %}" * 60
    ),
    "growing by center": message("{{ 'a'|center(10**9) }}"),
    "growing by indent": message("{{ 'a\\nb'|indent(10**9) }}"),
    "doubling by a block": message(
        "{% set a %}ab{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60
    ),
    "doubling in a namespace": message(
        "{% set n = namespace(a='ab') %}"
        "{% for i in range(100) %}{% set n.a = n.a ~ n.a %}{% endfor %}{{ n.a }}"
    ),
    "a list of lists printed": message(DOUBLE + GROW + "{{ a }}"),
    "a list of lists joined": message(DOUBLE + GROW + "{{ a|join }}"),
    "a list of lists compared": message(
        DOUBLE
        + "{% set b = ['x'] %}"
        + "{% set a = [a, a] %}{% set b = [b, b] %}" * 60
        + "{{ a == b }}"
    ),
    "a list of lists sorted": message(DOUBLE + GROW + "{{ [a, a]|sort }}"),
    "a list of lists within `unique`": message(DOUBLE + GROW + "{{ [a, a]|unique }}"),
    "a list doubled by addition": message(DOUBLE + "{% set a = a + a %}" * 60 + "{{ a|length }}"),
    "lists copied by map": message(
        DOUBLE + "{% set a = [a, a]|map('list')|list %}" * 60 + "{{ a }}"
    ),
    "lists copied by map and reversed": message(
        DOUBLE + "{% set a = [a, a]|map('reverse')|list %}" * 60 + "{{ a }}"
    ),
    "lists copied by map and sorted": message(
        DOUBLE + "{% set a = [a, a]|map('sort')|list %}" * 60 + "{{ a|string|length }}"
    ),
    "lists within items": message(DOUBLE + "{% set a = {'k': [a, a]}|items %}" * 60 + "{{ a }}"),
    "lists within items of a method": message(
        DOUBLE + "{% set a = {'k': [a, a]}.items() %}" * 60 + "{{ a }}"
    ),
    "lists within a namespace": message(
        "{% set n = namespace(a=['x']) %}" + "{% set n.a = [n.a, n.a] %}" * 60 + "{{ n.a }}"
    ),
    "lists within loops": message(
        "{% set n = namespace(a=['x']) %}"
        "{% for i in range(1000) %}{% set n.a = [n.a, n.a]|map('list')|list %}{% endfor %}{{ n.a }}"
    ),
    "maps within maps": message(
        "{% set a = {'k': 'x'} %}" + "{% set a = {'k': a, 'l': a} %}" * 60 + "{{ a }}"
    ),
    "a macro that calls itself": message("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "a macro that calls itself twice": message(
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"
    ),
    "macros that call each other": message(
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}"
    ),
    "a deep macro that calls itself": message(deep_macro("{{ m(1) }}")),
    "a macro's default that calls it": message("{% macro m(a=m()) %}{% endmacro %}{{ m() }}"),
    "macros that fan out": message(
        "{% macro m0() %}xxxxxxxxxx{% endmacro %}"
        + "".join(
            f"{{% macro m{i}() %}}{{{{ m{i - 1}() }}}}{{{{ m{i - 1}() }}}}{{{{ m{i - 1}() }}}}{{% endmacro %}}"  # noqa: E501
            for i in range(1, 19)
        )
        + "{{ m18() }}"
    ),
    "a text of many sources, taken apart": message(
        "{% set x %}"
        + "{{1}}" * 6000
        + "{% endset %}{% for c in x|upper * 100 %}{{ c }}{% endfor %}"
    ),
    "a text of many sources, computed again and again": message(
        "{% set x %}" + "{{1}}" * 6000 + "{% endset %}{% set y = x|upper %}"
        "{% for i in range(10000) %}{% set z = y|lower %}{% endfor %}"
    ),
    "small outputs of one expression": message(
        '{% for i in range(10000) %}{% for j in range(20) %}{{ "' + "a" * 63 + '" }}'
        "{% endfor %}{% endfor %}"
    ),
    "the largest outputs of one expression": message(
        "{% set x = '😀' * 100000 %}{% for i in range(470) %}{{ x }}{% endfor %}"
    ),
    "a long text searched again and again": message(
        "{% set a = 'a' * 1000000 %}{% set b = 'a' * 500000 ~ 'b' ~ 'a' * 400000 %}"
        "{% for i in range(10000) %}{{ b in a }}{% endfor %}"
    ),
    "long texts compared": message(
        "{% set a = 'a' * 1900000 %}{% set b = 'a' * 1900000 %}"
        "{% for i in range(10000) %}{{ a == b }}{% endfor %}"
    ),
    "a long text split": message(
        "{% set a = 'a ' * 900000 %}{% for i in range(10000) %}{% set b = a.split() %}{% endfor %}"
    ),
    "a long text replaced": message(
        "{% set a = 'ab' * 900000 %}"
        "{% for i in range(10000) %}{% set b = a|replace('a', 'b') %}{% endfor %}"
    ),
    "a long number read": message(
        "{% set a = '1' * 1900000 ~ '.5' %}{% for i in range(10000) %}{{ a|int }}{% endfor %}"
    ),
    "a long misspelt name": message(
        f"{{% set {folded_names(20_000)} = 1 %}}{{{{ {folded_names(20_000)[1:]}b }}}}"
    ),
    "many variables in a loop": message(
        "{% for i in range(10000) %}{{ vars.v1 }}{% endfor %}",
        "variables:\n" + "".join(f"  v{i}: x\n" for i in range(60_000)),
    ),
    "unknown names in many texts": scenario(
        "history:\n" + ("- user: '" + "{{ nobody }}" * 5000 + "'\n") * 20
    ),
    "dense templates in many texts": scenario(
        "history:\n" + ("- user: '{{ [" + "1," * 9000 + "] }}'\n") * 200
    ),
}

CASTS: Final[dict[str, Files]] = {
    "texts that use each other": {
        "scene.yaml": "m2her: scenario/v1\nspeaker: a0\ncharacters:\n"
        + "".join(
            f"  a{i}: {{description: '{f'{{{{ characters.a{i + 1}.description }}}}' * 3}'}}\n"
            for i in range(19)
        )
        + "  a19: {description: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n"
    },
    "lists that use each other": {
        "scene.yaml": "m2her: scenario/v1\nspeaker: a0\ncharacters:\n"
        + "".join(
            f"  a{i}: {{goals: ['{{{{ characters.a{i + 1}.goals }}}}', "
            f"'{{{{ characters.a{i + 1}.goals|join }}}}']}}\n"
            for i in range(19)
        )
        + "  a19: {goals: [x, y]}\n"
    },
    "a long chain of texts": {
        "scene.yaml": "m2her: scenario/v1\nspeaker: a0\ncharacters:\n"
        + "".join(
            f"  a{i}: {{description: '{{{{ characters.a{i + 1}.description }}}}'}}\n"
            for i in range(500)
        )
        + "  a500: {description: x}\n"
    },
    "a large cast in a loop": {
        "scene.yaml": "m2her: scenario/v1\nspeaker: c1\ncharacters:\n"
        + "".join(f"  c{i}: x\n" for i in range(20_000))
        + "message: '*{% for i in range(10000) %}{{ characters.c1 }}{% endfor %}'\n"
    },
    "a value that was made of much": {
        "scene.yaml": "m2her: scenario/v1\nspeaker: c1\ncharacters:\n"
        + "".join(f"  c{i}: {{background: x}}\n" for i in range(3000))
        + "  z: {description: '*{% for c in characters.values() %}{% if c.background %}{% endif %}"
        "{% endfor %}'}\nmessage: '*{% for i in range(10000) %}{{ characters.z.description }}"
        "{% endfor %}'\n"
    },
    "a script of many lines with many expressions": scenario(
        "history: |\n  user: x\n" + "  a\n" * 200_000 + "  " + "{{1}}" * 6000 + "\n"
    ),
    "a script of many misspelt speakers": scenario(
        "history: |\n  user: x\n" + "  usre: a\n" * 300_000
    ),
    "a thousand variants": scenario(axis(1000) + "history:\n" + "- user: '{{ vars.a }}!'\n" * 190),
    "a thousand variants of a large text": scenario(
        axis(1000) + f"message: '{{{{ vars.a }}}} {'long ' * 100_000}'\n"
    ),
    "a thousand variants of thoughts": {
        "scene.yaml": "m2her: scenario/v1\n"
        + axis(1000)
        + "characters: {m: hi}\nhistory:\n"
        + "- m: a\n  thought: b\n" * 190
    },
    "many values excluded": scenario(
        axis(40_000) + "  exclude:\n" + "".join(f"  - a: v{i}\n" for i in range(39_999, 0, -1))
    ),
    "many unknown values excluded": scenario(
        axis(20_000) + "  exclude:\n" + "".join(f"  - a: w{i}\n" for i in range(20_000))
    ),
    "a thousand variants and many exclusions": scenario(
        axis(990).replace("{a: v0}", "{a: v0, b: y}")
        + "  b: [y]\n  exclude:\n"
        + "  - {a: v989, b: y}\n" * 50_000
    ),
}

SOURCES: Final[dict[str, Files]] = {
    "aliases that multiply": scenario(
        "x-a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"x-{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )
    ),
    "merge keys that multiply": scenario(
        "x-a: &a {k: v}\n"
        + "".join(
            f"x-{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 40)}], {new}: 1}}\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "x-z: {<<: ["
        + ", ".join(["*i"] * 50_000)
        + "]}\n"
    ),
    "an alias within its anchor": scenario("x-a: &a [*a]\n"),
    "100,000 brackets": scenario("x-a: " + "[" * 100_000),
    "100,000 closed brackets": scenario("x-a: " + "[" * 100_000 + "]" * 100_000 + "\n"),
    "100,000 braces": scenario("x-a: " + "{a: " * 100_000),
    "100,000 levels of lists": scenario("x-a:\n" + "- " * 100_000 + "x\n"),
    "100,000 question marks": scenario("x-a:\n  " + "? " * 100_000 + "x\n"),
    "200,000 directives": {"scene.yaml": "".join(f"%TAG !a{i}! b\n" for i in range(200_000))},
    "200,000 directives ended by carriage returns": {
        "scene.yaml": "".join(f"%TAG !a{i}! b\r" for i in range(200_000))
    },
    "200,000 directives ended by U+0085": {
        "scene.yaml": "".join(f"%TAG !a{i}! b\x85" for i in range(200_000))
    },
    "200,000 directives ended by U+2028": {
        "scene.yaml": "".join(f"%TAG !a{i}! b\u2028" for i in range(130_000))
    },
    "blanks in a text in quotes": scenario(f'message: "a{" " * 200_000}{{{{ nope }}}}"\n'),
    "blanks in a text in single quotes": scenario(f"message: 'a{' ' * 200_000}{{{{ nope }}}}'\n"),
    "blanks in a plain text": scenario(f"message: a{' ' * 200_000}b {{{{ nope }}}}\n"),
    "blanks in a line without a key": scenario(f"history:\n a{' ' * 200_000}b\nk: 'x' y\n"),
    "blanks in a file that is a list": {"scene.yaml": f"- a{' ' * 200_000}b\n- 'x' y\n"},
    "tabs in a text": scenario("message: 'a" + "\t" * 200_000 + "{{ nope }}'\n"),
    "empty lines in a text": scenario("message: 'a" + "\n" * 300_000 + " {{ nope }}'\n"),
    "trap after trap": scenario("history:\n" + "- user: *sighs* no\n" * 60_000),
    "anchors that nobody uses": scenario("x-a:\n" + "".join(f"- &a{i} x\n" for i in range(60_000))),
    "unknown keys": scenario("".join(f"histry{i}: a\n" for i in range(90_000))),
    "unknown speakers": scenario("history:\n" + "- usr: a\n" * 60_000),
    "unknown keys on one line": {
        "scene.yaml": "{m2her: scenario/v1, " + ", ".join(f"k{i}: 1" for i in range(60_000)) + "}\n"
    },
    "long texts that are almost alike": scenario(
        f"variables:\n  a: {{enum: [{folded_names(20_000)}], default: {folded_names(20_000)[1:]}b}}\n"  # noqa: E501
    ),
    "a large number": scenario(f"parameters: {{temperature: {'9' * 1_000_000}}}\n"),
    "a large fraction": scenario(f"parameters: {{temperature: 0.{'9' * 1_000_000}e5}}\n"),
    "a long key": scenario(f"{'k' * 1_000_000}: x\n"),
    "a file over the limit": {"scene.yaml": b"m2her: scenario/v1\nx-a: " + b"a" * 5_000_000},
    "no text at all": {"scene.yaml": bytes(range(256)) * 4000},
    "a line of 4 MB": scenario(f"message: '{'a' * 3_900_000}{{{{ nope }}}}'\n"),
}

REUSE: Final[dict[str, Files]] = {
    "files that extend each other in a long chain": chain(
        400, lambda i: f"extends: f{i}.yaml", "system: x"
    ),
    "diamonds on diamonds": {
        f"f{i}.yaml": "m2her: scenario/v1\n"
        + (f"extends: [f{i + 1}.yaml, f{i + 1}.yaml, f{i + 1}.yaml]\n" if i < 39 else "")
        + f"x-{i}: 1\nsystem: x\n"
        for i in range(40)
    },
    "one file, used by many, full of mistakes": {
        "scene.yaml": "m2her: scenario/v1\ncharacters:\n"
        + "".join(f"  c{i}: {{use: b.yaml}}\n" for i in range(5000)),
        "b.yaml": "m2her: character/v1\n" + "".join(f"nme{i}: x\n" for i in range(5000)),
    },
    "a large file, extended again and again": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\nextends:\n- b.yaml\n" + "- c.yaml\n" * 30_000,
        "b.yaml": "m2her: scenario/v1\nabstract: true\n"
        + "".join(f"x-{i}: a\n" for i in range(60_000)),
        "c.yaml": "m2her: scenario/v1\nabstract: true\nx-a: 1\n",
    },
    "lists that are appended to again and again": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\nextends:\n- b.yaml\n" + "- c.yaml\n" * 20_000,
        "b.yaml": "m2her: scenario/v1\nabstract: true\ninstructions:\n" + "- a\n" * 60_000,
        "c.yaml": "m2her: scenario/v1\nabstract: true\ninstructions+: [b]\n",
    },
    "a library's template whose macro calls itself": {
        "scene.yaml": "m2her: scenario/v1\ncharacters: {m: hi}\n",
        "m2her.toml": "[library]\ntemplates = 'own'\n",
        "own/en/system.j2": deep_macro("{{ m(1) }}"),
    },
    "a library's template that is not small": {
        "scene.yaml": "m2her: scenario/v1\ncharacters: {m: hi}\n",
        "m2her.toml": "[library]\ntemplates = 'own'\n",
        "own/en/system.j2": "{{ 'a' * 10**9 }}" * 1000,
    },
    "nested settings": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": "a = " + "[" * 100_000,
    },
    "a large integer in the settings": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": "[compile]\nbudget = " + "9" * 5000,
    },
}

PIECES: Final = "{% set x %}{% for i in range(9000) %}{{ 'ab'[0:1] }} {% endfor %}{% endset %}"
ATTACKS: Final[dict[str, Files]] = {
    "a filter of a block that fails": message(
        "{% filter replace('a', 'b', 'q') %}a{% endfilter %}"
    ),
    "a filter of a set that fails": message("{% set x | int('q', 'z') %}a{% endset %}"),
    "a sum that doubles its origins": scenario(
        "variables: {n: {type: integer, default: 0}}\nsystem: '{% set ns = namespace(n=vars.n) %}"
        "{% for i in range(60) %}{% set ns.n = ns.n + ns.n %}{% endfor %}{{ ns.n }}'\n"
    ),
    "many pieces split": message(PIECES + "{{ x.split() | length }}"),
    "many pieces as a separator": message(PIECES + "{{ range(9000) | join(x) | length }}"),
    "a trim of many characters": message("{{ ('a' * 1000000) | trim(('b' * 1000000) ~ 'a') }}"),
    "a thousand variants of a long history": scenario(
        f"variables: {{a: x}}\nmatrix: {{a: [{names(1000)}]}}\nhistory:\n" + "- user: a\n" * 60_000
    ),
    "a thousand variants of many variables": scenario(
        "variables:\n"
        + "".join(f"  v{i}: x\n" for i in range(50_000))
        + f"matrix: {{v0: [{names(1000)}]}}\n"
    ),
    "a thousand variants of a large cast": scenario(
        "speaker: c0\nvariables: {a: x}\n"
        f"matrix: {{a: [{names(1000)}]}}\ncharacters:\n"
        + "".join(f"  c{i}: x\n" for i in range(45_000))
    ),
    "a large enum and a large axis": scenario(
        f"variables: {{a: {{enum: [{names(60_000)}]}}}}\nmatrix: {{a: [{names(60_000)}]}}\n"
    ),
    "unknown axes": scenario(
        "variables: {a: x}\nmatrix:\n" + "".join(f"  b{i}: [x]\n" for i in range(40_000))
    ),
    "lines of nobody in particular": scenario(
        "characters: {" + ", ".join(f"c{i}: x" for i in range(300)) + "}\nspeaker: c0\nhistory: |\n"
        "  user: a\n" + "".join(f"  zq{i}x: foo\n" for i in range(150_000))
    ),
    "nobody knows which character": scenario(
        "speaker: c0\ncharacters:\n"
        + "".join(f"  c{i}: x\n" for i in range(30_000))
        + "history:\n"
        + "- ai: a\n" * 30_000
    ),
    "one mistake in a long history": scenario("bad: 1\nhistory:\n" + "- user: a\n" * 60_000),
    "many numbers that are none": scenario(
        "x-a:\n" + "".join(f"  k{i}: .inf\n" for i in range(60_000))
    ),
    "a path without an end": scenario("characters: {a: {use: " + "a/" * 200_000 + "b}}\n"),
    "blank lines in the settings": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": "\n" * 300_000 + "foo = 1\n",
    },
    "many unknown settings": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": "".join(f"k{i} = 1\n" for i in range(60_000)),
    },
    "dots in the settings": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": "a" + ".a" * 100_000 + " = 1\n",
    },
    "a folder of templates with a NUL": {
        "scene.yaml": "m2her: scenario/v1\nsystem: x\n",
        "m2her.toml": '[library]\ntemplates = "a\\u0000b"\n',
    },
    "a language without an end": scenario("language: en" + "-abcdefgh" * 60 + "\n"),
}

ALL: Final = TEMPLATES | CASTS | SOURCES | REUSE | ATTACKS


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits that the system enforces")
@pytest.mark.parametrize("files", ALL.values(), ids=ALL.keys())
def test_it_ends_within_limits(tmp_path: Path, files: Files) -> None:
    """Statuses other than 0 and 1 are a crash, a bug of ours, or a limit that was met."""
    done = compiled(tmp_path, files)
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode in (0, 1), said[:2000]
    assert "Traceback" not in said
    assert (b"error[M2H" in done.stderr) is (done.returncode == 1)
