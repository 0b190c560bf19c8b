"""The watch for arriving connections where the system has no packet sockets: macOS, Windows. Uses scapy, on use."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.routes import own_addresses
from emrnetcheck.net.syn_packets import MAX_PACKETS, Flows, Watched, parse

_STARTS_WITHIN_S = 2.0
_POLL_S = 0.05


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
        return watch.started(AsyncSniffer)
    except OSError as error:
        return classify(error, "watch", f"port {port}")
    except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
        return _unusable(port, error)


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

    def started(self, sniffer: Callable[..., object]) -> SniffWatch | Failure:
        """Begin, and wait until the system has really opened the interface."""
        ready = threading.Event()
        # tcp[13], the flags, can be named for IPv4 only.
        wanted = f"(tcp port {self._port} and (ip6 or tcp[13] & 7 != 0)) or icmp[0] = 3 or (icmp6 and ip6[40] = 1)"
        self._sniffer = sniffer(
            filter=wanted,
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
                ours = told is not None and (told.source in self._own) is (told.flags is not None)
                self._flows.add(data, outgoing=ours)
                return

    def end(self) -> Watched | Failure:
        """What was seen until now."""
        running = bool(self._sniffer.running)
        try:
            if running:
                self._sniffer.stop()
        except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
            return _unusable(self._port, error)
        return Watched(self._flows.known(), running and self._taken < MAX_PACKETS and not self._flows.too_many)
