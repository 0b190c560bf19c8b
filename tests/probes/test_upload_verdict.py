"""When is a second server asked?"""

from __future__ import annotations

import pytest

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Mode, Site
from emrnetcheck.probes.throughput.verdict import better, rules_of, wants_another
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


BURST = upload(2.38, lower_mbps=2.3, upper_mbps=2.45, burst_mbps=14.0, server="a", sent_bytes=11, samples=(14.0, 2.4))


@pytest.mark.parametrize(
    ("first", "second", "server", "is_slower"),
    [
        (BURST, upload(2.41, lower_mbps=1.9, upper_mbps=2.95, server="b"), "a", False),
        (BURST, upload(2.6, lower_mbps=2.44, upper_mbps=2.7, server="b"), "a", False),
        (BURST, upload(2.6, lower_mbps=2.46, upper_mbps=2.7, server="b"), "b", True),
        (BURST, upload(9.0, lower_mbps=8.0, upper_mbps=9.5, server="b"), "b", True),
        (BURST, upload(1.0, lower_mbps=0.9, upper_mbps=1.1, server="b"), "a", True),
        (BURST, upload(2.5, server="b", tester_limited="its window"), "b", True),
        (BURST, upload(2.4, server="b", tester_limited="its window"), "a", False),
        (upload(3.5, server="a", tester_limited="x"), upload(2.5, server="b"), "a", True),
        (upload(0.4, server="a", tester_limited="x"), upload(2.5, server="b"), "b", True),
    ],
)
def test_the_second_server_counts_only_where_it_is_certainly_faster(
    first: Upload, second: Upload, server: str, is_slower: bool
) -> None:
    found = better(first, second)
    assert found.server == server
    assert found.second is not None
    assert found.second.is_slower is is_slower


def test_what_the_other_server_saw_is_kept() -> None:
    found = better(BURST, upload(9.0, lower_mbps=8.0, upper_mbps=9.5, server="b"))
    assert found.burst_mbps is None
    assert found.second is not None
    assert (found.second.burst_mbps, found.second.sent_bytes, found.second.samples) == (14.0, 11, (14.0, 2.4))
