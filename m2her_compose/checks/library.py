"""Rules that compare the files of a library with each other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from ..diagnostics import Related, Sink, Source, Span
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..render import TEMPLATE_NAMES, TemplateFolder, find_templates
from ..schema import Kind
from ..source import shown_path
from .facts import SKETCH, likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..diagnostics import Code
    from .facts import Facts

CODES: Final[tuple[Code, ...]] = (
    c.DUPLICATE_ID,
    c.CASE_COLLISION,
    c.UNREFERENCED_FILE,
    c.NEAR_DUPLICATE,
    c.UNREACHED_TEMPLATE,
)
_DEFAULT_LANGUAGE: Final = "en"
# Of what two scenarios say; below it, scenes that share a set phrase or two would be reported.
_NEARLY: Final = 0.85
# A scene of fewer runs of words is too short to be called a copy.
_SHORTEST: Final = 40
# Two sketches this like each other have one of their smallest hashes in common (1 - 0.15 ** 8).
_KEYS: Final = 8
_BITS: Final = 1024
# Files made from one pattern share their smallest hashes: a few of them stand for all.
_MOST_ALIKE: Final = 20


class Named(Protocol):
    """What has a scenario's id, if it is a scenario at all."""

    @property
    def id(self) -> str: ...

    @property
    def abstract(self) -> bool: ...

    @property
    def id_span(self) -> Span: ...


T = TypeVar("T", bound=Named)


def look(facts: Sequence[Facts], sink: Sink, *, complete: bool) -> None:
    """Hold the files of one library against each other, in the order given.

    `complete`: these are all of its files, so that what none of them uses is used by nobody.
    """
    for each, before in duplicates(facts):
        report_duplicate(each, before, sink)
    _case_collisions(facts, sink)
    _near_duplicates(facts, sink)
    if complete:
        _unreferenced(facts, sink)


def duplicates(files: Iterable[T]) -> Iterator[tuple[T, T]]:
    """Yield each scenario whose id is taken, with the one that has it.

    Abstract ones do not count: nothing that is compiled bears their ids.
    """
    first: dict[str, T] = {}
    for each in files:
        if each.id and not each.abstract and first.setdefault(each.id, each) is not each:
            yield each, first[each.id]


def report_duplicate(each: Named, before: Named, sink: Sink) -> None:
    """Report a scenario whose id another one has."""
    sink.add(
        c.DUPLICATE_ID,
        f"the id `{each.id}` is taken",
        each.id_span,
        help="an id is unique in a library; without one it is the file's name",
        related=[Related(before.id_span, "first used here")],
    )


def _case_collisions(facts: Sequence[Facts], sink: Sink) -> None:
    first: dict[str, Facts] = {}
    for each in facts:
        if not each.id or each.abstract:
            continue
        before = first.setdefault(each.id.casefold(), each)
        if before.id != each.id:
            sink.add(
                c.CASE_COLLISION,
                f"the ids `{before.id}` and `{each.id}` differ in upper and lower case alone",
                each.id_span,
                help="files that are named after ids overwrite each other on some systems",
                related=[Related(before.id_span, "the other one")],
            )


def _unreferenced(facts: Sequence[Facts], sink: Sink) -> None:
    used = {path for each in facts for path in each.builds_on}
    for each in facts:
        if each.path in used or (each.kind is Kind.SCENARIO and not each.abstract):
            continue
        what = "abstract scenario" if each.kind is Kind.SCENARIO else each.kind.value
        verb = "extends" if each.kind is Kind.SCENARIO else "uses"
        sink.add(
            c.UNREFERENCED_FILE,
            f"no file of the library {verb} this {what}",
            each.id_span,
            help="remove it, or refer to it",
        )


def _near_duplicates(facts: Sequence[Facts], sink: Sink) -> None:
    """Report each scenario that is nearly the same as one before it, with the most like it."""
    by_hash: dict[int, list[tuple[int, Facts]]] = defaultdict(list)
    for each in facts:
        if each.kind is not Kind.SCENARIO or len(each.sketch) < min(_SHORTEST, SKETCH):
            continue
        keys = each.sketch[:_KEYS]
        mask = _mask(each.sketch)
        least = _least_bits(mask, len(each.sketch))
        others = {
            id(other): other
            for key in keys
            for bits, other in by_hash[key]
            if (bits & mask).bit_count() >= least
        }
        like = [(likeness(each.sketch, other.sketch), other) for other in others.values()]
        share, nearest = max(like, key=lambda pair: pair[0], default=(0.0, each))
        if share >= _NEARLY:
            sink.add(
                c.NEAR_DUPLICATE,
                f"`{each.id}` says nearly the same as `{nearest.id}`",
                each.id_span,
                help="make one of them the base, and let the other say what differs (`extends`)",
                related=[
                    Related(nearest.id_span, f"about {share:.0%} of the runs of words are here")
                ],
            )
        for key in keys:
            if len(by_hash[key]) < _MOST_ALIKE:
                by_hash[key].append((mask, each))


def _mask(sketch: Iterable[int]) -> int:
    """Return a number with a bit for each hash: what two have in common is counted at once."""
    mask = 0
    for each in sketch:
        mask |= 1 << (each % _BITS)
    return mask


def _least_bits(mask: int, hashes: int) -> float:
    """Return how many bits the mask of a near sketch must have in common with this one.

    Hashes that share a bit are given the benefit of the doubt: nothing that is near is lost.
    """
    return _NEARLY * hashes - (hashes - mask.bit_count())


def look_at_templates(folder: TemplateFolder, facts: Sequence[Facts], sink: Sink) -> None:
    """Report the library's own templates that none of its scenarios can reach."""
    languages = {each.language or _DEFAULT_LANGUAGE for each in facts if each.id}
    sets = (find_templates(language, folder, Sink()) for language in languages)
    reached = {found.language if found is not None else _DEFAULT_LANGUAGE for found in sets}
    tried = {tag for language in languages for tag in _tags(language)}
    for language in folder.files.names(folder.folder):
        if language.startswith(".") or not folder.files.is_folder(folder.folder / language):
            continue
        for name in folder.files.names(folder.folder / language):
            reason = _unreached(language, name, reached, tried)
            if reason is not None:
                place = _beginning(folder, language, name)
                sink.add(c.UNREACHED_TEMPLATE, reason[0], place, help=reason[1])


def _beginning(folder: TemplateFolder, language: str, name: str) -> Span:
    """Return the place of a template's first line, as far as it can be read."""
    path = shown_path(folder.folder / language / name, folder.base)
    read = folder.read(language, name.removesuffix(".j2"), Sink())
    text = read.text if read is not None else ""
    return Span(Source(path=path, text=text), 0, len(text.split("\n", 1)[0].rstrip()))


def _tags(language: str) -> list[str]:
    """Return the folders that are tried for a language: `zh-cn` and `zh` for `zh-CN`."""
    parts = language.lower().split("-")
    return ["-".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _unreached(
    language: str, name: str, reached: set[str], tried: set[str]
) -> tuple[str, str] | None:
    """Say why no scenario reaches a template, and what to do; None when one does."""
    known = [f"{each}.j2" for each in TEMPLATE_NAMES]
    if not name.endswith(".j2"):
        return None
    if name not in known:
        close = close_matches(name, known)
        listed = ", ".join(f"`{each}`" for each in known)
        advice = f"did you mean `{close[0]}`?" if close else f"templates are called {listed}"
        return f"no message is made by a template called `{name}`", advice
    if language in reached:
        return None
    if language != language.lower() and language.lower() in tried:
        advice = f"call the folder `{language.lower()}`: their names are in lower case"
        return f"no scenario looks into a folder called `{language}`", advice
    return (
        f"no scenario has the language `{language}`",
        "set `language:` in a scenario, or remove the folder",
    )
