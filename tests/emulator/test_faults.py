"""How faults are asked for, and which request gets which."""

from __future__ import annotations

from collections import Counter

import pytest

from m2her_compose.emulator.faults import (
    KINDS,
    OK,
    RETRYABLE,
    Fault,
    FaultError,
    FaultPlan,
    Mishap,
    Value,
    kinds_listed,
    read_faults,
)
from m2her_compose.wire.codes import SERVICE_CODES


def shape(fault: Fault) -> tuple[object, ...]:
    return (
        fault.mishap,
        fault.number,
        fault.pause_s,
        fault.after,
        fault.retry_after,
        fault.html,
    )


def of(plan: FaultPlan, *numbers: int) -> list[Mishap]:
    return [plan.fault_for(number).mishap for number in numbers]


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("429", Fault(mishap=Mishap.STATUS, number=429)),
        (
            "429:retry-after=2",
            Fault(mishap=Mishap.STATUS, number=429, retry_after=("retry-after", "2")),
        ),
        (
            "503:retry-after-ms=50:html",
            Fault(
                mishap=Mishap.STATUS, number=503, retry_after=("retry-after-ms", "50"), html=True
            ),
        ),
        ("code=1000", Fault(mishap=Mishap.CODE, number=1000)),
        ("code-within=1027:after=3", Fault(mishap=Mishap.CODE_WITHIN, number=1027, after=3)),
        ("drop-within:after=0", Fault(mishap=Mishap.DROP_WITHIN, after=0)),
        ("slow=200ms", Fault(pause_s=0.2)),
        ("slow=1.5s", Fault(pause_s=1.5)),
        ("sensitive-input", Fault(mishap=Mishap.SENSITIVE_INPUT, number=1)),
        ("sensitive-output=5", Fault(mishap=Mishap.SENSITIVE_OUTPUT, number=5)),
        *(
            (kind.mishap.value, Fault(mishap=kind.mishap))
            for kind in KINDS
            if kind.value is Value.NONE and kind.mishap not in (Mishap.STATUS, Mishap.RETRYABLE)
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_specs_say_what_happens(spec: str, fault: Fault) -> None:
    assert shape(read_faults([spec]).fault_for(1)) == shape(fault)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "unknown fault ``: the kinds are"),
        ("broken", "unknown fault `broken`: the kinds are `STATUS`, `code=CODE`"),
        ("status", "unknown fault `status`"),
        ("200", "unknown fault `200`"),
        ("600", "unknown fault `600`"),
        ("４２９", "unknown fault"),
        ("429=5", "`429` takes no value"),
        ("drop-before=1", "`drop-before` takes no value"),
        ("429:after=1", "unknown option `after`: here they are `retry-after`, `retry-after-ms`"),
        ("think:html", "unknown option `html`: here they are none"),
        ("429:retry-after", "`retry-after` takes a number"),
        ("429:retry-after=-1", "`retry-after` takes a number"),
        ("429:retry-after=1\r\nx: y", "`retry-after` takes a number"),
        ("code", "a code is one of 1000, 1001"),
        ("code=1234", "unknown code 1234"),
        ("code=１０００", "a code is one of"),
        ("slow", "a pause is a number"),
        ("slow=5", "a pause is a number"),
        ("slow=61s", "a pause is at most 60 s"),
        ("sensitive-output=8", "a type is a number from 1 to 7"),
        ("sensitive-output=x", "a type is a number from 1 to 7"),
        ("malformed:after=x", "`after` takes a number"),
        ("429@", "a rate is a share"),
        ("429@5", "a rate is a share"),
        ("429@0%", "a rate is more than 0 %"),
        ("429@101%", "at most 100 %"),
        ("script=", "unknown fault ``"),
        ("script=429@5%,ok", "takes no rate"),
        ("seed=x", "`seed` takes a whole number"),
        ("seed=", "`seed` takes a whole number"),
    ],
    ids=lambda value: value[:30],
)
def test_wrong_specs_say_what_is_wrong(spec: str, says: str) -> None:
    with pytest.raises(FaultError) as caught:
        read_faults([spec])

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("specs", "says"),
    [
        (["429@60%", "503@41%"], "more than 100 %"),
        (["429", "503"], "more than 100 %"),
        (["slow=1s", "slow=2s"], "the pauses add up"),
        (["seed=1", "seed=2"], "`--fault seed=…` stands 2 times"),
        (["script=ok", "script=429"], "`--fault script=…` stands 2 times"),
    ],
    ids=str,
)
def test_specs_that_contradict_each_other_are_refused(specs: list[str], says: str) -> None:
    with pytest.raises(FaultError, match=r".*") as caught:
        read_faults(specs)

    assert says in str(caught.value)


def test_no_specs_are_no_faults() -> None:
    plan = read_faults([])

    assert plan.is_empty
    assert shape(plan.fault_for(1)) == shape(OK)


def test_rates_are_shares_of_all_requests() -> None:
    plan = read_faults(["429@20%", "drop-before@5%", "slow=10ms@50%"])
    found = [plan.fault_for(number) for number in range(1, 20_001)]
    counts = Counter(fault.mishap for fault in found)

    assert counts[Mishap.STATUS] == pytest.approx(4_000, rel=0.1)
    assert counts[Mishap.DROP_BEFORE] == pytest.approx(1_000, rel=0.1)
    assert counts[Mishap.NONE] == 20_000 - counts[Mishap.STATUS] - counts[Mishap.DROP_BEFORE]
    assert sum(fault.pause_s == 0.01 for fault in found) == pytest.approx(10_000, rel=0.1)


def test_rates_that_add_up_to_all_leave_none_out() -> None:
    plan = read_faults(["429@33.3%", "503@33.3%", "empty@33.4%"])

    assert Mishap.NONE not in of(plan, *range(1, 5_000))


def test_the_same_seed_gives_the_same_faults() -> None:
    specs = ["retryable@20%"]
    numbers = range(1, 500)

    first = [shape(read_faults([*specs, "seed=7"]).fault_for(n)) for n in numbers]
    again = [shape(read_faults([*specs, "seed=7"]).fault_for(n)) for n in reversed(numbers)]
    other = [shape(read_faults([*specs, "seed=8"]).fault_for(n)) for n in numbers]

    assert first == again[::-1]
    assert first != other


def test_a_script_goes_by_number_and_the_rates_come_after() -> None:
    plan = read_faults(["script=429,ok,drop-within,slow=10ms"])

    assert of(plan, 1, 2, 3, 4, 5) == [
        Mishap.STATUS,
        Mishap.NONE,
        Mishap.DROP_WITHIN,
        Mishap.SLOW,
        Mishap.NONE,
    ]
    assert of(read_faults(["script=ok", "empty"]), 1, 2) == [Mishap.NONE, Mishap.EMPTY]


def test_retryable_is_any_of_the_retryable_faults() -> None:
    plan = read_faults(["retryable"])
    found = {shape(plan.fault_for(number)) for number in range(1, 2_000)}

    assert found == {shape(fault) for fault in RETRYABLE}


def test_all_codes_that_may_pass_are_among_the_retryable() -> None:
    codes = {fault.number for fault in RETRYABLE if fault.mishap is Mishap.CODE}

    assert codes == {1000, 1001, 1002, 1024, 1033, 1041, 2045}


@pytest.mark.parametrize("known", SERVICE_CODES, ids=lambda known: str(known.code))
def test_every_code_can_be_asked_for(known: object) -> None:
    code = getattr(known, "code", 0)

    assert read_faults([f"code={code}"]).fault_for(1).number == code


def test_the_list_of_kinds_has_all_of_them() -> None:
    assert {kind.mishap for kind in KINDS} == set(Mishap)
    assert "`sensitive-input[=TYPE]`" in kinds_listed()
