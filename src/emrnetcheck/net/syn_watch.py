"""Do connections from outside arrive at this computer? Watched below its firewall, while somebody outside tries."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import sys
import threading
import time
from typing import Protocol

from emrnetcheck.model import Failure
from emrnetcheck.net import syn_sniff
from emrnetcheck.net.failures import classify
from emrnetcheck.net.packet_filter import beginnings_and_ends
from emrnetcheck.net.syn_packets import MAX_PACKETS, MAX_SECONDS, Flows, Watched

_POLL_S = 0.05
_SNAP_BYTES = 256
# linux/if_ether.h, asm-generic/socket.h, linux/if_packet.h
_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE = 26, 33
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_TO_US, _FROM_US = 0, 4
_BUFFER_BYTES = 4_000_000


class Watch(Protocol):
    """A watch that goes on until it is asked what it saw."""

    def end(self) -> Watched | Failure:
        """Stop watching, and tell."""
        ...


def method() -> str:
    """By which it is watched here, in a word of reports."""
    return "packet_socket" if sys.platform == "linux" else "scapy"


def begin(port: int) -> Watch | Failure:
    """Begin to watch a TCP port of this computer. PERMISSION where that needs a privilege that is not there.

    Linux: a packet socket (packet(7), needs CAP_NET_RAW) with a filter in the kernel. Elsewhere scapy with libpcap
    or Npcap. Nothing is sent, and nothing that a connection carries is looked at.
    """
    if sys.platform != "linux":
        return syn_sniff.begin(port)
    try:
        return _PacketWatch(port)
    except OSError as error:
        return classify(error, "watch", f"port {port}")


class _PacketWatch:
    def __init__(self, port: int) -> None:
        self._flows = Flows(port)
        self._whole = True
        self._ended = threading.Event()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        try:
            self._set_up(port)
        except OSError:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _set_up(self, port: int) -> None:
        program = beginnings_and_ends(port)
        held = ctypes.create_string_buffer(program, len(program))
        self._socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        except OSError:
            pass  # needs CAP_NET_ADMIN; the usual buffer holds some hundred packets
        self._socket.setblocking(False)
        self._forget_what_came_before_the_filter()

    def _forget_what_came_before_the_filter(self) -> None:
        for _ in range(MAX_PACKETS):
            try:
                self._socket.recvfrom(1)
            except BlockingIOError:
                break
        self._dropped()

    def _dropped(self) -> int:
        """How many packets found no room since the last time that this was asked."""
        told = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        return int(struct.unpack("=II", told)[1])

    def _read(self) -> None:
        ends_s = time.monotonic() + MAX_SECONDS
        left = MAX_PACKETS
        while not self._ended.is_set():
            if time.monotonic() > ends_s or left <= 0:
                self._whole = False
                return
            try:
                if select.select([self._socket], [], [], _POLL_S)[0]:
                    left = self._drain(left)
            except OSError:
                self._whole = False
                return

    def _drain(self, left: int) -> int:
        while left > 0:
            try:
                data, where = self._socket.recvfrom(_SNAP_BYTES)
            except BlockingIOError:
                break
            left -= 1
            if where[2] in (_TO_US, _FROM_US):
                self._flows.add(data, outgoing=where[2] == _FROM_US)
        return left

    def end(self) -> Watched | Failure:
        """What was seen until now."""
        self._ended.set()
        self._thread.join(timeout=1.0)
        with self._socket:
            try:
                self._drain(MAX_PACKETS)
                dropped = self._dropped()
            except OSError as error:
                return classify(error, "watch")
        return Watched(self._flows.known(), self._whole and dropped == 0 and not self._flows.too_many)
