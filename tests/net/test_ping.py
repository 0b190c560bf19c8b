"""Is each signal told to whom it should, and does a ping neither hang nor give its secret address away?"""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.ping import Signal, address_of, ping
from emrnetcheck.net.secrets import Secret
from tests.lab.internet.certificates import Authority
from tests.servers import closed_tcp_port, http_reply, http_server, silent_tcp_port, tcp_server

ID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"


@pytest.mark.parametrize(
    ("path", "signal", "asked"),
    [
        (f"/{ID}", Signal.START, f"/{ID}/start"),
        (f"/{ID}", Signal.SUCCESS, f"/{ID}"),
        (f"/{ID}", Signal.FAIL, f"/{ID}/fail"),
        (f"/ping/key/{ID}/", Signal.FAIL, f"/ping/key/{ID}/fail"),
        (f"/{ID}/", Signal.SUCCESS, f"/{ID}/"),
        (f"/{ID}?create=1", Signal.START, f"/{ID}/start?create=1"),
    ],
)
def test_each_signal_has_its_address(path: str, signal: Signal, asked: str) -> None:
    seen: list[str] = []

    def reply(got: str) -> bytes:
        seen.append(got)
        return http_reply(b"OK")

    with http_server(reply) as port:
        assert ping(Secret(f"http://localhost:{port}{path}"), signal) is None
    assert seen == [asked]


def test_over_tls_the_certificate_must_be_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority.create(tmp_path / "ca")
    pair = authority.issue(["localhost"], tmp_path / "server")
    with http_server(http_reply(b"OK"), tls=pair) as port:
        url = Secret(f"https://localhost:{port}/{ID}")
        found = ping(url, Signal.SUCCESS)
        assert found is not None
        assert found.kind is FailureKind.TLS_UNTRUSTED
        assert ID not in found.in_words()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
        assert ping(url, Signal.SUCCESS) is None


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "429 Too Many Requests", "500 Oops"])
def test_another_status_is_a_failure_without_the_address(status: str) -> None:
    with http_server(http_reply(f"no such check: {ID}".encode(), status)) as port:
        found = ping(Secret(f"http://localhost:{port}/{ID}"), Signal.SUCCESS)
    assert found is not None
    assert found.kind is FailureKind.HTTP_STATUS
    assert found.detail == status[:3]
    assert ID not in found.in_words()


def test_nobody_there_and_nobody_who_answers() -> None:
    found = ping(Secret(f"http://localhost:{closed_tcp_port()}/{ID}"), Signal.START)
    assert found is not None
    assert found.kind is FailureKind.REFUSED
    with silent_tcp_port() as port:
        began_s = time.monotonic()
        found = ping(Secret(f"http://127.0.0.1:{port}/{ID}"), Signal.START, timeout_s=0.4)
    assert time.monotonic() - began_s < 30
    assert found is not None
    assert found.kind is FailureKind.TIMEOUT
    assert ID not in found.in_words()


def test_an_answer_without_end_is_cut() -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with tcp_server(endless) as port:
        found = ping(Secret(f"http://127.0.0.1:{port}/{ID}"), Signal.SUCCESS, timeout_s=5.0)
    assert found is not None
    assert found.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hc-ping.com/x",
        "ftp://hc-ping.com/x",
        "https:///x",
        "https://host:99999/x",
        "https://user:pw@host/x",
        "https://host/a b",
        "https://host/\r\nX: y",
        "https://host/ä",
        "https://host",
    ],
)
def test_what_is_no_such_address_is_told_without_it(url: str) -> None:
    found = ping(Secret(url), Signal.SUCCESS)
    assert found is not None
    assert found.kind is FailureKind.NOT_CONFIGURED
    assert not url or url not in found.in_words()


def test_the_address_may_be_kept_where_secrets_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"https://hc-ping.com/{ID}"
    assert address_of(url) == Secret(url)
    monkeypatch.setenv("PING_URL", url)
    assert address_of("env:PING_URL") == Secret(url)
    (tmp_path / "ping").write_text(f"{url}\n")
    (tmp_path / "ping").chmod(0o600)
    assert address_of(f"file:{tmp_path}/ping") == Secret(url)
    assert isinstance(address_of(f"file:{tmp_path}/nothing"), Failure)
