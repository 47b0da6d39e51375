"""Say in the format's own words why a tree breaks its schema, and what was probably meant."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import Edit, Span
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..source.quoting import quoted
from ..source.traps import (
    INDICATOR_HELP,
    colon_message,
    indicator_message,
    quoting,
    template_trap,
)
from .complaints import MOST_PLACES, Complaint, complaints_of, rank_of
from .damage import EVERYTHING
from .slips import is_misspelling
from .store import Kind, load_schema

if TYPE_CHECKING:
    from ..diagnostics import Sink
    from ..source import Data, Node, Tree
    from .complaints import Path

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
    "user_persona": "persona",
    "user_system": "persona",
}
_OF_SCENARIOS: Final = ("group", "history", "persona", "system")
# What others call the parameters, and those that others have and the service does not.
_PARAMETERS: Final = {
    "max_completion_tokens": "max_completion_tokens",
    "max_length": "max_completion_tokens",
    "max_new_tokens": "max_completion_tokens",
    "max_output_tokens": "max_completion_tokens",
    "max_tokens": "max_completion_tokens",
    "maxtokens": "max_completion_tokens",
    "stream": "stream",
    "streaming": "stream",
    "temp": "temperature",
    "temperature": "temperature",
    "top_p": "top_p",
    "topp": "top_p",
}
_NO_PARAMETERS: Final = re.compile(
    r"(?:frequency|presence|repetition)_penalty|logit_bias|(?:top_)?logprobs|min_p|mirostat|n|seed"
    r"|response_format|stop|tfs|tool_choice|tools|top_?[ak]|typical_p"
)
_SPEAKER_WORDS: Final = ("user", "ai", "narrator", "thought", "keep", "raw")
_TYPE_WORDS: Final = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}
_GLUED_KEY: Final = re.compile(r"(\w{1,40}):(\S[^\n]{0,60})")
_SMALL_WORD: Final = re.compile(r"[a-z_][a-z0-9_]*")
# A longer list of known keys is no help.
_MOST_NAMES: Final = 12
# What a scenario cannot do without: an unknown key may have been meant for one of these.
_NEEDED: Final = {"characters", "system", "speaker"}
_ENTRY: Final = 2  # the length of a path to an entry of a top-level map
_LONGEST_EXAMPLE: Final = 70
_LONGEST_WORD: Final = 40
# A map with one of these was meant to be one; any other is a text with a colon in it.
_TEXT_KEYS: Final = {"raw", "text", "keep"}
_KEEP: Final = "Keep"
_KEEP_HELP: Final = "it is `always`, or a whole number from 0 (left out first) to 100"


def explain(tree: Tree, kind: Kind, sink: Sink) -> tuple[set[Path], frozenset[str]]:
    """Report every independent error; return the paths of what is wrong and the keys damaged."""
    explainer = _Explainer(tree.root, sink, load_schema(kind.value).get("$defs", {}))
    by_place: dict[Path, list[Complaint]] = {}
    for complaint in complaints_of(tree, kind):
        by_place.setdefault(complaint.path, []).append(complaint)
    if len(by_place) >= MOST_PLACES:
        return _all_wrong(explainer, by_place)
    if not by_place:  # the validators differ: say at least that something is wrong
        sink.add(c.WRONG_VALUE, "the file does not keep to its schema", tree.root.first_line)
        return {()}, frozenset((EVERYTHING,))
    wrong: set[Path] = set()
    for complaints in by_place.values():
        wrong |= explainer.place(complaints)
    known = load_schema(kind.value)["properties"]
    damage = {_damage(path) for path in wrong if path and (len(path) > 1 or path[0] in known)}
    return wrong, frozenset(damage | explainer.guesses)


def _all_wrong(
    explainer: _Explainer, by_place: dict[Path, list[Complaint]]
) -> tuple[set[Path], frozenset[str]]:
    """Explain the first of very many errors, and give the file up."""
    for complaints in by_place.values():
        explainer.place(complaints)
    return {()}, frozenset((EVERYTHING,))


def _damage(path: Path) -> str:
    return str(path[0]) if len(path) <= _ENTRY else f"{path[0]}/"


class _Explainer:
    """Explains the complaints about one file. `guesses` are the keys that unknown ones meant."""

    def __init__(self, root: Node, sink: Sink, definitions: Any) -> None:
        self.root = root
        self.sink = sink
        self.definitions = definitions
        self.guesses: set[str] = set()

    def place(self, complaints: list[Complaint]) -> set[Path]:
        """Explain all that is wrong at one place; returns the paths of what is wrong there."""
        path = complaints[0].path
        if self.sink.is_full(self.root.source):
            return {path}
        node = _node_at(self.root, path)
        if any(each.schema.get("title") == _KEEP for each in complaints):
            message = f"`keep` cannot be `{(node.text or '')[:_LONGEST_WORD]}`"
            self.sink.add(c.WRONG_VALUE, message, node.first_line, help=_KEEP_HELP)
            return {path}
        wants_text = any(_wants_text(each.schema) for each in complaints)
        if wants_text and node.is_map and not _TEXT_KEYS.intersection(node.entries):
            if path[-1:] in (("history",), ("history+",)) and not node.style:
                message = f"`{path[-1]}` wants a list or a text, and this is a map"
                advice = "begin each turn with a dash of its own: `- user: …`"
                self.sink.add(c.WRONG_TYPE, message, node.first_line, help=advice)
            else:
                _explain_map_for_text(node, self.sink)
            return {path}
        complaints.sort(key=rank_of)
        only_first = rank_of(complaints[0]) == 0
        wrong: set[Path] = set()
        for complaint in complaints[:1] if only_first else complaints:
            wrong |= self._one(complaint, node)
        return wrong

    def _one(self, complaint: Complaint, node: Node) -> set[Path]:
        path = complaint.path
        if complaint.about_key:
            return self._name(node, str(complaint.instance), path)
        match complaint.keyword:
            case "type":
                _explain_type(complaint, node, self.sink)
                if path[-1:] == ("raw",):  # who knows which texts it was to cover
                    self.sink.leave_out((_node_at(self.root, path[:-1]).span,))
                return {path}
            case "additionalProperties":
                extras = _extras(complaint)
                for key in extras:
                    if not self.sink.is_full(self.root.source):
                        self._key(complaint, node, key)
                return {(*path, key) for key in extras}
            case "required":
                missing = next(key for key in complaint.wanted if key not in complaint.instance)
                message = f"the key `{missing}` is missing"
                self.sink.add(c.WRONG_VALUE, message, node.first_line, help=f"add `{missing}:`")
                return set()
            case _:
                _explain_value(complaint, node, self.sink)
                return {path}

    def _key(self, complaint: Complaint, node: Node, key: str) -> None:
        """Explain a key that the format does not have."""
        span = node.entries[key].key_span
        known = list(complaint.schema.get("properties", {}))
        if not known or complaint.path[:1] == ("matrix",):
            advice = "use letters, digits and `_`, and do not begin with a digit"
            self.sink.add(c.BAD_IDENTIFIER, f"`{key}` cannot be a name here", span, help=advice)
            return
        if {"user", "narrator"} <= set(known):
            self._speaker(key, span)
            return
        if self._parameter(complaint, key, span):
            return
        guess = _guess(key, known)
        if not complaint.path and guess not in self.root.entries:
            self.guesses |= {guess} if guess else _NEEDED
        self.sink.add(
            c.UNKNOWN_KEY,
            f"unknown key `{key}`",
            span,
            help=_key_help(key, guess, known),
            edits=(_respelled(span, guess),) if guess else (),
            safe=guess is not None and self._is_clear(complaint, node, key, guess),
        )

    def _parameter(self, complaint: Complaint, key: str, span: Span) -> bool:
        """Explain a parameter of the model's that stands elsewhere, or is called otherwise."""
        among = complaint.path == ("parameters",)
        word = key.lower().replace("-", "_")
        meant = _PARAMETERS.get(word)
        edits: tuple[Edit, ...] = ()
        if among and meant is not None:
            advice = f"did you mean `{meant}`?"
            edits = (_respelled(span, meant),)
        elif meant is not None:
            where = "" if "parameters" in complaint.schema["properties"] else " of a scenario"
            advice = (
                f"it belongs into `parameters`{where}"
                if key == meant
                else f"it is `{meant}` in `parameters`{where}"
            )
        elif among and _NO_PARAMETERS.fullmatch(word):
            advice = "remove it: the service does not have it"
        else:
            return False
        if not complaint.path and "parameters" not in self.root.entries:
            self.guesses.add("parameters")
        self.sink.add(c.UNKNOWN_KEY, f"unknown key `{key}`", span, help=advice, edits=edits)
        return True

    def _is_clear(self, complaint: Complaint, node: Node, key: str, guess: str) -> bool:
        """Tell whether a key can only be the misspelling of this one, which the map lacks."""
        known = complaint.schema.get("properties", {})
        others = [other for other in node.entries if other not in known]
        if complaint.path == ("parameters",):  # a service may call another one so
            return False
        if guess in node.entries or not is_misspelling(key, guess, known):
            return False
        if any(other != key and _guess(other, list(known)) == guess for other in others):
            return False
        return self._fits(complaint.instance[key], known[guess])

    def _fits(self, value: Data, schema: Any) -> bool:
        import jsonschema_rs

        whole = {"$defs": self.definitions, "allOf": [schema]}
        return jsonschema_rs.validator_for(whole, validate_formats=False).is_valid(value)

    def _speaker(self, key: str, span: Span) -> None:
        cast = self.root.entries.get("characters")
        if cast is not None and key in cast.entries:  # the mistake is where the name was given
            return
        advice = "a turn has one speaker as its key; quote the whole line if this is a part of it"
        self.sink.add(c.UNKNOWN_SPEAKER, f"`{key}` is no speaker", span, help=advice)

    def _name(self, node: Node, key: str, path: Path) -> set[Path]:
        """Explain a name of the author's own that cannot be one."""
        child = node.entries.get(key)
        span = child.key_span if child is not None else node.first_line
        if "\n" in key:
            message = "a key goes over several lines"
            advice = "keys are single words; is a `:` missing above?"
        elif path == ("characters",) and key in _SPEAKER_WORDS:
            message = f"no character can be called `{key}`"
            advice = "a turn means something else by that word; give the character another id"
        else:
            message = f"`{key}` cannot be a name here"
            advice = "use letters, digits and `_`, and do not begin with a digit"
        self.sink.add(c.BAD_IDENTIFIER, message, span, help=advice)
        return {(*path, key)}


def _node_at(root: Node, path: Path) -> Node:
    node = root
    for key in path:
        node = node.entries[key] if isinstance(key, str) else node.items[key]
    return node


def _extras(complaint: Complaint) -> list[str]:
    patterns = complaint.schema.get("patternProperties", {})
    known = complaint.schema.get("properties", {})
    return [
        key
        for key in complaint.instance
        if key not in known and not any(re.search(pattern, key) for pattern in patterns)
    ]


def _key_help(key: str, guess: str | None, known: list[str]) -> str:
    if guess:
        return f"did you mean `{guess}`?"
    if key.lower() in _ELSEWHERE:
        meant = _ELSEWHERE[key.lower()]
        owner = "scenario" if meant in _OF_SCENARIOS else "character"
        return f"what others call `{key}` is `{meant}` of a {owner} here"
    names = [f"`{name}`" for name in known if not name.endswith("+")]
    listed = f"known here are {', '.join(names)}; " if len(names) <= _MOST_NAMES else ""
    return f"{listed}a key of your own begins with `x-`"


def _guess(key: str, known: list[str]) -> str | None:
    elsewhere = _ELSEWHERE.get(key.lower())
    if elsewhere in known:
        return elsewhere
    folded = key.lower().replace("-", "_").replace(" ", "_")
    close = close_matches(folded, [k for k in known if not k.endswith("+")], cutoff=0.7)
    return close[0] if close else None


def _respelled(span: Span, word: str) -> Edit:
    """Return the edit that writes another word there, in the quotes that it stands in."""
    quote = span.text[:1] if span.text[:1] in ("'", '"') else ""
    return Edit(span, f"{quote}{word}{quote}")


def _wants_text(schema: Any) -> bool:
    return (
        isinstance(schema, dict)
        and "raw" in (properties := schema.get("properties", {}))
        and (schema.get("required") == ["raw"] or "text" in properties)
    )


def _explain_map_for_text(node: Node, sink: Sink) -> None:
    """Say which character made YAML read a map where a text was wanted."""
    span = node.first_line
    if span.text.startswith("{{"):
        trap = template_trap(span)
        sink.add(
            trap.code,
            trap.message,
            trap.span,
            help=trap.help,
            edits=trap.edits,
            safe=bool(trap.edits),
        )
    elif node.style:
        sink.add(
            c.TEXT_INDICATOR,
            indicator_message("{"),
            span,
            help=f"{INDICATOR_HELP}: {quoted(span.text)}",
        )
    else:
        key, child = next(iter(node.entries.items()), ("", node))
        edits = _quoting_of_entry(node, key, child)
        sink.add(
            c.TEXT_COLON,
            colon_message(key),
            child.key_span,
            help="put the whole text in quotes, or into a block after `|`",
            edits=edits,
            safe=bool(edits),
        )


def _quoting_of_entry(node: Node, key: str, child: Node) -> tuple[Edit, ...]:
    """Return the edit that quotes `- Note: be brief`; none where a map may have been meant.

    A map has keys of small letters, and several of them; below its key, it is indented.
    """
    if len(node.entries) != 1 or child.style or child.text is None or _SMALL_WORD.fullmatch(key):
        return ()
    edits = quoting(node.span)
    return edits if node.key_start < 0 and node.start == child.key_start else ()


def _explain_type(complaint: Complaint, node: Node, sink: Sink) -> None:
    path = complaint.path
    types = complaint.wanted if isinstance(complaint.wanted, list) else [complaint.wanted]
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
            edits=(edits := quoting(node.span) if _is_said(path) else ()),
            safe=bool(edits),
        )
        return
    sink.add(
        c.WRONG_TYPE,
        f"{where} wants {_type_words(types, complaint.schema)}, and this is {_kind_of(node)}",
        node.first_line if node.text != "" else node.key_span,
        help=_type_help(complaint.schema, node, types, path),
    )


def _is_said(path: Path) -> bool:
    """Tell whether something that is said stands there: `[sighs]` is a list for nobody."""
    return bool({"message", "history", "examples", "greeting", "greetings"}.intersection(path))


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
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[2:] else words)


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


def _type_help(schema: Any, node: Node, types: list[str], path: Path) -> str | None:
    glued = _GLUED_KEY.fullmatch(node.text or "") if "object" in types else None
    if glued:
        return f"put a blank behind the colon: `{glued[1]}: {glued[2]}`"
    if node.is_null and "string" in types:
        return "quote it if it is meant as text"
    return _example_help(schema, path)


def _example_help(schema: Any, path: Path) -> str | None:
    examples = schema.get("examples") or []
    if not examples:
        return None
    shown = json.dumps(examples[0], ensure_ascii=False)
    return (
        f"for example: `{path[-1]}: {shown}`"
        if path and isinstance(path[-1], str) and len(shown) < _LONGEST_EXAMPLE
        else None
    )


def _explain_value(complaint: Complaint, node: Node, sink: Sink) -> None:
    path = complaint.path
    shown = (node.text or "")[:60]
    where = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this item"
    span = node.first_line if node.end > node.start else node.key_span
    if complaint.keyword in ("enum", "const"):
        allowed = complaint.wanted if complaint.keyword == "enum" else [complaint.wanted]
        allowed = [str(value) for value in allowed if value is not None]
        guess = close_matches(shown, allowed)
        words = ", ".join(f"`{value}`" for value in allowed)
        # Not so for the value of an alias, and for a block.
        here = node.start > node.key_start and span.text.strip("\"'") == node.text
        advice = f"did you mean `{guess[0]}`?" if guess else f"one of {words}"
        sink.add(
            c.WRONG_VALUE,
            f"{where} cannot be `{shown}`",
            span,
            help=advice,
            edits=(_respelled(span, guess[0]),) if guess and here else (),
            safe=bool(guess) and here and is_misspelling(node.text or "", guess[0], allowed),
        )
    elif complaint.keyword == "pattern":
        sink.add(
            c.BAD_IDENTIFIER,
            f"{where} cannot be `{shown}`",
            span,
            help="use letters, digits, `_` and `-`",
        )
    elif complaint.keyword in ("dependentSchemas", "maxProperties"):
        message = f"{where} has `raw` beside other keys"
        advice = "mark single texts: `!raw text` or `{raw: text}`"
        sink.add(c.WRONG_VALUE, message, span, help=advice)
    elif complaint.keyword in ("minItems", "minProperties", "minLength"):
        sink.add(c.WRONG_VALUE, f"{where} is empty", span, help="fill it in, or remove it")
    elif complaint.keyword in ("minimum", "exclusiveMinimum"):
        sink.add(
            c.WRONG_VALUE,
            f"{where} cannot be {shown}",
            span,
            help=f"it starts at {complaint.wanted}",
        )
    else:
        sink.add(
            c.WRONG_VALUE, f"{where} does not keep to the schema: {complaint.message[:200]}", span
        )
