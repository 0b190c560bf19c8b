"""speedtest-cli's figure beside ours: when it is asked, what it may send, and who is said to have been told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.model import Failure, FailureKind, Mode, Site, ThirdParty
from emrnetcheck.net import second_opinion as process
from emrnetcheck.net.second_opinion import Said
from emrnetcheck.probes.second_opinion import PROBE, measure
from tests.checks.builders import UPLOAD, upload
from tests.probes.contexts import context

SEEN = Seen(upload=UPLOAD)
URL = "http://speed.example.org:8080/speedtest/upload.php"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Said], list[tuple[int, float]]]:
    """Set what the process says; the list gets (cap in bytes, seconds allowed) of each call."""
    calls: list[tuple[int, float]] = []

    def with_answer(said: Said) -> list[tuple[int, float]]:
        def ask(cap_bytes: int, deadline_s: float, stopping: Callable[[], bool]) -> Said:
            calls.append((cap_bytes, deadline_s))
            return Said(failure=Failure(FailureKind.INTERRUPTED)) if stopping() else said

        monkeypatch.setattr(process, "ask", ask)
        return calls

    return with_answer


def test_its_figure_is_kept_with_its_bytes_and_its_server(asked: Any) -> None:
    asked(Said(5.25, 6_000_000, URL))
    run = context(deadline_s=60.0)
    seen = measure(Site(), SEEN, run)
    assert isinstance(seen, SecondOpinion)
    assert (seen.mbps, seen.sent_bytes, seen.server, seen.capped, seen.failure) == (5.25, 6_000_000, URL, False, None)
    assert run.ledger.sent_bytes == 6_000_000
    assert run.ledger.third_parties == [
        ThirdParty("www.speedtest.net and its servers near by", "this office's Internet address"),
        ThirdParty("speed.example.org", "this office's Internet address, and data"),
    ]


def test_a_server_whose_address_cannot_be_taken_apart_is_named_whole(asked: Any) -> None:
    asked(Said(5.25, 6_000_000, "http://[::1"))
    run = context(deadline_s=60.0)
    assert isinstance(measure(Site(), SEEN, run), SecondOpinion)
    assert run.ledger.third_parties[-1].who == "http://[::1"


def test_it_may_send_what_our_own_test_left(asked: Any) -> None:
    calls = asked(Said(5.25, 1, URL))
    run = context(deadline_s=60.0)
    run.ledger.count(sent_bytes=47_000_000)
    measure(Site(max_mb=60.0), SEEN, run)
    assert calls == [(13_000_000, pytest.approx(40.0, abs=0.5))]


def test_where_nothing_is_left_it_is_not_asked(asked: Any) -> None:
    calls = asked(Said(5.25, 1, URL))
    run = context(deadline_s=60.0)
    run.ledger.count(sent_bytes=58_000_001)
    seen = measure(Site(max_mb=60.0), SEEN, run)
    assert calls == []
    assert isinstance(seen, SecondOpinion)
    assert seen.mbps is None
    assert seen.failure is not None
    assert "upload.max_mb leaves 2.0 MB" in seen.failure.in_words()
    assert run.ledger.third_parties == []


@pytest.mark.parametrize("seen", [Seen(), Seen(upload=upload(None))])
def test_without_a_first_opinion_there_is_no_second(asked: Any, seen: Seen) -> None:
    calls = asked(Said(5.25, 1, URL))
    outcome = measure(Site(), seen, context(deadline_s=60.0))
    assert isinstance(outcome, Failure)
    assert "there is no first one" in outcome.in_words()
    assert calls == []


def test_what_it_sent_before_it_failed_counts(asked: Any) -> None:
    asked(Said(None, 700_000, URL, False, Failure(FailureKind.TIMEOUT)))
    run = context(deadline_s=60.0)
    seen = measure(Site(), SEEN, run)
    assert isinstance(seen, SecondOpinion)
    assert seen.failure == Failure(FailureKind.TIMEOUT)
    assert run.ledger.sent_bytes == 700_000
    assert "speed.example.org" in [party.who for party in run.ledger.third_parties]


def test_it_ends_before_the_runner_gives_it_up(asked: Any) -> None:
    calls = asked(Said(5.25, 1, URL))
    measure(Site(), SEEN, context(deadline_s=10.0))
    assert calls[0][1] < 9.5
    assert set(PROBE.deadline_s) == set(Mode)


def test_ctrl_c_is_heeded(asked: Any) -> None:
    asked(Said(5.25, 1, URL))
    seen = measure(Site(), SEEN, context(deadline_s=60.0, stopped=True))
    assert isinstance(seen, SecondOpinion)
    assert seen.failure == Failure(FailureKind.INTERRUPTED)
