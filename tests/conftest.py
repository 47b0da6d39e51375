"""What all tests share: expected files that are compared byte for byte, and written on demand."""

from __future__ import annotations

import os
import site
from typing import TYPE_CHECKING, Final, Protocol

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OPTION = "--update-golden"

# A machine under load is slow, which is no failure. In CI the same examples are tried each time: a
# search for new ones belongs where somebody looks at what it finds.
_PATIENT: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", _PATIENT)
settings.register_profile("ci", _PATIENT, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# What programs need to run at all, and what measures coverage or runs the tests. Not HOME: what a
# user keeps there is for git, curl and shells, and results of checks are kept there.
_NEEDED: Final = {"PATH", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "CI"}
_ALSO_NEEDED: Final = ("COV", "PYTEST_", "LD_", "DYLD_")


@pytest.fixture(scope="session", autouse=True)
def _same_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no variable and no dotfile of this machine reach the tests, or the programs they run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name not in _NEEDED and not name.startswith(_ALSO_NEEDED):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        # Packages may stand below the user's own HOME.
        patch.setenv("PYTHONUSERBASE", site.getuserbase())
        yield


class Golden(Protocol):
    """Hold a text to a file."""

    def __call__(self, path: Path, actual: str) -> None:
        """Compare `actual` with the file's bytes, or write it there with the option."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _OPTION,
        action="store_true",
        help="write expected files anew instead of comparing; then read what has changed",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that holds a text to an expected file, to the byte."""
    update = bool(request.config.getoption(_OPTION))

    def hold(path: Path, actual: str) -> None:
        data = actual.encode()
        if update:
            if not path.is_file() or path.read_bytes() != data:
                path.write_bytes(data)
            return
        if not path.is_file():
            pytest.fail(f"{path.name} is missing: run pytest with {_OPTION} and read it")
        expected = path.read_bytes()
        # As texts first: pytest shows where they differ.
        assert expected.decode() == actual, f"{path.name}: {_OPTION} writes it anew"
        assert expected == data

    return hold
