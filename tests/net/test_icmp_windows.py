"""Are the answers of Windows' own API read as they are documented? With bytes laid out as in ipexport.h."""

from __future__ import annotations

import ctypes
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import icmp_windows, icmp_windows_api
from emrnetcheck.net.icmp_packets import PAYLOAD
from emrnetcheck.net.icmp_windows import Apart, Plan
from emrnetcheck.net.icmp_windows_api import Api
from emrnetcheck.net.live import Answer, Live

SUCCESS, NET, HOST, TIMED_OUT, GENERAL = 0, 11002, 11003, 11010, 11050
INVALID_HANDLE = ctypes.c_void_p(-1).value
# ICMP_ECHO_REPLY, with IP_OPTION_INFORMATION at its end; pointers are aligned to their size.
LAYOUT = "=4sIIHHQ4BxxxxQ" if ctypes.sizeof(ctypes.c_void_p) == 8 else "=4sIIHHI4BI"


class Dll:
    """In place of iphlpapi.dll: for each request a status, in the reply or (negative) as the thread's last error."""

    def __init__(self, *statuses: int, handle: int | None = 4711) -> None:
        self.statuses = list(statuses)
        self.handle = handle
        self.open = 0
        self.asked: list[tuple[Any, ...]] = []
        self.wait: Callable[[], object] = lambda: None
        self._error = threading.local()
        self._lock = threading.Lock()

    def IcmpCreateFile(self) -> int | None:
        with self._lock:
            self.open += self.handle not in (None, INVALID_HANDLE)
        self._error.value = 5
        return self.handle

    def IcmpCloseHandle(self, handle: int) -> int:
        assert handle == self.handle
        with self._lock:
            self.open -= 1
        self._error.value = 6  # whatever closing says must not be taken for the answer
        return 1

    def IcmpSendEcho(self, *arguments: Any) -> int:
        handle, destination, _, size, _, buffer, buffer_size, _ = arguments
        assert handle == self.handle
        assert buffer_size == len(buffer)
        with self._lock:
            self.asked.append(arguments)
            status = self.statuses.pop(0)
        self.wait()
        if status < 0:
            self._error.value = -status
            return 0
        self._error.value = 0
        address = destination.to_bytes(4, "little")
        reply = struct.pack(LAYOUT, address, status, 0, size, 0, 0, 128, 0, 0, 0, 0)
        buffer[: len(reply)] = reply
        return 1

    def api(self) -> Api:
        return Api(self, lambda: int(self._error.value))


def ask(dll: Dll, count: int, **named: Any) -> tuple[tuple[float | None, ...], Failure | None]:
    plan = Plan(count, 0.0, named.pop("timeout_s", 60.0), **named)
    ((address, said),) = icmp_windows.ask(["10.0.0.9"], plan, dll.api())
    assert address == "10.0.0.9"
    return said


def test_answer_is_timed_by_the_call_and_the_handle_given_back() -> None:
    dll = Dll(SUCCESS, SUCCESS, SUCCESS)
    rtts_ms, failure = ask(dll, 3)
    assert all(rtt is not None and rtt > 0 for rtt in rtts_ms)
    assert (len(rtts_ms), failure, dll.open) == (3, None, 0)
    handle, destination, request, size, options, _, buffer_size, timeout_ms = dll.asked[0]
    assert (handle, request, size, options, timeout_ms) == (4711, PAYLOAD, 56, None, 60_000)
    assert destination.to_bytes(4, "little") == bytes([10, 0, 0, 9])  # an IPAddr is in the order of the network
    assert buffer_size >= struct.calcsize(LAYOUT) + 56 + 8


def test_structures_are_as_long_as_windows() -> None:
    assert ctypes.sizeof(icmp_windows_api.Reply) == struct.calcsize(LAYOUT)
    assert icmp_windows_api.Reply.status.offset == 4


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (-TIMED_OUT, None),
        (TIMED_OUT, None),
        (HOST, FailureKind.HOST_UNREACHABLE),
        (-HOST, FailureKind.HOST_UNREACHABLE),
        (NET, FailureKind.NETWORK_UNREACHABLE),
        (-1231, FailureKind.NO_ROUTE),
        (-5, FailureKind.PERMISSION),
        (GENERAL, FailureKind.OTHER),
        (-87, FailureKind.OTHER),
    ],
)
def test_what_is_no_success_is_no_answer(status: int, kind: FailureKind | None) -> None:
    rtts_ms, failure = ask(Dll(status), 1)
    assert rtts_ms == (None,)
    assert (failure and failure.kind) == kind


@pytest.mark.parametrize("handle", [None, INVALID_HANDLE])
def test_without_a_handle_nothing_is_asked(handle: int | None) -> None:
    dll = Dll(SUCCESS, handle=handle)
    rtts_ms, failure = ask(dll, 1)
    assert rtts_ms == (None,)
    assert failure is not None
    assert failure.kind is FailureKind.PERMISSION
    assert dll.asked == []


def test_answer_after_the_time_out_is_none() -> None:
    dll = Dll(SUCCESS)
    dll.wait = lambda: time.sleep(0.02)
    assert ask(dll, 1, timeout_s=0.001) == ((None,), None)


def test_a_request_that_waits_holds_none_of_the_next() -> None:
    dll = Dll(*[SUCCESS] * 10)
    all_there = threading.Barrier(10, timeout=60)
    dll.wait = all_there.wait  # each call ends only when all ten are under way
    rtts_ms, failure = ask(dll, 10)
    assert len(rtts_ms) == 10
    assert None not in rtts_ms
    assert failure is None


def test_stops_when_told_without_calling_anything_lost() -> None:
    dll = Dll(*[SUCCESS] * 10)
    told = threading.Event()
    dll.wait = told.set
    rtts_ms, _ = ask(dll, 10, stopping=told.is_set)
    assert len(rtts_ms) < 10
    assert None not in rtts_ms


def test_what_is_no_ipv4_address_is_a_failure() -> None:
    ((_, (rtts_ms, failure)),) = icmp_windows.ask(["::1"], Plan(1, 0.0, 1.0), Dll().api())
    assert rtts_ms == (None,)
    assert failure is not None


def test_elsewhere_there_is_no_such_api() -> None:
    if not isinstance(icmp_windows_api.windows_api(), Failure):
        pytest.skip("this is Windows")
    ((_, (rtts_ms, failure)),) = icmp_windows.ask(["10.0.0.9"], Plan(3, 0.0, 1.0))
    assert rtts_ms == ()
    assert failure is not None
    assert failure.kind is FailureKind.UNSUPPORTED


def taken(apart: Apart, count: int) -> list[tuple[object, float, float | Failure]]:
    settled: list[tuple[object, float, float | Failure]] = []
    ends_s = time.monotonic() + 60
    while len(settled) < count and time.monotonic() < ends_s:
        settled += apart.take()
        time.sleep(0.001)
    return settled


def test_requests_apart_are_taken_once_each_with_their_key() -> None:
    apart = Apart(60.0, Dll(SUCCESS, SUCCESS, SUCCESS).api())
    before_s = time.monotonic()
    for key in ("router", "outside", "router"):
        apart.ask(key, "10.0.0.9")
    settled = taken(apart, 3)
    assert sorted(str(key) for key, _, _ in settled) == ["outside", "router", "router"]
    assert all(before_s <= asked_s <= time.monotonic() for _, asked_s, _ in settled)
    assert all(isinstance(said, float) and said > 0 for _, _, said in settled)
    assert apart.take() == []
    apart.forget()


@pytest.mark.parametrize(("status", "kind"), [(-TIMED_OUT, FailureKind.TIMEOUT), (HOST, FailureKind.HOST_UNREACHABLE)])
def test_request_apart_without_an_answer_says_why(status: int, kind: FailureKind) -> None:
    apart = Apart(60.0, Dll(status).api())
    apart.ask("router", "10.0.0.9")
    ((_, _, said),) = taken(apart, 1)
    assert isinstance(said, Failure)
    assert said.kind is kind
    apart.forget()


def test_forgotten_requests_are_never_taken_and_others_can_follow() -> None:
    dll = Dll(SUCCESS, SUCCESS)
    held = threading.Event()
    dll.wait = lambda: held.wait(60)
    apart = Apart(60.0, dll.api())
    apart.ask("old", "10.0.0.9")
    apart.forget()
    held.set()
    apart.ask("new", "10.0.0.9")
    assert [key for key, _, _ in taken(apart, 1)] == ["new"]
    apart.forget()


def test_watch_asks_by_the_api_where_there_is_one() -> None:
    live = Live(method="icmp_api")
    dll = Dll(SUCCESS, -TIMED_OUT)
    live._apart = Apart(60.0, dll.api())
    settled: list[Answer] = []
    for count in (1, 2):
        live.ping("router", "10.0.0.9")
        ends_s = time.monotonic() + 60
        while len(settled) < count and time.monotonic() < ends_s:
            settled += live.collect(0.001)
    live.close()
    answered, lost = settled
    assert (answered.key, answered.failure, lost.key, lost.rtt_ms) == ("router", None, "router", None)
    assert answered.rtt_ms is not None
    assert lost.failure is not None
    assert lost.failure.kind is FailureKind.TIMEOUT
