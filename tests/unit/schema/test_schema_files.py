"""The published schemas: well formed, annotated, in step, and read alike by two validators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from scripts.derive_schemas import KINDS, SCHEMAS, check, dump, main, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES: Final = ("scenario", "character", "persona")
ANNOTATIONS: Final = ("title", "description", "examples", "default")
COMBINATORS: Final = frozenset({"oneOf", "anyOf", "allOf", "if", "then", "else"})
#: Keywords whose value is a map from author-visible keys to schemas.
KEYED: Final = ("properties", "patternProperties")
#: Keywords whose value is one schema, or a map to schemas, without annotations of its own.
INNER: Final = ("items", "not", "propertyNames")
INNER_KEYED: Final = ("$defs", "dependentSchemas")


def load(name: str) -> dict[str, Any]:
    """Return one of the published schemas."""
    text = (SCHEMAS / f"{name}.v1.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


SCHEMA: Final = {name: load(name) for name in NAMES}


def walk(schema: dict[str, Any], at: str, *, keyed: bool) -> Iterator[tuple[str, Any, bool]]:
    """Yield each subschema with its place, and whether it belongs to a key of the author's file.

    Boolean subschemas are left out: there is nothing about them to annotate.
    """
    yield at, schema, keyed
    for keyword in (*KEYED, *INNER_KEYED):
        for key, sub in schema.get(keyword, {}).items():
            if isinstance(sub, dict):
                yield from walk(sub, f"{at}/{keyword}/{key}", keyed=keyword in KEYED)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        yield from walk(extra, f"{at}/additionalProperties", keyed=True)
    for keyword in INNER:
        if keyword in schema:
            yield from walk(schema[keyword], f"{at}/{keyword}", keyed=False)


def subschemas(name: str) -> list[tuple[str, dict[str, Any], bool]]:
    """Return all subschemas of a published schema."""
    return list(walk(SCHEMA[name], name, keyed=False))


def alone(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a subschema that can be used by itself, with the definitions of its file."""
    return {"$defs": SCHEMA[name]["$defs"], **schema}


def required_places(name: str) -> set[str]:
    """Return the places of all properties that are required: headers, and `raw` in raw texts."""
    return {
        f"{at}/properties/{key}"
        for at, schema, _ in subschemas(name)
        for key in schema.get("required", ())
    }


def verdicts(schema: dict[str, Any], instance: object) -> tuple[bool, bool]:
    """Return what the two validators say of an instance, in a fixed order."""
    return (
        Draft202012Validator(schema).is_valid(instance),
        jsonschema_rs.Draft202012Validator(schema).is_valid(instance),
    )


def scenario(**keys: object) -> dict[str, object]:
    """Return a scenario file that holds the given keys."""
    return {"m2her": "scenario/v1", **keys}


def with_character(**keys: object) -> dict[str, object]:
    """Return a scenario file with one character that has the given keys."""
    return scenario(characters={"mara": keys})


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_under_the_metaschema(name: str) -> None:
    """Each file is a JSON Schema of the draft that it names."""
    assert SCHEMA[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA[name])
    jsonschema_rs.meta.validate(SCHEMA[name])


@pytest.mark.parametrize("name", NAMES)
def test_root_says_what_it_is(name: str) -> None:
    """The root has an identifier of our own, a title, a description and a whole example."""
    schema = SCHEMA[name]
    assert schema["$id"] == f"urn:m2her:schema:{name}:v1"
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"][0]["m2her"] == f"{name}/v1"
    assert schema["required"] == ["m2her"]
    assert schema["properties"]["m2her"]["const"] == f"{name}/v1"


@pytest.mark.parametrize("name", NAMES)
def test_file_has_the_canonical_form(name: str) -> None:
    """Two spaces, characters of any script as they are, and a newline at the end."""
    path = SCHEMAS / f"{name}.v1.schema.json"
    assert path.read_bytes() == dump(SCHEMA[name]).encode()


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_annotated(name: str) -> None:
    """Whatever an author can write has all four annotations."""
    missing = [
        (at, annotation)
        for at, schema, keyed in subschemas(name)
        if keyed
        for annotation in ANNOTATIONS
        if annotation not in schema
    ]
    empty = [
        (at, annotation)
        for at, schema, keyed in subschemas(name)
        for annotation in ("title", "description", "examples")
        if not schema.get(annotation, "absent")
    ]
    assert missing == []
    assert empty == []


@pytest.mark.parametrize("name", NAMES)
def test_every_example_validates(name: str) -> None:
    """Each example satisfies the subschema that it stands in, for both validators."""
    rejected = [
        (at, example)
        for at, schema, _ in subschemas(name)
        for example in schema.get("examples", ())
        if verdicts(alone(name, schema), example) != (True, True)
    ]
    assert rejected == []


@pytest.mark.parametrize("name", NAMES)
def test_every_default_validates(name: str) -> None:
    """Each default satisfies its subschema; what is required is never absent and so has none."""
    rejected = {
        at
        for at, schema, _ in subschemas(name)
        if "default" in schema
        if verdicts(alone(name, schema), schema["default"]) != (True, True)
    }
    assert rejected == required_places(name)


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_required_refuses_null(name: str) -> None:
    """A null removes an inherited value, so each optional key of each map takes one."""
    refusing = {
        at
        for at, schema, keyed in subschemas(name)
        if keyed
        if verdicts(alone(name, schema), None) != (True, True)
    }
    assert refusing == required_places(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_alternatives(name: str) -> None:
    """Unions are lists of types, so that an error always has one cause."""
    assert [at for at, schema, _ in subschemas(name) if COMBINATORS & schema.keys()] == []


@pytest.mark.parametrize("name", NAMES)
def test_references_stay_inside_the_file(name: str) -> None:
    """Each reference names a definition of the same file, and each definition is used."""
    definitions = {f"#/$defs/{key}" for key in SCHEMA[name]["$defs"]}
    used = {schema["$ref"] for _, schema, _ in subschemas(name) if "$ref" in schema}
    assert used == definitions


@pytest.mark.parametrize("name", NAMES)
def test_our_maps_are_closed(name: str) -> None:
    """A map refuses keys that nobody declared, and has `x-` where the keys are ours."""
    open_maps = [
        at
        for at, schema, _ in subschemas(name)
        if "properties" in schema and "additionalProperties" not in schema
    ]
    assert open_maps == []
    assert SCHEMA[name]["additionalProperties"] is False
    assert SCHEMA[name]["patternProperties"] == {"^x-": True}


def test_derived_files_are_in_step() -> None:
    """The character and persona schemas are what the scenario schema gives."""
    assert check() == ()


def test_check_names_what_is_out_of_step(tmp_path: Path) -> None:
    """A file that is absent or edited is reported, and writing it anew mends that."""
    (tmp_path / "scenario.v1.schema.json").write_bytes(
        (SCHEMAS / "scenario.v1.schema.json").read_bytes()
    )
    (tmp_path / "persona.v1.schema.json").write_text("{}", encoding="utf-8")
    assert check(tmp_path) == (
        "`character.v1.schema.json` does not exist",
        "`persona.v1.schema.json` differs from what `scenario.v1.schema.json` gives",
    )
    write(tmp_path)
    assert check(tmp_path) == ()


def test_command_line_checks() -> None:
    """The check ends with 0 when all is in step."""
    assert main(["--check"]) == 0


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_derived_root_takes_the_keys_of_its_definition(kind: str) -> None:
    """A file takes the header and then the keys that it would take inside of a scenario."""
    inside = SCHEMA["scenario"]["$defs"][kind]["properties"]
    assert list(SCHEMA[kind]["properties"]) == ["m2her", *inside]


@pytest.mark.parametrize("name", NAMES)
def test_appending_keys_take_what_their_base_takes(name: str) -> None:
    """A key with a plus sign stands right after its base and refers to the same definition."""
    found = 0
    for _, schema, _ in subschemas(name):
        properties = schema.get("properties", {})
        keys = list(properties)
        for position, key in enumerate(keys):
            if key.endswith("+"):
                found += 1
                assert keys[position - 1] == key.removesuffix("+")
                assert properties[key]["$ref"] == properties[keys[position - 1]]["$ref"]
    assert found > 0


IDENTIFIER_CASES: Final = [chr(code) for code in range(0x250)] + ["中", "é", "\u2028", "😀"]


def is_identifier_character(character: str, *, first: bool) -> bool:
    """Tell whether an identifier may hold a character: of ASCII, what names in code may hold."""
    if ord(character) >= 0x80:
        return True
    return character == "_" or (character.isalpha() if first else character.isalnum())


@pytest.mark.parametrize("place", ["characters", "variables", "matrix", "exclude", "speaker"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_identifiers_agree_character_by_character(place: str, first: bool) -> None:
    """Both regular expression engines admit exactly the same characters, everywhere."""
    schema = SCHEMA["scenario"]
    python = Draft202012Validator(schema)
    rust = jsonschema_rs.Draft202012Validator(schema)
    wrong = []
    for character in IDENTIFIER_CASES:
        key = character if first else f"b{character}"
        instance = {
            "characters": scenario(characters={key: "text"}),
            "variables": scenario(variables={key: 1}),
            "matrix": scenario(matrix={key: [1]}),
            "exclude": scenario(matrix={"exclude": [{key: 1}]}),
            "speaker": scenario(speaker=key),
        }[place]
        expected = is_identifier_character(character, first=first)
        # An axis may end in a plus sign, to append.
        if place == "matrix" and key == "b+":
            expected = True
        if (python.is_valid(instance), rust.is_valid(instance)) != (expected, expected):
            wrong.append(key)
    assert wrong == []


GOOD: Final = {
    "only-the-header": scenario(),
    "every-text-null": scenario(system=None, style=None, message=None, persona=None, group=None),
    "every-map-null": scenario(characters=None, variables=None, matrix=None, parameters=None),
    "every-list-null": scenario(tags=None, examples=None, history=None, instructions=None),
    "chinese-ids": scenario(
        characters={"诸葛亮": "你是诸葛亮。"}, speaker="诸葛亮", history=[{"诸葛亮": "坐。"}]
    ),
    "chinese-variables": scenario(variables={"时代": "现代"}, matrix={"时代": ["现代", "唐朝"]}),
    "file-id-chinese": scenario(id="隆中-对_1"),
    "file-id-number": scenario(id=7),
    "own-keys-at-the-root": scenario(**{"x-rating": {"any": ["thing"]}}),
    "own-keys-in-a-character": with_character(**{"x-voice": 3}),
    "own-keys-in-a-turn": scenario(history=[{"user": "Hi", "x-take": 2}]),
    "own-keys-in-parameters": scenario(parameters={"x-seed": 3}),
    "numbers-for-texts": scenario(message=7, persona={"name": 1.5}, instructions=[1, "b"]),
    "booleans-for-texts": scenario(message=True, history=[{"user": False}]),
    "raw-texts": scenario(
        message={"raw": "{{ x }}"}, persona={"name": {"raw": "{x}"}}, instructions={"raw": 7}
    ),
    "raw-in-a-list": scenario(instructions=["a", {"raw": "{% b %}"}]),
    "raw-script": scenario(history={"raw": "user: {{x}}"}, examples=[{"raw": "user: {{x}}"}]),
    "raw-group": scenario(group={"raw": "{{x}}"}),
    "raw-switches": scenario(raw=True, persona={"raw": True}, characters={"a": {"raw": False}}),
    "character-as-text": scenario(characters={"mara": "You are Mara.", "code": 7}),
    "character-as-null": scenario(characters={"mara": None}),
    "character-lists-or-texts": with_character(personality="kind", goals=["a", "b"], secrets=1),
    "character-appends": with_character(**{"goals+": ["a"], "secrets+": "b", "examples+": []}),
    "character-from-a-file": with_character(use="../characters/mara.yaml", name="Mara"),
    "root-appends": scenario(
        **{"tags+": ["a"], "instructions+": "b", "examples+": [], "history+": "user: c"}
    ),
    "persona-appends": scenario(persona={"personality+": ["curious"]}),
    "variable-appends": scenario(variables={"mood": {"enum+": ["fog"]}}),
    "axis-appends": scenario(matrix={"mood+": ["fog"], "exclude+": [{"mood": "fog"}]}),
    "axis-with-labels": scenario(matrix={"mood": {"a label": "calm", "7": 7, "gone": None}}),
    "axis-named-like-a-keyword": scenario(matrix={"excluded": [1], "includes+": [2]}),
    "variables-named-like-keywords": scenario(variables={"exclude": 1, "include": "a"}),
    "extends-a-list": scenario(extends=["a.yaml", "b.yaml"]),
    "exchange-as-map": scenario(examples=[{"user": "a", "ai": "b"}, {"ai": "b"}]),
    "exchange-as-turns": scenario(examples=[[{"user": "a"}, {"mara": "b", "thought": "c"}]]),
    "exchange-as-script": scenario(examples=["user: a\nmara: b"]),
    "history-as-script": scenario(history="user: a\nmara: b"),
    "greeting-number": scenario(greeting=0),
    "greeting-word": scenario(greeting="all"),
    "greeting-raw": scenario(greeting={"raw": "{x}"}),
    "parameters-of-another-service": scenario(parameters={"temperature": 1.9, "top_p": 0}),
}
BAD: Final = {
    "not-a-map": [],
    "no-header": {"id": "a"},
    "null-header": {"m2her": None},
    "header-of-another-kind": {"m2her": "character/v1"},
    "unknown-root-key": scenario(mesage="Hi"),
    "append-to-a-text": scenario(**{"message+": ["a"]}),
    "tags-append-a-text": scenario(**{"tags+": "a"}),
    "examples-append-a-text": scenario(**{"examples+": "user: a"}),
    "own-keys-in-characters": scenario(characters={"x-mara": "a"}),
    "own-keys-in-variables": scenario(variables={"x-mood": "a"}),
    "own-keys-in-matrix": scenario(matrix={"x-mood": ["a"]}),
    "own-keys-in-a-combination": scenario(matrix={"include": [{"x-mood": "a"}]}),
    "character-named-user": scenario(characters={"user": "a"}),
    "character-named-narrator": scenario(characters={"narrator": {"name": "a"}}),
    "character-id-with-a-space": scenario(characters={"mara quill": "a"}),
    "character-id-with-a-hyphen": scenario(characters={"mara-quill": "a"}),
    "character-id-with-a-digit-first": scenario(characters={"7of9": "a"}),
    "character-id-with-a-newline": scenario(characters={"mara\n": "a"}),
    "unknown-character-key": with_character(age=70),
    "character-as-list": scenario(characters={"mara": ["a"]}),
    "character-prompt-as-list": with_character(prompt=["a"]),
    "character-greetings-hold-null": with_character(greetings=["a", None]),
    "raw-character-shorthand": scenario(characters={"mara": {"raw": "a"}}),
    "raw-persona-shorthand": scenario(persona={"raw": "a"}),
    "raw-group-and-more": scenario(group={"raw": "a", "name": "b"}),
    "raw-null": scenario(message={"raw": None}),
    "raw-and-more": scenario(message={"raw": "a", "b": "c"}),
    "raw-title": scenario(title={"raw": "a"}),
    "raw-notes": scenario(notes={"raw": "a"}),
    "raw-tag": scenario(tags=[{"raw": "a"}]),
    "raw-variable-default": scenario(variables={"mood": {"default": {"raw": "a"}}}),
    "raw-path": scenario(extends={"raw": "a"}),
    "message-as-list": scenario(message=["a"]),
    "turn-as-text": scenario(history=["user: a"]),
    "turn-empty": scenario(history=[{}]),
    "turn-null": scenario(history=[None]),
    "turn-of-a-bad-speaker": scenario(history=[{"mara quill": "a"}]),
    "turn-speaker-with-a-newline": scenario(history=[{"mara\n": "a"}]),
    "turn-line-as-list": scenario(history=[{"user": ["a"]}]),
    "examples-as-script": scenario(examples="user: a"),
    "exchange-empty": scenario(examples=[[]]),
    "exchange-number": scenario(examples=[7]),
    "exchange-nests-scripts": scenario(examples=[["user: a"]]),
    "history-as-map": scenario(history={"user": "a"}),
    "file-id-with-a-space": scenario(id="a b"),
    "file-id-with-a-newline": scenario(id="a\n"),
    "file-id-empty": scenario(id=""),
    "file-id-fraction": scenario(id=1.5),
    "abstract-as-text": scenario(abstract="yes"),
    "axis-scalar": scenario(matrix={"mood": "calm"}),
    "axis-nested": scenario(matrix={"mood": [["calm"]]}),
    "axis-append-labels": scenario(matrix={"mood+": {"a": 1}}),
    "axis-append-maps": scenario(matrix={"mood+": [{"a": 1}]}),
    "exclude-scalars": scenario(matrix={"exclude": ["calm"]}),
    "exclude-append-scalars": scenario(matrix={"exclude+": ["calm"]}),
    "include-as-map": scenario(matrix={"include": {"mood": "calm"}}),
    "variable-as-list": scenario(variables={"mood": ["calm"]}),
    "variable-of-unknown-type": scenario(variables={"mood": {"type": "text"}}),
    "names-of-unknown-kind": scenario(names="sometimes"),
    "greeting-negative": scenario(greeting=-1),
    "greeting-fraction": scenario(greeting=0.5),
    "tokens-fraction": scenario(parameters={"max_completion_tokens": 1.5}),
    "temperature-as-text": scenario(parameters={"temperature": "hot"}),
    "unknown-parameter": scenario(parameters={"top_k": 3}),
}
FILES: Final = {
    "character": ("character", {"m2her": "character/v1", "name": "Mara", "raw": True}, True),
    "character-all-null": ("character", {"m2her": "character/v1", "goals": None}, True),
    "character-own-key": ("character", {"m2her": "character/v1", "x-a": 1}, True),
    "character-use": ("character", {"m2her": "character/v1", "use": "a.yaml"}, True),
    "character-with-another-header": ("character", {"m2her": "persona/v1"}, False),
    "character-as-text": ("character", "You are Mara.", False),
    "character-with-a-message": ("character", {"m2her": "character/v1", "message": "a"}, False),
    "persona": ("persona", {"m2her": "persona/v1", "description": 7}, True),
    "persona-append": ("persona", {"m2her": "persona/v1", "personality+": "a"}, True),
    "persona-with-goals": ("persona", {"m2her": "persona/v1", "goals": ["a"]}, False),
    "persona-without-header": ("persona", {"name": "a"}, False),
}
CASES: Final = [
    *(pytest.param("scenario", case, True, id=f"good-{key}") for key, case in GOOD.items()),
    *(pytest.param("scenario", case, False, id=f"bad-{key}") for key, case in BAD.items()),
    *(pytest.param(*case, id=f"file-{key}") for key, case in FILES.items()),
]


@pytest.mark.parametrize(("name", "instance", "expected"), CASES)
def test_validators_agree(name: str, instance: object, expected: bool) -> None:
    """Both validators give the verdict that the format asks for."""
    assert verdicts(SCHEMA[name], instance) == (expected, expected)
