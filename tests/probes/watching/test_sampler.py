"""Who is asked when, and what is noticed of this computer and its surroundings meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.probes.watching.pace import EAGER, EAGER_FIRST_S, STEADY
from emrnetcheck.probes.watching.sampler import Found, Moved
from emrnetcheck.probes.watching.survey import Asked
from emrnetcheck.probes.watching.target import Target
from tests.probes.watching.sampling import AROUND, EMR, OWN, TARGET, World, begun, turns


@pytest.fixture
def world() -> World:
    return World()


def happened(found: list[Found]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.old, each.new) for each in found if isinstance(each, Happening)]


def test_each_leg_is_asked_in_its_own_way_and_at_its_own_pace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    assert [each.leg for each in sampler.start()] == [
        *("peer", "router", "isp", "outside", "name", "path", "server_tcp", "server_answer", "server_bulk")
    ]
    turns(sampler, world, EAGER_FIRST_S + 5.0)
    world.asked.clear()
    turns(sampler, world, 60.0)
    ways = {key: (how, whom) for _, how, key, whom in world.asked}
    assert ways["router"] == ("ping", "192.168.1.1")
    assert ways["peer"] == ("knock", ("192.168.1.30", 80))
    assert ways["isp"] == ("expire", ("1.1.1.1", 2))
    assert ways["outside"] == ("ping", "1.1.1.1")
    assert ways["server_tcp"] == ("knock", (EMR, 8443))
    assert ways["server_answer"] == ("page", EMR)
    for leg, every_s in (("router", STEADY.router_s), ("outside", 1.0), ("name", 5.0), ("server_answer", 10.0)):
        assert abs(len(world.times(leg)) - 60.0 / every_s) <= 2, leg
    assert 60.0 / 1.25 - 2 <= len(world.times("isp")) <= 60.0 / 1.25 + 1, "routers tell it once a second"


@pytest.mark.parametrize(("restless", "seconds"), [(True, 110.0), (False, EAGER_FIRST_S)])
def test_where_something_may_be_bad_it_stays_at_it_for_two_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch, restless: bool, seconds: float
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 110.0, restless=restless)
    eager, steady = seconds / EAGER.router_s, (110.0 - seconds) / STEADY.router_s
    assert abs(len(world.times("router")) - eager - steady) <= 0.05 * eager


def test_at_first_and_in_a_trouble_it_asks_more_often_but_not_for_days(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 30.0)
    assert abs(len(world.times("router")) - 30.0 / EAGER.router_s) <= 15
    turns(sampler, world, 60.0)
    world.asked.clear()
    turns(sampler, world, 3_600.0, restless=True)
    asked = len(world.times("router"))
    assert asked < 3_600.0 / STEADY.router_s * 2.5


def test_everything_is_slower_where_that_is_wanted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    sampler.pace = 5.0
    turns(sampler, world, EAGER_FIRST_S)
    world.asked.clear()
    turns(sampler, world, 60.0)
    assert abs(len(world.times("router")) - 60.0 / (5.0 * STEADY.router_s)) <= 2


def test_without_an_emr_only_the_way_out_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world, Target(None, 0, "", False, "stun.example.org"))
    found = turns(sampler, world, 20.0)
    assert {each.leg for each in found if isinstance(each, Sample)} == {
        *("own", "addresses", "peer", "router", "isp", "outside", "name", "path")
    }
    assert not any(compare for _, how, _, compare in world.asked if how == "name")


def test_a_sleep_is_told_and_what_was_under_way_is_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    forgotten = world.forgotten
    world.slept_s += 3_600.0
    found = turns(sampler, world, 5.0)
    (slept,) = [each for each in found if isinstance(each, Happening)]
    assert slept.kind == "slept"
    assert slept.seconds == pytest.approx(3_600.0)
    assert world.forgotten == forgotten + 1
    assert all(
        each.rtt_ms is not None for each in found if isinstance(each, Sample) and each.leg not in ("own", "addresses")
    )


@pytest.mark.parametrize("by_s", [7_200.0, -7_200.0])
def test_a_clock_that_is_set_is_told_and_nothing_else(
    by_s: float, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.set_by_s += by_s
    world.asked.clear()
    found = turns(sampler, world, 5.0)
    (was_set,) = [each for each in found if isinstance(each, Happening)]
    assert was_set.kind == "clock_set"
    assert was_set.seconds == pytest.approx(by_s)
    assert len(world.times("router")) > 5
    assert world.forgotten == 0


def test_a_pulled_cable_is_told_and_so_is_its_return(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.connection = replace(OWN, is_up=False)
    found = turns(sampler, world, 10.0)
    assert happened(found) == [("no_connection", "", "")]
    own = [each.fault for each in found if isinstance(each, Sample) and each.leg == "own"]
    assert set(own[1:]) == {"dead"}
    world.connection = OWN
    assert happened(turns(sampler, world, 10.0)) == [("connection_back", "", "")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"link_fault": "half_duplex"}, "rate"), ({"address": None}, "dead"), ({"errors": 11}, "loss"), ({}, "")],
)
def test_this_computers_own_connection_can_be_at_fault(
    change: dict[str, object], fault: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    world.connection = replace(OWN, **change)  # type: ignore[arg-type]
    found = turns(sampler, world, 1.5)
    assert fault in [each.fault for each in found if isinstance(each, Sample) and each.leg == "own"]


def test_few_errors_again_and_again_are_a_bad_cable_and_few_in_all_are_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    told: list[set[str]] = []
    for grown in (3, 0):
        found: list[Found] = []
        for _ in range(10):
            world.connection = replace(world.connection, errors=(world.connection.errors or 0) + grown)
            found += turns(sampler, world, 4.0)
        told.append({each.fault for each in found if isinstance(each, Sample) and each.leg == "own"})
    assert "loss" in told[0]
    assert [each.fault for each in found if isinstance(each, Sample) and each.leg == "own"][-1] == ""
    world.connection = replace(world.connection, errors=(world.connection.errors or 0) + 9)
    later = turns(sampler, world, 20.0)
    assert {each.fault for each in later if isinstance(each, Sample) and each.leg == "own"} == {""}


def test_another_address_or_router_is_told_and_asked_from_then_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.connection = replace(OWN, address="10.0.0.20", gateway="10.0.0.1")
    world.around = replace(AROUND, router=Asked("10.0.0.1", "icmp"), public="62.4.30.40")
    found = turns(sampler, world, 10.0)
    assert set(happened(found)) == {
        ("own_address", "192.168.1.20", "10.0.0.20"),
        ("gateway", "192.168.1.1", "10.0.0.1"),
        ("public_address", "45.76.10.20", "62.4.30.40"),
    }
    assert Watched("router", "10.0.0.1", "icmp") in found
    assert world.forgotten >= 1
    world.asked.clear()
    turns(sampler, world, 5.0)
    assert {whom for _, _, key, whom in world.asked if key == "router"} == {"10.0.0.1"}


def test_in_a_trouble_nobody_who_was_asked_is_dropped_because_he_keeps_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    world.around = replace(AROUND, peer=None, isp=None, isp_ttl=None, public=None)
    found = turns(sampler, world, 900.0)
    assert not any(isinstance(each, Watched | Moved) for each in found)
    world.asked.clear()
    turns(sampler, world, 5.0)
    assert {"router", "peer", "isp", "outside"} <= {key for _, _, key, _ in world.asked}


def test_another_address_of_the_emr_counts_once_it_is_said_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.addresses = ("45.76.10.20",)  # which is this office's own
    found = turns(sampler, world, 12.0)
    assert happened(found) == [("server_address", EMR, "45.76.10.20")]
    assert Moved(inside=True, wireless=False) in found
    assert Watched("server_tcp", "45.76.10.20:8443", "tcp:8443") in found
    world.asked.clear()
    turns(sampler, world, 5.0)
    assert {whom for _, _, key, whom in world.asked if key == "server_tcp"} == {("45.76.10.20", 8443)}


def test_a_wrong_address_is_not_followed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world)
    world.addresses, world.wrong = ("93.184.216.99",), True
    found = turns(sampler, world, 20.0)
    assert happened(found) == []
    assert {each.fault for each in found if isinstance(each, Sample) and each.leg == "name"} == {"wrong"}


def test_a_name_that_leads_nowhere_at_first_is_followed_when_it_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.addresses = ()
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 5.0)
    assert not world.times("server_tcp")
    world.addresses = (EMR,)
    turns(sampler, world, 10.0)
    assert world.times("server_tcp")
    assert world.times("server_answer")


def test_a_server_error_is_no_answer_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.page_status = 503
    sampler, _ = begun(monkeypatch, world)
    found = turns(sampler, world, 5.0)
    assert {each.fault for each in found if isinstance(each, Sample) and each.leg == "server_answer"} == {"wrong"}


@pytest.mark.parametrize(
    ("address", "public", "inside"),
    [("45.76.10.20", "45.76.10.20", True), (EMR, "45.76.10.20", False), (EMR, None, None), ("127.0.0.1", None, True)],
)
def test_whether_the_emr_is_in_this_office(
    address: str, public: str | None, inside: bool | None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.addresses, world.around = (address,), replace(AROUND, public=public)
    sampler, _ = begun(monkeypatch, world, replace(TARGET, host=address))
    assert sampler.inside is inside


def test_a_literal_address_is_not_looked_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler, _ = begun(monkeypatch, world, Target(EMR, 8443, "/", True, EMR))
    turns(sampler, world, 10.0)
    assert not world.times("name")


def test_an_emr_that_falls_silent_because_the_office_has_another_address_is_no_hung_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = EMR, "45.76.10.77"
    world = World(around=replace(AROUND, public=old))
    asked: list[float] = []
    public = old

    def public_address(*_: object) -> str:
        asked.append(world.now_s)
        return public

    monkeypatch.setattr("emrnetcheck.probes.watching.survey.public_address", public_address)
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 60.0)
    assert asked == [], "while it answers nobody looks"
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    turns(sampler, world, 10.0, restless=True)
    assert len(asked) == 1
    public = new
    found = turns(sampler, world, 30.0, restless=True)
    assert happened(found) == [("public_address", old, new)]
    names = [each.fault for each in found if isinstance(each, Sample) and each.leg == "name"]
    assert names[-3:] == ["wrong"] * 3
    assert len(asked) <= 3
    world.addresses = (new,)
    world.answers = lambda _key: 20.0
    found = turns(sampler, world, 20.0, restless=True)
    assert ("server_address", old, new) in happened(found)
    names = [each.fault for each in found if isinstance(each, Sample) and each.leg == "name"]
    assert names[-1] == ""


def test_an_emr_elsewhere_that_falls_silent_is_nothing_to_this_offices_address(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(
        "emrnetcheck.probes.watching.survey.public_address", lambda *_: pytest.fail("nobody needs to know it")
    )
    sampler, _ = begun(monkeypatch, world)
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    found = turns(sampler, world, 30.0)
    assert happened(found) == []
