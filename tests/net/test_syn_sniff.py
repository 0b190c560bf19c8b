"""Does the watch by scapy tell the same as the other one, and is everything that it lacks a failure?"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import syn_sniff
from emrnetcheck.net.syn_packets import Flow, Watched
from tests.net.test_syn_watch import ANSWERED, CAME, ENDED, PORT, REFUSED, SERVER, SYN, TESTER, icmp_error, packet


class Ip:
    """Stands for scapy's IP: packets here are that one layer."""


class Interface:
    """As scapy's."""

    def __init__(self, ip: str) -> None:
        self.ip = ip


class Conf:
    """As scapy's, on a computer with two interfaces."""

    use_pcap = True

    def __init__(self) -> None:
        self.ifaces = {"lo0": Interface("127.0.0.1"), "en0": Interface(SERVER)}


class Sniffer:
    """As scapy's AsyncSniffer, with packets that it is given."""

    packets: tuple[bytes, ...] = ()
    error: Exception | None = None
    ends_itself = False
    asked: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, *, prn: Callable[[dict[type, bytes]], None], started_callback: Callable[[], None], **asked: Any):
        type(self).asked = asked
        self._prn, self._started = prn, started_callback
        self.running = False
        self.exception: Exception | None = None

    def start(self) -> None:
        self.exception = self.error
        if self.error is not None:
            return
        self.running = not self.ends_itself
        threading.Thread(target=self._run).start()

    def _run(self) -> None:
        for data in self.packets:
            self._prn({Ip: data})
        self._started()

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def scapy(monkeypatch: pytest.MonkeyPatch) -> type[Sniffer]:
    """A scapy that is not there, with a sniffer that can be told what to see."""
    sniffer = type("Told", (Sniffer,), {})
    parts: dict[str, dict[str, Any]] = {
        "scapy.config": {"conf": Conf()},
        "scapy.layers.inet": {"IP": Ip},
        "scapy.layers.inet6": {"IPv6": type("Ip6", (), {})},
        "scapy.sendrecv": {"AsyncSniffer": sniffer},
    }
    for name, content in parts.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(syn_sniff, "own_addresses", lambda: {SERVER: "en0"})
    monkeypatch.setattr(syn_sniff, "source_address", lambda: SERVER)
    return sniffer


def saw(sniffer: Any, *packets: bytes) -> Watched:
    sniffer.packets = packets
    watch = syn_sniff.begin(PORT)
    assert not isinstance(watch, Failure)
    seen = watch.end()
    assert isinstance(seen, Watched)
    return seen


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ((CAME,), Flow(TESTER, 40001)),
        ((CAME, ANSWERED), Flow(TESTER, 40001, accepted=True)),
        ((CAME, ANSWERED, ENDED), Flow(TESTER, 40001, accepted=True, finished=True)),
        ((CAME, REFUSED), Flow(TESTER, 40001, refused=True)),
        ((CAME, icmp_error(CAME)), Flow(TESTER, 40001, refused=True)),
    ],
)
def test_one_connection(scapy: type[Sniffer], packets: tuple[bytes, ...], expected: Flow) -> None:
    assert saw(scapy, *packets) == Watched((expected,), whole=True)


def test_the_interface_on_the_way_to_the_internet_is_watched(scapy: Any) -> None:
    saw(scapy)
    assert scapy.asked["iface"].ip == SERVER
    assert f"tcp port {PORT}" in scapy.asked["filter"]


def test_who_saw_nothing_does_not_know_that_nothing_came(scapy: type[Sniffer]) -> None:
    assert saw(scapy) == Watched((), whole=False)


def test_the_own_attempt_shows_that_the_watch_sees(scapy: type[Sniffer]) -> None:
    outgoing = packet(SERVER, 40001, TESTER, PORT, SYN)
    assert saw(scapy, outgoing) == Watched((), whole=True)


def test_a_sniffer_that_ended_by_itself_has_not_seen_everything(scapy: type[Sniffer]) -> None:
    scapy.ends_itself = True
    assert saw(scapy).whole is False


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError(1, "Operation not permitted"), FailureKind.PERMISSION),
        (RuntimeError("Permission denied: could not open /dev/bpf0"), FailureKind.PERMISSION),
        (RuntimeError("winpcap is not installed"), FailureKind.UNSUPPORTED),
    ],
)
def test_what_is_missing_is_a_failure(scapy: type[Sniffer], error: Exception, kind: FailureKind) -> None:
    scapy.error = error
    failure = syn_sniff.begin(PORT)
    assert isinstance(failure, Failure)
    assert failure.kind is kind


def test_no_scapy_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scapy.sendrecv", None)
    failure = syn_sniff.begin(PORT)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.UNSUPPORTED
