"""What is said of the number of people at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.capacity import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.model import Site
from tests.checks.builders import SITE, Row, case, codes_of, judged, limits, row, upload


def people(mbps: float | None, users: int = 4, site: Site = SITE) -> Case:
    return case(replace(site, users=users), upload=upload(mbps))


TENTH = limits("capacity", per_user_mbps=0.1)
TWO = limits("capacity", per_user_mbps=2.0)

TABLE = [
    row("just under 4 Mbps for 4", people(3.99), "capacity.short"),
    row("4 Mbps for 4", people(4.0), "capacity.ok"),
    row("just over 4 Mbps for 4", people(4.01), "capacity.ok"),
    row("4 Mbps for 5", people(4.0, 5), "capacity.short"),
    row("2 Mbps each: 7.9 for 4", people(7.9, site=TWO), "capacity.short"),
    row("2 Mbps each: 8 for 4", people(8.0, site=TWO), "capacity.ok"),
    # 0.3 / 0.1 is 2.9999999999999996.
    row("0.1 Mbps each: 0.3 for 3", people(0.3, 3, TENTH), "capacity.ok"),
    row("0.1 Mbps each: 0.7 for 7", people(0.7, 7, TENTH), "capacity.ok"),
    row("0.1 Mbps each: 0.29 for 3", people(0.29, 3, TENTH), "capacity.short"),
    row("nobody fits", people(0.5), "capacity.short"),
    row("nothing confirmed", people(None), "capacity.unmeasured"),
]


@pytest.mark.parametrize("users", [1, 4, 7, 15, 16, 47, 100])
def test_the_line_that_is_asked_for_is_enough(users: int) -> None:
    """Providers sell the line rate; 0.94 of it arrives (checks.upload). The number in the advice must do."""
    (finding,) = judged(CHECK, people(0.5, users))
    needed_mbps = finding.facts["needed_mbps"]
    assert isinstance(needed_mbps, int)
    assert codes_of(CHECK, people(needed_mbps * 0.94, users)) == ("capacity.ok",)


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_capacity_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
