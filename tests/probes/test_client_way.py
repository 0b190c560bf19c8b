"""When is the way to the EMR traced and something loaded for comparison, and when not?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path import Mtu, Path, Trace
from emrnetcheck.evidence.way import Way
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.probes import client_download, client_path, download
from tests.checks.builders import DOWNLOAD, PUBLIC
from tests.checks.client_builders import FULL_SIZE, WITNESS, series, trace, way
from tests.probes.contexts import context

SITE = Site(hostname="emr.example.org", port=8443)
SILENT_END = trace(0.4, 10.0, end=series(PUBLIC, None), role="outside", towards=PUBLIC)
NOT_TRACED = [
    (None, FailureKind.NAME_NOT_FOUND),
    (way(emr_address=None), FailureKind.NAME_NOT_FOUND),
    (way(inside=True), FailureKind.NOT_NEEDED),
    (way(isp=None, outside=series(WITNESS, None)), FailureKind.NETWORK_UNREACHABLE),
]


@pytest.mark.parametrize(("seen_way", "kind"), NOT_TRACED, ids=["no way", "no address", "inside", "nobody outside"])
def test_what_is_not_traced_says_why(seen_way: Way | None, kind: FailureKind) -> None:
    found = client_path.measure(SITE, Seen(way=seen_way), context())
    assert isinstance(found, Failure)
    assert found.kind is kind


def test_the_end_of_the_trace_is_the_emrs_port_where_nobody_answers_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_path, "trace_to", lambda *_args, **_more: SILENT_END)
    monkeypatch.setattr(client_path, "mtu_to", lambda *_args, **_more: FULL_SIZE)
    run = context()
    found = client_path.measure(SITE, Seen(way=way()), run)
    assert isinstance(found, Path)
    (traced,) = found.traces
    assert (traced.role, traced.towards, traced.end.method) == ("emr", "emr.example.org", "tcp:8443")
    assert found.mtus == (FULL_SIZE,)
    assert [each.who for each in run.ledger.third_parties] == ["emr.example.org"]


def test_why_the_sizes_are_not_known_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    why = Failure(FailureKind.LOCAL_RESOURCE, "measure packet size")
    monkeypatch.setattr(client_path, "trace_to", lambda *_args, **_more: SILENT_END)
    monkeypatch.setattr(client_path, "mtu_to", lambda *_args, **_more: why)
    found = client_path.measure(SITE, Seen(way=way()), context())
    assert isinstance(found, Path)
    (mtu,) = found.mtus
    assert (mtu.towards, mtu.role, mtu.sizes, mtu.failure) == ("emr.example.org", "emr", (), why)


@pytest.mark.parametrize("address", ["2001:db8::1", PUBLIC])
def test_the_way_is_traced_by_ipv6_as_well(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked: list[str] = []

    def trace_to(to: str, *_args: object, **_more: object) -> Trace:
        asked.append(to)
        return SILENT_END

    def mtu_to(to: str, *_args: object, **_more: object) -> Mtu:
        asked.append(to)
        return FULL_SIZE

    monkeypatch.setattr(client_path, "trace_to", trace_to)
    monkeypatch.setattr(client_path, "mtu_to", mtu_to)
    assert isinstance(client_path.measure(SITE, Seen(way=way(emr_address=address)), context()), Path)
    assert asked == [address, address]


def test_nothing_found_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Failure(FailureKind.UNSUPPORTED, "trace")
    monkeypatch.setattr(client_path, "trace_to", lambda *_args, **_more: gone)
    monkeypatch.setattr(client_path, "mtu_to", lambda *_args, **_more: gone)
    assert isinstance(client_path.measure(SITE, Seen(way=way()), context()), Failure)


def test_nothing_is_loaded_where_nobody_outside_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def load(*arguments: Any) -> Any:
        asked.append(arguments)
        return DOWNLOAD

    monkeypatch.setattr(download, "measure_with", load)
    dead = replace(way(isp=None, outside=series(WITNESS, None)))
    found = client_download.measure(SITE, Seen(way=dead), context())
    assert isinstance(found, Failure)
    assert asked == []
    assert client_download.measure(SITE, Seen(way=way()), context()) == DOWNLOAD
    assert asked[0][3].cap_bytes <= 15_000_000, "a comparison needs little"
