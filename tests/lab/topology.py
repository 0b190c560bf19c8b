"""How is the clinic put together out of network namespaces, and taken down again?

emr, pc - switch - router - access (the wire) - isp - internet - site2
"""

from __future__ import annotations

import itertools
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from tests.lab import ipv6, router
from tests.lab.ddns_client import start_client
from tests.lab.doors import HostFirewall, UpstreamFilter, host_firewall, upstream_filter
from tests.lab.emr import start_emr, start_others
from tests.lab.emr_front import start_front
from tests.lab.internet import ADDRESSES, Internet, InternetPlan, start_internet
from tests.lab.namespaces import Host, command
from tests.lab.open_doors import start_mariadb
from tests.lab.plan import (
    CLINIC,
    EMR_LAN,
    EMR_PORT,
    MODEM_CLIENT,
    MODEM_LAN,
    PC_LAN,
    ROUTER_LAN,
    SECOND_PUBLIC,
    SITE2,
    InternetCut,
    Line,
    Plan,
    Vpn,
)
from tests.lab.responder import ResponderPlan, start_responder
from tests.lab.router_upnp import start_decoy
from tests.lab.vpn import start_vpn
from tests.lab.wire import Wire

HOST_NAMES = ("emr", "pc", "switch", "router", "access", "isp", "internet", "site2", "access2")
"""access2 has a wire only where the second site has a line. A plan with a modem has that too."""


def host_names(plan: Plan) -> tuple[str, ...]:
    return HOST_NAMES if plan.modem is None else (*HOST_NAMES, "modem")


_ISP_CORE, _INTERNET_CORE = "62.115.1.2", "62.115.1.1"
_SITE2_GATEWAY = "62.4.30.1"
_OFFLOADS = "tx off tso off gso off gro off"
_FOLDERS = Path("/run/lab")  # the lab's own tmpfs: nothing is left on the disk, however it ends
_numbers = itertools.count(1)


@dataclass(slots=True)
class Lab:
    """A running clinic: `with Lab(plan) as lab:`. One at a time in a process; see namespaces.enter."""

    plan: Plan
    folder: Path = field(init=False)
    hosts: dict[str, Host] = field(init=False, default_factory=dict)
    wire: Wire = field(init=False)
    """The access link: up is towards the Internet."""
    site2_wire: Wire | None = field(init=False, default=None)
    internet: Internet = field(init=False)
    responder: str = field(init=False, default="")
    """As the clinic's settings name the one at the second site."""
    _stack: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> Lab:
        """Build everything; what was built before an error is taken down."""
        self.folder = _FOLDERS / str(next(_numbers))
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._build(undo)
            self._stack = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it down; a wire that saw what no line carries is an error of its own."""
        with self._stack:
            if kind is None:
                self.check()

    def check(self) -> None:
        """Raise a LabError if the wires were not sound: what was measured over them means nothing."""
        for wire in (self.wire, self.site2_wire):
            if wire is not None:
                wire.check()

    def _build(self, undo: ExitStack) -> None:
        for name in host_names(self.plan):
            self.hosts[name] = Host.create(name, self.folder / name, ipv6=self.plan.ipv6)
            undo.callback(self.hosts[name].close)
        self._build_lan()
        self._build_access()
        self._build_core()
        self._build_site2()
        if self.plan.ipv6:
            ipv6.build(self.hosts)
        self._name_servers()
        if self.plan.internet.congestion:
            self.hosts["internet"].sysctl("net/ipv4/tcp_congestion_control", self.plan.internet.congestion)
        self.internet = start_internet(self.hosts["internet"], self._internet_plan(), self.folder / "services")
        router.start_router(self.hosts["router"], self.plan)
        start_decoy(self.hosts["pc"], self.plan)
        if self.plan.emr.congestion:
            self.hosts["emr"].sysctl("net/ipv4/tcp_congestion_control", self.plan.emr.congestion)
        if self.plan.emr.other_address:
            self.hosts["emr"].ip(f"address add {self.plan.emr.other_address}/32 dev lo")
        start_emr(self.hosts["emr"], self.plan, self.internet.authority)
        start_front(self.hosts["pc"], self.plan, self.internet.authority)
        start_others(self.hosts["emr"], self.plan)
        if self.plan.emr.mariadb:
            start_mariadb(self.hosts["emr"], self.plan.emr.mariadb)
        self._shut_doors()
        if self.plan.ipv6:
            self.hosts["router"].nft(ipv6.firewall(self.plan))
        if self.plan.vpn is not Vpn.NONE:
            start_vpn(self.plan.vpn, self.hosts["emr"], self.hosts["site2"])
        if self.plan.responder is ResponderPlan.RUNNING:
            self.responder = start_responder(self.hosts["site2"], SITE2)
        start_client(self.hosts["emr"], self.plan, self.internet)
        if self.plan.router.internet_cut is InternetCut.LINE:
            self.wire.cut()

    def _internet_plan(self) -> InternetPlan:
        plan = replace(self.plan.internet, ipv6=self.plan.ipv6)
        return replace(plan, address=self.plan.public_address) if plan.address == CLINIC else plan

    def _build_lan(self) -> None:
        switch = self.hosts["switch"]
        switch.ip("link add br0 type bridge forward_delay 0 mcast_snooping 0")
        switch.ip("link set dev br0 up")
        for name, interface, address in (
            ("router", router.LAN, ROUTER_LAN),
            ("emr", "eth0", EMR_LAN),
            ("pc", "eth0", PC_LAN),
        ):
            connect(self.hosts[name], interface, switch, f"to-{name}")
            switch.ip(f"link set dev to-{name} master br0")
            self.hosts[name].ip(f"address add {address}/24 brd + dev {interface}")
            if name != "router":
                self.hosts[name].ip(f"route add default via {ROUTER_LAN}")
        if self.plan.own_address:
            self.hosts["emr"].ip(f"address add {self.plan.own_address}/32 dev eth0")
            self.hosts["emr"].ip(f"route replace default via {ROUTER_LAN} src {self.plan.own_address}")
            self.hosts["router"].ip(f"route add {self.plan.own_address}/32 via {EMR_LAN} dev {router.LAN}")

    def _build_access(self) -> None:
        plan, access, isp = self.plan, self.hosts["access"], self.hosts["isp"]
        box = self.hosts["router"] if plan.modem is None else self._build_modem()
        connect(box, router.WAN, access, "cpe0")
        connect(isp, "line0", access, "isp0")
        box.ip(f"address add {plan.line_address}/{plan.wan_prefix_length} dev {router.WAN}")
        isp.ip(f"address add {plan.wan_gateway}/{plan.wan_prefix_length} dev line0")
        box.ip(f"route add default via {plan.wan_gateway}")
        # Known for good, as on a line in use: else the first packet of a measurement waits for ARP to cross it.
        _introduce(box, router.WAN, isp, "line0", plan.wan_gateway)
        _introduce(isp, "line0", box, router.WAN, plan.line_address)
        self.wire = _start_wire(access, ("cpe0", "isp0"), plan.line)

    def _build_modem(self) -> Host:
        modem, inner = self.hosts["modem"], self.hosts["router"]
        connect(inner, router.WAN, modem, router.LAN)
        inner.ip(f"address add {MODEM_CLIENT}/24 dev {router.WAN}")
        modem.ip(f"address add {MODEM_LAN}/24 dev {router.LAN}")
        inner.ip(f"route add default via {MODEM_LAN}")
        router.start_modem(modem, self.plan)
        return modem

    def _build_core(self) -> None:
        isp, internet = self.hosts["isp"], self.hosts["internet"]
        connect(isp, "core0", internet, "isp0")
        isp.ip(f"address add {_ISP_CORE}/30 dev core0")
        internet.ip(f"address add {_INTERNET_CORE}/30 dev isp0")
        isp.ip(f"route add default via {_INTERNET_CORE}")
        # Only the ISP's public block has a way back: nobody on the Internet can route to 100.64/10.
        internet.ip(f"route add 45.76.0.0/16 via {_ISP_CORE}")
        for host in (isp, internet):
            host.sysctl("net/ipv4/ip_forward", "1")
        for address in ADDRESSES:
            internet.ip(f"address add {address}/32 dev lo")
        if self.plan.other_exits:
            isp.nft(_other_exits(self.plan))
        if self.plan.shared:
            isp.ip(f"address add {self.plan.public_address}/32 dev lo")
            isp.nft(_cgnat_rules(self.plan))

    def _shut_doors(self) -> None:
        if self.plan.emr.firewall is not HostFirewall.NONE:
            self.hosts["emr"].nft(host_firewall(self.plan.emr.firewall, EMR_PORT))
        if self.plan.upstream_filter is not UpstreamFilter.NONE:
            self.hosts["isp"].nft(upstream_filter(self.plan.upstream_filter, EMR_PORT, "core0"))

    def _build_site2(self) -> None:
        internet, site2, line = self.hosts["internet"], self.hosts["site2"], self.plan.site2_line
        if line is None:
            connect(site2, "eth0", internet, "site2")
        else:
            connect(site2, "eth0", self.hosts["access2"], "cpe0")
            connect(internet, "site2", self.hosts["access2"], "isp0")
            self.site2_wire = _start_wire(self.hosts["access2"], ("cpe0", "isp0"), line)
        internet.ip(f"address add {_SITE2_GATEWAY}/24 dev site2")
        site2.ip(f"address add {SITE2}/24 dev eth0")
        site2.ip(f"route add default via {_SITE2_GATEWAY}")

    def _name_servers(self) -> None:
        for name in ("emr", "pc"):
            self.hosts[name].name_server(*self.plan.name_servers)
        self.hosts["router"].name_server(ROUTER_LAN)
        with (self.hosts["emr"].folder / "hosts").open("a") as hosts:
            hosts.writelines(f"{line}\n" for line in self.plan.hosts)
        self.hosts["site2"].name_server("8.8.8.8")


def _start_wire(access: Host, interfaces: tuple[str, str], line: Line) -> Wire:
    wire = Wire.start(access, interfaces, seed=line.seed)
    wire.apply("up", line.up)
    wire.apply("down", line.down)
    return wire


def connect(a: Host, a_interface: str, b: Host, b_interface: str) -> None:
    """A cable between two hosts. Offloads are off at both ends: frames are what a cable carries."""
    a.ip(f"link add name {a_interface} type veth peer name {b_interface} netns {b.name}")
    for host, interface in ((a, a_interface), (b, b_interface)):
        command(["ip", "netns", "exec", host.name, "ethtool", "-K", interface, *_OFFLOADS.split()])
        host.ip(f"link set dev {interface} up")


def _introduce(host: Host, interface: str, peer: Host, peer_interface: str, peer_address: str) -> None:
    hardware: str = json.loads(peer.ip(f"-j link show dev {peer_interface}"))[0]["address"]
    host.ip(f"neighbour replace {peer_address} lladdr {hardware} dev {interface} nud permanent")


def _other_exits(plan: Plan) -> str:
    rules = [f"oifname core0 ip saddr {plan.wan_address} {match} snat to {SECOND_PUBLIC}" for match in plan.other_exits]
    head = ["table ip exits {", "chain postrouting {", "type nat hook postrouting priority srcnat - 1"]
    return "\n".join([*head, *rules, "}", "}", ""])


def _cgnat_rules(plan: Plan) -> str:
    return f"""table ip nat {{
chain postrouting {{
type nat hook postrouting priority srcnat
oifname core0 ip saddr {plan.wan_gateway}/{plan.wan_prefix_length} snat to {plan.public_address}
}}
}}
table ip filter {{
chain input {{
type filter hook input priority filter
ct state established,related accept
ip daddr {plan.public_address} drop
}}
}}
"""
