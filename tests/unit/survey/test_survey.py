"""A check of many files finds the same, wherever its results come from."""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from m2her_compose.checker import Checker
from m2her_compose.compiler import Compiler, Input
from m2her_compose.source import Disk
from m2her_compose.source.asking import answer_to
from m2her_compose.survey import Survey, UnreadableError, WorkerError, Workers, workers

if TYPE_CHECKING:
    from types import ModuleType

_SCRIPTS: Final = Path(__file__).resolve().parents[3] / "benchmarks" / "library"
CIRCLE: Final = "m2her: scenario/v1\nabstract: true\nextends: {other}.yaml\n"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, _SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generate: Any = load("generate")
mutate: Any = load("mutate")


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """Make a library of a few files: two extend each other, and one is none of ours."""
    folder = tmp_path / "library"
    generate.write(folder, 16)
    for name, other in (("x", "y"), ("y", "x")):
        (folder / "bases" / f"{name}.yaml").write_text(CIRCLE.format(other=other))
    (folder / "compose.yaml").write_text("services: {}\n")
    (folder / "broken.yaml").write_text("m2her: scenario/v1\nsystem: [\n")
    return mutate.Library.at(folder, seed=3)


# --- the cache


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_a_cache_makes_no_difference(
    library: Any, tmp_path: Path, seed: int
) -> None:
    """The short form of benchmarks/library/mutate.py, from four beginnings."""
    library.random = random.Random(seed)  # noqa: S311 - nothing is kept secret
    looked_up, checked = mutate.mutated(library, tmp_path / "cache", rounds=60)

    assert looked_up > checked > 100


@pytest.mark.parametrize("seed", range(3))
def test_a_cache_that_is_not_held_against_the_files_is_found_out(
    library: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(Survey, "_holds", lambda *_: True)
    library.random = random.Random(seed)  # noqa: S311 - nothing is kept secret

    with pytest.raises(AssertionError, match="other findings after"):
        mutate.mutated(library, tmp_path / "cache", rounds=200)


def test_a_second_run_checks_nothing(library: Any, tmp_path: Path) -> None:
    first, every = mutate.found(library, tmp_path / "cache")
    second, some = mutate.found(library, tmp_path / "cache")

    assert first == second
    assert every == 20
    assert some == 0


def test_a_file_with_another_time_is_not_checked_again(library: Any, tmp_path: Path) -> None:
    mutate.found(library, tmp_path / "cache")
    mutate.touch(library)

    assert mutate.found(library, tmp_path / "cache")[1] == 0


def test_every_question_is_among_those_that_a_result_names(library: Any) -> None:
    """What is asked of the files and not named could change without being noticed."""
    asked: set[str] = set()

    class Spy(Disk):
        def read(self, path: Path) -> bytes:
            asked.add(f"read {path}")
            return super().read(path)

        def resolve(self, path: Path) -> Path:
            asked.add(f"real {path}")
            return super().resolve(path)

        def is_folder(self, path: Path) -> bool:
            asked.add(f"folder {path}")
            return super().is_folder(path)

        def names(self, folder: Path) -> list[str]:
            asked.add(f"names {folder}")
            return super().names(folder)

    for item in Compiler(base=library.folder).find(library.folder):
        checker = Checker(compiler=Compiler(files=Spy(), base=library.folder))
        checker.compiler.opened(item)
        asked.clear()
        result = checker.check_file(item)

        assert asked <= {f"real {item.path}", *result.asked}
        assert all(answer_to(q, Disk()) == a for q, a in result.asked.items())


def test_what_is_asked_does_not_depend_on_who_asked_before(library: Any) -> None:
    items = Compiler(base=library.folder).find(library.folder)
    together = Checker(compiler=Compiler(base=library.folder))
    results = [together.check_file(item) for item in items]

    for item, result in zip(items, results, strict=True):
        alone = Checker(compiler=Compiler(base=library.folder)).check_file(item)
        assert result.asked == alone.asked


# --- workers


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("batch", [1, 7])
def test_workers_make_no_difference(
    library: Any, monkeypatch: pytest.MonkeyPatch, count: int, batch: int
) -> None:
    monkeypatch.setattr(workers, "_BATCH", batch)
    expected, every = mutate.found(library, None)
    staff = mutate.workers_of(library, count)
    actual, here = mutate.found(library, None, workers=staff, fewest_for_workers=1)

    assert actual == expected
    assert every == 20
    assert here == 0


def test_workers_fill_the_cache(library: Any, tmp_path: Path) -> None:
    staff = mutate.workers_of(library, 2)
    cache = tmp_path / "cache"
    expected, _ = mutate.found(library, cache, workers=staff, fewest_for_workers=1)

    assert mutate.found(library, cache) == (expected, 0)


class Late(Workers):
    """Workers that begin when the library has other settings."""

    def checker(self) -> Checker:
        (self.base / "m2her.toml").write_text("[compile]\nbudget = 60\n")
        return super().checker()


def as_a(kind: type[Workers], given: Workers) -> Workers:
    return kind(**{name: getattr(given, name) for name in Workers.__slots__})  # type: ignore[attr-defined]


def test_workers_that_find_other_settings_are_not_listened_to(library: Any, tmp_path: Path) -> None:
    settings = library.folder / "m2her.toml"
    before = settings.read_bytes()
    expected, _ = mutate.found(library, None)
    late = as_a(Late, mutate.workers_of(library, 2))
    mutate.found(library, tmp_path / "cache", workers=late, fewest_for_workers=1)
    settings.write_bytes(before)

    assert mutate.found(library, tmp_path / "cache")[0] == expected


class Dying(Workers):
    """Workers that end as soon as they are to begin."""

    def checker(self) -> Checker:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def test_a_worker_that_dies_is_an_error(library: Any) -> None:
    dying = as_a(Dying, mutate.workers_of(library, 2))

    with pytest.raises(WorkerError, match=r"a worker process was ended by signal 9"):
        mutate.found(library, None, workers=dying, fewest_for_workers=1)


def test_workers_are_gone_when_their_work_is_interrupted(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Any] = []
    end = workers._Worker.end

    def noted(worker: Any) -> None:
        end(worker)
        ended.append(worker.process.exitcode)

    monkeypatch.setattr(workers._Worker, "end", noted)

    def interrupt(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    staff = mutate.workers_of(library, 2)
    with pytest.raises(KeyboardInterrupt):
        mutate.found(library, None, workers=staff, fewest_for_workers=1, tell=interrupt)

    assert ended == [-signal.SIGKILL, -signal.SIGKILL]


# --- files


def test_a_named_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    survey = Survey(checker=Checker(compiler=Compiler(base=tmp_path)))

    with pytest.raises(UnreadableError, match=r"gone\.yaml: No such file"):
        survey.results([Input(path=tmp_path / "gone.yaml")])


def test_how_many_are_done_is_told_as_it_goes(library: Any) -> None:
    told: list[int] = []
    mutate.found(library, None, tell=told.append)

    assert told == list(range(21))
