"""The library: frozen values, nothing printed, no state."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import m2her_compose
from m2her_compose import (
    M2herError,
    Role,
    ScenarioError,
    SeveralVariantsError,
    UsageError,
    compile_scenario,
    load_library,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SCENE = """\
m2her: scenario/v1
id: tea
variables: {n: {type: integer, default: 3}, b: {type: boolean, default: true}, s: calm}
characters: {ann: {name: Ann, prompt: A host.}}
persona: {name: Zoe, description: "{{ vars.s }} {{ vars.n + 1 }} {{ not vars.b }}"}
message: Hello {{ char }}
parameters: {top_p: 0.5, temperature: 1}
"""
MATRIX = """\
m2her: scenario/v1
id: tea
variables: {mood: calm}
matrix: {mood: [calm, storm]}
system: "{{ vars.mood }}"
message: Hello
"""
WRONG = "m2her: scenario/v1\nid: bad\nsytem: Hi\nmessage: x\nnames: some\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "tea.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def test_messages_parameters_and_request(write: Callable[..., Path]) -> None:
    result = compile_scenario(write(SCENE))
    assert result.ok
    assert ("tea", (), False) == (result.id, result.diagnostics, result.abstract)
    assert [(Role.SYSTEM, "Ann"), (Role.USER_SYSTEM, "Zoe"), (Role.USER, "Zoe")] == [
        (message.role, message.name) for message in result.messages
    ]
    assert {"temperature": 1, "top_p": 0.5} == dict(result.parameters)
    body = result.request()
    assert ["model", "messages", "temperature", "top_p"] == list(body)
    assert body["messages"][1:] == [
        {"role": "user_system", "name": "Zoe", "content": "calm 4 false"},
        {"role": "user", "name": "Zoe", "content": "Hello Ann"},
    ]
    assert body == json.loads(json.dumps(body))


def test_every_message_knows_where_it_was_written(write: Callable[..., Path]) -> None:
    """Its pieces are its content, and each piece names its places."""
    result = compile_scenario(write(SCENE))
    for message in result.messages:
        assert message.content == "".join(piece.text for piece in message.pieces)
        assert all(piece.origins for piece in message.pieces)
    last = result.messages[-1]
    assert [("Hello ", "/message", 6, 10), ("Ann", "/characters/ann/name", 4, 26)] == [
        (piece.text, origin.pointer, origin.span.line, origin.span.column)
        for piece in last.pieces
        for origin in piece.origins
    ]
    assert ["Zoe"] == [piece.text for piece in last.name_pieces]


def test_values_are_frozen(write: Callable[..., Path]) -> None:
    result = compile_scenario(write(SCENE))
    message = result.messages[0]
    for value, name in (
        (result, "id"),
        (result.variants[0], "conversation"),
        (message, "role"),
        (message.pieces[0], "text"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "other")
    assert isinstance(result.messages, tuple)
    with pytest.raises(TypeError):
        result.parameters["temperature"] = 2  # type: ignore[index]


def test_a_request_is_the_callers_own(write: Callable[..., Path]) -> None:
    """To change one changes nothing of the result."""
    result = compile_scenario(write(SCENE))
    result.request()["messages"].clear()
    assert 3 == len(result.request()["messages"])


def test_variables_of_any_type(write: Callable[..., Path]) -> None:
    path = write(SCENE)
    result = compile_scenario(path, variables={"n": 41, "b": False, "s": "{{ x }} No"})
    assert "{{ x }} No 42 true" == result.messages[1].content
    wrong = compile_scenario(path, variables={"n": True, "b": 1, "s": "x"})
    assert [("M2H311", "variables['b']"), ("M2H311", "variables['n']")] == [
        (each.code.id, each.span.path) for each in wrong.diagnostics
    ]
    unknown = compile_scenario(path, variables={"nn": 1})
    assert ["M2H310"] == [each.code.id for each in unknown.diagnostics]


def test_a_message_is_never_rendered(write: Callable[..., Path]) -> None:
    said = "{{ nope }} {{char}} {% if %}"
    result = compile_scenario(write(SCENE), message=said)
    assert said == result.messages[-1].content


def test_speaker_names_and_variant(write: Callable[..., Path]) -> None:
    path = write(MATRIX)
    one = compile_scenario(path, variant="mood=storm", names="never")
    assert [("storm", None), ("Hello", None)] == [(m.content, m.name) for m in one.messages]
    both = compile_scenario(path, variant=["tea[mood=storm]", "mood=calm"])
    assert {"tea[mood=storm]", "tea[mood=calm]"} == {each.id for each in both.variants}
    assert not compile_scenario(path, variant="mood=clam").ok
    assert not compile_scenario(path, speaker="ann").ok
    with pytest.raises(UsageError, match="`always`, `given` or `never`"):
        compile_scenario(path, names="some")


def test_what_has_errors_has_diagnostics_and_no_messages(write: Callable[..., Path]) -> None:
    """Reading what there is raises nothing; asking for the request does."""
    result = compile_scenario(write(WRONG))
    assert not result.ok
    assert ((), (), {}) == (result.messages, result.variants, dict(result.parameters))
    assert ["M2H201", "M2H203"] == [each.code.id for each in result.diagnostics]
    with pytest.raises(ScenarioError, match="2 errors") as caught:
        result.request()
    assert result.diagnostics == caught.value.diagnostics
    assert isinstance(caught.value, M2herError)


def test_several_variants_are_not_one(write: Callable[..., Path]) -> None:
    result = compile_scenario(write(MATRIX))
    for ask in (result.request, lambda: result.messages, lambda: result.parameters):
        with pytest.raises(SeveralVariantsError) as caught:
            ask()
        assert ("tea[mood=calm]", "tea[mood=storm]") == caught.value.ids
    assert ["calm", "storm"] == [each.messages[0].content for each in result.variants]


@pytest.mark.parametrize("text", ["m2her: scenario/v1\nabstract: true\n", "m2her: persona/v1\n"])
def test_what_is_not_compiled_says_so(write: Callable[..., Path], text: str) -> None:
    """It has no error, and no request either."""
    result = compile_scenario(write(text))
    assert result.ok
    assert ["M2H326"] == [each.code.id for each in result.diagnostics]
    assert () == result.variants
    with pytest.raises(M2herError) as caught:
        result.request()
    assert "0 errors" not in str(caught.value)


@pytest.mark.parametrize("name", ["nope.yaml", ".", "tea.yaml/x", "a\0b"])
def test_a_path_that_cannot_be_read(write: Callable[..., Path], name: str) -> None:
    folder = write(SCENE).parent
    with pytest.raises(UsageError):
        compile_scenario(folder / name)


def test_nothing_is_printed(write: Callable[..., Path], capfd: pytest.CaptureFixture[str]) -> None:
    write(WRONG, "lib/bad.yaml")
    path = write(SCENE, "lib/tea.yaml")
    compile_scenario(path)
    compile_scenario(path.with_name("bad.yaml"))
    load_library(path.parent)
    assert ("", "") == capfd.readouterr()


def test_no_state_is_kept(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two libraries, another folder, a changed file, a changed environment."""
    one, two = write(SCENE, "one/tea.yaml"), write(MATRIX, "two/tea.yaml")
    write('[compile]\nnames = "never"\n', "two/m2her.toml")
    before = compile_scenario(one)
    assert compile_scenario(two).variants[0].messages[0].name is None
    assert before.request() == compile_scenario(one).request()
    monkeypatch.chdir(one.parent)
    assert before.request() == compile_scenario("tea.yaml").request()
    assert "tea.yaml" == compile_scenario("tea.yaml").path
    monkeypatch.chdir(two.parent)
    assert 2 == len(compile_scenario("tea.yaml").variants)
    one.write_text(SCENE.replace("A host.", "A guest."), "utf-8")
    assert "A guest." == compile_scenario(one).messages[0].content
    monkeypatch.setenv("M2HER_COMPILE_NAMES", "given")
    assert before.request() != compile_scenario(one).request()
    monkeypatch.delenv("M2HER_COMPILE_NAMES")
    assert "A host." == before.messages[0].content


def test_the_root_can_be_given(write: Callable[..., Path]) -> None:
    write("m2her: character/v1\nname: Bo\ndescription: x\n", "cast/bo.yaml")
    path = write("m2her: scenario/v1\ncharacters: {bo: {use: ../cast/bo.yaml}}\n", "in/a.yaml")
    assert ["M2H302"] == [e.code.id for e in compile_scenario(path).diagnostics if e.is_error]
    assert compile_scenario(path, root=path.parent.parent).ok


def test_a_file_outside_of_the_given_root_is_not_compiled(write: Callable[..., Path]) -> None:
    path = write(SCENE, "a/tea.yaml")
    root = write(SCENE, "b/tea.yaml").parent
    with pytest.raises(M2herError):
        compile_scenario(path, root=root).request()


def test_threads_compile_the_same(write: Callable[..., Path]) -> None:
    paths = [
        write(text.replace("id: tea", f"id: tea{n}"), f"lib/{n}.yaml")
        for n, text in enumerate([SCENE, MATRIX, WRONG] * 4)
    ]

    def compile_all(turn: int) -> list[object]:
        ordered = paths[turn:] + paths[:turn]
        results = {path: compile_scenario(path) for path in ordered}
        return [
            ([v.request() for v in results[p].variants], [str(d) for d in results[p].diagnostics])
            for p in paths
        ]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(compile_all, range(8)))
    assert all(each == compile_all(0) for each in found)


# --- load_library


def test_a_library_has_its_scenarios_by_id(write: Callable[..., Path]) -> None:
    folder = write(SCENE, "lib/sub/a.yaml").parent.parent
    write(MATRIX.replace("id: tea", "id: other"), "lib/b.yaml")
    write("m2her: scenario/v1\nabstract: true\n", "lib/base.yaml")
    write("m2her: persona/v1\nname: x\n", "lib/me.yaml")
    library = load_library(folder)
    assert {"tea", "other"} == set(library.scenarios) == {each.id for each in library}
    assert (2, ()) == (len(library), library.diagnostics)
    assert library["tea"].ok
    one = library.compile("other", variables={"mood": "storm"}, message="Hm")
    assert ["storm", "Hm"] == [message.content for message in one.messages]
    with pytest.raises(UsageError):
        library.compile("nope")
    with pytest.raises(KeyError):
        library["nope"]
    with pytest.raises((TypeError, dataclasses.FrozenInstanceError)):
        library.scenarios["x"] = library["tea"]  # type: ignore[index]


def test_a_library_survives_a_change_of_folder(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was loaded by a relative path, and still knows its files."""
    folder = write(SCENE, "lib/a.yaml").parent
    monkeypatch.chdir(folder.parent)
    library = load_library("lib")
    monkeypatch.chdir(folder)
    assert library["tea"].request() == library.compile("tea").request()


def test_one_id_twice_in_a_library_is_an_error(write: Callable[..., Path]) -> None:
    """Neither of the two is lost in silence."""
    folder = write(SCENE, "lib/a.yaml").parent
    write(MATRIX, "lib/b.yaml")
    library = load_library(folder)
    assert ["M2H805"] == [each.code.id for each in library.diagnostics]


def test_a_library_with_mistakes_is_loaded_as_far_as_it_goes(write: Callable[..., Path]) -> None:
    folder = write(SCENE, "lib/a.yaml").parent
    write(WRONG, "lib/b.yaml")
    (folder / "c.yaml").symlink_to("nowhere")
    library = load_library(folder)
    assert library["tea"].ok
    assert not library["bad"].ok
    assert {"M2H201", "M2H203"} < {each.code.id for each in library.diagnostics}


def test_a_library_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_library(tmp_path / "nope")


# --- types


def test_the_package_is_typed(tmp_path: Path) -> None:
    """A type checker sees the types of the library, and mistakes in its use."""
    from mypy import api

    snippet = tmp_path / "snippet.py"
    snippet.write_text(
        """\
from typing import assert_type
from m2her_compose import CompiledScenario, Message, compile_scenario, load_library

result = compile_scenario("a.yaml", variables={"n": 1}, variant=["x"])
assert_type(result, CompiledScenario)
assert_type(result.messages, tuple[Message, ...])
assert_type(result.messages[0].name, str | None)
assert_type(result.diagnostics[0].span.line, int)
assert_type(load_library("x")["a"], CompiledScenario)
compile_scenario("a.yaml", message=3)
result.id = "x"
""",
        "utf-8",
    )
    repository = Path(m2her_compose.__file__).parents[1]
    environment = dict(os.environ)
    os.environ["MYPYPATH"] = str(repository)
    try:
        out, err, _ = api.run(
            [
                "--strict",
                "--no-incremental",
                "--follow-imports=silent",
                f"--python-executable={sys.executable}",
                "--config-file=",
                str(snippet),
            ]
        )
    finally:
        os.environ.clear()
        os.environ.update(environment)
    errors = [line.split("error: ")[-1] for line in out.splitlines() if "error" in line]
    assert "" == err
    assert 3 == len(errors), out
    assert "incompatible type" in errors[0]
    assert "read-only" in errors[1]
    assert (Path(m2her_compose.__file__).parent / "py.typed").is_file()
