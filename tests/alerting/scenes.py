"""A clinic at one moment, as evidence: well, with one of many faults, and with what is not quite well every day."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from emrnetcheck.alerting.report import judged
from emrnetcheck.checks import ALL
from emrnetcheck.evidence import Case, ClinicReport, Seen
from emrnetcheck.evidence.path import Trace
from emrnetcheck.evidence.port import Arrivals
from emrnetcheck.evidence.upload import SecondServer
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Acknowledged, Environment, Failure, FailureKind, Mode, Report, Tool, Traffic
from emrnetcheck.model.alerts import Judged
from emrnetcheck.probes import PROBES
from emrnetcheck.runner import Options
from emrnetcheck.runner.answer import answer_of
from emrnetcheck.runner.choosing import chosen_of, spared, wanted_by
from tests.checks import builders as b

CASES = Path(__file__).parent.parent / "cases"
SEEN, UNMEASURED = TypeAdapter(Seen), TypeAdapter(dict[str, Failure])
NAMES = tuple(each.name for each in fields(Seen))
LEFT_OUT = Failure(FailureKind.LEFT_OUT)
OUT_OF_TIME = Failure(FailureKind.OUT_OF_TIME, "measure")
HOME = ROUTER_MAC = "02:00:00:00:00:01"
OTHER_MAC = "02:00:00:00:00:99"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)

WELL = replace(b.HEALTHY, lan=b.lan(b.target(mac=ROUTER_MAC), b.target("peer", b.PEER)), wear=b.WEAR)


@dataclass(frozen=True, slots=True)
class Scene:
    """Evidence that is other than in WELL, and why some of it is missing."""

    seen: Mapping[str, Any]
    unmeasured: Mapping[str, Failure]


def of(unmeasured: Mapping[str, Failure] | None = None, **seen: Any) -> Scene:
    return Scene(seen, unmeasured or {})


def of_case(name: str) -> Scene:
    """A case of tests/cases, as far as it differs from the well clinic; what is not the fault's stays as it is."""
    told = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    seen = SEEN.validate_python(told["evidence"])
    unmeasured = UNMEASURED.validate_python(told["unmeasured"])
    differs = [each for each in NAMES if getattr(seen, each) not in (getattr(b.HEALTHY, each), None)]
    beside = {"path"} | ({"upload"} if name != "upload_2_5" else set())
    kept = {each: getattr(seen, each) for each in differs if each not in beside or each in unmeasured}
    return Scene(kept | dict.fromkeys(unmeasured), unmeasured)


def _hole() -> Scene:
    hole = b.mtu(*b.sizes(1400, silent=True), tcp_packet_bytes=1500)
    stalled = {name: Failure(FailureKind.STALLED, "upload") for name in ("upload", "download")}
    return of(
        stalled,
        path=b.path(mtus=(hole, replace(hole, address="8.8.8.8", towards="8.8.8.8"))),
        upload=None,
        download=None,
    )


def _lan(gateway: Any = None, peer: Any = None, **changes: Any) -> Scene:
    return of(lan=b.lan(gateway or b.target(mac=ROUTER_MAC), peer or b.target("peer", b.PEER), **changes))


def _bad_cable() -> Scene:
    """Loss up to the router, and of all that goes through it."""
    way = b.path(
        Trace(b.RESOLVER, "outside", b.RESOLVER, (), b.series(b.RESOLVER, 20.0, 80, 4), "icmp", 10), witnesses=()
    )
    office = b.lan(b.target(sent=300, lost=15, mac=ROUTER_MAC), b.target("peer", b.PEER, sent=300))
    return of(lan=office, path=way, address=b.address(hops=()))


def _slow(mbps: float) -> Any:
    """Two servers agree."""
    second = SecondServer("second.example", mbps, mbps - 0.1, mbps + 0.1)
    return b.upload(mbps, lower_mbps=mbps - 0.1, upper_mbps=mbps + 0.1, second=second)


SILENT = Failure(FailureKind.TIMEOUT, "GET", f"{b.SERVER}:8443")
EXPIRED = {"days_left": -0.1, "days_old": 90.1, "not_after": "2026-11-25T03:00:00+00:00"}
DEAD = b.dead_resolver()

FAULTS: dict[str, tuple[Scene, str]] = {
    "internet cut": (of_case("internet_cut"), "address.no_internet"),
    "cable unplugged": (of_case("cable_unplugged"), "link.none"),
    "carrier NAT": (of_case("cgnat"), "address.cgnat"),
    "name stale": (of_case("ddns_stale"), "ddns.stale"),
    "name gone": (of_case("name_missing"), "ddns.name_missing"),
    "no forward": (of_case("port_not_forwarded"), "port.not_forwarded"),
    "database open": (of_case("database_open"), "exposure.dangerous_open"),
    "EMR stopped": (of_case("emr_not_running"), "port.not_listening"),
    "name look-up dead": (of_case("resolver_dead"), "dns.resolver_down"),
    "EMR answers 500": (of(emr=b.emr(500)), "emr.error"),
    "EMR hangs": (of(emr=b.emr(None, failure=SILENT, gets=(b.page_get(None),))), "emr.not_answering"),
    "certificate expired": (of(tls=b.tls(**EXPIRED)), "tls.expired"),
    "half duplex": (of(link=replace(b.LINK, duplex="half")), "link.half_duplex"),
    "large packets vanish": (_hole(), "path.mtu_black_hole"),
    "bad cable to the router": (_bad_cable(), "router.heavy_loss"),
    "storm": (
        _lan(
            b.target(p95_ms=30.0, mac=ROUTER_MAC),
            b.target("peer", b.PEER, p95_ms=30.0),
            received_per_s=5000.0,
            sent_per_s=3.0,
            unasked_ratio=1.0,
        ),
        "switch.storm",
    ),
    "server's firewall": (
        of(port=b.port(b.outside(True), lan=b.tried(False), arrivals=b.LET_IN, syn_seen=True)),
        "port.host_firewall",
    ),
    "upload too slow": (of(upload=_slow(2.2)), "upload.below_minimum"),
}
"""What is broken for an hour or more, and by which code it is to be mailed."""
LOADED = ("upload too slow",)
"""Only a run that loads the line sees these."""

SHORT: dict[str, Scene] = {
    "router starts": FAULTS["internet cut"][0],
    "EMR starts": of(emr=b.emr(503)),
    "server starts": FAULTS["EMR stopped"][0],
    "address changed": FAULTS["name stale"][0],
    "switch starts": FAULTS["cable unplugged"][0],
}
"""What is broken for some minutes and mends itself."""


def _propagating() -> Scene:
    answers = tuple(b.answer(server, b.OLD if number == 1 else b.PUBLIC) for number, server in enumerate(b.RESOLVERS))
    return of(names=b.names(resolvers=answers))


NOISE: dict[str, Scene] = {
    "resolver slow": of(dns=b.dns(b.resolver(rtt_ms=400.0))),
    "router slow": _lan(b.target(p95_ms=12.0, mac=ROUTER_MAC)),
    "router loses": _lan(b.target(lost=2, mac=ROUTER_MAC)),
    "peer slow": _lan(peer=b.target("peer", b.PEER, p95_ms=40.0)),
    "EMR slow": of(emr=b.emr(gets=(b.page_get(2500.0), *(b.page_get(2200.0) for _ in range(3))))),
    "bufferbloat": of(upload=replace(b.UPLOAD, loaded_rtt_ms=400.0, loaded_rtt_p95_ms=600.0)),
    "line busy": of(upload=b.upload(2.4, other_during_mbps=3.0, other_sent_mbps=3.0)),
    "name propagating": _propagating(),
    "nobody outside": of(port=b.port(b.outside(None, kind=FailureKind.TIMEOUT))),
    "one witness": of(address=b.address(b.witness(b.PUBLIC), b.witness(None), b.witness(None, "stun"))),
    "VPN": of_case("vpn_on"),
    "no time": of(dict.fromkeys(("path", "exposure"), OUT_OF_TIME), path=None, exposure=None),
    "no time for names": of({"names": OUT_OF_TIME, "dns": OUT_OF_TIME}, names=None, dns=None),
}
"""What is not quite well for one look, and no fault."""

GLITCHES: dict[str, Scene] = {
    "look-up dead for a moment": of(dns=b.dns(DEAD)),
    "look-up dead, the system's own not": of(dns=replace(b.dns(DEAD), system_ms=20.0)),
    "EMR misses one look": FAULTS["EMR hangs"][0],
    "outside says shut": of(port=b.port(b.outside(False), arrivals=Arrivals(whole=True), syn_seen=False)),
    "one of two outside says shut": of(
        port=b.port(b.outside(False), b.outside(None, "second.example", kind=FailureKind.TIMEOUT))
    ),
    "burst of loss": FAULTS["bad cable to the router"][0],
    "no witness at all": FAULTS["internet cut"][0],
}
"""What looks like a fault at one look, and is none."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Which scenes are on at a look, the later ones where the earlier leave the evidence as it is. upload_mbps: what a
    load found, None: no load. elsewhere: the computer is on another network. asked: how the run was made, where it did
    not ask all."""

    scenes: tuple[tuple[str, str], ...]
    upload_mbps: float | None
    elsewhere: bool = False
    accepted: tuple[str, ...] = ()
    asked: Options | None = None


TABLES: Mapping[str, Callable[[str], Scene]] = {
    "fault": lambda name: FAULTS[name][0],
    "short": lambda name: SHORT[name],
    "noise": lambda name: NOISE[name],
    "glitch": lambda name: GLITCHES[name],
}


def report_of(shot: Shot) -> ClinicReport:
    """The report of a run then, through all of judging and diagnosis. Its id and its time are to be exchanged."""
    seen: dict[str, Any] = {}
    unmeasured: dict[str, Failure] = {}
    for table, name in shot.scenes:
        scene = TABLES[table](name)
        if seen.keys() & scene.seen.keys():
            continue  # what is broken hides what is only noise
        seen |= scene.seen
        unmeasured |= scene.unmeasured
    if shot.upload_mbps is None:
        seen |= {"upload": None, "download": None}
        unmeasured |= {name: unmeasured.get(name, LEFT_OUT) for name in ("upload", "download")}
    elif "upload" not in seen and shot.upload_mbps >= 3.0:
        near = {"lower_mbps": shot.upload_mbps - 0.3, "upper_mbps": shot.upload_mbps + 0.3}
        seen["upload"] = b.upload(shot.upload_mbps, **near)
    elif "upload" not in seen:
        seen["upload"] = _slow(shot.upload_mbps)
    if shot.elsewhere:
        seen |= _elsewhere()
    chosen = ALL if shot.asked is None else chosen_of(ALL, shot.asked)
    if shot.asked is not None:
        seen |= dict.fromkeys(set(NAMES) - measured_for(shot.asked))
        unmeasured = {name: why for name, why in unmeasured.items() if name in measured_for(shot.asked)}
    case = Case(b.SITE, replace(WELL, **seen))
    accepted = {code: Acknowledged("known", WHEN.date()) for code in shot.accepted}
    not_asked = frozenset(each.id for each in ALL if each not in chosen)
    results = judge_all(ALL, case, unmeasured, {}, not_asked=not_asked, strict=True)
    return Report(
        id="",
        schema="emrnetcheck/report/1",
        site=b.SITE.name,
        vantage="host",
        mode=Mode.QUICK if shot.upload_mbps is None else Mode.STANDARD,
        started_at=WHEN,
        duration_s=10.0,
        tool=Tool("emrnetcheck", "0"),
        environment=Environment("Linux", "3.13", privileged=False, proxy=False),
        evidence=case.seen,
        unmeasured=unmeasured,
        traffic=Traffic(0, 0),
        third_parties=(),
        **answer_of(results, ALL, "host", accepted),
    )


@lru_cache
def measured_for(options: Options) -> frozenset[str]:
    """What a run has evidence of that is made so, as the runner chooses it."""
    chosen = chosen_of(ALL, options)
    return frozenset(wanted_by(ALL, chosen, b.SITE) - spared(PROBES, ALL, chosen, options))


@lru_cache(maxsize=16_384)
def _judged(shot: Shot) -> Judged:
    return judged(report_of(shot))


def run_at(shot: Shot, at: datetime, run_id: str) -> Judged:
    """What the alarms get of a run at that time."""
    return replace(_judged(shot), run_id=run_id, started_at=at)


def _elsewhere() -> dict[str, Any]:
    """A laptop at home: another router, and nothing at the server's address."""
    away = b.port(
        b.outside(False), is_emr_host=False, listening=None, bind=(), loopback=None, lan=b.tried(False), hairpin=None
    )
    return {
        "lan": b.lan(b.target(mac=OTHER_MAC)),
        "port": away,
        "emr": b.emr(None, failure=SILENT, gets=(b.page_get(None),)),
        "names": b.names(b.source(b.OLD), resolvers=tuple(b.answer(server, b.OLD) for server in b.RESOLVERS)),
        "tls": None,
    }
