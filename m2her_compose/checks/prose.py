"""Rules about what does not belong into a text that is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit
from ..diagnostics import codes as c
from .wording import excerpt, removal, without_code, without_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Sink
    from ..scenario import Text
    from .subject import Subject

# Where a note to oneself stands, and not in a sentence about a TODO list: where a line, a sentence
# or a part of one begins, at the end of a line, before a colon, in brackets.
_BEGINS: Final = (
    r"(?:^[ \t]*(?:[-*•][ \t]+)?|[.!?;:,…][\"'”’)]?[ \t]+|[。！？；：，][ \t]*|[—–-][ \t]+)"
)
# Chinese is written without blanks, and its signs are letters to `\b`.
_END: Final = r"(?![A-Za-z0-9_])"
_NO_LIST: Final = (
    r"(?![- ]?(?:[Ll]ist|[Aa]pp|[Ii]tem|[Cc]omment|[Nn]ote|[Bb]oard|[Ff]ile|[Cc]olumn)s?\b)"
)
_NO_WORD: Final = r"(?![ \t]{0,9}(?:,|(?:and|or|is|are|was|were|means?|stands|by)\b))"
_TO_DO: Final = (
    r"(?:add|fill|write|fix|insert|describe|check|change|replace|complete|expand|rewrite|finish"
    r"|decide|more)"
)
_CHINESE_NOTE: Final = r"待(?:补充|填写|完善|定)"
_FIELDS: Final = (
    r"(?:姓名|名字|年龄|性别|身份|职业|外貌|外表|长相|性格|背景|经历|关系|爱好|口吻|语气|设定|细节"
    r"|描述|内容|剧情)"
)
_NOTE: Final = re.compile(
    rf"^[ \t]*(?:[-*•][ \t]+)?(TODO|FIXME|TBD){_END}{_NO_LIST}"
    rf"|{_BEGINS}(TODO|FIXME|TBD){_END}{_NO_LIST}{_NO_WORD}"
    r"|(?<![A-Za-z0-9_])(TODO|FIXME|TBD)(?=:|：|[ \t]*+[.。]?[ \t]*+$|[ \t]*+[\])>）】])"
    rf"|[\[(<（【](TODO|FIXME|TBD|XXX){_END}"
    rf"|{_BEGINS}(XXX)(?=:?[ \t]+{_TO_DO}\b)"
    r"|^[ \t]*+(XXX)[ \t]*+[.。]?[ \t]*+$"
    rf"|(?:^|[\s，。；！？、：:（(【\[])({_FIELDS}?(?:还|尚)?{_CHINESE_NOTE})(?=$|[\s，。；！？、）)】\]])",
    re.MULTILINE,
)
# In small letters; in Spanish and in Portuguese, one of them is a word.
_SMALL_NOTE: Final = re.compile(
    r"(?:^[ \t]*(?:[-*•][ \t]+)?|[.!?;,(…][ \t]*|[。！？；，（][ \t]*)([Tt]odo|[Ff]ixme|[Tt]bd)"
    r"(?=[ \t]?[:：])",
    re.MULTILINE,
)
_WHERE_TODO_IS_ALL: Final = ("es", "pt", "gl", "ast")
# In speech, where somebody may talk of such notes, only what is nothing else.
_BARE_NOTE: Final = re.compile(
    rf"\A\s*+(TODO|FIXME|TBD|XXX|{_CHINESE_NOTE})[ \t]*+[.。:：]?\s*+\Z"
    r"|[\[<【](TODO|FIXME|TBD|XXX)[\]>】:]"
    rf"|[（(【\[]({_FIELDS}?{_CHINESE_NOTE})[）)】\]]"
)
_LOREM: Final = re.compile(r"\blorem[ \n]ipsum\b", re.IGNORECASE)
_BLANK_TO_FILL: Final = re.compile(
    r"\[(?:insert|enter|fill in)[ \t][^\[\]\n]{1,80}\]"
    r"|\[your[ \t][^\[\]\n]{0,60}\bhere\]|\[(?:your|character|char|user)[ \t]name\]"
    r"|[\[【（(](?:在?此处|请在?此?处?)(?:填写|填入|输入|插入|补充|添加|待|加上|描述|换成|写(?![着了道明]))"
    r"[^\[\]【】（）()\n]{0,40}[\]】）)]"
    r"|[\[【（(](?:在?此处)[.…]{0,6}[\]】）)]"
    r"|(?<![^\s，。；！？：:])请?在?此处(?:填写|填入|补充|插入|添加)[^\s，。；！？、]{0,20}",
    re.IGNORECASE,
)
_OF_RAW_TEXTS: Final = re.compile(r"<(BOT|CHAR|USER|bot|char|user)>")
# What has such an end is an element of a markup, whatever it is for.
_END_TAG: Final = re.compile(r"</(BOT|CHAR|USER|bot|char|user)>")
_SINGLE_BRACES: Final = re.compile(r"(?<![{$])\{[ \t]?(char|user|bot)[ \t]?\}(?!\})", re.IGNORECASE)
# Of all that is looked for, one of these is a part: most files have none of them.
_SIGNS: Final = tuple(
    sign.encode()
    for sign in (
        *("todo", "fixme", "tbd", "xxx", "lorem", "[", "<"),
        *("待补", "待填", "待完", "待定", "此处", "（请", "(请", "【请"),
    )
)
_IN_BRACES: Final = re.compile(r"\{[ \t]?(?:char|user|bot)[ \t]?\}(?!\})", re.IGNORECASE)
# Of these the model is told what to fill in itself.
_FORMS: Final = ("/instructions", "/style", "/reply_format")
_NAMES: Final = {"bot": "char", "char": "char", "user": "user"}
_NAME_HELP: Final = {
    "char": "write what the character is called",
    "user": "write what the user is called, or leave `name` out",
}

_SLASHES: Final = re.compile(r"^[ \t]*(//[ \t][^\n]*\S)", re.MULTILINE)
_MACRO: Final = re.compile(r"\{\{([^{}\n]{1,200})(?:\}\}|(?=\{\{))")
_SPACED_NAME: Final = re.compile(r"[ \t]*(char|user)[ \t]*", re.IGNORECASE)
_BLANKS: Final = " \t\r\n"
_QUOTED: Final = ('"', "'", "|", ">")


# --- placeholders


def placeholders(subject: Subject, sink: Sink) -> None:
    """Report what was to be replaced before the text is sent."""
    if not _may_hold_placeholders(subject.written):
        return
    said = {id(line.turn.text) for line in subject.lines}
    language = subject.scenario.language
    primary = language.value.lower().partition("-")[0] if language is not None else ""
    small = primary not in _WHERE_TODO_IS_ALL
    for text in subject.texts:
        if sink.is_full(subject.source):
            return
        value = without_code(without_templates(text))
        for start, end in _placeholders(text, value, is_speech=id(text) in said, small=small):
            if sink.is_full(subject.source):
                return
            shown = text.value[start:end]
            sink.add(
                c.PLACEHOLDER,
                f"`{excerpt(shown)}` is a placeholder, and is sent as it stands",
                text.span_of(start, end),
                help="write what is to stand there",
                via=text.via,
            )
        _report_names(text, value, sink)


def _may_hold_placeholders(written: str) -> bool:
    # Of bytes, those of ASCII alone become small letters, and quickly.
    small = written.encode("utf-8", "surrogatepass").lower()
    return any(sign in small for sign in _SIGNS) or _IN_BRACES.search(written) is not None


def _placeholders(
    text: Text, value: str, *, is_speech: bool, small: bool
) -> Iterator[tuple[int, int]]:
    for found in (_BARE_NOTE if is_speech else _NOTE).finditer(value):
        yield found.span(found.lastindex or 0)
    if not is_speech and small:
        for found in _SMALL_NOTE.finditer(value):
            yield found.span(1)
    for found in _LOREM.finditer(value):
        yield found.span()
    if any(sign in value for sign in "[【（(此"):
        is_form = text.pointer.startswith(_FORMS)
        for found in () if is_form else _BLANK_TO_FILL.finditer(value):
            yield found.span()


def _report_names(text: Text, value: str, sink: Sink) -> None:
    """Report placeholders of names in a writing that is not replaced here."""
    for found in _SINGLE_BRACES.finditer(value) if "{" in value else ():
        if sink.is_full(text.node.source):
            return
        _report_name(
            text, found, _NAMES[found[1].lower()], "one pair of braces is no template", sink
        )
    if text.raw or text.literal or "<" not in value:
        return
    elements = {found[1] for found in _END_TAG.finditer(value)}
    for found in _OF_RAW_TEXTS.finditer(value):
        if sink.is_full(text.node.source):
            return
        if found[1] not in elements:
            right = _NAMES[found[1].lower()]
            _report_name(text, found, right, "it is replaced in raw texts alone", sink)


def _report_name(text: Text, found: re.Match[str], name: str, why: str, sink: Sink) -> None:
    right = f"{{{{{name}}}}}" if text.raw else f"{{{{ {name} }}}}"
    span = text.span_of(*found.span())
    is_cycle = _is_own_name(text, name)
    fits = text.node.style in _QUOTED and span.text == found[0] and not is_cycle
    sink.add(
        c.PLACEHOLDER,
        f"`{found[0]}` is sent as it stands: {why}",
        span,
        help=_NAME_HELP[name] if is_cycle else f"write `{right}`",
        via=text.via,
        edits=(Edit(span, right),) if fits else (),
        safe=True,
    )


def _is_own_name(text: Text, name: str) -> bool:
    """Tell whether a text is the name that it would have inserted into it."""
    path = text.pointer.split("/")[1:]
    return path[-1:] == ["name"] and path[0] == ("persona" if name == "user" else "characters")


# --- comments and macros


def comments(subject: Subject, sink: Sink) -> None:
    """Report what would be a comment elsewhere, and is sent here."""
    if "<!--" not in subject.written and "//" not in subject.written:
        return
    said = {id(line.turn.text) for line in subject.lines}
    for text in subject.texts:
        if "<!--" not in text.value and "//" not in text.value:
            continue
        value = without_code(without_templates(text))
        found = [*_markup_comments(value)]
        if id(text) not in said:
            found += [each.span(1) for each in _SLASHES.finditer(value)]
        for start, end in found:
            if sink.is_full(subject.source):
                return
            advice = "write it as a comment of YAML's, `#`, outside of the text"
            sink.add(
                c.COMMENT_SENT,
                "this comment is sent as a part of the text",
                text.span_of(start, end),
                help=advice if text.raw else f"{advice}, or as `{{# … #}}`",
                via=text.via,
            )


def _markup_comments(value: str) -> Iterator[tuple[int, int]]:
    at = value.find("<!--")
    while at >= 0:
        end = value.find("-->", at)
        end = len(value.rstrip()) if end < 0 else end + 3
        yield at, end
        at = value.find("<!--", end)


def foreign_macros(subject: Subject, sink: Sink) -> None:
    """Report `{{…}}` in a raw text, of which only the two names are replaced."""
    for text in subject.texts:
        if "{{" not in text.value or not text.raw:
            continue
        for found in _MACRO.finditer(without_code(text.value)):
            if sink.is_full(subject.source):
                return
            if found[1].lower() in ("char", "user") and found[0].endswith("}}"):
                continue
            _report_macro(text, found, sink)


def _report_macro(text: Text, found: re.Match[str], sink: Sink) -> None:
    name = _SPACED_NAME.fullmatch(found[1]) if found[0].endswith("}}") else None
    span = text.span_of(*found.span())
    if name is not None:
        right = f"{{{{{name[1]}}}}}"
        is_cycle = _is_own_name(text, name[1].lower())
        sink.add(
            c.FOREIGN_MACRO,
            f"`{found[0]}` is sent as it stands: in a raw text the name has no blanks around it",
            span,
            help=_NAME_HELP[name[1].lower()] if is_cycle else f"write `{right}`",
            via=text.via,
            edits=(Edit(span, right),) if span.text == found[0] and not is_cycle else (),
            safe=True,
        )
        return
    sink.add(
        c.FOREIGN_MACRO,
        f"`{excerpt(found[0])}` is sent as it stands: a raw text has `{{{{char}}}}` and "
        "`{{user}}` alone",
        span,
        help="write what is to stand there, or take `raw` away and use a template",
        via=text.via,
    )


# --- edges


def blank_edges(subject: Subject, sink: Sink) -> None:
    """Report texts that are sent with blanks around them."""
    for text in subject.texts:
        if len(text.value.strip(_BLANKS)) == len(text.value):
            continue
        if text.pointer.endswith("/name") or not text.value.strip():
            continue  # names are sent without them; what says nothing is reported as that
        start, end = _leading(text), _trailing(text)
        if start:
            _report_edge(text, 0, start, "begins", sink)
        if end < len(text.value):
            _report_edge(text, end, len(text.value), "ends", sink)


def _leading(text: Text) -> int:
    rest = text.value.lstrip(_BLANKS)
    by_template = not text.raw and rest.startswith(("{%", "{#", "{{-"))
    return 0 if by_template else len(text.value) - len(rest)


def _trailing(text: Text) -> int:
    """Return where the blanks begin that end a text; the newlines after them are not sent."""
    sent = text.value.rstrip("\n")
    kept = sent.rstrip(_BLANKS)
    by_template = not text.raw and kept.endswith(("%}", "#}", "-}}"))
    return len(text.value) if by_template or kept == sent else len(kept)


def _report_edge(text: Text, start: int, end: int, verb: str, sink: Sink) -> None:
    lines = text.value.count("\n", start, end) if verb == "begins" else 0
    span = text.span_of(start, end)
    if span.start == span.end:
        return  # nobody typed them: the file has a mistake here that is reported
    what = "an empty line" if lines == 1 else "empty lines" if lines else "blanks"
    sink.add(
        c.UNTRIMMED_TEXT,
        f"the text {verb} with {what}, which the model is sent",
        span,
        help="take them out" if what != "an empty line" else "take it out",
        via=text.via,
        edits=removal(text, start, end) if text.node.style in ("'", '"') else (),
        safe=True,
    )
