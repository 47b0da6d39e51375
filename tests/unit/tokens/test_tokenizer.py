"""Exact counting: through the `tokenizers` package where there is one, or a stand-in for it."""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from m2her_compose.tokens import TokenizerCounter, TokenizerError, load_tokenizer
from m2her_compose.tokens import tokenizer as module

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = importlib.util.find_spec("tokenizers") is not None
WORDS: dict[str, object] = {
    "version": "1.0",
    "truncation": {
        "direction": "Right",
        "max_length": 2,
        "strategy": "LongestFirst",
        "stride": 0,
    },
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {
        "type": "WordLevel",
        "vocab": {"[UNK]": 0, "tea": 1, "time": 2},
        "unk_token": "[UNK]",
    },
}
# A package of the same name and the same few methods, for machines without the real one.
STAND_IN = """
import json

class Encoding:
    def __init__(self, ids):
        self.ids = ids

class Tokenizer:
    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.limit = 2

    @classmethod
    def from_str(cls, source):
        try:
            return cls(json.loads(source)["model"]["vocab"])
        except (ValueError, LookupError, TypeError) as exc:
            raise Exception(f"no model: {exc}") from exc

    def no_truncation(self):
        self.limit = None

    def no_padding(self):
        pass

    def encode(self, text, *, add_special_tokens):
        text.encode("utf-8")
        return Encoding([self.vocabulary.get(word, 0) for word in text.split()][: self.limit])
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide the package: the real one, or the stand-in."""
    if INSTALLED:
        return
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "tokenizers.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "tokenizers", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(WORDS), encoding="utf-8")
    return path


@pytest.mark.usefixtures("library")
def test_a_file_counts_exactly_and_says_so(file: Path) -> None:
    counter = load_tokenizer(file)
    assert (counter.kind, counter.name, counter.count("tea time")) == ("exact", str(file), 2)


@pytest.mark.usefixtures("library")
def test_a_text_is_counted_to_its_end_whatever_the_file_cuts(file: Path) -> None:
    assert load_tokenizer(str(file)).count("tea time tea time tea") == 5


@pytest.mark.usefixtures("library")
def test_the_empty_text_has_no_tokens(file: Path) -> None:
    assert load_tokenizer(file).count("") == 0


@pytest.mark.usefixtures("library")
def test_half_a_surrogate_pair_is_counted_as_a_sign(file: Path) -> None:
    assert load_tokenizer(file).count("tea \udc00") == 2


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="no JSON"),
        pytest.param(b'{"model": 3}', id="other JSON"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
    ],
)
def test_a_malformed_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(TokenizerError, match="is not a tokenizer") as caught:
        load_tokenizer(file)
    assert str(file) in str(caught.value)


@pytest.mark.usefixtures("library")
def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="does not exist"):
        load_tokenizer(tmp_path / "none.json")


@pytest.mark.usefixtures("library")
def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="is not a file"):
        load_tokenizer(tmp_path)


@pytest.mark.usefixtures("library")
def test_a_large_file_is_refused_unread(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(module.MOST_BYTES + 1)
    with pytest.raises(TokenizerError, match="is larger than 64 MB"):
        load_tokenizer(file)


def test_without_the_package_the_error_says_what_to_install(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(TokenizerError, match="which is not installed") as caught:
        load_tokenizer(file)
    assert caught.value.help == "pip install 'm2her[tokenizer]'"


class PanicException(BaseException):
    """What a panic of Rust code is in Python; its real class cannot be imported."""


class Failing:
    """A tokenizer that cannot encode."""

    def __init__(self, failure: BaseException) -> None:
        self.failure = failure

    def encode(self, *_: object, **__: object) -> object:
        raise self.failure


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(Exception("no token for `x`\nand more"), id="error"),
        pytest.param(PanicException("no token for `x`"), id="panic"),
    ],
)
def test_a_text_without_tokens_is_refused(failure: BaseException) -> None:
    """Vocabularies without an unknown token have none for what they do not know."""
    counter = TokenizerCounter(Failing(failure), "words.json")
    with pytest.raises(TokenizerError) as caught:
        counter.count("x")
    assert str(caught.value) == "`words.json` cannot count every text: no token for `x`"


def test_an_interruption_is_none_of_its_failures() -> None:
    with pytest.raises(KeyboardInterrupt):
        TokenizerCounter(Failing(KeyboardInterrupt()), "words.json").count("x")


def test_a_panic_of_the_library_is_a_refusal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Panicking:
        @classmethod
        def from_str(cls, source: str) -> object:
            raise PanicException(f"{len(source)} bytes of nonsense")

    library = ModuleType("tokenizers")
    monkeypatch.setattr(library, "Tokenizer", Panicking, raising=False)
    monkeypatch.setitem(sys.modules, "tokenizers", library)
    with pytest.raises(TokenizerError, match=r"is not a tokenizer: \d+ bytes of nonsense"):
        load_tokenizer(file)
