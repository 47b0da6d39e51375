"""Templates mean what they mean to Jinja2: the same text comes out of both.

Where the format differs on purpose (nothing prints nothing, truth values print as YAML writes
them, lists are joined by commas), the templates here print a text instead.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.diagnostics import Source, Span
from m2her_compose.ir import Origin
from m2her_compose.render.evaluate import Evaluation, Written
from m2her_compose.render.fault import Fault, Meter
from m2her_compose.render.syntax import program_of

NAMES: Final[dict[str, Any]] = {
    "name": "Mara",
    "long": "The quick  brown fox\njumps-over (the) lazy dog ",
    "empty": "",
    "zh": "三顾茅庐 ABC",
    "n": 7,
    "zero": 0,
    "f": 2.5,
    "words": ["pear", "Apple", "fig", "apple", ""],
    "numbers": [3, 1, 2, 3],
    "pairs": [["a", 1], ["b", 2]],
    "table": {"x": "ex", "y": "why"},
}


def ours(template: str) -> str:
    source = Source(path="t.j2", text=template)

    def origin(start: int, end: int) -> Origin:
        return Origin(pointer="", span=Span(source, start, end))

    scope = {name: partial(lambda value: value, value) for name, value in NAMES.items()}
    meter = Meter()
    program = program_of(template, meter)
    pieces = Evaluation(scope, meter, Written(origin)).run(program.code)
    return "".join(piece.text for piece in pieces)


def theirs(template: str) -> str:
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the texts are no HTML
        undefined=jinja2.StrictUndefined,
    )
    return environment.from_string(template).render(NAMES)


TEXTS: Final = ["name", "long", "empty", "zh", "'a-b c'", '"x\\ny"', "'Ünï'", "'<b>'", "words[1]"]
NUMBERS: Final = ["n", "zero", "f", "3", "10", "-2", "1.5", "numbers[0]", "numbers|length"]
LISTS: Final = ["words", "numbers", "['b', 'a']", "[]", "range(4)|list", "name|list", "(1, 2)"]
TEXT_FILTERS: Final = [
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "trim('M ')",
    "replace('a', 'bb')",
    "replace('a', '', 1)",
    "indent",
    "indent(2)",
    "indent(3, true)",
    "indent(2, true, true)",
    "indent('> ')",
    "indent(width=1)",
    "center(12)",
    "truncate(9)",
    "truncate(9, true)",
    "truncate(9, false, '…')",
    "truncate(9, true, '', 0)",
    "reverse",
    "string",
    "default('d')",
    "default('d', true)",
    "d('e', true)",
    "list|join('.')",
    "first|default('-')",
    "last|default('-')",
    "wordcount|string",
    "length|string",
    "list|unique|join",
    "replace('', '_')",
]
LIST_FILTERS: Final = [
    "join",
    "join('; ')",
    "sort|join(',')",
    "sort(reverse=true)|join(',')",
    "reverse|join",
    "unique|join(',')",
    "map('string')|map('upper')|join(' ')",
    "first|default('-')",
    "last|default('-')|string",
    "length|string",
    "select|join(',')",
    "reject|join(',')",
    "map('string')|map('replace', 'a', 'o')|join",
    "list|join('/')",
    "map('string')|select('in', ['pear', '3'])|join",
    "map('string')|sort|first|default('-')",
    "map('string')|map('length')|sum|string",
]
NUMBER_FILTERS: Final = ["abs", "int", "float", "round", "round(1)", "round(1, 'floor')", "string"]
TESTS: Final = [
    "is defined",
    "is string",
    "is number",
    "is none",
    "is sequence",
    "is iterable",
    "is mapping",
    "is not none",
    "is integer",
    "is float",
    "is boolean",
    "is true",
    "is lower",
    "is upper",
    "is undefined",
]

spaces = st.sampled_from(["", " ", "  ", "\n", "\n  ", " \n", "\n\n", "\t"])
prose = st.sampled_from(
    [
        "a",
        "Hello, ",
        "{ x }",
        "100%",
        "#",
        "# not a comment",
        "%}",
        "}}",
        "'",
        "“quoted”",
        "雪",
        "😀 ",
    ]
)
dashes = st.sampled_from(["", "", "", "-", "+"])


def text_expressions(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    # A filter's name takes the dots behind it: `x|string.upper()` is no call of a method.
    base = st.sampled_from([*TEXTS, *(f"({each})" if "|" in each else each for each in names)])
    number = number_expressions()
    filtered = st.builds("({})|{}".format, base, st.sampled_from(TEXT_FILTERS))
    listed = st.builds("{}|{}".format, st.sampled_from(LISTS), st.sampled_from(LIST_FILTERS))
    numeric = st.builds("({})|{}|string".format, number, st.sampled_from(NUMBER_FILTERS))
    joined = st.builds("({} ~ {})".format, base, st.one_of(base, st.builds("({})".format, number)))
    added = st.builds("({} + {})".format, base, base)
    repeated = st.builds("({} * {})".format, base, st.sampled_from(["0", "2", "-1", "3"]))
    ends = st.sampled_from(["", "0", "1", "2", "-1", "-3", "9"])
    sliced = st.builds("{}[{}:{}]".format, base, ends, ends)
    stepped = st.builds("{}[::{}]".format, base, st.sampled_from(["-1", "2", "-2"]))
    methods = st.builds(
        "{}.{}".format,
        base,
        st.sampled_from(
            [
                "upper()",
                "strip()",
                "strip('M')",
                "title()",
                "replace('a', 'b')",
                "capitalize()",
                "split()|join('+')",
                "split('a')|join('|')",
                "split(' ', 1)|join('|')",
                "lower()",
            ]
        ),
    )
    fields = st.sampled_from(["table.x", "table['y']", "pairs[0][0]", "table|items|first|first"])
    chosen = st.builds("({} if {} else {})".format, base, conditions(), base)
    either = st.builds("({} or {})".format, base, st.just("'or'"))
    return st.one_of(
        base,
        filtered,
        listed,
        numeric,
        joined,
        added,
        repeated,
        sliced,
        stepped,
        methods,
        fields,
        chosen,
        either,
        st.builds("({})|{}".format, filtered, st.sampled_from(TEXT_FILTERS)),
    )


def number_expressions() -> st.SearchStrategy[str]:
    base = st.sampled_from(NUMBERS)
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**"])
    once = st.builds("({} {} {})".format, base, operators, base)
    return st.one_of(base, once, st.builds("{} {} {}".format, once, operators, base))


def conditions() -> st.SearchStrategy[str]:
    text, number = st.sampled_from(TEXTS), st.sampled_from(NUMBERS)
    compared = st.builds(
        "{} {} {}".format, text, st.sampled_from(["==", "!=", "<", ">=", "in", "not in"]), text
    )
    numeric = st.builds(
        "{} {} {}".format, number, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), number
    )
    chained = st.builds("1 < {} < 5".format, number)
    tested = st.builds(
        "{} {}".format,
        st.sampled_from([*TEXTS, *NUMBERS, *LISTS, "none", "true"]),
        st.sampled_from(TESTS),
    )
    whole = st.builds(
        "{} is {}".format,
        st.sampled_from(["n", "zero", "3", "10"]),
        st.sampled_from(["odd", "even", "divisibleby 5", "divisibleby(2)", "eq(7)", "gt 3"]),
    )
    listed = st.builds(
        "{} in {}".format, st.sampled_from(["1", "'a'", "name", "'fig'"]), st.sampled_from(LISTS)
    )
    held = st.sampled_from(["'x' in table", "'q' in table", "words", "[]", "empty", "table"])
    one = st.one_of(compared, numeric, chained, tested, whole, listed, held, text, number)
    return st.one_of(
        one,
        st.builds("not {}".format, one),
        st.builds("({} and {})".format, one, one),
        st.builds("({} or {})".format, one, one),
    )


@st.composite
def bodies(  # noqa: C901, PLR0912, PLR0915 - one case a construct
    draw: st.DrawFn, depth: int = 2, names: tuple[str, ...] = ()
) -> str:
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        parts.append(draw(spaces))
        kinds = ["text", "text", "print", "print", "comment", "raw"]
        if depth:
            kinds += ["if", "for", "for", "set", "block", "with", "macro", "filter", "pairs"]
        kind = draw(st.sampled_from(kinds))
        a, b, c, d = (draw(dashes) for _ in range(4))
        minus = "-" if b == "-" else ""
        body = partial(draw, bodies(depth=depth - 1, names=names)) if depth else None
        match kind:
            case "text":
                parts.append(draw(prose))
            case "print":
                open_ = "-" if a == "-" else ""
                parts.append(f"{{{{{open_} {draw(text_expressions(names))} {minus}}}}}")
            case "comment":
                parts.append(f"{{#{a} {draw(prose)} {minus}#}}")
            case "raw":
                parts.append(
                    f"{{%{a} raw {minus}%}}{draw(prose)}{{{{ x }}}}{{%{c} endraw {minus}%}}"
                )
            case _ if body is None:
                pass
            case "if":
                parts.append(f"{{%{a} if {draw(conditions())} {b}%}}{body()}")
                if draw(st.booleans()):
                    parts.append(f"{{%{c} elif {draw(conditions())} {d}%}}{body()}")
                if draw(st.booleans()):
                    parts.append(f"{{%{c} else {d}%}}{body()}")
                parts.append(f"{{%{d} endif {minus}%}}")
            case "for":
                inner = (
                    *names,
                    "item|string",
                    "loop.index|string",
                    "loop.revindex0|string",
                    "loop.cycle('o', 'e')",
                    "loop.length|string",
                    "(loop.first ~ '')|length|string",
                )
                test = draw(st.sampled_from(["", "", " if item", " if item != 'fig'"]))
                parts.append(
                    f"{{%{a} for item in {draw(st.sampled_from(LISTS))}{test} {b}%}}"
                    f"{draw(bodies(depth=depth - 1, names=inner))}"
                )
                if draw(st.booleans()):
                    parts.append(f"{{%{c} else {d}%}}{body()}")
                parts.append(f"{{%{d} endfor {minus}%}}")
            case "pairs":
                what = draw(st.sampled_from(["pairs", "table.items()", "table|items"]))
                parts.append(
                    f"{{%{a} for k, v in {what} {b}%}}"
                    f"{draw(bodies(depth=depth - 1, names=(*names, 'k', 'v|string')))}"
                    f"{{%{c} endfor {minus}%}}"
                )
            case "set":
                parts.append(f"{{%{a} set own = {draw(text_expressions(names))} {b}%}}")
                parts.append("{{ own }}")
            case "block":
                piped = draw(st.sampled_from(["", " | upper", " | trim | title"]))
                parts.append(f"{{%{a} set own{piped} {b}%}}{body()}{{%{c} endset {minus}%}}")
                parts.append("{{ own }}")
            case "with":
                inner = (*names, "w")
                parts.append(
                    f"{{%{a} with w = {draw(text_expressions(names))} {b}%}}"
                    f"{draw(bodies(depth=depth - 1, names=inner))}{{%{c} endwith {minus}%}}"
                )
            case "macro":
                parts.append(
                    f"{{%{a} macro m(p, q='Q') {b}%}}"
                    f"{draw(bodies(depth=depth - 1, names=('p', 'q')))}{{%{c} endmacro {minus}%}}"
                )
                parts.append(draw(st.sampled_from(["{{ m('1') }}", "{{ m(name, q='2') }}"])))
            case "filter":
                parts.append(f"{{%{a} filter upper {b}%}}{body()}{{%{c} endfilter {minus}%}}")
            case _:
                raise AssertionError(kind)
    parts.append(draw(spaces))
    return "".join(parts)


def outcome(render: Any, template: str, refusals: tuple[type[Exception], ...]) -> str | None:
    try:
        text: str = render(template)
    except refusals:
        return None
    return text


REFUSALS: Final = (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError)


@settings(max_examples=150, deadline=None)
@given(bodies())
def test_the_same_text(template: str) -> None:
    """Where both render, they render the same; and what one refuses, the other does."""
    expected = outcome(theirs, template, REFUSALS)
    actual = outcome(ours, template, (Fault,))
    assert expected == actual


EXPRESSIONS: Final = [
    "2 ** 3 ** 2",
    "-2 ** 2",
    "7 // 2 * 2",
    "7 % 3 - 1",
    "1 / 4",
    "'%d' ~ 1",
    "1 ~ 2 ~ 'x'",
    "'a' 'b'",
    "[1, 2][1]",
    "(1, 2)[-1]",
    "{'a': 1}.a",
    "{'a': 1}['a']",
    "words|first",
    "'abc'|replace('b', 'x')|upper",
    "'a,b'.split(',')|last",
    "1.0",
    "1e3",
    "1_000",
    "0x1f",
    "0b11",
    "10 / 5",
    "2.50",
    "3 // 2.0",
    "5 % -3",
    "-5 // 3",
    "1e100",
    "1.1 + 2.2",
    "'\\u96ea'",
    "'\\x41'",
    "'a\\\nb'",
    "words[1:3]|join(',')",
    "numbers[::-1]|join",
    "(words|length) * 2",
    "'x' if 0",
    "'x' if n else 'y'",
    "n if n > 5 and name else zero",
    "not n and 'a' or 'b'",
    "3 is divisibleby 3 and 'yes'",
    "(n|string)[0]",
    "name.upper()[1:]",
    "'a'.startswith('a') and 'q'",
    "'abc'|truncate(2, true, '', 0)",
    "'foo bar baz qux'|truncate(11)",
    "'foo bar baz qux'|truncate(11, leeway=5)",
    "'foo bar'|title",
    "\"it's o'clock\"|title",
    "'hello-world (x)'|title",
    "'ß'|upper",
    "'ŉ'|capitalize",
    "42.55|round",
    "42.55|round(1, 'floor')",
    "'3.7'|int",
    "'x'|int(5)",
    "'0x1A'|int(base=16)",
    "'1e3'|int",
    "'1e3'|float",
    "3.99|int",
    "words|map('upper')|join('-')",
    "words|join(d='/')",
    "pairs|map('first')|join",
    "pairs|map(attribute=0)|join",
    "pairs|sum(attribute=1)",
    "numbers|sum(start=10)",
    "numbers|max",
    "words|min",
    "['b', 'A', 'c']|sort|join",
    "['b', 'A', 'c']|sort(case_sensitive=true)|join",
    "['b', 'B', 'a']|unique|join",
    "['b', 'B']|unique(true)|join",
    "table|length",
    "table|join(',')",
    "table|list|join",
    "table.values()|join",
    "table.keys()|join",
    "table.items()|list|length",
    "'a\\nb'|indent(width='>>', first=true)",
    "'a\\n\\nb'|indent(2)",
    "''|indent(2, true)",
    "'x'|center(5)",
    "'one two'|wordcount",
    "0|default('x', true)",
    "'  x '|trim ~ '.'",
    "'xxax'|trim('x')",
    "[3, 1]|sort(attribute=none)|join",
    "n is eq 7 and 1",
    "'b' > 'a' and 'yes'",
    "1 == 1.0 and 'yes'",
    "true and 'yes'",
    "[[1, 2], [3]]|map('length')|join",
    "[1, 2, 3]|select('odd')|join",
    "[1, 2, 3]|reject('gt', 1)|join",
    "range(1, 10, 3)|join",
    "range(3)|last",
    "(range(5)|list)[2]",
    "'x' * n",
    "n * 'x'",
    "[1] + [2] == [1, 2] and 'yes'",
    "'abc'[1]",
    "'abc'[-1]",
    "'{0}'",
    "'%'",
    '"a\'b"',
    "'a' in ['a'] and 'yes'",
    "1 in [true] and 'yes'",
    "words.0",
    "pairs.1.0",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_same_value(expression: str) -> None:
    template = f"[{{{{ {expression} }}}}]"
    assert outcome(theirs, template, REFUSALS) == outcome(ours, template, (Fault,))


LAYOUTS: Final = [
    "a\n{% if 1 %}\nb\n{% endif %}\nc\n",
    "a\n  {% if 1 %}  \nb\n  {% endif %}\nc",
    "a {% if 1 %} b {% endif %} c",
    "a\n  {%+ if 1 %}\nb{% endif %}",
    "a\n  {%- if 1 -%}\n b {%- endif -%}\n c",
    "a {{- name -}} b",
    "a\n{{ name }}\nb",
    "a\n  {# x #}\nb",
    "a\n  {#- x -#}\nb",
    "a\n\t{% if 1 %}b{% endif %}",
    "{% raw %}\n{{ x }}\n{% endraw %}\nb",
    "{% raw -%}\n {{ x }} {%- endraw %} b",
    "{% if 1 +%}\nx\n{% endif +%}\ny",
    "{% for i in [1, 2] %}\n{{ i }}\n{% endfor %}\n",
    "{% for i in [1,2] -%}\n  {{ i }}\n{%- endfor %}\n",
    "{% set x %}\n a\n{% endset %}\n[{{ x }}]",
    "{% macro m(a, b=a) %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}",
    "{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=1) %}{% for i in [1, 2] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",  # noqa: E501
    "{% if 1 %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% with x = 1, y = 2 %}{{ x }}{{ y }}{% endwith %}",
    "{% with %}{% set q = 1 %}{% endwith %}x",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}",
    "{% for x in [] %}a{% else %}b{% endfor %}",
    "{% for x in [1] if x > 1 %}a{% else %}b{% endfor %}",
    "{% for x in [1, 2, 3] if x != 2 %}{{ loop.index }}/{{ loop.length }}{% endfor %}",
    "{% for x in [1] %}{% for y in [1, 2] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",  # noqa: E501
    "{% macro m() %}{{ n }}{% endmacro %}{% set n = 9 %}{{ m() }}",
    "{% macro m(x) %}{{ x if x is defined else '-' }}{% endmacro %}{{ m() }}{{ m(1) }}",
    "{% filter upper %}a{% filter replace('A', 'b') %}a{% endfilter %}{% endfilter %}",
    "{% filter upper|replace('A', 'z') %}a{% endfilter %}",
    "x\n\n",
    "x\n{% if 1 %}{% endif %}\n",
    "\r\n{% if 1 %}\r\nx\r\n{% endif %}\r\ny",
    "{%- for x in [1, 2] %}\n{{ x }}{{ ',' if not loop.last }}\n{%- endfor %}",
    "{{ '{{' }}{{ '}}' }}",
    "{{ '{%' }}",
    "{% set x = namespace() %}{% set x.y = 1 %}{{ x.y }}",
    "{% for c in 'abc' %}{{ c }}{{ loop.last and '.' or ',' }}{% endfor %}",
    "{% set loop = 1 %}{{ loop }}",
]


@pytest.mark.parametrize("template", LAYOUTS, ids=ascii)
def test_the_same_layout(template: str) -> None:
    assert outcome(theirs, template, REFUSALS) == outcome(ours, template, (Fault,))
