"""What is said where a request has no example for it: a line for each kind of message.

Every line says that it is rehearsed: nobody should take it for what a model would say.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from ..frozen import frozen


class Script(Enum):
    """The language of the rule book's page, by the script of what was said."""

    ENGLISH = "en"
    CHINESE = "zh"


class Speech(Enum):
    """What somebody does by saying something."""

    QUESTION = "question"
    FAREWELL = "farewell"
    THANKS = "thanks"
    GREETING = "greeting"
    STATEMENT = "statement"


@frozen
class Page:
    """One language's rules. Signs are tried in their order; lines have a place for `{name}`."""

    signs: tuple[tuple[Speech, re.Pattern[str]], ...]
    lines: tuple[tuple[Speech, tuple[str, ...]], ...]
    nobody: str


_IDEOGRAPH: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")
_LETTER: Final = re.compile(r"[^\W\d_]")
# Signs are looked for at the two ends of what was said, which bounds the work.
_END: Final = 400

_ENGLISH: Final = Page(
    nobody="the character",
    signs=(
        (Speech.QUESTION, re.compile(r"\?[\s\"'”’)*]*\Z")),
        (
            Speech.FAREWELL,
            re.compile(r"\b(?:good-?bye|bye|farewell|good night|see you)\b", re.IGNORECASE),
        ),
        (Speech.THANKS, re.compile(r"\b(?:thanks|thank you|thx|grateful)\b", re.IGNORECASE)),
        (
            Speech.GREETING,
            re.compile(
                r"\A\W*(?:hello|hi|hey|greetings|welcome|good (?:morning|day|afternoon|evening))\b",
                re.IGNORECASE,
            ),
        ),
        (
            Speech.QUESTION,
            re.compile(
                r"\A\W*(?:who|what|when|where|why|how|which|can|could|do|does|is|are|will)\b",
                re.IGNORECASE,
            ),
        ),
    ),
    lines=(
        (
            Speech.QUESTION,
            (
                "(rehearsal) {name} has heard the question; no model is here to answer it.",
                "(rehearsal) {name} would answer this one; only a model knows how.",
                "(rehearsal) A question for {name}, and the answer is left open.",
            ),
        ),
        (
            Speech.FAREWELL,
            ("(rehearsal) {name} says goodbye.", "(rehearsal) Farewell from {name}, too."),
        ),
        (
            Speech.THANKS,
            ("(rehearsal) {name} says: you are welcome.", "(rehearsal) {name} takes the thanks."),
        ),
        (
            Speech.GREETING,
            ("(rehearsal) {name} says hello.", "(rehearsal) {name} greets you once more."),
        ),
        (
            Speech.STATEMENT,
            (
                "(rehearsal) {name} has heard that; what follows is for a model to say.",
                "(rehearsal) {name} listens, and has no line for this.",
                "(rehearsal) {name} takes note of it and waits for the next line.",
            ),
        ),
    ),
)
_CHINESE: Final = Page(
    nobody="角色",
    signs=(
        (Speech.QUESTION, re.compile(r"(?:[?？]|[吗呢]。?)[\s”’）*]*\Z")),
        (Speech.FAREWELL, re.compile(r"再见|再會|再会|拜拜|告辞|告辭|晚安|后会有期|後會有期")),
        (Speech.THANKS, re.compile(r"谢谢|謝謝|多谢|多謝|感谢|感謝")),
        (
            Speech.GREETING,
            re.compile(r"\A\W*(?:你好|您好|大家好|嗨|哈喽|早安|早上好|下午好|晚上好)"),
        ),
        (Speech.QUESTION, re.compile(r"什么|什麼|怎么|怎麼|为什么|為什麼|哪里|哪裡|谁|誰|如何")),
    ),
    lines=(
        (
            Speech.QUESTION,
            (
                "（排练）{name}听到了这个问题，这里没有模型来回答。",
                "（排练）这一句要由{name}来答，答案得问模型。",
                "（排练）问题留给{name}，答案先空着。",
            ),
        ),
        (Speech.FAREWELL, ("（排练）{name}向你告别。", "（排练）{name}也说再见。")),
        (Speech.THANKS, ("（排练）{name}说：不客气。", "（排练）{name}收下了谢意。")),
        (Speech.GREETING, ("（排练）{name}向你问好。", "（排练）{name}再次问好。")),
        (
            Speech.STATEMENT,
            (
                "（排练）{name}听到了，接下来的话要由模型来说。",
                "（排练）{name}在听，这里没有准备台词。",
                "（排练）{name}记下了，等你的下一句。",
            ),
        ),
    ),
)
_AT_START: Final = "(rehearsal) {name}"
_PAGES: Final = {Script.ENGLISH: _ENGLISH, Script.CHINESE: _CHINESE}


def script_of(text: str) -> Script:
    """Return Chinese where at least half of a text's letters are ideographs."""
    start = text[:_END]
    ideographs = len(_IDEOGRAPH.findall(start))
    is_chinese = ideographs > 0 and 2 * ideographs >= len(_LETTER.findall(start))
    return Script.CHINESE if is_chinese else Script.ENGLISH


def speech_of(text: str) -> Speech:
    """Return what a text does, as far as the rules tell; a statement where none fits."""
    ends = text if len(text) <= 2 * _END else f"{text[:_END]} {text[-_END:]}"
    signs = _PAGES[script_of(text)].signs
    return next((speech for speech, sign in signs if sign.search(ends)), Speech.STATEMENT)


def line_for(text: str, *, name: str | None, turn: int) -> str:
    """Return the rule book's answer to a text, in the name of a character.

    `turn` chooses among a kind's lines, so that a conversation does not go round in one.
    """
    page = _PAGES[script_of(text)]
    lines = dict(page.lines)[speech_of(text)]
    line = lines[turn % len(lines)]
    if name is None and line.startswith(_AT_START):
        return line.replace("{name}", page.nobody.capitalize())
    return line.replace("{name}", name or page.nobody)
