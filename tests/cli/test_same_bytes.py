"""The same input gives the same bytes, wherever and however the program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.conftest import NO_UTF8

if TYPE_CHECKING:
    from tests.cli.conftest import Program

SCENE = """\
m2her: scenario/v1
id: 茶馆{n}
tags: [b, a, c]
variables: {{mood: ıİiI, era: now}}
matrix: {{mood: [calm, storm], era: [now, then]}}
characters:
  lao_wang: {{name: 老王, description: 茶馆老板 ü, personality: [calm, "{{{{ vars.mood }}}}"]}}
  guest: {{name: 客人, description: A guest.}}
speaker: lao_wang
persona: {{name: Zoë, description: "{{{{ user | upper }}}} {{{{ vars.mood | title }}}}"}}
history:
  - user: 你好
  - lao_wang: "\\u202e\\u0301 {{{{ characters.guest.name }}}} {n}"
nonsense_{n}: 1
"""
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "hash-seed-0": {"PYTHONHASHSEED": "0"},
    "hash-seed-1": {"PYTHONHASHSEED": "1", "LC_ALL": "C"},
    "turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "latin-1": {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": NO_UTF8, "LC_ALL": "POSIX"},
    "ascii": {"PYTHONIOENCODING": "ascii:strict", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
    "utf-8": {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "TZ": "Asia/Tokyo", "TERM": "dumb"},
    "no-home": {"HOME": None, "PATH": None, "USER": None, "LANG": "xx_YY.nonsense"},
}


def library(m2her: Program, root: str, *, seed: int, errors: bool) -> None:
    """Write the same library, its files in another order for each seed."""
    numbers = sorted(range(6), key=lambda number: (number * (2 * seed + 3)) % 7)
    for number in numbers:
        text = SCENE.format(n=number)
        kept = text if errors else text.rpartition("nonsense")[0]
        m2her.write(f"{root}/{number % 2}/s{number}.yaml", kept)


def test_in_any_environment(m2her: Program) -> None:
    """Hash seeds, locales, encodings: results, findings and explanations alike."""
    library(m2her, "lib", seed=1, errors=False)
    m2her.write("lib/bad.yaml", SCENE.format(n="é"))
    arguments = ("compile", "lib", "-f", "jsonl", "--explain")
    plain = m2her(*arguments)
    assert 1 == plain.status
    for name, env in ENVIRONMENTS.items():
        assert (name, plain) == (name, m2her(*arguments, env=env))


def test_in_any_order_of_making_and_in_any_folder(m2her: Program) -> None:
    """Requests hold no path, so that a library may be moved."""
    library(m2her, "one/lib", seed=1, errors=False)
    library(m2her, "two/deeper/lib", seed=2, errors=False)
    one = m2her("compile", "lib", cwd=m2her.folder / "one")
    two = m2her("compile", "lib", cwd=m2her.folder / "two/deeper")
    elsewhere = m2her("compile", m2her.folder / "one/lib")
    assert 0 == one.status
    assert one.raw == two.raw == elsewhere.raw


def test_the_width_of_a_terminal_changes_no_result(m2her: Program) -> None:
    library(m2her, "lib", seed=3, errors=False)
    plain = m2her("compile", "lib", "-f", "text")
    narrow = m2her("compile", "lib", "-f", "text", env={"COLUMNS": "30", "FORCE_COLOR": "1"})
    assert (0, plain.raw) == (narrow.status, narrow.raw)
