"""What holds for a whole run, and what a process is told when nobody waits for it any more."""

from __future__ import annotations

import signal
from multiprocessing import Pipe
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from m2her_compose.survey import Workers, context, context_of
from m2her_compose.survey.workers import _deaf_to_ctrl_c, serve

if TYPE_CHECKING:
    from pathlib import Path


def workers(folder: Path, tokenizer: Path | None = None) -> Workers:
    return Workers(
        count=1,
        base=folder,
        root=None,
        environment={},
        target=None,
        select=None,
        ignore=None,
        tokenizer=str(tokenizer) if tokenizer is not None else None,
    )


def test_a_program_that_runs_counts_as_what_it_was_started_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.py").write_text("old")
    monkeypatch.setattr(context, "_PACKAGE", tmp_path)
    context._own_files.cache_clear()
    try:
        before = context_of(workers(tmp_path))
        (tmp_path / "rules.py").write_text("new")
        assert context_of(workers(tmp_path)) == before
        context._own_files.cache_clear()
        assert context_of(workers(tmp_path)) != before
    finally:
        context._own_files.cache_clear()


def test_a_tokenizer_counts_as_what_was_loaded(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("old")
    before = context_of(workers(tmp_path, path))
    path.write_text("new")
    assert context_of(workers(tmp_path, path)) == before
    other = tmp_path / "other.json"
    other.write_text("new")
    assert context_of(workers(tmp_path, other)) != before


def test_a_worker_whose_results_nobody_takes_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    ours, theirs = Pipe()
    ours.send([(0, tmp_path / "none.yaml", tmp_path)])
    ours.close()

    serve(workers(tmp_path), context_of(workers(tmp_path)), theirs)


@pytest.mark.parametrize(("program", "is_checked"), [("as it was", False), ("as it is", True)])
def test_a_worker_of_another_program_checks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, *, is_checked: bool
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("m2her_compose.survey.context.context_of", lambda _: "as it is")
    (tmp_path / "anna.yaml").write_text("m2her: persona/v1\nname: Anna\n")
    ours, theirs = Pipe()
    ours.send([(0, tmp_path / "anna.yaml", tmp_path)])
    served = Thread(target=serve, args=(workers(tmp_path), program, theirs))
    served.start()
    [(number, record)] = ours.recv()
    ours.close()
    served.join()

    assert number == 0
    assert (record is not None) == is_checked


def test_an_interruption_while_a_worker_is_started_comes_after_that() -> None:
    """It is held back and not lost, and the worker is started without hearing of any."""
    blocked: list[bool] = []

    def start_and_be_interrupted() -> None:
        with _deaf_to_ctrl_c():
            signal.raise_signal(signal.SIGINT)
            blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            start_and_be_interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert blocked == [True]
