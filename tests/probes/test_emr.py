"""Is the EMR's page found, known and timed, whatever its server does, and is nothing sent that could be a log-in?"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.config.sections import EmrSection
from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.evidence.port import Port
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.probes import emr as probe
from emrnetcheck.probes import page_assets
from emrnetcheck.probes.emr_page import look_at, place_of
from emrnetcheck.profiles import FINGERPRINTS, PROFILES, PageKind
from tests.checks import builders as b
from tests.lab.internet.certificates import Authority
from tests.probes.contexts import context
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, silent_tcp_port, tcp_server

NAME = "emr.example.org"
OSCAR = (
    b'<html><head><title> OSCAR\n &amp; Co </title></head><form action="/oscar/login.do">'
    b'<input name="username"><input type="password" name="password"><input name="pin" type="password"></form>'
)


def site(port: int, hostname: str | None = NAME, path: str = "/oscar/") -> Site:
    return Site(port=port, emr_declared=True, lan_address=LOOPBACK, hostname=hostname, path=path)


def measure(site_: Site, mode: Mode = Mode.QUICK) -> Emr:
    seen = probe.measure(site_, Seen(), context(mode=mode, deadline_s=30.0))
    assert isinstance(seen, Emr)
    return seen


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    return Authority.create(folder).issue(("other.example.org",), folder / "certificates")


def redirect(to: str, status: str = "302 Found") -> bytes:
    return f"HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")


Reply = bytes | Callable[[str], bytes]


def served(reply: Reply, files: tuple[Path, Path]) -> Emr:
    with http_server(reply, tls=files) as port:
        return measure(site(port))


def test_undeclared_emr_is_not_configured() -> None:
    seen = probe.measure(Site(), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NOT_CONFIGURED


def test_the_log_in_page_is_known_and_timed(files: tuple[Path, Path]) -> None:
    paths: list[str] = []

    def reply(path: str) -> bytes:
        paths.append(path)
        return http_reply(OSCAR, content_type="text/html")

    seen = served(reply, files)
    assert (seen.status, seen.kind, seen.title, seen.scheme) == (200, PageKind.OSCAR, "OSCAR & Co", "https")
    assert (seen.asks_password, seen.body_bytes, seen.whole, seen.failure) == (True, len(OSCAR), True, None)
    assert (seen.host, seen.address, seen.content_type) == (NAME, LOOPBACK, "text/html")
    assert 2 <= len(seen.gets) <= 1 + probe.WARM_GETS
    assert set(paths) == {"/oscar/"}
    for get in seen.gets:
        assert get.total_ms is not None
        assert get.first_byte_ms is not None
        assert 0 < get.first_byte_ms <= get.total_ms


def test_only_gets_are_sent(files: tuple[Path, Path]) -> None:
    asked: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        asked.append(connection.recv(8192))
        connection.sendall(redirect("login") if b"GET /oscar/ " in asked[-1] else http_reply(OSCAR))

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*files)
    with tcp_server(handle, tls=tls) as port:
        measure(site(port))
    assert len(asked) >= 3
    for request in asked:
        assert request.startswith(b"GET /oscar/")
        assert request.endswith(b"\r\n\r\n")
        assert b"Authorization" not in request


def test_redirects_on_the_same_server_are_gone_after_with_the_cookies_it_set(files: tuple[Path, Path]) -> None:
    ports: list[int] = []

    def reply(path: str) -> bytes:
        if path == "/oscar/":
            return redirect(f"https://{NAME.upper()}:{ports[0]}/oscar/index.jsp;jsessionid=SECRET?x=SECRET")
        if path.startswith("/oscar/index.jsp"):
            return redirect("login\r\nSet-Cookie: a=1; Secure", "301 Moved")
        return http_reply(OSCAR)

    with http_server(reply, tls=files) as port:
        ports.append(port)
        seen = measure(site(port))
    assert (seen.status, seen.kind) == (200, PageKind.OSCAR)
    assert [(to.status, to.path, to.followed) for to in seen.redirects] == [
        (302, "/oscar/index.jsp", True),
        (301, "/oscar/login", True),
    ]
    assert "SECRET" not in json.dumps(asdict(seen))


def test_what_sends_on_late_is_measured_and_asked_once_more(files: tuple[Path, Path]) -> None:
    paths: list[str] = []

    def reply(path: str) -> bytes:
        paths.append(path)
        if path == "/oscar/":
            time.sleep(0.3)
            return redirect("index")
        return redirect("login") if path == "/oscar/index" else http_reply(OSCAR)

    seen = served(reply, files)
    late = [get.first_byte_ms is not None and get.first_byte_ms >= 300.0 for get in seen.sent_on]
    assert late == [True, False, True, False]
    assert [get.status for get in (*seen.sent_on, *seen.gets)] == [302] * 4 + [200] * len(seen.gets)
    assert (paths.count("/oscar/"), paths.count("/oscar/index")) == (2, 2)


def test_what_sends_on_is_asked_again_only_until_the_deadline(files: tuple[Path, Path]) -> None:
    def reply(path: str) -> bytes:
        if path == "/oscar/":
            time.sleep(1.2)
            return redirect("login")
        return http_reply(OSCAR)

    with http_server(reply, tls=files) as port:
        seen = probe.measure(site(port), Seen(), context(deadline_s=3.0))
    assert isinstance(seen, Emr)
    first, *again = seen.sent_on
    assert first.status == 302
    assert [each.status for each in again] in ([None], []), "given up, or on a busy computer too late to begin"


def test_what_sends_on_to_no_page_is_not_asked_again(files: tuple[Path, Path]) -> None:
    seen = served(lambda path: redirect("login") if path == "/oscar/" else http_reply(b"no", "500 Oh"), files)
    assert [get.status for get in seen.sent_on] == [302]


def test_what_goes_round_ends(files: tuple[Path, Path]) -> None:
    seen = served(redirect("/oscar/"), files)
    assert [to.followed for to in seen.redirects] == [True] * 5 + [False]
    assert seen.status == 302


@pytest.mark.parametrize(
    ("location", "host", "port"),
    [
        ("https://login.example.net/sso?t=1", "login.example.net", 443),
        (f"https://{NAME}/oscar/", NAME, 443),
        (f"http://{NAME}:8080/", NAME, 8080),
        ("//other.example.org/", "other.example.org", 443),
        ("https://[fe80::1", "", None),
        ("https://x:99999/", "", None),
        ("javascript:alert(1)", "", None),
    ],
)
def test_a_redirect_elsewhere_is_named_and_not_followed(
    files: tuple[Path, Path], location: str, host: str, port: int | None
) -> None:
    seen = served(redirect(location), files)
    (to,) = seen.redirects
    assert (to.host, to.port, to.followed) == (host, port, False)
    assert len(seen.gets) == 1


def test_the_servers_own_address_is_the_same_server(files: tuple[Path, Path]) -> None:
    place = place_of(f"https://{LOOPBACK}:8443/x", scheme="https", names=(NAME, LOOPBACK), port=8443, path="/")
    assert (place.host, place.next_path) == (LOOPBACK, "/x")


def test_plain_http_is_asked_in_plain(files: tuple[Path, Path]) -> None:
    def handle(connection: socket.socket) -> None:
        asked = connection.recv(8192)
        connection.sendall(http_reply(OSCAR) if asked.startswith(b"GET ") else http_reply(b"no", "400 Bad Request"))

    with tcp_server(handle) as port:
        seen = measure(site(port))
    assert (seen.scheme, seen.status, seen.kind) == ("http", 200, PageKind.OSCAR)
    assert seen.tls_failure is not None
    assert seen.tls_failure.operation == "TLS handshake"


def test_what_says_in_plain_that_it_wants_tls_is_no_plain_server() -> None:
    with tcp_server(lambda connection: connection.sendall(http_reply(b"no", "400 Bad Request"))) as port:
        seen = measure(site(port))
    assert (seen.scheme, seen.status, seen.tls_failure) == ("https", None, None)
    assert seen.failure is not None
    assert seen.failure.operation == "TLS handshake"


@pytest.mark.parametrize(
    ("port_", "asked"),
    [
        (b.port(), b.SERVER),
        (b.port(lan=b.tried(False)), "127.0.0.1"),
        (b.port(lan=b.tried(False), loopback=b.tried(False), bound=b.tried(True, "10.8.0.1")), "10.8.0.1"),
        (b.port(**b.DOWN), b.SERVER),
        (b.port(lan=b.tried(False), is_emr_host=False), b.SERVER),
        (None, b.SERVER),
    ],
)
def test_on_the_server_the_page_is_asked_for_where_the_port_is_open(port_: Port | None, asked: str) -> None:
    assert probe._where(b.SITE, Seen(port=port_)) == asked


def with_parts(*paths: str) -> bytes:
    return OSCAR + "".join(f'<img src="{path}">' for path in paths).encode() + b"</html>"


def test_what_belongs_to_the_page_is_loaded_from_its_own_server_only(files: tuple[Path, Path]) -> None:
    paths: list[str] = []
    page = with_parts("a.png", "/oscar/b.png", "https://cdn.example.net/c.png", f"https://{NAME}:1/d.png", "gone.png")

    def reply(path: str) -> bytes:
        paths.append(path)
        if path == "/oscar/gone.png":
            return redirect("/oscar/elsewhere.png")
        return http_reply(page if path == "/oscar/" else b"x" * 1000)

    seen = served(reply, files)
    assert seen.bulk is not None
    assert seen.assets_named == 3
    assert [(each.path, each.status) for each in seen.bulk.assets] == [
        ("/oscar/a.png", 200),
        ("/oscar/b.png", 200),
        ("/oscar/gone.png", 302),
    ]
    assert seen.bulk.body_bytes == 2000
    assert set(paths) == {"/oscar/", "/oscar/a.png", "/oscar/b.png", "/oscar/gone.png"}


def test_parts_without_an_end_are_given_up(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PARTS_FOR_S", 0.5)
    parts_ended = threading.Event()

    def handle(connection: socket.socket) -> None:
        if b"GET /oscar/ " in connection.recv(8192):
            connection.sendall(http_reply(with_parts(*(f"{number}.png" for number in range(50)))))
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
        while not parts_ended.wait(0.05):  # a trickle
            connection.sendall(b"x")

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*files)
    with tcp_server(handle, tls=tls) as port:
        seen = measure(site(port))
        parts_ended.set()
    assert seen.bulk is not None
    assert (seen.whole, seen.assets_named) == (True, 20)
    assert seen.bulk.cut_short
    assert all(asset.total_ms is None for asset in seen.bulk.assets)


def test_parts_are_bounded_in_bytes(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_assets, "TOTAL_MAX_BYTES", 50_000)
    page = with_parts(*(f"{number}.png" for number in range(20)))
    seen = served(lambda path: http_reply(page if path == "/oscar/" else b"x" * 40_000), files)
    assert seen.bulk is not None
    assert seen.bulk.cut_short
    assert seen.bulk.body_bytes <= 50_000 * page_assets.CONNECTIONS


def test_of_another_page_nothing_more_is_asked_for(files: tuple[Path, Path]) -> None:
    paths: list[str] = []

    def reply(path: str) -> bytes:
        paths.append(path)
        return http_reply(b'<title>OpenWrt - LuCI</title><img src="/reboot.png">')

    seen = served(reply, files)
    assert (seen.kind, seen.bulk, set(paths)) == (PageKind.ROUTER, None, {"/oscar/"})


def test_nothing_listens() -> None:
    seen = measure(site(closed_tcp_port()))
    assert seen.failure is not None
    assert (seen.status, seen.failure.kind) == (None, FailureKind.REFUSED)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "503 Soon"])
def test_an_error_is_asked_for_once(files: tuple[Path, Path], status: str) -> None:
    seen = served(http_reply(b"<title>Sorry</title>", status), files)
    assert (seen.status, seen.title, len(seen.gets)) == (int(status[:3]), "Sorry", 1)


def test_a_page_that_does_not_end_is_asked_for_once(files: tuple[Path, Path]) -> None:
    seen = served(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + OSCAR, files)
    assert (seen.status, seen.kind, seen.whole, len(seen.gets)) == (200, PageKind.OSCAR, False, 1)
    assert seen.failure is not None


def test_a_router_that_wants_a_password_is_known_by_its_realm(files: tuple[Path, Path]) -> None:
    head = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="NETGEAR R7000"\r\nContent-Length: 0\r\n\r\n'
    assert served(head, files).kind is PageKind.ROUTER


def test_for_how_long_it_was_waited_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PATIENCE_S", 0.6)
    with silent_tcp_port() as port:
        seen = measure(site(port))
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.detail) == (FailureKind.TIMEOUT, "waited for 1 s")


def test_the_patience_is_the_same_in_every_mode() -> None:
    assert len(set(probe.PROBE.deadline_s.values())) == 1
    assert min(probe.PROBE.deadline_s.values()) > probe._PATIENCE_S > 10.0


def test_an_interrupted_run_ends_at_once() -> None:
    with silent_tcp_port() as port:
        running = context(deadline_s=60.0)
        threading.Timer(0.2, running.stop.set).start()
        started_s = time.monotonic()
        seen = probe.measure(site(port), Seen(), running)
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.INTERRUPTED
    assert time.monotonic() - started_s < 30


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (OSCAR, PageKind.OSCAR),
        (b'<title>Elm</title><form action="/oscar/login.do"><input name="pin2">', PageKind.OSCAR),
        (b'<title>OpenEMR Login</title><input name="authUser"><input name="clearPass">', PageKind.OPENEMR),
        (b'<title>Login</title><form action="/openmrs/login.htm"><input type="password">', PageKind.OPENMRS),
        (b"<title>OpenMRS</title>", PageKind.OPENMRS),
        (b"<title>Apache Tomcat/9.0.31</title>", PageKind.DEFAULT_PAGE),
        (b"<title>Apache2 Ubuntu Default Page: It works</title>", PageKind.DEFAULT_PAGE),
        (b"<title>Welcome to nginx!</title>", PageKind.DEFAULT_PAGE),
        (b"<title>DD-WRT (build 1) - Info</title>", PageKind.ROUTER),
        (b"<title>OpenWrt - LuCI</title>", PageKind.ROUTER),
        (b"<title>RouterOS router configuration page</title>", PageKind.ROUTER),
        (b"<title>HTTP Status 404 \xe2\x80\x93 Not Found</title><h3>Apache Tomcat/9.0</h3>", PageKind.OTHER),
        (b"<title>DiskStation - Synology</title>", PageKind.STORAGE),
        (b"<title>QNAP Turbo NAS</title>", PageKind.STORAGE),
        (b"<title>Index of /oscar/</title>", PageKind.FILE_LIST),
        (b"<h1>Error</h1>java.sql.SQLException: Connection refused", PageKind.ERROR_PAGE),
        (b"<title>Oscar's bakery</title>", PageKind.OTHER),
        (b"<title>Lucid charts - research archery</title>", PageKind.OTHER),
        (b"", PageKind.OTHER),
    ],
)
def test_pages_are_known(page: bytes, kind: PageKind) -> None:
    assert look_at(page, "").kind is kind


def test_a_title_says_nothing_to_a_terminal() -> None:
    look = look_at("<TITLE lang=en>\x1b[1mO\u202eSC\x00AR &#27;[2J &#x202e;\n</title>".encode(), "")
    assert look.title.isprintable()
    assert len(look_at(b"<title>" + b"x" * 100_000 + b"</title>", "").title) <= 120


def test_a_hundred_thousand_tags_take_no_time() -> None:
    started_s = time.monotonic()
    for tag in (b"<title", b"<title>", b"</title", b"<input type=", b"&#27;"):
        look_at(tag * 100_000, "")
    assert time.monotonic() - started_s < 20


@given(st.binary(max_size=2000), st.text(max_size=200))
def test_no_page_breaks_it(start: bytes, realm: str) -> None:
    assert look_at(start, realm).title.isprintable()
    assert look_at(b"<title>" + start, realm).title.isprintable()


@given(st.one_of(st.text(max_size=300), st.from_regex(r"https?://[^ ]{0,20}:?[0-9]{0,6}/.{0,20}")))
def test_no_redirect_breaks_it_or_leads_to_another_server(location: str) -> None:
    place = place_of(location, scheme="https", names=(NAME, "192.168.1.10"), port=8443, path="/oscar/")
    assert place.path.isprintable()
    assert place.host.isprintable()
    if place.next_path is not None:
        assert (place.host, place.port, place.scheme) in [(NAME, 8443, "https"), ("192.168.1.10", 8443, "https")]


def test_fingerprints_are_in_lower_case_and_say_something() -> None:
    for each in FINGERPRINTS:
        words = (each.title, each.realm, *each.text)
        assert any(words)
        assert all(word == word.lower() for word in words)


def test_every_profile_of_the_settings_is_known() -> None:
    assert set(get_args(EmrSection.model_fields["profile"].annotation)) == set(PROFILES)
