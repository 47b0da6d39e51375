"""`use` and `extends`: what is inherited, what is refused, and that nothing leaves the library."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from m2her_compose import compile_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from m2her_compose.compiled import CompiledScenario

SCENARIO = "m2her: scenario/v1\n"
CHARACTER = "m2her: character/v1\n"
SECRET = "the secret of another folder"


def compiled(folder: Path, **files: str) -> CompiledScenario:
    """Write files (`a_b` is `a/b.yaml`) and compile `scene`."""
    for name, text in files.items():
        path = folder / (name.replace("_", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return compile_scenario(folder / "scene.yaml")


def codes(result: CompiledScenario) -> list[str]:
    return [finding.code.id for finding in result.diagnostics if finding.is_error]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"scene": "extends: scene.yaml\n"}, ["scene.yaml", "scene.yaml"]),
        ({"scene": "extends: a.yaml\n", "a": "extends: scene.yaml\n"}, ["scene.yaml", "a.yaml"]),
        (
            {"scene": "extends: a.yaml\n", "a": "extends: b.yaml\n", "b": "extends: a.yaml\n"},
            ["a.yaml", "b.yaml", "a.yaml"],
        ),
    ],
    ids=["itself", "two", "a circle further on"],
)
def test_a_cycle_is_named(tmp_path: Path, files: dict[str, str], names: list[str]) -> None:
    result = compiled(tmp_path, **{name: SCENARIO + text for name, text in files.items()})
    found = [d for d in result.diagnostics if d.code.slug == "cycle"]
    assert len(found) == 1
    for name in names:
        assert f"`{name}`" in found[0].message


def test_a_cycle_of_characters_is_named(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO + "characters: {m: {use: a.yaml}}\n",
        a=CHARACTER + "use: b.yaml\n",
        b=CHARACTER + "use: a.yaml\n",
    )
    assert ["M2H304"] == codes(result)


def test_a_diamond_is_no_cycle(tmp_path: Path) -> None:
    """The last one named wins, whatever both build on."""
    result = compiled(
        tmp_path,
        scene=SCENARIO + "extends: [left.yaml, right.yaml]\nmessage: Hi\n",
        left=SCENARIO + "extends: base.yaml\nstyle: left\n",
        right=SCENARIO + "extends: base.yaml\n",
        base=SCENARIO + "abstract: true\nsystem: base\nstyle: base\n",
    )
    assert [] == codes(result)
    assert "base\n\nStyle: base" == result.messages[0].content


def test_a_base_may_be_extended_twice(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO + "extends: [base.yaml, base.yaml]\nmessage: Hi\ninstructions+: [b]\n",
        base=SCENARIO + "system: base\ninstructions: [a]\n",
    )
    assert "base\n\nRules:\n- a\n- b" == result.messages[0].content


def test_what_belongs_to_one_file_is_not_inherited(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO + "extends: base.yaml\nmessage: Hi\n",
        base=SCENARIO + "id: other\nabstract: true\nsummary: s\nnotes: n\nsystem: base\n",
    )
    assert (True, "scene", False) == (result.ok, result.id, result.abstract)


def test_a_mistake_in_a_base_is_reported_there_and_leads_back(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO + "extends: lib/base.yaml\nmessage: Hi\n",
        lib_base=SCENARIO + "system: |\n  One\n  {{ nobody }}\n",
    )
    (found,) = result.diagnostics
    assert "M2H402" == found.code.id
    assert found.span.path.endswith("lib/base.yaml")
    assert (4, 6) == (found.span.line, found.span.column)
    assert ["scene.yaml"] == [r.span.path.rpartition("/")[2] for r in found.related]
    assert [2] == [r.span.line for r in found.related]


# --- staying within the library


@pytest.mark.parametrize(
    "path",
    [
        "../outside/a.yaml",
        "../../outside/a.yaml",
        "x/../../outside/a.yaml",
        "./.././outside/a.yaml",
        "{outside}/a.yaml",
        "{inside}/ok.yaml",
        "/etc/passwd",
        "link.yaml",
        "folder/a.yaml",
        "chain.yaml",
        "folder/../../outside/a.yaml",
        "up/outside/a.yaml",
    ],
)
@pytest.mark.parametrize("how", ["use", "extends"])
def test_a_path_that_leaves_is_refused(tmp_path: Path, path: str, how: str) -> None:
    """Also by way of links, and also an absolute path that would lead back inside."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    kind = CHARACTER if how == "use" else SCENARIO
    field = "prompt" if how == "use" else "system"
    (outside / "a.yaml").write_text(f"{kind}{field}: {SECRET}\n", encoding="utf-8")
    (inside / "ok.yaml").write_text(f"{kind}{field}: {SECRET}\n", encoding="utf-8")
    (inside / "link.yaml").symlink_to(outside / "a.yaml")
    (inside / "chain.yaml").symlink_to(inside / "link.yaml")
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "up").symlink_to("..", target_is_directory=True)
    path = path.format(outside=outside, inside=inside)
    body = f"characters: {{m: {{use: {path}}}}}\n" if how == "use" else f"extends: {path}\n"
    result = compiled(inside, scene=f"{SCENARIO}{body}message: Hi\n")
    assert ["M2H302"] == codes(result)
    assert all(SECRET not in f"{d.message}{d.help}{d.span.text}" for d in result.diagnostics)


@pytest.mark.parametrize("path", ["a.yaml", "./a.yaml", "x/../a.yaml", "in.yaml", "x/a.yaml"])
def test_a_path_that_stays_is_followed(tmp_path: Path, path: str) -> None:
    """Links may lead where they will, as long as it is within the root."""
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "a.yaml").write_text(f"{SCENARIO}system: there\n", encoding="utf-8")
    (tmp_path / "x").symlink_to("y", target_is_directory=True)
    (tmp_path / "in.yaml").symlink_to("y/a.yaml")
    (tmp_path / "a.yaml").write_text(f"{SCENARIO}system: there\n", encoding="utf-8")
    result = compiled(tmp_path, scene=f"{SCENARIO}extends: {path}\nmessage: Hi\n")
    assert [] == codes(result)
    assert "there" == result.messages[0].content


def test_a_root_that_is_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real, target_is_directory=True)
    (real / "a.yaml").write_text(f"{SCENARIO}system: there\n", encoding="utf-8")
    (real / "scene.yaml").write_text(f"{SCENARIO}extends: a.yaml\nmessage: Hi\n", encoding="utf-8")
    result = compile_scenario(tmp_path / "link" / "scene.yaml", root=tmp_path / "link")
    assert [] == codes(result)


def test_a_folder_with_settings_widens_the_root(tmp_path: Path) -> None:
    (tmp_path / "m2her.toml").write_text("", encoding="utf-8")
    result = compiled(
        tmp_path / "scenarios",
        scene=f"{SCENARIO}extends: ../bases/a.yaml\nmessage: Hi\n",
        x=SCENARIO + "system: x\n",
    )
    assert ["M2H301"] == codes(result)
    (tmp_path / "bases").mkdir()
    (tmp_path / "bases" / "a.yaml").write_text(f"{SCENARIO}system: there\n", encoding="utf-8")
    assert [] == codes(compile_scenario(tmp_path / "scenarios" / "scene.yaml"))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ('"a\\0b.yaml"', "M2H302"),
        ("folder", "M2H301"),
        (".", "M2H301"),
        ("scene.yaml/x", "M2H301"),
        ('"\\U0001F600.yaml"', "M2H301"),
        ("a" * 5000, "M2H301"),
        ("none.yaml", "M2H301"),
        ("pipe", "M2H301"),
        ("'~/x.yaml'", "M2H301"),
        ("loop", "M2H301"),
    ],
    ids=[
        "nul",
        "folder",
        "itself",
        "below a file",
        "odd",
        "long",
        "missing",
        "pipe",
        "home",
        "link to itself",
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, path: str, code: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    result = compiled(tmp_path, scene=f"{SCENARIO}extends: {path}\nmessage: Hi\n")
    assert [code] == codes(result)


@pytest.mark.skipif(sys.platform != "linux", reason="devices have other names elsewhere")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    """Within a root that holds everything, it is still no regular file."""
    path = tmp_path / "scene.yaml"
    device = os.path.relpath("/dev/zero", tmp_path)
    path.write_text(f"{SCENARIO}extends: {device}\nmessage: Hi\n", encoding="utf-8")
    assert ["M2H301"] == codes(compile_scenario(path, root="/"))


# --- raw


def test_raw_covers_the_texts_of_its_own_file_only(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO
        + "characters:\n  m: {use: m.yaml, speech: '{{ char }} is brief.'}\nmessage: Hi\n",
        m=CHARACTER + "raw: true\nname: Mara\ndescription: '{{char}} says {{ 1 + 1 }}'\n",
    )
    assert [] == codes(result)
    content = result.messages[0].content
    assert "Mara says {{ 1 + 1 }}" in content
    assert "Mara is brief." in content


def test_raw_of_a_scenario_does_not_cover_what_it_uses(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO
        + "raw: true\ncharacters: {m: {use: m.yaml, speech: '{{ 1 + 1 }}'}}\nmessage: '{{ 2 }}'\n",
        m=CHARACTER + "name: Mara\ndescription: '{{ 3 + 1 }}'\n",
    )
    assert [] == codes(result)
    content = result.messages[0].content
    assert "4" in content
    assert "{{ 1 + 1 }}" in content
    assert "{{ 2 }}" == result.messages[-1].content


def test_raw_beside_a_use_covers_the_keys_beside_it(tmp_path: Path) -> None:
    """`raw: true` beside one character marks that character's own keys, not those of the file."""
    result = compiled(
        tmp_path,
        scene=SCENARIO
        + "characters: {m: {use: m.yaml, raw: true, speech: '{{ 1 }}'}}\nmessage: Hi\n",
        m=CHARACTER + "name: Mara\ndescription: 'x{{ 3 + 1 }}'\n",
    )
    assert [] == codes(result)
    assert "x4" in result.messages[0].content
    assert "{{ 1 }}" in result.messages[0].content


def test_raw_is_not_inherited_through_extends(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        scene=SCENARIO + "extends: base.yaml\nmessage: 'x{{ 1 + 1 }}'\n",
        base=SCENARIO + "raw: true\nsystem: 'x{{ 1 + 1 }}'\n",
    )
    assert ["x{{ 1 + 1 }}", "x2"] == [message.content for message in result.messages]
