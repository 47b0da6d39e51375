"""Load one file of a library: read, parse, check, and write out its shorthands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..diagnostics import Diagnostic, Sink, Source, Span
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen
from ..schema import Checked, Kind, check, find_kind
from ..source import Asking, decode, parse, shown_path
from .expand import expand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..source import Files, Node


_LONGEST_PATH: Final = 4096


@frozen
class LoadedFile:
    """One file, checked and written out. `checked` is None when nothing of it can be used.

    `explained` are the stretches that were found to be mistakes and are not to be looked at.
    """

    path: Path
    source: Source
    checked: Checked | None
    diagnostics: tuple[Diagnostic, ...]
    explained: tuple[Span, ...]

    @property
    def kind(self) -> Kind | None:
        return self.checked.kind if self.checked else None


@frozen
class _Place:
    """Where a reference leads, whether that is in the library, and what was asked to know."""

    path: Path
    is_inside: bool
    asked: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Loader:
    """Loads the files of one library, each once.

    `root` (with its symlinks resolved) bounds what may be read; `base` is the folder that
    shown paths are relative to. `asking` takes what is asked of `files`.
    """

    files: Files
    root: Path
    base: Path
    asking: Asking = field(init=False)
    _loaded: dict[Path, tuple[LoadedFile, Mapping[str, str]]] = field(default_factory=dict)
    _places: dict[tuple[str, str], _Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asking = self.files if isinstance(self.files, Asking) else Asking(self.files)

    def load(self, path: Path) -> LoadedFile:
        """Load a file; raises OSError when it cannot be read."""
        if path in self._loaded:
            file, asked = self._loaded[path]
            self.asking.again(asked)
            return file
        with self.asking.scope() as asked:
            file = self._load(path, self.asking.read(path))
        self._loaded[path] = file, asked
        return file

    def forget(self, path: Path) -> None:
        """Forget a file that nobody else is likely to need."""
        self._loaded.pop(path, None)

    def _load(self, path: Path, data: bytes) -> LoadedFile:
        sink = Sink()
        shown = shown_path(path, self.base)
        source = decode(data, shown, sink)
        checked = None
        if source is not None:
            tree = parse(source, sink)
            if tree is not None or not sink.has_errors:
                kind = find_kind(tree, source, sink)
                checked = check(tree, kind, sink) if tree is not None and kind is not None else None
        if checked is not None:
            root = expand(checked.root, checked.kind, whole_file_raw=_is_raw(checked.root))
            damage = checked.damage | _keys_at(checked.root, sink.explained_spans)
            checked = Checked(kind=checked.kind, root=root, damage=damage)
        return LoadedFile(
            path=path,
            source=source or Source(path=shown, text=""),
            checked=checked,
            diagnostics=sink.sorted(),
            explained=sink.explained_spans,
        )

    def follow(self, reference: Node, sink: Sink) -> LoadedFile | None:
        """Load the file that a `use` or `extends` names; None, with a finding, when it cannot be.

        The path is relative to the file that it stands in, and may not leave the library.
        """
        text = reference.text or ""
        real = self._contained(reference, text, sink)
        if real is None:
            return None
        try:
            return self.load(real)
        except OSError as error:
            sink.add(
                c.FILE_NOT_FOUND,
                f"`{text}` {_reason(error)}",
                reference.first_line,
                help=None
                if sink.is_full(reference.source)
                else self._similar(real, text, Path(reference.source.path).name),
                via=reference.via,
            )
            return None

    def _contained(self, reference: Node, text: str, sink: Sink) -> Path | None:
        span = reference.first_line
        if len(text) > _LONGEST_PATH:
            message = f"a path of {len(text):,} characters"
            sink.add(c.FILE_NOT_FOUND, message, span, help="no file is called so")
            return None
        if "\0" in text or _is_absolute(text):
            sink.add(
                c.PATH_OUTSIDE,
                f"`{text}` is not a relative path",
                span,
                help="paths are relative to the file that names them",
                via=reference.via,
            )
            return None
        place = self._place(reference.source.path, text)
        if place.is_inside:
            return place.path
        sink.add(
            c.PATH_OUTSIDE,
            f"`{text}` leads out of the library",
            span,
            help=f"the library's root is `{shown_path(self.root, self.base)}`; "
            "put an `m2her.toml` into a folder above to widen it",
            via=reference.via,
        )
        return None

    def _place(self, source: str, text: str) -> _Place:
        """Return where a path leads that stands in a source; from one folder the same for all."""
        folder = source.rpartition("/")[0]
        place = self._places.get((folder, text))
        if place is None:
            with self.asking.scope() as asked:
                real = self.asking.resolve((self.base / source).parent / text)
            is_inside = real.is_relative_to(self.root)
            place = self._places[folder, text] = _Place(path=real, is_inside=is_inside, asked=asked)
        else:
            self.asking.again(place.asked)
        return place

    def _similar(self, path: Path, text: str, own: str) -> str | None:
        """Name a file beside the missing one that its name may have been meant for."""
        others = [name for name in self.asking.names(path.parent) if name != own]
        close = close_matches(path.name, others)
        if not close:
            return "the path is relative to the file that names it"
        return f"did you mean `{(Path(text).parent / close[0]).as_posix()}`?"


@lru_cache(maxsize=1024)
def _is_absolute(text: str) -> bool:
    return Path(text).is_absolute()


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "does not exist"
        case IsADirectoryError():
            return "is a folder"
        case PermissionError():
            return "may not be read"
        case _:
            return f"cannot be read ({error.strerror or error})"


def _is_raw(root: Node) -> bool:
    flag = root.entries.get("raw")
    return flag is not None and flag.value is True


def _keys_at(root: Node, spans: tuple[Span, ...]) -> frozenset[str]:
    """Return the top-level keys that lost something in any of the spans, as in `Checked`."""
    damaged: set[str] = set()
    for key, node in root.entries.items():
        for span in spans:
            if node.key_start <= span.start < max(node.end, node.start + 1):
                inner = any(
                    child.is_map and child.start < span.start < child.end
                    for child in node.entries.values()
                )
                damaged.add(f"{key}/" if inner else key)
    return frozenset(damaged)
