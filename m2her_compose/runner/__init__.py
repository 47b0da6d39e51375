"""Compiled scenarios, sent: what each request is expected to cost, and what came of it."""

from .asking import Exchange, ask
from .cost import Estimate, cost_usd, estimate
from .probing import Probe, Probed, advice_of, probe_roles
from .remarks import Remark, RemarkKind, remarks_on
from .results import results_json
from .telling import error_text, probe_table, remark_text
from .tracing import places_of

__all__ = [
    "Estimate",
    "Exchange",
    "Probe",
    "Probed",
    "Remark",
    "RemarkKind",
    "advice_of",
    "ask",
    "cost_usd",
    "error_text",
    "estimate",
    "places_of",
    "probe_roles",
    "probe_table",
    "remark_text",
    "remarks_on",
    "results_json",
]
