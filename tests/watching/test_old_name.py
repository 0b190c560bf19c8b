"""watch: the office gets another public address, and the name of its EMR follows late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Sample
from tests.watching.test_watching import LOST, Simulated, usual


def test_a_name_that_turns_out_to_be_old_takes_back_the_server_that_was_told_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(leg: str, at_s: float) -> float:
        near = {"server_tcp": 0.5, "server_answer": 9.0}
        return (LOST if 100.0 <= at_s < 163.0 else near[leg]) if leg in near else usual(leg, at_s)

    seen = Simulated(inside=True)
    take = seen.watching.take

    def told(sample: Sample) -> None:
        """From when on it is known that the office has another address, until the name leads there."""
        wrong = sample.leg == "name" and 106.0 <= sample.at_s < 163.0
        take(replace(sample, fault="wrong") if wrong else sample)

    monkeypatch.setattr(seen.watching, "take", told)
    seen.run(260.0, gone)
    summary = seen.finish()
    assert seen.told() == [("begin", "name"), ("end", "name")]
    assert list(summary.by_segment) == ["name"]
    assert summary.by_segment["name"].bad_s >= 55.0
