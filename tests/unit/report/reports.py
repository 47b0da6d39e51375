"""Reports to write: one that shows each form, the corpus's, and hostile ones made at random."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler
from m2her_compose.diagnostics import (
    Code,
    Diagnostic,
    Edit,
    Related,
    Severity,
    Source,
    Span,
    codes,
)
from m2her_compose.report import Report

CORPUS: Final = Path(__file__).resolve().parents[2] / "corpus"
GOLDEN: Final = CORPUS / "report"


def finding(
    source: Source,
    marked: str | tuple[int, int],
    message: str = "this is wrong",
    *,
    code: Code = codes.UNKNOWN_KEY,
    severity: Severity | None = None,
    help: str | None = None,
    related: tuple[Related, ...] = (),
    edits: tuple[Edit, ...] = (),
    safe: bool = False,
) -> Diagnostic:
    """Return a finding about a text that stands in the source once, or about given offsets."""
    return Diagnostic(
        code=code,
        severity=severity or code.severity,
        message=message,
        span=span_of(source, marked) if isinstance(marked, str) else Span(source, *marked),
        help=help,
        related=related,
        edits=edits,
        safe=safe,
    )


def span_of(source: Source, marked: str) -> Span:
    start = source.text.index(marked)
    return Span(source, start, start + len(marked))


def report_of(*diagnostics: Diagnostic, paths: tuple[str, ...] = ()) -> Report:
    return Report(diagnostics=diagnostics, paths=paths)


# --- one of everything

_GATE: Final = Source(
    path="scenes/the north gate: 1.yaml",
    text=(
        "m2her: scenario/v1\n"
        "charcters:\n"
        "  wei: {name: 卫兵, description: 守着北门。}\n"
        "group: |\n"
        "  大雪。\n"
        "  城门已经关了。\n"
        "message: 开门！\n"
        'style: "" # m2her: ignore[M2H702]\n'
    ),
)
_BASE: Final = Source(path="bases/fort.yaml", text="m2her: scenario/v1\nuse: ../people/wei.yaml\n")
_VARIABLE: Final = Source(path="M2HER_CHECK_FAIL_ON", text="sometimes")
_STDIN: Final = Source(path="<stdin>", text="m2her: scenario/v1\r\nsystem: Wait.\r\n")
_FORGED: Final = Source(path="scenes/北门\n::error::x.yaml", text="id: a]]>\nid: b\n")
_KEY: Final = span_of(_GATE, "charcters")
_COMMENT: Final = span_of(_GATE, " # m2her: ignore[M2H702]")

SAMPLE: Final = Report(
    diagnostics=(
        finding(
            _STDIN,
            "system",
            "a scenario shows the model no example",
            code=codes.NO_EXAMPLES,
            help="add one or two exchanges under `examples`",
        ),
        finding(
            _VARIABLE,
            "sometimes",
            "`M2HER_CHECK_FAIL_ON` wants `error`, `warning` or `note`",
            code=codes.SETTINGS_VALUE,
        ),
        finding(
            _FORGED,
            "id: a]]>",
            "`\x1b[31m\u202e]]>` is 100% no id,\n::error::so there & <b>: [see](https://a.example)",
            code=codes.BAD_IDENTIFIER,
            help="use letters\nor digits",
        ),
        finding(
            _GATE,
            "charcters",
            "unknown key `charcters`",
            help="did you mean `characters`?",
            edits=(Edit(_KEY, "characters"),),
        ),
        finding(
            _GATE,
            "  大雪。\n  城门已经关了。\n",
            "the texts are in another language than `language` says",
            code=codes.WRONG_LANGUAGE,
            related=(Related(span_of(_BASE, "../people/wei.yaml"), "reached from here"),),
        ),
        finding(
            _GATE,
            " # m2her: ignore[M2H702]",
            "the comment silences nothing",
            code=codes.UNUSED_IGNORE,
            severity=Severity.NOTE,
            help="take it out",
            edits=(Edit(_COMMENT, ""),),
            safe=True,
        ),
    ),
    paths=("<stdin>", _FORGED.path, _GATE.path, "scenes/south gate.yaml"),
)


@cache
def corpus_report() -> Report:
    """Return what a check finds in all inputs of `tests/corpus/err`, as one library."""
    compiler = Compiler(base=CORPUS)
    return Checker(compiler=compiler).check(compiler.find(CORPUS / "err"))


# --- hostile ones

_FRAGMENTS: Final = (
    "::error file=a.yaml,line=1::no\n",
    "\r\n::stop-commands::x",
    "##[error]",
    "%0A%25%3A",
    "]]>",
    "<!--&amp;\"'",
    "[text](https://a.example)",
    "[[ATTACHMENT|/etc/hosts]]",
    "{0} {{ char }}",
    "\x00\x1b[2J\x85\u2028\u202e\u200b",
    "\ud800",
    "\udcff",
    "\ufffe\uffff",
    "x" * 600,
    "茶馆",
    "👩‍🚀",
    " ",
    "\n",
    "\t",
)
_CHARACTERS: Final = st.characters(categories=["L", "M", "N", "P", "S", "Z", "C"])
TEXTS: Final = st.lists(
    st.one_of(st.sampled_from(_FRAGMENTS), st.text(_CHARACTERS, max_size=6)), max_size=4
).map("".join)
SAID: Final = TEXTS.map(lambda text: f"a{text}")
PATHS: Final = st.one_of(
    st.sampled_from(
        (
            "a.yaml",
            "/a b/茶.yaml",
            "C:/a.yaml",
            "<stdin>",
            "--set",
            "M2HER_RUN_REGION",
            "a:b,c%.yml",
        )
    ),
    TEXTS.map(lambda text: f"{text.replace(chr(0), '')}/a.yaml"),
)
_OFFSETS: Final = st.integers(-2, 700)


def _spans(sources: list[Source]) -> st.SearchStrategy[Span]:
    return st.builds(Span, st.sampled_from(sources), _OFFSETS, _OFFSETS)


def _findings(sources: list[Source]) -> st.SearchStrategy[Diagnostic]:
    return st.builds(
        Diagnostic,
        code=st.sampled_from(codes.ALL),
        severity=st.sampled_from(Severity),
        message=SAID,
        span=_spans(sources),
        help=st.none() | TEXTS,
        related=st.lists(st.builds(Related, _spans(sources), SAID), max_size=2).map(tuple),
        edits=st.lists(st.builds(Edit, _spans(sources), TEXTS), max_size=2).map(tuple),
        safe=st.booleans(),
    )


_SOURCES: Final = st.lists(
    st.builds(lambda path, text: Source(path=path, text=text), PATHS, TEXTS),
    min_size=1,
    max_size=3,
)
REPORTS: Final = _SOURCES.flatmap(
    lambda sources: st.builds(
        Report,
        diagnostics=st.lists(_findings(sources), max_size=4).map(tuple),
        paths=st.lists(st.sampled_from([each.path for each in sources]), unique=True).map(tuple),
    )
)
