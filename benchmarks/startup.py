"""How long whole processes take, as multiples of `python -c pass` in the same run.

Run it with the Python of an environment that has m2her installed (from a wheel, so that its
bytecode is compiled): python benchmarks/startup.py [scenario.yaml]
"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import ratio, run

ROUNDS = 40
SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "longzhong_dialogue.yaml"


def main() -> None:
    """Print a row a command."""
    scenario = sys.argv[1] if len(sys.argv) > 1 else str(SCENARIO)
    nothing = run([sys.executable, "-c", "pass"])
    program = str(Path(sys.executable).with_name("m2her"))
    for name, command in {
        "m2her --version": [program, "--version"],
        f"m2her compile {Path(scenario).name}": [program, "compile", scenario],
    }.items():
        print(f"{name:40} {ratio(run(command), nothing, ROUNDS)}")


if __name__ == "__main__":
    main()
