"""Check generated libraries with this program and with two validators of JSON Schema.

    python benchmarks/library/compare.py [--peers FOLDER] [--rounds N] [FILES ...]

The peers are installed into a folder by hand, which is all that they need:

    python -m venv FOLDER/pip && FOLDER/pip/bin/pip install check-jsonschema
    npm install --prefix FOLDER/npm ajv-cli

Without them there is this program alone. Each row is a whole process. All commands are run in turn,
round after round, so that a machine's moods hit all alike; ratios are medians of those of rounds.
The peers validate the scenarios' schema alone; this program checks all files for all it knows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from generate import write

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_SCHEMA: Final = _REPOSITORY / "schemas" / "scenario.v1.schema.json"
_PROGRAM: Final = (sys.executable, "-m", "m2her_compose", "check", ".", "--statistics")


class Cost(NamedTuple):
    """What a process took: seconds on the clock and of processors, and megabytes at its peak."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Command(NamedTuple):
    """A command line, whether it begins without a cache, and what else it goes before."""

    name: str
    line: tuple[str, ...]
    is_cold: bool = False


def commands(folder: Path, cache: Path, peers: Path | None) -> list[Command]:
    """Return what is compared; a warm run comes after a cold one of the same round."""
    kept = (*_PROGRAM, "--cache-dir", str(cache))
    found = [
        Command("m2her, cold", (*kept, "--jobs", "1"), is_cold=True),
        Command("m2her, warm", kept),
        Command("m2her, cold, 2 processes", (*_PROGRAM, "--no-cache", "--jobs", "2")),
    ]
    if peers is None:
        return found
    scenes = [str(path.relative_to(folder)) for path in sorted(folder.glob("scenes/*/*.yaml"))]
    schema = str(_SCHEMA)
    ajv = ("validate", "--strict=false", "--spec=draft2020", "-s", schema, "-d", "scenes/**/*.yaml")
    return [
        *found,
        Command(
            "check-jsonschema",
            (str(peers / "pip/bin/check-jsonschema"), "--schemafile", schema, *scenes),
        ),
        Command("ajv-cli", (str(peers / "npm/node_modules/.bin/ajv"), *ajv)),
    ]


def cost_of(command: Command, folder: Path, cache: Path) -> Cost:
    """Run a command to its end, in a process of its own that is asked for what it took."""
    if command.is_cold:
        for path in cache.glob("*"):
            path.unlink()
    script = (
        "import json,resource,subprocess,sys,time\n"
        "start=time.perf_counter()\n"
        "done=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE)\n"
        "took=time.perf_counter()-start\n"
        "used=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(done.returncode,took,used.ru_utime+used.ru_stime,used.ru_maxrss)\n"
        "sys.stderr.buffer.write(done.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(_REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", script, *command.line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    status, wall, cpu, peak = done.stdout.split()
    if status != "0":
        sys.exit(f"{command.name} ended with {status}: {done.stderr}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, kilobytes elsewhere
    return Cost(float(wall), float(cpu), int(peak) / unit)


def compare(count: int, rounds: int, peers: Path | None) -> None:
    """Print a row a command for a library of so many files."""
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place).resolve() / "library", Path(place) / "cache"
        write(folder, count)
        several = commands(folder, cache, peers)
        costs: dict[str, list[Cost]] = {command.name: [] for command in several}
        for _ in range(rounds):
            for command in several:
                costs[command.name].append(cost_of(command, folder, cache))
    print(f"\n{count:,} files, {rounds} rounds: medians; ratios are those of processor time\n")
    print("| | wall | processor | peak memory | to the cold run (of each round) |")
    print("| --- | --- | --- | --- | --- |")
    base = costs[several[0].name]
    for name, found in costs.items():
        wall, cpu = (
            statistics.median(getattr(each, key) for each in found) for key in Cost._fields[:2]
        )
        ratio = statistics.median(a.cpu_s / b.cpu_s for a, b in zip(found, base, strict=True))
        peak = max(each.peak_mb for each in found)
        print(f"| {name} | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MB | {ratio:.2f} |")


def main() -> None:
    """Compare libraries of the sizes asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    peers = given.peers.resolve() if given.peers is not None else None
    for count in given.files:
        compare(count, given.rounds, peers)


if __name__ == "__main__":
    main()
