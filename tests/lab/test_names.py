"""Are the seconds right that the program tells people to wait for a name?"""

from __future__ import annotations

import pytest

from tests.lab.conftest import Trial

pytestmark = pytest.mark.lab

RIGHT_TO_S = 5.0


@pytest.mark.parametrize("scenario", ["dns_propagating", "dns_negative_cached"])
def test_the_seconds_that_an_old_answer_still_lasts(scenario: str, trial: Trial) -> None:
    facts = trial("seconds_left", scenario)
    assert facts["told_s"] > 30
    assert abs(facts["told_s"] - facts["right_s"]) <= RIGHT_TO_S
    assert facts["until_s"] == pytest.approx(facts["told_s"], abs=0.01)
