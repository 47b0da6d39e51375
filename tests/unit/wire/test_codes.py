"""The service's codes, as its vendor documents them."""

from __future__ import annotations

import pytest

from m2her_compose.wire.codes import (
    SENSITIVE_TYPES,
    SERVICE_CODES,
    ServiceCode,
    Trouble,
    service_code,
)

# Another spelling of the documented table: code, what kind of thing it means.
DOCUMENTED = {
    Trouble.OUTAGE: (1000, 1001, 1024, 1033),
    Trouble.LIMIT: (1002, 1041, 2045),
    Trouble.KEY: (1004, 2049),
    Trouble.BALANCE: (1008, 2056),
    Trouble.SENSITIVE: (1026, 1027),
    Trouble.TOO_LONG: (1039,),
    Trouble.INVALID: (1042, 2013),
}


def test_every_documented_code_is_known_and_no_other() -> None:
    found = {each.code: each.trouble for each in SERVICE_CODES}

    assert {code: kind for kind, codes in DOCUMENTED.items() for code in codes} == found
    assert len(found) == len(SERVICE_CODES)


@pytest.mark.parametrize("known", SERVICE_CODES, ids=lambda known: str(known.code))
def test_a_code_has_a_meaning_and_the_status_of_an_error(known: ServiceCode) -> None:
    assert known is service_code(known.code)
    assert known.meaning
    assert 400 <= known.http_status < 600


@pytest.mark.parametrize(("code", "status"), [(1000, 500), (1004, 401), (2013, 400)])
def test_statuses_that_are_documented(code: int, status: int) -> None:
    found = service_code(code)

    assert found is not None
    assert status == found.http_status


@pytest.mark.parametrize("code", [None, 0, 999, 2014])
def test_other_codes_are_not_known(code: int | None) -> None:
    assert service_code(code) is None


def test_sensitive_types_are_those_of_the_reference() -> None:
    assert [1, 2, 3, 4, 5, 6, 7] == list(SENSITIVE_TYPES)
