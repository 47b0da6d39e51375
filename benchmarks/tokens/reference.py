"""Count tokens with o200k_base, as npm's `gpt-tokenizer` ships it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = "gpt-tokenizer@4.0.0"
_SCRIPT: Final = """
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { readFileSync } from "node:fs";
const options = { disallowedSpecial: new Set() };
const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => encode(text, options).length)));
"""


def counts(texts: list[str], cache: Path) -> list[int]:
    """Return the texts' tokens; `cache` is a folder in which the package is installed."""
    home = cache / "node"
    if not (home / "node_modules").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--prefix", ".", PACKAGE]
        subprocess.run(install, cwd=home, check=True)
    (home / "count.mjs").write_text(_SCRIPT, encoding="utf-8")
    done = subprocess.run(
        ["node", "count.mjs"],  # noqa: S607
        cwd=home,
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
    )
    answer: list[int] = json.loads(done.stdout)
    return answer
