"""How shells take part in completion: the scripts they load, and what they are answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .candidate import Candidate

BASH: Final = """\
# Completion for m2her in bash.
_m2her() {
    local value
    COMPREPLY=()
    while IFS= read -r value; do
        COMPREPLY+=("$value")
    done < <(m2her completion bash --word="${COMP_LINE:0:COMP_POINT}" \\
        --breaks="$COMP_WORDBREAKS" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _m2her m2her 2>/dev/null || complete -F _m2her m2her
"""

ZSH: Final = """\
#compdef m2her
# Completion for m2her in zsh.
_m2her() {
    local line value
    local -a before whole whole_shown partial partial_shown
    before=("${(@Q)words[2,CURRENT-1]}")
    for line in "${(@f)$(m2her completion zsh "--word=${(@)^before}" "--word=$PREFIX" \\
        2>/dev/null)}"; do
        [[ -n $line ]] || continue
        value=${line%%$'\\t'*}
        if [[ $value == *[/=] ]]; then
            partial+=("$value") partial_shown+=("${line/$'\\t'/  -- }")
        else
            whole+=("$value") whole_shown+=("${line/$'\\t'/  -- }")
        fi
    done
    (( $#partial )) && compadd -U -l -S '' -d partial_shown -a partial
    (( $#whole )) && compadd -U -l -d whole_shown -a whole
    return $(( $#partial + $#whole == 0 ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _m2her "$@"
else
    compdef _m2her m2her
fi
"""

FISH: Final = """\
# Completion for m2her in fish.
function __m2her_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    m2her completion fish --word=$before[2..-1] --word="$current" 2>/dev/null
end
complete --command m2her --no-files --arguments '(__m2her_complete)'
"""

SCRIPTS: Final = {"bash": BASH, "zsh": ZSH, "fish": FISH}

_SEPARATORS: Final = ";|&()`\n"
_BLANKS: Final = " \t"
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
# What bash would read as more than a letter; `=` and `:` are no such, wherever a word is cut.
_SPECIAL: Final = re.compile(r"""([\s\\'"`$&|;<>()\[\]{}*?!#~])""")
_SPECIAL_IN_DOUBLE: Final = re.compile(r'([\\"`$])')


@frozen
class Typed:
    """A command as far as it is typed: its words as the shell reads them, the last one open.

    `replaced` is the beginning of the last word that the shell keeps, `quote` the quotation mark
    that is still open in it, or nothing.
    """

    words: tuple[str, ...]
    kept: str
    quote: str


def read_line(line: str, breaks: str, ends: str = _BLANKS + _SEPARATORS) -> Typed:
    """Read the last command of a line as bash does.

    `breaks` are where bash cuts words to complete them, `ends` where words end.
    """
    words: list[str] = []
    word: list[str] | None = None
    kept = 0
    quote = ""
    at = 0
    while at < len(line):
        char = line[at]
        at += 1
        if quote == "'" or (quote and char == quote):
            if char == quote:
                quote, char = "", ""
                kept = len(word or ())
        elif char == "\\" and at < len(line) and (not quote or line[at] in '\\"`$'):
            char = line[at]
            at += 1
        elif not quote and char in "'\"":
            quote, char = char, ""
            kept = len(word or ())
        elif not quote and char in ends:
            words += ["".join(word)] if word is not None else []
            words = words if char in _BLANKS else []
            word, kept = None, 0
            continue
        elif not quote and char in breaks:
            kept = len(word or ()) + 1
        word = [*(word or ()), *char] if word is not None else [*char]
    words.append("".join(word or ()))
    while len(words) > 1 and _ASSIGNMENT.match(words[0]):
        del words[0]
    return Typed(words=tuple(words), kept=words[-1][:kept], quote=quote)


def unquoted(word: str) -> str:
    """Return a word as the shell reads it, whose quotation marks may still be open."""
    return read_line(word, "", ends="").words[-1]


def answer(found: Iterable[Candidate], typed: Typed) -> str:
    """Return candidates for bash, one a line: what is to stand where the word was cut."""
    lines = []
    for each in found:
        is_cut = each.value.startswith(typed.kept)
        rest = each.value[len(typed.kept) :] if is_cut else each.value
        lines.append(_quoted(rest, typed.quote))
    return "".join(f"{line}\n" for line in lines)


def described(found: Iterable[Candidate]) -> str:
    """Return candidates for zsh and fish, one a line, each with what it is behind a tab."""
    return "".join(
        f"{each.value}\t{each.about}\n" if each.about else f"{each.value}\n" for each in found
    )


def _quoted(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote:
        # Bash looks for `!` within these as well, where no backslash takes it back unseen: the
        # quotes are closed around it.
        return _SPECIAL_IN_DOUBLE.sub(r"\\\1", text).replace("!", "\"'!'\"")
    return _SPECIAL.sub(r"\\\1", text)


def words_of(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that zsh and fish hand over: all read already, but for the last one."""
    *before, current = words or ("",)
    return (*before, unquoted(current))
