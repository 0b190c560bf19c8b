"""Is DNS over HTTPS spoken as RFC 8484 says, and survived whatever comes back?"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import doh, http
from emrnetcheck.net.dns import DnsAnswer
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, answer, http_reply, tcp_server

NAME = "emr.example.org"
QUESTION = dns.message.make_query(NAME, "A", id=0, use_edns=False)
GOOD = answer(QUESTION, f"{NAME}. 42 IN A 21.1.1.1")
TYPE = "application/dns-message"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("doh"))


@contextmanager
def served(authority: Authority, reply: Callable[[bytes, bytes], bytes], tmp_path: Path) -> Iterator[str]:
    """An HTTPS server that hands head and body of each request to `reply`; yields the URL."""
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue(["dns.example"], tmp_path))

    def handle(connection: socket.socket) -> None:
        head, _, body = connection.recv(4096).partition(b"\r\n\r\n")
        while len(body) < len(QUESTION.to_wire()):
            body += connection.recv(4096)
        connection.sendall(reply(head, body))

    with tcp_server(handle, tls=tls) as port:
        yield f"https://dns.example:{port}/dns-query"


def test_question_and_answer_are_dns_messages(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
    seen: list[bytes] = []

    def reply(head: bytes, body: bytes) -> bytes:
        seen.extend((head, body))
        return http_reply(GOOD, content_type=TYPE)

    with served(authority, reply, tmp_path) as url:
        said = doh.query(url, LOOPBACK, NAME, "A", timeout_s=2)
    assert isinstance(said, DnsAnswer)
    assert (said.server, said.values, said.ttl_s, said.over_tcp) == (url, ("21.1.1.1",), 42, False)
    head, body = seen
    assert head.startswith(b"POST /dns-query HTTP/1.1\r\n")
    assert f"Content-Type: {TYPE}".encode() in head
    assert f"Accept: {TYPE}".encode() in head
    assert body == QUESTION.to_wire(), "and its id is 0, so that caches on the way can be of use"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (http_reply(GOOD, content_type="text/html"), FailureKind.MALFORMED),
        (http_reply(b"", content_type=TYPE), FailureKind.MALFORMED),
        (http_reply(b"<html>", content_type=TYPE), FailureKind.MALFORMED),
        (http_reply(answer(dns.message.make_query("a.b", "A", id=0)), content_type=TYPE), FailureKind.MALFORMED),
        (http_reply(GOOD, "403 Forbidden", TYPE), FailureKind.HTTP_STATUS),
        (http_reply(b"x" * 70_000, content_type=TYPE), FailureKind.TOO_LARGE),
        (b"SSH-2.0\r\n\r\n", FailureKind.MALFORMED),
    ],
)
def test_anything_else_is_a_failure(
    reply: bytes, kind: FailureKind, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
    with served(authority, lambda _head, _body: reply, tmp_path) as url:
        said = doh.query(url, LOOPBACK, NAME, "A", timeout_s=2)
    assert isinstance(said, Failure)
    assert said.kind is kind


def test_certificate_must_be_of_the_service(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
    with served(authority, lambda _head, _body: http_reply(GOOD, content_type=TYPE), tmp_path) as url:
        said = doh.query(url.replace("dns.example", "other.example"), LOOPBACK, NAME, "A", timeout_s=2)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.TLS_NAME_MISMATCH


@pytest.mark.parametrize("url", ["https://dns.example:99999/", "https://[::1", "https://dns.example/\u00e4"])
def test_url_that_is_none_is_a_failure(url: str) -> None:
    assert isinstance(doh.query(url, LOOPBACK, NAME, "A", timeout_s=1), Failure)
    assert isinstance(doh.host_of(url), str)


def test_name_that_is_none_is_a_failure() -> None:
    assert isinstance(doh.query("https://dns.example/", LOOPBACK, "a..b", "A", timeout_s=1), Failure)


MUTATED = st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD))).map(
    lambda change: (GOOD[: change[0]] + bytes([change[1]]) + GOOD[change[0] + 1 :])[: change[2]]
)


@given(st.binary(max_size=200) | MUTATED, st.sampled_from([TYPE, TYPE + "; charset=x", "", "\x1b[31m"]))
def test_any_body_is_an_answer_or_a_failure(body: bytes, kind: str) -> None:
    read = doh.read_body(http.Response(200, {"content-type": kind}, body), QUESTION)
    assert isinstance(read, Failure | dns.message.Message)
    if isinstance(read, Failure):
        assert read.detail.isprintable()
