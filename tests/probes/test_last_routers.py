"""Are the last routers before the EMR asked where something is lost on the way to it, and nobody else?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence.last_routers import LastRouters
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import icmp, route_trace
from emrnetcheck.net.hops import HopAnswers, Route
from emrnetcheck.probes import last_routers
from tests.checks.builders import PUBLIC
from tests.checks.client_builders import CLIENT_SEEN, HERE_ROUTER, path, series, trace, way
from tests.probes.contexts import context

SITE = Site(hostname="emr.example.org", port=8443)
LOSSY = way(server=series(PUBLIC, 40.0, sent=80, lost=3))
UNSUPPORTED = Failure(FailureKind.UNSUPPORTED, "trace")
FAR = path(trace(0.4, 10.0, 20.0, 25.0))


def asked(
    monkeypatch: pytest.MonkeyPatch, again: Route | Failure = UNSUPPORTED, **seen: Any
) -> tuple[LastRouters | Failure, list[str]]:
    pinged: list[str] = []

    def echo_series(addresses: list[str], *, count: int, **_more: Any) -> tuple[icmp.EchoSeries, ...]:
        pinged.extend(addresses)
        return tuple(icmp.EchoSeries(address, "icmp", (10.0,) * (count - 1) + (None,), None) for address in addresses)

    monkeypatch.setattr(icmp, "echo_series", echo_series)
    monkeypatch.setattr(route_trace, "repeat", lambda *_args, **_more: again)
    return last_routers.measure(SITE, replace(CLIENT_SEEN, **{"way": LOSSY, "path": FAR, **seen}), context()), pinged


def test_those_nearest_to_the_emr_are_asked_long(monkeypatch: pytest.MonkeyPatch) -> None:
    found, pinged = asked(monkeypatch)
    assert isinstance(found, LastRouters)
    assert pinged == ["62.4.30.1", "62.115.1.1", "62.115.2.1"]
    assert [(each.address, each.sent, each.lost) for each in found.routers][-1] == (
        "62.115.2.1",
        last_routers.PROBES,
        1,
    )


def test_a_router_whose_first_answer_was_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = ((HERE_ROUTER,), ("62.4.30.1",), ("62.115.1.1",), ("62.115.2.1",), ("45.76.10.1",))
    hops = tuple(HopAnswers(ttl, addresses, (10.0,) * 4, False) for ttl, addresses in enumerate(ways, start=1))
    _, pinged = asked(monkeypatch, Route(hops, "icmp", False))
    assert pinged == ["62.115.1.1", "62.115.2.1", "45.76.10.1"]


@pytest.mark.parametrize(
    "seen",
    [
        {"way": way(server=series(PUBLIC, 40.0, sent=80, lost=2))},
        {"way": way(server=series(PUBLIC, None, sent=80))},
        {"way": None},
        {"path": None},
        {"path": path(trace(0.4))},
    ],
    ids=["two lost", "the EMR is silent", "no way", "no trace", "only this place's router"],
)
def test_nobody_is_asked_without_need(monkeypatch: pytest.MonkeyPatch, seen: dict[str, Any]) -> None:
    found, pinged = asked(monkeypatch, **seen)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_NEEDED
    assert pinged == []


def test_what_forbids_pings_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = Failure(FailureKind.PERMISSION, "ping")
    monkeypatch.setattr(icmp, "echo_series", lambda *_args, **_more: forbidden)
    monkeypatch.setattr(route_trace, "repeat", lambda *_args, **_more: UNSUPPORTED)
    assert last_routers.measure(SITE, replace(CLIENT_SEEN, way=LOSSY, path=FAR), context()) is forbidden


def test_the_way_here_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _, pinged = asked(monkeypatch, path=path(trace(0.4, 10.0)))
    assert HERE_ROUTER not in pinged
    assert pinged == ["62.4.30.1"]
