"""The download probe against loopback servers: a speed only of what was asked for and arrived, else a reason."""

from __future__ import annotations

import datetime as dt
import math
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.download import PROBE, measure_with
from emrnetcheck.probes.throughput import backends, engine
from emrnetcheck.probes.throughput.course import Hooks, enough
from emrnetcheck.probes.throughput.plan import Load, LoadPlan
from emrnetcheck.probes.throughput.target import Downloads, Source, Target
from tests.checks.builders import upload
from tests.lab.internet.certificates import Authority
from tests.probes import download_servers as down
from tests.probes import throughput_servers as servers
from tests.probes.download_servers import sending
from tests.probes.test_upload import a_context
from tests.probes.throughput_servers import Behaviour, serving

PLAN = LoadPlan(
    streams=2,
    slot_s=0.05,
    idle_s=0.1,
    ramp_s=0.2,
    slow_ramp_s=0.2,
    count_s=1.2,
    stall_s=0.5,
    stall_bytes=4096,
    connect_timeout_s=3.0,
    idle_delay_every_s=0.05,
    loaded_delay_every_s=0.05,
    slow_delay_every_s=0.05,
    pace_mbps=math.inf,
)
WHOLE = 24 * 1024 * 1024  # what a LibreSpeed server is asked for
LEAST = 200_000
PAUSE_S = 0.03


def fetch(port: int, plan: LoadPlan = PLAN, *, least_bytes: int = LEAST) -> Load | Failure:
    """One load without the back ends around it."""
    source = Source("127.0.0.1", port, False, "/down", "r={nonce}", least_bytes)
    hooks = Hooks(lambda: None, lambda *_: None, lambda *_: None, enough(plan.count_s))
    return engine.fetch(source, Endpoint("127.0.0.1", port), plan, hooks, "test")


def site_of(*ports: int) -> Site:
    return Site(upload_servers=tuple(f"librespeed+http://127.0.0.1:{port}/backend" for port in ports))


def download_from(
    *ports: int, context: Context | None = None, seen: Seen | None = None, **plan: Any
) -> Download | Failure:
    return measure_with(site_of(*ports), seen or Seen(), context or a_context(), replace(PLAN, **plan))


def body_mbps(load: Load) -> float:
    counted = [sample for sample in load.samples if sample.counted]
    moved = (counted[-1].acked_bytes or 0) - (counted[0].acked_bytes or 0)
    return moved / (counted[-1].at_s - counted[0].at_s) / 125_000


def test_a_speed_is_what_arrived_and_delays_are_measured_before_and_meanwhile() -> None:
    context = a_context()
    with serving(sending(WHOLE, PAUSE_S)) as server:
        seen = download_from(server.port, context=context)
        asked = server.received.request_lines
    assert isinstance(seen, Download)
    assert asked[0].startswith("GET /backend/garbage.php?ckSize=24&r=")
    assert 5.0 < seen.goodput_mbps < 9.0  # two streams of 16 KiB every 30 ms and a little: at most 8.7
    assert seen.goodput_mbps * (seen.seconds + seen.ramp_s) * 125_000 <= seen.received_bytes * 1.05
    assert seen.method == "received"
    assert seen.server == f"http://127.0.0.1:{server.port}/backend/garbage.php"
    assert seen.address == f"127.0.0.1:{server.port}"
    assert seen.line_rate_mbps == pytest.approx(seen.goodput_mbps / 0.9415, rel=0.001)
    assert seen.seconds == pytest.approx(1.2, abs=0.2)
    assert seen.loaded_seconds == pytest.approx(1.2, abs=0.2)
    assert seen.window_end_unix_s - seen.window_start_unix_s == pytest.approx(seen.seconds, abs=0.01)
    assert 1 <= seen.idle_probes <= 3
    assert 12 <= seen.loaded_probes <= 30
    assert seen.loaded_rtt_ms is not None
    assert seen.loaded_rtt_p95_ms is not None
    assert seen.loaded_rtt_p95_ms >= seen.loaded_rtt_ms
    assert seen.rpm == pytest.approx(60_000 / seen.loaded_rtt_ms)
    assert seen.tester_limited is None
    assert seen.streams == 2
    assert context.ledger.received_bytes == seen.received_bytes
    assert 0 < context.ledger.sent_bytes < 1000
    assert context.ledger.third_parties == []  # nobody outside


GOOD: dict[str, Behaviour] = {
    "kept alive": sending(LEAST),
    "in chunks": down.chunked(LEAST + 8192),
    "closes after each answer": down.closing_after_each_answer(15 * LEAST),  # as real ones are: few answers
    "says that it closes": down.saying(down.head(LEAST, "Connection: close") + bytes(LEAST)),
    "ends with the connection": down.until_it_closes(LEAST),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_well_formed_way_to_send_is_counted(name: str) -> None:
    with serving(GOOD[name]) as server:
        load = fetch(server.port, replace(PLAN, count_s=0.3, cap_bytes=10_000_000))
    assert isinstance(load, Load)
    assert body_mbps(load) > 5.0
    assert load.samples[-1].acked_bytes is not None
    assert load.samples[-1].acked_bytes > 2 * LEAST, "more than one answer on a stream"
    assert load.samples[-1].acked_bytes <= load.received_bytes, "heads and frames are not body"


FAULTS: dict[str, tuple[Behaviour, FailureKind, str]] = {
    "403": (down.saying(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), FailureKind.HTTP_STATUS, "HTTP 403"),
    "404": (down.saying(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), FailureKind.HTTP_STATUS, "HTTP 404"),
    "429": (down.saying(b"HTTP/1.1 429 Slow\r\n\r\n"), FailureKind.HTTP_STATUS, "too many tests"),
    "500": (down.saying(b"HTTP/1.1 500 Oops\r\n\r\n"), FailureKind.HTTP_STATUS, "500"),
    "redirect": (
        down.saying(b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n"),
        FailureKind.HTTP_STATUS,
        "http://login.example/",
    ),
    "a page to log in": (down.saying(down.head(23) + b"<html>log in</html>    "), FailureKind.MALFORMED, "23 bytes"),
    "length too long for the body": (down.then(LEAST, 1000, lambda _: None), FailureKind.RESET, "before the answer"),
    "length too short for the body": (
        down.saying(down.head(LEAST) + bytes(LEAST + 1000)),
        FailureKind.MALFORMED,
        "more than it was asked",
    ),
    "compressed": (down.saying(down.head(LEAST, "Content-Encoding: gzip")), FailureKind.MALFORMED, "gzip"),
    "reset within the body": (down.then(LEAST, 1000, servers.Client.reset), FailureKind.RESET, ""),
    "stall within the body": (down.then(LEAST, 1000, servers.Client.hold), FailureKind.STALLED, ""),
    "stall from the beginning": (servers.silent, FailureKind.STALLED, ""),
    "trickled body": (down.trickling_body(LEAST), FailureKind.STALLED, "less than 4096 bytes"),
    "trickled head": (down.trickling_head, FailureKind.STALLED, ""),
    "endless head": (down.endless_head, FailureKind.TOO_LARGE, "16384"),
    "endless interim answers": (down.endless_interim, FailureKind.TOO_LARGE, "16384"),
    "closes at once": (servers.closing_at_once, FailureKind.RESET, ""),
    "another protocol": (servers.speaking_first, FailureKind.MALFORMED, "SSH-2.0"),
    "garbage": (down.saying(b"\x00\xff\x16\x03\x01" * 40), FailureKind.MALFORMED, "not HTTP"),
    "no chunks": (
        down.saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"),
        FailureKind.MALFORMED,
        "chunks",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_fails_is_never_a_speed(fault: str) -> None:
    behaviour, kind, words = FAULTS[fault]
    started_s = time.monotonic()
    with serving(behaviour) as server:
        outcome = fetch(server.port)
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind
    assert words in outcome.detail
    assert time.monotonic() - started_s < 5.0


def test_a_bad_answer_after_good_ones_is_a_failure_too() -> None:
    def first_good(client: servers.Client) -> None:
        for answer in (down.head(LEAST) + bytes(LEAST), b"HTTP/1.1 429 Slow\r\n\r\n"):
            if client.head() is not None:
                client.say(answer)

    with serving(first_good) as server:
        outcome = fetch(server.port)
    assert isinstance(outcome, Failure)
    assert "429" in outcome.detail


def test_never_more_is_read_than_the_cap_and_a_short_test_says_at_least() -> None:
    context = a_context()
    with serving(sending(WHOLE, 0.001)) as server:
        seen = download_from(server.port, context=context, cap_bytes=3_000_000, ramp_s=5.0)
    assert isinstance(seen, Download)
    assert seen.received_bytes == 3_000_000
    assert context.ledger.received_bytes == 3_000_000
    assert seen.ramp_s < 5.0, "the ramp leaves something to count"
    assert seen.tester_limited is not None
    assert "limit on data" in seen.tester_limited or "processor" in seen.tester_limited


def test_what_the_servers_before_sent_is_taken_off_the_cap() -> None:
    with serving(down.then(WHOLE, 16_000, servers.Client.hold)) as bad, serving(sending(WHOLE)) as good:
        outcome = download_from(bad.port, good.port, cap_bytes=280_000)
        assert good.received.request_lines == []
    assert isinstance(outcome, Failure)
    assert "the limit leaves 0.2 MB" in outcome.detail


def test_the_next_server_is_used_and_the_first_is_named() -> None:
    with serving(servers.closing_at_once) as bad, serving(sending(WHOLE, PAUSE_S)) as good:
        seen = download_from(bad.port, good.port, count_s=0.3)
    assert isinstance(seen, Download)
    assert seen.server == f"http://127.0.0.1:{good.port}/backend/garbage.php"
    assert [(entry.server, entry.failure.kind) for entry in seen.skipped_servers] == [
        (f"http://127.0.0.1:{bad.port}/backend/garbage.php", FailureKind.RESET)
    ]


def test_the_server_of_the_upload_is_asked_first_and_once() -> None:
    with serving(servers.closing_at_once) as used, serving(sending(WHOLE, PAUSE_S)) as other:
        url = f"http://127.0.0.1:{used.port}/backend/empty.php"
        seen = download_from(
            other.port, used.port, seen=Seen(upload=upload(9.0, back_end="librespeed", server=url)), count_s=0.3
        )
        again = download_from(used.port, seen=Seen(upload=upload(9.0, back_end="librespeed", server=url)), count_s=0.3)
    assert isinstance(seen, Download)
    assert [entry.server for entry in seen.skipped_servers] == [f"http://127.0.0.1:{used.port}/backend/garbage.php"]
    assert str(other.port) in seen.server
    assert isinstance(again, Failure)
    assert again.kind is FailureKind.NO_SERVER
    assert again.detail.count("127.0.0.1") == 1


def test_the_other_name_is_tried_when_the_first_is_not_found() -> None:
    def only_the_go_name(client: servers.Client) -> None:
        while client.head() is not None:
            if client.received.request_lines[-1].startswith("GET /backend/garbage?"):
                client.say(down.head(WHOLE))
                down.send(client, WHOLE, PAUSE_S)
            else:
                client.say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with serving(only_the_go_name) as server:
        seen = download_from(server.port, streams=1, count_s=0.3)
    assert isinstance(seen, Download)
    assert seen.server.endswith("/backend/garbage")
    assert [entry.server.rpartition("/")[2] for entry in seen.skipped_servers] == ["garbage.php"]


class UploadsOnly:
    """A kind of server that takes uploads and sends nothing."""

    name = "uploads-only"

    def accepts(self, server: str) -> bool:
        return server.startswith("uploads-only:")

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:
        raise AssertionError("it is not looked for")


def test_a_kind_of_server_that_sends_nothing_is_named_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "ALL", (UploadsOnly(), *backends.ALL))
    used = Seen(upload=upload(9.0, back_end="uploads-only", server="uploads-only:x"))
    with serving(sending(WHOLE, PAUSE_S)) as server:
        site = replace(site_of(server.port), upload_servers=("uploads-only:x", *site_of(server.port).upload_servers))
        seen = measure_with(site, used, a_context(), replace(PLAN, count_s=0.3))
    alone = measure_with(Site(upload_servers=("uploads-only:x",)), used, a_context(), PLAN)
    assert isinstance(seen, Download)
    assert [entry.failure.kind for entry in seen.skipped_servers] == [FailureKind.UNSUPPORTED]
    assert isinstance(alone, Failure)
    assert "not measured with this kind of server" in alone.detail


def test_no_server_at_all_is_said() -> None:
    outcome = measure_with(Site(upload_servers=()), Seen(), a_context(), PLAN)
    assert outcome == Failure(FailureKind.NO_SERVER, "download", "", "no server is set")


def test_nobody_listening_is_refused() -> None:
    with servers.nobody() as port:
        outcome = download_from(port)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.NO_SERVER
    assert "refused" in outcome.detail


def test_ctrl_c_ends_the_load_within_a_second() -> None:
    stop = threading.Event()
    stopped_at_s: list[float] = []

    def interrupt_when_downloading(text: str, *_: object) -> None:
        if text.startswith("downloading") and not stopped_at_s:
            stopped_at_s.append(time.monotonic())
            stop.set()

    with serving(sending(WHOLE, PAUSE_S)) as server:
        outcome = download_from(server.port, context=a_context(stop=stop, progress=interrupt_when_downloading))
        assert time.monotonic() - stopped_at_s[0] < 1.0
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.INTERRUPTED


def test_the_deadline_ends_it() -> None:
    with serving(sending(WHOLE, PAUSE_S)) as server:
        outcome = download_from(server.port, context=a_context(deadline_s=0.2))
    assert isinstance(outcome, Failure)
    assert outcome.kind in (FailureKind.OUT_OF_TIME, FailureKind.NO_SERVER)


@pytest.mark.parametrize(
    ("names", "days", "trusted", "kind"),
    [
        (["speed.example.org"], 30, True, None),
        (["other.example.org"], 30, True, FailureKind.TLS_NAME_MISMATCH),
        (["speed.example.org"], -1, True, FailureKind.TLS_EXPIRED),
        (["speed.example.org"], 30, False, FailureKind.TLS_UNTRUSTED),
    ],
)
def test_the_certificate_must_be_good(
    tmp_path: Path, names: list[str], days: int, trusted: bool, kind: FailureKind | None
) -> None:
    authority, other = Authority.create(tmp_path / "ca"), Authority.create(tmp_path / "other")
    certificate = (authority if trusted else other).issue(names, tmp_path / "issued", valid_for=dt.timedelta(days=days))
    with serving(sending(WHOLE, PAUSE_S), certificate=certificate) as server:
        site = Site(upload_servers=(f"librespeed+https://speed.example.org:{server.port}/backend",))
        plan = replace(PLAN, count_s=0.6)
        seen = measure_with(site, Seen(), a_context(), plan, ca_file=str(authority.certificate_path))
    if kind is None:
        assert isinstance(seen, Download)
        assert 4.0 < seen.goodput_mbps < 9.0
    else:
        assert isinstance(seen, Failure)
        assert "certificate" in seen.detail


@pytest.mark.parametrize(
    ("name", "target", "url", "query"),
    [
        ("librespeed", Target("h", 80, False, "/a/empty.php"), "http://h/a/garbage.php", "ckSize=24&r={nonce}"),
        ("cloudflare", Target("h", 443, True, "/__up"), "https://h/__down", "bytes=25000000"),
        (
            "responder",
            Target("h", 8444, True, "/backend/empty.php"),
            "https://h:8444/backend/garbage.php",
            "ckSize=24&r={nonce}",
        ),
        ("speedtest", Target("h", 8080, False, "/s/upload.php"), "http://h:8080/s/random4000x4000.jpg", "x={nonce}"),
    ],
)
def test_where_each_kind_of_server_sends_from(name: str, target: Target, url: str, query: str) -> None:
    back_end = next(each for each in backends.ALL if each.name == name)
    assert isinstance(back_end, Downloads)
    source = back_end.sources(target)[0]
    assert (source.url, source.query) == (url, query)
    assert source.least_bytes >= 10_000_000
    request = source.head("abc", "agent").decode()
    assert "\r\nAccept-Encoding: identity\r\n" in request
    assert f"\r\nHost: {source.url.split('/')[2]}\r\n" in request


def test_the_probe_says_that_it_loads_the_line_and_when_it_is_left_out() -> None:
    assert PROBE.alone
    assert PROBE.leaves_office
    assert not PROBE.in_quick
    assert "upload" in PROBE.after
    assert set(PROBE.deadline_s) == set(Mode)
