"""Classes of addresses, the vote of the witnesses, and that evidence is whole and frozen."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import get_args

import pytest

from emrnetcheck.evidence import EVIDENCE_NAMES, Evidence, Seen, need
from emrnetcheck.evidence.address import agreed_address
from emrnetcheck.evidence.address_class import AddressClass, address_class
from tests.checks.builders import HEALTHY, OLD, OPINION, PUBLIC, WEAR, client, lan_load, witness
from tests.checks.client_builders import CLIENT_SEEN, CLINIC, LAST_ROUTERS

CLASSES = [
    ("8.8.8.8", AddressClass.PUBLIC),
    ("10.0.0.0", AddressClass.PRIVATE),
    ("10.255.255.255", AddressClass.PRIVATE),
    ("9.255.255.255", AddressClass.PUBLIC),
    ("11.0.0.0", AddressClass.PUBLIC),
    ("172.15.255.255", AddressClass.PUBLIC),
    ("172.16.0.0", AddressClass.PRIVATE),
    ("172.31.255.255", AddressClass.PRIVATE),
    ("172.32.0.0", AddressClass.PUBLIC),
    ("192.167.255.255", AddressClass.PUBLIC),
    ("192.168.0.0", AddressClass.PRIVATE),
    ("192.168.255.255", AddressClass.PRIVATE),
    ("192.169.0.0", AddressClass.PUBLIC),
    ("100.63.255.255", AddressClass.PUBLIC),
    ("100.64.0.0", AddressClass.CGNAT),
    ("100.127.255.255", AddressClass.CGNAT),
    ("100.128.0.0", AddressClass.PUBLIC),
    ("192.0.0.0", AddressClass.DSLITE),
    ("192.0.0.7", AddressClass.DSLITE),
    ("192.0.0.8", AddressClass.RESERVED),
    ("192.0.0.255", AddressClass.RESERVED),
    ("192.0.1.0", AddressClass.PUBLIC),
    ("192.88.99.1", AddressClass.TUNNEL),
    ("192.88.98.255", AddressClass.PUBLIC),
    ("198.17.255.255", AddressClass.PUBLIC),
    ("198.20.0.0", AddressClass.PUBLIC),
    ("223.255.255.255", AddressClass.PUBLIC),
    ("127.0.1.1", AddressClass.LOOPBACK),
    ("169.254.0.1", AddressClass.LINK_LOCAL),
    ("203.0.113.7", AddressClass.DOCUMENTATION),
    ("198.51.100.7", AddressClass.DOCUMENTATION),
    ("192.0.2.7", AddressClass.DOCUMENTATION),
    ("198.19.255.255", AddressClass.DOCUMENTATION),
    ("0.0.0.0", AddressClass.RESERVED),
    ("224.0.0.1", AddressClass.RESERVED),
    ("240.0.0.1", AddressClass.RESERVED),
    ("255.255.255.255", AddressClass.RESERVED),
    ("::1", AddressClass.LOOPBACK),
    ("::", AddressClass.RESERVED),
    ("fe80::1", AddressClass.LINK_LOCAL),
    ("fd00::1", AddressClass.PRIVATE),
    ("2606:4700::1", AddressClass.PUBLIC),
    ("2001:db8::1", AddressClass.DOCUMENTATION),
    ("2001:0:1::1", AddressClass.TUNNEL),
    ("2002:1::1", AddressClass.TUNNEL),
    ("64:ff9b::808:808", AddressClass.NAT64),
    ("64:ff9b:0:0:0:1::", AddressClass.RESERVED),
    ("64:ff9b:1::808:808", AddressClass.NAT64),
    ("64:ff9b:2::1", AddressClass.RESERVED),
    ("2001:1:ffff::1", AddressClass.RESERVED),
    ("2001:2:0:1::1", AddressClass.DOCUMENTATION),
    ("2001:20::1", AddressClass.RESERVED),
    ("2001:200::1", AddressClass.PUBLIC),
    ("3fff:fff::1", AddressClass.DOCUMENTATION),
    ("3fff:1000::1", AddressClass.PUBLIC),
    ("3ffe::1", AddressClass.PUBLIC),
    ("4000::1", AddressClass.RESERVED),
    ("::8.8.8.8", AddressClass.RESERVED),
    ("100::1", AddressClass.RESERVED),
    ("fec0::1", AddressClass.RESERVED),
    ("fdff:ffff::1", AddressClass.PRIVATE),
    ("fe00::1", AddressClass.RESERVED),
    ("febf::1", AddressClass.LINK_LOCAL),
    ("::ffff:100.64.0.1", AddressClass.CGNAT),
    ("ff02::1", AddressClass.RESERVED),
    ("::ffff:192.168.1.1", AddressClass.PRIVATE),
    ("::ffff:8.8.8.8", AddressClass.PUBLIC),
    ("fe80::1%eth0", AddressClass.LINK_LOCAL),
    ("", AddressClass.INVALID),
    ("192.168.1", AddressClass.INVALID),
    ("192.168.001.1", AddressClass.INVALID),
    ("emr.example.org", AddressClass.INVALID),
]


@pytest.mark.parametrize(("text", "kind"), CLASSES, ids=[text or "empty" for text, _kind in CLASSES])
def test_the_class_of_an_address(text: str, kind: AddressClass) -> None:
    assert address_class(text) is kind


@pytest.mark.parametrize(
    ("told", "agreed"),
    [
        ([], None),
        ([None], None),
        ([PUBLIC], PUBLIC),
        ([PUBLIC, None], PUBLIC),
        ([PUBLIC, OLD], None),
        ([PUBLIC, OLD, PUBLIC], PUBLIC),
        ([OLD, PUBLIC, PUBLIC], PUBLIC),
        ([PUBLIC, OLD, PUBLIC, OLD], None),
    ],
)
def test_what_the_witnesses_agree_on(told: list[str | None], agreed: str | None) -> None:
    assert agreed_address(tuple(witness(address) for address in told)) == agreed


def test_every_kind_of_evidence_has_its_place() -> None:
    whole = replace(HEALTHY, second_opinion=OPINION, ddns_client=client(), lan_load=lan_load(), wear=WEAR)
    from_elsewhere = replace(CLIENT_SEEN, clinic=CLINIC, last_routers=LAST_ROUTERS)
    found = [getattr(whole, name) or getattr(from_elsewhere, name) for name in EVIDENCE_NAMES]
    assert {type(each) for each in found} == set(get_args(Evidence))
    assert all(getattr(Seen(), name) is None for name in EVIDENCE_NAMES)


@pytest.mark.parametrize("kind", get_args(Evidence), ids=lambda kind: kind.__name__)
def test_evidence_is_frozen_and_names_each_field_once(kind: type) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert len({item.name for item in fields(kind)}) == len(fields(kind))


def test_needed_evidence_that_is_missing_is_a_bug() -> None:
    assert need(HEALTHY.link) is HEALTHY.link
    with pytest.raises(LookupError):
        need(None)
