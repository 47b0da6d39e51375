"""Rules about the service's contract: what a target refuses, or takes otherwise than meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import nodes

from ..diagnostics import Edit, Sink
from ..diagnostics import codes as c
from ..ir import LossKind, Role
from ..passes import lower
from ..render import Meter
from ..render.fault import Fault, Reported
from ..render.renderer import Renderer
from ..render.syntax import has_template, parse_template
from ..scenario import Names, Text, UnitKind
from ..schema import Kind
from ..targets import M2_HER, TARGETS
from .places import in_variants, own_key, own_origin, service
from .references import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Span
    from ..ir import Loss
    from .subject import Subject, Variant

_LISTED: Final = "0123456789"
_ROLES: Final = frozenset(role.value for role in Role)
# What can be folded, and what is said of it.
_FOLDED: Final = {
    Role.USER_SYSTEM.value: "the persona (`user_system`)",
    Role.GROUP.value: "the scene (`group`)",
    "examples": "examples (`sample_message_*`)",
}


def empty_texts(subject: Subject, sink: Sink) -> None:
    """Report a text that was written and says nothing."""
    for text in subject.texts:
        if text.value.strip() or text.stretches is not None or _is_right_empty(subject, text):
            continue
        field = next(part for part in reversed(text.pointer.split("/")) if not part.isdigit())
        sink.add(
            c.EMPTY_TEXT,
            f"`{field}` says nothing",
            text.node.first_line if text.node.end > text.node.start else text.node.key_span,
            help=_advice(field, text),
        )


def _advice(field: str, text: Text) -> str:
    if field == "greeting":
        return "write it, or `greeting: none`"
    in_list = text.pointer[-1] in _LISTED
    return "write it, or " + ("take the item out of its list" if in_list else "remove the key")


def _is_right_empty(subject: Subject, text: Text) -> bool:
    """Tell whether an empty text does something, or is told of otherwise."""
    scenario = subject.scenario
    if text is scenario.message:
        return subject.is_whole
    path = text.pointer.strip("/").split("/")
    if path[-1] == "name" and scenario.names is Names.NEVER:
        return True
    if path[-1][-1] in _LISTED:
        return False
    if subject.kind is not Kind.SCENARIO:
        return "use" in subject.merged.root.entries
    around = [value_at(scenario.node, path[:length]) for length in range(1, len(path))]
    if any(node is not None and "use" in node.entries for node in around):
        return True
    return any(value_at(layer, path) is not None for layer in subject.merged.layers[:-1])


# --- what comes out empty


def empty_messages(subject: Subject, sink: Sink) -> None:
    """Report a line, an instruction or `system` whose template renders to nothing."""
    empty: dict[int, tuple[Text, str, list[Variant]]] = {}
    judged: dict[int, bool] = {}
    meter = Meter()
    if not any(_may_be_empty(text, meter) for text in subject.texts):
        return
    last = subject.scenario.message if _ending_otherwise(subject) else None
    for variant in subject.variants:
        renderer: Renderer | None = None
        for text, what in _said(variant):
            if id(text) not in judged:
                # A message whose absence leaves a reply last is the business of `last_message`.
                is_asked = text is not last and subject.is_own(text)
                judged[id(text)] = is_asked and _may_be_empty(text, meter)
            if not judged[id(text)]:
                continue
            renderer = renderer or Renderer(variant.plan, subject.templates, meter, Sink())
            if _is_blank(renderer, text):
                empty.setdefault(id(text), (text, what, []))[2].append(variant)
    for text, what, variants in empty.values():
        where, first = in_variants(subject, variants)
        sink.add(
            c.EMPTY_MESSAGE,
            f"{what} comes out empty{where}, and is left out",
            text.node.first_line if text.stretches is None else text.span,
            help=f"{first}give its variables a value, or say in the text when it is to be there: "
            "`{% if vars.x %}…{% endif %}`",
        )


def _said(variant: Variant) -> Iterator[tuple[Text, str]]:
    """Yield the texts that a variant is to send, each with what it is."""
    scenario = variant.plan.scenario
    if scenario.system is not None:
        yield scenario.system, "`system`"
    for each in scenario.instructions:
        yield each.text, "the instruction"
    for unit in variant.plan.units:
        what = "the message" if unit.kind is UnitKind.OPENING else "the line"
        for turn in unit.turns:
            yield turn.text, what


def _may_be_empty(text: Text, meter: Meter) -> bool:
    """Tell whether a template can render to nothing where its author does not say so.

    Who writes a condition or a loop says when a text is to be there.
    """
    value = text.value.strip()
    # What stands before the first template, or after the last one, is always there.
    if not (value.startswith("{") and value.endswith("}")):
        return False
    if text.raw or text.literal or not has_template(text.value):
        return False
    try:
        tree = parse_template(text.value, meter)
    except (Fault, Reported):
        return False
    if any(tree.find_all((nodes.If, nodes.CondExpr, nodes.For))):
        return False
    if any(name.name == "default" for name in tree.find_all(nodes.Name)):
        return False
    printed = (node for node in tree.body if isinstance(node, nodes.Output))
    return not any(
        isinstance(child, nodes.TemplateData) and child.data.strip()
        for output in printed
        for child in output.nodes
    )


def _is_blank(renderer: Renderer, text: Text) -> bool:
    try:
        return not renderer.text(text).text.strip()
    except Reported:
        return False


def last_message(subject: Subject, sink: Sink) -> None:
    """Report a message that renders to nothing, so that the model's own line comes last."""
    message = subject.scenario.message
    found = _ending_otherwise(subject)
    if message is None or not found:
        return
    where, first = in_variants(subject, found)
    last = found[0].conversation.messages[-1:]
    says = f"`{last[0].role.value}`" if last else "nothing"
    sink.add(
        c.ENDS_WITH_REPLY,
        f"the message comes out empty{where}, and {says} is sent last",
        message.node.first_line if message.node.end > message.node.start else message.node.key_span,
        help=f"{first}write a message, or remove the key: an open scenario is given one later",
        via=message.via,
    )


def _ending_otherwise(subject: Subject) -> list[Variant]:
    if subject.scenario.message is None:
        return []
    return [
        variant
        for variant in subject.variants
        if not variant.conversation.messages
        or variant.conversation.messages[-1].role is not Role.USER
    ]


# --- the request


def parameter_ranges(subject: Subject, sink: Sink) -> None:
    """Report a parameter that the target does not take."""
    for key, value in subject.scenario.parameters.items():
        allowed = subject.target.range_of(key)
        if allowed is None or allowed.holds(value):
            continue
        node = subject.scenario.node.entries["parameters"].entries[key]
        kind = "" if allowed.whole else "a number "
        sink.add(
            c.PARAMETER_RANGE,
            f"`{key}` is {(node.text or '')[:30]}, and {service(subject)} takes {kind}{allowed}",
            node.first_line,
            help="leave it out for the service's default"
            + ("" if allowed.default is None else f", {allowed.default:g}"),
            via=node.via,
        )


def unknown_model(subject: Subject, sink: Sink) -> None:
    """Report a model's id that the target does not have."""
    node = subject.scenario.node.entries.get("model")
    known = subject.target.models
    if node is None or not node.text or node.source is not subject.source:
        return
    model = node.text
    # A target puts its own model in place of the format's default.
    if not known or model in known or model in M2_HER.models:
        return
    alike = next((each for each in known if each.casefold() == model.casefold()), None)
    others = ((each, target) for target in TARGETS for each in target.models)
    other = next((found for found in others if found[0].casefold() == model.casefold()), None)
    listed = ", ".join(f"`{each}`" for each in known)
    advice = f"it knows {listed}"
    if alike is not None:
        advice = f"ids are case-sensitive: write `{alike}`"
    elif other is not None:
        name, target = other[0], other[1].id
        advice = f'`{name}` goes with `--target {target}`; in m2her.toml, `target = "{target}"`'
    exact = node.span.text.strip("\"'") == model
    sink.add(
        c.UNKNOWN_MODEL,
        f"`{model[:60]}` is no model of {service(subject)}",
        node.first_line,
        help=advice,
        edits=[Edit(node.span, alike)] if alike is not None and exact else (),
        safe=True,
    )


def missing_roles(subject: Subject, sink: Sink) -> None:
    """Report each part of the scenario that a target has no role for, and where it goes."""
    found: dict[str, Loss] = {}
    for variant in subject.variants if not _ROLES.issubset(subject.target.roles) else ():
        for loss in lower(variant.conversation, subject.target).losses:
            if loss.kind is LossKind.FOLDED and loss.what in _FOLDED:
                found.setdefault(loss.what, loss)
    roles = ", ".join(f"`{role}`" for role in subject.target.roles)
    for what, loss in found.items():
        sink.add(
            c.MISSING_ROLE,
            f"there is no role for {_FOLDED[what]} in {service(subject)}: "
            f"{loss.kind.value} {loss.outcome}",
            _cause(subject, loss),
            help=f"its roles are {roles}; M2-her itself has one for each part",
        )


def _cause(subject: Subject, loss: Loss) -> Span:
    """Return the place of what was folded: the persona, the group, or the first line."""
    scenario = subject.scenario
    persona, group = scenario.persona, scenario.group
    entity = {Role.USER_SYSTEM.value: persona, Role.GROUP.value: group}.get(loss.what)
    if entity is not None:
        return own_key(subject, entity.node)
    return own_origin(subject, loss.origins)
