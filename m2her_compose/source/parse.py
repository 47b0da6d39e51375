"""Parse one text: as many of its mistakes as can be told apart, and the tree that is left.

libyaml stops at its first complaint. Where the complaint is about one value, that value is
masked by letters (offsets stay as they are) and the text is read again, so that an author sees
all mistakes of a file in one run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yaml.error import YAMLError

from .build import DEFAULT_LIMITS, Limits, Rejected, Tree, build

if TYPE_CHECKING:
    from ..diagnostics import Sink, Source

# Each retry reads the text again: many for small files, few for large ones.
_RETRY_CHARACTERS: Final = 4_000_000
_MOST_RETRIES: Final = 60


def parse(source: Source, sink: Sink, limits: Limits = DEFAULT_LIMITS) -> Tree | None:
    """Parse a source into a located tree; None when it is empty or beyond reading.

    A tree is also returned when values in it had to be masked: the sink then has errors.
    """
    text: str | None = source.text
    for _ in range(min(_MOST_RETRIES, 1 + _RETRY_CHARACTERS // max(1, len(source.text)))):
        if text is None:
            break
        try:
            return build(source, text, sink, limits)
        except (Rejected, YAMLError) as problem:
            from .recover import recover

            text = recover(source, text, problem, sink)
    return None
