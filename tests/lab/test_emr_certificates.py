"""Is each certificate of the lab what it says, by openssl, which neither the lab nor the program is made with?

Needs no namespaces: the files alone are looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.plan import EmrCertificate as Kind

NAME = "emr.example.org"
OPENSSL = shutil.which("openssl") or ""
pytestmark = pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")
DAY_S = 86_400

# X509_V_ERR numbers of OpenSSL (x509_vfy.h); 0: it is in order.
RIGHT, NO_ISSUER, NOT_YET, EXPIRED, SELF, NAME_DIFFERS, KEY_TOO_SMALL = 0, 20, 9, 10, 18, 62, 66
VERIFIED = {
    Kind.RIGHT: RIGHT,
    Kind.WHOLE_CHAIN: RIGHT,
    Kind.EXPIRING: RIGHT,
    Kind.EXPIRED: EXPIRED,
    Kind.NOT_YET_VALID: NOT_YET,
    Kind.WRONG_NAME: NAME_DIFFERS,
    Kind.SELF_SIGNED: SELF,
    Kind.UNKNOWN_AUTHORITY: NO_ISSUER,
    Kind.INCOMPLETE_CHAIN: NO_ISSUER,
    Kind.WEAK_KEY: KEY_TOO_SMALL,
}


def openssl(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([OPENSSL, *words], capture_output=True, text=True, check=False, timeout=30)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


def verified(authority: Authority, certificate: Path) -> int:
    """The first fault that openssl finds; what is sent beside the server's own is there for it, but not trusted."""
    asked = ("-auth_level", "2", "-verify_hostname", NAME, "-no-CApath", "-CAfile", authority.certificate_path)
    found = openssl("verify", *asked, "-untrusted", certificate, certificate)
    fault = re.search(r"^error (\d+) at", found.stdout + found.stderr, re.MULTILINE)
    assert (found.returncode == 0) is (fault is None), found
    return int(fault.group(1)) if fault else RIGHT


def runs_out_within(certificate: Path, days: int) -> bool:
    return openssl("x509", "-in", certificate, "-noout", "-checkend", str(days * DAY_S)).returncode == 1


@pytest.mark.parametrize("kind", Kind)
def test_openssl_finds_the_fault_and_no_other(authority: Authority, tmp_path: Path, kind: Kind) -> None:
    certificate, key = issue(kind, [NAME], authority, tmp_path)
    assert verified(authority, certificate) == VERIFIED[kind]
    of_key = openssl("pkey", "-in", key, "-pubout").stdout
    assert openssl("x509", "-in", certificate, "-noout", "-pubkey").stdout == of_key != ""


@pytest.mark.parametrize("kind", Kind)
def test_openssl_reads_the_same_dates_names_and_key(authority: Authority, tmp_path: Path, kind: Kind) -> None:
    certificate, _ = issue(kind, [NAME], authority, tmp_path)
    text = openssl("x509", "-in", certificate, "-noout", "-text").stdout
    assert f"DNS:{'www.other-clinic.example' if kind is Kind.WRONG_NAME else NAME}" in text
    assert ("Public-Key: (1024 bit)" in text) is (kind is Kind.WEAK_KEY)
    assert ("Public-Key: (256 bit)" in text) is (kind is not Kind.WEAK_KEY)
    assert ("CA Issuers - URI:" in text) is (kind not in (Kind.SELF_SIGNED, Kind.UNKNOWN_AUTHORITY))
    least, most = {Kind.EXPIRING: (9, 11), Kind.EXPIRED: (-1, 0)}.get(kind, (59, 61))
    assert runs_out_within(certificate, most)
    assert least < 0 or not runs_out_within(certificate, least)


@pytest.mark.parametrize("kind", Kind)
def test_only_a_whole_chain_has_two_certificates(authority: Authority, tmp_path: Path, kind: Kind) -> None:
    certificate, _ = issue(kind, [NAME], authority, tmp_path)
    assert certificate.read_text().count("BEGIN CERTIFICATE") == (2 if kind is Kind.WHOLE_CHAIN else 1)
