"""What does the clinic's router do: NAT, forwards, hairpin, its own firewall, DNS for the LAN?"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lab.internet import ISP_RESOLVER
from tests.lab.internet.addresses import PUBLIC_RESOLVERS
from tests.lab.namespaces import Host
from tests.lab.open_doors import WanDoor, input_rules, nat_rules, open_wan_doors
from tests.lab.plan import (
    EMR_PORT,
    MODEM_CLIENT,
    MODEM_LAN,
    ROUTER_LAN,
    Hairpin,
    InternetCut,
    OutsideDns,
    Plan,
    Refusal,
    RouterDns,
)
from tests.lab.router_upnp import start_telling

LAN = "lan0"
WAN = "wan0"
FULL_MTU = 1500
_ROOT = Path(__file__).resolve().parents[2]


def start_router(host: Host, plan: Plan) -> None:
    """Load the rules and start the DNS forwarder; the host has its addresses and routes already."""
    host.sysctl("net/ipv4/ip_forward", "1")
    # A redirect would tell LAN hosts the way round that a broken hairpin lacks; routers do not send it.
    for kind in ("all", LAN):
        host.sysctl(f"net/ipv4/conf/{kind}/send_redirects", "0")
    if not plan.router.answers_ping:
        host.sysctl("net/ipv4/icmp_echo_ignore_all", "1")
    host.nft(rules(plan))
    if plan.router.dns is RouterDns.OK:
        _start_dns(host, plan)
    start_telling(host, plan, LAN, WAN)
    if plan.router.admin_page:
        _start_page(host)
    open_wan_doors(host, plan.router.open_to_wan, plan.wan_address)


def start_modem(host: Host, plan: Plan) -> None:
    """A second router of the same kind: NAT, perhaps a forward, perhaps a page."""
    assert plan.modem is not None
    host.sysctl("net/ipv4/ip_forward", "1")
    forward = f"iifname {WAN} tcp dport {EMR_PORT} dnat to {MODEM_CLIENT}\n" if plan.modem.forward else ""
    host.nft(f"""table ip nat {{
chain prerouting {{
type nat hook prerouting priority dstnat
{forward}}}
chain postrouting {{
type nat hook postrouting priority srcnat
oifname {WAN} masquerade
}}
}}
table ip filter {{
chain input {{
type filter hook input priority filter
ct state established,related accept
iifname {WAN} drop
}}
chain forward {{
type filter hook forward priority filter
ct state established,related accept
ct status dnat accept
iifname {WAN} drop
}}
}}
""")
    if plan.modem.has_page:
        host.start([sys.executable, "-m", "http.server", "80", "--bind", MODEM_LAN], log="page.log", cwd=host.folder)
        host.wait_for(lambda: host.listening(80), timeout_s=5.0, what="the modem's page", log="page.log")


def rules(plan: Plan) -> str:
    """The nftables rules, one statement per line."""
    return "\n".join([*_nat(plan), *_filter(plan), ""])


def _nat(plan: Plan) -> list[str]:
    router = plan.router
    lines = ["table ip nat {", "chain prerouting {", "type nat hook prerouting priority dstnat", "policy accept"]
    ports = _forwarded(plan)
    if ports:
        who = f"ip saddr {{ {', '.join(router.forward_from)} }} " if router.forward_from else ""
        lines.append(f"iifname {WAN} {who}tcp dport {ports} dnat to {router.forward_to}")
        if router.hairpin is not Hairpin.NONE:
            inside = f"iifname {LAN} ip daddr {plan.wan_address} tcp dport {ports}"
            lines.append(f"{inside} dnat to {router.forward_to}")
    lines += nat_rules(router.open_to_wan, WAN)
    if router.outside_dns is OutsideDns.TAKEN:
        lines += [f"iifname {LAN} {protocol} dport 53 redirect" for protocol in ("udp", "tcp")]
    lines += ["}", "chain postrouting {", "type nat hook postrouting priority srcnat", "policy accept"]
    lines.append(f"oifname {WAN} masquerade")
    if ports and router.hides_callers:
        lines.append(f"iifname {WAN} oifname {LAN} masquerade")
    if ports and router.hairpin is Hairpin.FULL:
        lines.append(f"iifname {LAN} oifname {LAN} ip daddr {router.forward_to} tcp dport {ports} masquerade")
    return [*lines, "}", "}"]


def _forwarded(plan: Plan) -> str:
    """The TCP ports, as nftables writes a set; "": none."""
    router = plan.router
    ports = [*([EMR_PORT] if router.forward and not router.admin_page else []), *router.also_forward]
    return f"{{ {', '.join(map(str, ports))} }}" if ports else ""


def _filter(plan: Plan) -> list[str]:
    router = plan.router
    lines = ["table ip filter {", "chain input {", "type filter hook input priority filter", "policy accept"]
    if router.dns is RouterDns.DEAD_DROP:
        lines.append(f"iifname {LAN} udp dport 53 drop")
        lines.append(f"iifname {LAN} tcp dport 53 drop")
    if router.loses_questions:
        # 7 "example": the first label of the name that is asked for, 20 bytes after the UDP header begins.
        lines.append(f"iifname {LAN} udp dport 53 @th,160,64 0x076578616d706c65 numgen inc mod 4 1-2 drop")
    lines.append("ct state established,related accept")
    if router.admin_page:
        lines.append(f"tcp dport {EMR_PORT} accept")
    lines += input_rules(router.open_to_wan, WAN)
    if router.wan_input is Refusal.REJECT:
        lines.append(f"iifname {WAN} meta l4proto tcp reject with tcp reset")
        lines.append(f"iifname {WAN} reject")
    else:
        lines.append(f"iifname {WAN} drop")
    lines += ["}", "chain forward {", "type filter hook forward priority filter", "policy accept"]
    if router.internet_cut is InternetCut.ROUTER:
        lines.append(f"oifname {WAN} drop")
        lines.append(f"iifname {WAN} drop")
    if router.line_mtu < FULL_MTU and plan.modem is None:
        lines.append("tcp flags syn tcp option maxseg size set rt mtu")
    if not plan.ipv4:
        lines.append(f"iifname {LAN} oifname {WAN} reject with icmp type net-unreachable")
    if router.loses_answers:
        lines.append(f"iifname {LAN} oifname {WAN} tcp sport {EMR_PORT} drop")
    if router.outside_dns is OutsideDns.BLOCKED:
        lines += [f"iifname {LAN} {protocol} dport 53 drop" for protocol in ("udp", "tcp")]
    if router.outside_dns is OutsideDns.KNOWN_ONLY:
        known = f"ip daddr != {{ {', '.join(PUBLIC_RESOLVERS)} }}"
        lines += [f"iifname {LAN} {known} {protocol} dport 53 drop" for protocol in ("udp", "tcp")]
    lines.append("ct state established,related accept")
    lines.append("ct status dnat accept")
    lines.append(f"iifname {WAN} drop")
    return [*lines, "}", "}"]


def _start_page(host: Host) -> None:
    argv = [sys.executable, "-m", "tests.lab.router_page", str(EMR_PORT), str(host.folder)]
    host.start(argv, log="router_page.log", env={"PYTHONPATH": str(_ROOT)})
    host.wait_for(lambda: host.listening(EMR_PORT), timeout_s=10.0, what="the router's page", log="router_page.log")


def _start_dns(host: Host, plan: Plan) -> None:
    # -d and not -k: it stays root, since in a user namespace there is nobody else to become.
    argv = ["dnsmasq", "-d", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces"]
    if WanDoor.DNS in plan.router.open_to_wan:
        argv.append(f"--listen-address={plan.wan_address}")
    argv += [f"--listen-address={ROUTER_LAN}", f"--server={ISP_RESOLVER}", "--cache-size=1000"]
    host.start([*argv, *plan.router.dnsmasq_args], log="dnsmasq.log")
    host.wait_for(
        lambda: host.listening(53, protocol="udp"), timeout_s=5.0, what="the DNS forwarder", log="dnsmasq.log"
    )
