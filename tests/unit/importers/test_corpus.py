"""Requests, and the scenarios that are made of them.

`tests/corpus/import` holds requests, each beside its scenario, and what is said of it if anything.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from m2her_compose import compile_scenario
from m2her_compose.importers import Imported, import_request, read_requests

if TYPE_CHECKING:
    from ...conftest import Golden

CORPUS: Final = Path(__file__).resolve().parents[2] / "corpus"
CASES: Final = sorted((CORPUS / "import").glob("*.json"))
by_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)


def imported(case: Path) -> Imported:
    [found] = read_requests(case.read_bytes(), case.name)
    return import_request(found.value)


@by_case
def test_a_request_becomes_exactly_this_scenario(case: Path, golden: Golden) -> None:
    golden(case.with_suffix(".yaml"), imported(case).text)


@by_case
def test_what_is_changed_or_left_out_is_told(case: Path, golden: Golden) -> None:
    made = imported(case)
    told = [*(f"changed: {each}" for each in made.losses), *(f"aside: {x}" for x in made.notes)]
    expected = case.with_suffix(".out")
    assert expected.is_file() == bool(told)
    if told:
        golden(expected, "".join(f"{each}\n" for each in told))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.stem != "lossy"], ids=lambda path: path.stem
)
def test_the_scenario_compiles_to_the_request(case: Path) -> None:
    """Seen from outside: by the file that was written, for the target that was named."""
    value = json.loads(case.read_text(encoding="utf-8"))
    body = value if isinstance(value, dict) else {"messages": value}
    result = compile_scenario(case.with_suffix(".yaml"), target=imported(case).target)
    expected = [{**message, "content": text_of(message)} for message in body["messages"]]
    assert expected == result.request()["messages"]
    asked = {key: body[key] for key in body if key not in ("messages", "model")}
    assert asked == dict(result.parameters)
    assert body.get("model", "M2-her") == result.request()["model"]


def text_of(message: dict[str, Any]) -> Any:
    content = message["content"]
    return content if isinstance(content, str) else content[0]["text"]


def compiled_requests() -> list[Any]:
    found = []
    for path in sorted((CORPUS / "compile").glob("*/expected.json")):
        value = json.loads(path.read_text(encoding="utf-8"))
        bodies = value if isinstance(value, list) else [value]
        found += [
            pytest.param(body, id=f"{path.parent.name}-{number}")
            for number, body in enumerate(bodies)
        ]
    return found


@pytest.mark.parametrize("body", compiled_requests())
def test_every_request_of_the_compile_corpus_comes_back(body: Any, tmp_path: Path) -> None:
    made = import_request(body)
    assert () == made.losses
    file = tmp_path / "scenario.yaml"
    file.write_text(made.text, encoding="utf-8")
    assert body == compile_scenario(file).request()


@pytest.mark.parametrize("target", ["m2-her", "basic", "openrouter"])
def test_every_scenario_of_the_library_comes_back(target: str, tmp_path: Path) -> None:
    folder = CORPUS.parents[1] / "scenarios"
    file = tmp_path / "scenario.yaml"
    wrong = []
    for path in sorted(folder.glob("*.yaml")):
        for variant in compile_scenario(path, target=target).variants:
            body = variant.request()
            file.write_text(import_request(body).text, encoding="utf-8")
            if compile_scenario(file, target=target).request() != body:
                wrong.append(variant.id)
    assert wrong == []
