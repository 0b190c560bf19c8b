"""watch: a name that does not exist is no silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.watching.looks import NameLook
from emrnetcheck.probes.watching.target import Target
from emrnetcheck.probes.watching.whom import Whom
from emrnetcheck.reports.watch_words import event_line
from tests.watching.test_watching import LOST, Simulated, usual


@pytest.mark.parametrize(("kind", "fault"), [
    (FailureKind.NAME_NOT_FOUND, "missing"), (FailureKind.NAME_NO_ADDRESS, "missing"), (FailureKind.NAME_TIMEOUT, ""),
])  # fmt: skip
def test_a_look_up_that_is_denied_is_told_from_one_that_got_no_answer(kind: FailureKind, fault: str) -> None:
    look = NameLook(1.0, None, (), Failure(kind, "look up", "emr.example.org"), "192.168.1.1")
    (sample,) = Whom(Target("emr.example.org", 8443, "/", True, "emr.example.org")).named(look)
    assert isinstance(sample, Sample)
    assert (sample.rtt_ms, sample.fault) == (None, fault)


@pytest.mark.parametrize("silent_s", [0.0, 100.0, 112.0])
def test_it_is_told_that_there_is_no_such_name(monkeypatch: pytest.MonkeyPatch, silent_s: float) -> None:
    """Even where its servers kept silent for a moment before."""
    seen = Simulated()
    take = seen.watching.take

    def denied(sample: Sample) -> None:
        missing = sample.leg == "name" and sample.rtt_ms is None and sample.at_s >= silent_s
        take(replace(sample, fault="missing") if missing else sample)

    monkeypatch.setattr(seen.watching, "take", denied)
    seen.run(200.0, lambda leg, at_s: LOST if leg == "name" and at_s >= 100.0 else usual(leg, at_s))
    seen.finish()
    assert seen.told() == [("begin", "name"), ("end", "name")]
    *_, end = seen.watching.events()
    assert end.fault == "missing"
    assert "no such name" in event_line(end)


def test_silence_of_its_servers_is_none() -> None:
    seen = Simulated()
    seen.run(200.0, lambda leg, at_s: LOST if leg == "name" and at_s >= 100.0 else usual(leg, at_s))
    seen.finish()
    *_, end = seen.watching.events()
    assert (end.segment, end.fault) == ("name", "dead")
