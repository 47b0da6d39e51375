"""A library's settings: `m2her.toml`, the environment over it, and where each value came from."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from ._version import __version__
from .diagnostics import Severity, Source, Span
from .diagnostics import codes as c
from .diagnostics.policy import Policy, names_code, unknown_code
from .diagnostics.suggest import close_matches
from .frozen import frozen
from .source import decode, shown_path
from .targets import TARGETS, target_by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .diagnostics import Sink
    from .source import Files

FILE_NAME: Final = "m2her.toml"
_MOST_BYTES: Final = 1_000_000
_MOST_DOTS: Final = 100
_MOST_TOKENS: Final = 100_000_000
_MOST_SECONDS: Final = 86_400
# A cloned library must not be able to send keys and chats elsewhere (SECURITY, "a key leaks").
_VENDOR_HOSTS: Final = ("api.minimax.io", "api.minimaxi.com")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@frozen
class Option:
    """One setting: where it stands, what it takes, its default, and what it does."""

    section: str
    key: str
    takes: str
    accepts: Callable[[Any], bool]
    default: Any
    about: str

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}" if self.section else self.key

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "M2HER_" + re.sub(r"[.-]", "_", self.name).upper()


@frozen
class Setting:
    """A setting's value, and where it came from; `span` is its place in a file."""

    value: Any
    origin: str
    span: Span | None = None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST_SECONDS
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text_or_texts(value: Any) -> bool:
    return _is_text(value) or _is_texts(value)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _is_severities(value: Any) -> bool:
    return isinstance(value, dict) and all(
        level in ("error", "warning", "note", "off") for level in value.values()
    )


def _is_path_ignores(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_texts(codes) for codes in value.values())


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{1,6}(\.\d{1,6}){0,2}", value) is not None


def _is_safe_url(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    from urllib.parse import urlsplit

    try:
        url = urlsplit(value)
    except ValueError:
        return False
    encrypted = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    return url.hostname in (*_VENDOR_HOSTS, *_LOOPBACK) and encrypted and not url.username


OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        section="",
        key="min-version",
        takes="a version",
        accepts=_is_version,
        default=None,
        about="The oldest m2her that can read the library.",
    ),
    Option(
        section="library",
        key="scenarios",
        takes="a folder, or a list of them",
        accepts=_is_text_or_texts,
        default=".",
        about="Where the library's files are.",
    ),
    Option(
        section="library",
        key="templates",
        takes="a folder",
        accepts=_is_text,
        default=None,
        about="The library's own templates, one folder per language.",
    ),
    Option(
        section="compile",
        key="target",
        takes="a target's name",
        accepts=_is_text,
        default="m2-her",
        about="What the messages are made for.",
    ),
    Option(
        section="compile",
        key="names",
        takes="`always`, `given` or `never`",
        accepts=_one_of("always", "given", "never"),
        default="always",
        about="Which names are sent, where a scenario does not say.",
    ),
    Option(
        section="compile",
        key="context-window",
        takes="a whole number of tokens",
        accepts=_is_whole,
        default=65_344,
        about="The most prompt tokens that the model takes.",
    ),
    Option(
        section="compile",
        key="budget",
        takes="a whole number of tokens",
        accepts=_is_whole,
        default=None,
        about="The prompt tokens that a request may use.",
    ),
    Option(
        section="check",
        key="select",
        takes="a list of codes",
        accepts=_is_texts,
        default=[],
        about="The findings to report; all when empty.",
    ),
    Option(
        section="check",
        key="ignore",
        takes="a list of codes",
        accepts=_is_texts,
        default=[],
        about="The findings not to report.",
    ),
    Option(
        section="check",
        key="severity",
        takes="a table of severities",
        accepts=_is_severities,
        default={},
        about="Other severities, by code.",
    ),
    Option(
        section="check",
        key="per-path-ignores",
        takes="a table of lists of codes",
        accepts=_is_path_ignores,
        default={},
        about="Findings not to report, by path.",
    ),
    Option(
        section="check",
        key="fail-on",
        takes="`error`, `warning` or `note`",
        accepts=_one_of("error", "warning", "note"),
        default="error",
        about="The least severity that fails a check.",
    ),
    Option(
        section="run",
        key="base-url",
        takes="a URL of the vendor or of this machine",
        accepts=_is_safe_url,
        default="https://api.minimax.io",
        about="Where requests go.",
    ),
    Option(
        section="run",
        key="region",
        takes="`global` or `cn`",
        accepts=_one_of("global", "cn"),
        default="global",
        about="Which of the vendor's regions requests go to.",
    ),
    Option(
        section="run",
        key="timeout",
        takes="a number of seconds",
        accepts=_is_number,
        default=60,
        about="How long a request may take.",
    ),
    Option(
        section="run",
        key="retries",
        takes="a whole number",
        accepts=lambda v: v == 0 or _is_whole(v),
        default=3,
        about="How often a failed request is tried again.",
    ),
)
_BY_NAME: Final = {option.name: option for option in OPTIONS}
_SECTIONS: Final = {option.section for option in OPTIONS if option.section}


@frozen
class Settings:
    """The settings of one library, by name (`compile.names`)."""

    values: Mapping[str, Setting]

    def __getitem__(self, name: str) -> Any:
        return self.values[name].value


def policy_of(settings: Settings) -> Policy:
    """Return what a library's settings make of findings."""
    return Policy(
        select=tuple(settings["check.select"]),
        ignore=tuple(settings["check.ignore"]),
        severity=settings["check.severity"],
        per_path=settings["check.per-path-ignores"],
    )


def find_root(path: Path, given: Path | None, files: Files) -> Path:
    """Return the root of the library that a file belongs to, symlinks resolved.

    It is the nearest folder above the file that holds an m2her.toml; without one, the folder
    given on the command line that the file was found in; without that, the file's own folder.
    """
    for folder in path.parents:
        if FILE_NAME in files.names(folder):
            return folder
    return given if given is not None else path.parent


def load_settings(
    root: Path, base: Path, files: Files, environment: Mapping[str, str], sink: Sink
) -> Settings:
    """Read a library's settings; mistakes in them are findings, and the defaults hold instead."""
    values = {option.name: Setting(value=option.default, origin="default") for option in OPTIONS}
    source = _read(root / FILE_NAME, base, files, sink)
    if source is not None:
        values.update(_from_file(source, sink))
    values.update(_from_environment(environment, sink))
    return Settings(values=values)


def _read(path: Path, base: Path, files: Files, sink: Sink) -> Source | None:
    empty = Span(Source(path=shown_path(path, base), text=""), 0, 0)
    if not files.resolve(path).is_relative_to(path.parent):
        sink.add(c.PATH_OUTSIDE, "the settings are a link that leads out of the library", empty)
        return None
    try:
        data = files.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        sink.add(c.UNREADABLE, f"cannot be read: {error.strerror or error}", empty)
        return None
    return decode(data, shown_path(path, base), sink, _MOST_BYTES)


def _from_file(source: Source, sink: Sink) -> dict[str, Setting]:
    import tomllib

    dots = max((line.partition("=")[0].count(".") for line in source.text.split("\n")), default=0)
    if dots > _MOST_DOTS:  # which tomllib reads in quadratic time
        sink.add(c.SETTINGS_SYNTAX, "nested too deeply", Span(source, 0, 1))
        return {}
    try:
        table = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        at = (
            source.line_starts()[int(place[1]) - 1] + int(place[2]) - 1
            if place
            else len(source.text)
        )
        message = re.sub(r" \(at .*\)$", "", str(error))
        sink.add(c.SETTINGS_SYNTAX, message[:1].lower() + message[1:], Span(source, at, at + 1))
        return {}
    except (RecursionError, ValueError) as error:
        what = (
            "nested too deeply"
            if isinstance(error, RecursionError)
            else "a number with too many digits"
        )
        endless = re.search(r"[0-9]{1000,}", source.text)
        at = endless.start() if endless and not isinstance(error, RecursionError) else 0
        sink.add(c.SETTINGS_SYNTAX, what, Span(source, at, at + 1))
        return {}
    values: dict[str, Setting] = {}
    for name, value in _flat(table):
        if sink.is_full(source):
            break
        span = _place(source, name)
        option = _BY_NAME.get(name)
        if option is None:
            _report_unknown(name, span, sink)
        elif not option.accepts(value):
            sink.add(c.SETTINGS_VALUE, f"`{name}` wants {option.takes}", span)
        else:
            values[name] = Setting(value=value, origin=str(span), span=span)
            _look_into(name, value, span, sink)
    return values


def _flat(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        if key in _SECTIONS and isinstance(value, dict):
            pairs.extend((f"{key}.{inner}", each) for inner, each in value.items())
        else:
            pairs.append((key, value))
    return pairs


def _place(source: Source, name: str) -> Span:
    """Find the line that sets a key: TOML's reader keeps no places."""
    section, _, key = name.rpartition(".")
    start = 0
    if section:
        header = re.search(
            rf"^[ \t]*\[[ \t]*{re.escape(section)}[ \t]*\]", source.text, re.MULTILINE
        )
        start = header.end() if header else 0
    dotted = rf"(?:{re.escape(section)}[ \t]*\.[ \t]*)?" if section else ""
    setting = rf"""^[ \t]*{dotted}(["']?{re.escape(key)}["']?)[ \t]*[=.]"""
    table = rf"^[ \t]*\[[ \t]*({re.escape(name)})\b"
    pattern = f"{setting}|{table}"
    found = re.compile(pattern, re.MULTILINE).search(source.text, start)
    if found is None:
        return Span(source, start, start)
    group = 1 if found[1] else 2
    return Span(source, found.start(group), found.end(group))


def _report_unknown(name: str, span: Span, sink: Sink) -> None:
    close = close_matches(name, list(_BY_NAME)) or close_matches(
        name.rpartition(".")[2], [option.key for option in OPTIONS]
    )
    sink.add(
        c.SETTINGS_KEY,
        f"there is no setting `{name}`",
        span,
        help=f"did you mean `{close[0]}`?" if close else "`m2her config` lists all settings",
    )


def _look_into(name: str, value: Any, span: Span, sink: Sink) -> None:
    """Report what a value of the right type names, and what there is not."""
    match name:
        case "min-version":
            _check_version(value, span, sink)
        case "check.select":
            _check_codes(name, value, span, sink, may_be_errors=True)
        case "check.ignore" | "check.severity":
            _check_codes(name, value, span, sink)
        case "check.per-path-ignores":
            for codes in value.values():
                _check_codes(name, codes, span, sink)
        case "compile.target" if target_by_id(value) is None:
            known = [target.id for target in TARGETS]
            close = close_matches(value, known)
            listed = ", ".join(f"`{each}`" for each in known)
            advice = f"did you mean `{close[0]}`?" if close else f"targets are {listed}"
            message = f"there is no target `{value}`"
            sink.add(c.SETTINGS_VALUE, message, _inside(span, value), help=advice)
        case _:
            pass


def _check_codes(
    name: str, codes: Iterable[str], span: Span, sink: Sink, *, may_be_errors: bool = False
) -> None:
    for code in codes:
        if sink.is_full(span.source):
            return
        named = [each for each in c.ALL if names_code((code,), each)]
        if not named:
            problem, advice = unknown_code(code)
            sink.add(c.SETTINGS_VALUE, f"`{name}`: {problem}", _inside(span, code), help=advice)
        elif not may_be_errors and all(each.severity is Severity.ERROR for each in named):
            sink.add(
                c.SETTINGS_VALUE,
                f"`{name}`: `{code}` is an error",
                _inside(span, code),
                help="errors cannot be ignored, nor given another severity: mend what they name",
            )


def _inside(span: Span, text: str) -> Span:
    """Return where a part of a setting's value stands; the setting where it is not found."""
    found = re.compile(re.escape(text)).search(span.source.text, span.end) if text else None
    return span if found is None else Span(span.source, found.start(), found.end())


def _check_version(wanted: str, span: Span, sink: Sink) -> None:
    if _numbers(wanted) > _numbers(__version__):
        sink.add(
            c.MIN_VERSION,
            f"the library wants m2her {wanted}, and this is {__version__}",
            span,
            help="upgrade: `pip install --upgrade m2her`",
        )


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", version)[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))


def _from_environment(environment: Mapping[str, str], sink: Sink) -> dict[str, Setting]:
    values: dict[str, Setting] = {}
    for option in OPTIONS:
        text = environment.get(option.variable)
        if not text or not option.section or isinstance(option.default, dict):
            continue
        value = _from_text(option, text)
        if option.accepts(value) or option.name == "run.base-url":
            values[option.name] = Setting(value=value, origin=f"environment ({option.variable})")
        else:
            source = Source(path=option.variable, text=text)
            sink.add(
                c.SETTINGS_VALUE,
                f"`{option.variable}` wants {option.takes}",
                Span(source, 0, len(text)),
            )
    return values


def _from_text(option: Option, text: str) -> Any:
    if isinstance(option.default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    if option.accepts(1) and re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if option.accepts(0.5) and re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", text):
        return float(text)
    return text


def environment() -> dict[str, str]:
    """Return this process's settings variables, and nothing else of its environment."""
    return {
        option.variable: os.environ[option.variable]
        for option in OPTIONS
        if option.variable in os.environ
    }
