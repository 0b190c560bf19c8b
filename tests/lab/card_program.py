"""The inside of a network card: frames between a tap and the cable, at the card's speed, with its faults.

python card_program.py TAP CABLE STATISTICS_FOLDER JSON_OF_A_CARD; see cards.py. What is lost here is counted there.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# linux/if_tun.h, linux/if_packet.h
_TUNSETIFF, _TUNSETCARRIER = 0x400454CA, 0x400454E2
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_SOL_PACKET, _QDISC_BYPASS, _IGNORE_OUTGOING = 263, 20, 23
_ADD_MEMBERSHIP, _PROMISCUOUS, _ETH_P_ALL = 1, 1, 0x0003
_FRAME_MAX_BYTES = 2048
_UNPLUGGED_S = 0.3
_LATE_S = 0.002  # a wake-up this late takes no capacity; more is a pause of the sender's
_WRITE_EACH_S = 0.1
_COUNTERS = ("rx_errors", "rx_crc_errors", "tx_errors", "tx_window_errors", "collisions")


@dataclass(slots=True)
class Way:
    """One direction: what is in flight, and until when. Nothing is read before that is through: it waits outside."""

    fd: int
    to: int
    free_s: float = 0.0
    frame: bytes | None = None
    met: bool = False
    """Whether the frame in flight met one of the other direction, where that is its end."""


@dataclass(slots=True)
class Program:
    """The card as it runs."""

    outwards: Way
    inwards: Way
    tap: int
    card: dict[str, Any]
    folder: Path
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTERS, 0))
    written: dict[str, int] = field(default_factory=dict)
    came: int = 0
    damage_at_s: float = 0.0
    unplug_at_s: float = 0.0
    plug_at_s: float = 0.0
    write_at_s: float = 0.0

    def run(self) -> None:
        """For as long as the lab stands."""
        now = time.monotonic()
        self.damage_at_s = now + self.card["damage_each_s"]
        self.unplug_at_s = now + self.card["unplugged_each_s"]
        self.counts["rx_errors"] = self.counts["rx_crc_errors"] = self.card["damaged_before"]
        self._write()
        while True:
            now = time.monotonic()
            for way in (self.outwards, self.inwards):
                if way.frame is not None and way.free_s <= now:
                    self._arrive(way, now)
            idle = [way for way in (self.outwards, self.inwards) if way.frame is None]
            ready, _, _ = select.select([way.fd for way in idle], [], [], self._wait_s(now))
            for way in idle:
                if way.fd in ready:
                    self._depart(way, time.monotonic())
            self._plug(time.monotonic())
            if time.monotonic() >= self.write_at_s:
                self._write()

    def _wait_s(self, now: float) -> float:
        busy = [way.free_s for way in (self.outwards, self.inwards) if way.frame is not None]
        return max(0.0, min([now + _WRITE_EACH_S, *busy]) - now)

    def _depart(self, way: Way, now: float) -> None:
        try:
            way.frame = os.read(way.fd, _FRAME_MAX_BYTES)
        except OSError:  # the interface is down for the moment
            return
        start = way.free_s if now - way.free_s < _LATE_S else now
        way.free_s = start + len(way.frame) * 8 / (self.card["speed_mbps"] * 1e6)
        other = self.inwards if way is self.outwards else self.outwards
        way.met = self.card["half_duplex"] and other.frame is not None and other.free_s > start
        if way.met and not other.met:
            other.met = True
            for name in _COUNTERS:
                self.counts[name] += 1

    def _arrive(self, way: Way, now: float) -> None:
        frame, way.frame = way.frame, None
        damaged = way is self.inwards and self._damaged(now)
        if damaged:
            self.counts["rx_errors"] += 1
            self.counts["rx_crc_errors"] += 1
        if frame is None or damaged or way.met or self.plug_at_s > now:
            return
        try:
            os.write(way.to, frame)
        except OSError:
            pass  # the other side is down, or its queue is full: a cable does not wait either

    def _damaged(self, now: float) -> bool:
        self.came += 1
        each_s, each_frames = self.card["damage_each_s"], self.card["damage_each_frames"]
        if each_s > 0 and now >= self.damage_at_s:
            self.damage_at_s = now + each_s
            return True
        return bool(each_frames and self.came % each_frames == 0)

    def _plug(self, now: float) -> None:
        if self.card["unplugged_each_s"] <= 0:
            return
        if self.plug_at_s:
            if now >= self.plug_at_s:
                self.plug_at_s = 0.0
                fcntl.ioctl(self.tap, _TUNSETCARRIER, struct.pack("i", 1))
        elif now >= self.unplug_at_s:
            self.plug_at_s = now + _UNPLUGGED_S
            self.unplug_at_s = now + self.card["unplugged_each_s"]
            fcntl.ioctl(self.tap, _TUNSETCARRIER, struct.pack("i", 0))

    def _write(self) -> None:
        self.write_at_s = time.monotonic() + _WRITE_EACH_S
        for name, count in self.counts.items():
            if self.written.get(name) != count:
                new = self.folder / f".{name}"
                new.write_text(f"{count}\n")
                new.rename(self.folder / name)  # whoever reads sees the old or the new
                self.written[name] = count


def open_tap(name: str) -> int:
    """The file of a tap, which is gone when the file is closed."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return device


def open_cable(name: str) -> socket.socket:
    """Every frame that comes by the interface, and nothing of what is sent by it."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: deaf until bound
    sock.setblocking(False)
    for option in (_IGNORE_OUTGOING, _QDISC_BYPASS):
        sock.setsockopt(_SOL_PACKET, option, 1)
    index = socket.if_nametoindex(name)
    sock.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("iHH8s", index, _PROMISCUOUS, 0, b""))
    sock.bind((name, _ETH_P_ALL))
    return sock


def main(argv: list[str]) -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass  # refused without rights: on a busy machine a frame then waits its turn
    cable = open_cable(argv[2])
    tap = open_tap(argv[1])
    outwards, inwards = Way(tap, cable.fileno()), Way(cable.fileno(), tap)
    Program(outwards, inwards, tap, json.loads(argv[4]), Path(argv[3])).run()


if __name__ == "__main__":
    main(sys.argv)
