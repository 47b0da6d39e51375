"""Variables and the matrix: types, ids, labels, what is left out and added, and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from m2her_compose.api import given_node
from m2her_compose.scenario import Overrides

if TYPE_CHECKING:
    from tests.unit.scenario.conftest import Decode

BODY = "system: x\nmessage: x\n"


def given(**values: str) -> Overrides:
    return Overrides(variables={name: given_node("--set", text) for name, text in values.items()})


# --- declarations


def test_values_are_of_the_type_declared(decoded: Decode) -> None:
    found = decoded(
        BODY
        + """\
variables:
  a: {type: integer, default: 3}
  b: {type: number, default: 2.50}
  c: {type: number, default: 4}
  d: {type: boolean, default: false}
  e: {type: string, default: 1.50}
  f: No
  g: {default: x, enum: [x, y]}
"""
    )
    assert [
        {"a": 3, "b": 2.5, "c": 4, "d": False, "e": "1.50", "f": "No", "g": "x"}
    ] == found.values()
    assert [] == found.findings


@pytest.mark.parametrize(
    ("declared", "finding"),
    [
        (
            "{type: integer, default: 1.0}",
            "M2H311 5:29 `a` wants a whole number, and this is `1.0`",
        ),
        ('{type: integer, default: "1"}', "M2H311 5:29 `a` wants a whole number, and this is `1`"),
        (
            "{type: boolean, default: No}",
            "M2H311 5:29 `a` wants `true` or `false`, and this is `No`",
        ),
        ("{default: z, enum: [x, y]}", "M2H311 5:14 `a` cannot be `z`"),
        (
            "{type: integer, default: 1, enum: [1, x]}",
            "M2H311 5:42 `a` wants a whole number, and this is `x`",
        ),
        ("true", "M2H313 5:4 `a` is the text `true`, and every text counts as true in a template"),
        ("{type: string}", "M2H312 5:1 `a` has neither a value nor a default"),
    ],
    ids=["float", "quoted", "word", "enum", "enum-type", "text-boolean", "missing"],
)
def test_wrong_declarations(decoded: Decode, declared: str, finding: str) -> None:
    found = decoded(f"{BODY}variables:\n  a: {declared}\n")
    found.plans()
    code, place, message = finding.split(" ", 2)
    line, column = place.split(":")
    assert [f"{code} {line}:{int(column) + 2} {message}"] == found.findings


def test_a_required_variable_can_be_given(decoded: Decode) -> None:
    found = decoded(BODY + "variables: {a: {type: integer}}\n")
    assert [{"a": 7}] == found.values(given(a="7"))
    assert [] == found.findings


def test_booleans_and_numbers_are_not_mixed_up_in_an_enum(decoded: Decode) -> None:
    """1 is not true, although Python thinks so."""
    found = decoded(BODY + "variables: {a: {type: integer, default: 1, enum: [0, 2]}}\n")
    assert ["M2H311 4:41 `a` cannot be `1`"] == found.findings


# --- the matrix


MATRIX = (
    BODY
    + """\
id: tea
variables: {a: one, b: x, c: z}
matrix:
  b: {long: "a long text, with a comma", x: x}
  a: [one, "two words", "no, label", "x/y", 'a-text-of-more-than-24-letters']
"""
)


def test_ids_are_in_the_order_declared_with_labels(decoded: Decode) -> None:
    """A map's key; a value that is short and plain; else its position from 1."""
    assert decoded(MATRIX).ids() == [
        f"tea[b={b},a={a}]" for b in ("long", "x") for a in ("one", "two words", "3", "4", "5")
    ]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("a" * 24, "a" * 24),
        ("a" * 25, "1"),
        ("茶馆 x_y-z", "茶馆 x_y-z"),
        ('"a  b"', "1"),
        ('" a"', "1"),
        ('""', "1"),
        ("a.b", "1"),
        ('"a=b"', "1"),
        ('"a]"', "1"),
    ],
)
def test_labels_of_values(decoded: Decode, value: str, label: str) -> None:
    found = decoded(f"{BODY}id: t\nvariables: {{a: x}}\nmatrix: {{a: [{value}]}}\n")
    assert [f"t[a={label}]"] == found.ids()


def test_exclude_by_label_and_by_value(decoded: Decode) -> None:
    """Every combination that agrees with all of its keys goes."""
    found = decoded(
        MATRIX + '  exclude: [{b: long}, {b: x, a: one}, {a: "no, label"}, {a: x/y, b: x}]\n'
    )
    assert ["tea[b=x,a=two words]", "tea[b=x,a=5]"] == found.ids()
    assert [] == found.findings


def test_include_takes_defaults_for_what_it_does_not_name(decoded: Decode) -> None:
    found = decoded(
        BODY
        + """\
id: tea
variables: {a: one, b: x, c: z}
matrix:
  a: [one, two]
  include: [{a: drunk}, {a: two, c: other}, {b: y}, {a: one}]
"""
    )
    assert found.ids() == [
        "tea[a=one]",
        "tea[a=two]",
        "tea[a=drunk]",
        "tea[a=two,c=other]",
        "tea[a=one,b=y]",
    ]
    assert found.values()[2:] == [
        {"a": "drunk", "b": "x", "c": "z"},
        {"a": "two", "b": "x", "c": "other"},
        {"a": "one", "b": "y", "c": "z"},
    ]


def test_ids_of_variants_are_unique(decoded: Decode) -> None:
    """Even where two values would show the same label."""
    found = decoded(
        BODY
        + 'id: tea\nvariables: {a: x}\nmatrix:\n  a: ["no, label", "1", "2"]\n'
        + '  include: [{a: "other, too"}, {a: "4"}]\n'
    )
    ids = found.ids()
    assert found.sink.has_errors or (5, 5) == (len(ids), len(set(ids)))


def test_set_replaces_an_axis_under_its_label(decoded: Decode) -> None:
    assert ["tea[b=long,a=one]", "tea[b=x,a=one]"] == decoded(MATRIX).ids(given(a="one"))
    fixed = decoded(MATRIX).ids(given(a="new!", b="a long text, with a comma"))
    assert ["tea[b=long,a=1]"] == fixed


@pytest.mark.parametrize(
    ("matrix", "finding"),
    [
        ("{a: [x, y, x]}", "M2H314 5:20 the axis `a` has `x` twice"),
        ("{b: [x]}", "M2H310 5:10 no variable is called `b`"),
        ("{a: [x], exclude: [{a: x}]}", "M2H314 5:18 `exclude` leaves no variant"),
        ("{a: [x, y], exclude: [{a: z}]}", "M2H314 5:36 the axis `a` has no `z` to exclude"),
        ("{a: [x], exclude: [{c: z}]}", "M2H310 5:30 no variable is called `c`"),
        ("{a: [x], include: [{d: z}]}", "M2H310 5:30 no variable is called `d`"),
    ],
    ids=["twice", "undeclared", "nothing-left", "not-there", "no-axis", "include-unknown"],
)
def test_a_matrix_that_makes_no_sense(decoded: Decode, matrix: str, finding: str) -> None:
    found = decoded(f"{BODY}variables: {{a: x, c: z}}\nmatrix: {matrix}\n")
    found.plans()
    code, place, message = finding.split(" ", 2)
    assert [(code, message)] == [
        (each.code.id, each.message) for each in found.sink.sorted() if each.is_error
    ]
    assert place.split(":")[0] == str(found.sink.sorted()[0].span.line)


def test_two_labels_must_not_name_one_value(decoded: Decode) -> None:
    found = decoded(BODY + "variables: {a: x}\nmatrix: {a: {one: x, two: x}}\n")
    assert ["M2H314"] == [each.code.id for each in found.sink.sorted()]


def test_a_thousand_variants_are_made_and_no_more(decoded: Decode) -> None:
    def sized(a: int, b: int) -> str:
        values = ", ".join(f"v{i}" for i in range(a)), ", ".join(f"v{i}" for i in range(b))
        return (
            f"{BODY}variables: {{a: v0, b: v0}}\nmatrix: {{a: [{values[0]}], b: [{values[1]}]}}\n"
        )

    assert 1000 == len(decoded(sized(25, 40)).ids())
    found = decoded(sized(7, 143))
    assert [] == found.ids()
    assert ["M2H315"] == [each.code.id for each in found.sink.sorted()]
    assert "1,001 variants" in found.sink.sorted()[0].message


def test_variants_are_counted_before_any_is_made(decoded: Decode) -> None:
    """A million million of them, all excluded, end in a finding at once."""
    values = ", ".join(str(i) for i in range(100))
    names = "abcdef"
    found = decoded(
        BODY
        + f"variables: {{{', '.join(f'{name}: x' for name in names)}}}\n"
        + "matrix:\n"
        + "".join(f"  {name}: [{values}]\n" for name in names)
        + "  exclude: [{a: 1}]\n"
    )
    assert [] == found.ids()
    assert ["1,000,000,000,000 variants, and a scenario has at most 1,000"] == [
        each.message for each in found.sink.sorted()
    ]


def test_greetings_multiply(decoded: Decode) -> None:
    found = decoded(
        """\
        id: t
        variables: {a: x}
        matrix: {a: [x, y]}
        characters: {ann: {prompt: x, greetings: [Hi, Ho]}}
        greeting: all
        message: x
        """
    )
    assert ["t[a=x,greeting=0]", "t[a=x,greeting=1]", "t[a=y,greeting=0]", "t[a=y,greeting=1]"] == (
        found.ids()
    )
    chosen = Overrides(variants=(given_node("--variant", "a=y,greeting=1"),))
    assert ["t[a=y,greeting=1]"] == found.ids(chosen)
