"""watch: who lost lately and is silent a few times in a row may be so by chance; who did not lose is not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from emrnetcheck.evidence.watch import Sample, Watched
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.placing import Fault
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.limits import limits_of

SILENT = Failure(FailureKind.TIMEOUT, "connect", "x")


def after(lost: Iterable[int], method: str = "tcp") -> Fault | None:
    """The EMR's computer, asked every two seconds from 0 on until the last of these questions, which got no answer."""
    watched = Watched("server_tcp", "x", method)
    leg = LegWatch(watched, limits_of(watched, wireless=False, inside=False))
    unanswered = set(lost)
    for number in range(max(unanswered) + 1):
        at_s = 2.0 * number
        leg.take(Sample("server_tcp", at_s, *((None, SILENT) if number in unanswered else (40.0, None))))
    return leg.fault


@pytest.mark.parametrize(
    ("what", "lost", "fault"),
    [
        ("two lost of the last 60: chance", (10, 25, *range(60, 64)), None),
        ("nothing lost before", range(60, 64), Fault.DEAD),
        ("one lost before shows no share", (25, *range(60, 64)), Fault.DEAD),
        ("an outage before is no share", (*range(22, 26), *range(60, 64)), Fault.DEAD),
        ("two lost of the last 80 is too little", (10, 25, *range(80, 84)), Fault.DEAD),
        ("five in a row are too many for that", (10, 25, *range(60, 65)), Fault.DEAD),
    ],
)
def test_who_lost_lately_is_not_at_once_gone(what: str, lost: Iterable[int], fault: Fault | None) -> None:
    assert after(lost) == fault, what
