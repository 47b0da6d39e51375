"""What all tests share: expected files that are compared byte for byte, and written on demand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pathlib import Path

_OPTION = "--update-golden"

# A machine under load is slow, which is no failure. In CI the same examples are tried each time: a
# search for new ones belongs where somebody looks at what it finds.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


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
