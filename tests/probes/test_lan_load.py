"""The office network under load, against a real responder; who is refused, and what is told where there is none."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan_load import LanLoad
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import counters, host, icmp, routes
from emrnetcheck.probes import PROBES, lan_load
from emrnetcheck.probes.throughput import engine
from emrnetcheck.probes.throughput.plan import MB
from emrnetcheck.responder.certificate import fingerprint
from tests.checks.builders import ROUTER, lan, target
from tests.probes.contexts import TableLookup
from tests.probes.test_upload import PLAN, a_context
from tests.responder.serving import HERE, rules, serving

TOKEN = "0123456789abcdef"
SMALL = replace(PLAN, cap_bytes=8 * MB, pace_mbps=math.inf)
OFFICE = Seen(lan=lan(target()))


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAN_TOKEN", TOKEN)
    monkeypatch.setattr(icmp, "echo_series", lambda *_, **__: Failure(FailureKind.PERMISSION))


def measured(site: Site) -> LanLoad:
    found = lan_load.measure_with(site, OFFICE, a_context(), SMALL)
    assert isinstance(found, LanLoad)
    return found


def test_both_ways_are_measured_with_the_token_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = iter([7, 9])
    monkeypatch.setattr(counters, "interface_towards", lambda _address: "eth0")
    monkeypatch.setattr(host, "error_count", lambda _name: next(damaged))
    with serving(rules(token=TOKEN), certificates=tmp_path) as served:
        line = f"responder+https://{HERE}:{served.port}#sha256={fingerprint(tmp_path / f'{HERE}.pem')}"
        found = measured(Site(lan_responder=line, lan_responder_token="env:LAN_TOKEN", responder_token="env:NOBODY"))
    assert found.server == f"https://{HERE}:{served.port}/backend/empty.php"
    assert found.address == HERE
    assert found.damaged_frames == 2
    for way in (found.upload, found.download):
        assert way.failure is None
        assert way.goodput_mbps
        assert 0 < way.moved_bytes <= 8 * MB
        assert way.loaded_rtt_ms is None or way.loaded_rtt_ms > 0
    assert found.download.resent is None
    assert TOKEN not in repr(found)


def test_who_is_asked_meanwhile_is_told_with_each_way(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def note(addresses: tuple[str, ...], **_: object) -> Failure:
        asked.append(tuple(addresses))
        return Failure(FailureKind.PERMISSION)

    monkeypatch.setattr(icmp, "echo_series", note)
    with serving(rules()) as served:
        measured(Site(lan_responder=f"responder+http://{HERE}:{served.port}"))
    assert asked == [(ROUTER,), (ROUTER,)]


def test_one_that_is_not_there_is_told_in_both_ways() -> None:
    with serving(rules()) as served:
        port = served.port
    found = measured(Site(lan_responder=f"responder+http://{HERE}:{port}"))
    for way in (found.upload, found.download):
        assert way.goodput_mbps is None
        assert way.failure is not None
        assert way.failure.kind is FailureKind.REFUSED


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("responder+https://93.184.77.7:8444", FailureKind.NOT_CONFIGURED),
        ("responder+https://far.example.org:8444", FailureKind.NOT_CONFIGURED),
        ("responder+https://nowhere.example.org:8444", FailureKind.NAME_NOT_FOUND),
    ],
)
def test_nothing_is_sent_out_of_the_office(line: str, kind: FailureKind) -> None:
    context = replace(a_context(), lookup=TableLookup({"far.example.org": "93.184.77.7"}))
    found = lan_load.measure_with(Site(lan_responder=line), OFFICE, context, SMALL)
    assert isinstance(found, LanLoad)
    assert found.upload.failure is not None
    assert found.upload.failure.kind is kind
    assert context.ledger.sent_bytes == 0
    assert context.ledger.third_parties == []


@pytest.mark.parametrize(
    ("address", "own", "interface", "here"),
    [
        ("192.168.1.20", "192.168.1.10", "eth0", True),
        ("192.168.2.20", "192.168.1.10", "eth0", False),  # another office, behind a VPN of the routers
        ("100.64.0.9", "192.168.1.10", "eth0", False),
        ("10.8.0.9", "10.8.0.2", "tun0", False),
        ("192.168.1.20", None, "eth0", False),
    ],
)
def test_a_private_address_is_no_proof(
    monkeypatch: pytest.MonkeyPatch, address: str, own: str | None, interface: str, here: bool
) -> None:
    way = own if own is not None else Failure(FailureKind.NO_ROUTE)
    monkeypatch.setattr(routes, "source_address", lambda _towards, **_: way)
    monkeypatch.setattr(routes, "own_network", lambda found: ipaddress.ip_network(f"{found}/24", strict=False))
    monkeypatch.setattr(routes, "own_addresses", lambda: {own or "192.168.1.10": interface})
    begun: list[str] = []

    def note(*_: object) -> Failure:
        begun.append(address)
        return Failure(FailureKind.REFUSED)

    monkeypatch.setattr(engine, "measure", note)
    monkeypatch.setattr(engine, "fetch", note)
    found = lan_load.measure_with(Site(lan_responder=f"responder+http://{address}:8444"), OFFICE, a_context(), SMALL)
    assert isinstance(found, LanLoad)
    assert bool(begun) is here


def test_a_token_that_cannot_be_had_is_told() -> None:
    found = measured(Site(lan_responder=f"responder+https://{HERE}:1", lan_responder_token="env:NOBODY_HAS_THIS"))
    assert found.upload.failure is not None
    assert found.upload.failure.kind is FailureKind.NOT_CONFIGURED


def test_it_is_made_where_the_settings_name_a_second_pc_and_not_in_a_quick_run() -> None:
    assert lan_load.PROBE in PROBES
    assert not lan_load.PROBE.asked_for(Site())
    assert lan_load.PROBE.asked_for(Site(lan_responder=f"responder+http://{HERE}:1"))
    assert lan_load.PROBE.alone
    assert not lan_load.PROBE.in_quick
    assert not lan_load.PROBE.leaves_office
    assert all(lan_load.PROBE.deadline_s[mode] > 2 * 4 for mode in Mode)
