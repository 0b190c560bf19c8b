"""Who is asked when, and what is noticed of this computer and its surroundings meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.probes.watching.looks import NameLook
from emrnetcheck.probes.watching.pace import EAGER, EAGER_FIRST_S, STEADY
from emrnetcheck.probes.watching.sampler import Found, Moved, Sampler
from emrnetcheck.probes.watching.survey import Asked, Connection
from emrnetcheck.probes.watching.target import Target
from emrnetcheck.probes.watching.whom import Whom
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


def left_office(world: World, monkeypatch: pytest.MonkeyPatch) -> Sampler:
    """In an office whose EMR is reached by its public address."""
    world.around = replace(AROUND, public=EMR)
    monkeypatch.setattr("emrnetcheck.probes.watching.survey.public_address", lambda *_: world.around.public)
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 20.0)
    return sampler


def name_faults(found: list[Found]) -> set[str]:
    return {each.fault for each in found if isinstance(each, Sample) and each.leg == "name"}


HOME = replace(AROUND, router=Asked("192.168.2.1", "icmp"), public="62.4.30.40")


@pytest.mark.parametrize("emr_ms", [40.0, None], ids=["the EMR answers", "the EMR is silent"])
@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(OWN, address="192.168.2.20", gateway="192.168.2.1"),
        replace(OWN, address="192.168.1.77"),
        replace(OWN, gateway="192.168.1.254"),
        replace(OWN, interface="wlan0"),
        replace(OWN, address="10.8.0.2", interface="tun0", vpn=True),
    ],
    ids=["at home", "at home with the same router's address", "another router", "another network card", "a VPN"],
)
def test_who_leaves_the_office_has_another_public_address_and_its_name_is_right(
    elsewhere: Connection, emr_ms: float | None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = left_office(world, monkeypatch)
    world.connection, world.around = elsewhere, HOME
    world.answers = lambda key: emr_ms if key == "server_tcp" else 20.0
    found = turns(sampler, world, 700.0, restless=True)
    assert ("public_address", EMR, "62.4.30.40") in happened(found)
    assert name_faults(found) == {""}


def test_the_name_is_right_while_the_emr_opens_at_the_address_that_was_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = left_office(world, monkeypatch)
    world.around = replace(world.around, public="62.4.30.40")
    found = turns(sampler, world, 700.0)
    assert ("public_address", EMR, "62.4.30.40") in happened(found)
    assert [each.fault for each in found if isinstance(each, Sample) and each.leg == "name"].count("wrong") <= 1
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    assert name_faults(turns(sampler, world, 60.0, restless=True)) == {""}, "it is the EMR that is down"


def test_a_router_that_starts_again_comes_back_with_another_public_address_and_the_name_is_old(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = left_office(world, monkeypatch)
    world.answers = lambda _key: None
    world.connection, world.around = replace(OWN, address=None, gateway=None), replace(AROUND, isp=None, public=None)
    turns(sampler, world, 90.0)
    world.connection, world.around = OWN, replace(AROUND, public="62.4.30.40")
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    found = turns(sampler, world, 90.0)
    assert ("public_address", EMR, "62.4.30.40") in happened(found)
    assert [each.fault for each in found if isinstance(each, Sample) and each.leg == "name"][-1] == "wrong"


def test_who_leaves_the_office_while_its_name_is_old_finds_it_right_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = left_office(world, monkeypatch)
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    world.around = replace(AROUND, public="62.4.30.40")
    assert "wrong" in name_faults(turns(sampler, world, 60.0, restless=True))
    world.connection, world.around = replace(OWN, address="192.168.2.20", gateway="192.168.2.1"), HOME
    turns(sampler, world, 5.0)
    assert name_faults(turns(sampler, world, 60.0, restless=True)) == {""}


def test_an_address_that_was_seen_while_the_connection_came_back_is_looked_at_once_more() -> None:
    """Whoever looked around was not connected when he began, and was when he asked for it."""
    office, other = replace(AROUND, public=EMR), "62.4.30.40"
    whom = Whom(TARGET, address=EMR)
    whom.settle(office)
    dead = replace(OWN, address=None, gateway=None)
    whom.own(dead, 1.0)
    whom.surveyed(replace(AROUND, connection=dead, public=other), 2.0)
    whom.own(OWN, 3.0)
    assert happened(whom.surveyed(replace(AROUND, public=other), 4.0)) == [("public_address", EMR, other)]
    assert name_faults(whom.named(NameLook(5.0, 20.0, (EMR,), None, "192.168.1.1"))) == {"wrong"}


def test_by_a_vpn_into_the_clinic_nobody_asks_whose_address_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connection, world.around = replace(OWN, vpn=True), replace(AROUND, public=EMR)
    monkeypatch.setattr(
        "emrnetcheck.probes.watching.survey.public_address", lambda *_: pytest.fail("it is the clinic's")
    )
    sampler, _ = begun(monkeypatch, world)
    assert sampler.inside is False
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    turns(sampler, world, 30.0)


OTHER = "93.184.216.99"


def test_an_emr_that_opens_at_another_address_of_its_name_is_asked_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.addresses = (EMR, OTHER)
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 20.0)
    world.opens = OTHER
    assert happened(turns(sampler, world, 20.0)) == [], "while it opens nobody looks for another"
    assert set(world.shut) == {(EMR, False)}
    world.answers = lambda key: None if key == "server_tcp" else 20.0
    found = turns(sampler, world, 10.0)
    assert happened(found) == [("server_other", EMR, OTHER)]
    assert Watched("server_tcp", f"{OTHER}:8443", "tcp:8443") in found
    assert (EMR, True) in world.shut


@pytest.mark.parametrize(
    ("before", "opens", "asked"),
    [((), OTHER, OTHER), ((EMR,), OTHER, OTHER), ((EMR,), None, "93.184.216.50")],
    ids=["no name at first", "another record", "none of it opens"],
)
def test_of_a_record_that_is_new_that_address_is_asked_that_opens(
    before: tuple[str, ...], opens: str | None, asked: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.addresses = before
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.addresses, world.opens = ("93.184.216.50", OTHER), opens
    turns(sampler, world, 12.0)
    assert sampler.whom.address == asked


def test_two_addresses_that_take_turns_in_coming_first_are_one_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    for turn in range(4):
        world.addresses = ("93.184.216.50", OTHER)[:: 1 if turn % 2 else -1]
        turns(sampler, world, 5.0)
    assert sampler.whom.address in world.addresses


def test_in_a_network_of_ipv6_alone_this_computer_is_connected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.connection = replace(OWN, address="2001:db8:1::20", gateway=None)
    world.addresses = ("2001:db8:1::10",)
    world.around = replace(AROUND, router=None, peer=None, isp=None, isp_ttl=None, public=None)
    sampler, _ = begun(monkeypatch, world)
    found = turns(sampler, world, 20.0)
    assert {each.fault for each in found if isinstance(each, Sample) and each.leg == "own"} == {""}
    assert world.times("server_tcp")


def test_who_goes_to_a_network_of_ipv6_alone_leaves_the_old_router_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, 10.0)
    world.connection = replace(OWN, address="2001:db8:1::20", gateway=None)
    world.around = replace(AROUND, router=None, peer=None, isp=None, isp_ttl=None, public=None)
    turns(sampler, world, 10.0)
    world.asked.clear()
    turns(sampler, world, 10.0)
    assert not world.times("router")


def test_a_name_that_says_something_else_each_time_is_not_followed() -> None:
    whom = Whom(TARGET, address=EMR)
    for number in range(50, 56):
        whom.named(NameLook(5.0, 20.0, (f"93.184.216.{number}",), None, "192.168.1.1"))
    assert whom.address == EMR
