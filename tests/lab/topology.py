"""How is the clinic put together out of network namespaces, and taken down again?

emr, pc - switch - router - access (the wire) - isp - internet - site2
"""

from __future__ import annotations

import itertools
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from tests.lab import cards, ipv6, lan, router
from tests.lab.cables import Leg, connect, introduce, start_wire
from tests.lab.ddns_client import start_client
from tests.lab.doors import HostFirewall, UpstreamFilter, host_firewall, upstream_filter
from tests.lab.emr import start_emr, start_others
from tests.lab.emr_front import start_front
from tests.lab.internet import ADDRESSES, Internet, InternetPlan, start_internet
from tests.lab.isp_hops import build_core
from tests.lab.namespaces import Host
from tests.lab.open_doors import start_mariadb
from tests.lab.own_answers import detour
from tests.lab.plan import (
    CLINIC,
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
from tests.lab.second_site import build_remote_clinic, start_resolver
from tests.lab.vpn import start_vpn
from tests.lab.wire import Wire

HOST_NAMES = ("emr", "pc", "switch", "router", "access", "isp", "internet", "site2", "access2")
"""access2 has a wire only where the second site has a line. A plan may have more; see Plan.more_hosts."""


def host_names(plan: Plan) -> tuple[str, ...]:
    return (*HOST_NAMES, *plan.more_hosts)


_SITE2_GATEWAY = "62.4.30.1"
_FOLDERS = Path("/run/lab")  # the lab's own tmpfs: nothing is left on the disk, however it ends
_NO_GROUP = "1 0"  # of net.ipv4.ping_group_range: none at all
_numbers = itertools.count(1)


@dataclass(slots=True)
class Lab:
    """A running clinic: `with Lab(plan) as lab:`. One at a time in a process; see namespaces.enter."""

    plan: Plan
    folder: Path = field(init=False)
    hosts: dict[str, Host] = field(init=False, default_factory=dict)
    wire: Wire = field(init=False)
    """The access link: up is towards the Internet."""
    wires: dict[str, Wire] = field(init=False, default_factory=dict)
    """All there are: "line", "site2_line", and those of legs and hops by the names of their hosts; a router's (hop's)
    own answers are "router-own" ("hop1-own")."""
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
        for wire in self.wires.values():
            wire.check()

    def _build(self, undo: ExitStack) -> None:
        for name in host_names(self.plan):
            self.hosts[name] = Host.create(name, self.folder / name, ipv6=self.plan.ipv6)
            if not self.plan.may_ping:
                self.hosts[name].sysctl("net/ipv4/ping_group_range", _NO_GROUP)
            undo.callback(self.hosts[name].close)
        self.wires |= lan.build_lan(self.hosts, self.plan)
        cards.plug_in(self.hosts, self.plan.cards, self.folder, undo)
        self._build_access()
        self._build_core()
        self._build_site2()
        if self.plan.ipv6:
            ipv6.build(self.hosts)
        self._name_servers()
        if self.plan.internet.congestion:
            self.hosts["internet"].sysctl("net/ipv4/tcp_congestion_control", self.plan.internet.congestion)
        self.internet = start_internet(self.hosts["internet"], self._internet_plan(), self.folder / "services")
        self._start_routers()
        self._start_emr()
        start_decoy(self.hosts["pc"], self.plan)
        if self.plan.vpn is not Vpn.NONE:
            start_vpn(self.plan.vpn, self.hosts["emr"], self.hosts["site2"])
        if self.plan.responder is ResponderPlan.RUNNING:
            self.responder = start_responder(self.hosts["site2"], SITE2)
        elif self.plan.responder is ResponderPlan.OFFICE:
            self.responder = start_responder(self.hosts["pc"], PC_LAN)
        start_client(self.hosts["emr"], self.plan, self.internet)
        lan.start_others(self.hosts, self.plan)
        if self.plan.router.internet_cut is InternetCut.LINE:
            self.wire.cut()

    def _start_routers(self) -> None:
        inner = self.hosts["router"]
        router.start_router(inner, self.plan)
        if self.plan.ipv6:
            inner.nft(ipv6.firewall(self.plan))
        if self.plan.router.own_icmp is not None:
            self.wires["router-own"] = detour(inner, self.plan.router.own_icmp, name="own")
        if self.plan.site2 is not None:
            start_resolver(self.hosts["site2"], self.plan.site2, self.plan.internet.hostname)

    def _start_emr(self) -> None:
        plan, emr = self.plan, self.hosts["emr"]
        if plan.emr.congestion:
            emr.sysctl("net/ipv4/tcp_congestion_control", plan.emr.congestion)
        if plan.emr.other_address:
            emr.ip(f"address add {plan.emr.other_address}/32 dev lo")
        start_emr(emr, plan, self.internet.authority)
        start_front(self.hosts["pc"], plan, self.internet.authority)
        start_others(emr, plan)
        if plan.emr.mariadb:
            start_mariadb(emr, plan.emr.mariadb)
        self._shut_doors()

    def _internet_plan(self) -> InternetPlan:
        plan = replace(self.plan.internet, ipv6=self.plan.ipv6)
        return replace(plan, address=self.plan.public_address) if plan.address == CLINIC else plan

    def _build_access(self) -> None:
        plan, access, isp = self.plan, self.hosts["access"], self.hosts["isp"]
        box = self.hosts["router"] if plan.modem is None else self._build_modem()
        connect(box, router.WAN, access, "cpe0")
        connect(isp, "line0", access, "isp0")
        box.ip(f"address add {plan.line_address}/{plan.wan_prefix_length} dev {router.WAN}")
        isp.ip(f"address add {plan.wan_gateway}/{plan.wan_prefix_length} dev line0")
        box.ip(f"route add default via {plan.wan_gateway}")
        introduce(box, router.WAN, isp, "line0", plan.wan_gateway)
        introduce(isp, "line0", box, router.WAN, plan.line_address)
        if plan.router.line_mtu != router.FULL_MTU:
            for host, interface in ((box, router.WAN), (isp, "line0")):
                host.ip(f"link set dev {interface} mtu {plan.router.line_mtu}")
        self.wire = self.wires["line"] = _start_line(access, plan.line)

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
        self.wires |= build_core(self.hosts, self.plan.isp_hops)
        # In one go: forty programs are as much work as all the rest of a clinic.
        added = "".join(f"address add {address}/32 dev lo\n" for address in ADDRESSES)
        internet.command(["ip", "-batch", "-"], input=added)
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
            self.wires["site2_line"] = _start_line(self.hosts["access2"], line)
        internet.ip(f"address add {_SITE2_GATEWAY}/24 dev site2")
        site2.ip(f"address add {SITE2}/24 dev eth0")
        site2.ip(f"route add default via {_SITE2_GATEWAY}")
        if self.plan.site2 is not None:
            self.wires |= build_remote_clinic(self.hosts, self.plan.site2)

    def _name_servers(self) -> None:
        for name in ("emr", "pc"):
            self.hosts[name].name_server(*self.plan.name_servers)
        self.hosts["router"].name_server(ROUTER_LAN)
        with (self.hosts["emr"].folder / "hosts").open("a") as hosts:
            hosts.writelines(f"{line}\n" for line in self.plan.hosts)
        self.hosts["site2"].name_server("8.8.8.8")


def _start_line(access: Host, line: Line) -> Wire:
    return start_wire(access, ("cpe0", "isp0"), Leg(line.up, line.down, line.seed))


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
