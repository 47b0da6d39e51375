"""Files that nobody would write, and YAML allows: made by chance, for what must hold of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from m2her_compose.source.writing import in_double_quotes, is_plain, written

if TYPE_CHECKING:
    import random

_WORDS = (
    "lamp",
    "*nods*",
    "room #3",
    "Rule one: none",
    '"Yes," she said.',
    "it's late",
    "{{ user }} waits",
    "{% if vars.x %}a{% endif %}",
    "你好，世界",
    "No",
    "12:30",
    "- so",
    "a [note], and more",
    "back\\slash",
    "# no comment",
    "🙂",
)
_KEYS = ("title", "notes", "x-a", "x-b", "x-你好", "message", "system", "style", "summary", "tags")
_SCALARS = ("1", "2.5", "true", "null", "~", "")


@dataclass
class Wild:
    """Writes one file, with its comments in all places where YAML lets them stand."""

    chance: random.Random
    anchors: list[str] = field(default_factory=list)
    count: int = 0

    def file(self) -> str:
        """Return a scenario whose `x-` keys hold anything."""
        keys = ["m2her", *self.chance.sample(_KEYS, self.chance.randint(0, len(_KEYS)))]
        if self.chance.random() < 0.6:
            keys += self.chance.sample(("history", "examples", "characters"), 2)
        self.chance.shuffle(keys)
        lines = self._gap(0)
        if self.chance.random() < 0.1:
            lines += [*self.chance.choice(((), ("%YAML 1.1",))), f"---{self._beside()}"]
        for key in keys:
            lines += self._gap(0)
            lines += self._section(key)
        lines += self._gap(0) + self._gap(self.chance.choice((0, 2)))
        if self.chance.random() < 0.05:
            lines.append("...")
        text = "\n".join(lines) + "\n" * self.chance.randint(0, 3)
        return text.replace("\n", "\r\n") if self.chance.random() < 0.1 else text

    def _section(self, key: str) -> list[str]:
        if key == "m2her":
            return [f"m2her: {self._quoted('scenario/v1')}"]
        if key == "history":
            return self._value("history:", 0, self._dialogue())
        if key == "examples":
            return self._value("examples:", 0, [self._dialogue() for _ in range(2)])
        if key == "characters":
            cast = {
                name: {"name": self._text(), "goals": [self._text()]} for name in ("mara", "tom")
            }
            return self._value("characters:", 0, cast)
        if key.startswith("x-"):
            return self._value(f"{key}:", 0, self._data(3))
        if key == "tags":
            return self._value("tags:", 0, [self._text(), self._text()])
        return self._value(f"{key}:", 0, self._text())

    def _dialogue(self) -> list[object]:
        speakers = ("user", "mara", "narrator")
        return [
            {self.chance.choice(speakers): self._text()} for _ in range(self.chance.randint(1, 12))
        ]

    def _text(self) -> str:
        words = self.chance.choices(_WORDS, k=self.chance.choice((1, 1, 2, 6, 25)))
        glue = self.chance.choice((" ", " ", " ", "\n", "\n\n", "\n  "))
        return glue.join(words) + self.chance.choice(("", "", "", "\n", "\n\n"))

    def _data(self, depth: int) -> object:
        kind = self.chance.random()
        if depth == 0 or kind < 0.4:
            return self._text()
        if kind < 0.5:
            return (self.chance.choice(_SCALARS),)  # written as it is
        if kind < 0.75:
            return [self._data(depth - 1) for _ in range(self.chance.randint(0, 3))]
        keys = self.chance.sample(("b", "a", "on", "c d", "你", "x-y"), self.chance.randint(0, 3))
        return {key: self._data(depth - 1) for key in keys}

    # --- writing

    def _value(self, head: str, indent: int, data: object) -> list[str]:
        """Return the lines of a value behind `head`, whose own column is `indent`."""
        properties = ""
        alias = self.chance.random() < 0.05 and self.anchors and data != "" and head[0] in "x "
        if alias:
            return [f"{head} *{self.chance.choice(self.anchors)}{self._beside()}"]
        if isinstance(data, str) and self.chance.random() < 0.05:
            head += self.chance.choice((" !raw", " !!str", " !"))
        elif self.chance.random() < 0.08:
            properties = f" &a{len(self.anchors)}"
            new = f"a{len(self.anchors)}"
        if isinstance(data, (list, dict)):
            lines = self._collection(head + properties, indent, data)
        elif isinstance(data, tuple):
            lines = [f"{head}{properties} {data[0]}{self._beside()}"]
        else:
            lines = self._scalar(head + properties, indent, str(data))
        if properties:
            self.anchors.append(new)
        return lines

    def _collection(
        self, head: str, indent: int, data: list[object] | dict[str, object]
    ) -> list[str]:
        if not data or self.chance.random() < 0.3:
            return self._flow(head, indent, data)
        lines = [f"{head}{self._beside()}"]
        is_item = head.endswith("-") and isinstance(data, dict)
        step = self.chance.choice((1, 2, 2, 4))
        if isinstance(data, list):
            step = self.chance.choice((0, 2, 3)) if not head.endswith("-") else 2
        inner = indent + step
        compact = is_item and lines[0] == head and self.chance.random() < 0.7
        inner = indent + 2 if compact else inner
        first = True
        entries = data.items() if isinstance(data, dict) else ((None, each) for each in data)
        for key, child in entries:
            if not (first and compact):
                lines += self._gap(inner)
            margin = f"{head} " if first and compact else " " * inner
            name = "-" if key is None else f"{self._key(key)}:"
            made = self._value(margin + name, inner, child)
            lines = made if first and compact else lines + made
            first = False
        if self.chance.random() < 0.1 and len(made) == 1:  # what ends a block may be a part of it
            lines.append(" " * inner + self._comment())
        return lines

    def _flow(self, head: str, indent: int, data: object) -> list[str]:
        text = self._in_brackets(data)
        if self.chance.random() < 0.4:  # over several lines
            text = text.replace(", \x00", f",{self._beside()}\n{' ' * (indent + 3)}")
        text = text.replace("\x00", "")
        return f"{head} {text}{self._beside()}".split("\n")

    def _in_brackets(self, data: object) -> str:
        if isinstance(data, dict):
            pairs = (f"{self._key(key)}: {self._in_brackets(each)}" for key, each in data.items())
            return f"{{{', '.join(pairs)}}}"
        if isinstance(data, list):
            items = ", \x00".join(self._in_brackets(each) for each in data)
            return f"[{items}]"
        if isinstance(data, tuple):
            return data[0] or "null"
        return self._quoted(str(data))

    def _key(self, key: str) -> str:
        return self._quoted(key) if self.chance.random() < 0.2 or key == "on" else key

    def _quoted(self, text: str) -> str:
        if self.chance.random() < 0.5 and is_plain(text, flow=True):
            return text
        if "\n" not in text and self.chance.random() < 0.5:
            return f"""'{text.replace("'", "''")}'"""
        return in_double_quotes(text)

    def _scalar(self, head: str, indent: int, text: str) -> list[str]:
        kind = self.chance.random()
        column = indent + self.chance.choice((2, 3, 4))
        if kind < 0.4:
            made = written(text, indent=column, width=self.chance.choice((40, 60, 1000)))
            if made[:1] not in "|>":
                made += self._beside()
            return f"{head} {made}".split("\n")
        margin = f"\n{' ' * column}"
        if kind < 0.55 and is_plain(text) and "  " not in text:
            return f"{head} {text}".replace(" late ", f" late{margin}").split("\n")
        if kind < 0.65 and text.strip() == text and not head.endswith("-"):
            body = text.replace("\n", f"\n{margin}").replace(" lamp ", f" lamp{margin}")
            sign = self.chance.choice((">-", ">", ">+", "|-", "|"))
            return f"{head} {sign}{margin}{body}".split("\n")
        if kind < 0.7 and text.strip() == text and "- " not in head:
            step = self.chance.choice((2, 4))
            lines = [f"{' ' * (indent + step)}{line}" for line in text.split("\n")]
            return [f"{head} {self.chance.choice('|>')}{self.chance.choice((2, step))}", *lines]
        if kind < 0.75:
            quoted = self._quoted(text)
            if quoted[0] == '"' and "  " not in quoted:
                quoted = quoted.replace(" a", f"{margin}a").replace(" No ", f" No \\{margin}")
            return f"{head} {quoted}{self._beside()}".split("\n")
        if kind < 0.8:
            gap = self._gap(column)
            return [f"{head}{self._beside()}", *gap, f"{' ' * column}{self._quoted(text)}"]
        return f"{head} {self._quoted(text)}{self._beside()}".split("\n")

    # --- what means nothing

    def _comment(self) -> str:
        self.count += 1
        return self.chance.choice(
            (f"# note {self.count}", f"#{self.count}", f"#  {self.count}: `x`")
        )

    def _beside(self) -> str:
        if self.chance.random() < 0.85:
            return ""
        return " " * self.chance.choice((1, 2, 5)) + self._comment()

    def _gap(self, indent: int) -> list[str]:
        lines: list[str] = []
        while self.chance.random() < 0.3:
            blank = " " * self.chance.choice((0, 0, 2))
            lines.append(blank if self.chance.random() < 0.5 else " " * indent + self._comment())
        return lines
