"""`m2her schema`: the JSON Schemas, listed, printed and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Program

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def test_without_a_kind_all_are_listed(m2her: Program) -> None:
    done = m2her("schema")
    kinds = [line.split()[0] for line in done.out.splitlines()]
    assert (0, "") == (done.status, done.err)
    assert ["scenario", "character", "persona"] == kinds[:3]
    assert {path.name.partition(".")[0] for path in SCHEMAS.iterdir()} == {*kinds}


def test_a_kind_is_printed_as_it_is_published(m2her: Program) -> None:
    done = m2her("schema", "tokens")
    assert (0, "") == (done.status, done.err)
    assert (SCHEMAS / "tokens.v1.schema.json").read_bytes() == done.raw


def test_a_kind_is_written_to_a_file_or_into_a_folder(m2her: Program) -> None:
    (m2her.folder / "there").mkdir()
    for output in ("here.json", "there", "new/"):
        done = m2her("schema", "persona", "--output", output)
        assert (0, "") == (done.status, done.out)
    name = "persona.v1.schema.json"
    assert ["here.json", f"new/{name}", f"there/{name}"] == m2her.files()
    assert "persona/v1" in json.dumps(json.loads((m2her.folder / "here.json").read_text()))


def test_without_a_kind_a_folder_gets_what_editors_need(m2her: Program) -> None:
    """Also where older ones are, which `init` would keep."""
    m2her("init")
    m2her.write(".m2her/schemas/scenario.v1.schema.json", "{}")
    done = m2her("schema", "-o", ".m2her/schemas")
    assert (0, "", 3) == (done.status, done.out, done.err.count("wrote .m2her/schemas/"))
    for path in (m2her.folder / ".m2her/schemas").iterdir():
        assert (SCHEMAS / path.name).read_bytes() == path.read_bytes()


def test_what_cannot_be_is_refused(m2her: Program) -> None:
    m2her.write("file")
    (m2her.folder / "link").symlink_to("file")
    for arguments, reason in (
        (("novel",), "there is no schema of `novel`"),
        (("../schemas/persona",), "there is no schema"),
        (("persona", "-o", "link"), "link"),
        (("persona", "-o", ""), "--output wants a path"),
        (("-o", "file"), "is no folder"),
    ):
        done = m2her("schema", *arguments)
        assert (2, "") == (done.status, done.out)
        assert reason in done.err


def test_schemas_do_not_leave_through_a_link(m2her: Program) -> None:
    outside = m2her.folder.parent / "outside"
    outside.mkdir()
    (m2her.folder / ".m2her").symlink_to(outside)
    done = m2her("schema", "--output", ".m2her/schemas")
    assert (2, []) == (done.status, list(outside.iterdir()))
    assert "leads out of this folder through a link" in done.err
