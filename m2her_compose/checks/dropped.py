"""Rules about what an author wrote and no message tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnostics import Related
from ..diagnostics import codes as c
from ..ir import Role
from ..schema import Kind
from .places import own_key, own_place
from .references import all_texts
from .wording import COVER, has_branches, listed, without_templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..diagnostics import Sink
    from ..scenario import Entity, Text
    from .subject import Subject

_MANNER: Final = ("instructions", "style", "reply_format")
# What the model is told of the character that it plays, but for the name: that is sent anyway.
_PORTRAIT: Final = (
    "description",
    "appearance",
    "personality",
    "background",
    "relationships",
    "speech",
    "knowledge",
    "goals",
    "secrets",
    "boundaries",
)
# What others see of him: it has its use beside a `prompt`, which is for his own view.
_VISIBLE: Final = frozenset({"description", "appearance"})


# --- instructions


def dropped_instructions(subject: Subject, sink: Sink) -> None:
    """Report instructions, `style` and `reply_format` that no variant's system message reads."""
    scenario = subject.scenario
    written: dict[str, tuple[Text, ...]] = {
        "instructions": tuple(each.text for each in scenario.instructions),
        "style": (scenario.style,) if scenario.style is not None else (),
        "reply_format": (scenario.reply_format,) if scenario.reply_format is not None else (),
    }
    if not subject.is_whole or subject.templates.is_built_in("system"):
        return
    missing = {text.pointer for texts in written.values() for text in texts}
    for variant in subject.variants:
        for message in variant.conversation.messages[:1]:
            missing -= {origin.pointer for origin in message.reads}
    template = subject.templates.sources["system"].path
    for key in _MANNER:
        if any(text.pointer in missing for text in written[key]):
            node = scenario.node.entries.get(key)
            sink.add(
                c.DROPPED_INSTRUCTIONS,
                f"no message tells `{key}`: `{template}` does not print "
                + ("all of them" if key == "instructions" else "it"),
                own_key(subject, node),
                help=f"print `{key}` in the template, or take it out here",
            )


# --- fields


def dropped_fields(subject: Subject, sink: Sink) -> None:
    """Report fields of the speaker, the persona and the group that are told nowhere."""
    if subject.kind is Kind.CHARACTER:
        for entity in subject.scenario.characters.values():
            _report_beside_prompt(subject, entity, _PORTRAIT, sink)
        return
    if not subject.is_whole:
        return
    speaker = subject.scenario.characters.get(subject.variants[0].plan.speaker or "")
    if speaker is not None:
        _report_of_speaker(subject, speaker, sink)
    for part, template in (
        (subject.scenario.persona, "user_system"),
        (subject.scenario.group, "group"),
    ):
        if part is not None and not subject.templates.is_built_in(template):
            names = _untold(subject, part, [name for name in part.texts if name != "name"])
            _report_left_out(subject, part, names, template, sink)


def _report_of_speaker(subject: Subject, speaker: Entity, sink: Sink) -> None:
    if subject.scenario.system is not None:
        names = _untold(subject, speaker, (*_PORTRAIT, "prompt"))
        _report_beside_system(subject, speaker, names, sink)
    elif "prompt" in speaker.texts and f"/characters/{speaker.id}/prompt" in _told(subject):
        _report_beside_prompt(subject, speaker, _untold(subject, speaker, _PORTRAIT), sink)
    elif not subject.templates.is_built_in("system"):
        names = _untold(subject, speaker, _PORTRAIT)
        _report_left_out(subject, speaker, names, "system", sink)


def _untold(subject: Subject, entity: Entity, names: Iterable[str]) -> list[str]:
    """Return those of some fields that say something, and that nobody hears."""
    pointers = {
        pointer: name
        for name in names
        if any(map(_surely_says, entity.texts.get(name, ())))
        for pointer in _pointers(entity.texts[name])
    }
    left = dict.fromkeys(pointers.values())
    for pointer in _told(subject):
        left.pop(pointers.get(pointer, ""), None)
        if not left:  # as soon as everything was told, which is nearly always early
            break
    return list(left)


def _told(subject: Subject) -> Iterator[str]:
    """Yield the pointers of all that is sent or read, and of the fields that texts ask for.

    The built-in templates look at every field, also where something else is sent: what they read
    says nothing. What an author's own template reads, it has a use for.
    """
    own = {
        role for role, template in _TEMPLATES.items() if not subject.templates.is_built_in(template)
    }
    messages = [message for each in subject.variants for message in each.conversation.messages]
    for message in messages:
        for origin in message.reads if message.role in own else ():
            yield origin.pointer
    for message in messages:
        for piece in message.pieces:
            for origin in piece.origins:
                yield origin.pointer
    yield from _asked_for(subject)


def _asked_for(subject: Subject) -> Iterator[str]:
    speaker = subject.variants[0].plan.speaker or ""
    for path in (path for text in all_texts(subject) for path in subject.read_paths(text)):
        match path:
            case ("char", field):
                yield f"/characters/{speaker}/{field}"
            case ("characters", name, field):
                yield f"/characters/{name}/{field}"
            case ("user", field):
                yield f"/persona/{field}"
            case ("group", field):
                yield f"/group/{field}"
            case _:
                pass


_TEMPLATES: Final = {
    Role.SYSTEM: "system",
    Role.USER_SYSTEM: "user_system",
    Role.GROUP: "group",
}


def _pointers(texts: Iterable[Text]) -> Iterator[str]:
    for text in texts:
        yield text.pointer
        yield text.pointer.rstrip("0123456789").rstrip("/")


def _surely_says(text: Text) -> bool:
    if has_branches(text):
        return False
    return bool(without_templates(text).replace(COVER, "").strip())


def _report_beside_system(subject: Subject, speaker: Entity, names: list[str], sink: Sink) -> None:
    system = subject.scenario.system
    if system is None or not names:
        return
    sink.add(
        c.DROPPED_FIELD,
        f"`system` is sent in place of {listed(names)} of `{speaker.id}`",
        own_key(subject, system.node),
        help="write `{{ default }}` where they belong in it, or take them out",
        related=_first_of(speaker, names),
    )


def _report_beside_prompt(
    subject: Subject, entity: Entity, names: Iterable[str], sink: Sink
) -> None:
    """Report fields that a `prompt` replaces, unless it prints them itself.

    A character in a file, and one among several, has fields that the others see.
    """
    prompt = entity.one("prompt")
    if prompt is None:
        return
    alone = subject.kind is Kind.SCENARIO and len(subject.scenario.characters) == 1
    asked = {
        path[1]
        for texts in entity.texts.values()
        for text in texts
        for path in subject.read_paths(text)
        if path[0] == "char" and len(path) > 1
    }
    beside = [
        name
        for name in names
        if (text := entity.one(name)) is not None
        and name not in asked
        and _surely_says(text)
        and not (name in _VISIBLE and not (alone and subject.is_own(text)))
        and (subject.is_own(text) or subject.is_own(prompt))
    ]
    if not beside:
        return
    sink.add(
        c.DROPPED_FIELD,
        f"`prompt` is sent in place of {listed(beside)}",
        own_key(subject, prompt.node),
        help=f"print them in it, for instance `{{{{ char.{beside[0]} }}}}`, or take them out",
        related=_first_of(entity, beside),
    )


def _report_left_out(
    subject: Subject, entity: Entity, names: list[str], template: str, sink: Sink
) -> None:
    """Report what a library's own template does not print."""
    if not names:
        return
    path = subject.templates.sources[template].path
    text = entity.texts[names[0]][0]
    sink.add(
        c.DROPPED_FIELD,
        f"no message tells {listed(names)} of `{entity.id}`: `{path}` does not print "
        + ("it" if len(names) == 1 else "them"),
        own_place(subject, text.node.key_span, text.via),
        help="print it in the template, or take it out here",
    )


def _first_of(entity: Entity, names: list[str]) -> list[Related]:
    node = entity.texts[names[0]][0].node
    field = entity.node.entries.get(names[0], node) if entity.node is not None else node
    return [Related(field.key_span, "not sent" if len(names) == 1 else "not sent, as the others")]
