"""Does the responder at the second site stand what the Internet does to it?"""

from __future__ import annotations

import pytest

from tests.lab.conftest import Trial

pytestmark = [pytest.mark.lab, pytest.mark.alone]

CLINIC = "45.76.10.20"
MEMORY_MAX_MB = 120  # 100 at the most was seen; what grows with each attacker is far above it


def test_attacked_from_everywhere_it_serves_the_clinic_and_stays_small(trial: Trial) -> None:
    facts = trial("responder_attacked", "4")
    assert facts["attack_ended"] == 0
    for when in ("alone", "attacked", "after"):
        assert facts[when]
        assert {(state, address) for state, address, _ in facts[when]} == {("open", CLINIC)}, facts[when]
    assert "not on this responder's list" in facts["forged"][0][0]
    assert facts["peak_mb"] < MEMORY_MAX_MB
