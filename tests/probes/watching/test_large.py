"""A look at what is large: pages by sessions that behave as the way does, packets by answers of a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

import pytest

from emrnetcheck.evidence.path import Mtu, SizeTried
from emrnetcheck.evidence.watch import Sample
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net.page import Page
from emrnetcheck.net.page_session import PageSession, Server
from emrnetcheck.probes.context import Ledger
from emrnetcheck.probes.watching import large
from emrnetcheck.probes.watching.large import MOST_BYTES, LargeAsker
from emrnetcheck.probes.watching.pace import LARGE_AGAIN_S, LARGE_FIRST_S, LARGE_IN_TROUBLE_S, LARGE_STEADY_S
from emrnetcheck.probes.watching.page_look import PageAsker
from tests.probes.watching.sampling import EMR, World, begun, turns
from tests.servers import http_reply, http_server

SERVER = Server(EMR, 8443, "emr.example.org", True)
PATHS = ("/oscar/a.css", "/oscar/b.js")
SILENT = Failure(FailureKind.TIMEOUT, "GET", EMR)
WHOLE = (SizeTried(1500, 3, 3), SizeTried(84, 3, 3))
CUT = (SizeTried(1500, 8, 0), SizeTried(1400, 3, 3), SizeTried(84, 3, 3))


@dataclass
class Way:
    """comes: the answer to a path, for connections with small segments or not. asked: (path, small)."""

    comes: Callable[[str, bool], Page | Failure]
    sizes: Mapping[str, tuple[SizeTried, ...]] = field(default_factory=dict)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def open(self, server: Server, *, timeout_s: float, segment_bytes: int | None = None) -> Session | Failure:
        assert timeout_s > 0
        return Session(self, segment_bytes is not None)

    def mtu_to(self, address: str, _context: object, ports: Sequence[int] = ()) -> Mtu:
        self.tried.append(address)
        return Mtu(address, "outside", address, self.sizes.get(address, ()), "icmp")


@dataclass
class Session:
    way: Way
    small: bool
    is_open: bool = True

    def get(self, path: str, *, timeout_s: float, cookies: tuple[str, ...], body_max_bytes: int) -> Page | Failure:
        assert timeout_s > 0
        assert 0 < body_max_bytes <= MOST_BYTES
        self.way.asked.append((path, self.small))
        page = self.way.comes(path, self.small)
        return replace(page, body_bytes=min(page.body_bytes, body_max_bytes)) if isinstance(page, Page) else page

    def close(self) -> None:
        self.is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def page(body_bytes: int) -> Page:
    return Page(200, {}, (), b"", body_bytes, 1.0, 1.0, 1.0, 2.0, None)


Given = Callable[..., Way]


@pytest.fixture
def given_way(monkeypatch: pytest.MonkeyPatch) -> Given:
    def build(comes: Callable[[str, bool], Page | Failure], **more: Any) -> Way:
        way = Way(comes, **more)
        monkeypatch.setattr(PageSession, "open", way.open)
        monkeypatch.setattr(large, "mtu_to", way.mtu_to)
        return way

    return build


def looked(server: Server | None, paths: Sequence[str] = PATHS, *, inside: bool = False) -> list[tuple[str, str, Any]]:
    site = replace(Site(), resolvers=("1.1.1.1", "8.8.8.8"))
    found = LargeAsker(site, Ledger()).look(server, paths, ("id=1",), inside=inside)
    return [(each.leg, each.fault, each.body_bytes) for each in found]


def test_what_comes_whole_shows_that_full_packets_do(given_way: Given) -> None:
    way = given_way(lambda *_: page(100_000))
    assert looked(SERVER) == [("server_bulk", "", 200_000), ("path", "", None)]
    assert way.asked == [(path, False) for path in PATHS]
    assert way.tried == [], "nobody has to be asked for it"


def test_no_more_than_the_limit_is_fetched(given_way: Given) -> None:
    way = given_way(lambda *_: page(500_000))
    found = looked(SERVER, [f"/oscar/{number}" for number in range(9)])
    assert found[0] == ("server_bulk", "", MOST_BYTES)
    assert len(way.asked) == 2


def test_full_packets_that_vanish_are_told_when_small_ones_pass(given_way: Given) -> None:
    way = given_way(lambda _, small: page(1_000) if small else SILENT)
    assert looked(SERVER) == [("server_bulk", "", 0), ("server_bulk", "", 0), ("path", "size", None)]
    assert [small for _, small in way.asked] == [False, True, False]


def test_a_head_without_a_body_is_stuck_as_well(given_way: Given) -> None:
    given_way(lambda _, small: page(1_000) if small else replace(page(0), total_ms=None, ended=SILENT))
    assert looked(SERVER)[-1] == ("path", "size", None)


@pytest.mark.parametrize("answers", [[SILENT, SILENT], [SILENT, page(1_000), page(1_000)]])
def test_a_server_that_hangs_or_was_only_late_is_no_black_hole(answers: list[Any], given_way: Given) -> None:
    said = iter(answers)
    given_way(lambda *_: next(said))
    assert looked(SERVER) == [("server_bulk", "", 0)]


@pytest.mark.parametrize(
    ("server", "paths", "inside", "tried", "told"),
    [
        (None, (), False, ["1.1.1.1", "8.8.8.8"], ["size"]),  # two have to show it
        (SERVER, (), True, ["1.1.1.1", "8.8.8.8"], ["size"]),
        (SERVER, (), False, [EMR], []),  # it answers no ping: nobody knows
        (SERVER, PATHS, True, ["1.1.1.1", "8.8.8.8"], ["size"]),
    ],
)
def test_packets_go_to_the_emr_or_where_it_is_here_to_who_is_outside(
    server: Server | None,
    paths: Sequence[str],
    inside: bool,
    tried: list[str],
    told: list[str],
    given_way: Given,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way = given_way(lambda *_: page(100_000), sizes={"1.1.1.1": CUT, "8.8.8.8": CUT})
    monkeypatch.setattr(large, "confirmed", lambda mtus, others, context: [way.mtu_to(others[0], context)])
    found = looked(server, paths, inside=inside)
    assert way.tried == tried
    assert [fault for leg, fault, _ in found if leg == "path"] == told


def test_one_host_that_takes_no_large_pings_is_no_black_hole(given_way: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    way = given_way(lambda *_: page(1), sizes={"1.1.1.1": CUT, "8.8.8.8": WHOLE})
    monkeypatch.setattr(large, "confirmed", lambda mtus, others, context: [way.mtu_to(others[0], context)])
    assert looked(None) == [("path", "", None)]


def test_a_real_page_is_fetched_over_a_real_connection() -> None:
    with http_server(http_reply(b"x" * 50_000)) as port:
        asker = LargeAsker(replace(Site(), resolvers=()), Ledger())
        found = asker.look(Server("127.0.0.1", port, "localhost", False), ("/a", "/b"), (), inside=True)
    assert [(each.leg, each.body_bytes) for each in found] == [("server_bulk", 100_000)]
    began_s, ended_s = asker.began_s, asker.ended_s
    assert began_s < ended_s
    assert asker.was_loading(began_s - 1.0, began_s + 0.001)
    assert not asker.was_loading(began_s - 2.0, began_s - 1.0)
    assert not asker.was_loading(ended_s + 1.0, ended_s + 2.0)


def test_large_looks_are_seldom_and_come_soon_only_where_one_was_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    sampler, _ = begun(monkeypatch, world)
    turns(sampler, world, LARGE_FIRST_S + LARGE_STEADY_S - 2.0)
    assert len(world.times("server_bulk")) == 1
    world.large_ms = 9_000.0
    turns(sampler, world, 4.0 + 2 * LARGE_AGAIN_S + 2 * LARGE_IN_TROUBLE_S + 3.0)
    slow = world.times("server_bulk")[1:]
    gaps = [round(later - earlier) for earlier, later in pairwise(slow)]
    assert gaps == [LARGE_AGAIN_S, LARGE_AGAIN_S, LARGE_IN_TROUBLE_S, LARGE_IN_TROUBLE_S]
    world.large_ms = 900.0
    world.asked.clear()
    turns(sampler, world, LARGE_IN_TROUBLE_S + LARGE_AGAIN_S + LARGE_STEADY_S - 10.0)
    assert len(world.times("server_bulk")) == 2, "once more to be sure, then seldom"


def test_who_takes_turns_in_an_address_is_told_and_a_new_router_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, vrrp = "02:00:00:00:00:01", "02:00:00:00:00:02", "00:00:5e:00:01:07"
    courses: dict[str, Callable[[float], str]] = {
        "turns": lambda at_s: first if int(at_s) % 2 else second,
        "replaced": lambda at_s: first if at_s < 110.0 else second,
        "spare": lambda at_s: first if int(at_s / 5) % 2 else vrrp,
    }
    told = {}
    for name, mac in courses.items():
        world = World(macs={"192.168.1.1": mac, "192.168.1.77": courses["turns"]})
        sampler, _ = begun(monkeypatch, world)
        found = turns(sampler, world, 20.0)
        told[name] = {each.fault for each in found if isinstance(each, Sample) and each.leg == "addresses"} - {""}
    assert told == {"turns": {"wrong"}, "replaced": set(), "spare": set()}


def test_what_could_not_be_measured_is_looked_at_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(PageAsker, "belongings", lambda *_: (PATHS if world.page_status else (), ()))
    monkeypatch.setattr(PageAsker, "has_seen", property(lambda _: world.page_status is not None))
    sampler, _ = begun(monkeypatch, world)
    monkeypatch.setattr(LargeAsker, "look", lambda *what, inside: world.large_look(*what[1:], inside=inside)[1:])
    world.page_status = None  # the first page is late
    turns(sampler, world, LARGE_FIRST_S + LARGE_AGAIN_S + 1.0)
    assert len(world.times("server_bulk")) == 2
    world.page_status = 200  # it has parts, and nothing came of them
    turns(sampler, world, LARGE_AGAIN_S)
    assert len(world.times("server_bulk")) == 3
    monkeypatch.setattr(LargeAsker, "look", lambda *what, inside: world.large_look(*what[1:], inside=inside))
    turns(sampler, world, LARGE_AGAIN_S)
    assert len(world.times("server_bulk")) == 4, "now it is measured"
    turns(sampler, world, LARGE_STEADY_S - 10.0)
    assert len(world.times("server_bulk")) == 4


def test_a_server_that_gives_nothing_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    sampler, _ = begun(monkeypatch, world)
    monkeypatch.setattr(LargeAsker, "look", lambda *what, inside: world.large_look(*what[1:], inside=inside)[1:])
    turns(sampler, world, 600.0)
    assert len(world.times("server_bulk")) <= 10


def test_what_is_not_waited_for_to_its_end_is_told_so(given_way: Given) -> None:
    given_way(lambda _path, _small: replace(page(50_000), total_ms=None, ended=SILENT))
    assert [each.cut for each in LargeAsker(Site(), Ledger()).look(SERVER, PATHS, (), inside=False)] == [True, False]
    given_way(lambda _path, _small: page(50_000))
    assert [each.cut for each in LargeAsker(Site(), Ledger()).look(SERVER, PATHS, (), inside=False)] == [False, False]
