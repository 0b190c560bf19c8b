"""Are a card's counters compared with those at the beginning, and nothing else?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import host
from emrnetcheck.probes import wear
from tests.checks.builders import LINK
from tests.probes.contexts import context

WAY = host.WayOut(LINK.address, LINK.interface, LINK.gateway)


def measured(
    monkeypatch: pytest.MonkeyPatch, now: dict[str, int | None], before: CardCounters | None, **link: object
) -> Wear:
    asked: list[str] = []

    def counters(name: str) -> dict[str, int | None]:
        asked.append(name)
        return now

    monkeypatch.setattr(host, "way_out", lambda: WAY)
    monkeypatch.setattr(host, "counters", counters)
    monkeypatch.setattr(host, "counted_by", lambda name: f"whoever counts for {name}")
    seen = replace(LINK, counters=before, counted_at_s=0.0, **link)  # type: ignore[arg-type]
    found = wear.measure(Site(), Seen(link=seen), context())
    assert isinstance(found, Wear)
    assert asked == [seen.card or seen.interface]
    return found


def test_what_grew_is_told_and_what_was_there_before_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, {"crc_errors": 507, "collisions": 0}, CardCounters(crc_errors=500, collisions=0))
    assert found.grown == CardCounters(crc_errors=7, collisions=0)
    assert found.method == f"whoever counts for {LINK.interface}"
    assert (found.interface, found.address) == (LINK.interface, LINK.address)
    assert found.seconds is not None
    assert found.seconds > 0


def test_a_counter_that_went_back_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(
        monkeypatch, {"crc_errors": 3, "receive_errors": 9}, CardCounters(crc_errors=500, receive_errors=9)
    )
    assert found.grown == CardCounters(crc_errors=None, receive_errors=0)


def test_a_counter_that_is_told_only_once_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, {"crc_errors": None, "frame_errors": 4}, CardCounters(crc_errors=1))
    assert found.grown == CardCounters()


def test_without_counters_at_either_end_there_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = measured(monkeypatch, {}, CardCounters(crc_errors=1))
    assert (nothing.grown, nothing.method) == (None, None)
    assert measured(monkeypatch, {"crc_errors": 1}, None).grown is None


def test_the_card_below_a_bridge_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(monkeypatch, {"crc_errors": 1}, CardCounters(crc_errors=1), card="enp3s0").grown is not None


def test_without_a_beginning_there_are_no_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "way_out", lambda: WAY)
    found = wear.measure(Site(), Seen(link=LINK), context())
    assert isinstance(found, Wear)
    assert found.seconds is None


@pytest.mark.parametrize("link", [None, replace(LINK, interface=None)])
def test_without_an_interface_there_is_nothing_to_compare(link: object) -> None:
    found = wear.measure(Site(), Seen(link=link), context())  # type: ignore[arg-type]
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NO_ROUTE
