"""The package finds what it needs however it was installed. Needs no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from m2her_compose._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]

# One process for the module, so that the distributions are built once.
pytestmark = [
    pytest.mark.xdist_group("packaging"),
    pytest.mark.skipif(
        not (ROOT / "pyproject.toml").is_file(), reason="builds from a checkout or an sdist"
    ),
]


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program in a folder and return what it printed; fail with all it said."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1", **(env or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment that sees this one's dependencies, and not its `m2her_compose`.

    `--system-site-packages` is not enough: started in a virtual environment, it gives the
    packages of the Python below. A path file gives ours. It does not follow the path files it
    finds there, so an editable install of the checkout is not seen through it.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Environment:
        run(
            *(sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", folder),
            cwd=folder.parent,
        )
        environment = cls(folder=folder)
        site_packages = Path(environment.python_value("sysconfig.get_path('purelib')"))
        ours = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
        # Path files are read by name: this one comes after that of an editable install.
        (site_packages / "zz_dependencies.pth").write_text("\n".join(ours) + "\n", "utf-8")
        return environment

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def python_value(self, expression: str, env: Mapping[str, str] | None = None) -> str:
        """Evaluate an expression outside of the checkout."""
        imports = "import importlib.metadata, json, sysconfig, m2her_compose.schema"
        if "m2her_compose" not in expression:
            imports = imports.removesuffix(", m2her_compose.schema")
        python = self.scripts / "python"
        code = f"{imports}; print({expression})"
        return run(python, "-c", code, cwd=self.folder, env=env).rstrip("\n")

    def install(self, *arguments: str | Path) -> None:
        """Install with this environment's pip. What is already seen of `m2her` does not count."""
        pytest.importorskip("pip", reason="installs with pip")
        run(
            *(sys.executable, "-m", "pip", "--python", self.scripts / "python", "install"),
            *("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"),
            *("--ignore-installed", "--no-build-isolation", *arguments),
            cwd=self.folder,
        )


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist and the wheel of the checkout into a folder."""
    folder = tmp_path_factory.mktemp("dist")
    run(
        *(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder),
        cwd=ROOT,
    )
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    [path] = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment.create(tmp_path_factory.mktemp("wheel") / "venv")
    environment.install(wheel)
    return environment


def wheel_names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def below(folder: Path, files: Iterable[Path], prefix: str) -> set[str]:
    return {f"{prefix}/{path.relative_to(folder).as_posix()}" for path in files if path.is_file()}


SCHEMA_TITLE = "m2her_compose.schema.load_schema('scenario')['title']"
PACKAGE_FILE = "m2her_compose.__file__"


def expected_title() -> str:
    schema = json.loads((ROOT / "schemas" / "scenario.v1.schema.json").read_text("utf-8"))
    title = schema["title"]
    assert isinstance(title, str)
    return title


def test_schemas_are_found_in_a_checkout(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "venv")
    env = {"PYTHONPATH": str(ROOT)}

    assert environment.python_value(SCHEMA_TITLE, env) == expected_title()
    assert Path(environment.python_value(PACKAGE_FILE, env)).is_relative_to(ROOT)


def test_schemas_are_found_in_an_editable_install(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "venv")
    environment.install("-e", ROOT)

    assert environment.python_value(SCHEMA_TITLE) == expected_title()
    assert Path(environment.python_value(PACKAGE_FILE)).is_relative_to(ROOT)


def test_schemas_are_found_in_a_wheel(wheel_environment: Environment) -> None:
    found = Path(wheel_environment.python_value(PACKAGE_FILE))

    assert wheel_environment.python_value(SCHEMA_TITLE) == expected_title()
    assert found.resolve().is_relative_to(wheel_environment.folder.resolve())


def test_wheel_holds_the_data_of_the_checkout(wheel: Path) -> None:
    package = ROOT / "m2her_compose"
    schemas = ROOT / "schemas"
    rules = ROOT / "docs" / "rules"
    expected = {
        "m2her_compose/py.typed",
        *below(package, package.rglob("*.py"), "m2her_compose"),
        *below(package, package.rglob("*.j2"), "m2her_compose"),
        *below(schemas, schemas.glob("*.schema.json"), "m2her_compose/_schemas"),
        *below(rules, rules.glob("*.md"), "m2her_compose/_rules"),
    }

    assert expected - wheel_names(wheel) == set()
    assert any(name.endswith(".j2") for name in expected)
    assert any(name.endswith(".schema.json") for name in expected)


def test_wheel_installs_one_package_and_nothing_beside_it(wheel: Path) -> None:
    tops = {name.split("/", 1)[0] for name in wheel_names(wheel)}

    assert tops == {"m2her_compose", f"m2her-{__version__}.dist-info"}


def test_sdist_holds_what_the_tests_need(dist: Path) -> None:
    [path] = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}

    needed = {
        *("Makefile", "constraints.txt", "pyproject.toml"),
        *below(ROOT / "tests", (ROOT / "tests").rglob("*.py"), "tests"),
        *below(ROOT / "tests", (ROOT / "tests" / "corpus").rglob("*.yaml"), "tests"),
        *below(ROOT / "schemas", (ROOT / "schemas").glob("*.json"), "schemas"),
        *below(ROOT / "scenarios", (ROOT / "scenarios").rglob("*.yaml"), "scenarios"),
    }
    assert needed - names == set()


def test_version_is_the_same_everywhere(wheel: Path, wheel_environment: Environment) -> None:
    m2her = wheel_environment.scripts / "m2her"
    printed = run(m2her, "--version", cwd=wheel_environment.folder)

    assert printed.split()[-1] == __version__
    assert wheel_environment.python_value("importlib.metadata.version('m2her')") == __version__
    assert wheel.name.split("-")[1] == __version__
