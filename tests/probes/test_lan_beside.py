"""Who is asked beside a load, and which of the answers are from the time when the line was full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from emrnetcheck.evidence.lan import Lan
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import icmp
from emrnetcheck.probes import lan_beside
from emrnetcheck.probes.lan_beside import Beside, beside_a_load, who_answers_ping
from tests.checks.builders import PEER, ROUTER, SERVER, lan, silent, target

MORE = ("192.168.1.30", "192.168.1.31")


def echo(rtts_ms: Sequence[float | None], asked: list[tuple[str, ...]] | None = None) -> Callable[..., object]:
    def series(addresses: Sequence[str], **_: object) -> tuple[icmp.EchoSeries, ...]:
        if asked is not None:
            asked.append(tuple(addresses))
        return tuple(icmp.EchoSeries(address, "icmp", tuple(rtts_ms), None) for address in addresses)

    return series


@pytest.mark.parametrize(
    ("seen", "addresses"),
    [
        (None, ()),
        (lan(), ()),
        (lan(silent(), target("peer", PEER)), (PEER,)),
        (lan(target(method="tcp:80"), target("peer", PEER)), (PEER,)),
        (
            lan(target("peer", PEER), *(target("peer", each) for each in MORE), target("emr_host", SERVER), target()),
            (ROUTER, SERVER, PEER),
        ),
    ],
    ids=["not measured", "nobody", "a silent router", "one that answers TCP only", "the router first, three at most"],
)
def test_those_are_asked_that_answer_ping(seen: Lan | None, addresses: tuple[str, ...]) -> None:
    assert who_answers_ping(seen) == addresses


def sampled(monkeypatch: pytest.MonkeyPatch, rtts_ms: Sequence[float | None], took_s: float) -> Beside:
    """One host, asked from second 1000 on."""
    clock = iter([1000.0, 1000.0 + took_s])
    # In that module only: threads of other tests ask for the time too.
    monkeypatch.setattr(lan_beside, "time", SimpleNamespace(time=lambda: next(clock)))
    monkeypatch.setattr(icmp, "echo_series", echo(rtts_ms))
    beside = Beside()
    beside.sample((ROUTER,), lambda: True)
    return beside


def test_only_the_time_of_the_load_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = sampled(monkeypatch, [1.0] * 20 + [9.0] * 40 + [1.0] * 60, 6.0)
    (series,) = beside.between(1001.0, 1003.0)
    assert (series.address, series.sent, series.lost, series.p50_ms, series.max_ms) == (ROUTER, 40, 0, 9.0, 9.0)


def test_what_had_no_time_to_be_answered_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last 0.9 s before the end are left out, whatever came of them."""
    beside = sampled(monkeypatch, [1.0] * 40 + [None] * 20, 3.0)
    (series,) = beside.between(1000.0, 1010.0)
    assert (series.sent, series.lost) == (42, 2)


@pytest.mark.parametrize("window", [(None, None), (1000.0, None), (2000.0, 2001.0), (990.0, 995.0)])
def test_of_no_time_nothing_is_told(monkeypatch: pytest.MonkeyPatch, window: tuple[float | None, float | None]) -> None:
    assert sampled(monkeypatch, [1.0] * 60, 3.0).between(*window) == ()


def test_without_a_socket_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", lambda *_, **__: Failure(FailureKind.PERMISSION))
    with beside_a_load((ROUTER,)) as beside:
        pass
    assert beside.between(0.0, 1e12) == ()


def test_the_asking_ends_with_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def until_told(_addresses: Sequence[str], *, stopping: Callable[[], bool], **_: object) -> tuple[()]:
        while not stopping():
            pass
        ended.append(True)
        return ()

    monkeypatch.setattr(icmp, "echo_series", until_told)
    with beside_a_load((ROUTER,)):
        assert ended == []
    assert ended == [True]


def test_where_nobody_answers_ping_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(icmp, "echo_series", echo([1.0], asked))
    with beside_a_load(()) as beside:
        pass
    assert (asked, beside.between(0.0, 1e12)) == ([], ())
