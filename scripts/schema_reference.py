"""Write the reference of the format from the schemas of its files.

The schemas say all of it: what a key is for, what it takes, its default, an example. Here stands
only how that is said in words, and in which order the parts come. What has no words yet (a new
part, a new pattern) is a `KeyError`, so that the reference cannot leave it out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMAS: Final = Path(__file__).resolve().parents[1] / "schemas"
_REFERENCE: Final = "#/$defs/"
_WIDTH: Final = 96
# A text with so many blanks is a sentence rather than a word.
_SENTENCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of the reference: a definition of the scenario's schema."""

    definition: str
    heading: str
    where: str


PARTS: Final = (
    Part(
        definition="character",
        heading="Keys of a character",
        where="`characters.ID`, character files",
    ),
    Part(definition="persona", heading="Keys of a persona", where="`persona`, persona files"),
    Part(definition="group", heading="Keys of the group", where="`group`"),
    Part(definition="instruction", heading="Keys of an instruction", where="`instructions`"),
    Part(
        definition="exchange", heading="Keys of an exchange", where="`examples`, also a character's"
    ),
    Part(definition="turn", heading="Keys of a turn", where="`history`, exchanges"),
    Part(definition="variable", heading="Keys of a variable", where="`variables.NAME`"),
    Part(definition="matrix", heading="Keys of the matrix", where="`matrix`"),
    Part(definition="parameters", heading="Keys of the parameters", where="`parameters`"),
)
# What a key takes that names a definition.
_DEFINED: Final[Mapping[str, str]] = {
    "axis": "a list of values, or a map from labels to values",
    "character": "a text (the whole prompt), or a map: [character](#keys-of-a-character)",
    "choices": "a list of values",
    "combinations": "a list of maps from variables to values or labels",
    "exchanges": "a list of [exchanges](#keys-of-an-exchange)",
    "group": "a text (the setting), or a map: [group](#keys-of-the-group)",
    "instructions": "a text, or a list of texts and [instructions](#keys-of-an-instruction)",
    "keep": "`always`, or a whole number from 0 to 100",
    "matrix": "a map: [matrix](#keys-of-the-matrix)",
    "parameters": "a map: [parameters](#keys-of-the-parameters)",
    "path": "a path, relative to this file",
    "persona": "a text (the description), or a map: [persona](#keys-of-a-persona)",
    "plain": "a text that is no template",
    "tags": "a list of labels",
    "text": "a [text](#texts)",
    "texts": "a [text](#texts), or a list of texts",
    "turns": "a list of [turns](#keys-of-a-turn), or a script",
    "variable": "a value (the default), or a map: [variable](#keys-of-a-variable)",
}
# What a key takes that its types do not say as an author would.
_TAKES: Final[Mapping[str, str]] = {
    "scenario extends": "a path, or a list of paths, relative to this file",
    "scenario greeting": "a number from 0, a [text](#texts), `none` or `all`",
    "scenario variables": "a map from names to [variables](#keys-of-a-variable)",
    "scenario characters": "a map from ids to [characters](#keys-of-a-character)",
    "variable default": "a text, a number, `true` or `false`",
}
# The types of a key, without null. Where a text is wanted, a number is the characters typed.
_TYPES: Final[Mapping[tuple[str, ...], str]] = {
    ("boolean",): "`true` or `false`",
    ("integer",): "a whole number",
    ("number",): "a number",
    ("string",): "a text",
    ("string", "number", "boolean"): "a text",
}
_NAME: Final = r"^[^\u0000-\u0040\u005b-\u005e\u0060\u007b-\u007f][^\u0000-\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u007f]*$"  # noqa: E501 - one pattern
# What a pattern allows.
_PATTERNS: Final[Mapping[str, str]] = {
    _NAME: "letters of any script, digits and `_`, no digit first",
    r"^[^\u0000-\u002c\u002e\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u007f]+$": (
        "letters of any script, digits, `_` and `-`"
    ),
}
# What a key is called that the author names.
_CHOSEN: Final[Mapping[str, str]] = {
    "turn": "a character's id",
    "exchange": "a character's id",
    "matrix": "a variable's name",
}


def reference() -> str:
    """Return the reference as Markdown: the scenario, the other files, the parts."""
    scenario, character, persona = (
        schema_of(kind) for kind in ("scenario", "character", "persona")
    )
    sections = [
        _section(
            "Keys of a scenario", "files that begin with `m2her: scenario/v1`", "scenario", scenario
        ),
        _file("Character files", character, "a [character](#keys-of-a-character)"),
        _file("Persona files", persona, "a [persona](#keys-of-a-persona)"),
        _text(scenario["$defs"]["text"]),
        *(
            _section(part.heading, part.where, part.definition, _definition(scenario, part))
            for part in PARTS
        ),
    ]
    return "\n\n".join(sections)


def schema_of(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of file."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.v1.schema.json").read_text("utf-8"))
    return loaded


def keys_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the keys that a schema names, without those that append to another (`key+`)."""
    return [key for key in schema["properties"] if not key.endswith("+")]


def heading_of(owner: str, key: str) -> str:
    """Return the heading of a key, from which the anchor of links is made."""
    return key if owner == "scenario" else f"{owner.capitalize()}: {key}"


def _anchor(heading: str) -> str:
    return heading.lower().replace(":", "").replace(" ", "-")


def _definition(scenario: Mapping[str, Any], part: Part) -> Mapping[str, Any]:
    found: Mapping[str, Any] = scenario["$defs"][part.definition]
    return found


def _section(heading: str, where: str, owner: str, schema: Mapping[str, Any]) -> str:
    keys = keys_of(schema)
    links = ", ".join(f"[`{key}`](#{_anchor(heading_of(owner, key))})" for key in keys)
    lines = [f"## {heading}", f"*In {where}.* {_prose(schema['description'])}", f"Keys: {links}."]
    lines.extend(_key(owner, key, schema) for key in keys)
    lines.extend(_chosen(owner, schema))
    return "\n\n".join(lines)


def _file(heading: str, schema: Mapping[str, Any], takes: str) -> str:
    header = schema["properties"]["m2her"]["const"]
    about = _prose(schema["description"])
    return (
        f"## {heading}\n\n{about} It begins with `m2her: {header}` and holds the keys of {takes}."
    )


def _text(schema: Mapping[str, Any]) -> str:
    raw = schema["properties"]["raw"]["description"]
    return (
        f"## Texts\n\n{_prose(schema['description'])}\n\n"
        f"`{{raw: …}}`, or `!raw` before it: {_small(_prose(raw))}"
    )


def _key(owner: str, key: str, schema: Mapping[str, Any]) -> str:
    found = schema["properties"][key]
    facts = [f"- takes: {_takes(f'{owner} {key}', found)}"]
    if key == "m2her":
        facts.append("- required")
    if (default := found.get("default")) not in (None, [], {}):
        facts.append(f"- default: `{_scalar(default)}`")
    if more := schema["properties"].get(f"{key}+"):
        facts.append(f"- `{key}+`: {_small(_prose(more['description']))}")
    examples = [_example({key: value}) for value in found["examples"]]
    if inline := [f"`{each}`" for each in examples if "\n" not in each]:
        facts.append(f"- example: {', '.join(inline)}")
    blocks = [f"```yaml\n{each}\n```" for each in examples if "\n" in each][:1]
    heading = f"### {heading_of(owner, key)}"
    return "\n\n".join([heading, _prose(found["description"]), "\n".join(facts), *blocks])


def _chosen(owner: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Describe the keys that the author names."""
    if owner not in _CHOSEN:
        return
    own = [each for each in schema.get("patternProperties", {}).values() if each is not True]
    found = own[0] if own else schema["additionalProperties"]
    heading = f"### {heading_of(owner, _CHOSEN[owner])}"
    takes = _takes(f"{owner} *", found)
    yield f"{heading}\n\n{_prose(found['description'])}\n\n- takes: {takes}"


def _takes(name: str, found: Mapping[str, Any]) -> str:
    if name in _TAKES:
        return _TAKES[name]
    if "const" in found:
        return f"`{found['const']}`"
    if "$ref" in found:
        return _DEFINED[found["$ref"].removeprefix(_REFERENCE)]
    if "enum" in found:
        return _alternatives([f"`{each}`" for each in found["enum"] if each is not None])
    if "pattern" in found:
        return _PATTERNS[found["pattern"]]
    kinds = [found["type"]] if isinstance(found["type"], str) else found["type"]
    return _TYPES[tuple(each for each in kinds if each != "null")]


def _alternatives(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]])


class _Dumper(yaml.SafeDumper):
    """Writes as authors do: lists indented, texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's signature
        del indentless
        super().increase_indent(flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    """Keep words on one line. Sentences get dashes: in brackets a comma would part them."""
    short = all(not isinstance(item, str) or item.count(" ") < _SENTENCE for item in items)
    flow = short and not any(isinstance(item, list | dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)


def _example(value: dict[str, Any]) -> str:
    written: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_WIDTH,
    )
    return written.strip()


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).strip('"')


def _prose(text: str) -> str:
    """Keep Jinja's braces and placeholders in angle brackets from being read as markup."""
    for mark in ("{{ default }}", "{{char}}", "{{user}}", "<BOT>", "<CHAR>", "<USER>"):
        text = text.replace(f"`{mark}`", mark).replace(mark, f"`{mark}`")
    return text.replace(" x- ", " `x-` ")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
