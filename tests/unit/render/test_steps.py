"""Wherever the steps run out, that is a finding, and no more than one."""

from __future__ import annotations

from pathlib import Path

from m2her_compose.compiler import Compiler, Input
from m2her_compose.diagnostics import Sink
from m2her_compose.diagnostics import codes as c
from m2her_compose.render import Meter, render
from m2her_compose.scenario import Overrides
from m2her_compose.source import Disk

SCENE = b"""m2her: scenario/v1
variables: {era: now}
characters:
  mara: {name: 'Mara {{ vars.era }}', description: A potter., goals: [rest, '{{ user }}']}
persona: {name: Tom, description: A baker.}
history:
- user: Good evening.
- mara: "{% for i in [1, 2] %}{{ char }}{% endfor %}"
- narrator: It snows.
message: And now?
"""


def test_steps_run_out_anywhere() -> None:
    path = Path("/nowhere/at/all/scene.yaml")
    compiler = Compiler(files=Disk(texts={path: SCENE}), base=path.parent, root=path.parent)
    build = compiler.build(Input(path=path), Overrides())
    assert build.templates is not None
    whole = Meter()
    render(build.plans[0], build.templates, whole, Sink())
    used = Meter().steps - whole.steps

    assert used > 100
    for steps in range(used + 1):
        sink = Sink()
        render(build.plans[0], build.templates, Meter(steps=steps), sink)
        assert [each.code for each in sink.sorted()] == [c.TEMPLATE_LIMIT] * (steps < used)
