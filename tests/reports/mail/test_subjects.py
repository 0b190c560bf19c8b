"""A subject tells the clinic, the answer, what it is about and since when, in few words and without a figure."""

from __future__ import annotations

from typing import Any

import pytest

from emrnetcheck.checks import ALL, EVERY
from emrnetcheck.model import Cause, Severity, Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.mail.short import UNNAMED, in_few_words, named
from emrnetcheck.reports.mail.subjects import lasting, of_week, subject_of
from emrnetcheck.reports.week import Told, summarise
from emrnetcheck.reports.week.summary import Latest, Week
from tests.reports.week.rows import FINE, NOW, ago, row

SLOW = "upload.below_minimum"
BAD: Any = {"failed": ("upload",), "codes": (SLOW,)}


def cause(code: str = SLOW) -> Cause:
    return Cause(code, f"{code} it is.", "Mend it", None, ())


def week_of(*rows: PastRun, causes: tuple[Cause, ...] = ()) -> Week:
    newest = max(rows, key=lambda each: each.started_at)
    told = Told(newest.verdict, newest.headline, causes, (), {})
    return summarise(rows, rows, now=NOW, reports={newest.id: told})


def on_four_days(*, newest: PastRun | None = None, **first: Any) -> tuple[PastRun, ...]:
    """As many as are enough. first: of the oldest."""
    return (row(3, **first), row(2), row(1), newest or row(0))


WARNED = row(0, verdict=Verdict.READY_WITH_WARNINGS)
UNSURE = row(0.1, verdict=Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (week_of(*on_four_days()), "READY"),
        (week_of(*on_four_days(newest=WARNED)), "READY, with warnings"),
        (
            week_of(*on_four_days(newest=WARNED), causes=(cause("upload.marginal"),)),
            "READY, with warnings - upload slower than it should be",
        ),
        (week_of(*on_four_days(**BAD)), "READY - but was not ready in 1 of 4 runs"),
        (week_of(row(1), row(2), row(2.01)), "READY - but measured on only 2 of 7 days"),
        (week_of(row(1), row(2, **BAD), row(3)), "READY - but measured on only 3 of 7 days"),
        (week_of(row(5)), "READY - but last measured 5 days ago"),
        (week_of(row(5, **BAD), causes=(cause(),)), "NOT READY - but last measured 5 days ago"),
        (week_of(row(1, **BAD)), "NOT READY"),
        (week_of(row(0, **BAD), row(1), causes=(cause(),)), "NOT READY - upload too slow (new)"),
        (
            week_of(*(row(each, **BAD) for each in range(14)), causes=(cause(), cause("emr.slow"))),
            "NOT READY - upload too slow (2 weeks), and 1 more",
        ),
        (week_of(UNSURE, causes=(cause("port.unverified"),)), "COULD NOT TELL - not known: the EMR's port"),
        (week_of(UNSURE, causes=(cause("link.vpn"),)), "COULD NOT TELL - a VPN is on"),
        (week_of(row(1, whole=False)), "COULD NOT TELL: no whole run in this week"),
    ],
)
def test_a_week_in_few_words(week: Week, said: str) -> None:
    assert of_week(week) == said


DEAD = "emr.not_answering"


@pytest.mark.parametrize(
    ("week", "codes", "said"),
    [
        (week_of(*on_four_days()), (DEAD,), "READY - but an alarm is open: the EMR does not answer"),
        (week_of(*on_four_days()), (DEAD, SLOW), "READY - but an alarm is open: the EMR does not answer, and 1 more"),
        (
            week_of(row(1, whole=False)),
            (DEAD,),
            "COULD NOT TELL: no whole run in this week - but an alarm is open: the EMR does not answer",
        ),
        (week_of(row(1, **BAD), causes=(cause(),)), (SLOW,), "NOT READY - upload too slow"),
        (week_of(*on_four_days()), (), "READY"),
    ],
)
def test_what_broke_since_the_last_whole_run_is_in_the_answer(week: Week, codes: tuple[str, ...], said: str) -> None:
    assert of_week(week, codes) == said


def untold(days: float) -> PastRun:
    return row(days, statuses={**FINE, "upload": Status.UNKNOWN})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((row(0, **BAD),), ""),
        ((row(1), row(0, **BAD)), "new"),
        ((row(3), row(2, **BAD), row(1, **BAD), row(0, **BAD)), "3 days"),
        ((row(3, **BAD), row(2), row(1, **BAD), row(0, **BAD)), "2 days"),
        ((row(3), row(2, **BAD), untold(1), row(0, **BAD)), "3 days"),
        ((row(3), row(2, **BAD), row(1, codes=("link.vpn",)), row(0, **BAD)), "3 days"),
        ((row(3), row(2, **BAD), row(1, statuses={}), row(0, **BAD)), "3 days"),
        ((row(9), row(8, **BAD), row(0, **BAD)), "9 days"),
        ((row(8, **BAD), row(0, **BAD)), "2 weeks"),
        ((row(6, **BAD), row(0, **BAD)), "7 days"),
        ((row(1), row(0)), ""),
    ],
)
def test_since_when_is_told_by_runs_that_could_tell(rows: tuple[PastRun, ...], said: str) -> None:
    latest = Latest("run-0", NOW, Verdict.NOT_READY, "", ())
    assert ago(0) == NOW
    assert lasting(rows, cause(), latest) == said


def test_a_long_name_leaves_room_for_the_answer() -> None:
    assert subject_of("Elm St Clinic", "READY") == "[emrnetcheck] Elm St Clinic: READY"
    said = subject_of("Clinic " * 40, "NOT READY")
    assert said.endswith("...: NOT READY")
    assert len(said) < 100


def test_every_fault_has_words_of_its_own() -> None:
    codes = {name: code for check in EVERY for name, code in check.codes.items()}
    assert named() <= set(codes), "a code that there is no more"
    faults = {name for check in ALL for name, code in check.codes.items() if code.severity is Severity.FAIL}
    assert faults <= named()


def test_every_code_is_named_by_what_it_is_about_and_briefly() -> None:
    for check in ALL:
        for code in check.codes:
            said = in_few_words(code)
            assert said != UNNAMED
            assert len(said) <= 50
            assert not set("{}.") & set(said)
    assert in_few_words("nobody.knows") == UNNAMED
    assert in_few_words("router.slow") == "trouble with the router"
    assert in_few_words("router.unmeasured", known=False) == "not known: the router"
