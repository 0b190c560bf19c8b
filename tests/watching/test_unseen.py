"""watch: what is only hidden by something nearer is not called well again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.reports.watch_words import event_line
from tests.watching.test_watching import LOST, Simulated, usual


def no_such_name(monkeypatch: pytest.MonkeyPatch, until_s: float) -> Simulated:
    """From the beginning; and after 60 s the line is cut for 40 s."""
    seen = Simulated()
    take = seen.watching.take

    def denied(sample: Sample) -> None:
        missing = sample.leg == "name" and sample.rtt_ms is None
        take(replace(sample, fault="missing") if missing else sample)

    def course(leg: str, at_s: float) -> float:
        if leg == "name":
            return LOST if at_s < until_s else usual(leg, at_s)
        return LOST if leg != "router" and 60.0 <= at_s < 100.0 else usual(leg, at_s)

    monkeypatch.setattr(seen.watching, "take", denied)
    return seen.run(200.0, course)


def test_what_goes_on_behind_another_trouble_is_not_well_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = no_such_name(monkeypatch, 300.0)
    ends = [each for each in seen.events if (each.kind, each.segment) == ("end", "name")]
    assert [each.unseen for each in ends] == [True]
    assert "nobody can see any more whether it goes on" in event_line(ends[0])
    line = next(each for each in seen.events if (each.kind, each.segment) == ("end", "line"))
    assert not line.unseen
    assert "well again" in event_line(line)


def test_what_ends_by_itself_is_well_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = no_such_name(monkeypatch, 30.0)
    ends = [each for each in seen.events if (each.kind, each.segment) == ("end", "name")]
    assert [each.unseen for each in ends] == [False]


def test_what_is_open_when_the_watch_is_over_is_not_well_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = no_such_name(monkeypatch, 300.0)
    seen.finish()
    assert seen.events[-1].unseen
    assert "well again" not in event_line(seen.events[-1])
