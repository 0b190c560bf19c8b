"""A watch's sampler in a world that answers by a script, in its own time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import clocks, routes
from emrnetcheck.net.clocks import Clocks
from emrnetcheck.net.live import Answer
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.probes.watching import holders, large, looks, page_look, survey
from emrnetcheck.probes.watching import sampler as module
from emrnetcheck.probes.watching.looks import NameLook
from emrnetcheck.probes.watching.page_look import PageLook
from emrnetcheck.probes.watching.sampler import Found, Sampler
from emrnetcheck.probes.watching.survey import Around, Asked, Connection
from emrnetcheck.probes.watching.target import Target

NOWHERE = Failure(FailureKind.NAME_NOT_FOUND, "look up", "emr.example.org")
WALL_S = 1_800_000_000.0
EMR = "93.184.216.34"
OWN = Connection("192.168.1.20", "eth0", "192.168.1.1", False, True, "", 0)
AROUND = Around(
    connection=OWN,
    router=Asked("192.168.1.1", "icmp"),
    peer=Asked("192.168.1.30", "tcp:80"),
    outside=Asked("1.1.1.1", "icmp"),
    isp=Asked("45.76.10.1", survey.BY_TTL),
    isp_ttl=2,
    public="45.76.10.20",
)
TARGET = Target("emr.example.org", 8443, "/oscar/", True, "emr.example.org")


@dataclass
class World:
    """What there is. asked: every question, (when, how, key, whom)."""

    now_s: float = 100.0
    slept_s: float = 0.0
    set_by_s: float = 0.0
    connection: Connection = OWN
    around: Around = AROUND
    addresses: tuple[str, ...] = (EMR,)
    wrong: bool = False
    opens: str | None = None
    shut: list[tuple[str | None, bool]] = field(default_factory=list)
    page_status: int | None = 200
    asked: list[tuple[float, str, Hashable, Any]] = field(default_factory=list)
    waiting: list[Answer] = field(default_factory=list)
    forgotten: int = 0
    large_ms: float = 900.0
    hole: bool = False
    macs: dict[str, Callable[[float], str]] = field(default_factory=dict)
    answers: Callable[[Hashable], float | None] = lambda _key: 20.0

    # as net.live.Live

    def ping(self, key: Hashable, address: str) -> None:
        self._ask("ping", key, address)

    def knock(self, key: Hashable, address: str, port: int) -> None:
        self._ask("knock", key, (address, port))

    def expire(self, key: Hashable, towards: str, ttl: int) -> None:
        self._ask("expire", key, (towards, ttl))

    def _ask(self, how: str, key: Hashable, whom: object) -> None:
        self.asked.append((self.now_s, how, key, whom))
        rtt_ms = self.answers(key)
        failure = Failure(FailureKind.TIMEOUT, how) if rtt_ms is None else None
        self.waiting.append(Answer(key, self.now_s, rtt_ms, failure))

    def collect(self, seconds: float) -> list[Answer]:
        self.now_s += max(seconds, 0.001)
        found, self.waiting = self.waiting, []
        return found

    def forget(self) -> None:
        self.forgotten += 1
        self.waiting.clear()

    def close(self) -> None:
        self.forget()

    # as the clocks, the surveys and the looks

    def clocks(self) -> Clocks:
        return Clocks(
            self.now_s, WALL_S + self.now_s + self.slept_s + self.set_by_s, 1_000.0 + self.now_s + self.slept_s
        )

    def name_look(self, *, compare: bool, asked: str | None, shut: bool) -> NameLook:
        self.asked.append((self.now_s, "name", "name", compare))
        self.shut.append((asked, shut))
        tried = shut or asked not in self.addresses
        return NameLook(
            self.now_s, 12.0, self.addresses, None, "192.168.1.1", self.wrong, self.opens if tried else None
        )

    def page_look(self, address: str) -> PageLook:
        self.asked.append((self.now_s, "page", "server_answer", address))
        return PageLook(self.now_s, 50.0 if self.page_status else None, self.page_status, None)

    def table(self) -> tuple[Neighbour, ...]:
        return tuple(Neighbour(address, mac(self.now_s), "eth0") for address, mac in self.macs.items())

    def large_look(self, *what: object, inside: bool) -> tuple[Sample, ...]:
        self.asked.append((self.now_s, "large", "server_bulk", (*what, inside)))
        size = Sample("path", self.now_s, 0.0, fault="size" if self.hole else "")
        parts = (Sample("server_bulk", self.now_s, self.large_ms, body_bytes=600_000),) if what[0] is not None else ()
        return (*parts, size)

    def times(self, key: str) -> list[float]:
        """When this leg was asked."""
        return [at_s for at_s, _, its, _ in self.asked if its == key]


class AtOnce:
    """An errand that is done when it is sent."""

    def __init__(self, _name: str) -> None:
        self._done: list[Any] = []

    def send(self, work: Callable[[], Any], _now_s: float) -> bool:
        self._done.append(work())
        return True

    def back(self) -> Any:
        return self._done.pop(0) if self._done else None


def begun(
    monkeypatch: pytest.MonkeyPatch, world: World, target: Target = TARGET, **site: Any
) -> tuple[Sampler, list[Found]]:
    """A sampler that has looked around, and an empty list for what it finds."""
    monkeypatch.setattr(clocks, "read", world.clocks)
    monkeypatch.setattr(module, "Errand", AtOnce)
    monkeypatch.setattr(survey, "around", lambda *_, **__: replace(world.around, connection=world.connection))
    monkeypatch.setattr(survey, "glance", lambda _before: world.connection)
    monkeypatch.setattr(routes, "own_network", lambda _address: None)
    monkeypatch.setattr(looks.NameAsker, "look", lambda _asker, **how: world.name_look(**how))
    monkeypatch.setattr(looks.NameAsker, "addresses", lambda _self: world.addresses or NOWHERE)
    monkeypatch.setattr(looks.NameAsker, "_opens", lambda _asker, addresses: world.opens in addresses)
    monkeypatch.setattr(holders, "table", world.table)
    monkeypatch.setattr(large.LargeAsker, "look", lambda _asker, *what, inside: world.large_look(*what, inside=inside))
    monkeypatch.setattr(page_look.PageAsker, "look", lambda _asker, address: world.page_look(address))
    sampler = Sampler(replace(Site(), **site), target, live=world)  # type: ignore[arg-type]
    sampler.start()
    return sampler, []


def turns(sampler: Sampler, world: World, seconds: float, *, restless: bool = False) -> list[Found]:
    """What is found in this time, looked at each second."""
    found: list[Found] = []
    ends_s = world.now_s + seconds
    while world.now_s < ends_s:
        found += sampler.turn(min(1.0, ends_s - world.now_s), restless=restless)
    return found
