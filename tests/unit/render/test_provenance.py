"""Every character of a message leads back to where it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.compiler import Compiler, Input
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from m2her_compose.compiled import CompiledScenario
    from m2her_compose.ir import Message

#: Names that no author wrote, and that the format gives.
BUILT_IN: Final = ("AI", "User", "Narrator", "scene")

PARTS: Final = (
    "A plain text",
    "{{ vars.era }}",
    "{{ char }}",
    "{{ user }}",
    "{{ vars.era | upper }}",
    "{{ 1 + 1 }}",
    "{% if vars.era %}yes{% else %}no{% endif %}",
    "{% for x in [1, 2] %}{{ x }}{{ vars.era }}{% endfor %}",
    "{# nothing #}",
    "{{ characters.tom.description }}",
    "{% set x = 'own' %}{{ x }}{{ x ~ vars.era }}",
    "三顾茅庐",
    "😀",
    "{{ 'text' }}",
    "{{ vars.era[1:] }}",
    "{{ [char, user] | join(' & ') }}",
    "{{ group }}",
    "{% set b %}in a block {{ vars.era }}{% endset %}{{ b }}",
    "{% filter upper %}low {{ user }}{% endfilter %}",
    "{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(vars.era) }}",
    "{{ vars.era | replace('o', 'a') | trim }}",
    "{{ characters.tom.goals }}",
    "{{ vars.era ~ char ~ 'x' }}",
    "{{ vars.era * 2 }}",
    "{{ user.name or 'nobody' }}",
    "{{ scenario.title }}",
)
texts = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map(" ".join)


def compiled(**fields: str) -> CompiledScenario:
    """Compile a scenario; JSON's texts are YAML's."""
    lines = [
        "m2her: scenario/v1",
        "title: The title",
        "variables: {era: modern times}",
        "speaker: mara",
        "group: {name: The meadow, setting: Quiet.}",
        "characters:",
        "  mara: {name: Mara, description: DESCRIPTION}",
        "  tom: {name: Tom, description: A baker., goals: [bread, 'more {{ vars.era }}']}",
        "persona: {name: PERSONA}",
        "history:",
        "- narrator: It snows.",
        "- mara: HISTORY",
        "message: MESSAGE",
    ]
    text = "\n".join(lines) + "\n"
    for name, value in fields.items():
        text = text.replace(name, value)
    folder = Path("/nowhere/at/all")
    path = folder / "scene.yaml"
    compiler = Compiler(files=Disk(texts={path: text.encode()}), base=folder, root=folder)
    return compiler.compile(Input(path=path), Overrides())


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def hold(message: Message) -> None:
    assert "".join(piece.text for piece in message.pieces) == message.content
    assert "".join(piece.text for piece in message.name_pieces) == (message.name or "")
    for piece in (*message.pieces, *message.name_pieces):
        assert piece.text
        assert piece.origins or piece.text in BUILT_IN, piece
        for origin in piece.origins:
            span = origin.span
            assert 0 <= span.start <= span.end <= len(span.source.text)
        if piece.exact:
            assert len(piece.origins) == 1, piece
            written = piece.origins[0].span.text
            assert piece.text == written.replace("''", "'") or piece.text == written.strip("'\"")


@settings(max_examples=100, deadline=None)
@given(texts, texts, texts, st.sampled_from(["Traveler", "'{{ vars.era }}'", "'  blank '"]))
def test_every_piece_has_its_place(described: str, said: str, asked: str, persona: str) -> None:
    """An exact piece is what stands at its one origin; every other one has origins too."""
    fields = {
        "DESCRIPTION": quoted(described),
        "HISTORY": quoted(said),
        "MESSAGE": quoted(asked),
        "PERSONA": persona,
    }
    result = compiled(**fields)
    assert result.ok or all(d.code.id.startswith("M2H4") for d in result.diagnostics if d.is_error)
    for variant in result.variants:
        for message in variant.messages:
            hold(message)
    again = compiled(**fields)
    assert [v.request() for v in result.variants] == [v.request() for v in again.variants]
    assert [v.messages for v in result.variants] == [v.messages for v in again.variants]


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30))
def test_a_plain_text_is_one_exact_piece(text: str) -> None:
    """Without a template, the message is the text, and its one piece is all of the scalar."""
    if "{{" in text or "{%" in text or "{#" in text:
        return
    result = compiled(
        MESSAGE=json.dumps(text, ensure_ascii=False), DESCRIPTION="x", HISTORY="x", PERSONA="x"
    )
    (piece,) = result.messages[-1].pieces
    assert (text, True) == (piece.text, piece.exact)
    assert "/message" == piece.origins[0].pointer


def test_a_private_thought_is_marked_with_its_owner() -> None:
    text = (
        "m2her: scenario/v1\ncharacters:\n  m: {name: M, description: d, secrets: [hidden]}\n"
        "history:\n- m: Hi\n  thought: quiet\nmessage: Hello\n"
    )
    folder = Path("/nowhere/at/all")
    path = folder / "scene.yaml"
    compiler = Compiler(files=Disk(texts={path: text.encode()}), base=folder, root=folder)
    messages = compiler.compile(Input(path=path), Overrides()).messages
    private = {p.text: p.audience for m in messages for p in m.pieces if p.audience is not None}
    assert {"hidden": "m", "quiet": "m"} == private
