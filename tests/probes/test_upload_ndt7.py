"""ndt7 servers on loopback: a speed only as the server counted it, else a reason, and in time."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import http
from emrnetcheck.net.http import HttpAnswer, Response
from emrnetcheck.net.ndt7 import parse_report
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput import backends
from emrnetcheck.probes.throughput.backends.ndt7 import PUBLISHED, Ndt7, located
from emrnetcheck.probes.throughput.plan import MB, LoadPlan
from emrnetcheck.probes.upload import measure_with
from tests.lab.internet.certificates import Authority
from tests.lab.internet.ndt7_server import FAULTS, Ndt7Server
from tests.probes import throughput_servers as servers
from tests.probes.test_upload import a_context
from tests.probes.throughput_servers import Behaviour, serving

PLAN = LoadPlan(
    idle_s=0.1,
    idle_delay_every_s=0.05,
    ramp_s=0.5,
    count_s=1.5,
    stall_s=2.0,
    connect_timeout_s=0.8,
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
}


def upload_to(server: str, plan: LoadPlan = PLAN, context: Context | None = None) -> Upload | Failure:
    return measure_with(Site(upload_servers=(server,)), context or a_context(), plan)


def reason(port: int, plan: LoadPlan = PLAN) -> Failure:
    """Why one server could not be used; the second, that would be well, is used."""
    with Ndt7Server(read_bytes_per_s=1e6).running() as good:
        site = Site(upload_servers=(f"ndt7+ws://127.0.0.1:{port}", f"ndt7+ws://127.0.0.1:{good.port}"))
        outcome = measure_with(site, a_context(), plan)
    assert isinstance(outcome, Upload)
    return outcome.skipped_servers[0].failure


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


def saying(answer: bytes) -> Behaviour:
    def behave(client: servers.Client) -> None:
        client.sock.recv(65536)
        client.say(answer)
        client.sock.recv(65536)

    return behave


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), FailureKind.HTTP_STATUS),
        (saying(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), None),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), FailureKind.HTTP_STATUS),
        (servers.speaking_first, FailureKind.TIMEOUT),
        (servers.closing_at_once, None),
    ],
    ids=["400", "redirect", "200", "another protocol", "closes"],
)
def test_a_server_of_another_kind_is_a_failure(
    behaviour: Behaviour, kind: FailureKind | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emrnetcheck.net.ndt7_connection._HANDSHAKE_S", 1.0)
    with serving(behaviour) as server:
        failure = reason(server.port)
    assert kind is None or failure.kind is kind


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emrnetcheck.net.ndt7_connection._HANDSHAKE_S", 0.5)
    with serving(servers.silent) as server:
        assert reason(server.port).kind is FailureKind.TIMEOUT


def test_nobody_there_is_refused() -> None:
    with servers.nobody() as port:
        assert reason(port).kind is FailureKind.REFUSED


def test_ctrl_c_ends_it_within_a_second() -> None:
    stop = threading.Event()
    stopped_at_s: list[float] = []

    def interrupt(text: str, *_: object) -> None:
        if text.startswith("uploading") and not stopped_at_s:
            stopped_at_s.append(time.monotonic())
            stop.set()

    with Ndt7Server(read_bytes_per_s=1e6).running() as server:
        context = a_context(stop=stop, progress=interrupt)
        outcome = upload_to(f"ndt7+ws://127.0.0.1:{server.port}", replace(PLAN, count_s=4.0), context)
        assert time.monotonic() - stopped_at_s[0] < 1.0
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.INTERRUPTED


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with servers.nobody() as port, Ndt7Server(read_bytes_per_s=1e6).running() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "ws_proxy", "wss_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert isinstance(upload_to(f"ndt7+ws://127.0.0.1:{server.port}"), Upload)


URL = "wss://ndt-mlab1-yyz01.example/ndt/v7/upload"


def test_the_access_token_goes_to_the_server_only() -> None:
    body = json.dumps({"results": [{"urls": {"wss:///ndt/v7/upload": f"{URL}?access_token=ey.J-_9"}}] * 4})
    targets = located(body.encode())
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


@pytest.mark.parametrize("status", ["429", "503"])
def test_a_locate_service_that_will_not_is_told(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Failure(FailureKind.HTTP_STATUS, "GET", "x", status)
    monkeypatch.setattr(http, "get", lambda *_, **__: refusal)
    context = a_context()
    outcome = Ndt7().find("ndt7", context)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.HTTP_STATUS
    assert status in outcome.detail
    assert "publishes" in context.ledger.third_parties[0].told


def test_what_locate_names_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"results": [{"urls": {"wss:///ndt/v7/upload": f"{URL}?access_token=a"}}]}).encode()
    monkeypatch.setattr(http, "get", lambda *_, **__: HttpAnswer(Response(200, {}, body), 1.0, 1, 1))
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
