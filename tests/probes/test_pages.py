"""Do the EMR's pages give figures, and can no page make the visit hang, grow or leave the server?"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.bulk import Asset, Bulk
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.probes import page_assets, page_spaced, pages
from emrnetcheck.probes.context import PROBE_BYTES
from emrnetcheck.probes.page_assets import ASSETS_MAX, own_assets
from tests.checks.client_builders import series, way
from tests.probes.contexts import context
from tests.servers import LOOPBACK, closed_tcp_port, tcp_server

LOGIN = b"<html><title>OSCAR\x1b[31m Login</title><form><input type=password></form></html>"
Answer = Callable[[socket.socket, str], bytes | None]
"""(connection, path) -> the whole reply; None: it was sent already, or the connection is to end."""


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


@contextmanager
def emr(answer: Answer) -> Iterator[tuple[int, list[str]]]:
    """A server that keeps its connections: (port, the requests' heads as they came)."""
    heads: list[str] = []

    def handle(connection: socket.socket) -> None:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = connection.recv(4096)
                if not piece:
                    return
                data += piece
            head, _, data = data.partition(b"\r\n\r\n")
            heads.append(head.decode("latin-1"))
            said = answer(connection, head.split(b" ")[1].decode("latin-1"))
            if said is None:
                return
            connection.sendall(said)

    with tcp_server(handle) as port:
        yield port, heads


def paths(table: Mapping[str, bytes]) -> Answer:
    return lambda _connection, path: table.get(path, reply(b"", status="404 Not Found"))


def visit(port: int, path: str = "/oscar/", deadline_s: float = 30.0) -> Pages | Failure:
    site = Site(hostname=LOOPBACK, port=port, path=path, scheme="http")
    seen = Seen(way=replace(way(), emr_address=LOOPBACK, emr_port=port))
    return pages.measure(site, seen, context(deadline_s=deadline_s))


def seen_at(answer: Answer, path: str = "/oscar/") -> tuple[Pages, list[str]]:
    with emr(answer) as (port, heads):
        seen = visit(port, path)
    assert isinstance(seen, Pages)
    return seen, heads


@pytest.fixture(autouse=True)
def short_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_assets, "FOR_S", 1.0)


def test_what_was_asked_and_answered_is_counted() -> None:
    answered: list[bytes] = []
    body = b'<html><script src="app.js"></script><title>OSCAR</title><form><input type=password></form></html>'
    pages_there = {"/oscar/": reply(body), "/oscar/app.js": reply(b"x" * 50_000)}

    def answer(_connection: socket.socket, path: str) -> bytes:
        answered.append(pages_there[path])
        return pages_there[path]

    with emr(answer) as (port, heads):
        run = context(deadline_s=30.0)
        site = Site(hostname=LOOPBACK, port=port, path="/oscar/", scheme="http")
        seen = pages.measure(site, Seen(way=replace(way(), emr_address=LOOPBACK, emr_port=port)), run)
    assert isinstance(seen, Pages)
    assert seen.bulk is not None
    assert seen.bulk.loaded is not None
    knocks = seen.bulk.loaded.sent
    assert run.ledger.sent_bytes == sum(len(head) + 4 for head in heads) + PROBE_BYTES * knocks
    assert run.ledger.received_bytes == sum(map(len, answered)) + PROBE_BYTES * (knocks - seen.bulk.loaded.lost)


def test_the_page_comes_again_and_again_on_new_and_on_kept_connections() -> None:
    seen, heads = seen_at(paths({"/oscar/": reply(LOGIN, "Set-Cookie: JSESSIONID=1; Path=/")}))
    assert (seen.status, seen.title, seen.asks_password) == (200, "OSCAR [31m Login", True)
    assert (len(seen.fresh), len(seen.kept), seen.kept_failure) == (pages.FRESH_GETS, pages.KEPT_GETS, None)
    assert all(get.connect_ms is not None and get.total_ms is not None for get in seen.fresh)
    assert all(get.connect_ms is None and get.total_ms is not None for get in seen.kept)
    assert sum("Cookie: JSESSIONID=1" in head for head in heads) == len(heads) - 1, "one session is enough"
    assert (seen.assets_named, seen.bulk, seen.trusted) == (0, None, None)


def test_a_server_that_ends_each_connection_is_told_so() -> None:
    seen, _ = seen_at(paths({"/oscar/": reply(LOGIN, "Connection: close")}))
    assert len(seen.fresh) == pages.FRESH_GETS
    assert seen.kept == ()
    assert seen.kept_failure is not None
    assert seen.kept_failure.kind is FailureKind.UNSUPPORTED


def test_what_belongs_to_the_page_is_loaded_from_its_own_server_alone() -> None:
    page = b"""<link rel=stylesheet href="style.css"><script src='/js/a.js?v=1'></script><img src=/logo.png>
        <script src="https://cdn.example.net/b.js"></script><link rel="next" href="/more"><img src="data:image/png,x">
        <img src="/logo.png"><img src="//127.0.0.1:1/x.png">"""
    table = {
        "/oscar/": reply(page),
        "/oscar/style.css": reply(b"c" * 3000),
        "/js/a.js?v=1": reply(b"j" * 5000),
        "/logo.png": reply(b"p" * 7000),
    }
    seen, heads = seen_at(paths(table))
    assert seen.assets_named == 3
    assert seen.bulk is not None
    assert [asset.path for asset in seen.bulk.assets] == ["/oscar/style.css", "/js/a.js?v=1", "/logo.png"]
    assert (seen.bulk.body_bytes, seen.bulk.cut_short) == (15_000, False)
    assert seen.bulk.mbps is not None
    assert seen.bulk.loaded is not None
    asked = {head.split(" ")[1] for head in heads}
    assert asked == set(table)


def test_redirects_on_the_same_host_are_followed() -> None:
    table = {
        "/oscar/": reply(b"", "Location: /oscar/login", "Set-Cookie: a=1", status="302 Found"),
        "/oscar/login": reply(LOGIN),
    }
    seen, heads = seen_at(paths(table))
    assert [(each.path, each.followed) for each in seen.redirects] == [("/oscar/login", True)]
    assert seen.status == 200
    assert "Cookie: a=1" in heads[1]


def test_what_sends_on_late_is_measured_and_asked_once_more() -> None:
    table = {
        "/oscar/": reply(b"", "Location: /oscar/index", status="302 Found"),
        "/oscar/index": reply(b"", "Location: /oscar/login", status="302 Found"),
        "/oscar/login": reply(LOGIN),
    }

    def answer(_connection: socket.socket, path: str) -> bytes:
        if path == "/oscar/":
            time.sleep(0.3)
        return table[path]

    seen, heads = seen_at(answer)
    late = [get.first_byte_ms is not None and get.first_byte_ms >= 300.0 for get in seen.sent_on]
    assert late == [True, False, True, False]
    assert sum(head.startswith("GET /oscar/ ") for head in heads) == 2
    assert seen.fresh[0].first_byte_ms is not None
    assert seen.fresh[0].first_byte_ms < 300.0


def test_redirects_that_never_end_are_given_up() -> None:
    seen, heads = seen_at(lambda _c, path: reply(b"", f"Location: {path}x", status="302 Found"))
    assert [each.followed for each in seen.redirects] == [True] * 5 + [False]
    assert len(heads) < 30
    assert seen.status == 302


def test_a_redirect_elsewhere_is_told_and_not_followed() -> None:
    table = {"/oscar/": reply(b"", "Location: https://login.example.net/\x1b[31m", status="302 Found")}
    seen, _ = seen_at(paths(table))
    assert [(each.host, each.followed) for each in seen.redirects] == [("login.example.net", False)]
    assert seen.redirects[0].path.isprintable()


def test_an_endless_page_is_bounded() -> None:
    def endless(connection: socket.socket, _path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    seen, _ = seen_at(endless)
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.TOO_LARGE
    assert seen.body_bytes <= 2_000_001


def test_assets_without_an_end_are_cut_short() -> None:
    def answer(connection: socket.socket, path: str) -> bytes | None:
        if path == "/oscar/":
            return reply(b'<img src="/big.png"><img src="/big2.png">')
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    seen, _ = seen_at(answer)
    assert seen.bulk is not None
    assert seen.bulk.cut_short
    assert seen.bulk.body_bytes <= 2 * page_assets.TOTAL_MAX_BYTES + 2


def test_a_page_full_of_assets_is_bounded() -> None:
    page = b"".join(b'<img src="/%d.png">' % number for number in range(500))
    found = own_assets(page, scheme="http", names=("h",), port=80, path="/")
    assert len(found) == ASSETS_MAX


def test_a_hostile_page_costs_little() -> None:
    page = (b"<img " * 40_000) + b"<link rel=" + b"'" * 60_000 + b"<script src=" + b"a" * 30_000
    assert own_assets(page, scheme="http", names=("h",), port=80, path="/") == ()


@pytest.mark.parametrize("noise", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200\x00OK\r\n\r\n"], ids=["end", "ssh", "broken"])
def test_nonsense_is_evidence_of_a_page_that_does_not_come(noise: bytes) -> None:
    def answer(connection: socket.socket, _path: str) -> None:
        connection.sendall(noise)

    seen, _ = seen_at(answer)
    assert seen.status is None
    assert seen.failure is not None
    assert seen.fresh[0].failure == seen.failure


def test_who_refuses_is_told_so() -> None:
    seen = visit(closed_tcp_port())
    assert isinstance(seen, Pages)
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.operation) == (FailureKind.REFUSED, "connect")


def test_a_page_that_hangs_is_asked_for_once_more_in_small_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PATIENCE_S", 0.3)
    monkeypatch.setattr(pages, "_SMALL_TIMEOUT_S", 3.0)
    monkeypatch.setattr(pages, "_AGAIN_TIMEOUT_S", 0.3)
    over = threading.Event()

    def answer(connection: socket.socket, _path: str) -> bytes | None:
        if connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) > 1000:
            over.wait(5)  # as a black hole would have it
            return None
        return reply(LOGIN)

    with emr(answer) as (port, _):
        run = context(deadline_s=30.0)
        site = Site(hostname=LOOPBACK, port=port, path="/oscar/", scheme="http")
        seen = pages.measure(site, Seen(way=replace(way(), emr_address=LOOPBACK, emr_port=port)), run)
        over.set()
    assert run.ledger.received_bytes == len(reply(LOGIN)), "what came so counts as used, too"
    assert isinstance(seen, Pages)
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.TIMEOUT
    assert seen.by_small_packets is not None
    assert seen.by_small_packets.total_ms is not None


def test_a_page_that_was_only_late_shows_no_black_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PATIENCE_S", 0.2)
    over = threading.Event()
    asked: list[str] = []

    def answer(_connection: socket.socket, path: str) -> bytes | None:
        asked.append(path)
        if len(asked) == 1:
            over.wait(5)
            return None
        return reply(LOGIN)

    with emr(answer) as (port, _):
        seen = visit(port)
        over.set()
    assert isinstance(seen, Pages)
    assert seen.by_small_packets is None


@pytest.mark.parametrize(
    ("body_bytes", "status", "kind", "stuck"),
    [
        (0, None, FailureKind.TIMEOUT, True),
        (1200, None, FailureKind.TIMEOUT, True),
        (1201, None, FailureKind.TIMEOUT, False),
        (0, 200, FailureKind.TIMEOUT, False),
        (0, None, FailureKind.RESET, False),
    ],
)
def test_what_a_slow_line_cut_short_did_not_vanish(
    body_bytes: int, status: int | None, kind: FailureKind, stuck: bool
) -> None:
    asset = Asset("/a", status, 0, None, Failure(kind, "GET", "x:1"))
    bulk = Bulk((asset,), 1, 10.0, body_bytes, True, None)
    assert pages._stuck_asset(bulk) == ("/a" if stuck else None)


def test_without_an_address_there_is_no_page() -> None:
    seen = pages.measure(Site(hostname="emr.example.org"), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NAME_NOT_FOUND


def test_ctrl_c_ends_the_visit_at_once() -> None:
    over = threading.Event()

    def answer(_connection: socket.socket, _path: str) -> None:
        over.wait(5)

    with emr(answer) as (port, _):
        site = Site(hostname=LOOPBACK, port=port, path="/", scheme="http")
        seen = pages.measure(
            site, Seen(way=replace(way(), emr_address=LOOPBACK)), context(stopped=True, deadline_s=30.0)
        )
        over.set()
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.INTERRUPTED


def doubted(answer: Answer, lost: int = 40) -> Pages:
    """The pages of a server of whose 80 connections so many were lost before."""
    with emr(answer) as (port, _):
        asked = way(server=series(LOOPBACK, 1.0, sent=80, lost=lost))
        seen = Seen(way=replace(asked, emr_address=LOOPBACK, emr_port=port))
        site = Site(hostname=LOOPBACK, port=port, path="/oscar/", scheme="http")
        found = pages.measure(site, seen, context(deadline_s=30.0))
    assert isinstance(found, Pages)
    return found


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_spaced, "FOR_S", 0.4)
    monkeypatch.setattr(page_spaced, "EVERY_S", 0.05)


def test_where_much_was_lost_before_the_page_is_asked_for_some_seconds_more(soon: None) -> None:
    found = doubted(paths({"/oscar/": reply(LOGIN)}))
    assert [get.connect_ms is not None for get in found.spaced] == [True, False, False, False] * 2
    assert all(get.total_ms is not None for get in found.spaced)
    closing = doubted(paths({"/oscar/": reply(LOGIN, "Connection: close")}))
    assert [get.connect_ms is not None for get in closing.spaced] == [True] * 8


def test_where_little_was_lost_the_page_is_left_in_peace(soon: None) -> None:
    assert doubted(paths({"/oscar/": reply(LOGIN)}), lost=8).spaced == ()
    assert doubted(paths({"/oscar/": reply(LOGIN)}), lost=80).spaced == (), "nothing but our questions is lost there"


def test_the_first_page_that_does_not_come_is_enough(soon: None) -> None:
    asked = itertools.count(1)

    def answer(_connection: socket.socket, _path: str) -> bytes | None:
        before = pages.FRESH_GETS + 1 + pages.KEPT_GETS
        return reply(LOGIN) if next(asked) <= before + 2 else None

    found = doubted(answer)
    assert [get.total_ms is not None for get in found.spaced] == [True, True, False]
