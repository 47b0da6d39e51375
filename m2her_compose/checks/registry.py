"""Every rule there is, and the codes that each of them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnostics import Severity
from ..diagnostics import codes as c
from ..frozen import frozen_positional
from . import (
    balance,
    budget,
    commas,
    contract,
    craft,
    dropped,
    inputs,
    language,
    leaks,
    names,
    prose,
    references,
    signs,
    speech,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..diagnostics import Code, Sink
    from ..diagnostics.policy import Policy
    from .subject import Subject


@frozen_positional
class Rule:
    """One thing that is looked for in a file; `codes` are all that it can report."""

    look: Callable[[Subject, Sink], None]
    codes: tuple[Code, ...]


RULES: Final[tuple[Rule, ...]] = (
    Rule(commas.parted_sentences, (c.PARTED_SENTENCE,)),
    Rule(inputs.unused_variables, (c.UNUSED_VARIABLE,)),
    Rule(references.idle_references, (c.IDLE_REFERENCE,)),
    Rule(references.unused_characters, (c.UNUSED_CHARACTER,)),
    Rule(inputs.idle_combinations, (c.IDLE_COMBINATION,)),
    Rule(inputs.single_value_axes, (c.SINGLE_VALUE_AXIS,)),
    Rule(references.repeated_bases, (c.REPEATED_BASE,)),
    Rule(contract.empty_texts, (c.EMPTY_TEXT,)),
    Rule(contract.empty_messages, (c.EMPTY_MESSAGE,)),
    Rule(contract.parameter_ranges, (c.PARAMETER_RANGE,)),
    Rule(contract.last_message, (c.ENDS_WITH_REPLY,)),
    Rule(names.same_names, (c.SAME_NAME,)),
    Rule(names.missing_names, (c.MISSING_NAME,)),
    Rule(names.bad_names, (c.BAD_NAME,)),
    Rule(signs.control_words, (c.CONTROL_WORD,)),
    Rule(signs.invisible_characters, (c.INVISIBLE_CHARACTER, c.BIDIRECTIONAL)),
    Rule(contract.unknown_model, (c.UNKNOWN_MODEL,)),
    Rule(contract.missing_roles, (c.MISSING_ROLE,)),
    Rule(
        budget.sizes,
        (c.SMALL_WINDOW, c.OVER_WINDOW, c.OVER_BUDGET, c.NO_ROOM, c.HEAVY_EXAMPLES),
    ),
    Rule(craft.number_of_examples, (c.NO_EXAMPLES, c.MANY_EXAMPLES)),
    Rule(craft.same_examples, (c.SAME_EXAMPLE,)),
    Rule(craft.silent_examples, (c.SILENT_EXAMPLE,)),
    Rule(craft.char_in_persona, (c.CHAR_IN_PERSONA,)),
    Rule(dropped.dropped_instructions, (c.DROPPED_INSTRUCTIONS,)),
    Rule(dropped.dropped_fields, (c.DROPPED_FIELD,)),
    Rule(leaks.leaked_secrets, (c.LEAKED_SECRET,)),
    Rule(craft.same_instructions, (c.SAME_INSTRUCTION,)),
    Rule(craft.repeated_greeting, (c.GREETING_REPEATED,)),
    Rule(speech.speaks_for_user, (c.SPEAKS_FOR_USER,)),
    Rule(balance.unbalanced_actions, (c.UNBALANCED_ACTION,)),
    Rule(balance.unbalanced_quotes, (c.UNBALANCED_QUOTE,)),
    Rule(speech.thinking_tags, (c.THINKING_TAG,)),
    Rule(speech.labels_in_lines, (c.LABEL_IN_LINE,)),
    Rule(language.example_language, (c.EXAMPLE_LANGUAGE,)),
    Rule(language.wrong_language, (c.WRONG_LANGUAGE,)),
    Rule(prose.placeholders, (c.PLACEHOLDER,)),
    Rule(prose.comments, (c.COMMENT_SENT,)),
    Rule(prose.foreign_macros, (c.FOREIGN_MACRO,)),
    Rule(prose.blank_edges, (c.UNTRIMMED_TEXT,)),
)


def look(subject: Subject, rules: Iterable[Rule], sink: Sink) -> None:
    """Hold a file against rules."""
    for rule in rules:
        rule.look(subject, sink)


def wanted(policy: Policy) -> tuple[Rule, ...]:
    """Return the rules of which something is wanted; errors always are."""
    return tuple(
        rule
        for rule in RULES
        if any(code.severity is Severity.ERROR or policy.wants(code) for code in rule.codes)
    )
