"""Put emoji into chat lines, as people do: few kinds often, many kinds seldom."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

_EVERYDAY: Final = tuple(
    re.split(
        r"\s+",
        "😂 ❤️ 🤣 👍 😭 🙏 😘 🥰 😍 😊 🎉 😁 💕 🥺 😅 🔥 ☺️ 🤦 🤷 🙄 😆 🤗 😉 🎂 🤔 👏 🙂 😳 "
        "🥳 😎 👌 💜 😔 💪 ✨ 💖 👀 😋 😏 😢 👉 💗 😩 💯 🌹 💞 🎈 💙 😃 😡 💐 😜 🙈 🤞 😄 🤤 🙌 "
        "🤪 ❣️ 😀 💋 💀 👇 💔 😌 💓 🤩 🙃 😬 😱 😴 🤭 😐 🌞 😒 😇 🌸 😈 🎶 ✌️ 🎊 🥵 😞 💚 "
        "☀️ 🖤 💰 😚 👑 🎁 💥 🙋 ☹️ 😑 🥴 👈 💩 ✅ 👋 🤮 😤 🤢 🌟 ❗ 😥 🌈 💛 😝 😫 😲 🖕 "
        "‼️ 🔴 🌻 🤯 💃 👊 🤬 🏃 😕 👁️ ⚡ ☕ 🍀 💦 ⭐ 🦋 🤨 🌺 😹 🤘 🌷 💝 💤 🤝 🐰 😓 💘 🍻 "
        "😟 😣 🧐 😠 🤠 😻 🌙 😛 🤙 🙊 👍🏻 👍🏽 🙏🏼 👩\u200d💻 🏳️\u200d🌈 🇯🇵 🇷🇺 "
        "👨\u200d👩\u200d👧 🤦\u200d♂️",
    ),
)
_ANY: Final = tuple(
    chr(point)
    for first, last in ((0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF))
    for point in range(first, last + 1)
    if unicodedata.category(chr(point)) == "So"
)
_SELDOM: Final = 0.25


def sprinkled(text: str, drawing: random.Random) -> str:
    """Return a text with emoji at the ends of its lines and after some of its words."""
    return "\n".join(_line(line, drawing) for line in text.split("\n"))


def _line(line: str, drawing: random.Random) -> str:
    words = line.split(" ")
    for index in range(len(words)):
        if drawing.random() < 0.06:  # noqa: PLR2004
            words[index] += " " * drawing.randint(0, 1) + _some(drawing)
    return " ".join(words) + " " * drawing.randint(0, 1) + _some(drawing)


def _some(drawing: random.Random) -> str:
    """Return one emoji, two or three of them, or one several times."""
    shape = drawing.random()
    if shape < 0.2:  # noqa: PLR2004
        return _one(drawing) * drawing.randint(2, 3)
    return "".join(_one(drawing) for _ in range(1 + (shape > 0.7) + (shape > 0.9)))  # noqa: PLR2004


def _one(drawing: random.Random) -> str:
    if drawing.random() < _SELDOM:
        return drawing.choice(_ANY)
    return _EVERYDAY[int(len(_EVERYDAY) * drawing.random() ** 2)]
