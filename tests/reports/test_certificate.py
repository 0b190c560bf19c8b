"""Does the long report tell what an IT helper needs to know of a certificate?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import OutsideCertificate
from emrnetcheck.evidence.tls import Tls
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports.certificate import certificate_lines
from tests.checks.builders import FINGERPRINT, outside, port, tls

TIMEOUT = Failure(FailureKind.TIMEOUT, "old TLS")


def text(seen: Seen) -> str:
    return "\n".join(f"{line.lead}{line.text}" for line in certificate_lines(seen))


def test_a_certificate_in_order() -> None:
    assert text(Seen(tls=tls())).splitlines() == [
        "tls: 192.168.1.10 port 8443, asked for emr.example.org: TLSv1.3 with TLS_AES_256_GCM_SHA384, 4.0 ms",
        "tls: TLS 1.1 and older: refused",
        "tls: for emr.example.org, by Let's Encrypt, R11",
        (
            "tls: valid from 2026-10-26T06:00:00+00:00 to 2027-01-24T06:00:00+00:00, 60.0 days left; "
            "key EC 256, signed with sha256"
        ),
        "tls: trusted here: yes; for that name: yes; certificates sent: 2",
        f"tls: SHA-256 {FINGERPRINT}, by this computer's clock of 2026-11-25T06:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (tls(failure=Failure(FailureKind.PLAIN_HTTP), certificate=None), "it speaks HTTP without TLS"),
        (tls(server_name=None, name_matches=None), "asked for no name"),
        (tls(only_old=True, protocol="TLSv1"), "only when old versions were offered"),
        (tls(old_version="TLSv1.1"), "TLS 1.1 and older: TLSv1.1"),
        (tls(old_failure=TIMEOUT), "TLS 1.1 and older: not known (no answer in time"),
        (tls(names=tuple("abcdef"), names_total=30), "for a, b, c, d, e and 25 more"),
        (tls(names=(), names_total=0), "for nobody (common name emr.example.org)"),
        (tls(self_signed=True), "by itself"),
        (tls(issuer=""), "by nobody that it names"),
        (tls(key_type="EdDSA", key_bits=None, signature_hash=None), "key EdDSA"),
        (tls(trusted=False, trust_failure=Failure(FailureKind.TLS_UNTRUSTED)), "no (the certificate is not trusted)"),
        (tls(trusted=None, chain_length=None), "trusted here: not known; for that name: yes; certificates sent: not"),
        (tls(certificate=None, certificate_failure=Failure(FailureKind.MALFORMED)), "the answer makes no sense"),
    ],
)
def test_what_is_odd_is_told(seen: Tls, words: str) -> None:
    assert words in text(Seen(tls=seen))


def test_what_is_seen_outside_is_compared() -> None:
    other = OutsideCertificate("cd" * 32, trusted=False, error="CERT_HAS_EXPIRED")
    tries = [replace(outside(True), certificate=one) for one in (OutsideCertificate(FINGERPRINT), other, None)]
    lines = text(Seen(port=port(*tries), tls=tls())).splitlines()[-2:]
    assert f"the same certificate, SHA-256 {FINGERPRINT}, trusted there: not known" in lines[0]
    assert "another certificate, SHA-256 cdcd" in lines[1]
    assert lines[1].endswith("trusted there: no (CERT_HAS_EXPIRED)")


def test_nothing_seen_is_nothing_said() -> None:
    assert text(Seen()) == ""
