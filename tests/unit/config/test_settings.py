"""m2her.toml: where it is looked for, what it may say, and what holds over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from m2her_compose.config import OPTIONS, Settings, environment, find_root, load_settings
from m2her_compose.diagnostics import Sink
from m2her_compose.source import Disk

ROOT = Path("/library")


def load(text: str | bytes | None, **variables: str) -> tuple[Settings, list[str]]:
    """Return the settings of a library, and findings as `path:line:column message`."""
    data = text.encode() if isinstance(text, str) else text
    sink = Sink()
    files = Disk(texts={} if data is None else {ROOT / "m2her.toml": data})
    settings = load_settings(ROOT, ROOT, files, variables, sink)
    return settings, [f"{each.span} {each.message}" for each in sink.sorted()]


def test_defaults_hold_without_a_file() -> None:
    settings, findings = load(None)
    assert {option.name: option.default for option in OPTIONS} == {
        name: each.value for name, each in settings.values.items()
    }
    assert {"default"} == {each.origin for each in settings.values.values()}
    assert [] == findings


def test_every_option_can_be_set() -> None:
    settings, findings = load(
        """\
min-version = "0.1"
library = {scenarios = ["a", "b"], templates = "templates"}
compile.names = "never"
[compile]
target = "basic"
context-window = 9
budget = 8
[check]
select = ["M2H1"]
ignore = []
fail-on = "note"
[check.severity]
M2H108 = "off"
[check.per-path-ignores]
"drafts/*" = ["M2H1"]
[run]
base-url = "https://api.minimaxi.com/v1"
region = "cn"
timeout = 2.5
retries = 0
""".replace('compile.names = "never"\n[compile]\n', '[compile]\nnames = "never"\n')
    )
    assert [] == findings
    assert settings["library.scenarios"] == ["a", "b"]
    assert settings["compile.names"] == "never"
    assert settings["check.severity"] == {"M2H108": "off"}
    assert settings["check.per-path-ignores"] == {"drafts/*": ["M2H1"]}
    assert (2.5, 0) == (settings["run.timeout"], settings["run.retries"])
    assert "default" not in {each.origin for each in settings.values.values()}
    assert "m2her.toml:4:1" == settings.values["compile.names"].origin


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('[compile]\nnams = "given"', "m2her.toml:2:1 there is no setting `compile.nams`"),
        ("colour = 1", "m2her.toml:1:1 there is no setting `colour`"),
        (
            "[compile]\r\nnames = 3",
            "m2her.toml:2:1 `compile.names` wants `always`, `given` or `never`",
        ),
        ("[run]\nretries = true", "m2her.toml:2:1 `run.retries` wants a whole number up to 100"),
        ("[run]\nretries = -1", "m2her.toml:2:1 `run.retries` wants a whole number up to 100"),
        ("[run]\nretries = 101", "m2her.toml:2:1 `run.retries` wants a whole number up to 100"),
        ("[run]\ntimeout = nan", "m2her.toml:2:1 `run.timeout` wants a number of seconds"),
        ("[run]\ntimeout = inf", "m2her.toml:2:1 `run.timeout` wants a number of seconds"),
        ("[check]\nselect = [1]", "m2her.toml:2:1 `check.select` wants a list of codes"),
        ('min-version = "99"', "m2her.toml:1:1 the library wants m2her 99, and this is"),
        ('min-version = "x"', "m2her.toml:1:1 `min-version` wants a version"),
        ("a = 1\nb = ", "m2her.toml:2:5 invalid value"),
        ("a = 1\na = 2", "m2her.toml:2:"),
        (b"a = '\xff'", "m2her.toml:1:6 the byte 0xFF is not UTF-8"),
        ("x = " + "[" * 3000, "m2her.toml:1:"),
        ("\nx = " + "9" * 5000, "m2her.toml:2:"),
        ("[compile]\nbudget = " + "9" * 4000, "m2her.toml:2:1 `compile.budget` wants"),
    ],
    ids=[
        "key-in-section",
        "key",
        "word",
        "boolean",
        "negative",
        "many",
        "nan",
        "inf",
        "list-of-numbers",
        "newer-version",
        "no-version",
        "syntax",
        "twice",
        "not-utf-8",
        "deep",
        "5000-digits",
        "4000-digits",
    ],
)
def test_mistakes_are_findings_and_defaults_hold(text: str | bytes, finding: str) -> None:
    settings, findings = load(text)
    assert 1 == len(findings)
    assert findings[0].startswith(finding)
    kept = {name for name, each in settings.values.items() if each.origin != "default"}
    assert kept <= {"min-version"}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://api.minimax.io.evil.example",
        "https://api.minimax.io@evil.example/",
        "https://evil.example#api.minimax.io",
        "https://evil.example\\@api.minimax.io",
        "//evil.example",
        "file:///etc/passwd",
        "http://127.0.0.1.evil.example",
        "http://[::1",
        "http://2130706433.evil.example",
        "http://api.minimax.io",
        "",
    ],
)
def test_a_library_cannot_send_requests_elsewhere(url: str) -> None:
    """Nor in the clear; the environment is the user's own, and may name any host."""
    settings, findings = load(f"[run]\nbase-url = '{url}'")
    assert [
        "m2her.toml:2:1 `run.base-url` wants a URL of the vendor or of this machine"
    ] == findings
    assert "https://api.minimax.io" == settings["run.base-url"]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.minimax.io",
        "https://API.minimaxi.com/v1",
        "http://localhost:8080",
        "http://127.0.0.1:1",
        "http://[::1]:9",
    ],
)
def test_vendor_and_loopback_are_allowed(url: str) -> None:
    settings, findings = load(f"[run]\nbase-url = '{url}'")
    assert ([], url) == (findings, settings["run.base-url"])


# --- the environment


def test_the_environment_holds_over_the_file() -> None:
    settings, findings = load(
        '[compile]\nnames = "given"\n',
        M2HER_COMPILE_NAMES="never",
        M2HER_CHECK_SELECT="a, b",
        M2HER_RUN_TIMEOUT="2.5",
        M2HER_RUN_RETRIES="0",
        M2HER_RUN_BASE_URL="https://proxy.example",
    )
    assert [] == findings
    assert ("never", ["a", "b"], 2.5, 0, "https://proxy.example") == (
        settings["compile.names"],
        settings["check.select"],
        settings["run.timeout"],
        settings["run.retries"],
        settings["run.base-url"],
    )
    assert "environment (M2HER_COMPILE_NAMES)" == settings.values["compile.names"].origin


def test_a_bad_variable_is_a_finding() -> None:
    settings, findings = load(None, M2HER_COMPILE_BUDGET="lots")
    assert ["M2HER_COMPILE_BUDGET:1:1 `M2HER_COMPILE_BUDGET` wants a whole number of tokens"] == (
        findings
    )
    assert settings["compile.budget"] is None


def test_only_our_own_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M2HER_COMPILE_NAMES", "never")
    monkeypatch.setenv("M2HER_SECRET", "x")
    monkeypatch.setenv("MINIMAX_API_KEY", "x")
    assert {"M2HER_COMPILE_NAMES": "never"} == environment()


# --- the root


def test_the_root_is_the_nearest_folder_with_settings(tmp_path: Path) -> None:
    deep = tmp_path / "a/b/c"
    deep.mkdir(parents=True)
    file = deep / "tea.yaml"
    assert deep == find_root(file, None, Disk())
    assert tmp_path / "a" == find_root(file, tmp_path / "a", Disk())
    (tmp_path / "m2her.toml").touch()
    assert tmp_path == find_root(file, tmp_path / "a", Disk())
    (tmp_path / "a/b/m2her.toml").touch()
    assert tmp_path / "a/b" == find_root(file, tmp_path / "a", Disk())
