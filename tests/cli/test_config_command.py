"""`m2her config`: each setting, its value, and where that came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Program


def rows(shown: str) -> dict[str, list[str]]:
    """Return the value and the origin of each setting."""
    found = (line.split(maxsplit=2) for line in shown.splitlines())
    return {name: rest for name, *rest in found}


def test_defaults(m2her: Program) -> None:
    done = m2her("config")
    shown = rows(done.out)
    assert (0, "") == (done.status, done.err)
    assert {"default"} == {origin for _, origin in shown.values()}
    assert ['"always"', "default"] == shown["compile.names"]
    assert ['"https://api.minimax.io"', "default"] == shown["run.base-url"]
    for name in ("min-version", "library.scenarios", "check.per-path-ignores", "run.retries"):
        assert name in shown


def test_the_environment_holds_over_the_file_and_the_file_over_defaults(m2her: Program) -> None:
    """From any folder of the library, or with any file of it named."""
    m2her.write("lib/m2her.toml", '[compile]\nnames = "given"\nbudget = 900\n')
    m2her.write("lib/sub/a.yaml")
    env = {"M2HER_COMPILE_NAMES": "never", "M2HER_RUN_TIMEOUT": "2.5"}
    for arguments, cwd in (((), "lib/sub"), (("lib",), "."), (("lib/sub/a.yaml",), ".")):
        done = m2her("config", *arguments, env=env, cwd=m2her.folder / cwd)
        shown = rows(done.out)
        assert (0, "") == (done.status, done.err)
        assert ['"never"', "environment (M2HER_COMPILE_NAMES)"] == shown["compile.names"]
        assert ["2.5", "environment (M2HER_RUN_TIMEOUT)"] == shown["run.timeout"]
        value, origin = shown["compile.budget"]
        assert ("900", True) == (value, origin.endswith("m2her.toml:3:1"))
        assert ["3", "default"] == shown["run.retries"]


def test_mistakes_are_findings_where_they_stand(m2her: Program) -> None:
    """All in one run; the defaults hold in their place, and nothing is compiled."""
    m2her.write(
        "m2her.toml",
        'colour = 1\n[compile]\nnams = "given"\nbudget = "lots"\n\n[run]\n'
        'base-url = "https://evil.example"\nregion = "mars"\n',
    )
    m2her.write("tea.yaml")
    config, compiled = m2her("config"), m2her("compile", "tea.yaml")
    assert (1, 1, "") == (config.status, compiled.status, compiled.out)
    assert config.err == compiled.err
    for expected in (
        "there is no setting `colour`\n  --> m2her.toml:1:1",
        "there is no setting `compile.nams`\n  --> m2her.toml:3:1",
        "did you mean `compile.names`?",
        "`compile.budget` wants a whole number of tokens\n  --> m2her.toml:4:1",
        "`run.base-url` wants a URL of the vendor or of this machine\n  --> m2her.toml:7:1",
        "`run.region` wants `global` or `cn`\n  --> m2her.toml:8:1",
    ):
        assert expected in config.err
    assert config.err.endswith("\n5 errors\n")
    assert "evil" not in config.out


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(b"\n[compile\n", "m2her.toml:2:9", id="syntax"),
        pytest.param(b"[run]\nretries = " + b"9" * 5000, "m2her.toml:2:", id="5000-digits"),
        pytest.param(b"\na = " + b"[" * 5000, "m2her.toml:", id="deep-nesting"),
        pytest.param(b"a." * 5000 + b"b = 1", "m2her.toml:1:1", id="deep-key"),
        pytest.param(b"\n# \xff\n", "m2her.toml:2:3", id="not-utf-8"),
        pytest.param(b"#" * 1_000_001, "m2her.toml:1:1", id="too-large"),
    ],
)
def test_a_file_that_is_not_toml(m2her: Program, text: bytes, place: str) -> None:
    m2her.write("m2her.toml", text)
    done = m2her("config")
    assert 1 == done.status
    assert f"--> {place}" in done.err
    assert "1 error" in done.err
    assert len(done.err) < 1000


def test_a_settings_file_that_cannot_be_read_is_no_file_without_settings(m2her: Program) -> None:
    (m2her.folder / "m2her.toml").mkdir()
    done = m2her("config")
    assert 1 == done.status
    assert "m2her.toml" in done.err


def test_a_bad_value_in_the_environment_is_a_finding(m2her: Program) -> None:
    done = m2her("config", env={"M2HER_COMPILE_NAMES": "some\x1b[31m"})
    assert 1 == done.status
    assert "`M2HER_COMPILE_NAMES` wants `always`, `given` or `never`" in done.err
    assert "\x1b" not in done.err
