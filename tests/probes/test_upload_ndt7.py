"""ndt7 servers on loopback: a speed only as the server counted it, else a reason, and in time."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import http
from emrnetcheck.net.http import HttpAnswer, Response
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.net.ndt7 import parse_report
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput import backends
from emrnetcheck.probes.throughput.backends.ndt7 import PUBLISHED, located
from emrnetcheck.probes.throughput.plan import MB, LoadPlan
from emrnetcheck.probes.upload import measure_with
from tests.lab.internet.certificates import Authority
from tests.lab.internet.ndt7_server import FAULTS, Ndt7Server
from tests.probes import throughput_servers as servers
from tests.probes.attempts import failure_of
from tests.probes.test_upload import a_context
from tests.probes.throughput_servers import Behaviour, serving

PLAN = LoadPlan(
    idle_s=0.1,
    idle_delay_every_s=0.05,
    ramp_s=0.5,
    count_s=1.5,
    stall_s=2.0,
    connect_timeout_s=3.0,
    cap_bytes=200 * MB,
    slot_s=0.25,
)
EXPECTED = {
    "no subprotocol": FailureKind.REJECTED,
    "closes at once": FailureKind.RESET,
    "garbage": FailureKind.MALFORMED,
    "nested": FailureKind.MALFORMED,
    "never reports": FailureKind.STALLED,
    "huge": FailureKind.TOO_LARGE,
    "stalls": FailureKind.STALLED,
    "stops counting": FailureKind.STALLED,
    "lies": FailureKind.MALFORMED,
    "binary": FailureKind.MALFORMED,
    "flood": FailureKind.TOO_LARGE,
    "backwards": FailureKind.MALFORMED,
    "wrong clock": FailureKind.MALFORMED,
    "clock stands": FailureKind.MALFORMED,
    "negative": FailureKind.MALFORMED,
    "no numbers": FailureKind.MALFORMED,
    "other reports": FailureKind.STALLED,
    "resets": FailureKind.RESET,
}


def upload_to(server: str, plan: LoadPlan = PLAN, context: Context | None = None) -> Upload | Failure:
    return measure_with(Site(upload_servers=(server,)), context or a_context(), plan)


def reason(port: int, plan: LoadPlan = PLAN, context: Context | None = None) -> Failure:
    """Why one server could not be used."""
    return failure_of(f"ndt7+ws://127.0.0.1:{port}", plan, context or a_context())


def test_a_speed_is_what_the_server_counted() -> None:
    context = a_context()
    with Ndt7Server(read_bytes_per_s=1e6).running() as server:
        seen = upload_to(f"ndt7+ws://127.0.0.1:{server.port}", replace(PLAN, count_s=3.0), context)
    assert isinstance(seen, Upload)
    assert seen.method == "server_report"
    assert seen.back_end == "ndt7"
    assert seen.server == f"ws://127.0.0.1:{server.port}/ndt/v7/upload"
    assert seen.goodput_mbps is not None
    assert 5.0 < seen.goodput_mbps < 12.0
    assert seen.streams == 1
    assert seen.idle_rtt_ms is not None
    assert seen.loaded_rtt_ms is not None
    assert context.ledger.sent_bytes == seen.sent_bytes > 0
    assert context.ledger.third_parties == []
    assert len(seen.samples) >= 8
    assert server.paths[0].startswith("/ndt/v7/upload?client_name=emrnetcheck&client_version=")


@contextlib.contextmanager
def another_sends(bytes_per_s: float) -> Iterator[None]:
    """Beside us, over the same interface."""
    ended = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, socket.socket(type=socket.SOCK_DGRAM) as heard:
            heard.bind(("127.0.0.1", 0))
            while not ended.wait(10_000 / bytes_per_s):
                sock.sendto(bytes(10_000), heard.getsockname())

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="its counters of loopback are needed")
@pytest.mark.parametrize("use_tcp_info", [True, False])
def test_other_traffic_is_seen_before_and_during(use_tcp_info: bool) -> None:
    plan = replace(PLAN, idle_s=0.5, use_tcp_info=use_tcp_info)
    with another_sends(2e6), Ndt7Server(read_bytes_per_s=1e6).running() as server:
        seen = upload_to(f"ndt7+ws://127.0.0.1:{server.port}", plan)
    assert isinstance(seen, Upload)
    assert seen.other_sent_mbps is not None
    # Seen at all: how much of its 16 Mbps the other sender gets is this machine's affair.
    assert seen.other_sent_mbps > 1.0
    assert seen.other_during_mbps is not None
    assert seen.other_during_mbps > 1.0
    assert seen.own_during_mbps is not None
    assert seen.own_during_mbps > 1.0


def test_an_abrupt_end_after_reports_is_a_speed() -> None:
    with Ndt7Server(read_bytes_per_s=1e6, longest_s=1.5).running() as server:
        seen = upload_to(f"ndt7+ws://127.0.0.1:{server.port}", replace(PLAN, count_s=6.0))
    assert isinstance(seen, Upload)
    assert seen.seconds < 2.0


def test_the_cap_is_kept_and_said() -> None:
    with Ndt7Server().running() as server:
        seen = upload_to(f"ndt7+ws://127.0.0.1:{server.port}", replace(PLAN, cap_bytes=4 * MB))
    assert isinstance(seen, Upload)
    assert seen.sent_bytes <= 4 * MB
    assert seen.tester_limited is not None
    assert "max_mb" in seen.tester_limited


def test_with_tls_the_certificate_must_be_trusted(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue(["127.0.0.1"], tmp_path))
    with Ndt7Server(read_bytes_per_s=1e6).running(tls) as server:
        site = Site(upload_servers=(f"ndt7+wss://127.0.0.1:{server.port}",))
        trusted = measure_with(site, a_context(), PLAN, ca_file=str(authority.certificate_path))
        untrusted = measure_with(site, a_context(), PLAN)
    assert isinstance(trusted, Upload)
    assert isinstance(untrusted, Failure)
    assert "not trusted" in untrusted.detail


def test_every_fault_is_expected() -> None:
    assert set(EXPECTED) == set(FAULTS) - {"none"}


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_server_that_fails_is_never_a_speed(fault: str) -> None:
    with Ndt7Server(fault, read_bytes_per_s=1e6).running() as server:
        assert reason(server.port).kind is EXPECTED[fault]


def saying(*pieces: bytes, every_s: float = 0.0, endless: bytes = b"") -> Behaviour:
    """Takes the request, then says this."""

    def behave(client: servers.Client) -> None:
        client.sock.recv(65536)
        for piece in pieces:
            client.say(piece)
            client.stop.wait(every_s)
        while endless and not client.stop.wait(every_s):
            client.say(endless)
        client.hold()

    return behave


def refusal(status: str, *lines: str) -> Behaviour:
    return saying("\r\n".join((f"HTTP/1.1 {status}", *lines, "Content-Length: 0", "", "")).encode())


UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
OTHERS: dict[str, tuple[Behaviour, FailureKind]] = {
    "400": (refusal("400 Bad Request"), FailureKind.HTTP_STATUS),
    "413": (refusal("413 Content Too Large"), FailureKind.HTTP_STATUS),
    "429": (refusal("429 Too Many Requests"), FailureKind.HTTP_STATUS),
    "500": (refusal("500 Internal Server Error"), FailureKind.HTTP_STATUS),
    "200": (refusal("200 OK"), FailureKind.HTTP_STATUS),
    "redirect": (refusal("302 Found", "Location: ws://127.0.0.1:1/"), FailureKind.HTTP_STATUS),
    "wrong accept": (saying(UPGRADE + b"Sec-WebSocket-Accept: AAAA\r\n\r\n"), FailureKind.MALFORMED),
    "an endless line": (saying(b"HTTP/1.1 101 ", endless=b"x" * 4096), FailureKind.TIMEOUT),
    "endless headers": (saying(UPGRADE, endless=b"X-More: and more\r\n" * 50), FailureKind.TIMEOUT),
    "a huge refusal": (
        saying(b"HTTP/1.1 500 No\r\nContent-Length: 99999999999\r\n\r\n", endless=b"x" * 65536),
        FailureKind.TIMEOUT,
    ),
    "trickling": (saying(b"HTTP/1.1 101 ", every_s=0.05, endless=b"x"), FailureKind.TIMEOUT),
    "another protocol": (saying(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), FailureKind.TIMEOUT),
    "closes": (servers.closing_at_once, FailureKind.RESET),
    "silent": (servers.silent, FailureKind.TIMEOUT),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_server_of_another_kind_is_a_failure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emrnetcheck.net.ndt7_connection._HANDSHAKE_S", 0.6)
    behaviour, kind = OTHERS[name]
    context = a_context()
    with serving(behaviour) as server:
        began_s = time.monotonic()
        failure = reason(server.port, context=context)
        assert time.monotonic() - began_s < 2.5
    assert failure.kind is kind
    assert context.ledger.sent_bytes == 0


def test_a_server_that_speaks_first_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emrnetcheck.net.ndt7_connection._HANDSHAKE_S", 0.6)
    with serving(servers.speaking_first) as server:
        # Which of the two, depends on which end is quicker.
        assert reason(server.port).kind in (FailureKind.MALFORMED, FailureKind.TIMEOUT)


def test_a_tls_handshake_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emrnetcheck.net.ndt7_connection._HANDSHAKE_S", 0.3)
    record = b"\x16\x03\x03\x40\x00"  # a handshake record of 16 KB, of which a byte comes now and again
    with serving(saying(record, every_s=0.1, endless=b"\x00")) as server:
        began_s = time.monotonic()
        failure = failure_of(f"ndt7+wss://127.0.0.1:{server.port}", PLAN, a_context())
    assert failure.kind is FailureKind.TIMEOUT
    assert time.monotonic() - began_s < 3.0


def test_nobody_there_is_refused() -> None:
    with servers.nobody() as port:
        assert reason(port).kind is FailureKind.REFUSED


def test_who_does_not_answer_is_given_up() -> None:
    with servers.unanswered() as port:
        failure = reason(port)
    assert failure.kind is FailureKind.TIMEOUT
    assert failure.operation == "connect"


class Hanging:
    """A server that takes the connection and says nothing. begun: something came; gone: the client has closed."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.gone = threading.Event()

    def __call__(self, client: servers.Client) -> None:
        client.sock.recv(1)
        self.begun.set()
        with contextlib.suppress(OSError):
            while client.sock.recv(65536):
                pass
        self.gone.set()


@contextlib.contextmanager
def stopping_once(begun: threading.Event, stop: threading.Event) -> Iterator[list[float]]:
    """Ctrl-C as soon as it has begun; when that was."""
    at_s: list[float] = []

    def wait() -> None:
        begun.wait(10.0)
        at_s.append(time.monotonic())
        stop.set()

    thread = threading.Thread(target=wait)
    thread.start()
    yield at_s
    thread.join()


@pytest.mark.parametrize("scheme", ["ndt7+ws", "ndt7+wss"])
def test_ctrl_c_ends_a_handshake_within_a_second(scheme: str) -> None:
    context, hanging = a_context(), Hanging()
    with serving(hanging) as server, stopping_once(hanging.begun, context.stop) as at_s:
        failure = failure_of(f"{scheme}://127.0.0.1:{server.port}", PLAN, context)
        assert time.monotonic() - at_s[0] < 1.0
        assert hanging.gone.wait(at_s[0] + 1.0 - time.monotonic())
    assert failure.kind is FailureKind.INTERRUPTED


def test_ctrl_c_ends_it_while_it_connects() -> None:
    context = a_context()
    with servers.unanswered() as port:
        threading.Timer(0.4, context.stop.set).start()
        began_s = time.monotonic()
        failure = reason(port, replace(PLAN, connect_timeout_s=5.0), context)
    assert failure.kind is FailureKind.INTERRUPTED
    assert time.monotonic() - began_s < 1.4


class HangingLookup(Lookup):
    """No name is ever answered."""

    def __init__(self) -> None:
        super().__init__(())
        self.asked, self.test_over = threading.Event(), threading.Event()

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        self.asked.set()
        self.test_over.wait(20.0)
        return Failure(FailureKind.NAME_TIMEOUT, "look up", host)


@pytest.mark.parametrize("server", ["ndt7", "ndt7+wss://ndt.example.org"])
def test_ctrl_c_ends_a_look_up_within_a_second(server: str) -> None:
    lookup = HangingLookup()
    context = replace(a_context(), lookup=lookup)
    with stopping_once(lookup.asked, context.stop) as at_s:
        failure = failure_of(server, PLAN, context)
        assert time.monotonic() - at_s[0] < 1.0
    lookup.test_over.set()
    assert failure.kind is FailureKind.INTERRUPTED


@pytest.mark.parametrize("fault", ["none", "stalls", "never reports"])
def test_ctrl_c_ends_a_load_within_a_second(fault: str) -> None:
    context = a_context()
    with Ndt7Server(fault, read_bytes_per_s=1e6).running() as server:
        with stopping_once(server.loading, context.stop) as at_s:
            failure = reason(server.port, replace(PLAN, count_s=4.0), context)
            assert time.monotonic() - at_s[0] < 1.0
        if fault == "none":  # the others look at the connection too seldom
            assert server.gone.wait(60.0)
    assert failure.kind is FailureKind.INTERRUPTED
    assert context.ledger.sent_bytes > 0


def test_ctrl_c_ends_a_load_over_tls(tmp_path: Path) -> None:
    authority, context = Authority.create(tmp_path), a_context()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue(["127.0.0.1"], tmp_path))
    with Ndt7Server(read_bytes_per_s=1e6).running(tls) as server:
        with stopping_once(server.loading, context.stop) as at_s:
            plan = replace(PLAN, count_s=4.0, connect_timeout_s=10.0)  # whatever else the machine does
            failure = failure_of(f"ndt7+wss://127.0.0.1:{server.port}", plan, context, str(authority.certificate_path))
            assert at_s, failure.in_words()
            assert time.monotonic() - at_s[0] < 1.0
        assert server.gone.wait(60.0)  # it reads what is under way first, at its own speed
    assert failure.kind is FailureKind.INTERRUPTED


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with servers.nobody() as port, Ndt7Server(read_bytes_per_s=1e6).running() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "ws_proxy", "wss_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert isinstance(upload_to(f"ndt7+ws://127.0.0.1:{server.port}"), Upload)


URL = "wss://ndt-mlab1-yyz01.example/ndt/v7/upload"


def test_the_access_token_goes_to_the_server_only() -> None:
    answer = json.dumps({"results": [{"urls": {"wss:///ndt/v7/upload": f"{URL}?access_token=ey.J-_9"}}] * 4})
    targets = located(answer.encode())
    assert not isinstance(targets, Failure)
    assert len(targets) == 2
    assert targets[0].url == URL
    assert targets[0].query == "access_token=ey.J-_9"
    assert targets[0].told == PUBLISHED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 60_000,
        b"[]",
        b'{"results": 7}',
        b'{"results": [7, {"urls": 1}, {"urls": {"wss:///ndt/v7/upload": 5}}]}',
        b'{"results": [{"urls": {"wss:///ndt/v7/upload": "http://x/"}}]}',
        b'{"results": [{"urls": {"wss:///ndt/v7/upload": "wss://x/?a\\r\\nb"}}]}',
        b'{"results": [{"urls": {"wss:///ndt/v7/upload": "ws://x/ndt/v7/upload"}}]}',
    ],
)
def test_a_bad_list_of_servers_is_a_failure(body: bytes) -> None:
    outcome = located(body)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.MALFORMED


@pytest.fixture
def locate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Behaviour], AbstractContextManager[object]]:
    """A Locate service on loopback, with a certificate that is trusted."""
    authority = Authority.create(tmp_path)
    certificate = authority.issue(["locate.measurementlab.net"], tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))

    @contextlib.contextmanager
    def run(behaviour: Behaviour) -> Iterator[None]:
        with serving(behaviour, certificate=certificate) as server:
            monkeypatch.setattr("emrnetcheck.probes.throughput.backends.ndt7._LOCATE_PORT", server.port)
            yield

    return run


def body(text: bytes, status: str = "200 OK") -> Behaviour:
    return saying(f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)


LOCATES: dict[str, tuple[Behaviour, FailureKind, str]] = {
    "429": (refusal("429 Too Many Requests"), FailureKind.HTTP_STATUS, "try again later"),
    "500": (refusal("500 Internal Server Error"), FailureKind.HTTP_STATUS, "500"),
    "redirect": (refusal("302 Found", "Location: https://localhost/"), FailureKind.HTTP_STATUS, "302"),
    "garbage": (body(b"<html>"), FailureKind.MALFORMED, "names no server"),
    "empty": (body(b""), FailureKind.MALFORMED, "names no server"),
    "huge": (body(b"[" * 100_000), FailureKind.TOO_LARGE, ""),
    "endless": (saying(b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536), FailureKind.TOO_LARGE, ""),
    "closes": (servers.closing_at_once, FailureKind.MALFORMED, ""),
    "silent": (servers.silent, FailureKind.TIMEOUT, ""),
}


@pytest.mark.parametrize("name", LOCATES)
def test_a_locate_service_that_fails_is_told(
    name: str,
    locate: Callable[[Behaviour], AbstractContextManager[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("emrnetcheck.probes.throughput.backends.ndt7._LOCATE_TIMEOUT_S", 1.0)
    behaviour, kind, detail = LOCATES[name]
    context = a_context()
    with locate(behaviour):
        failure = failure_of("ndt7", PLAN, context)
    assert failure.kind is kind
    assert detail in failure.detail
    assert [third.who for third in context.ledger.third_parties] == ["locate.measurementlab.net"]
    assert "publishes" in context.ledger.third_parties[0].told


def test_ctrl_c_ends_the_locate_request_within_a_second(
    locate: Callable[[Behaviour], AbstractContextManager[object]],
) -> None:
    context, hanging = a_context(), Hanging()
    with locate(hanging), stopping_once(hanging.begun, context.stop) as at_s:
        failure = failure_of("ndt7", PLAN, context)
        assert time.monotonic() - at_s[0] < 1.0
        assert hanging.gone.wait(1.0)
    assert failure.kind is FailureKind.INTERRUPTED


def test_what_locate_names_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"results": [{"urls": {"wss:///ndt/v7/upload": f"{URL}?access_token=a"}}]}).encode()
    monkeypatch.setattr(http, "get", lambda *_, **__: HttpAnswer(Response(200, {}, answer), 1.0, 1, 1))
    back_end = backends.choose("ndt7")
    assert not isinstance(back_end, Failure)
    targets = back_end.find("ndt7", a_context())
    assert not isinstance(targets, Failure)
    assert [target.host for target in targets] == ["ndt-mlab1-yyz01.example"]


@pytest.mark.parametrize(
    "said",
    [
        *(b"{}", "", "7", '{"TCPInfo": 7}', '{"TCPInfo": {"ElapsedTime": true, "BytesReceived": 1}}'),
        '{"TCPInfo": {"ElapsedTime": 1e400, "BytesReceived": 1}}',
        '{"TCPInfo": {"ElapsedTime": -1, "BytesReceived": 1}}',
    ],
)
def test_a_report_without_sense_is_named(said: str | bytes) -> None:
    assert isinstance(parse_report(said), str)


def test_a_report_of_something_else_is_passed_over() -> None:
    assert parse_report('{"BBRInfo": {}}') is None
