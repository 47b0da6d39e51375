"""What `fmt` does: files formatted one by one, written or shown, and counted."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..compiler import Compiler
from ..emit.files import RefusedError
from ..emit.terminal import Palette, Style, visible
from ..fixing import Change, write
from ..fixing.change import bytes_of, encoded
from ..formatting import State, format_file
from ..source import Disk
from .guard import Misuse
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..compiler import Input
    from ..diagnostics import Diagnostic
    from ..formatting import Formatted
    from .console import Console
    from .inputs import Inputs

_PAINTED = {"+": Style.USER, "-": Style.ERROR, "@": Style.NOTE}


@dataclass(slots=True)
class Work:
    """One run of `fmt`, with how many files came to what.

    `check` lists what would change and `diff` shows it: then nothing is written. `is_piped`: the
    text came by standard input, and goes to standard output.
    """

    inputs: Inputs
    console: Console
    check: bool
    diff: bool
    is_piped: bool
    changed: int = 0
    same: int = 0
    faulty: int = 0
    unproven: int = 0
    unwritten: int = 0
    findings: list[Diagnostic] = field(default_factory=list)

    def format_all(self) -> None:
        """Format every file; what goes wrong with one does not keep the others."""
        for item in self.inputs.items:
            made = self._formatted(item)
            if made is not None:
                self._count(made, item)
        self.console.report(self.findings)
        self.console.say(f"{', '.join(self._summary())}\n")

    def status(self) -> Status:
        """Return what the process ends with."""
        if self.unproven:
            return Status.BUG
        if self.unwritten:
            return Status.USAGE
        is_wanted = self.changed and (self.check or self.diff)
        return Status.ERRORS if self.faulty or is_wanted else Status.DONE

    # --- one file

    def _formatted(self, item: Input) -> Formatted | None:
        try:
            return format_file(self._compiler_for, self.inputs.compiler, item)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Misuse(f"{item.path}: {error.strerror or error}") from error

    def _compiler_for(self, texts: Mapping[Path, bytes]) -> Compiler:
        compiler = self.inputs.compiler
        return Compiler(
            files=Disk(texts={**self.inputs.files.texts, **texts}, log=self.inputs.read),
            base=compiler.base,
            root=compiler.root,
            environment=compiler.environment,
        )

    def _count(self, made: Formatted, item: Input) -> None:
        match made.state:
            case State.FAULTY:
                self.faulty += 1
                self.findings.extend(made.findings)
            case State.UNPROVEN:
                self.unproven += 1
                self._report_bug(made)
            case State.CHANGED if item.path.is_symlink():
                self.same += 1
                shown = visible(str(item.path))
                self.console.say(f"m2her: {shown} is a link: nothing is written through links\n")
            case State.CHANGED:
                self._deliver(made)
            case State.SAME:
                self.same += 1
                self._hand_on(made)

    def _deliver(self, made: Formatted) -> None:
        """Show a change, list it, hand it on or write it: whatever was asked for."""
        if self.diff:
            change = self._change(made, made.before.encode("utf-8"))
            self.console.result("".join(self._painted(change.diff())))
        elif self.check:
            self.console.result(f"{visible(made.shown)}\n")
        elif not self._hand_on(made) and not self._write(made):
            return
        self.changed += 1

    def _hand_on(self, made: Formatted) -> bool:
        """Write the text that came by standard input to standard output, unless others do."""
        if not self.is_piped:
            return False
        if not (self.check or self.diff):
            self.console.result(made.after)
        return True

    def _write(self, made: Formatted) -> bool:
        before = bytes_of(self.inputs.files, made.path, made.before)
        try:
            if before is None:
                raise RefusedError(f"{made.shown} has changed since it was read")
            write(self._change(made, before))
        except OSError as error:
            self.unwritten += 1
            reason = visible(str(error))
            self.console.say(f"m2her: {visible(made.shown)} could not be changed: {reason}\n")
            return False
        self.console.say(f"formatted {visible(made.shown)}\n")
        return True

    def _change(self, made: Formatted, before: bytes) -> Change:
        after = encoded(before, made.after)
        return Change(path=made.path, shown=made.shown, before=before, after=after)

    def _painted(self, diff: str) -> Iterator[str]:
        palette = Palette(enabled=self.console.colored(sys.stdout))
        for line in diff.splitlines(keepends=True):
            style = _PAINTED.get(line[:1])
            body = line.removesuffix("\n")
            yield f"{palette.paint(style, body)}\n" if style is not None else line

    def _report_bug(self, made: Formatted) -> None:
        self.console.say(
            f"m2her: this is a bug of m2her, and not of your file: {visible(made.shown)} was left "
            f"as it is, since {' and '.join(made.doubts)} would not have been the same\n"
            "Please report it with the file.\n"
        )

    def _summary(self) -> Iterator[str]:
        dry = self.check or self.diff
        verb = "would be formatted" if dry else "formatted"
        yield f"{self.changed:,} file{'s' * (self.changed != 1)} {verb}"
        yield f"{self.same:,} left as {'they are' if self.same != 1 else 'it is'}"
        if self.faulty:
            yield f"{self.faulty:,} with errors"
        if self.unproven or self.unwritten:
            yield f"{self.unproven + self.unwritten:,} not formatted"
