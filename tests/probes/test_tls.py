"""Is what the EMR shows put into evidence as it is, in a bounded time, whatever answers?"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import Port, PortTry
from emrnetcheck.evidence.tls import Certificate, Tls
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import routes
from emrnetcheck.net import tls as net
from emrnetcheck.probes import tls as probe
from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.plan import EmrCertificate as Kind
from tests.probes.contexts import context
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port, tcp_server
from tests.tls_servers import Pair, saying, tls_server

NAME = "emr.example.org"
HTTP_400 = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
REFUSED = Failure(FailureKind.REFUSED, "connect", "192.168.1.10:8443")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def made(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Kind], Pair]:
    """A certificate of each kind; the authority is known to this computer."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
    return lambda kind: issue(kind, [NAME], authority, tmp_path)


def site(port: int, hostname: str | None = NAME) -> Site:
    return Site(port=port, hostname=hostname, emr_declared=True, lan_address=LOOPBACK)


def measure(site_: Site, seen: Seen | None = None, deadline_s: float = 9.0) -> Tls:
    found = probe.measure(site_, seen or Seen(), context(deadline_s=deadline_s))
    assert isinstance(found, Tls), found
    return found


def of(found: Tls) -> Certificate:
    assert found.certificate is not None
    return found.certificate


def kind_of(failure: Failure | None) -> FailureKind | None:
    return failure.kind if failure is not None else None


def tried(open_: bool | None, address: str = LOOPBACK) -> PortTry:
    return PortTry(address, 8443, open_, None, None if open_ else REFUSED)


def port_seen(*, lan: PortTry | None, loopback: PortTry | None = None) -> Seen:
    return Seen(port=Port(8443, True, True, (), loopback, lan, None, ()))


def test_an_emr_that_is_not_declared_is_not_looked_for() -> None:
    found = probe.measure(Site(), Seen(), context())
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_CONFIGURED


@pytest.mark.parametrize(
    ("kind", "trusted", "matches", "issuer_sent"),
    [
        (Kind.RIGHT, True, True, False),  # its issuer is the one that is known here: it need not be sent
        (Kind.WHOLE_CHAIN, True, True, True),
        (Kind.EXPIRED, True, True, False),
        (Kind.NOT_YET_VALID, True, True, False),
        (Kind.WRONG_NAME, True, False, False),
        (Kind.SELF_SIGNED, False, True, False),
        (Kind.UNKNOWN_AUTHORITY, False, True, False),
        (Kind.INCOMPLETE_CHAIN, False, True, False),
        (Kind.WEAK_KEY, True, True, False),
    ],
)
def test_each_kind_of_certificate(
    made: Callable[[Kind], Pair], kind: Kind, trusted: bool, matches: bool, issuer_sent: bool
) -> None:
    with tls_server(made(kind)) as port:
        found = measure(site(port))
    assert (found.trusted, found.name_matches, found.issuer_sent) == (trusted, matches, issuer_sent)
    assert (found.failure, found.protocol, found.only_old) == (None, "TLSv1.3", False)
    assert (of(found).days_left < 0) is (kind is Kind.EXPIRED)
    assert (of(found).days_old < 0) is (kind is Kind.NOT_YET_VALID)
    assert of(found).self_signed is (kind is Kind.SELF_SIGNED)


def test_without_a_name_none_is_judged(made: Callable[[Kind], Pair]) -> None:
    with tls_server(made(Kind.WRONG_NAME)) as port:
        found = measure(site(port, hostname=None))
    assert (found.trusted, found.name_matches, found.server_name) == (True, None, None)


def test_an_old_server_is_not_dead(made: Callable[[Kind], Pair]) -> None:
    with tls_server(made(Kind.RIGHT), newest=ssl.TLSVersion.TLSv1) as port:
        found = measure(site(port))
    assert (found.failure, found.protocol, found.only_old, found.trusted) == (None, "TLSv1", True, True)
    assert found.old_version is None  # it was seen already


@pytest.mark.parametrize(("newest", "old"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.1"), (None, None)])
def test_old_versions_beside_new_ones(
    made: Callable[[Kind], Pair], newest: ssl.TLSVersion | None, old: str | None
) -> None:
    with tls_server(made(Kind.RIGHT), newest=newest) as port:
        found = measure(site(port))
    assert (found.only_old, found.old_version, found.old_failure) == (False, old, None)


@pytest.mark.parametrize("ciphers", ["AES128-SHA:@SECLEVEL=0", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"])
def test_ciphers_that_browsers_still_take_are_not_old(made: Callable[[Kind], Pair], ciphers: str) -> None:
    kind = Kind.WEAK_KEY if ciphers.startswith("AES") else Kind.RIGHT  # RSA exchanges keys only with a key of RSA
    with tls_server(made(kind), newest=ssl.TLSVersion.TLSv1_2, ciphers=ciphers) as port:
        assert measure(site(port)).only_old is False


def test_ciphers_that_no_browser_takes_are_old(made: Callable[[Kind], Pair]) -> None:
    ciphers = "AECDH-AES128-SHA:@SECLEVEL=0"
    with tls_server(made(Kind.RIGHT), newest=ssl.TLSVersion.TLSv1_2, ciphers=ciphers) as port:
        found = measure(site(port))
    assert found.only_old or kind_of(found.failure) in (FailureKind.TLS_PROTOCOL, FailureKind.MALFORMED)


@pytest.mark.parametrize(
    ("says", "after_hello", "kind"),
    [
        ([HTTP_400], True, FailureKind.PLAIN_HTTP),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], False, FailureKind.NOT_TLS),
        ([b"\x15\x03\x01\x00\x02\x02\x28"], True, FailureKind.TLS_PROTOCOL),
    ],
)
def test_what_is_no_tls_is_named(says: list[bytes], after_hello: bool, kind: FailureKind) -> None:
    with tcp_server(saying(*says, after_hello=after_hello)) as port:
        assert kind_of(measure(site(port)).failure) is kind


HTTP_302 = b"HTTP/1.1 302 Found\r\nLocation: /oscar/\r\n\r\n"


@pytest.mark.parametrize(
    ("waits", "answer", "kind"),
    [
        (False, HTTP_302, FailureKind.PLAIN_HTTP),
        (True, HTTP_302, FailureKind.PLAIN_HTTP),
        # TLS servers that are broken, but say in plain that they want TLS.
        (False, HTTP_400, FailureKind.RESET),
        (True, HTTP_400, FailureKind.TIMEOUT),
    ],
)
def test_a_server_that_cuts_or_hangs_is_asked_in_plain(
    monkeypatch: pytest.MonkeyPatch, waits: bool, answer: bytes, kind: FailureKind
) -> None:
    monkeypatch.setattr(probe, "_LOOK_TIMEOUT_S", 0.3)
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        if connection.recv(4096).startswith(b"HEAD "):
            connection.sendall(answer)
        elif waits:
            over.wait(5)

    with tcp_server(handle) as port:
        found = measure(site(port))
        over.set()
    assert kind_of(found.failure) is kind


def test_silence_ends_in_time() -> None:
    with silent_tcp_port() as port:
        found = measure(site(port), deadline_s=0.5)
    assert kind_of(found.failure) is FailureKind.TIMEOUT
    assert found.certificate is None


def test_a_certificate_that_is_none_is_a_failure(made: Callable[[Kind], Pair], monkeypatch: pytest.MonkeyPatch) -> None:
    real = net.look

    def garbled(*arguments: object, **named: object) -> net.TlsSeen | Failure:
        seen = real(*arguments, **named)  # type: ignore[arg-type]
        assert isinstance(seen, net.TlsSeen)
        return replace(seen, chain_der=(b"\x30\x03abc",))

    monkeypatch.setattr(net, "look", garbled)
    with tls_server(made(Kind.RIGHT)) as port:
        found = measure(site(port))
    assert found.certificate is None
    assert kind_of(found.certificate_failure) is FailureKind.MALFORMED
    assert found.fingerprint_sha256 is not None


def test_a_port_that_is_shut_is_not_looked_at_again() -> None:
    found = probe.measure(site(closed_tcp_port()), port_seen(lan=tried(False)), context())
    assert found == REFUSED


def test_a_port_that_could_not_be_tried_is_not_looked_at() -> None:
    found = probe.measure(site(closed_tcp_port()), port_seen(lan=None), context())
    assert isinstance(found, Failure)


def test_behind_the_servers_firewall_it_is_looked_at_from_the_server(made: Callable[[Kind], Pair]) -> None:
    seen = port_seen(lan=tried(False, "192.168.1.10"), loopback=tried(True))
    with tls_server(made(Kind.RIGHT)) as port:
        assert measure(site(port), seen).address == LOOPBACK


@pytest.mark.parametrize(("source", "address"), [(LOOPBACK, LOOPBACK), (Failure(FailureKind.NO_ROUTE), LOOPBACK)])
def test_without_the_port_the_server_is_this_computer(
    monkeypatch: pytest.MonkeyPatch, source: str | Failure, address: str
) -> None:
    monkeypatch.setattr(routes, "source_address", lambda: source)
    found = measure(Site(port=closed_tcp_port(), emr_declared=True))
    assert (found.address, kind_of(found.failure)) == (address, FailureKind.REFUSED)


def test_a_run_that_is_stopped_stops(made: Callable[[Kind], Pair]) -> None:
    with tls_server(made(Kind.RIGHT)) as port:
        found = probe.measure(site(port), Seen(), context(stopped=True))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.INTERRUPTED


@pytest.mark.parametrize(
    ("failure", "days_left", "days_old", "trusted"),
    [
        (None, 60.0, 30.0, True),
        (FailureKind.TLS_UNTRUSTED, 60.0, 30.0, False),
        (FailureKind.TLS_EXPIRED, -1.0, 91.0, True),
        (FailureKind.TLS_EXPIRED, 60.0, 30.0, False),  # one above it has
        (FailureKind.TIMEOUT, 60.0, 30.0, None),
    ],
)
def test_dates_and_trust_are_told_apart(
    made: Callable[[Kind], Pair],
    failure: FailureKind | None,
    days_left: float,
    days_old: float,
    trusted: bool | None,
) -> None:
    with tls_server(made(Kind.RIGHT)) as port:
        certificate = replace(of(measure(site(port))), days_left=days_left, days_old=days_old)
    assert probe._trusted(Failure(failure) if failure else None, certificate) is trusted
