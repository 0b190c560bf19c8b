"""Is every server seen as what it is: with new TLS, with old, with a bad certificate, with no TLS, with malice?"""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import tls
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.tls_contexts import looking
from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.plan import EmrCertificate as Kind
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port, tcp_server
from tests.tls_servers import Pair, saying, saying_once, tls_server

NAME = "emr.example.org"
HTTP_400 = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


def made(kind: Kind, authority: Authority, folder: Path, name: str = NAME) -> Pair:
    return issue(kind, [name], authority, folder)


def look(port: int, *, oldest: bool = False, timeout_s: float = 5.0) -> tls.TlsSeen | Failure:
    return tls.look(LOOPBACK, port, server_name=NAME, timeout_s=timeout_s, oldest=oldest)


def kind_of(outcome: object) -> FailureKind | None:
    return outcome.kind if isinstance(outcome, Failure) else None


def test_a_server_of_today_is_seen_with_its_own_certificate(authority: Authority, tmp_path: Path) -> None:
    pair = made(Kind.RIGHT, authority, tmp_path)
    with tls_server(pair) as port:
        seen = look(port)
    assert isinstance(seen, tls.TlsSeen)
    own = ssl.PEM_cert_to_DER_cert(pair[0].read_text())
    assert (seen.protocol, seen.chain_der[0]) == ("TLSv1.3", own)
    assert seen.fingerprint_sha256 == hashlib.sha256(own).hexdigest()
    assert seen.cipher.startswith("TLS_")
    assert seen.connect_ms > 0
    assert seen.handshake_ms > 0


@pytest.mark.parametrize(("kind", "length"), [(Kind.INCOMPLETE_CHAIN, 1), (Kind.WHOLE_CHAIN, 2)])
def test_the_chain_is_seen_as_it_was_sent(authority: Authority, tmp_path: Path, kind: Kind, length: int) -> None:
    with tls_server(made(kind, authority, tmp_path)) as port:
        seen = look(port)
    assert isinstance(seen, tls.TlsSeen)
    assert seen.chain_whole
    assert len(seen.chain_der) == length


def test_a_python_that_cannot_show_the_chain_says_so(authority: Authority, tmp_path: Path) -> None:
    class Opaque:
        def getpeercert(self, binary_form: bool) -> bytes:
            return b"own"

        def version(self) -> str:
            return "TLSv1.3"

        def cipher(self) -> None:
            return None

    seen = tls._seen(Opaque(), 1.0, 2.0)  # type: ignore[arg-type]
    assert (seen.chain_der, seen.chain_whole) == ((b"own",), False)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_server_is_seen_only_when_old_versions_are_offered(
    authority: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    with tls_server(made(Kind.RIGHT, authority, tmp_path), newest=version) as port:
        assert kind_of(look(port)) is FailureKind.TLS_PROTOCOL
        seen = look(port, oldest=True)
    assert isinstance(seen, tls.TlsSeen)
    assert seen.protocol == {ssl.TLSVersion.TLSv1: "TLSv1", ssl.TLSVersion.TLSv1_1: "TLSv1.1"}[version]


NEW_AND_OLD = [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1]


@pytest.mark.parametrize("version", NEW_AND_OLD)
@pytest.mark.parametrize("asks", [ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL, ssl.CERT_NONE])
def test_a_server_that_wants_a_certificate_is_seen_with_its_own(
    authority: Authority, tmp_path: Path, version: ssl.TLSVersion, asks: ssl.VerifyMode
) -> None:
    pair = made(Kind.WHOLE_CHAIN, authority, tmp_path)
    with tls_server(pair, newest=version, asks=asks) as port:
        found = tls.look(LOOPBACK, port, server_name=NAME, timeout_s=5.0, oldest=True, last_word=True)
        trusted = tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0, ca_file=str(authority.certificate_path))
        stranger = tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0)
    assert isinstance(found, tls.TlsSeen)
    assert found.protocol == version.name.replace("v1_", "v1.")
    assert found.wants_certificate is (asks is ssl.CERT_REQUIRED)
    assert found.chain_whole
    assert len(found.chain_der) == 2
    assert (trusted, kind_of(stranger)) == (None, FailureKind.TLS_UNTRUSTED)


def test_a_server_without_safe_renegotiation_is_spoken_to() -> None:
    """A server hello of TLS 1.2 with no extension, as before RFC 5746, then the end: not refused by us."""
    body = b"\3\3" + bytes(32) + b"\0" + b"\xc0\x2f" + b"\0"
    message = b"\2" + len(body).to_bytes(3, "big") + body
    with tcp_server(saying_once(b"\x16\3\3" + len(message).to_bytes(2, "big") + message)) as port:
        for oldest in (False, True):
            assert kind_of(look(port, oldest=oldest)) is FailureKind.RESET
        assert kind_of(tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0)) is FailureKind.RESET


def test_a_short_key_is_looked_at(authority: Authority, tmp_path: Path) -> None:
    with tls_server(made(Kind.WEAK_KEY, authority, tmp_path)) as port:
        assert isinstance(look(port), tls.TlsSeen)


@pytest.mark.parametrize(
    ("kind", "check_name", "failure"),
    [
        (Kind.RIGHT, True, None),
        (Kind.WHOLE_CHAIN, True, None),
        (Kind.WEAK_KEY, True, None),
        (Kind.INCOMPLETE_CHAIN, True, FailureKind.TLS_UNTRUSTED),
        (Kind.SELF_SIGNED, True, FailureKind.TLS_UNTRUSTED),
        (Kind.UNKNOWN_AUTHORITY, True, FailureKind.TLS_UNTRUSTED),
        (Kind.WRONG_NAME, True, FailureKind.TLS_NAME_MISMATCH),
        (Kind.WRONG_NAME, False, None),
        (Kind.EXPIRED, True, FailureKind.TLS_EXPIRED),
        (Kind.NOT_YET_VALID, True, FailureKind.TLS_UNTRUSTED),
    ],
)
def test_trust(authority: Authority, tmp_path: Path, kind: Kind, check_name: bool, failure: FailureKind | None) -> None:
    ca_file = str(authority.certificate_path)
    with tls_server(made(kind, authority, tmp_path)) as port:
        said = tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0, ca_file=ca_file, check_name=check_name)
    assert kind_of(said) is failure
    assert failure is not None or said is None


def test_the_environment_names_authorities_too(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_server(made(Kind.RIGHT, authority, tmp_path)) as port:
        assert kind_of(tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0)) is FailureKind.TLS_UNTRUSTED
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
        assert tls.trust(LOOPBACK, port, server_name=NAME, timeout_s=5.0) is None


def test_without_a_name_none_is_compared(authority: Authority, tmp_path: Path) -> None:
    with tls_server(made(Kind.WRONG_NAME, authority, tmp_path)) as port:
        ca_file = str(authority.certificate_path)
        assert tls.trust(LOOPBACK, port, server_name=None, timeout_s=5.0, ca_file=ca_file) is None


@pytest.mark.parametrize(
    ("says", "kind", "detail"),
    [
        ([HTTP_400], FailureKind.PLAIN_HTTP, ""),
        ([b"HTT", b"P/1.0 400 Bad Request\r\n\r\n"], FailureKind.PLAIN_HTTP, ""),
        ([b"<html><head><title>400</title>"], FailureKind.PLAIN_HTTP, ""),
        ([b"SSH-2.0-OpenSSH_9.2p1\r\n"], FailureKind.NOT_TLS, "SSH-2.0-OpenSSH_9.2p1"),
        ([b"220 mail.example.org ESMTP\r\n"], FailureKind.NOT_TLS, "220 mail.example.org ESMTP"),
        ([b"\x1b[31mhello\x1b[0m\x00\x07 you\r\nmore"], FailureKind.NOT_TLS, "[31mhello[0m you"),
        ([b"\x4a\x00\x00\x00\x0a5.5.5-10.6.12-MariaDB\x00\x01\x02"], FailureKind.NOT_TLS, None),
        ([b"\x00" * 50], FailureKind.NOT_TLS, ""),
        ([b"\xff\xfe" * 50], FailureKind.NOT_TLS, ""),
        ([], FailureKind.RESET, ""),
        ([b"\x15\x03\x01\x00\x02\x02\x28"], FailureKind.TLS_PROTOCOL, None),
        ([b"\x16\x03\x03\x00\x04\xff\xff\xff\xff"], FailureKind.TLS_PROTOCOL, None),
    ],
)
def test_what_is_no_tls_is_named(says: list[bytes], kind: FailureKind, detail: str | None) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        for piece in says:
            connection.sendall(piece)
            time.sleep(0.02)

    with tcp_server(handle) as port:
        said = look(port)
    assert isinstance(said, Failure)
    assert said.kind is kind
    assert detail is None or said.detail == detail


def test_a_server_that_speaks_first_is_named() -> None:
    with tcp_server(saying(b"SSH-2.0-OpenSSH_9.2\r\n", after_hello=False)) as port:
        assert kind_of(look(port)) is FailureKind.NOT_TLS


def test_nobody_there_is_refused() -> None:
    said = look(closed_tcp_port())
    assert isinstance(said, Failure)
    assert (said.kind, said.operation) == (FailureKind.REFUSED, "connect")


def test_silence_ends_in_time() -> None:
    with silent_tcp_port() as port:
        assert kind_of(look(port, timeout_s=0.2)) is FailureKind.TIMEOUT


def test_a_server_that_trickles_does_not_hold_it_up() -> None:
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        # The head of a record that would be long, then a byte at a time: each would begin a socket's time-out anew.
        connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")
        while not over.wait(0.05):
            connection.sendall(b"\x00")

    with tcp_server(handle) as port:
        said = look(port, timeout_s=0.5)
        over.set()
    assert kind_of(said) is FailureKind.TIMEOUT


def test_a_server_without_end_is_given_up() -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        while True:
            connection.sendall(b"\x16\x03\x03\x40\x00\x0b\x00\xff\xff" + b"\x00" * 16375)

    with tcp_server(handle) as port:
        assert kind_of(look(port)) in (FailureKind.TLS_PROTOCOL, FailureKind.MALFORMED)


@given(st.binary(max_size=300))
def test_first_bytes_are_never_a_bug(first: bytes) -> None:
    said = tls.what_else(first, "192.168.1.10:8443")
    assert said is None or (said.detail.isascii() and (said.detail == "" or said.detail.isprintable()))


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_any_answer_gives_a_failure(pieces: list[bytes]) -> None:
    here, there = socket.socketpair()
    with here, there:
        for piece in pieces:
            there.sendall(piece)
        there.shutdown(socket.SHUT_WR)
        wire = tls._Wire(here, Deadline.after(5.0))
        shaking = looking(oldest=True).wrap_bio(wire.incoming, wire.outgoing, server_hostname=NAME)
        with pytest.raises((OSError, ValueError)):
            wire.handshake(shaking)
