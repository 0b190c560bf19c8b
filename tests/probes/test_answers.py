"""What one quick look at an answer of setup shows: a name, the EMR's server, its page, other computers."""

from __future__ import annotations

from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import icmp, neighbours
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.probes import answers
from emrnetcheck.probes.answers import PageSeen, first_open, page_at, server_at, where_name_leads, who_is_there
from emrnetcheck.profiles import PageKind
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, tcp_server
from tests.tls_servers import saying

OSCAR = b'<form action="/oscar/login.do"><input name="pin" type="password"></form>'
NOBODY = "127.0.0.77"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    return Authority.create(folder).issue(("emr.example.org",), folder / "certificates")


def at_oscar(path: str) -> bytes:
    """A server that has OSCAR, and sends on to it from its root."""
    if path == "/oscar/":
        return http_reply(OSCAR)
    to = {"/": "/oscar/", "/round": "/round", "/away": "https://elsewhere.example/"}.get(path)
    if to is None:
        return http_reply(b"nothing", "404 Not Found")
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/oscar/", PageSeen(200, PageKind.OSCAR, tls=True)),
        ("/", PageSeen(200, PageKind.OSCAR, tls=True)),
        ("/else", PageSeen(404, PageKind.OTHER, tls=True)),
        ("/away", PageSeen(302, PageKind.OTHER, tls=True, elsewhere=True)),
    ],
)
def test_the_page_is_known_where_the_path_leads(files: tuple[Path, Path], path: str, seen: PageSeen) -> None:
    with http_server(at_oscar, tls=files) as port:
        assert page_at(LOOPBACK, port, "emr.example.org", path) == seen


def test_a_page_without_encryption_is_known_too() -> None:
    with http_server(at_oscar) as port:
        assert page_at(LOOPBACK, port, None, "/oscar/") == PageSeen(200, PageKind.OSCAR, tls=False)


def test_what_sends_on_for_ever_or_is_not_there_is_a_failure(files: tuple[Path, Path]) -> None:
    with http_server(at_oscar, tls=files) as port:
        found = page_at(LOOPBACK, port, None, "/round")
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.MALFORMED
    shut = page_at(LOOPBACK, closed_tcp_port(), None, "/")
    assert isinstance(shut, Failure)
    assert shut.kind is FailureKind.REFUSED


def test_the_server_answers_or_does_not(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    # Its address on the office network: of this computer's own, the tests may talk to this one only.
    monkeypatch.setattr("emrnetcheck.probes.port_inside.routes.source_address", lambda: LOOPBACK)
    with http_server(at_oscar, tls=files) as port:
        seen = server_at(None, port, None)
        assert seen.lan is not None
        assert seen.lan.open
        assert seen.spoken is not None
        assert seen.spoken.failure is None
    with tcp_server(saying(http_reply(b"", "400 Bad Request"))) as port:
        plain = server_at(None, port, None).spoken
        assert plain is not None
        assert plain.failure is not None
        assert plain.failure.kind is FailureKind.PLAIN_HTTP
    shut = server_at(None, closed_tcp_port(), None)
    assert shut.lan is not None
    assert shut.lan.open is False
    assert shut.bound == ()


def test_the_first_that_takes_connections() -> None:
    with http_server(at_oscar) as port:
        assert first_open([NOBODY, LOOPBACK], port) == LOOPBACK
    assert first_open([LOOPBACK], closed_tcp_port()) is None
    assert first_open([], 80) is None


def test_a_name_is_asked_of_this_computer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, ...]] = []
    asked: list[tuple[str, int]] = []

    class Noted(Lookup):
        def __init__(self, fallback_resolvers: tuple[str, ...]) -> None:
            made.append(fallback_resolvers)
            super().__init__(fallback_resolvers)

        def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
            asked.append((host, version))
            kind = FailureKind.NAME_NO_ADDRESS if host == "six.example" else FailureKind.NAME_NOT_FOUND
            six = version == 6 and host == "six.example"
            return Resolved(("2001:db8::1",), "system") if six else Failure(kind, "look up", host)

    monkeypatch.setattr(answers, "Lookup", Noted)
    assert where_name_leads("six.example") == Resolved(("2001:db8::1",), "system")
    gone = where_name_leads("gone.example")
    assert isinstance(gone, Failure)
    assert gone.kind is FailureKind.NAME_NOT_FOUND
    assert set(made) == {()}
    assert asked == [("six.example", 4), ("six.example", 6), ("gone.example", 4)]


def test_whoever_answers_anything_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a refused connection, where no ping may be sent; or by the table of neighbours, where nothing answers."""
    forbidden = Failure(FailureKind.PERMISSION, "ping")
    monkeypatch.setattr(icmp, "echo_series", lambda *_a, **_k: forbidden)
    assert who_is_there([LOOPBACK]) == {LOOPBACK}
    monkeypatch.setattr(answers, "_answering", lambda _knock: None)
    monkeypatch.setattr(neighbours, "neighbours", lambda: (Neighbour("192.0.2.9", "02:00:00:00:00:01", "eth0"),))
    assert who_is_there(["192.0.2.9", "192.0.2.10"]) == {"192.0.2.9"}
    monkeypatch.setattr(neighbours, "neighbours", lambda: forbidden)
    assert who_is_there(["192.0.2.9"]) == frozenset()
