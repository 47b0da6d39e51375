"""The proof finds every way in which a scenario can be another one than its request."""

from __future__ import annotations

from typing import Final

import pytest

from m2her_compose.importers import Refusal
from m2her_compose.importers.decoding import decode_request
from m2her_compose.importers.model import Losses
from m2her_compose.importers.proof import note_differences

REQUEST: Final = {
    "model": "M2-her",
    "temperature": 0.5,
    "messages": [
        {"role": "system", "name": "Mara", "content": "You are Mara."},
        {"role": "assistant", "name": "Mara", "content": "Hm."},
        {"role": "user", "name": "Ann", "content": "Hello?"},
    ],
}
SCENARIO: Final = """\
m2her: scenario/v1
characters: {mara: {name: Mara}}
persona: {name: Ann}
system: You are Mara.
history: [{mara: Hm.}]
message: Hello?
parameters: {temperature: 0.5}
"""


def differences(text: str) -> tuple[str, ...]:
    request = decode_request(REQUEST)
    losses = Losses(changes={})
    note_differences(text, request.lines, request, losses)
    return losses.told()


def test_the_very_same_has_no_differences() -> None:
    assert () == differences(SCENARIO)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Hm.", "Hm!", 'message 2: becomes "Hm!"'),
        ("message: Hello?\n", "", "3 messages become 2"),
        ("mara: Hm.", "user: Hm.", 'message 2: becomes "Hm."'),
        ("name: Ann", "name: Bob", 'message 3: the name "Ann" becomes "Bob"'),
        ("Hello?\n", "Hello?\nnames: never\n", 'message 3: loses the name "Ann"'),
        ("0.5", "0.6", "the parameters differ"),
        ("parameters: {temperature: 0.5}\n", "", "the parameters differ"),
        ("message:", "model: other\nmessage:", 'the model becomes "other"'),
    ],
    ids=["text", "count", "role", "name", "no-name", "value", "no-parameters", "model"],
)
def test_each_difference_is_noted(old: str, new: str, expected: str) -> None:
    assert expected in differences(SCENARIO.replace(old, new))


def test_what_does_not_compile_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        differences(SCENARIO.replace("system:", "sistem:"))
    assert caught.value.message.startswith("no scenario can hold this: ")


def test_no_other_file_is_read() -> None:
    with pytest.raises(Refusal):
        differences(SCENARIO.replace("{name: Ann}", "{use: ann.yaml}"))
