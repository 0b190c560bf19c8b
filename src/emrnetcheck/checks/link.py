"""Is this computer's own connection fit to measure and to serve with?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """slow_mbps: at or below this a wired link is a fault; a 100 Mbit link is fine, because the upload is far slower
    (a 10/100 router is never the limiting factor). damaged_frames: the counter runs since the interface came up, so a
    few old ones say nothing; rule of thumb."""

    slow_mbps: float = 10.0
    damaged_frames: float = 100.0


CODES = {
    "link.ok": Code(Severity.OK, "This computer is connected {how}."),
    "link.wifi": Code(
        Severity.NOTICE,
        "This computer is on Wi-Fi ({interface}), so what was measured here includes the Wi-Fi.",
        "For a verdict that you rely on, connect this computer with a cable and run the check again.",
        Contact.LAN,
        "Wi-Fi is slower and less steady than a cable. A weak signal looks like a slow line.",
    ),
    "link.server_on_wifi": Code(
        Severity.FAIL,
        "The EMR server (this computer) is on Wi-Fi ({interface}).",
        "Connect the EMR server to the switch or the router with a network cable.",
        Contact.LAN,
        "Everybody who uses the EMR depends on this one connection. Wi-Fi drops out and slows down.",
    ),
    "link.half_duplex": Code(
        Severity.FAIL,
        "The network cable connection ({interface}) runs in half duplex: it cannot send and receive at once.",
        "Set the port of the switch and of this computer to automatic, and try another cable.",
        Contact.LAN,
        "A half-duplex link works while idle and collapses under load.",
    ),
    "link.slow_speed": Code(
        Severity.FAIL,
        "The network cable connection ({interface}) runs at only {speed_mbps} Mbps.",
        "Try another cable and another port of the switch. It should say 100 or 1000 Mbps.",
        Contact.LAN,
        "10 Mbps points to a bad cable or a very old hub.",
    ),
    "link.errors": Code(
        Severity.NOTICE,
        "The network card ({interface}) has counted {errors} damaged frames since it came up.",
        "If the number grows, try another network cable, then another port of the switch.",
        Contact.LAN,
        "Damaged frames have to be sent again, which makes everything slow.",
    ),
    "link.vpn": Code(
        Severity.UNKNOWN,
        "A VPN is on: the way to the Internet leaves through {interface}, not through the office's line.",
        "Turn the VPN on this computer off and run the check again.",
        Contact.IT_HELPER,
        "Through a VPN the address, the speed and the name answers are the VPN's, not the clinic's.",
    ),
    "link.none": Code(
        Severity.FAIL,
        "This computer has no network connection.",
        "Plug in the network cable or join the office's network, and run the check again.",
        Contact.LAN,
        "Without a connection nothing else can be measured.",
    ),
    "link.unmeasured": Code(
        Severity.UNKNOWN,
        "This computer's own connection could not be looked at: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """link.* for the interface towards the Internet."""
    link = need(case.seen.link)
    if link.interface is None or link.address is None:
        return [Finding("link.none", expected="a network connection", actual="none")]
    name = link.interface
    found: list[Finding] = []
    if link.vpn:
        found.append(Finding("link.vpn", {"interface": name}, "the office's own line", f"a tunnel ({name})"))
    if link.medium == "wifi":
        is_server = case.site.emr_declared and case.site.lan_address in (None, link.address)
        code = "link.server_on_wifi" if is_server else "link.wifi"
        found.append(Finding(code, {"interface": name}, "a cable", "Wi-Fi"))
    speed_mbps = link.speed_mbps if link.speed_mbps is not None and link.speed_mbps > 0 else None  # 0, -1: not known
    if link.medium != "wifi" and not link.vpn:  # a tunnel has no cable, and Linux says 10 Mbps of every tun interface
        found += _wire(name, speed_mbps, link.duplex, limits)
    errors = (link.receive_errors or 0) + (link.transmit_errors or 0)
    if errors >= limits.damaged_frames:
        found.append(Finding("link.errors", {"interface": name, "errors": errors}, "0 errors", f"{errors} errors"))
    return found or [Finding("link.ok", {"how": _how(link.medium, speed_mbps), "interface": name})]


def _wire(name: str, speed_mbps: int | None, duplex: str | None, limits: Limits) -> list[Finding]:
    found = []
    if duplex == "half":
        found.append(Finding("link.half_duplex", {"interface": name}, "full duplex", "half duplex"))
    if speed_mbps is not None and speed_mbps <= limits.slow_mbps:
        facts: dict[str, Fact] = {"interface": name, "speed_mbps": speed_mbps}
        found.append(Finding("link.slow_speed", facts, f"more than {limits.slow_mbps:g} Mbps", f"{speed_mbps} Mbps"))
    return found


def _how(medium: str, speed_mbps: int | None) -> str:
    how = {"wired": "by cable", "wifi": "by Wi-Fi"}.get(medium, "to the network")
    return f"{how} at {speed_mbps} Mbps" if speed_mbps is not None else f"{how} (speed not reported)"


CHECK: Check[Case, Limits] = Check(
    id="link", title="This computer's connection", needs=("link",), limits=Limits(), codes=CODES, judge=judge
)
