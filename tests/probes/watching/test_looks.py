"""A look-up as people wait for it, compared now and then; a page from servers that mean well or ill."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns, tcp
from emrnetcheck.net.dns import DnsAnswer
from emrnetcheck.net.page import Page
from emrnetcheck.probes.context import Ledger
from emrnetcheck.probes.watching import looks, page_look
from emrnetcheck.probes.watching.looks import NameAsker
from emrnetcheck.probes.watching.page_look import PageAsker, PageLook
from emrnetcheck.probes.watching.target import Target
from tests.servers import http_reply, tcp_server

NAME = "emr.example.org"
SITE = replace(Site(), resolvers=("1.1.1.1", "8.8.8.8", "9.9.9.9"))
RIGHT, STALE = ("93.184.216.34",), ("93.184.216.99",)
UNKNOWN = Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME)
Says = Mapping[str, tuple[str, ...] | str | None]
"""By resolver: addresses, an rcode, or None for silence."""


def answer(server: str, values: tuple[str, ...], rcode: str = "NOERROR") -> DnsAnswer:
    return DnsAnswer(server, rcode, False, values, (), 60 if values else None, None, (), (), 1.0, 40, 60, False)


@dataclass
class Resolvers:
    """asked: whom, in order."""

    says: Says
    system: tuple[str, ...] | Failure = UNKNOWN
    says_six: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ways: tuple[int, ...] = (4, 6)

    fetch_ms: float | None = 20.0
    """How long it takes for what nobody has kept; None: no answer."""

    opens: tuple[str, ...] = ()
    """At which addresses the EMR's port does."""

    def __post_init__(self) -> None:
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.tried: list[str] = []

    def connect(self, address: str, _port: int, _timeout_s: float) -> tcp.Answered | Failure:
        self.tried.append(address)
        return tcp.Answered(1.0, None) if address in self.opens else Failure(FailureKind.TIMEOUT, "connect", address)

    def query(self, server: str, name: str, kind: str, *, timeout_s: float) -> DnsAnswer | Failure:
        assert timeout_s > 0
        if name != NAME:
            assert name.endswith(f".{NAME}")
            self.fetched.append(name)
            if self.fetch_ms is None:
                return Failure(FailureKind.NAME_TIMEOUT, "ask", server)
            return replace(answer(server, (), "NXDOMAIN"), rtt_ms=self.fetch_ms)
        if kind == "AAAA":
            return answer(server, self.says_six.get(server, ()))
        self.asked.append(server)
        said = self.says.get(server)
        if said is None:
            return Failure(FailureKind.NAME_TIMEOUT, "ask", server)
        return answer(server, (), said) if isinstance(said, str) else answer(server, said)

    def system_addresses(self, _host: str, *, version: int, deadline_s: float) -> tuple[str, ...] | Failure:
        assert deadline_s > 0
        self.asked.append(f"system{version}")
        return self.system


Given = Callable[..., Resolvers]


@pytest.fixture
def given_resolvers(monkeypatch: pytest.MonkeyPatch) -> Given:
    def build(says: Says, **more: Any) -> Resolvers:
        built = Resolvers(says, **more)
        monkeypatch.setattr(dns, "query", built.query)
        monkeypatch.setattr(tcp, "connect", built.connect)
        monkeypatch.setattr(looks, "system_addresses", built.system_addresses)
        monkeypatch.setattr(looks, "is_v6_only", lambda: 4 not in built.ways and 6 in built.ways)
        monkeypatch.setattr(dns, "system_resolvers", lambda: ("192.168.1.1", "192.168.1.2", "192.168.1.3"))
        return built

    return build


def asker() -> NameAsker:
    return NameAsker(NAME, SITE, Ledger())


def test_the_first_resolver_that_answers_tells(given_resolvers: Given) -> None:
    resolvers = given_resolvers({"192.168.1.2": RIGHT})
    found = asker().look(compare=False)
    assert (found.addresses, found.by, found.failure, found.wrong) == (RIGHT, "192.168.1.2", None, False)
    assert found.ms is not None
    assert resolvers.asked == ["192.168.1.1", "192.168.1.2"]


@pytest.mark.parametrize(("fetch_ms", "often"), [(20.0, 1), (300.0, 1), (301.0, 3), (None, 1)])
def test_what_is_kept_does_not_hide_a_slow_resolver(fetch_ms: float | None, often: int, given_resolvers: Given) -> None:
    resolvers = given_resolvers({"192.168.1.1": RIGHT}, fetch_ms=fetch_ms)
    asking = asker()
    found = [asking.look(compare=False).ms for _ in range(3)]
    assert [ms == 301.0 for ms in found] == [fetch_ms == 301.0] * 3
    assert len(set(resolvers.fetched)) == len(resolvers.fetched) == often


def test_a_resolver_that_is_quick_again_is_quick(given_resolvers: Given) -> None:
    resolvers = given_resolvers({"192.168.1.1": RIGHT}, fetch_ms=1500.0)
    asking = asker()
    assert asking.look(compare=False).ms == 1500.0
    resolvers.fetch_ms = 20.0
    again_ms = asking.look(compare=False).ms
    assert again_ms is not None
    assert again_ms < 300.0


def test_nobody_answers(given_resolvers: Given) -> None:
    given_resolvers({})
    found = asker().look(compare=True)
    assert (found.ms, found.addresses) == (None, ())
    assert found.failure is not None
    assert found.failure.kind is FailureKind.NAME_TIMEOUT


def test_a_name_that_is_in_no_dns_may_be_in_the_hosts_file(given_resolvers: Given) -> None:
    resolvers = given_resolvers({"192.168.1.1": "NXDOMAIN"}, system=("192.168.1.10",))
    asking = asker()
    assert asking.look(compare=True).addresses == ("192.168.1.10",)
    resolvers.asked.clear()
    assert asking.look(compare=True).by == "system"
    assert resolvers.asked == ["system4"], "then the system alone is asked"


def test_a_name_that_nobody_knows_is_not_found(given_resolvers: Given) -> None:
    given_resolvers({"192.168.1.1": "NXDOMAIN"})
    found = asker().look(compare=True)
    assert found.failure is not None
    assert (found.ms, found.failure.kind) == (None, FailureKind.NAME_NOT_FOUND)


@pytest.mark.parametrize(
    ("own", "public", "wrong"),
    [
        (STALE, {"1.1.1.1": RIGHT, "8.8.8.8": RIGHT}, True),
        (RIGHT, {"1.1.1.1": RIGHT, "8.8.8.8": RIGHT}, False),
        (STALE, {"1.1.1.1": RIGHT, "8.8.8.8": STALE}, False),  # they do not agree: it is on its way
        (STALE, {"1.1.1.1": RIGHT}, False),  # one of them keeps silent
        (("192.168.1.10",), {"1.1.1.1": RIGHT, "8.8.8.8": RIGHT}, False),  # the office's own view
        (STALE, {}, False),
    ],
)
def test_a_stale_resolver_is_found_out_by_two_public_ones(
    own: tuple[str, ...], public: Says, wrong: bool, given_resolvers: Given
) -> None:
    given_resolvers({"192.168.1.1": own, **public})
    asking = asker()
    assert asking.look(compare=True).wrong is wrong
    assert all(each.who in SITE.resolvers for each in asking.ledger.third_parties)
    assert asking.look(compare=False).wrong is False


@pytest.mark.parametrize(
    ("opens", "wrong"),
    [(STALE, False), ((*STALE, *RIGHT), False), (RIGHT, True), ((), False)],
)
def test_an_address_at_which_the_emr_answers_is_not_wrong(
    opens: tuple[str, ...], wrong: bool, given_resolvers: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(address: str, _port: int, _timeout_s: float) -> tcp.Answered | Failure:
        refusal = Failure(FailureKind.REFUSED, "connect", address)
        return tcp.Answered(1.0, None if address in opens else refusal)

    given_resolvers({"192.168.1.1": STALE, "1.1.1.1": RIGHT, "8.8.8.8": RIGHT})
    monkeypatch.setattr(tcp, "connect", connect)
    assert NameAsker(NAME, SITE, Ledger(), 443).look(compare=True).wrong is wrong


@pytest.mark.parametrize(
    ("system", "opens", "first"),
    [
        ((*STALE, *RIGHT), RIGHT, RIGHT[0]),
        ((*STALE, *RIGHT), (), STALE[0]),
        (STALE, (), STALE[0]),
        (UNKNOWN, (), None),
    ],
    ids=["one answers", "none answers", "one alone", "no name"],
)
def test_of_several_addresses_that_one_is_watched_at_which_the_port_opens(
    system: tuple[str, ...] | Failure,
    opens: tuple[str, ...],
    first: str | None,
    given_resolvers: Given,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(address: str, _port: int, _timeout_s: float) -> tcp.Answered | Failure:
        silence = Failure(FailureKind.TIMEOUT, "connect", address)
        return tcp.Answered(1.0, None) if address in opens else silence

    given_resolvers({}, system=system)
    monkeypatch.setattr(tcp, "connect", connect)
    assert NameAsker(NAME, SITE, Ledger(), 443).first() == first


DEAD, ALIVE, THIRD, FOURTH = "93.184.216.99", RIGHT[0], "93.184.216.50", "93.184.216.51"


@pytest.mark.parametrize(
    ("said", "asked", "shut", "opens", "tried"),
    [
        ((DEAD, ALIVE), DEAD, True, ALIVE, [DEAD, ALIVE]),
        ((DEAD, ALIVE), ALIVE, True, ALIVE, [ALIVE]),  # it is well again
        ((DEAD, ALIVE), None, False, ALIVE, [DEAD, ALIVE]),
        ((DEAD, ALIVE), THIRD, False, ALIVE, [DEAD, ALIVE]),
        ((DEAD, ALIVE), ALIVE, False, None, []),
        ((DEAD,), DEAD, True, None, []),
        ((DEAD, THIRD, FOURTH, ALIVE), DEAD, True, None, [DEAD, THIRD, FOURTH]),
    ],
    ids=["shut", "open again", "none known", "another record", "open", "one alone", "three at most"],
)
def test_while_the_emr_does_not_open_its_other_addresses_are_tried(
    said: tuple[str, ...], asked: str | None, shut: bool, opens: str | None, tried: list[str], given_resolvers: Given
) -> None:
    resolvers = given_resolvers({"192.168.1.1": said}, opens=(ALIVE,))
    found = NameAsker(NAME, SITE, Ledger(), 443).look(compare=False, asked=asked, shut=shut)
    assert (found.opens, resolvers.tried) == (opens, tried)


def test_they_are_tried_each_half_minute_only_and_what_was_found_holds_meanwhile(
    given_resolvers: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolvers = given_resolvers({"192.168.1.1": (DEAD, ALIVE)}, opens=(ALIVE,))
    asking, now_s = NameAsker(NAME, SITE, Ledger(), 443), 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    for _ in range(7):
        assert asking.look(compare=False, asked=THIRD).opens == ALIVE
        now_s += 5.0
    assert resolvers.tried == [DEAD, ALIVE] * 2


SIX, STALE_SIX = ("2606:2800:220:1::10",), ("2606:2800:220:1::99",)


@pytest.mark.parametrize(
    ("four", "own", "public", "wrong"),
    [
        ((), STALE_SIX, SIX, True),
        ((), SIX, SIX, False),
        (RIGHT, STALE_SIX, SIX, True),  # a browser prefers it
        (RIGHT, SIX, SIX, False),
        (RIGHT, (), SIX, False),  # a resolver that leaves IPv6 out leads nobody astray
        ((), ("fd00::10",), SIX, False),  # the office's own view
        ((), STALE_SIX, (), False),
    ],
)
def test_a_stale_address_of_ipv6_is_found_out_as_well(
    four: tuple[str, ...], own: tuple[str, ...], public: tuple[str, ...], wrong: bool, given_resolvers: Given
) -> None:
    servers = ("192.168.1.1", "1.1.1.1", "8.8.8.8")
    given_resolvers(dict.fromkeys(servers, four), says_six=dict.fromkeys(servers, public) | {servers[0]: own})
    asking = asker()
    looks_of_it = [asking.look(compare=True) for _ in range(3)]
    assert [each.wrong for each in looks_of_it] == [wrong] * 3
    assert {each.addresses for each in looks_of_it} == {four or own}


def test_public_resolvers_are_asked_now_and_then_only_and_what_they_said_holds(
    given_resolvers: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolvers = given_resolvers({"192.168.1.1": STALE, "1.1.1.1": RIGHT, "8.8.8.8": RIGHT})
    clock = itertools.count(0.0, 5.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    asking = asker()
    found = [asking.look(compare=True).wrong for _ in range(13)]
    assert all(found), "between two comparisons too"
    assert resolvers.asked.count("1.1.1.1") == 3


def test_just_after_a_change_others_may_not_know_it_yet(
    given_resolvers: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolvers = given_resolvers({"192.168.1.1": STALE, "1.1.1.1": STALE, "8.8.8.8": STALE})
    clock = itertools.count(0.0, 5.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    asking = asker()
    assert not asking.look(compare=True).wrong
    resolvers.says = {**resolvers.says, "192.168.1.1": RIGHT}
    found = [asking.look(compare=True).wrong for _ in range(70)]
    assert not any(found[:60])
    assert all(found[61:])


def page_asker(path: str = "/oscar/") -> PageAsker:
    return PageAsker(Target("127.0.0.1", 0, path, False, "127.0.0.1"), Ledger())


@pytest.fixture
def emr() -> Iterator[Callable[[Mapping[str, bytes]], tuple[int, list[bytes]]]]:
    """A server that says this for each path; its port, and the requests that it got."""
    opened = []

    def serve(says: Mapping[str, bytes]) -> tuple[int, list[bytes]]:
        requests: list[bytes] = []

        def handle(connection: socket.socket) -> None:
            request = connection.recv(4096)
            requests.append(request)
            connection.sendall(says.get(request.split()[1].decode(), http_reply(b"?", "404 Not Found")))

        server = tcp_server(handle)
        opened.append(server)
        return server.__enter__(), requests

    yield serve
    for server in opened:
        server.__exit__(None, None, None)


Serve = Callable[[Mapping[str, bytes]], tuple[int, list[bytes]]]


def looked(asking: PageAsker, port: int) -> PageLook:
    asking.target = replace(asking.target, port=port)
    return asking.look("127.0.0.1")


def moved_to(place: str, more: str = "") -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {place}\r\n{more}Content-Length: 0\r\n\r\n".encode()


def test_each_look_goes_as_a_browser_does_to_the_page_that_people_see(emr: Serve) -> None:
    port, requests = emr(
        {"/oscar/": moved_to("/oscar/index.jsp", "Set-Cookie: id=7\r\n"), "/oscar/index.jsp": http_reply(b"<html>")}
    )
    asking = page_asker()
    assert looked(asking, port).status == 200
    found = looked(asking, port)
    assert (found.status, found.is_error) == (200, False)
    assert found.wait_ms is not None
    assert [request.split()[1] for request in requests] == [b"/oscar/", b"/oscar/index.jsp"] * 2
    assert b"Cookie: id=7" in requests[-1], "no new session for each look"


def test_a_page_that_sends_on_to_itself_goes_round(emr: Serve) -> None:
    port, requests = emr({"/oscar/": moved_to("/oscar/a"), "/oscar/a": moved_to("/oscar/")})
    assert looked(page_asker(), port).goes_round
    assert len(requests) == 6, "the page, and five that it sends on to"


def test_what_sends_on_late_is_late_each_time() -> None:
    says = {"/oscar/": moved_to("/oscar/login"), "/oscar/login": http_reply(b"<html>")}

    def handle(connection: socket.socket) -> None:
        path = connection.recv(4096).split()[1].decode()
        if path == "/oscar/":
            time.sleep(0.3)
        connection.sendall(says[path])

    with tcp_server(handle) as port:
        asking = page_asker()
        waits_ms = [looked(asking, port).wait_ms for _ in range(2)]
    assert all(wait_ms is not None and wait_ms >= 290.0 for wait_ms in waits_ms)


@pytest.mark.parametrize(("limit_s", "cut"), [(5.0, False), (0.5, True)])
def test_how_long_a_page_takes_after_its_first_byte(limit_s: float, cut: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_look, "PAGE_LIMIT_S", limit_s)

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<html>")
        time.sleep(1.0)
        connection.sendall(b"x" * 14)

    with tcp_server(handle) as port:
        found = looked(page_asker(), port)
    assert found.wait_ms is not None
    assert found.rest_ms is not None
    assert found.wait_ms < 300.0
    assert (found.rest_ms >= (200.0 if cut else 900.0), found.cut) == (True, cut)


def page(connect_ms: float, tls_ms: float | None, first_byte_ms: float) -> Page:
    return Page(200, {}, (), b"<html>", 6, connect_ms, tls_ms, first_byte_ms, first_byte_ms, None)


@pytest.mark.parametrize(
    ("connect_ms", "tls_ms", "wait_ms"),
    [(10.0, None, 50.0), (10.0, 20.0, 50.0), (10.0, 2520.0, 2550.0), (1200.0, 2400.0, 0.0)],
)
def test_a_slow_handshake_is_the_servers_and_a_slow_way_is_not(
    connect_ms: float, tls_ms: float | None, wait_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_look, "get_untrusted", lambda *_, **__: page(connect_ms, tls_ms, 60.0))
    assert page_asker().look("127.0.0.1").wait_ms == wait_ms


def test_redirects_that_go_round_or_elsewhere_end(emr: Serve) -> None:
    port, requests = emr({"/oscar/": moved_to("/oscar/")})
    assert looked(page_asker(), port).status == 302
    assert len(requests) <= 6
    port, requests = emr({"/oscar/": moved_to("http://elsewhere.example.org/")})
    assert looked(page_asker(), port).status == 302
    assert len(requests) == 1


@pytest.mark.parametrize("status", ["500 Oh", "503 Later"])
def test_an_error_of_the_server_is_told_as_one(status: str, emr: Serve) -> None:
    port, _ = emr({"/oscar/": http_reply(b"<html>", status)})
    assert looked(page_asker(), port).is_error


def test_what_is_no_page_is_a_failure(emr: Serve) -> None:
    port, _ = emr({"/oscar/": b"\x1b[2J garbage\r\n\r\n"})
    found = looked(page_asker(), port)
    assert (found.wait_ms, found.is_error) == (None, False)
    assert found.failure is not None


def test_cookies_do_not_add_up(emr: Serve) -> None:
    many = "".join(f"Set-Cookie: c{number}={'x' * 20}\r\n" for number in range(60))
    port, _ = emr({"/oscar/": moved_to("/oscar/a", many), "/oscar/a": moved_to("/oscar/", many.replace("c", "d"))})
    asking = page_asker()
    looked(asking, port)
    assert len(asking._cookies) <= 20


@pytest.mark.parametrize(
    ("ways", "four", "six", "addresses"),
    [
        ((6,), RIGHT, SIX, SIX),
        ((6,), RIGHT, (), RIGHT),
        ((4, 6), RIGHT, SIX, RIGHT),
        ((4, 6), (), SIX, SIX),
        ((), RIGHT, SIX, RIGHT),
    ],
)
def test_where_there_is_no_ipv4_the_address_of_ipv6_is_asked_for_first(
    ways: tuple[int, ...],
    four: tuple[str, ...],
    six: tuple[str, ...],
    addresses: tuple[str, ...],
    given_resolvers: Given,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolvers = given_resolvers({"192.168.1.1": four}, says_six={"192.168.1.1": six}, ways=ways)
    by_version = {4: four, 6: six}
    monkeypatch.setattr(looks, "system_addresses", lambda _host, *, version, deadline_s: by_version[version] or UNKNOWN)
    asking = asker()
    assert asking.look(compare=False).addresses == asking.addresses() == addresses
    resolvers.ways = (4, 6)
    assert asking.look(compare=False).addresses == (four or six), "it went to a network that has IPv4"
