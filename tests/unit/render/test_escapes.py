"""Templates cannot reach Python: the known ways out of Jinja2, in our own words.

Each payload goes through the whole pipeline, as the opening message of a scenario. Those that a
plain `jinja2.Environment` renders are also rendered by one, so that each is known to be an
attack and not a typing error. No payload runs a program: the last step of a walk is left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import jinja2
import pytest

from m2her_compose import compile_scenario

if TYPE_CHECKING:
    from pathlib import Path

#: What only a Python object prints.
PYTHON: Final = re.compile(
    r"<(?:class|function|module|built-in|bound|method|slot|attribute|generator|code|frame|list_"
    r"|[A-Za-z]*(?:Template|Macro|jinja2|TemplateReference|Context|Namespace|Cycler|Joiner))"
    r"| object at 0x|mappingproxy|__\w+__|site-packages|builtins"
)

#: Walks through Python objects: a plain environment follows each of them.
LEAKS: Final = {
    "class of a text": "{{ ''.__class__ }}",
    "class by subscript": "{{ ''['__class__'] }}",
    "class by filter": "{{ ''|attr('__class__') }}",
    "class with hexadecimal escapes": r"{{ ''['\x5f\x5fclass\x5f\x5f'] }}",
    "class with unicode escapes": r"{{ ''['\u005f\u005fclass\u005f\u005f'] }}",
    "class by filter with escapes": r"{{ ''|attr('\x5f\x5fclass\x5f\x5f') }}",
    "class from joined parts": "{{ ''['__cla' ~ 'ss__'] }}",
    "class from adjacent literals": "{{ ''['__cla' 'ss__'] }}",
    "class from a reversed name": "{{ ''['__ssalc__'[::-1]] }}",
    "class from a joined list": "{{ ''[['__', 'class', '__']|join] }}",
    "class from a joined map": "{{ ''[{'__cla': 0, 'ss__': 0}|join] }}",
    "class from a lowered name": "{{ ''['__CLASS__'|lower] }}",
    "class from a replaced name": "{{ ''['xxclassxx'|replace('x', '_')] }}",
    "class from a formatted name": "{{ ''['%s%s%s'|format('__', 'class', '__')] }}",
    "class from a name in a variable": "{% set n = '__class__' %}{{ ''[n] }}",
    "class of a list": "{{ [].__class__ }}",
    "class of a map": "{{ {}.__class__ }}",
    "class of a pair": "{{ ().__class__ }}",
    "class of a number": "{{ (1).__class__ }}",
    "class of a truth value": "{{ true.__class__ }}",
    "bases of a class": "{{ ().__class__.__bases__ }}",
    "base of a class": "{{ ''.__class__.__base__ }}",
    "resolution order": "{{ ''.__class__.__mro__ }}",
    "resolution order by call": "{{ ''.__class__.mro() }}",
    "all subclasses": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "one subclass": "{{ ().__class__.__base__.__subclasses__()[0] }}",
    "subclasses in a loop": (
        "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}"
    ),
    "subclasses in a filtered loop": (
        "{% for c in ().__class__.__base__.__subclasses__() if 'type' in c.__name__ %}"
        "{{ c }}{% endfor %}"
    ),
    "chain of attr filters": "{{ ()|attr('__class__')|attr('__base__')|attr('__subclasses__')() }}",
    "attribute of mapped texts": "{{ ['']|map(attribute='__class__')|list }}",
    "attr filter by name": "{{ ['']|map('attr', '__class__')|list }}",
    "join by attribute": "{{ ['']|join(', ', attribute='__class__') }}",
    "longest walk by attribute": "{{ ['']|map(attribute='__class__.__mro__')|first }}",
    "group by class": "{{ ['']|groupby('__class__') }}",
    "select by attribute": "{{ ['']|selectattr('__class__')|map(attribute='__doc__')|list }}"
    "{{ ''.__class__ }}",
    "smallest by class name": "{{ ['']|min(attribute='__class__.__name__') }}{{ ''.upper }}",
    "a method without a call": "{{ ''.upper }}",
    "self of a method": "{{ ''.join.__self__.__class__ }}",
    "documentation of a method": "{{ ''.upper.__class__.__doc__ }}{{ ''.upper }}",
    "format with an attribute": "{{ '{0.__class__}'.format('') }}",
    "format with a deep attribute": "{{ '{0.__class__.__mro__}'.format('') }}",
    "format with a subscript": "{{ '{x[0].__class__}'.format(x=['']) }}",
    "format_map": "{{ '{x.__class__}'.format_map({'x': ''}) }}",
    "format as a filter's argument": "{{ '%r'|format(''.__class__) }}",
    "percent operator": "{{ '%s' % ''.__class__ }}",
    "percent operator on a method": "{{ '%s' % ''.upper }}",
    "cycler's globals": "{{ cycler.__init__.__globals__ }}",
    "joiner's globals": "{{ joiner.__init__.__globals__ }}",
    "namespace's globals": "{{ namespace.__init__.__globals__ }}",
    "lipsum's globals": "{{ lipsum.__globals__ }}",
    "lipsum's globals by subscript": "{{ lipsum['__globals__']['__builtins__'] }}",
    "lipsum's module": "{{ lipsum.__globals__.os }}",
    "lipsum by filter": r"{{ lipsum|attr('\x5f\x5fglobals\x5f\x5f') }}",
    "dict's bases": "{{ dict.__base__ }}",
    "dict's order": "{{ dict.mro() }}",
    "range's class": "{{ range.__class__ }}",
    "an instance of namespace": "{{ namespace(a=1).__class__ }}",
    "a namespace printed": "{{ namespace(a=lipsum) }}",
    "a cycler printed": "{{ cycler('a') }}",
    "the template itself": "{{ self }}",
    "the template's context": "{{ self._TemplateReference__context }}",
    "globals through the template": (
        "{{ self._TemplateReference__context.cycler.__init__.__globals__.os }}"
    ),
    "class of the template": "{{ self.__init__.__globals__ }}",
    "an undefined name's globals": "{{ nothing.__class__.__init__.__globals__ }}",
    "an undefined name's class": "{{ nothing.__class__ }}",
    "the loop's class": "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "the loop's globals": "{% for x in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "the loop's cycle": "{% for x in [1] %}{{ loop.cycle }}{% endfor %}",
    "a macro's class": "{% macro m() %}{% endmacro %}{{ m.__class__ }}",
    "a macro's globals": "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "a macro's function": "{% macro m() %}{% endmacro %}{{ m._func }}",
    "a macro's caller": "{% macro m() %}{{ caller }}{% endmacro %}{% call m() %}{% endcall %}",
    "a caller's globals": (
        "{% macro m() %}{{ caller.__init__.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}"
    ),
    "a macro's own arguments": "{% macro m() %}{{ varargs.__class__ }}{% endmacro %}{{ m(1) }}",
    "a macro's keyword arguments": "{% macro m() %}{{ kwargs.pop }}{% endmacro %}{{ m(a=1) }}",
    "set to a class": "{% set c = ''.__class__ %}{{ c }}",
    "with a class": "{% with c = ''.__class__ %}{{ c }}{% endwith %}",
    "a class in a namespace": "{% set n = namespace(c=1) %}{% set n.c = ''.__class__ %}{{ n.c }}",
    "a class in a condition": "{{ ''.__class__ if ''.__class__ else '' }}",
    "a class in a list": "{{ [''.__class__, 1]|first }}",
    "a class as a default": "{{ none|default(''.__class__, true) }}",
    "a class in a filter block": "{% filter upper %}{% endfilter %}{{ ''.__class__ }}",
    "a filter's generator frame": "{{ ([1]|select).gi_frame }}",
    "a filter's generator code": "{{ ([1]|reject).gi_code }}",
    "bytes of a text": "{{ ''.encode().__class__ }}",
    "a class of Markup": "{{ ('<'|e).__class__ }}",
    "Markup's format": "{{ '{0.__class__}'|safe ~ ('x'|escape).__class__ }}",
    "pretty printed": "{{ ''.__class__|pprint }}",
    "through a variable": "{{ vars.era.__class__ }}",
    "through the variables": "{{ vars.__class__ }}",
    "through the variables by filter": "{{ vars|attr('__class__') }}",
    "full-width letters": "{{ ''.__ｃｌａｓｓ__.__class__ }}",
}

#: What a plain environment prints as a Python object, and what is printed here instead.
QUIET: Final = {
    "a macro": ("*{% macro m() %}{% endmacro %}{{ m }}", "*"),
    "a namespace": ("*{% set n = namespace(x=1) %}{{ n }}", "*"),
    "a generator": ("*{{ [1]|map('string') }}", "*1"),
    "a selection": ("*{{ [1, 0, 2]|select }}", "*1, 2"),
    "a reversed list": ("*{{ [1, 2]|reverse }}", "*2, 1"),
    "items of a map": ("*{{ {'x': 1}.items() }}", "*x, 1"),
}

#: What a plain environment refuses too, or what needs the objects of a web framework.
MORE: Final = {
    "framework configuration": "{{ config.items() }}",
    "framework request": "{{ request.application.__globals__ }}",
    "framework request by filter": "{{ request|attr('args')|attr('get')('x') }}",
    "framework url": "{{ url_for.__globals__ }}",
    "framework messages": "{{ get_flashed_messages.__globals__ }}",
    "framework session": "{{ session }}{{ g }}{{ app }}",
    "include a file": "{% include '/etc/passwd' %}",
    "include a list": "{% include ['a', 'b'] ignore missing %}",
    "import a file": "{% import 'os' as os %}{{ os }}",
    "import from a file": "{% from 'os' import system %}",
    "extend a file": "{% extends '/etc/passwd' %}",
    "a block": "{% block a %}x{% endblock %}",
    "super": "{{ super() }}",
    "super within a block": "{% block a %}{{ super.__globals__ }}{% endblock %}",
    "python statements": "{% import os %}",
    "do": "{% do [].append(1) %}",
    "debug": "{% debug %}",
    "translation": "{% trans %}x{% endtrans %}",
    "underscore function": "{{ _('x') }}{{ gettext('x') }}",
    "autoescape": "{% autoescape true %}{{ '<' }}{% endautoescape %}",
    "call with stars": "{{ range(*[1, 2]) }}",
    "call with double stars": "{{ namespace(**{'a': 1}) }}",
    "call a text": "{{ 'x'() }}",
    "call a result": "{{ range(3)() }}",
    "call a subscript": "{{ char['name']() }}",
    "call a character": "{{ char() }}",
    "call a filter's result": "{{ ('x'|upper)() }}",
    "an open function": "{{ open('/etc/passwd').read() }}",
    "an import function": "{{ __import__('os') }}",
    "the builtins": "{{ __builtins__ }}",
    "evaluation": "{{ eval('1') }}{{ exec('1') }}",
    "random": "{{ [1, 2]|random }}",
    "a recursive loop": "{% for x in [[1]] recursive %}{{ loop(x) }}{% endfor %}",
    "change a list": "{{ [1].append(2) }}",
    "change a map": "{{ {}.update({'a': 1}) }}",
    "change the loop": "{% for x in [1] %}{% set loop.index = 5 %}{% endfor %}",
    "change a character": "{% set char.name = 'x' %}",
    "change the variables": "{% set vars.era = 'x' %}",
    "private field of a view": "{{ char.fields }}",
    "printed function of a view": "{{ char.printed }}",
    "node of a macro": "{% macro m() %}{% endmacro %}{{ m.node }}",
    "frames of a macro": "{% macro m() %}{% endmacro %}{{ m['frames'] }}",
    "values of a namespace": "{% set n = namespace() %}{{ n['values'] }}",
    "pieces of a text": "{{ char.name.pieces }}",
    "pieces of a text by subscript": "{{ char.name['pieces'] }}",
    "weight of a list": "{{ [1].weight }}",
    "depth of a list by attribute": "{{ [[1]]|map(attribute='depth')|list }}",
    "attribute with a path": "{{ [char]|map(attribute='name.pieces')|list }}",
    "class of a character": "{{ char.__class__ }}",
    "class of a character by subscript": "{{ char['__class__'] }}",
    "class of the cast": "{{ characters['__class__'] }}",
    "globals of the user": "{{ user['__init__']['__globals__'] }}",
    "attribute of the group": "{{ group['__dict__'] }}",
    "module of the scenario": "{{ scenario['__module__'] }}",
    "a slot of a character": "{{ char.__slots__ }}",
    "class in a list of characters": "{{ [char]|map(attribute='__class__')|list }}",
    "an unknown name": "{{ sys }}",
    "a byte literal": "{{ b'x' }}",
    "a lambda": "{{ (lambda: 1)() }}",
    "a comprehension": "{{ [x for x in ''.__class__] }}",
    "an assignment expression": "{{ (x := 1) }}",
    "a star in a list": "{{ [*''.__class__] }}",
    "backticks": "{{ `id` }}",
    "a text method that is not listed": "{{ 'x'.encode() }}",
    "translate": "{{ 'x'.translate({120: 'y'}) }}",
    "format": "{{ '{}'.format(1) }}",
    "format as a filter": "{{ '%s'|format(1) }}",
    "percent": "{{ '%s' % 1 }}",
    "percent with a width": "{{ '%1000000000d' % 1 }}",
    "a format width": "{{ '{:1000000000}'.format(1) }}",
    "zero-padded": "{{ 'x'.zfill(1000000000) }}",
    "justified": "{{ 'x'.ljust(1000000000) }}",
}

#: Texts that only look like an attack: they are sent as they are.
HARMLESS: Final = {
    "raw block": ("{% raw %}{{ ''.__class__ }}{% endraw %}", "{{ ''.__class__ }}"),
    "a quoted payload": ("{{ '{{ lipsum.x }}' }}", "{{ lipsum.x }}"),
    "a comment": ("*{# {{ self }} {% include 'x' %} #}b", "*b"),
    "another engine": ("${7*7} <%= 7*7 %> #{7*7} *{7*7}", "${7*7} <%= 7*7 %> #{7*7} *{7*7}"),
    "python": ("__import__('os').system('id')", "__import__('os').system('id')"),
    "braces apart": ("{ { self } }", "{ { self } }"),
    "a variable's value": ("{{ vars.evil }}", "{{ self.__init__.__globals__ }}"),
    "a payload put together": ("{{ '{' ~ '{ self }' ~ '}' }}", "{{ self }}"),
    "a payload by replacement": ("{{ '<<7*7>>'|replace('<', '{')|replace('>', '}') }}", "{{7*7}}"),
}

SCENARIO: Final = """\
m2her: scenario/v1
variables:
  era: now
  evil: "{{ self.__init__.__globals__ }}"
characters:
  mara: {name: Mara, description: A keeper of bees.}
persona: {name: Tom}
group: The meadow.
"""


def compiled(folder: Path, template: str) -> tuple[str | None, list[str], str]:
    """Compile a message; returns what is sent, the codes found, and all that was said."""
    path = folder / "scene.yaml"
    path.write_text(f"{SCENARIO}message: {json.dumps(template)}\n", encoding="utf-8")
    result = compile_scenario(path)
    said = "\n".join(f"{d.message}\n{d.help or ''}" for d in result.diagnostics)
    text = result.messages[-1].content if result.ok else None
    return text, [d.code.id for d in result.diagnostics], said


@pytest.mark.parametrize("template", (LEAKS | MORE).values(), ids=(LEAKS | MORE).keys())
def test_a_way_out_is_a_finding(tmp_path: Path, template: str) -> None:
    """Nothing is compiled, and the findings are about templates."""
    sent, codes, _ = compiled(tmp_path, template)
    assert sent is None
    assert codes
    assert all(code.startswith("M2H4") for code in codes)


@pytest.mark.parametrize("template", (LEAKS | MORE).values(), ids=(LEAKS | MORE).keys())
def test_a_finding_tells_nothing_of_python(tmp_path: Path, template: str) -> None:
    """What an attacker wrote may be quoted; what Python would have answered is not there."""
    _, _, said = compiled(tmp_path, template)
    for word in PYTHON.findall(said):
        assert word in template or word.strip("_") in template


@pytest.mark.parametrize("template", LEAKS.values(), ids=LEAKS.keys())
def test_a_plain_environment_lets_it_out(template: str) -> None:
    """The payload works: rendering with Jinja2 alone succeeds, and prints Python objects."""
    environment = jinja2.Environment()  # noqa: S701 - the naive version
    context = {"vars": {"era": "now"}}
    try:
        rendered = environment.from_string(template).render(context)
    except jinja2.UndefinedError as error:
        # Walking on from a name that does not exist still shows the walk's class.
        rendered = str(error)
    assert PYTHON.search(rendered) or "Undefined" in rendered, rendered


@pytest.mark.parametrize(("template", "expected"), QUIET.values(), ids=QUIET.keys())
def test_an_object_of_the_template_prints_no_python(
    tmp_path: Path, template: str, expected: str
) -> None:
    sent, codes, _ = compiled(tmp_path, template)
    assert codes == []
    assert expected == sent
    naive = jinja2.Environment().from_string(template).render()  # noqa: S701
    assert PYTHON.search(naive) or "dict_items" in naive


@pytest.mark.parametrize(("template", "expected"), HARMLESS.values(), ids=HARMLESS.keys())
def test_what_only_looks_like_an_attack_is_sent(
    tmp_path: Path, template: str, expected: str
) -> None:
    sent, codes, _ = compiled(tmp_path, template)
    assert codes == []
    assert expected == sent


@pytest.mark.parametrize("template", (LEAKS | MORE).values(), ids=(LEAKS | MORE).keys())
def test_a_raw_text_sends_the_payload_itself(tmp_path: Path, template: str) -> None:
    """Behind `!raw` even a payload is only text."""
    path = tmp_path / "scene.yaml"
    path.write_text(f"{SCENARIO}message: !raw {json.dumps(template)}\n", encoding="utf-8")
    result = compile_scenario(path)
    assert result.ok
    assert template == result.messages[-1].content
