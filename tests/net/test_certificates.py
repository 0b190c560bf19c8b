"""Is a certificate read rightly, and is a hostile one read without harm?"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import certificates
from emrnetcheck.net.certificates import Read, is_for, issuer_sent, read
from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.plan import EmrCertificate as Kind

NAME = "emr.example.org"
NOW = dt.datetime(2026, 11, 25, 6, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEY = ec.generate_private_key(ec.SECP256R1())


def made(
    *names: x509.GeneralName,
    key: Any = KEY,
    common_name: str | None = NAME,
    begins: dt.datetime = NOW - 30 * DAY,
    ends: dt.datetime = NOW + 60 * DAY,
) -> bytes:
    """A certificate that signs itself."""
    attributes = [] if common_name is None else [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    subject = x509.Name(attributes)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begins).not_valid_after(ends)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.DER)


def facts(der: bytes, now: dt.datetime = NOW) -> Read:
    said = read(der, now)
    assert isinstance(said, Read), said
    return said


def sent(pair: tuple[Path, Path]) -> list[bytes]:
    """The certificates in a file, as a server sends them."""
    ends = "-----END CERTIFICATE-----\n"
    return [ssl.PEM_cert_to_DER_cert(text + ends) for text in pair[0].read_text().split(ends) if text.strip()]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


def test_the_facts_of_one() -> None:
    said = facts(made(x509.DNSName(NAME), x509.DNSName("*.example.org"), x509.IPAddress(ipaddress.ip_address("::1"))))
    assert (said.names, said.names_total) == ((NAME, "*.example.org", "::1"), 3)
    assert (said.not_before, said.not_after) == ("2026-10-26T06:00:00+00:00", "2027-01-24T06:00:00+00:00")
    assert (said.days_left, said.days_old) == (60.0, 30.0)
    assert (said.self_signed, said.common_name, said.issuer) == (True, NAME, NAME)
    assert (said.key_type, said.key_bits, said.signature_hash) == ("EC", 256, "sha256")


@pytest.mark.parametrize(
    ("kind", "self_signed", "issuer_named", "key"),
    [
        (Kind.RIGHT, False, True, ("EC", 256)),
        (Kind.SELF_SIGNED, True, False, ("EC", 256)),
        (Kind.UNKNOWN_AUTHORITY, False, False, ("EC", 256)),
        (Kind.WEAK_KEY, False, True, ("RSA", 1024)),
    ],
)
def test_by_whom_and_with_what(
    authority: Authority, tmp_path: Path, kind: Kind, self_signed: bool, issuer_named: bool, key: tuple[str, int]
) -> None:
    said = facts(sent(issue(kind, [NAME], authority, tmp_path))[0], dt.datetime.now(dt.UTC))
    assert (said.self_signed, said.issuer_named, (said.key_type, said.key_bits)) == (self_signed, issuer_named, key)
    assert said.is_authority is False


@pytest.mark.parametrize(
    ("kind", "whole"), [(Kind.WHOLE_CHAIN, True), (Kind.INCOMPLETE_CHAIN, False), (Kind.RIGHT, False)]
)
def test_whether_the_issuer_is_sent(authority: Authority, tmp_path: Path, kind: Kind, whole: bool) -> None:
    chain = sent(issue(kind, [NAME], authority, tmp_path))
    assert issuer_sent(chain) is whole
    assert issuer_sent([chain[0], b"broken", *chain[1:]]) is whole
    assert issuer_sent([chain[0], chain[0]]) is False


def test_an_issuer_by_name_alone_is_none(authority: Authority, tmp_path: Path) -> None:
    own = sent(issue(Kind.RIGHT, [NAME], authority, tmp_path))[0]
    impostor = sent((Authority.create(tmp_path / "other").certificate_path, tmp_path))[0]
    assert issuer_sent([own, impostor]) is False
    assert issuer_sent([]) is False
    assert issuer_sent([b"broken", impostor]) is False


def test_other_keys_are_told_apart() -> None:
    assert facts(made(key=ed25519.Ed25519PrivateKey.generate())).key_type == "EdDSA"
    assert facts(made(key=ed25519.Ed25519PrivateKey.generate())).signature_hash is None
    assert facts(made(key=dsa.generate_private_key(1024))).key_type == "DSA"
    assert facts(made(key=rsa.generate_private_key(65537, 1024))).key_bits == 1024


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        ([NAME], NAME, True),
        ([NAME], "EMR.Example.ORG.", True),
        ([NAME], "example.org", False),
        (["*.example.org"], NAME, True),
        (["*.example.org"], "a.emr.example.org", False),
        (["*.example.org"], "example.org", False),
        (["*.org"], "example.org", False),
        (["*"], "example", False),
        (["e*.example.org"], NAME, False),
        (["emr.*.org"], NAME, False),
        (["192.168.1.10"], "192.168.1.10", False),  # a name that looks like an address is none
        ([], NAME, False),
    ],
)
def test_for_whom_it_is(names: list[str], host: str, fits: bool) -> None:
    assert is_for(made(*map(x509.DNSName, names)), host) is fits


@pytest.mark.parametrize(("host", "fits"), [("192.168.1.10", True), ("192.168.1.11", False), ("::1", False)])
def test_for_which_address_it_is(host: str, fits: bool) -> None:
    assert is_for(made(x509.IPAddress(ipaddress.ip_address("192.168.1.10"))), host) is fits


def test_what_is_no_certificate_is_for_nobody() -> None:
    assert is_for(b"", NAME) is False
    assert is_for(b"\x30\x00", "192.168.1.10") is False


def test_a_thousand_names_are_counted_and_cut() -> None:
    said = facts(made(*[x509.DNSName(f"host-{number}.example.org") for number in range(1000)]))
    assert (len(said.names), said.names_total) == (certificates.NAMES_MAX, 1000)


def test_nothing_that_moves_a_cursor_is_kept() -> None:
    said = facts(made(x509.DNSName("a\x1b[2Jb\r\n.example.org"), common_name="x\x1b]0;evil\x07\u202e" + "y" * 40))
    for text in (*said.names, said.common_name or "", said.issuer):
        assert not any(ord(char) < 32 or ord(char) in (127, 0x202E) for char in text)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (dt.datetime(1950, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        (dt.datetime(1950, 1, 1, tzinfo=dt.UTC), dt.datetime(1950, 1, 2, tzinfo=dt.UTC)),
        (dt.datetime(9999, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, tzinfo=dt.UTC)),
    ],
)
def test_absurd_dates_are_dates(begins: dt.datetime, ends: dt.datetime) -> None:
    said = facts(made(x509.DNSName(NAME), begins=begins, ends=ends))
    assert said.not_after.startswith(str(ends.year))
    assert said.days_left + said.days_old >= 1


def test_too_large_is_not_read() -> None:
    said = read(b"\x30\x83\x10\x00\x00" + bytes(0x100000), NOW)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


def _harmless(der: bytes) -> None:
    said = read(der, NOW)
    if isinstance(said, Failure):
        assert said.kind is FailureKind.MALFORMED
    else:
        assert all(len(name) <= 100 for name in said.names)
    assert issuer_sent([der, der]) in (True, False)
    assert is_for(der, NAME) in (True, False)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(der: bytes) -> None:
    _harmless(der)


WHOLE = made(x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("192.168.1.10")), x509.RFC822Name("a@example.org"))


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_certificate_with_wrong_bytes_is_read_or_malformed(changes: list[tuple[int, int]]) -> None:
    der = bytearray(WHOLE)
    for place, value in changes:
        der[place] = value
    _harmless(bytes(der))


@pytest.mark.parametrize("place", range(len(WHOLE)))
def test_each_byte_may_be_wrong(place: int) -> None:
    for value in (0x00, 0x7F, 0xFF, WHOLE[place] ^ 1):
        _harmless(WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :])
    _harmless(WHOLE[:place])
