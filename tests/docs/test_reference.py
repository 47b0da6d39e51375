"""The reference of the format names all that its schemas name."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from scripts import schema_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
HEADINGS: Final = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
SCENARIO: Final = schema_reference.schema_of("scenario")
# Lists and single values that have no keys, or none but `raw`: told of where they are taken.
WITHOUT_KEYS: Final = {
    "appended", "axis", "choices", "combinations", "entry", "exchanges", "instructions", "keep",
    "name_key", "path", "plain", "scalar", "tags", "text", "texts", "turns",
}  # fmt: skip


def keys() -> Iterator[tuple[str, str]]:
    yield from (("scenario", key) for key in schema_reference.keys_of(SCENARIO))
    for part in schema_reference.PARTS:
        schema = SCENARIO["$defs"][part.definition]
        yield from ((part.definition, key) for key in schema_reference.keys_of(schema))


@pytest.mark.parametrize(("owner", "key"), list(keys()), ids=str)
def test_every_key_has_a_heading(owner: str, key: str) -> None:
    assert schema_reference.heading_of(owner, key) in HEADINGS


def test_headings_are_unique_so_that_links_find_them() -> None:
    assert [heading for heading, count in Counter(HEADINGS).items() if count > 1] == []


def test_every_definition_of_the_schema_is_a_part_or_has_no_keys() -> None:
    parts = {part.definition for part in schema_reference.PARTS}

    assert set(SCENARIO["$defs"]) == parts | WITHOUT_KEYS


@pytest.mark.parametrize("kind", ["character", "persona"])
def test_a_file_has_the_keys_that_its_part_is_said_to_have(kind: str) -> None:
    file: dict[str, Any] = json.loads(
        (ROOT / "schemas" / f"{kind}.v1.schema.json").read_text(encoding="utf-8")
    )

    assert set(file["properties"]) - set(SCENARIO["$defs"][kind]["properties"]) == {"m2her"}
