"""Is an address that two computers have seen as that, and is being unable to ask no answer?"""

from __future__ import annotations

import pytest

from tests.lab.conftest import Trial

pytestmark = pytest.mark.lab


def test_all_holders_of_an_address_are_found_and_a_failure_is_no_silence(trial: Trial) -> None:
    facts = trial("given_twice")
    macs = facts["macs"]
    (alone, twice, nobody, own), present = facts["privileged"]
    assert alone == [macs["alone"]]
    assert sorted(twice) == sorted([macs["one"], macs["two"]])
    assert nobody == []
    assert own == [macs["taker"]]
    assert present == [True, True, False, True]
    assert facts["unprivileged"] == [["permission"] * 4] * 2
    assert facts["down"] == [["no_route"] * 4] * 2
