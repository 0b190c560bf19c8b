"""Is the score of the causes what the reports name, and does every scenario say what is right?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, Contact, Severity, Verdict
from emrnetcheck.reports.json import parse, render
from emrnetcheck.reports.page import STATE_OF, physician
from tests.lab import scenarios
from tests.lab.causes import Named, UnclearError, expected, named, score_of
from tests.lab.namespaces import LabError
from tests.lab.plan import from_table
from tests.lab.scenarios import Expect, Scenario
from tests.reports.samples import READY, check, finding

VERDICTS = {
    Severity.FAIL: Verdict.NOT_READY,
    Severity.UNKNOWN: Verdict.INCONCLUSIVE,
    Severity.WARN: Verdict.READY_WITH_WARNINGS,
}

STALE = Expect("not_ready", 1, codes_must=("address.ok", "ddns.stale", "dns.intercepted"), codes_may=("capacity.*",))
TWO = Expect("not_ready", 1, codes_must=("ddns.stale", "upload.below_minimum"), first_cause="ddns.stale")
FINE = Expect("ready", 0, codes_must=("address.ok",), codes_may=("capacity.*",))


def report(*codes: str) -> dict[str, Any]:
    """As `run` writes it, were it to find just this."""
    kinds = {name: code.severity for check in ALL for name, code in check.codes.items()}
    found = {code: finding(code, kinds[code], f"It is {code}", "") for code in codes}
    checks = tuple(check(code.partition(".")[0], code, STATE_OF[each.severity], each) for code, each in found.items())
    causes = tuple(Cause(code, each.summary, "", Contact.IT_HELPER, ()) for code, each in found.items())
    verdict = next((VERDICTS[each] for each in VERDICTS if each in map(kinds.get, codes)), Verdict.READY)
    return as_json(replace(READY, verdict=verdict, causes=causes, checks=checks))


def as_json(made: ClinicReport) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(render(made))
    return told


@pytest.mark.parametrize("name", [name for name in scenarios.names() if scenarios.load(name).expect is not None])
def test_every_scenario_says_which_cause_is_first_and_which_there_are(name: str) -> None:
    right = expected(scenarios.load(name).expected)
    assert right.first in right.all or (right.first, right.all) == ("none", frozenset())


@pytest.mark.parametrize(
    ("expect", "first", "every"),
    [
        (STALE, "ddns.stale", {"ddns.stale", "dns.intercepted"}),
        (FINE, "none", set()),
        (Expect("inconclusive", 3, codes_must=("port.unverified", "exposure.unverified")), "port.unverified", None),
        (
            Expect("inconclusive", 3, codes_must=("dns.loss", "port.unverified")),
            "port.unverified",
            {"dns.loss", "port.unverified"},
        ),
        (
            Expect("not_ready", 1, ("ddns.stale",), causes=("link.vpn", "ddns.stale")),
            "link.vpn",
            {"link.vpn", "ddns.stale"},
        ),
        (Expect("ready", 0, ("dns.loss",), causes=("none",)), "none", set()),
    ],
)
def test_what_is_right_follows_from_how_bad_each_code_is(expect: Expect, first: str, every: set[str] | None) -> None:
    right = expected(expect)
    assert right.first == first
    assert right.all == (every if every is not None else {first})


@pytest.mark.parametrize("codes", [("dns.loss", "upload.marginal"), ("ddns.*",)])
def test_what_is_not_clear_is_an_error(codes: tuple[str, ...]) -> None:
    with pytest.raises(UnclearError):
        expected(Expect("inconclusive", 3, codes_must=codes))


@pytest.mark.parametrize(
    ("expect", "seen", "found"),
    [
        (STALE, report("ddns.stale", "dns.intercepted"), Named(True, 2, 2)),
        (STALE, report("ddns.stale", "capacity.short", "dns.intercepted"), Named(True, 2, 2)),
        (
            TWO,
            report("upload.below_minimum", "ddns.stale"),
            Named(False, 2, 2, ("the first-named cause is upload.below_minimum, not ddns.stale",)),
        ),
        (STALE, report("ddns.stale"), Named(True, 1, 2, ("dns.intercepted is no named cause",))),
        (
            STALE,
            report("ddns.stale", "dns.intercepted", "link.wifi"),
            Named(True, 2, 3, ("link.wifi is named and should not be",)),
        ),
        (FINE, report(), Named(True, 0, 0)),
        (FINE, report("capacity.short"), Named(True, 0, 0)),
        (
            FINE,
            report("dns.loss"),
            Named(False, 0, 1, ("the first-named cause is dns.loss, not none", "dns.loss is named and should not be")),
        ),
        (STALE, None, Named(False, 0, 2, ("no report, so no cause",))),
    ],
)
def test_what_is_named_is_compared(expect: Expect, seen: dict[str, Any] | None, found: Named) -> None:
    assert named(expect, seen) == found


def test_a_cause_that_the_page_does_not_tell_is_not_named() -> None:
    """A report may hold what nobody reads: of it, only the page is the answer."""
    expect = Expect("inconclusive", 3, codes_must=("link.poor_signal",))
    weak = report("link.poor_signal")
    for_nothing = {**weak, "verdict": "inconclusive"}
    assert named(expect, for_nothing) == Named(False, 1, 1, ("the page gives no reason for its verdict",))
    (only,) = weak["checks"]
    left_out = {
        **only,
        "id": "upload",
        "status": "skipped",
        "required": True,
        "skipped_because": "link",
        "findings": [],
    }
    (cause,) = weak["causes"]
    because = {**for_nothing, "checks": [only, left_out], "causes": [{**cause, "explains": ["link", "upload"]}]}
    assert named(expect, because) == Named(True, 1, 1)
    unsaid = {**because, "causes": [{**cause, "code": "link.unsteady", "summary": "Nowhere"}, *because["causes"]]}
    unsaid["checks"] = [*because["checks"], {**only, "findings": [{**only["findings"][0], "code": "link.unsteady"}]}]
    assert "Nowhere" not in " ".join(line.text for line in physician(parse(json.dumps(unsaid))))
    assert named(expect, unsaid) == Named(True, 1, 1)


def test_the_score_is_two_figures() -> None:
    assert score_of([Named(True, 2, 2), Named(False, 1, 3), Named(True, 0, 0)]) == (
        "first-named cause right 2 of 3; causes right 3 of 5"
    )


def test_the_first_cause_is_not_said_twice() -> None:
    table = {"expect": {"verdict": "ready", "exit": 0, "first_cause": "a.b", "causes": ["a.b"]}, "title": "t"}
    with pytest.raises(LabError, match="causes has the first cause already"):
        from_table(Scenario, table, "s")
