"""Every schema that is published can be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from m2her_compose.errors import UsageError
from m2her_compose.starting import FILE_KINDS, schema_file_name, schema_kinds, schema_text

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"


def test_all_are_listed_with_those_of_files_first() -> None:
    kinds = schema_kinds()
    assert {path.name for path in SCHEMAS.iterdir()} == {schema_file_name(kind) for kind in kinds}
    assert FILE_KINDS == (*kinds,)[: len(FILE_KINDS)]
    assert all(kinds.values())


@pytest.mark.parametrize("kind", schema_kinds())
def test_the_text_is_the_published_one(kind: str) -> None:
    assert (SCHEMAS / schema_file_name(kind)).read_text(encoding="utf-8") == schema_text(kind)
    assert json.loads(schema_text(kind))["title"] == schema_kinds()[kind]


@pytest.mark.parametrize("kind", ["", "novel", "../schemas/scenario", "/etc/passwd", "a\0b"])
def test_no_other_file_can_be_asked_for(kind: str) -> None:
    with pytest.raises(UsageError, match="there is no schema"):
        schema_text(kind)
