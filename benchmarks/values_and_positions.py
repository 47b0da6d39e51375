"""Values and positions of a 4 KB file, against PyYAML's C loader, which gives values only.

Run: python benchmarks/values_and_positions.py [file.yaml …]
Without files, a scenario of 4 KB made here is read.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from measure import ratio

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.source import parse

ROUNDS = 400
LINES = 16


def scenario() -> str:
    """Return a scenario of about 4 KB: fields, lists, quoted and plain lines of dialogue."""
    head = """m2her: scenario/v1
id: harbour_office
title: The Harbour Office
summary: A clerk who knows every ship, and one that never came back.
language: en
tags: [harbour, mystery]
variables:
  weather: {type: string, default: fog, enum: [fog, gale, frost], description: Outside.}
  hour: late
characters:
  orla:
    name: Orla Finch
    description: The night clerk of the harbour office, forty years at the same desk.
    appearance: Ink on her cuffs, a coat that was once navy blue.
    personality: [dry, exact, kinder than she sounds]
    background: Came ashore after the wreck of the Halcyon and never sailed again.
    speech: Short sentences. Names ships as if they were people.
    knowledge: [Every berth and every debt, The tide tables by heart]
    goals: [To close the ledger before dawn]
    secrets: [She altered one entry twenty years ago]
persona:
  name: Surveyor
  description: You are a surveyor sent to audit the ledgers in {{ vars.weather }}.
group:
  name: The Harbour Office
  setting: One lamp, one stove, rain on the skylight.
  time: past midnight
  place: the north quay
instructions: [Stay in character., "Keep every answer under 120 words, even when asked for more."]
history:
"""
    turn = """  - user: You keep number {0} in a separate drawer, and I would like to know why.
  - orla: "*turns the page* Because number {0} is not a debt. It is a promise, and nobody signs."
"""
    turns = "".join(turn.format(i) for i in range(LINES))
    return f"{head}{turns}message: Then show me the entry for the Halcyon.\n"


def compare(name: str, text: str) -> None:
    """Print a row: ours, theirs, and the ratio."""
    source = Source(path=name, text=text)
    ours = ratio(lambda: parse(source, Sink()), lambda: yaml.load(text, yaml.CSafeLoader), ROUNDS)
    print(f"{name:32} {len(text.encode()):6} bytes {ours}")


def main() -> None:
    """Read the files named, or the one made here."""
    if len(sys.argv) == 1:
        compare("(made here)", scenario())
    for name in sys.argv[1:]:
        compare(Path(name).name, Path(name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
