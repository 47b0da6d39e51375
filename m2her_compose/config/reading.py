"""Read settings: `m2her.toml`, and the environment over it. Mistakes in them are findings."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from .._version import __version__
from ..diagnostics import Severity, Source, Span
from ..diagnostics import codes as c
from ..diagnostics.policy import names_code, unknown_code
from ..diagnostics.suggest import close_matches
from ..source import decode, shown_path
from ..targets import read_targets
from .options import MOST_ENTRIES, OPTIONS, SEVERITIES
from .settings import DEFAULT, Setting, Settings, target_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..diagnostics import Sink
    from ..source import Files
    from ..targets import Target
    from .options import Option

FILE_NAME: Final = "m2her.toml"
_MOST_BYTES: Final = 1_000_000
_MOST_DOTS: Final = 100
_BY_NAME: Final = {option.name: option for option in OPTIONS}
_SECTIONS: Final = {option.section for option in OPTIONS if option.section}


def find_root(
    path: Path, given: Path | None, files: Files, known: dict[Path, Path | None] | None = None
) -> Path:
    """Return the root of the library that a file belongs to, symlinks resolved.

    It is the nearest folder above the file that holds an m2her.toml; without one, the folder
    given on the command line that the file was found in; without that, the file's own folder.
    `known` remembers which root each folder has, so that each is looked into once.
    """
    known = {} if known is None else known
    asked: list[Path] = []
    root: Path | None = None
    for folder in path.parents:
        if folder in known:
            root = known[folder]
            break
        asked.append(folder)
        if FILE_NAME in files.names(folder):
            root = folder
            break
    known.update(dict.fromkeys(asked, root))
    if root is not None:
        return root
    return given if given is not None else path.parent


def load_settings(
    root: Path, base: Path, files: Files, environment: Mapping[str, str], sink: Sink
) -> Settings:
    """Read a library's settings; mistakes in them are findings, and the defaults hold instead."""
    values = {option.name: Setting(value=option.default, origin=DEFAULT) for option in OPTIONS}
    source = _read(root / FILE_NAME, base, files, sink)
    targets: tuple[Target, ...] = ()
    if source is not None:
        table = _table(source, sink)
        values.update(_from_file(source, table, sink))
        if "targets" in table:
            targets = read_targets(table["targets"], partial(_place, source), sink)
    values.update(_from_environment(environment, sink))
    settings = Settings(values=values, targets=targets)
    _check_target(settings, sink)
    return settings


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


def _table(source: Source, sink: Sink) -> dict[str, Any]:
    """Return a file's contents; nothing when it is no TOML."""
    import tomllib

    dots = max((line.partition("=")[0].count(".") for line in source.text.split("\n")), default=0)
    if dots > _MOST_DOTS:  # which tomllib reads in quadratic time
        sink.add(c.SETTINGS_SYNTAX, "nested too deeply", Span(source, 0, 1))
        return {}
    try:
        return tomllib.loads(source.text)
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


def _from_file(source: Source, table: Mapping[str, Any], sink: Sink) -> dict[str, Setting]:
    values: dict[str, Setting] = {}
    for name, value in _flat(table):
        if sink.is_full(source):
            break
        span = _place(source, name)
        option = _BY_NAME.get(name)
        if option is None:
            _report_unknown(name, span, sink)
        elif not option.accepts(value):
            large = isinstance(value, list | dict) and len(value) > MOST_ENTRIES
            most = f", of at most {MOST_ENTRIES} entries" if large else ""
            sink.add(c.SETTINGS_VALUE, f"`{name}` wants {option.takes}{most}", span)
        else:
            values[name] = Setting(value=value, origin=str(span), span=span)
            _look_into(name, value, span, sink)
    return values


def _flat(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        if key == "targets":
            continue
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
        header = re.search(rf"^[ \t]*\[[ \t]*{_dotted(section)}[ \t]*\]", source.text, re.MULTILINE)
        if header is None and "." in section:  # written inside of another table
            return _place(source, section)
        start = header.end() if header else 0
    dotted = rf"(?:{re.escape(section)}[ \t]*\.[ \t]*)?" if section else ""
    setting = rf"""^[ \t]*{dotted}(["']?{re.escape(key)}["']?)[ \t]*[=.]"""
    table = rf"^[ \t]*\[[ \t]*({_dotted(name)})(?![\w-])"
    pattern = f"{setting}|{table}"
    found = re.compile(pattern, re.MULTILINE).search(source.text, start)
    if found is None:
        return Span(source, start, start)
    group = 1 if found[1] else 2
    return Span(source, found.start(group), found.end(group))


def _dotted(name: str) -> str:
    """Return a pattern for a dotted name, any part of which may stand in quotes."""
    parts = (rf"""["']?{re.escape(part)}["']?""" for part in name.split("."))
    return r"[ \t]*\.[ \t]*".join(parts)


def _report_unknown(name: str, span: Span, sink: Sink) -> None:
    close = close_matches(name, [*_BY_NAME, *_SECTIONS]) or close_matches(
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
        case "check.ignore":
            _check_codes(name, value, span, sink)
        case "check.severity":
            _check_codes(name, value, span, sink)
            _check_levels(value, span, sink)
        case "check.per-path-ignores":
            for codes in value.values():
                _check_codes(name, codes, span, sink)
        case _:
            pass


def _check_target(settings: Settings, sink: Sink) -> None:
    """Report a `compile.target` that there is not."""
    if target_of(settings) is not None:
        return
    setting, known = settings.values["compile.target"], [each.id for each in targets_of(settings)]
    close = close_matches(setting.value, known)
    advice = f"did you mean `{close[0]}`?" if close else f"targets are {_listed(known)}"
    span = setting.span
    if span is not None:
        place = _inside(span, setting.value)
    else:
        source = Source(path=_BY_NAME["compile.target"].variable, text=setting.value)
        place = Span(source, 0, len(setting.value))
    sink.add(c.SETTINGS_VALUE, f"there is no target `{setting.value}`", place, help=advice)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


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


def _check_levels(value: dict[str, str], span: Span, sink: Sink) -> None:
    """Report severities that there are not, and take them out."""
    for code, level in list(value.items()):
        if level in SEVERITIES:
            continue
        del value[code]
        close = close_matches(level, SEVERITIES)
        listed = ", ".join(f"`{each}`" for each in SEVERITIES)
        sink.add(
            c.SETTINGS_VALUE,
            f"`check.severity`: `{code}` cannot be `{level[:40]}`",
            _inside(span, level),
            help=f"did you mean `{close[0]}`?" if close else f"one of {listed}",
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
