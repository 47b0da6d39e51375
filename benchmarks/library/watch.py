"""How long `m2her check --watch` takes from a save to the findings of the saved file.

    python benchmarks/library/watch.py [FILES] [SAVES]

A library is generated and checked once; then one file after another gets a mistake and is saved.
Two times are taken: until the file's own findings are printed, and until those of all files are.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Final

from generate import write

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_MISTAKE: Final = "sumary: A slip.\n"


def until(stream: IO[str], part: str) -> None:
    """Read lines until one holds a text."""
    for line in stream:
        if part in line:
            return
    sys.exit(f"`{part}` was not said")


def main() -> None:
    """Print the medians and the longest."""
    count, saves = (*map(int, sys.argv[1:]), *(10_000, 12)[len(sys.argv) - 1 :])
    own, all_files = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve() / "library"
        write(folder, count)
        scenes = sorted(folder.glob("scenes/*/*.yaml"))[:: max(1, count // saves)][:saves]
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "m2her_compose",
                "check",
                "--watch",
                "--cache-dir",
                f"{place}/c",
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(_REPOSITORY), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            said = process.stdout or sys.exit("nothing can be read")
            until(said, "Ctrl-C ends it")
            for path in scenes:
                time.sleep(1)
                path.write_text(path.read_text("utf-8") + _MISTAKE, "utf-8")
                start = time.perf_counter()
                until(said, "1 file to check")
                until(said, " in 1 file")
                own.append(time.perf_counter() - start)
                until(said, "all ")
                all_files.append(time.perf_counter() - start)
            process.send_signal(signal.SIGINT)
    for what, found in (("the file's findings", own), ("all findings", all_files)):
        median, most = statistics.median(found) * 1000, max(found) * 1000
        print(f"{what}: {median:.0f} ms in the median of {len(found)}, {most:.0f} ms at most")


if __name__ == "__main__":
    main()
