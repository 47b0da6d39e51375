"""Say in the format's own words why a tree breaks its schema, and what was probably meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from ..diagnostics import Edit, Span
from ..diagnostics import codes as c
from ..source.traps import INDICATOR_HELP, indicator_message, quoted, template_trap
from .check import EVERYTHING
from .store import Kind, load_schema

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from ..diagnostics import Sink
    from ..source import Node, Tree
    from .check import Path

# Names that other formats use for what this one calls otherwise.
_ELSEWHERE: Final = {
    "bio": "description",
    "char_greeting": "greetings",
    "char_name": "name",
    "char_persona": "description",
    "example_dialogue": "examples",
    "first_mes": "greetings",
    "first_message": "greetings",
    "greeting": "greetings",
    "mes_example": "examples",
    "messages": "history",
    "prompt": "system",
    "scenario": "group",
    "scene": "group",
    "system_prompt": "system",
    "temperature": "parameters",
    "top_p": "parameters",
    "max_completion_tokens": "parameters",
    "max_tokens": "parameters",
    "stream": "parameters",
    "user_persona": "persona",
    "user_system": "persona",
}
_SPEAKER_WORDS: Final = ("user", "ai", "narrator", "thought", "raw")
_TYPE_WORDS: Final = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}
# A longer list of known keys is no help.
_MOST_NAMES: Final = 12
# When several keywords complain about one value, the first of these says it best.
_RANK: Final = ("type", "additionalProperties", "required")


def explain(tree: Tree, kind: Kind, sink: Sink) -> tuple[set[Path], frozenset[str]]:
    """Report every independent error; return the paths of what is wrong and the keys damaged."""
    validator = Draft202012Validator(load_schema(kind.value))
    by_place: dict[Path, list[ValidationError]] = {}
    for error in validator.iter_errors(tree.data):
        by_place.setdefault(tuple(error.absolute_path), []).append(error)
    wrong: set[Path] = set()
    guesses: set[str] = set()
    for path, errors in by_place.items():
        node = _node_at(tree.root, path)
        text_like = next((e for e in errors if _wants_text(e.schema) and node.is_map), None)
        if text_like is not None and "raw" not in node.entries:
            _explain_map_for_text(node, sink)
            wrong.add(path)
            continue
        errors.sort(key=_rank)
        for error in errors if _rank(errors[0]) > 0 else errors[:1]:
            wrong |= _explain_one(error, node, path, sink, guesses)
    if not by_place:  # the validators differ: say at least that something is wrong
        sink.add(c.WRONG_VALUE, "the file does not keep to its schema", tree.root.first_line)
        return {()}, frozenset((EVERYTHING,))
    damage = {
        str(path[0]) for path in wrong if path and (len(path) > 1 or _is_known(kind, path[0]))
    }
    return wrong, frozenset(damage | guesses)


def _rank(error: ValidationError) -> int:
    return _RANK.index(error.validator) if error.validator in _RANK else len(_RANK)


def _is_known(kind: Kind, key: str | int) -> bool:
    return key in load_schema(kind.value)["properties"]


def _node_at(root: Node, path: Path) -> Node:
    node = root
    for key in path:
        node = node.entries[key] if isinstance(key, str) else node.items[key]
    return node


def _explain_one(
    error: ValidationError, node: Node, path: Path, sink: Sink, guesses: set[str]
) -> set[Path]:
    if "propertyNames" in error.schema_path:
        return _explain_name(node, str(error.instance), path, sink)
    match error.validator:
        case "type":
            _explain_type(error, node, path, sink)
            return {path}
        case "additionalProperties":
            extras = _extras(error)
            for key in extras:
                _explain_key(error.schema, node, key, path, sink, guesses)
            return {(*path, key) for key in extras}
        case "required":
            missing = next(k for k in error.validator_value if k not in error.instance)
            sink.add(
                c.WRONG_VALUE,
                f"the key `{missing}` is missing",
                node.first_line,
                help=f"add `{missing}:`",
            )
            return set()
        case _:
            _explain_value(error, node, path, sink)
            return {path}


def _extras(error: ValidationError) -> list[str]:
    patterns = error.schema.get("patternProperties", {})
    known = error.schema.get("properties", {})
    return [
        key
        for key in error.instance
        if key not in known and not any(re.search(pattern, key) for pattern in patterns)
    ]


def _explain_key(
    schema: Any, node: Node, key: str, path: Path, sink: Sink, guesses: set[str]
) -> None:
    span = node.entries[key].key_span
    known = list(schema.get("properties", {}))
    if not known or path in (("matrix",), ("matrix", "include"), ("matrix", "exclude")):
        sink.add(
            c.BAD_IDENTIFIER,
            f"`{key}` cannot be a name here",
            span,
            help="use letters, digits and `_`, and do not begin with a digit",
        )
        return
    if {"user", "narrator"} <= set(known):
        _explain_speaker(node, key, span, sink)
        return
    guess = _guess(key, known)
    if not path:
        guesses.add(guess or EVERYTHING)
    sink.add(
        c.UNKNOWN_KEY,
        f"unknown key `{key}`",
        span,
        help=_key_help(key, guess, known),
        edits=(Edit(span, guess),) if guess else (),
    )


def _key_help(key: str, guess: str | None, known: list[str]) -> str:
    if guess:
        return f"did you mean `{guess}`?"
    if key.lower() in _ELSEWHERE:
        return f"what others call `{key}` is `{_ELSEWHERE[key.lower()]}` of a character here"
    names = [f"`{name}`" for name in known if not name.endswith("+")]
    listed = f"known here are {', '.join(names)}; " if len(names) <= _MOST_NAMES else ""
    return f"{listed}a key of your own begins with `x-`"


def _guess(key: str, known: list[str]) -> str | None:
    elsewhere = _ELSEWHERE.get(key.lower())
    if elsewhere in known:
        return elsewhere
    folded = key.lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(folded, [k for k in known if not k.endswith("+")], n=1, cutoff=0.7)
    return close[0] if close else None


def _explain_speaker(node: Node, key: str, span: Span, sink: Sink) -> None:
    if key in ("role", "content"):
        advice = "a turn is written `user: text`, or with `ai`, `narrator` or a character's id in place of `user`"
    else:
        advice = "a turn has one speaker as its key; put the whole line in quotes if this is a part of it"
    sink.add(c.UNKNOWN_SPEAKER, f"`{key}` is no speaker", span, help=advice)


def _explain_name(node: Node, key: str, path: Path, sink: Sink) -> set[Path]:
    child = node.entries.get(key)
    span = child.key_span if child is not None else node.first_line
    if "\n" in key:
        message, advice = (
            "a key goes over several lines",
            "keys are single words; is a `:` missing above?",
        )
    elif path == ("characters",) and key in _SPEAKER_WORDS:
        message = f"no character can be called `{key}`"
        advice = "a turn means something else by that word; give the character another id"
    else:
        message, advice = (
            f"`{key}` cannot be a name here",
            "use letters, digits and `_`, and do not begin with a digit",
        )
    sink.add(c.BAD_IDENTIFIER, message, span, help=advice)
    return {(*path, key)}


def _wants_text(schema: Any) -> bool:
    return (
        isinstance(schema, dict)
        and "raw" in schema.get("properties", {})
        and schema.get("required") == ["raw"]
    )


def _explain_map_for_text(node: Node, sink: Sink) -> None:
    """A text was wanted and YAML read a map: say which of its characters did that."""
    span = node.first_line
    if span.text.startswith("{{"):
        trap = template_trap(span)
        sink.add(trap.code, trap.message, trap.span, help=trap.help)
    elif node.style:
        sink.add(
            c.TEXT_INDICATOR,
            indicator_message("{"),
            span,
            help=f"{INDICATOR_HELP}: {quoted(span.text)}",
        )
    else:
        key, child = next(iter(node.entries.items()), ("", node))
        sink.add(
            c.TEXT_COLON,
            f"`{key}:` reads as a key, since a colon and a space follow",
            child.key_span,
            help="put the whole text in quotes, or into a block after `|`",
        )


def _explain_type(error: ValidationError, node: Node, path: Path, sink: Sink) -> None:
    types = (
        error.validator_value
        if isinstance(error.validator_value, list)
        else [error.validator_value]
    )
    where = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "an item of this list"
    if not path:
        where = "the file"
    if node.is_list and node.style and "string" in types:
        span = node.first_line
        sink.add(
            c.TEXT_INDICATOR,
            indicator_message("["),
            span,
            help=f"{INDICATOR_HELP}: {quoted(span.text)}",
        )
        return
    sink.add(
        c.WRONG_TYPE,
        f"{where} wants {_type_words(types, error.schema)}, and this is {_kind_of(node)}",
        node.first_line if node.text != "" else node.key_span,
        help=_example_help(error.schema, path),
    )


def _type_words(types: list[str], schema: Any) -> str:
    """Say what a union of types means: a text takes every scalar."""
    names = [t for t in types if t != "null"]
    if "string" in names:
        names = [t for t in names if t not in ("number", "boolean", "integer")]
    if _wants_text(schema) or (
        "raw" in schema.get("properties", {})
        and "string" in names
        and "use" not in schema["properties"]
    ):
        names = [t for t in names if t != "object"]
    words = [_TYPE_WORDS[t] for t in names]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 2 else words)


def _kind_of(node: Node) -> str:
    if node.is_map:
        return "a map"
    if node.is_list:
        return "a list"
    match node.value:
        case bool():
            return f"`{node.text}`"
        case None:
            return "empty" if not node.text else f"`{node.text}`"
        case int() | float():
            return f"the number {node.text}"
        case _:
            return "a text"


def _example_help(schema: Any, path: Path) -> str | None:
    import json

    examples = schema.get("examples") or []
    if not examples:
        return None
    shown = json.dumps(examples[0], ensure_ascii=False)
    return (
        f"for example: `{path[-1]}: {shown}`"
        if path and isinstance(path[-1], str) and len(shown) < 70
        else None
    )


def _explain_value(error: ValidationError, node: Node, path: Path, sink: Sink) -> None:
    shown = (node.text or "")[:60]
    where = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this item"
    span = node.first_line if node.end > node.start else node.key_span
    if error.validator in ("enum", "const"):
        allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
        allowed = [str(value) for value in allowed if value is not None]
        guess = get_close_matches(shown, allowed, n=1)
        words = ", ".join(f"`{value}`" for value in allowed)
        advice = f"did you mean `{guess[0]}`?" if guess else f"one of {words}"
        sink.add(
            c.WRONG_VALUE,
            f"{where} cannot be `{shown}`",
            span,
            help=advice,
            edits=(Edit(span, guess[0]),) if guess else (),
        )
    elif error.validator == "pattern":
        sink.add(
            c.BAD_IDENTIFIER,
            f"{where} cannot be `{shown}`",
            span,
            help="use letters, digits, `_` and `-`",
        )
    elif error.validator in ("minItems", "minProperties", "minLength"):
        sink.add(c.WRONG_VALUE, f"{where} is empty", span, help="fill it in, or remove it")
    elif error.validator in ("minimum", "exclusiveMinimum"):
        sink.add(
            c.WRONG_VALUE,
            f"{where} cannot be {shown}",
            span,
            help=f"it starts at {error.validator_value}",
        )
    else:
        sink.add(c.WRONG_VALUE, f"{where} does not keep to the schema: {error.message[:200]}", span)
