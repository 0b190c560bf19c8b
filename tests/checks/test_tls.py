"""What is said of the EMR's certificate and protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.tls import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.port import OutsideCertificate
from emrnetcheck.model import Access, Failure, FailureKind, Site
from tests.checks.builders import (
    FINGERPRINT,
    OLD,
    PUBLIC,
    SERVER,
    SITE,
    Row,
    address,
    case,
    codes_of,
    judged,
    limits,
    outside,
    port,
    row,
    tls,
    witness,
)

VPN = replace(SITE, access=Access.VPN)
LAN_ONLY = replace(SITE, access=Access.LAN_ONLY)
TUNNEL = replace(SITE, access=Access.TUNNEL)
OTHER = "cd" * 32
EXPIRED: dict[str, Any] = {"days_left": -0.1, "days_old": 90.1, "not_after": "2026-11-25T03:00:00+00:00"}
FUTURE: dict[str, Any] = {"days_left": 93.0, "days_old": -3.0, "not_before": "2026-11-28T06:00:00+00:00"}
SELF: dict[str, Any] = {
    "self_signed": True,
    "issuer_named": False,
    "trusted": False,
    "issuer_sent": False,
    "chain_length": 1,
}
ALONE: dict[str, Any] = {"trusted": False, "issuer_sent": False, "chain_length": 1}
OWN_AUTHORITY: dict[str, Any] = {**ALONE, "issuer_named": False}
ROUTER: dict[str, Any] = {"names": ("router.local",), "name_matches": False}
BROKEN = Failure(FailureKind.MALFORMED, "read certificate")


def failed(kind: FailureKind, detail: str = "") -> dict[str, Any]:
    return {"failure": Failure(kind, "TLS handshake", f"{SERVER}:8443", detail), "certificate": None, "trusted": None}


def shown(*certificates: OutsideCertificate, site: Site = SITE, dialled: str | None = PUBLIC, **changes: Any) -> Case:
    """What was seen outside, beside what is shown in the office."""
    tries = [replace(outside(True, dialled=dialled), certificate=one) for one in certificates]
    return case(site, port=port(*tries), tls=tls(**changes))


def by_clock(*kinds: FailureKind | None, detail: str = "", **changes: Any) -> Case:
    """What those who tell this office's address over HTTPS did; None: they answered."""
    sources = [
        witness(PUBLIC) if kind is None else replace(witness(None), failure=Failure(kind, "TLS handshake", "x", detail))
        for kind in kinds
    ]
    return case(address=address(*sources, witness(PUBLIC, "stun")), tls=tls(**changes))


SAME = OutsideCertificate(FINGERPRINT, trusted=True)
SAME_REFUSED = OutsideCertificate(FINGERPRINT, trusted=False, error="UNABLE_TO_VERIFY_LEAF_SIGNATURE")
SAME_OTHER_NAME = OutsideCertificate(FINGERPRINT, trusted=False, error="ERR_TLS_CERT_ALTNAME_INVALID")
PROXY = OutsideCertificate(OTHER, trusted=True, names=("*.example.org",))
SOMEONE = OutsideCertificate(OTHER, trusted=False, error="DEPTH_ZERO_SELF_SIGNED_CERT", names=("router.local",))

OUT_OF_DATE = replace(PROXY, trusted=False, error="CERT_HAS_EXPIRED")
BY_ADDRESS = replace(PROXY, trusted=False, error="ERR_TLS_CERT_ALTNAME_INVALID")
CLOCK, LATER = tls().clock, "2026-11-25T06:00:01+00:00"


def replace_address(case_: Case, other: Case) -> Case:
    """The case with what the other one saw of the address."""
    return replace(case_, seen=replace(case_.seen, address=other.seen.address))


def of(site: Site = SITE, **changes: Any) -> Case:
    return case(site, tls=tls(**changes))


def on_loopback(site: Site, *also: str, bind: tuple[str, ...] = ("127.0.0.1", "::1")) -> Case:
    """Plain HTTP on a port that listens on these addresses."""
    return case(site, port=replace(port(), bind=(*bind, *also)), tls=tls(**failed(FailureKind.PLAIN_HTTP)))


TABLE = [
    row("all well", of(), "tls.ok"),
    row("no name in the settings", of(server_name=None, name_matches=None), "tls.ok"),
    row("all well, VPN", of(VPN), "tls.ok"),
    row("expired a moment ago", of(days_left=0.0, days_old=90.0), "tls.expired"),
    row("expired", of(**EXPIRED), "tls.expired"),
    row("expired, for another name, of nobody", of(**EXPIRED, **ROUTER, trusted=False), "tls.expired"),
    row("expired, VPN", of(VPN, **EXPIRED), "tls.expired_inside"),
    row("expired, office only", of(LAN_ONLY, **EXPIRED), "tls.expired_inside"),
    row("not yet valid", of(**FUTURE), "tls.not_yet_valid"),
    row("not yet valid, VPN", of(VPN, **FUTURE), "tls.not_yet_valid_inside"),
    row("valid from this moment on", of(days_left=90.0, days_old=0.0), "tls.ok"),
    row("expired, and the clock is right for others", by_clock(None, **EXPIRED), "tls.expired"),
    row("expired, as all others are", by_clock(FailureKind.TLS_EXPIRED, **EXPIRED), "tls.clock_wrong"),
    row("expired, as one other is", by_clock(FailureKind.TLS_EXPIRED, None, **EXPIRED), "tls.expired"),
    row("expired, and others are silent", by_clock(FailureKind.TIMEOUT, **EXPIRED), "tls.expired"),
    row(
        "in the future, as all others are",
        by_clock(FailureKind.TLS_UNTRUSTED, detail="certificate is not yet valid", **FUTURE),
        "tls.clock_wrong",
    ),
    row("the clock is wrong, but the date fits", by_clock(FailureKind.TLS_EXPIRED), "tls.ok"),
    row("90 days, 18 left", of(days_left=18.0, days_old=72.0), "tls.ok"),
    row("90 days, just under 18 left", of(days_left=17.9, days_old=72.1), "tls.expiring"),
    row("45 days, 9 left", of(days_left=9.0, days_old=36.0), "tls.ok"),
    row("45 days, under 9 left", of(days_left=8.9, days_old=36.1), "tls.expiring"),
    row("6 days, 2 left", of(days_left=2.0, days_old=4.0), "tls.ok"),
    row("6 days, 1 left", of(days_left=1.0, days_old=5.0), "tls.expiring"),
    row("a year, 20 days left", of(days_left=20.0, days_old=345.0), "tls.ok"),
    row("a year, just under 20 days left", of(days_left=19.9, days_old=345.1), "tls.expiring"),
    row(
        "a year, 20 days left, limit 30",
        case(limits("tls", expiring_days=30), tls=tls(days_old=345, days_left=20)),
        "tls.expiring",
    ),
    row(
        "half left, limit a half", case(limits("tls", expiring_share=0.5), tls=tls(days_left=10, days_old=10)), "tls.ok"
    ),
    row("expiring, VPN", of(VPN, days_left=2.0, days_old=88.0), "tls.expiring"),
    row("vouches for itself and expires", of(**SELF, days_left=5.0), "tls.untrusted", "tls.expiring"),
    row("for another name", of(**ROUTER), "tls.name_mismatch"),
    row("for another name, office only", of(LAN_ONLY, **ROUTER), "tls.name_mismatch_inside"),
    row("for no name", of(names=(), names_total=0, common_name=None, name_matches=False), "tls.name_mismatch"),
    row("for a name in the old way", of(names=(), names_total=0, name_matches=False), "tls.name_mismatch"),
    row("for another name, chain not whole", of(**ROUTER, **ALONE), "tls.name_mismatch"),
    row("vouches for itself", of(**SELF), "tls.untrusted"),
    row("vouches for itself, for another name", of(**SELF, **ROUTER), "tls.untrusted"),
    row("vouches for itself, and this computer was told to trust it", of(**SELF | {"trusted": True}), "tls.ok"),
    row("so, and for another name", of(**SELF | {"trusted": True}, **ROUTER), "tls.name_mismatch"),
    row("vouches for itself, VPN", of(VPN, **SELF), "tls.untrusted_inside"),
    row("vouches for itself, tunnel", of(TUNNEL, **SELF), "tls.untrusted_inside"),
    row("of the office's own authority", of(**OWN_AUTHORITY), "tls.untrusted"),
    row("of an unknown authority, sent along", of(trusted=False), "tls.untrusted"),
    row(
        "an authority above has expired",
        of(trusted=False, trust_failure=Failure(FailureKind.TLS_EXPIRED)),
        "tls.untrusted",
    ),
    row("the issuer is not sent", of(**ALONE), "tls.incomplete_chain"),
    row("the issuer is not sent, but known here", of(**ALONE | {"trusted": True}), "tls.ok"),
    row("what is sent cannot be told", of(trusted=False, issuer_sent=None, chain_length=None), "tls.untrusted"),
    row(
        "whether it is trusted was not told",
        of(trusted=None, trust_failure=Failure(FailureKind.TIMEOUT)),
        "tls.unmeasured",
    ),
    row("trust not asked", of(trusted=None), "tls.unmeasured"),
    row("RSA 2048", of(key_type="RSA", key_bits=2048), "tls.ok"),
    row("RSA 2047", of(key_type="RSA", key_bits=2047), "tls.weak_key"),
    row(
        "RSA 3072, limit 4096",
        case(limits("tls", rsa_bits=4096), tls=tls(key_type="RSA", key_bits=3072)),
        "tls.weak_key",
    ),
    row("EC 224", of(key_bits=224), "tls.weak_key"),
    row("EC 256, limit 384", case(limits("tls", ec_bits=384), tls=tls()), "tls.weak_key"),
    row("EdDSA", of(key_type="EdDSA", key_bits=None, signature_hash=None), "tls.ok"),
    row("DSA", of(key_type="DSA", key_bits=3072), "tls.weak_key"),
    row("an unknown kind of key", of(key_type="unknown", key_bits=None), "tls.ok"),
    row("SHA-1", of(signature_hash="sha1"), "tls.weak_key"),
    row("MD5", of(signature_hash="md5"), "tls.weak_key"),
    row("SHA-1 by itself", of(**SELF, signature_hash="sha1"), "tls.untrusted"),
    row("weak, and vouches for itself", of(**SELF, key_type="RSA", key_bits=1024), "tls.untrusted", "tls.weak_key"),
    row("only TLS 1.0", of(protocol="TLSv1", only_old=True), "tls.old_protocol"),
    row("only TLS 1.1, VPN", of(VPN, protocol="TLSv1.1", only_old=True), "tls.old_protocol"),
    row("TLS 1.2 with broken ciphers", of(protocol="TLSv1.2", cipher="RC4-MD5", only_old=True), "tls.old_protocol"),
    row("only TLS 1.0, expired", of(only_old=True, **EXPIRED), "tls.old_protocol", "tls.expired"),
    row("TLS 1.1 still on", of(old_version="TLSv1.1"), "tls.ok", "tls.old_protocol_allowed"),
    row("TLS 1.1 still on, expired", of(old_version="TLSv1.1", **EXPIRED), "tls.expired", "tls.old_protocol_allowed"),
    row("old versions could not be asked", of(old_failure=Failure(FailureKind.TIMEOUT)), "tls.ok"),
    row("plain HTTP", of(**failed(FailureKind.PLAIN_HTTP)), "tls.plain_http"),
    row("plain HTTP, VPN", of(VPN, **failed(FailureKind.PLAIN_HTTP)), "tls.plain_http_inside"),
    row("plain HTTP, office only", of(LAN_ONLY, **failed(FailureKind.PLAIN_HTTP)), "tls.plain_http_inside"),
    row("plain HTTP on loopback, tunnel", on_loopback(TUNNEL), "tls.plain_http_loopback"),
    row("plain HTTP on loopback, VPN", on_loopback(VPN), "tls.plain_http_loopback"),
    row("plain HTTP on loopback, office only", on_loopback(LAN_ONLY), "tls.plain_http_inside"),
    row("plain HTTP on loopback, direct", on_loopback(SITE), "tls.plain_http"),
    row("plain HTTP on loopback and elsewhere, tunnel", on_loopback(TUNNEL, SERVER), "tls.plain_http_inside"),
    row("plain HTTP, where it listens is not known, tunnel", on_loopback(TUNNEL, bind=()), "tls.plain_http_inside"),
    row("wants a certificate", of(wants_certificate=True), "tls.ok", "tls.wants_certificate"),
    row("wants a certificate, expired", of(wants_certificate=True, **EXPIRED), "tls.expired", "tls.wants_certificate"),
    row("an SSH server", of(**failed(FailureKind.NOT_TLS, "SSH-2.0-OpenSSH_9.2")), "tls.not_tls"),
    row("something that says nothing readable", of(**failed(FailureKind.NOT_TLS)), "tls.not_tls"),
    row("no version in common", of(**failed(FailureKind.TLS_PROTOCOL)), "tls.handshake_fails"),
    row(
        "wants a certificate, and shows none",
        of(**failed(FailureKind.TLS_CERTIFICATE_WANTED)),
        "tls.certificate_wanted",
    ),
    row("cut", of(**failed(FailureKind.RESET)), "tls.handshake_fails"),
    row("nonsense", of(**failed(FailureKind.MALFORMED)), "tls.handshake_fails"),
    row("silent", of(**failed(FailureKind.TIMEOUT)), "tls.unmeasured"),
    row("not there any more", of(**failed(FailureKind.REFUSED)), "tls.unmeasured"),
    row("a certificate that cannot be read", of(certificate=None, certificate_failure=BROKEN), "tls.unmeasured"),
    row("no certificate", of(certificate=None), "tls.unmeasured"),
    row("the same outside", shown(SAME), "tls.ok"),
    row("the same outside, refused there", shown(SAME_REFUSED), "tls.ok", "tls.outside_untrusted"),
    row("refused inside and outside", shown(SAME_REFUSED, **ALONE), "tls.incomplete_chain"),
    row("outside dialled by address", shown(SAME_OTHER_NAME), "tls.ok"),
    row("another name inside and outside", shown(SAME_OTHER_NAME, **ROUTER), "tls.name_mismatch"),
    row("a proxy outside", shown(PROXY), "tls.ok", "tls.differs_outside"),
    row(
        "a proxy in front of one that vouches for itself",
        shown(PROXY, **SELF),
        "tls.untrusted_inside",
        "tls.differs_outside",
    ),
    row("somebody else outside", shown(SOMEONE), "tls.ok", "tls.outside_untrusted"),
    row("somebody else outside, self-signed inside", shown(SOMEONE, **SELF), "tls.untrusted", "tls.outside_untrusted"),
    row("somebody else outside, VPN", shown(SOMEONE, site=VPN), "tls.ok", "tls.differs_outside"),
    row("somebody else outside, by address", shown(BY_ADDRESS), "tls.ok", "tls.differs_outside"),
    row("an expired one outside", shown(replace(PROXY, expires_at=CLOCK)), "tls.ok", "tls.outside_expired"),
    row("one in date outside", shown(replace(PROXY, expires_at=LATER)), "tls.ok", "tls.differs_outside"),
    row("its end cannot be read", shown(replace(PROXY, expires_at="soon")), "tls.ok", "tls.differs_outside"),
    row("expired as they say outside", shown(OUT_OF_DATE), "tls.ok", "tls.outside_expired"),
    row("expired outside, VPN", shown(OUT_OF_DATE, site=VPN), "tls.ok", "tls.differs_outside"),
    row("one sees an expired one", shown(SAME, OUT_OF_DATE), "tls.ok", "tls.outside_expired"),
    row(
        "expired by a clock that is wrong",
        replace_address(shown(replace(PROXY, expires_at=CLOCK)), by_clock(FailureKind.TLS_EXPIRED)),
        "tls.ok",
        "tls.differs_outside",
    ),
    row("another place was dialled", shown(SOMEONE, dialled=OLD), "tls.ok"),
    row("one sees a proxy, one the server", shown(PROXY, SAME, **SELF), "tls.untrusted", "tls.differs_outside"),
    row("outside it was not told whether it is trusted", shown(replace(SAME, trusted=None)), "tls.ok"),
    row("the port was not measured", case(port=None), "tls.ok"),
    row(
        "the public address is not known",
        case(address=None, port=port(replace(outside(True), certificate=SOMEONE))),
        "tls.ok",
        "tls.outside_untrusted",
    ),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_tls_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


def said(case_: Case) -> str:
    finding = judged(CHECK, case_)[0]
    return CHECK.codes[finding.code].summary.format_map(finding.facts)


@pytest.mark.parametrize(
    ("case_", "words"),
    [
        (of(**EXPIRED), "expired on 2026-11-25. This computer's clock says 2026-11-25 06:00"),
        (of(**ROUTER), "not for emr.example.org, but for router.local."),
        (of(names=(), names_total=0, name_matches=False), "emr.example.org (by its common name only)"),
        (of(names=("a.b", "c.d", "e.f", "g.h"), names_total=900, name_matches=False), "a.b, c.d, e.f and 897 more"),
        (of(**failed(FailureKind.NOT_TLS, "SSH-2.0-x")), 'no TLS (it says "SSH-2.0-x").'),
        (of(**failed(FailureKind.NOT_TLS)), "no TLS."),
        (of(protocol="TLSv1", only_old=True), "speaks only TLSv1,"),
        (of(protocol="TLSv1.2", cipher="RC4-MD5", only_old=True), "speaks only TLSv1.2 with RC4-MD5,"),
        (of(**OWN_AUTHORITY), "its issuer (Let's Encrypt, R11) is not known"),
    ],
)
def test_the_sentence_names_what_was_seen(case_: Case, words: str) -> None:
    assert words in said(case_)


INSIDE = sorted(code for code in CHECK.codes if code.endswith(("_inside", "_loopback")))


@pytest.mark.parametrize("code", INSIDE)
def test_what_is_said_inside_is_true_there(code: str) -> None:
    """A tunnel and a VPN protect what is on the way; and who comes by a tunnel sees its certificate, not this one."""
    said_ = CHECK.codes[code]
    for wrong in ("on the way", "warn everybody", "warns everybody", "forward"):
        assert wrong not in said_.advice + said_.why


@pytest.mark.parametrize("code", sorted(code for code in CHECK.codes if code.endswith("_inside")))
def test_what_is_inside_matters_less(code: str) -> None:
    order = ["notice", "warn", "fail"]
    assert order.index(CHECK.codes[code].severity) < order.index(CHECK.codes[code.removesuffix("_inside")].severity)
