"""Rules about who speaks in a line: labels in it, and thoughts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from ..scenario import Names
from .wording import excerpt, has_branches, removal, without_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..diagnostics import Sink
    from ..scenario import Entity, Text
    from .subject import Line, Subject

_USER_LABELS: Final = r"[Uu]ser|USER|用户|\{\{-?[ \t]*user[ \t]*-?\}\}|<(?:user|USER)>"
_CHAR_LABELS: Final = r"\{\{-?[ \t]*char[ \t]*-?\}\}|<(?:bot|char|BOT|CHAR)>"
# `: ` and not `::` or `:/`; `：` as a Chinese keyboard types it.
_SIGN: Final = r"[ \t]{0,4}(?::(?![:/])|：)"
_COLON: Final = rf"\*{{0,2}}{_SIGN}\*{{0,2}}[ \t]*"
_USER_SPEAKS: Final = re.compile(rf"^[ \t*]{{0,8}}({_USER_LABELS}){_COLON}", re.MULTILINE)
_THINKING: Final = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)
_NAME_LENGTH: Final = 60
# Who `you` is in a line of the model's; such a label counts from the second line on.
_YOU: Final = ("You", "你")


def speaks_for_user(subject: Subject, sink: Sink) -> None:
    """Report a line of the model's that goes on with what the user says."""
    names = [*_YOU, *_written_names(subject.scenario.persona)]
    below = re.compile(rf"\n[ \t*]{{0,8}}({_alternatives(names)}){_COLON}(?=[^\s])")
    for line in subject.lines:
        text = line.turn.text
        if (":" not in text.value and "：" not in text.value) or not line.by_model:
            continue
        if text.stretches is not None:
            continue  # a label in a script is a turn, or a misspelt one that is reported as such
        value = without_code(text.value)
        found = _USER_SPEAKS.search(value) or below.search(value)
        if found is not None:
            sink.add(
                c.SPEAKS_FOR_USER,
                "a line of the model's goes on with what the user says",
                text.span_of(*found.span(1)),
                help="end the line before it, and make the rest a turn of `user`",
                via=text.via,
            )


def labels_in_lines(subject: Subject, sink: Sink) -> None:
    """Report a line that begins with the name of who says it, which is sent beside the line."""
    names = _names_sent(subject)
    if names is Names.NEVER:
        return
    patterns: dict[str, re.Pattern[str] | None] = {}
    for line in subject.lines:
        speaker, text = line.turn.speaker, line.turn.text
        if ":" not in text.value and "：" not in text.value:
            continue
        if speaker not in patterns:
            patterns[speaker] = _own_label(subject, speaker, names)
        pattern = patterns[speaker]
        found = pattern.match(text.value) if pattern is not None else None
        if found is not None and not has_branches(text):
            _report_label(line, found, sink)


def _report_label(line: Line, found: re.Match[str], sink: Sink) -> None:
    text = line.turn.text
    sink.add(
        c.LABEL_IN_LINE,
        f"the line begins with its speaker's name, `{excerpt(found['label'])}`, and the name is "
        "sent beside it",
        text.span_of(*found.span("label")),
        help="leave it out, so that the model does not learn to write it",
        via=text.via,
        edits=removal(text, 0, found.end()),
        safe=True,
    )


def _names_sent(subject: Subject) -> Names:
    if subject.is_whole:
        return subject.variants[0].plan.names
    return subject.scenario.names or Names.ALWAYS


def _own_label(subject: Subject, speaker: str, names: Names) -> re.Pattern[str] | None:
    """Return what a line of a speaker's must not begin with; None where no name is sent."""
    scenario = subject.scenario
    match speaker:
        case "user":
            written, words = _written_names(scenario.persona), _USER_LABELS
        case "narrator":
            written, words = ["Narrator", "旁白"], ""
        case "ai":
            written, words = (["AI"] if names is Names.ALWAYS else []), _CHAR_LABELS
        case _:
            written = _written_names(scenario.characters.get(speaker))
            words = _CHAR_LABELS
            if written:
                written.append(speaker)
    if names is Names.GIVEN and not written:
        return None
    labels = "|".join(filter(None, (words, _alternatives(written))))
    if not labels:
        return None
    # `**Mara:** hello` and `**Mara**: hello`, but not the star of `Mara: *nods*`.
    bold = r"(?P<bold>\*{0,2})"
    ending = rf"(?:(?P=bold){_SIGN}|{_SIGN}(?P=bold))[ \t]*(?=\S)"
    return re.compile(rf"[ \t]{{0,8}}{bold}(?P<label>{labels}){ending}")


def _written_names(entity: Entity | None) -> list[str]:
    """Return how somebody is called, if that is a name as it stands."""
    text = entity.one("name") if entity is not None else None
    return [text.value.strip()] if text is not None and _is_plain_name(text) else []


def _is_plain_name(text: Text) -> bool:
    name = text.value.strip()
    return 0 < len(name) <= _NAME_LENGTH and "{" not in name and "\n" not in name


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in names)


def thinking_tags(subject: Subject, sink: Sink) -> None:
    """Report a line of the model's in which it thinks aloud in tags."""
    for line in subject.lines if "<" in subject.written else ():
        text = line.turn.text
        if not line.by_model or "<" not in text.value:
            continue
        found = _THINKING.search(without_code(text.value))
        if found is not None:
            sink.add(
                c.THINKING_TAG,
                f"`{found[0]}` is sent as a part of what is said",
                text.span_of(*found.span()),
                help="write what he thinks beside the line, where only he knows it: `thought: …`",
                via=text.via,
            )
