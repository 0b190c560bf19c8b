"""The watch for arriving connections where the system has no packet sockets: macOS, Windows. Uses scapy, on use."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.routes import own_addresses, source_address
from emrnetcheck.net.syn_packets import MAX_PACKETS, Flows, Packet, Watched, parse

_STARTS_WITHIN_S = 2.0
_POLL_S = 0.05
_SYN, _ACK = 0x02, 0x10


class _Interface(Protocol):
    @property
    def ip(self) -> str | None: ...


class _Conf(Protocol):
    """What is used of scapy's."""

    @property
    def ifaces(self) -> Mapping[str, _Interface]: ...


def begin(port: int) -> SniffWatch | Failure:
    """PERMISSION without root or administrator. UNSUPPORTED where scapy, libpcap or Npcap is missing."""
    try:
        from scapy.config import conf

        conf.route_autoload = conf.route6_autoload = False
        logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
        from scapy.layers.inet import IP
        from scapy.layers.inet6 import IPv6
        from scapy.sendrecv import AsyncSniffer
    except Exception as error:  # noqa: BLE001 - missing, no libpcap, no /dev/bpf: each with its own exception
        return _unusable(port, error)
    watch = SniffWatch(port, (IP, IPv6))
    try:
        watch.look_at(_towards_the_internet(conf), filtered=bool(conf.use_pcap) or sys.platform != "linux")
        return watch.started(AsyncSniffer)
    except OSError as error:
        return classify(error, "watch", f"port {port}")
    except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
        return _unusable(port, error)


def _towards_the_internet(conf: _Conf) -> _Interface | None:
    """scapy's interface on the way to the Internet: without its routes it would take the first, which is loopback.

    By its address: names differ between scapy and the system on Windows. None: scapy's own choice.
    """
    source = source_address()
    return next((each for each in conf.ifaces.values() if each.ip == source), None)


def _unusable(port: int, error: Exception) -> Failure:
    """scapy tells by the text alone that a privilege is missing: "Permission denied: could not open /dev/bpf0"."""
    if "permission" in str(error).lower():
        return Failure(FailureKind.PERMISSION, "watch", f"port {port}")
    return Failure(FailureKind.UNSUPPORTED, "watch", f"port {port}", f"scapy cannot be used: {type(error).__name__}")


class SniffWatch:
    """A watch in a thread of scapy's own."""

    def __init__(self, port: int, layers: tuple[object, ...]) -> None:
        self._port = port
        self._layers = layers
        self._flows = Flows(port)
        self._own = frozenset(own_addresses())
        self._taken = 0
        self._sniffer: Any = None
        self._where: dict[str, Any] = {}
        self._sees = False

    def look_at(self, interface: _Interface | None, *, filtered: bool) -> None:
        """filtered: the system sorts out what is not wanted. On Linux scapy needs libpcap for that; else it is slow."""
        # tcp[13], the flags, can be named for IPv4 only.
        wanted = f"(tcp port {self._port} and (ip6 or tcp[13] & 7 != 0)) or icmp[0] = 3 or (icmp6 and ip6[40] = 1)"
        self._where = ({"filter": wanted} if filtered else {}) | ({} if interface is None else {"iface": interface})

    def started(self, sniffer: Callable[..., object]) -> SniffWatch | Failure:
        """Begin, and wait until the system has really opened the interface."""
        ready = threading.Event()
        self._sniffer = sniffer(
            **self._where,
            prn=self._take,
            store=False,
            count=MAX_PACKETS,
            started_callback=ready.set,
        )
        self._sniffer.start()
        ends_s = time.monotonic() + _STARTS_WITHIN_S
        error = None
        while error is None and time.monotonic() < ends_s:
            if ready.wait(_POLL_S):
                return self
            error = getattr(self._sniffer, "exception", None)
        if isinstance(error, OSError):
            return classify(error, "watch", f"port {self._port}")
        return _unusable(self._port, error if isinstance(error, Exception) else TimeoutError())

    def _take(self, packet: Mapping[object, bytes]) -> None:
        self._taken += 1
        for layer in self._layers:
            if layer in packet:
                data = bytes(packet[layer])
                told = parse(data)
                # Of an ICMP error that is sent, `told` is the packet that came: then its target is ours.
                self._sees = self._sees or self._proves(told)
                ours = told is not None and (told.source in self._own) is (told.flags is not None)
                self._flows.add(data, outgoing=ours)
                return

    def _proves(self, told: Packet | None) -> bool:
        """Whether this could only be seen where the Internet is: a beginning from here to there, or from there to here.

        This computer's own attempt through the public name is one.
        """
        if told is None or told.flags is None or told.flags & (_SYN | _ACK) != _SYN or told.target_port != self._port:
            return False
        return (told.source in self._own) is not (told.target in self._own)

    def end(self) -> Watched | Failure:
        """What was seen until now; whole only if something was that shows that the right interface is watched."""
        running = bool(self._sniffer.running)
        try:
            if running:
                self._sniffer.stop()
        except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
            return _unusable(self._port, error)
        room = self._taken < MAX_PACKETS and not self._flows.too_many
        return Watched(self._flows.known(), running and room and self._sees)
