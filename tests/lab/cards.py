"""What network card does a computer of the office have, and what is wrong with it or its cable?

A card with a speed is a tap, the one interface of Linux whose speed and duplex can be set; card_program.py carries its
frames to the cable. What /sys tells of it is laid over that of the host: a tap would be known as one there, and counts
no damage. Wi-Fi is nothing but what /sys and `iw` tell: what it does to packets, the cable does.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab.namespaces import Host, LabError, command

_PROGRAM = Path(__file__).with_name("card_program.py")
_SYS = "/sys/class/net"
_IW = "/usr/sbin/iw"
_TAP, _PLUG = "card0", "plug0"
_QUEUE_FRAMES = 64
"""Of the card on its way out: 77 ms at 10 Mbps."""
COUNTERS = ("rx_errors", "rx_crc_errors", "tx_errors", "tx_window_errors", "collisions")
"""What the program of the card counts itself, by the names of /sys; all else is told by the kernel."""
_TOLD = ("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_frame_errors", "tx_carrier_errors")


@dataclass(frozen=True, slots=True)
class Wifi:
    """What the system tells of its Wi-Fi."""

    signal_dbm: int = -50
    frequency_mhz: int = 5180
    rate_mbps: float = 390.0


@dataclass(frozen=True, slots=True)
class Card:
    """A network card with its cable; without more said, 1 Gbps and in order."""

    speed_mbps: int = 1000
    half_duplex: bool = False
    """It cannot send while it receives, and its switch does not know that: frames that meet are lost, both."""
    damage_each_s: float = 0.0
    """So often, a frame on its way in is damaged; 0: never."""
    damage_each_frames: int = 0
    """One of so many frames on their way in is damaged; 0: none."""
    damaged_before: int = 0
    """How many were damaged before anybody looked."""
    unplugged_each_s: float = 0.0
    """So often, the cable is out for a moment; 0: never."""
    wifi: Wifi | None = None
    """None: it has a cable. Else nothing of the above holds."""


@dataclass(frozen=True, slots=True)
class Cards:
    """None: a virtual one, as all in the lab have, whose speed is not limited."""

    emr: Card | None = None
    pc: Card | None = None
    pc2: Card | None = None
    """Of the PC at the second site; Wi-Fi only."""

    def __post_init__(self) -> None:
        if self.pc2 is not None and self.pc2.wifi is None:
            raise ValueError("pc2: only Wi-Fi is to be had there")


def plug_in(hosts: dict[str, Host], cards: Cards, folder: Path, undo: ExitStack) -> None:
    """Once the office's network stands and before anything runs in it. `folder`: for what the cards need."""
    for name in ("emr", "pc", "pc2"):
        card: Card | None = getattr(cards, name)
        if card is None:
            continue
        host = hosts[name]
        if card.wifi is None:
            behind = Host.create(f"{name}-card", folder / f"{name}-card", ipv6=False)
            undo.callback(behind.close)
            _exchange(host, behind, card)
        else:
            _tell_wifi(host, card.wifi)


def _exchange(host: Host, behind: Host, card: Card) -> None:
    """The host's cable goes into the namespace behind the card, and the card takes its place."""
    link = json.loads(host.ip("-j link show dev eth0"))[0]
    addresses = json.loads(host.ip("-j -4 address show dev eth0"))[0]["addr_info"]
    routes = json.loads(host.ip("-j -4 route show dev eth0"))
    host.ip(f"link set dev eth0 netns {behind.name} name {_PLUG}")
    behind.ip(f"link set dev {_PLUG} up")
    statistics = _lay_sys(host, wireless=False) / "statistics"
    settings = json.dumps(asdict(card))
    behind.start([sys.executable, _PROGRAM, _TAP, _PLUG, statistics, settings], log="card.log")
    behind.wait_for(lambda: _TAP in behind.ip("-br link show"), timeout_s=10.0, what="the card", log="card.log")
    behind.ip(f"link set dev {_TAP} netns {host.name} name eth0")
    duplex = "half" if card.half_duplex else "full"
    set_speed = f"ethtool -s eth0 speed {card.speed_mbps} duplex {duplex} autoneg off"
    command(["ip", "netns", "exec", host.name, *set_speed.split()])
    host.ip(f"link set dev eth0 address {link['address']} txqueuelen {_QUEUE_FRAMES} up")
    for each in addresses:
        host.ip(f"address add {each['local']}/{each['prefixlen']} brd + dev eth0")
    for route in routes:
        if route.get("protocol") != "kernel":
            source = f" src {route['prefsrc']}" if "prefsrc" in route else ""
            host.ip(f"route replace {route['dst']} via {route['gateway']} dev eth0{source}")


def _tell_wifi(host: Host, wifi: Wifi) -> None:
    _lay_sys(host, wireless=True)
    if shutil.which(_IW) is None:
        raise LabError(f"{_IW} is needed as a place to bind a host's own (Debian: apt-get install iw)")
    said = [
        "Connected to 02:00:5e:10:00:01 (on eth0)",
        "\tSSID: office",
        f"\tfreq: {wifi.frequency_mhz}",
        "\tRX: 2096843 bytes (11092 packets)",
        "\tTX: 275034 bytes (1512 packets)",
        f"\tsignal: {wifi.signal_dbm} dBm",
        f"\ttx bitrate: {wifi.rate_mbps:.1f} MBit/s VHT-MCS 4 80MHz VHT-NSS 2",
    ]
    program = host.folder / "iw"
    program.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(said) + "\nEND\n")
    program.chmod(0o755)
    host.bind(program, _IW)


def _lay_sys(host: Host, *, wireless: bool) -> Path:
    """The host's own /sys/class/net, and in it the folder of eth0, which says what a card's says."""
    view = host.folder / "net"
    eth0 = view / "eth0"
    (eth0 / "statistics").mkdir(parents=True)
    (eth0 / "type").write_text("1\n")
    if wireless:
        (eth0 / "wireless").mkdir()
    device = Path("/sys/devices/virtual/net/eth0")
    (eth0 / "carrier_changes").symlink_to(device / "carrier_changes")
    for name in (*_TOLD, *(COUNTERS if wireless else ())):
        (eth0 / "statistics" / name).symlink_to(device / "statistics" / name)
    (view / "lo").symlink_to("/sys/devices/virtual/net/lo")
    host.bind(view, _SYS)
    return eth0
