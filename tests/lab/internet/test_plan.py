"""The pure parts of the lab's Internet: its plan, addresses, documents and the arithmetic of the sink's slots."""

from __future__ import annotations

import datetime as dt
import ipaddress
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from tests.lab.internet import (
    ADDRESSES,
    SLOT_S,
    InternetPlan,
    Resolver,
    Slot,
    ZoneServer,
    bytes_between,
    goodput_mbps,
    slots,
)
from tests.lab.internet.certificates import Authority
from tests.lab.internet.speedtest_net import configuration_xml, picture_bytes, servers_xml

T0 = 1_000.0
STEADY = [Slot(SLOT_S * n, T0 + SLOT_S * n, {"a": 1000, "b": 500}) for n in range(100)]


def test_addresses_are_distinct_and_look_public() -> None:
    assert len(set(ADDRESSES)) == len(ADDRESSES)
    assert all(ipaddress.ip_address(address).is_global for address in ADDRESSES)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: InternetPlan(hostname="emr.example.org"),
        lambda: InternetPlan(ns1=ZoneServer.LAGGING),
        lambda: InternetPlan(resolvers={"4.4.4.4": Resolver()}),
    ],
)
def test_plan_that_cannot_be_built_is_refused(wrong: Callable[[], InternetPlan]) -> None:
    with pytest.raises(ValueError, match=r"dyn\.example\.org|primary|no resolver"):
        wrong()


@pytest.mark.parametrize(
    ("start_s", "end_s", "server", "expected"),
    [
        (0.0, 1.0, None, 150_000),
        (0.0, 1.0, "a", 100_000),
        (0.0, 1.0, "unknown", 0),
        (0.005, 0.015, "a", 1000),
        (0.002, 0.004, "a", 200),
        (-5.0, 0.01, "b", 500),
        (2.0, 3.0, None, 0),
    ],
)
def test_window_counts_slots_by_the_share_inside(
    start_s: float, end_s: float, server: str | None, expected: float
) -> None:
    assert bytes_between(STEADY, T0 + start_s, T0 + end_s, server=server) == pytest.approx(expected)


def test_goodput_is_bits_per_second() -> None:
    assert goodput_mbps(STEADY, T0 + 0.1, T0 + 0.9) == pytest.approx(1.2)
    with pytest.raises(ValueError, match="ends before"):
        goodput_mbps(STEADY, T0, T0)


def test_slots_are_written_when_over_and_the_newest_tells_how_far_the_file_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "slots"
    counter = slots.SlotCounter(path)
    counter.add("a", 5)
    counter.add("a", 6)
    threading.Thread(target=counter.write_forever, daemon=True).start()
    added_s = time.monotonic()
    while not (found := slots.load(path)) or found[-1].start_monotonic_s + SLOT_S < added_s:
        assert time.monotonic() < added_s + 5
        time.sleep(SLOT_S)
    assert sum(slot.total("a") for slot in found) == 11
    assert found[-1].start_monotonic_s <= time.monotonic()


def test_slots_are_read_without_the_line_that_is_still_being_written(tmp_path: Path) -> None:
    path = tmp_path / "slots"
    assert slots.load(path) == []
    path.write_text('[1.0, 2.0, {"a": 3}]\n[1.05, 2.0')
    assert slots.load(path) == [Slot(1.0, 2.0, {"a": 3})]


def test_speedtest_documents_are_xml_with_what_clients_read() -> None:
    configuration = ET.fromstring(configuration_xml("21.99.0.10").encode())
    client, upload = configuration.find("client"), configuration.find("upload")
    assert client is not None
    assert upload is not None
    assert client.attrib["ip"] == "21.99.0.10"
    assert (upload.attrib["ratio"], upload.attrib["maxchunkcount"]) == ("5", "50")
    assert [server.attrib["id"] for server in ET.fromstring(servers_xml().encode()).iter("server")] == ["1001", "1002"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("random350x350.jpg", 245_388), ("random350x500.jpg", None), ("random7x7.jpg", None), ("x.jpg", None)],
)
def test_picture_sizes(path: str, expected: int | None) -> None:
    assert picture_bytes(path) == expected


def test_authority_issues_for_names_and_addresses_also_expired_ones(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    path, key_path = authority.issue(["emr.dyn.example.org", "21.99.0.10"], tmp_path, valid_for=dt.timedelta(days=-3))
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["emr.dyn.example.org"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("21.99.0.10")]
    assert certificate.not_valid_after_utc < dt.datetime.now(dt.UTC)
    assert key_path.stat().st_mode & 0o077 == 0
