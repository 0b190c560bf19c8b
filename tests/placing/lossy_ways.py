"""What do `client` and `run` say where one place of the way loses, in many looks that differ by chance alone?

python -m tests.placing.lossy_ways [COUNT]: a table of the answers in so many simulated looks each.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from emrnetcheck.checks import ALL, CLIENT
from emrnetcheck.diagnosis import causes_of, meanings_of, segment_of
from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.last_routers import LastRouters
from emrnetcheck.evidence.path import Path, Trace, TraceHop
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.way import WayTarget
from emrnetcheck.judging import judge_all
from tests.checks import builders as b
from tests.checks import client_builders as c

CROSSES = {
    "peer": ("cable",),
    "router": ("cable", "router"),
    "isp": ("cable", "router", "line"),
    "backbone": ("cable", "router", "line", "path"),
    "outside": ("cable", "router", "line", "path"),
    "edge": ("cable", "router", "line", "path", "between"),  # the last router before the EMR's own line
    "server": ("cable", "router", "line", "path", "between", "far"),
}
INSIDE = {"server": ("cable", "router", "router", "server")}
"""In the office, at its public address: to the router and back from it, and over the server's own cable."""
RIGHT = {"cable": "lan", "server": "lan", "between": "path"}
"""A place that is called otherwise than its segment."""
_MANY_LOST = 8  # as probes/way.py
_LEAST_LOST = 3  # as probes/last_routers.py


class Chance:
    """How many probes are lost to whom, where this place loses this share each way."""

    def __init__(self, seed: str, place: str, ratio: float, *, inside: bool = False) -> None:
        self.place, self.ratio, self.inside = place, ratio, inside
        self._random = random.Random(seed)
        self._crosses = CROSSES | (INSIDE if inside else {})

    def lost(self, who: str, sent: int) -> int:
        share = 1.0 - (1.0 - self.ratio) ** (2 * self._crosses[who].count(self.place))
        return sum(self._random.random() < share for _ in range(sent)) if share else 0

    def series(self, who: str, address: str, p50_ms: float, sent: int) -> Series:
        return c.series(address, p50_ms, sent=sent, lost=self.lost(who, sent))


def client_sees(chance: Chance, *, peer: bool) -> Seen:
    """As probes/way.py asks: once, and once more where a few were lost."""
    asked = [
        ("router", c.HERE_ROUTER, 0.4, 400),
        *([("peer", c.HERE_PEER, 0.5, 400)] if peer else []),
        ("isp", c.ISP, 10.0, 160),
        *(("outside", address, 20.0, 160) for address in (c.WITNESS, "8.8.8.8", "9.9.9.9")),
        ("server", b.PUBLIC, 0.5 if chance.inside else 40.0, 400 if chance.inside else 80),
    ]
    found = [chance.series(*each) for each in asked]
    if any(each.lost for each in found) and all(each.lost < _MANY_LOST for each in found):
        found = [_joined(each, chance.series(*one)) for each, one in zip(found, asked, strict=True)]
    targets = tuple(WayTarget(leg, series) for (leg, *_), series in zip(asked, found, strict=True))
    router, server = found[0], found[-1]
    by_tcp = chance.series("router", c.HERE_ROUTER, 0.4, 30) if router.lost else None
    way = replace(c.way(), targets=targets, router_by_tcp=by_tcp)
    if chance.inside:
        return replace(c.INSIDE_SEEN, way=replace(way, inside=True, public_v4=b.PUBLIC))
    last = LastRouters(tuple(chance.series(who, address, 30.0, 200) for who, address, _ in _HOPS[1:]))
    return replace(
        c.CLIENT_SEEN,
        way=way,
        path=Path((_trace(chance, "server", b.PUBLIC, 10, 40),), (c.FULL_SIZE,)),
        last_routers=last if server.lost >= _LEAST_LOST else None,
    )


_HOPS = (
    ("router", c.HERE_ROUTER, 0.4),
    ("isp", c.ISP, 10.0),
    ("backbone", "62.115.1.1", 15.0),
    ("edge", "62.115.2.1", 19.0),
)
_ASKED_HOPS = 3


def _asked(chance: Chance, *whom: tuple[str, str, float], probes: int) -> list[Series]:
    """As probes/path.py: all once more where one lost some."""
    found = [chance.series(*each, probes) for each in whom]
    if any(each.lost for each in found):
        found = [_joined(each, chance.series(*one, probes)) for each, one in zip(found, whom, strict=True)]
    return found


def _trace(chance: Chance, end: str, address: str, rounds: int, probes: int) -> Trace:
    known = _HOPS if end == "server" else _HOPS[:3]
    to_end, *asked = _asked(chance, (end, address, 20.0), *known[:_ASKED_HOPS], probes=probes)
    hops = tuple(
        TraceHop(
            ttl,
            where,
            (),
            chance.series(who, where, p50_ms, rounds),
            asked[ttl - 1] if ttl <= _ASKED_HOPS else None,
            end=False,
        )
        for ttl, (who, where, p50_ms) in enumerate(known, start=1)
    )
    role, towards = ("emr", b.NAME) if end == "server" else ("outside", address)
    return Trace(towards, role, address, hops, to_end, "icmp", rounds)


def _joined(first: Series, then: Series) -> Series:
    return replace(first, sent=first.sent + then.sent, lost=first.lost + then.lost)


def run_sees(chance: Chance) -> Seen:
    """As probes/lan.py and probes/path.py ask, on the EMR server; a PC is in the settings."""
    first = {"router": chance.lost("router", 400), "peer": chance.lost("peer", 400)}
    more = {who: chance.lost(who, 200) if any(first.values()) else 0 for who in first}
    sent = 600 if any(first.values()) else 400
    targets = (
        b.target(sent=sent, lost=first["router"] + more["router"]),
        b.target("peer", b.PEER, sent=sent, lost=first["peer"] + more["peer"]),
    )
    by_tcp = (
        replace(chance.series("router", b.ROUTER, 0.4, 100), p95_ms=0.9, method="tcp:80") if first["router"] else None
    )
    witnesses = tuple(_asked(chance, *(("outside", each, 20.0) for each in ("8.8.8.8", "9.9.9.9")), probes=80))
    path = Path((_trace(chance, "outside", b.RESOLVER, 10, 80),), (b.mtu(),), witnesses)
    path = replace(path, traces=tuple(_at_the_clinic(each) for each in path.traces))
    return Seen(link=b.LINK, lan=b.lan(*targets, router_by_tcp=by_tcp), address=b.address(), path=path)


def _at_the_clinic(trace: Trace) -> Trace:
    """Whose router has another address."""
    first = trace.hops[0]
    asked = replace(first.asked, address=b.ROUTER) if first.asked is not None else None
    mine = replace(first, address=b.ROUTER, probed=replace(first.probed, address=b.ROUTER), asked=asked)
    return replace(trace, hops=(mine, *trace.hops[1:]))


_RUN_CHECKS = tuple(check for check in ALL if check.id in ("link", "router", "switch", "path"))
_CLIENT_CHECKS = tuple(check for check in CLIENT if check.id == "segment")


def client_says(seen: Seen) -> tuple[str, bool]:
    """The segment ("": none), and whether it is certain."""
    results = judge_all(_CLIENT_CHECKS, Case(c.CLIENT_SITE, seen), {}, {}, strict=True)
    finding = results[0].findings[0]
    word = finding.code.removeprefix("segment.")
    return "" if word in ("none", "unclear") else word, finding.facts["sure"] == "certain"


def run_says(seen: Seen) -> tuple[str, bool]:
    """The same; a run does not say how sure it is."""
    results = judge_all(_RUN_CHECKS, Case(b.SITE, seen), {}, {}, strict=True)
    segment = segment_of(results, causes_of(results, meanings_of(_RUN_CHECKS)))
    return str(segment) if segment is not None else "", False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks, where, and which places of the way are tried."""

    name: str
    says: Callable[[Chance], tuple[str, bool]]
    places: tuple[str, ...]
    inside: bool = False
    peer: bool = True

    def right(self, place: str) -> str:
        """The segment; without another computer to compare with, the router's cable is the office's network."""
        return "lan" if place == "router" and not self.peer else RIGHT.get(place, place)

    def answers(self, place: str, ratio: float, seeds: Iterable[int]) -> Counter[str]:
        """How often each was said: "right", "none", "wrong" and, of those, "wrong for certain"."""
        found: Counter[str] = Counter()
        for seed in seeds:
            word, certain = self.says(Chance(f"{self.name} {place} {ratio} {seed}", place, ratio, inside=self.inside))
            kind = "none" if not word else "right" if word == self.right(place) else "wrong"
            found[kind] += 1
            found["wrong for certain"] += kind == "wrong" and certain
        return found


ASKERS = (
    Asker(
        "client elsewhere",
        lambda chance: client_says(client_sees(chance, peer=False)),
        ("cable", "router", "line", "path", "between", "far"),
        peer=False,
    ),
    Asker(
        "client elsewhere, and a neighbour is known",
        lambda chance: client_says(client_sees(chance, peer=True)),
        ("cable", "router", "line", "path", "between", "far"),
    ),
    Asker(
        "client in the office",
        lambda chance: client_says(client_sees(chance, peer=True)),
        ("cable", "router", "server"),
        inside=True,
    ),
    Asker("run", lambda chance: run_says(run_sees(chance)), ("cable", "router", "line", "path")),
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| who | what loses | each way | right | nothing said | wrong | for certain |\n|---|---|---|---|---|---|---|")
    for asker in ASKERS:
        for place in asker.places:
            for ratio in (0.01, 0.02, 0.05):
                found = asker.answers(place, ratio, range(count))
                told = (
                    f"{100 * found[each] / count:.1f} %" for each in ("right", "none", "wrong", "wrong for certain")
                )
                print(f"| {asker.name} | {place} | {100 * ratio:g} % | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
