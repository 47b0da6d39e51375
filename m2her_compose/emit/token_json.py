"""Where a prompt's tokens go, as JSON (schemas/tokens.v1.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..wire.json_text import pretty_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..charges import Bill, FieldCharge, MessageCharge, TemplateCharge

VERSION: Final = 1
# Of shares of the budget: enough for one token of ten million.
_DIGITS: Final = 7


def token_json(bills: Sequence[Bill]) -> str:
    """Return all bills as one document."""
    return pretty_json({"version": VERSION, "scenarios": [_bill(bill) for bill in bills]})


def _bill(bill: Bill) -> dict[str, Any]:
    charges = bill.charges
    return {
        "id": bill.id,
        "file": bill.path,
        "target": bill.target,
        "counter": {"kind": bill.kind, "name": bill.counted_by},
        "budget": {"tokens": bill.budget.tokens, "source": bill.budget.setting},
        "total_tokens": charges.total_tokens,
        "share": _share(bill, charges.total_tokens),
        "prefix_tokens": charges.prefix_tokens,
        "header_tokens": charges.header_tokens,
        "messages": [_message(bill, each) for each in charges.messages],
        "fields": [_field(bill, each) for each in charges.fields],
        "templates": [_template(bill, each) for each in charges.templates],
    }


def _message(bill: Bill, charge: MessageCharge) -> dict[str, Any]:
    return {
        "role": charge.role.value,
        "name": charge.name,
        "unit": charge.unit,
        "tokens": charge.tokens,
        "content_tokens": charge.content_tokens,
        "name_tokens": charge.name_tokens,
        "share": _share(bill, charge.tokens),
    }


def _field(bill: Bill, charge: FieldCharge) -> dict[str, Any]:
    return {
        "pointer": charge.pointer,
        "file": charge.span.path,
        "line": charge.span.line,
        "column": charge.span.column,
        "tokens": charge.tokens,
        "share": _share(bill, charge.tokens),
    }


def _template(bill: Bill, charge: TemplateCharge) -> dict[str, Any]:
    return {
        "file": charge.path,
        "tokens": charge.tokens,
        "share": _share(bill, charge.tokens),
    }


def _share(bill: Bill, tokens: int) -> float:
    return round(bill.share(tokens), _DIGITS)
