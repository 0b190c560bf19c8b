"""Which measurement can be made by which user on which system, and by what method? Data for a command and a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class System(StrEnum):
    """The systems it runs on. Only Linux is measured; the others are by their documentation, tested on stand-ins."""

    LINUX = "Linux"
    MACOS = "macOS"
    WINDOWS = "Windows"


class User(StrEnum):
    """Who runs the program. Only Linux has the one in the middle; on Windows the last is an elevated administrator."""

    NORMAL = "normal user"
    CAP_NET_RAW = "cap_net_raw"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Way:
    """How it is done. methods: words of reports, the first that is possible is taken; () where it cannot be done.

    note: what it depends on, where it cannot be done what is missing, or what it gives; no full stop.
    """

    methods: tuple[str, ...]
    note: str = ""


Ways = Mapping[User, Way]


def _ways(normal: Way, raw: Way | None = None, root: Way | None = None) -> Ways:
    """Who may do more can do the same, if nothing else is said."""
    raw = raw or normal
    return {User.NORMAL: normal, User.CAP_NET_RAW: raw, User.ROOT: root or raw}


@dataclass(frozen=True, slots=True)
class Ability:
    """One measurement. without: what happens where it cannot be made."""

    id: str
    title: str
    without: str
    linux: Ways
    macos: Ways
    windows: Ways

    def ways(self, system: System) -> Ways:
        """By user, on one system."""
        return {System.LINUX: self.linux, System.MACOS: self.macos, System.WINDOWS: self.windows}[system]


def users(system: System) -> tuple[User, ...]:
    """Those that the system knows."""
    return tuple(User) if system is System.LINUX else (User.NORMAL, User.ROOT)


_PCAP = Way((), "needs root, which may open /dev/bpf")
_NPCAP = Way(("scapy",), "with Npcap installed, for everybody if it was installed so")
_GROUP = "where net.ipv4.ping_group_range includes the user's group"

ABILITIES: tuple[Ability, ...] = (
    Ability(
        "ping",
        "Answer times by ping",
        "answer times are taken by connecting",
        _ways(Way(("icmp",), _GROUP), Way(("icmp", "icmp_raw"))),
        _ways(Way(("icmp",))),
        _ways(Way(("icmp_api",), "IcmpSendEcho of Windows itself")),
    ),
    Ability(
        "connect",
        "Answer times by connecting",
        "",
        _ways(Way(("tcp",), "an open port's time is the kernel's own")),
        _ways(Way(("tcp",))),
        _ways(Way(("tcp",), "an open port is needed: a refusal comes two seconds late")),
    ),
    Ability(
        "arp",
        "Whether a silent neighbour is there",
        "a host that answers neither ping nor a connection may be there or not",
        _ways(Way((), "needs cap_net_raw"), Way(("arp",))),
        _ways(_PCAP, root=Way(("arp",))),
        _ways(Way(("arp",), _NPCAP.note)),
    ),
    Ability(
        "duplicates",
        "Whether two computers have one address",
        "only an address that changes hands during the run is seen",
        _ways(Way((), "needs cap_net_raw"), Way(("arp",))),
        _ways(_PCAP, root=Way(("arp",))),
        _ways(Way(("arp",), _NPCAP.note)),
    ),
    Ability(
        "neighbours",
        "Which device has the router's address",
        "",
        _ways(Way(("/proc/net/arp",), "the neighbour table, IPv4 alone")),
        _ways(Way(("arp -an",), "the neighbour table, IPv4 alone")),
        _ways(Way(("arp -a",), "the neighbour table, IPv4 alone")),
    ),
    Ability(
        "trace",
        "The routers on the way, and where delay begins",
        "where on the way delay or loss begins is not told",
        _ways(Way(("icmp", "udp_errors")), Way(("icmp", "icmp_raw", "udp_errors"))),
        _ways(Way(("traceroute",), "by macOS's own program")),
        _ways(Way(("tracert",), "by Windows's own program, in whole milliseconds")),
    ),
    Ability(
        "path_mtu",
        "The largest packet that gets through",
        "large packets that vanish are not found, unless a large upload stalls",
        _ways(Way(("icmp", "udp_errors")), Way(("icmp", "icmp_raw", "udp_errors"))),
        _ways(Way(("ping",), "by macOS's own program, fewer sizes")),
        _ways(Way(("ping",), "by Windows's own program, fewer sizes, large ones that vanish in English only")),
    ),
    Ability(
        "link",
        "Cable or Wi-Fi, speed, duplex",
        "",
        _ways(Way(("sysfs",))),
        _ways(Way(("ifconfig",), "and networksetup")),
        _ways(Way(("Get-NetAdapter",))),
    ),
    Ability(
        "wifi",
        "Wi-Fi signal and band",
        "it is said that it is Wi-Fi, not how strong",
        _ways(Way(("iw", "/proc/net/wireless"), "the band only by iw")),
        _ways(Way(("system_profiler",))),
        _ways(Way(("netsh",), "in percent; Windows 11 24H2 may want location services switched on")),
    ),
    Ability(
        "counters",
        "Errors that the network card counts",
        "",
        _ways(Way(("sysfs",), "in detail: checksums, collisions, carrier")),
        _ways(Way(("psutil",), "totals only")),
        _ways(Way(("psutil",), "totals only")),
    ),
    Ability(
        "flood",
        "Whether the office network is flooded, as by a loop",
        "",
        _ways(Way(("psutil",), "and by /proc/net how much was not for this computer alone")),
        _ways(Way(("psutil",), "packets and their size only: small ones without an answer count")),
        _ways(Way(("psutil",), "packets and their size only: small ones without an answer count")),
    ),
    Ability(
        "metered",
        "Whether the connection is metered",
        "nobody is told that what the check sends may cost money",
        _ways(Way(("nmcli",), "where NetworkManager has the connection")),
        _ways(Way((), "the system is not asked")),
        _ways(Way(("powershell",), "the cost that Windows has noted for its connection to the Internet")),
    ),
    Ability(
        "arrivals",
        "Whether connections from outside reach this computer",
        "whether the router or the server's firewall keeps them out is not told",
        _ways(Way((), "needs cap_net_raw"), Way(("packet_socket",))),
        _ways(_PCAP, root=Way(("scapy",))),
        _ways(_NPCAP),
    ),
    Ability(
        "listeners",
        "What listens on this computer",
        "the port is judged by connecting to it",
        _ways(Way(("psutil",), "other users' programs without their names"), root=Way(("psutil",))),
        _ways(Way((), "needs root"), root=Way(("psutil",))),
        _ways(Way(("psutil",))),
    ),
)

_PACKETS = frozenset({"arp", "packet_socket", "scapy"})
_BY_SCAPY = frozenset({"arp", "scapy"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one process was found to be allowed, by trying. icmp: "icmp", "icmp_raw", "icmp_api" or None.

    packets: it may open what sees whole packets. scapy: it is installed.
    """

    system: System
    icmp: str | None
    administrator: bool
    packets: bool
    scapy: bool

    @property
    def user(self) -> User:
        """The column of the table that is this process'."""
        if self.administrator:
            return User.ROOT
        return User.CAP_NET_RAW if self.packets and self.system is System.LINUX else User.NORMAL


def way_now(ability: Ability, allowed: Allowed) -> Way:
    """How such a process makes the measurement, which may be less than the table has for its user."""
    way = ability.ways(allowed.system)[allowed.user]
    methods = tuple(method for method in way.methods if _open(method, allowed))
    if methods or not way.methods:
        return Way(methods, way.note)
    without_scapy = not allowed.scapy and _BY_SCAPY & set(way.methods)
    if without_scapy:
        return Way((), "scapy is not installed")
    return Way((), f"not allowed to this process; it is {way.note}" if way.note else "not allowed to this process")


def _open(method: str, allowed: Allowed) -> bool:
    if method.startswith("icmp"):
        return method == allowed.icmp
    return (method not in _PACKETS or allowed.packets) and (method not in _BY_SCAPY or allowed.scapy)
