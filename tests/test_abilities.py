"""Is the table of privileges whole, and is what a process is told no more than it may?"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from emrnetcheck.abilities import ABILITIES, Ability, Allowed, System, User, users, way_now
from emrnetcheck.reports.abilities import MARK, as_markdown, as_text

PAGE = Path(__file__).parent.parent / "docs" / "privileges.md"
NAMED = {ability.id: ability for ability in ABILITIES}


def allowed(
    system: System = System.LINUX,
    *,
    icmp: str | None = "icmp",
    administrator: bool = False,
    packets: bool = False,
    scapy: bool = True,
) -> Allowed:
    return Allowed(system, icmp, administrator, packets, scapy)


@pytest.mark.parametrize("ability", ABILITIES, ids=lambda ability: ability.id)
@pytest.mark.parametrize("system", System)
def test_every_measurement_has_a_word_for_every_user(ability: Ability, system: System) -> None:
    ways = ability.ways(system)
    for user in users(system):
        assert ways[user].methods or ways[user].note, user
    if any(not way.methods for way in ways.values()):
        assert ability.without
    # Who may do more can do no less.
    order = [set(ways[user].methods) for user in users(system)]
    assert all(bool(later) >= bool(earlier) for earlier, later in itertools.pairwise(order))


def test_measurements_are_named_once() -> None:
    assert len(NAMED) == len(ABILITIES)


@pytest.mark.parametrize(
    ("who", "user"),
    [
        (allowed(), User.NORMAL),
        (allowed(packets=True), User.CAP_NET_RAW),
        (allowed(packets=True, administrator=True), User.ROOT),
        (allowed(System.WINDOWS, packets=True), User.NORMAL),
        (allowed(System.MACOS, administrator=True), User.ROOT),
    ],
)
def test_a_process_finds_its_column(who: Allowed, user: User) -> None:
    assert who.user is user


@pytest.mark.parametrize(
    ("name", "who", "methods"),
    [
        ("ping", allowed(), ("icmp",)),
        ("ping", allowed(icmp=None), ()),
        ("ping", allowed(icmp="icmp_raw", packets=True), ("icmp_raw",)),
        ("ping", allowed(System.WINDOWS, icmp="icmp_api"), ("icmp_api",)),
        ("trace", allowed(icmp=None), ("udp_errors",)),
        ("path_mtu", allowed(icmp=None), ("udp_errors",)),
        ("arp", allowed(), ()),
        ("arp", allowed(packets=True), ("arp",)),
        ("arp", allowed(packets=True, scapy=False), ()),
        ("arp", allowed(administrator=True, packets=False), ()),  # root of a container
        ("arrivals", allowed(packets=True, scapy=False), ("packet_socket",)),
        ("arrivals", allowed(System.MACOS, packets=True, administrator=True), ("scapy",)),
        ("arrivals", allowed(System.WINDOWS, packets=False, administrator=True), ()),
        ("listeners", allowed(System.MACOS), ()),
        ("connect", allowed(icmp=None, scapy=False), ("tcp",)),
    ],
)
def test_a_process_is_told_what_it_may_itself(name: str, who: Allowed, methods: tuple[str, ...]) -> None:
    way = way_now(NAMED[name], who)
    assert way.methods == methods
    assert way.methods or way.note


def test_missing_scapy_is_named() -> None:
    assert way_now(NAMED["arp"], allowed(packets=True, scapy=False)).note == "scapy is not installed"


@pytest.mark.parametrize("system", System)
def test_text_fits_a_terminal_and_names_everything(system: System) -> None:
    lines = list(as_text(allowed(system)))
    assert max(map(len, lines)) <= 79
    assert lines[0].startswith(f"THIS PROCESS ({system}, ")
    text = " ".join(" ".join(lines).split())
    for ability in ABILITIES:
        assert text.count(ability.title) == 2
        for user in users(system):
            assert ability.ways(system)[user].note in text


def test_page_holds_the_table_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page[page.index(MARK) :].rstrip() == "\n".join(as_markdown())
