"""iperf3 servers: the real program on loopback, and stand-ins for what it may print."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import iperf3
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.backends import iperf3 as back_end
from emrnetcheck.probes.throughput.beside import Mark
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.plan import MB, Load, LoadPlan, Others
from emrnetcheck.probes.throughput.server_counts import Counted, Iperf3Report, iperf3_report, samples
from emrnetcheck.probes.throughput.target import Target
from emrnetcheck.probes.upload import measure_with
from tests.probes import throughput_servers as servers
from tests.probes.attempts import failure_of
from tests.probes.iperf3_server import FAULTS, Iperf3Server
from tests.probes.test_upload import a_context
from tests.probes.throughput_servers import Behaviour, serving

PLAN = LoadPlan(idle_s=0.2, ramp_s=1.0, count_s=2.0, connect_timeout_s=3.0, cap_bytes=6 * MB)
needs_iperf3 = pytest.mark.skipif(shutil.which("iperf3") is None, reason="the program iperf3 is not installed")


def upload_to(port: int, plan: LoadPlan = PLAN, **named: Any) -> Upload | Failure:
    context = named.pop("context", None) or a_context(**named)
    return measure_with(Site(upload_servers=(f"iperf3://127.0.0.1:{port}",)), context, plan)


def listening(port: int) -> bool:
    """From the kernel's table: a connection would take the server's only place."""
    return f":{port:04X} 0" in Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()


@pytest.fixture(params=[[], ["-J"]], ids=["text", "json"])
def server(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    argv = ["iperf3", "-s", "-B", "127.0.0.1", "-p", str(port), *request.param]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until_s = time.monotonic() + 10.0
        while not listening(port):
            assert time.monotonic() < until_s
            time.sleep(0.02)
        yield port
        process.kill()


@needs_iperf3
def test_a_speed_is_what_the_server_counted(server: int) -> None:
    context = a_context()
    seen = upload_to(server, context=context)
    assert isinstance(seen, Upload)
    assert seen.method == "server_report"
    assert seen.back_end == "iperf3"
    assert seen.server == f"iperf3://127.0.0.1:{server}"
    cap_mbps = PLAN.cap_bytes * 8e-6 / 3
    assert seen.goodput_mbps is not None
    # 6 MB in 3 s: loopback is faster, so the cap is the limit, and is said to be.
    assert 0.8 * cap_mbps < seen.goodput_mbps <= cap_mbps * 1.1
    assert seen.tester_limited is not None
    assert "max_mb" in seen.tester_limited
    assert seen.sent_bytes <= PLAN.cap_bytes
    assert context.ledger.sent_bytes == seen.sent_bytes
    assert len(seen.samples) in (3, 4)
    assert seen.ramp_s == pytest.approx(1.0, abs=0.1)
    assert seen.slot_s == 1.0
    assert seen.idle_rtt_ms is None


class FakeMeter:
    """Counters of an interface over which others send this much in a look, and during the load."""

    def __init__(self, idle_bytes: int, loaded_bytes: int) -> None:
        self.at = [Mark(0.0, 0, 0, 0, 0), Mark(1.0, idle_bytes, 0, 0, 0), Mark(4.0, idle_bytes + loaded_bytes, 0, 0, 0)]

    def mark(self, *_own: int) -> Mark:
        return self.at.pop(0)


@pytest.mark.parametrize(("resent", "during_mbps"), [(100, 3.0), (None, 3.4), (0, 3.4)])
def test_other_traffic_is_what_the_program_did_not_send(
    monkeypatch: pytest.MonkeyPatch, resent: int | None, during_mbps: float
) -> None:
    """Of 1.125 MB + the program's frames that left in 3 s; what it sent again is taken off where it says so."""
    sent = {"seconds": 3.0, "bytes": 1_448_000} | ({} if resent is None else {"retransmits": resent})
    said = {"end": {"sum_sent": sent, "sum_received": {"seconds": 3.0, "bytes": 1_400_000}}}
    monkeypatch.setattr(iperf3, "upload", lambda _run, _stopping: iperf3.Ended(said))
    meter = FakeMeter(125_000, 1_125_000 + 1_514_000 + 100 * 1514)
    monkeypatch.setattr(back_end, "Meter", lambda _address: meter)
    hooks = Hooks(lambda: None, lambda *_: None, lambda *_: None, lambda *_: False)
    target = Target("127.0.0.1", 5201, False, "", scheme="iperf3")
    load = back_end.Iperf3().measure(target, Endpoint("127.0.0.1", 5201), replace(PLAN, idle_s=0.0), hooks)
    assert isinstance(load, Load)
    assert load.idle_others == Others(1.0, 0.0)
    assert load.loaded_others is not None
    assert load.loaded_others.sent_mbps == pytest.approx(during_mbps, abs=0.01)
    assert load.loaded_others.own_known == (resent is not None)


@needs_iperf3
def test_ctrl_c_ends_it_within_a_second(server: int) -> None:
    stop = threading.Event()
    stopped_at_s: list[float] = []

    def interrupt(_text: str, left_s: float | None, _mbps: float | None) -> None:
        if left_s is not None and left_s < 2.0 and not stopped_at_s:
            stopped_at_s.append(time.monotonic())
            stop.set()

    outcome = upload_to(server, stop=stop, progress=interrupt)
    assert time.monotonic() - stopped_at_s[0] < 1.0
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.INTERRUPTED


@needs_iperf3
def test_a_busy_server_is_named(server: int) -> None:
    argv = ["iperf3", "-c", "127.0.0.1", "-p", str(server), "-t", "20", "-b", "1M", "-i", "0.1", "--forceflush"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        assert other.stdout is not None
        while b"sec" not in other.stdout.readline():
            pass
        outcome = upload_to(server)
        other.kill()
    assert isinstance(outcome, Failure)
    assert "busy with another test" in outcome.detail


SHORT = replace(PLAN, count_s=1.0)


def reason(port: int, plan: LoadPlan = SHORT, context: Context | None = None) -> Failure:
    """Why one server could not be used."""
    return failure_of(f"iperf3://127.0.0.1:{port}", plan, context or a_context())


SERVERS: dict[str, tuple[Behaviour, FailureKind]] = {
    "another protocol": (servers.speaking_first, FailureKind.MALFORMED),
    "closes at once": (servers.closing_at_once, FailureKind.RESET),
}


@needs_iperf3
@pytest.mark.parametrize("fault", SERVERS)
def test_a_server_that_is_none_is_a_failure(fault: str) -> None:
    behaviour, kind = SERVERS[fault]
    with serving(behaviour) as running:
        assert reason(running.port).kind is kind


@needs_iperf3
def test_nobody_there_is_refused() -> None:
    with servers.nobody() as port:
        assert reason(port).kind is FailureKind.REFUSED


FAULTY: dict[str, tuple[FailureKind, str]] = {
    "busy": (FailureKind.REJECTED, "busy with another test"),
    "silent": (FailureKind.TIMEOUT, "did not end"),
    "silent after the parameters": (FailureKind.TIMEOUT, "did not end"),
    "silent in the test": (FailureKind.TIMEOUT, "did not end"),
    "silent at the end": (FailureKind.TIMEOUT, "did not end"),
    "resets in the test": (FailureKind.RESET, ""),
    "closes in the test": (FailureKind.RESET, ""),
    "garbage results": (FailureKind.MALFORMED, "results"),
    "huge results": (FailureKind.MALFORMED, "results"),
    "endless results": (FailureKind.MALFORMED, "results"),
    "lies": (FailureKind.MALFORMED, "more than was sent"),
    "received nothing": (FailureKind.MALFORMED, "received nothing"),
    "no streams in the results": (FailureKind.MALFORMED, "results"),
    "stops by an error": (FailureKind.OTHER, "terminated"),
}
SENDS_NOTHING = ("busy", "silent", "silent after the parameters")


def test_every_fault_is_expected() -> None:
    assert set(FAULTY) == set(FAULTS) - {"none"}


@needs_iperf3
@pytest.mark.parametrize("fault", FAULTY)
def test_a_server_that_fails_is_never_a_speed_and_ends_in_time(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault != "silent in the test":
        monkeypatch.setattr(back_end, "_GRACE_S", 0.5)
    kind, detail = FAULTY[fault]
    context = a_context()
    with Iperf3Server(fault).running() as server:
        began_s = time.monotonic()
        failure = reason(server.port, context=context)
        took_s = time.monotonic() - began_s
    assert failure.kind is kind
    assert detail in failure.detail
    assert took_s < SHORT.connect_timeout_s + SHORT.ramp_s + SHORT.count_s + 3.0 + 1.0
    assert (context.ledger.sent_bytes == 0) == (fault in SENDS_NOTHING)
    assert context.ledger.sent_bytes <= SHORT.cap_bytes


@needs_iperf3
def test_the_stand_in_without_a_fault_is_well() -> None:
    with Iperf3Server().running() as server:
        assert isinstance(upload_to(server.port, SHORT), Upload)


@needs_iperf3
@pytest.mark.parametrize("fault", ["silent", "silent after the parameters", "silent in the test"])
def test_ctrl_c_ends_a_server_that_hangs_within_a_second(fault: str) -> None:
    context = a_context()
    with Iperf3Server(fault).running() as server:
        timer = threading.Timer(0.5, context.stop.set)
        timer.start()
        began_s = time.monotonic()
        failure = reason(server.port, context=context)
        assert time.monotonic() - began_s < 1.5
        assert server.gone.wait(1.0) or fault == "silent in the test"
    assert failure.kind is FailureKind.INTERRUPTED
    assert (context.ledger.sent_bytes == 0) == (fault in SENDS_NOTHING)


@needs_iperf3
def test_ctrl_c_ends_it_while_it_connects() -> None:
    context = a_context()
    with servers.unanswered() as port:
        threading.Timer(0.3, context.stop.set).start()
        began_s = time.monotonic()
        failure = reason(port, replace(PLAN, connect_timeout_s=5.0), context)
        assert time.monotonic() - began_s < 1.3
    assert failure.kind is FailureKind.INTERRUPTED
    assert context.ledger.sent_bytes == 0


@needs_iperf3
def test_who_does_not_answer_is_given_up() -> None:
    with servers.unanswered() as port:
        failure = reason(port)
    assert failure.kind is FailureKind.TIMEOUT
    assert failure.operation == "connect"


def said(**changed: object) -> dict[str, Any]:
    """What iperf3 prints for 3 s at 8 Mbps, the first second at half of it."""
    sums = {"sum_received": {"seconds": 3.05, "bytes": 2_550_000}, "sum_sent": {"seconds": 3.0, "bytes": 2_600_000}}
    intervals = [(1.0, 500_000), (2.0, 1_000_000), (3.0, 1_000_000), (3.05, 50_000)]
    listed = [{"sum": {"end": end_s, "bytes": n_bytes}} for end_s, n_bytes in intervals]
    return {"end": sums | changed, "server_output_json": {"intervals": listed}}


PROGRAMS: dict[str, tuple[str, FailureKind]] = {
    "endless output": ("exec cat /dev/zero", FailureKind.TOO_LARGE),
    "hangs": ("exec sleep 60", FailureKind.TIMEOUT),
    "not JSON": ("echo unrecognized option; exit 1", FailureKind.MALFORMED),
    "deep JSON": ("head -c 200000 /dev/zero | tr '\\0' '['", FailureKind.MALFORMED),
    "no sums": ("echo '{}'", FailureKind.MALFORMED),
    "a list": ("echo '[1]'", FailureKind.MALFORMED),
    "an unknown error": ('echo \'{"error": "\\u001b[31mworse"}\'', FailureKind.OTHER),
    "an error that is no text": ("echo '{\"error\": 7}'", FailureKind.OTHER),
    "no bytes at all": (f"echo '{json.dumps(said(sum_received={'seconds': 2.0, 'bytes': 0}))}'", FailureKind.MALFORMED),
    "received more than sent": (
        f"echo '{json.dumps(said(sum_received={'seconds': 2.0, 'bytes': 9e9}))}'",
        FailureKind.MALFORMED,
    ),
}


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Takes a shell script, which is then run instead of iperf3."""

    def write(script: str) -> None:
        program = tmp_path / "iperf3"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(shutil, "which", lambda _name: str(program))

    return write


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_the_program_prints_is_not_believed(
    name: str, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_end, "_GRACE_S", 0.0)
    script, kind = PROGRAMS[name]
    instead(script)
    failure = reason(1)
    assert failure.kind is kind
    assert "\x1b" not in failure.detail


def test_a_program_that_heeds_no_interrupt_is_killed(instead: Callable[[str], None], tmp_path: Path) -> None:
    instead(f"trap '' INT; echo $$ > {tmp_path}/pid; while :; do read -r x < /dev/zero; done")
    context = a_context()
    threading.Timer(0.5, context.stop.set).start()
    began_s = time.monotonic()
    assert reason(1, context=context).kind is FailureKind.INTERRUPTED
    assert time.monotonic() - began_s < 1.5
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_without_the_program_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    outcome = upload_to(1)
    assert isinstance(outcome, Failure)
    assert "apt install iperf3" in outcome.detail


def test_the_ramp_is_taken_off_the_received_sum() -> None:
    report = iperf3_report(said(), 3)
    assert isinstance(report, Iperf3Report)
    taken = samples(report.counts, 100.0, 1.0)
    assert [sample.counted for sample in taken] == [False, True, True, True]
    assert (taken[1].acked_bytes, taken[-1].acked_bytes) == (500_000, 2_550_000)
    assert taken[-1].at_s == pytest.approx(103.05)


def test_text_of_the_server_serves_too() -> None:
    text = (
        "[SUM]   0.00-1.00   sec   488 KBytes  4.00 Mbits/sec                  \n[  5]   0.00-1.00   sec   1 KBytes\n"
    )
    text += "[SUM]   1.00-2.00   sec  0.95 MBytes  8.00 Mbits/sec                  \n"
    text += "[SUM]   0.00-3.05   sec  2.43 MBytes  6.69 Mbits/sec                  receiver\n"
    report = iperf3_report({"end": said()["end"], "server_output_text": text}, 3)
    assert isinstance(report, Iperf3Report)
    assert [count.at_s for count in report.counts] == [0.0, 1.0, 2.0, 3.05]
    assert report.counts[1].n_bytes == 488 * 1024


@pytest.mark.parametrize("output", [{}, {"server_output_text": 7}, {"server_output_json": {"intervals": [1, {}]}}])
def test_without_intervals_the_whole_time_counts(output: dict[str, object]) -> None:
    report = iperf3_report({"end": said()["end"], **output}, 3)
    assert isinstance(report, Iperf3Report)
    assert report.counts == (Counted(0.0, 0), Counted(3.05, 2_550_000))
    assert all(sample.counted for sample in samples(report.counts, 0.0, 1.0))


@pytest.mark.parametrize("bad", [None, -1, 0, "3", True, float("nan"), float("inf"), 1e300, 100.0, 0.1])
def test_impossible_seconds_are_refused(bad: object) -> None:
    assert isinstance(iperf3_report(said(sum_received={"seconds": bad, "bytes": 1}), 3), str)
