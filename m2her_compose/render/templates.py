"""Template sets: the built-in ones (English and Chinese), and a library's own over them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from ..diagnostics import Sink, Source
from ..frozen import frozen
from ..languages import is_language
from ..source import decode, shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Diagnostic
    from ..source import Asking

NAMES: Final = ("system", "user_system", "group", "thought")
DEFAULT_LANGUAGE: Final = "en"
BUILT_IN_LANGUAGES: Final = ("en", "zh")
_BUILT_IN: Final = Path(__file__).resolve().parent / "templates"
_BUILT_IN_PATH: Final = "<built-in>/"
_NARRATOR: Final = {"zh": "旁白"}


@frozen
class TemplateSet:
    """The templates of one language, by name, and the words that go with them."""

    language: str
    sources: Mapping[str, Source]

    def is_built_in(self, name: str) -> bool:
        """Tell whether a template is the package's own, which the package's tests check."""
        return self.sources[name].path.startswith(_BUILT_IN_PATH)

    @property
    def narrator(self) -> str:
        """The name of the narrator, who is nobody's character."""
        return _NARRATOR.get(self.language, "Narrator")


# A language's templates, or none; what there is to say of them, and what was asked for them.
_Known: TypeAlias = "tuple[TemplateSet | None, tuple[Diagnostic, ...], Mapping[str, str]]"


@frozen
class TemplateFolder:
    """A library's own templates: a folder within its root, one folder a language in it.

    `known` keeps what was read of them.
    """

    files: Asking
    folder: Path
    root: Path
    base: Path
    known: dict[str, _Known]

    def read(self, language: str, name: str, sink: Sink) -> Source | None:
        """Read one of the library's templates; None when it has none of that name."""
        path = self.files.resolve(self.folder / language / f"{name}.j2")
        if not path.is_relative_to(self.root):
            return None
        try:
            data = self.files.read(path)
        except OSError:
            return None
        return decode(data, shown_path(path, self.base), sink)


def find_templates(language: str, own: TemplateFolder | None, sink: Sink) -> TemplateSet | None:
    """Return the set for a BCP 47 language tag, the most specific there is; None for none."""
    if not is_language(language):
        return None
    tag = language.lower()
    while tag:
        found = _template_set(tag, own, sink)
        if found is not None:
            return found
        tag = tag.rpartition("-")[0]
    return None


def english_templates(own: TemplateFolder | None, sink: Sink) -> TemplateSet:
    """Return the English set, which is always there."""
    found = _template_set(DEFAULT_LANGUAGE, own, sink)
    return found or TemplateSet(language=DEFAULT_LANGUAGE, sources=_built_in(DEFAULT_LANGUAGE))


def _template_set(language: str, own: TemplateFolder | None, sink: Sink) -> TemplateSet | None:
    """Return a language's set; a library's own templates are read once."""
    if own is None:
        return _made_set(language, None, sink)
    if language not in own.known:
        found = Sink()
        with own.files.scope() as asked:
            made = _made_set(language, own, found)
        own.known[language] = made, found.sorted(), asked
    made, diagnostics, asked = own.known[language]
    own.files.again(asked)
    sink.extend(diagnostics)
    return made


def _made_set(language: str, own: TemplateFolder | None, sink: Sink) -> TemplateSet | None:
    sources: dict[str, Source] = {}
    if own is not None:
        for name in NAMES:
            source = own.read(language, name, sink)
            if source is not None:
                sources[name] = source
    built_in = _built_in(language)
    if not sources and not built_in:
        return None
    return TemplateSet(
        language=language, sources={**(built_in or _built_in(DEFAULT_LANGUAGE)), **sources}
    )


@cache
def _built_in(language: str) -> Mapping[str, Source]:
    folder = _BUILT_IN / language
    if language not in BUILT_IN_LANGUAGES:
        return {}
    return {
        name: Source(
            path=f"{_BUILT_IN_PATH}{language}/{name}.j2",
            text=(folder / f"{name}.j2").read_text(encoding="utf-8"),
        )
        for name in NAMES
    }
