"""The lock: what it holds of requests, what it says of changes, and what it refuses to be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from m2her_compose.build import Wishes
from m2her_compose.compiler import Compiler, Input
from m2her_compose.lockfile import MAX_BYTES, Lock, LockError, drifts, lock_of, read_lock
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

SCENE = """\
m2her: scenario/v1
id: inn
title: The inn
system: You keep an inn.
persona: A ferryman.
group: A wet evening.
examples:
- {user: Is there a room?, ai: There is always a room.}
- {user: And a bath?, ai: There is the river.}
history:
- user: Good evening.
- ai: Wipe your feet.
message: What is the soup?
parameters: {temperature: 0.9}
"""
VARIANTS = """\
m2her: scenario/v1
id: 时辰
variables: {hour: dawn}
matrix: {hour: [dawn, noon]}
system: It is {{ vars.hour }}.
message: Hello
"""


def lock(*texts: str, target: str | None = None) -> Lock:
    """Compile scenarios that are in no file."""
    folder = Path("/nowhere")
    found = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.yaml"
        compiler = Compiler(
            files=Disk(texts={path: text.encode()}),
            base=folder,
            root=folder,
            wishes=Wishes(target=target),
        )
        result = compiler.compile(Input(path=path), Overrides())
        assert result.ok
        found += [variant.conversation for variant in result.variants]
    return lock_of(found)


def told(old: str, new: str) -> tuple[str, ...]:
    """Return what is said of the one scenario that changed."""
    [drift] = drifts(read(lock(old)), lock(new))
    return drift.what


def read(written: Lock) -> Lock:
    return read_lock(written.text().encode())


def test_a_lock_is_toml_with_a_line_for_each_part() -> None:
    text = lock(SCENE, VARIANTS).text()
    table = tomllib.loads(text)
    assert table["version"] == 1
    ids = [each["id"] for each in table["request"]]
    assert ids == ["inn", "时辰[hour=dawn]", "时辰[hour=noon]"] == sorted(ids)
    inn = table["request"][0]
    assert list(inn) == [
        *("id", "target", "hash", "model", "parameters", "system", "persona", "group", "message"),
        *("examples", "history"),
    ]
    assert (len(inn["examples"]), len(inn["history"])) == (2, 2)


def test_a_lock_holds_no_text() -> None:
    text = lock(SCENE).text()
    for word in ("inn.", "ferryman", "wet", "bath", "feet", "soup"):
        assert word not in text


def test_what_was_written_is_read() -> None:
    written = lock(SCENE, VARIANTS)
    assert read(written).text() == written.text()
    assert drifts(read(written), written) == ()
    crlf = b"\xef\xbb\xbf" + written.text().replace("\n", "\r\n").encode()
    assert read_lock(crlf).text() == written.text()
    assert read(lock_of([])).entries == {}


def test_the_order_of_scenarios_is_of_no_account() -> None:
    assert lock(SCENE, VARIANTS).text() == lock(VARIANTS, SCENE).text()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("keep an inn", "keep a mill", ("system changed",)),
        ("A ferryman", "A miller", ("persona changed",)),
        ("A wet", "A dry", ("group changed",)),
        ("the soup", "the bread", ("message changed",)),
        ("0.9", "0.8", ("parameters changed",)),
        ("parameters", "model: M2-her-2\nparameters", ("model changed",)),
        ("the river", "a pond", ("example 2 of 2 changed",)),
        ("Wipe your", "Mind your", ("history message 2 of 2 changed",)),
        ("group: A wet evening.\n", "", ("group removed",)),
        ("- {user: And a bath?, ai: There is the river.}\n", "", ("examples: 2 → 1",)),
        ("- user: Good evening.\n", "", ("history messages: 2 → 1",)),
        (
            "- user: Good evening.\n- ai: Wipe",
            "- ai: Mind",
            ("history messages: 2 → 1, others changed",),
        ),
        (
            "You keep an inn.\npersona: A",
            "You keep.\npersona: No",
            (
                "system changed",
                "persona changed",
            ),
        ),
    ],
)
def test_how_a_request_changed_is_said(old: str, new: str, expected: tuple[str, ...]) -> None:
    assert told(SCENE, SCENE.replace(old, new)) == expected


def test_a_part_that_is_new_is_said() -> None:
    assert told(SCENE.replace("persona: A ferryman.\n", ""), SCENE) == ("persona added",)


def test_requests_come_and_go() -> None:
    found = drifts(lock(SCENE, VARIANTS), lock(VARIANTS.replace("noon", "dusk")))
    assert [(each.id, each.what) for each in found] == [
        ("inn", ("gone",)),
        ("时辰[hour=dusk]", ("not locked",)),
        ("时辰[hour=noon]", ("gone",)),
    ]


def test_a_scenario_with_errors_is_not_gone() -> None:
    assert drifts(lock(SCENE, VARIANTS), lock(SCENE), broken=["时辰"]) == ()


def test_another_target_is_said_first() -> None:
    [drift] = drifts(lock(SCENE), lock(SCENE, target="basic"))
    assert drift.what[0] == "target m2-her → basic"


def test_a_hash_that_no_part_explains_is_a_change() -> None:
    written = lock(SCENE)
    entry = written.entries["inn"]
    other = written.text().replace(entry.hash, f"sha256:{'0' * 64}")
    [drift] = drifts(read_lock(other.encode()), written)
    assert drift.what == ("changed",)


# --- what is no lock

ENTRY = lock(SCENE).text()
HASH = lock(SCENE).entries["inn"].hash


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "does not begin with its version", id="empty"),
        pytest.param(b"{}", "does not begin with its version", id="json"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="encoding"),
        pytest.param(b" " * (MAX_BYTES + 1), "larger than", id="large"),
        pytest.param(b"version = 2\n", "newer m2her", id="newer"),
        pytest.param(b"version = 0\n", "version", id="version-0"),
        pytest.param(b"version = " + b"9" * 5000, "version", id="endless-version"),
        pytest.param(b"version = 1\nid = 1\n", "line 2 is none", id="no-request"),
        pytest.param(
            ENTRY.replace("[[request]]", "<<<<<<< ours\n[[request]]").encode(),
            "line 5: a conflict",
            id="conflict",
        ),
        pytest.param(ENTRY.replace('id = "inn"', "id = 5").encode(), "proper `id`", id="id"),
        pytest.param(ENTRY.replace('id = "inn"\n', "").encode(), "proper `id`", id="no-id"),
        pytest.param(ENTRY.replace(HASH, "sha256:no").encode(), "proper `hash`", id="hash"),
        pytest.param(
            ENTRY.replace("examples = [", "examples = [1, ").encode(),
            "proper `examples`",
            id="list",
        ),
        pytest.param(
            (ENTRY + ENTRY[ENTRY.index("[[") :]).encode(), "there twice", id="request-twice"
        ),
        pytest.param(
            ENTRY.replace('id = "inn"', 'id = "inn"\nid = "inn"').encode(), "line 7", id="key-twice"
        ),
        pytest.param(ENTRY.replace("model", "evil").encode(), "none of a lock's", id="unknown-key"),
        pytest.param(
            b"version = 1\n[[request]]\nid = " + b"[" * 100_000, "line 3 is none", id="deep"
        ),
        pytest.param(
            b"version = 1\n[[request]]\nid = " + b"9" * 5_000, "line 3 is none", id="digits"
        ),
    ],
)
def test_what_is_no_lock_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(LockError, match=said):
        read_lock(data)
