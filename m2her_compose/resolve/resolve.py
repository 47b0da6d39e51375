"""Follow `use` and `extends`: one file's tree becomes the merged tree of all that it builds on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ..diagnostics import Related, Sink, Span
from ..diagnostics import codes as c
from ..frozen import frozen
from ..schema import EVERYTHING, Kind
from ..source import DEFAULT_LIMITS, Node
from .merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .load import LoadedFile, Loader

# What belongs to one file alone (FORMAT, "Reuse").
_NOT_INHERITED: Final = ("m2her", "id", "abstract", "extends", "summary", "notes")
_MOST_DEEP: Final = 40
_MOST_LAYERS: Final = 200
_USABLE: Final = {
    Kind.CHARACTER: (Kind.CHARACTER,),
    Kind.PERSONA: (Kind.PERSONA, Kind.CHARACTER),
    Kind.SCENARIO: (Kind.SCENARIO,),
}


@frozen
class Merged:
    """A file with everything it uses and extends worked in.

    `damage` names the top-level keys in which something is missing because of errors that are
    already reported; `paths` are the files it was made of, its own first. `layers` are the
    patches that were applied to make it, the outermost base first and its own last. `is_cut`: a
    circle or too long a chain was cut, and where depends on the file that it was made for.
    `height` is the number of files in the longest chain from it.
    """

    root: Node
    layers: tuple[Node, ...]
    damage: frozenset[str]
    paths: tuple[Path, ...]
    is_cut: bool = False
    height: int = 1


@frozen
class _Done:
    """A merged file, what there is to say of it, and what was asked of the files for it."""

    merged: Merged
    sink: Sink
    asked: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Resolver:
    """Resolves the files of one library. Files that many others use are resolved once."""

    loader: Loader
    max_nodes: int = DEFAULT_LIMITS.nodes
    _done: dict[Path, _Done] = field(default_factory=dict)
    # What holds only below the file that was asked for: where something was cut depends on it.
    _cut: dict[Path, _Done] = field(default_factory=dict)
    _shared: set[Path] = field(default_factory=set)
    _open: list[_Step] = field(default_factory=list)
    _copied: int = 0

    def resolve(self, file: LoadedFile, sink: Sink) -> Merged:
        """Return the merged tree of a file, with findings about it and what it builds on.

        Both are the same whatever was resolved before.
        """
        try:
            return self._resolved(_Step(file.path, Span(file.source, 0, 0)), file, sink)
        finally:
            self._cut.clear()

    def forget(self, path: Path) -> None:
        """Forget a file that nobody else is likely to need.

        What others build on stays: read again, it would be another source beside theirs.
        """
        if path not in self._shared and self._done.pop(path, None) is not None:
            self.loader.forget(path)

    def _resolved(self, step: _Step, file: LoadedFile, sink: Sink) -> Merged:
        done = self._known(file.path)
        if done is not None:
            self.loader.asking.again(done.asked)
        else:
            own = Sink()
            own.extend(file.diagnostics)
            own.leave_out(file.explained)
            with self._entered(step), self.loader.asking.scope() as asked:
                merged = self._resolve(file, own)
            done = _Done(merged=merged, sink=own, asked=asked)
            (self._cut if merged.is_cut else self._done)[file.path] = done
        sink.extend(done.sink.sorted())
        sink.leave_out(done.sink.explained_spans)
        return done.merged

    def _known(self, path: Path) -> _Done | None:
        """Return what was made of a file before, if it would be made again.

        What was cut for the file that was asked for counts first, also below what was not cut for
        others: otherwise it would matter which of these were resolved before.
        """
        cut, done = self._cut.get(path), self._done.get(path)
        if cut is not None or done is None:
            return cut
        fits = len(self._open) + done.merged.height - 1 <= _MOST_DEEP
        return done if fits and self._cut.keys().isdisjoint(done.merged.paths) else None

    def _resolve(self, file: LoadedFile, sink: Sink) -> Merged:
        if file.checked is None:
            empty = Node(value={}, text=None, source=file.source, start=0, end=0)
            damage = frozenset((EVERYTHING,))
            return Merged(root=empty, layers=(), damage=damage, paths=(file.path,))
        part = _Part(damage=set(file.checked.damage), paths=[file.path])
        own = file.checked.root
        if file.checked.kind is Kind.SCENARIO:
            layers = [*self._bases(own, part, sink), self._with_uses(own, part, sink)]
        else:
            layers = [self._used(own, file.checked.kind, part, sink, key=EVERYTHING)]
        root: Node | None = None
        for layer in layers:
            root = merge(root, layer, sink)
        return Merged(
            root=root or own,
            layers=tuple(layers),
            damage=frozenset(part.damage),
            paths=tuple(dict.fromkeys(part.paths)),
            is_cut=part.is_cut,
            height=part.height,
        )

    def _with_uses(self, root: Node, part: _Part, sink: Sink) -> Node:
        entries = dict(root.entries)
        if "characters" in entries:
            node = entries["characters"]
            cast = {
                key: self._used(child, Kind.CHARACTER, part, sink, key="characters")
                for key, child in node.entries.items()
            }
            entries["characters"] = node._replace(value=cast) if node.is_map else node
        if "persona" in entries:
            node = entries["persona"]
            entries["persona"] = self._used(node, Kind.PERSONA, part, sink, key="persona")
        return root._replace(value=entries)

    def _used(self, node: Node, kind: Kind, part: _Part, sink: Sink, *, key: str) -> Node:
        """Return a character or persona with the file that its `use` names beneath its own keys.

        Without a `use` it stays a patch: its nulls and `key+` speak to what is inherited.
        """
        reference = node.entries.get("use")
        if reference is None or reference.is_null:
            return node
        base = self._follow(reference, kind, part, sink, key=key)
        return merge(base[0] if base else None, node, sink)

    def _bases(self, root: Node, part: _Part, sink: Sink) -> list[Node]:
        """Return the patches of every base that a scenario extends, in the order to apply them."""
        extends = root.entries.get("extends")
        references = [] if extends is None else extends.items if extends.is_list else [extends]
        layers: list[Node] = []
        for reference in references:
            if not reference.is_null:
                layers += self._follow(reference, Kind.SCENARIO, part, sink, key=EVERYTHING)
            if len(layers) > _MOST_LAYERS:
                self._report_too_large(reference.first_line, sink)
                return []
        return layers

    def _follow(
        self, reference: Node, kind: Kind, part: _Part, sink: Sink, *, key: str
    ) -> list[Node]:
        """Return what the file that a reference names is made of, marked with the step.

        For a scenario these are its patches, for a character or persona its merged tree.
        """
        file = self.loader.follow(reference, sink)
        merged = None
        if file is not None and self._is_wanted(file, kind, reference, sink):
            self._shared.add(file.path)
            step = _Step(file.path, reference.first_line)
            if any(each.path == file.path for each in self._open):
                part.is_cut = True
                self._report_cycle(step, sink)
            elif len(self._open) > _MOST_DEEP:
                part.is_cut = True
                message = f"files build on each other more than {_MOST_DEEP} deep"
                sink.add(c.TOO_LARGE, message, reference.first_line, via=reference.via)
            else:
                merged = self._resolve_below(step, file, sink, known=file.path in part.paths)
        if merged is None:
            part.damage.add(key)
            return []
        part.is_cut |= merged.is_cut
        part.height = max(part.height, 1 + merged.height)
        if len(merged.layers) > _MOST_LAYERS:
            self._report_too_large(reference.first_line, sink)
            return []
        if merged.damage:
            part.damage |= merged.damage if key == EVERYTHING else {key}
        part.paths.extend(merged.paths)
        layers = merged.layers if kind is Kind.SCENARIO else (merged.root,)
        return [self._through(layer, reference.first_line, sink) for layer in layers]

    def _resolve_below(self, step: _Step, file: LoadedFile, sink: Sink, *, known: bool) -> Merged:
        """Resolve a file that another builds on. What is `known` of it is not reported again."""
        done = self._known(file.path) if known else None
        if done is not None:
            self.loader.asking.again(done.asked)
            return done.merged
        below = Sink()
        merged = self._resolved(step, file, below)
        reached = Related(step.place, "reached from here")
        sink.extend(replace(d, related=(*d.related, reached)) for d in below.sorted())
        sink.leave_out(below.explained_spans)
        return merged

    def _is_wanted(self, file: LoadedFile, kind: Kind, reference: Node, sink: Sink) -> bool:
        if file.kind is None:
            if sink.is_full(file.source):
                return False
            sink.extend(
                replace(d, related=(*d.related, Related(reference.first_line, "reached from here")))
                for d in file.diagnostics
            )
            return False
        if file.kind in _USABLE[kind]:
            return True
        wanted = " or a ".join(k.value for k in _USABLE[kind])
        sink.add(
            c.WRONG_KIND,
            f"`{reference.text}` is a {file.kind.value}, and a {wanted} is wanted here",
            reference.first_line,
            via=reference.via,
        )
        return False

    def _report_cycle(self, step: _Step, sink: Sink) -> None:
        """Report a circle in the same words and at the same place, wherever it was entered."""
        paths = [each.path for each in self._open]
        circle = [*self._open[paths.index(step.path) + 1 :], step]
        first = min(range(len(circle)), key=lambda at: circle[at].path)
        closing = circle[first]
        turned = [*circle[first:], *circle[:first], closing]
        names = " → ".join(f"`{each.path.name}`" for each in turned)
        sink.add(
            c.CYCLE,
            f"files build on each other in a circle: {names}",
            closing.place,
            help="take one of these references out",
        )

    def _through(self, node: Node, step: Span, sink: Sink) -> Node:
        """Mark a tree and all below it as come through a `use` or `extends`."""
        kept = {key: child for key, child in node.entries.items() if key not in _NOT_INHERITED}
        if self._copied > self.max_nodes:
            return node.holding({})
        try:
            return self._marked(node.holding(kept), step)
        except _TooLargeError:
            self._report_too_large(step, sink)
            return node.holding({})

    def _report_too_large(self, step: Span, sink: Sink) -> None:
        sink.add(
            c.TOO_LARGE,
            f"with what it builds on, the scenario holds more than {self.max_nodes:,} values, "
            f"or {_MOST_LAYERS} bases",
            step,
            help="each reference counts with all that it brings in",
        )

    def _marked(self, node: Node, step: Span) -> Node:
        self._copied += 1
        if self._copied > self.max_nodes:
            raise _TooLargeError
        value = node.value
        if isinstance(value, dict):
            value = {key: self._marked(child, step) for key, child in value.items()}
        elif isinstance(value, list | tuple):
            value = [self._marked(child, step) for child in value]
        return node.reached_by(step, value)

    @contextmanager
    def _entered(self, step: _Step) -> Iterator[None]:
        """Begin a file: its copies are counted by themselves, whether others are known or not."""
        self._open.append(step)
        before, self._copied = self._copied, 0
        try:
            yield
        finally:
            self._open.pop()
            self._copied = before


class _TooLargeError(Exception):
    """Copies have reached the limit."""


class _Step(NamedTuple):
    """A file, and the place of the reference that led to it, its own beginning without one."""

    path: Path
    place: Span


@dataclass(slots=True, kw_only=True)
class _Part:
    """What is gathered while one file is resolved."""

    damage: set[str]
    paths: list[Path]
    is_cut: bool = False
    height: int = 1
