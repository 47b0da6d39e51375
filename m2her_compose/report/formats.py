"""The formats that programs read, by the name that `--format` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .github import github
from .gitlab import gitlab
from .json import json_report
from .junit import junit
from .sarif import sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model import Report

FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "json": json_report,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
}
