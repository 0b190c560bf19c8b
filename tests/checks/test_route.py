"""What is said of the routers on the way to the EMR."""

from __future__ import annotations

import pytest

from emrnetcheck.checks.route import CHECK
from emrnetcheck.evidence.path import Mtu, Path
from emrnetcheck.model import Failure, FailureKind
from tests.checks.builders import PUBLIC, Row, codes_of, judged, row
from tests.checks.client_builders import HOLE, elsewhere, limited, path, series, trace

LATE = path(trace(0.4, 10.0, 111.0, end=series(PUBLIC, 150.0)))

UNSIZED = Mtu("emr.example.org", "emr", PUBLIC, (), "none", failure=Failure(FailureKind.OUT_OF_TIME))

TABLE = [
    row("all well", elsewhere(), "route.ok"),
    row("100 ms between two", elsewhere(path=path(trace(0.4, 10.0, 110.0, end=series(PUBLIC, 150.0)))), "route.ok"),
    row("101 ms between two", elsewhere(path=LATE), "route.bad"),
    row("101 ms between two, limit 102", elsewhere(limited("route", stretch_ms=102), path=LATE), "route.ok"),
    row("150 ms at the EMR's own end", elsewhere(path=path(trace(0.4, 10.0, end=series(PUBLIC, 160.0)))), "route.ok"),
    row("large packets vanish", elsewhere(path=path(mtu=HOLE)), "route.bad"),
    row("the sizes are not known", elsewhere(path=path(mtu=UNSIZED)), "route.ok", "route.size_unknown"),
    row("no router answers", elsewhere(path=path(trace(end=series(PUBLIC, None)))), "route.unseen"),
    row("no trace at all", elsewhere(path=Path((), ())), "route.unseen"),
]


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_where_the_time_goes_is_said() -> None:
    (found,) = judged(CHECK, elsewhere(path=path(trace(0.4, 10.0, end=series(PUBLIC, 160.0)))))
    assert found.facts["added_ms"] == pytest.approx(150.0)
    assert found.facts["end"] == ", the EMR's own end"
