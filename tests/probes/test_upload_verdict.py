"""When is a second server asked?"""

from __future__ import annotations

import pytest

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Mode, Site
from emrnetcheck.probes.throughput.verdict import rules_of, wants_another
from tests.checks.builders import upload

RULES = rules_of(Site(), Mode.STANDARD)  # 2.82 and 4.70


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (upload(2.5, lower_mbps=2.2, upper_mbps=2.81), True),
        (upload(2.5, lower_mbps=2.2, upper_mbps=2.83), False),  # nobody knows
        (upload(2.78, lower_mbps=2.75, upper_mbps=2.81), False),  # near enough
        (upload(4.0, lower_mbps=3.9, upper_mbps=4.1), False),
        (upload(2.81), True),
        (upload(2.83), False),
        (upload(4.0, lower_mbps=3.9, upper_mbps=4.1, tester_limited="its processor"), True),
        (upload(2.0, lower_mbps=1.9, upper_mbps=2.1, tester_limited="its processor"), True),
        (upload(5.0, lower_mbps=4.9, upper_mbps=5.1, tester_limited="its processor"), False),
        (upload(None), False),
    ],
)
def test_a_second_server_is_asked_where_the_first_may_be_to_blame(seen: Upload, wanted: bool) -> None:
    assert wants_another(seen, RULES) is wanted
