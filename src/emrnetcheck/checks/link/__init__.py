"""Is this computer's own connection fit to measure and to serve with?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.checks.link.codes import CODES
from emrnetcheck.checks.link.during import added, damage, damaged_frames, nothing_came, steadiness, used
from emrnetcheck.checks.link.limits import Limits
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.link import Link
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Check, Fact, Finding, Segment

_DBM_AT_0_PERCENT, _DBM_PER_PERCENT = -100.0, 0.5  # Windows' WLAN_SIGNAL_QUALITY: 0 is -100 dBm, 100 is -50 dBm


def judge(case: Case, limits: Limits) -> list[Finding]:
    """link.* for the interface towards the Internet, as it was before the run and as it went on."""
    link, wear = need(case.seen.link), case.seen.wear
    if link.interface is None or link.address is None:
        if link.ipv6:
            return [Finding("link.no_ipv4", expected="an IPv4 address", actual="IPv6 only")]
        return [Finding("link.none", expected="a network connection", actual="none")]
    if not link.is_up and nothing_came(wear):
        return [Finding("link.none", expected="a network connection", actual=f"{link.interface} is not connected")]
    name = link.interface
    found: list[Finding] = []
    if link.vpn:
        found.append(Finding("link.vpn", {"interface": name}, "the office's own line", f"a tunnel ({name})"))
    if link.medium == "wifi":
        is_server = case.site.emr_declared and case.site.lan_address in (None, link.address)
        code = "link.server_on_wifi" if is_server else "link.wifi"
        found.append(Finding(code, {"interface": name}, "a cable", "Wi-Fi"))
        found += _signal(link, limits)
    speed_mbps = link.speed_mbps if link.speed_mbps is not None and link.speed_mbps > 0 else None  # 0, -1: not known
    if link.medium != "wifi" and not link.vpn:  # a tunnel has no cable, and Linux says 10 Mbps of every tun interface
        found += _wire(name, speed_mbps, link.duplex, limits)
        found += damage(link.card or name, wear, limits)
    found += steadiness(link, wear, limits)
    if link.metered:
        found.append(Finding("link.metered", {"interface": name, "used": used(wear)}, "an unlimited line", "metered"))
    return found or [Finding("link.ok", _fine(link, speed_mbps, wear))]


def _signal(link: Link, limits: Limits) -> Iterator[Finding]:
    dbm: float | None = link.signal_dbm
    if dbm is None and link.signal_percent is not None:
        dbm = _DBM_AT_0_PERCENT + _DBM_PER_PERCENT * link.signal_percent
    if dbm is None or dbm >= -limits.weak_minus_dbm:
        return
    code, limit = "link.weak_signal", limits.weak_minus_dbm
    if dbm < -limits.poor_minus_dbm:
        code, limit = "link.poor_signal", limits.poor_minus_dbm
    signal = f"{dbm:.0f} dBm" + (f", {link.band}" if link.band else "")
    yield Finding(code, {"signal": signal, "signal_dbm": dbm, "band": link.band}, f"at least -{limit:g} dBm", signal)


def _wire(name: str, speed_mbps: int | None, duplex: str | None, limits: Limits) -> Iterator[Finding]:
    if duplex == "half":
        yield Finding("link.half_duplex", {"interface": name}, "full duplex", "half duplex")
    if speed_mbps is not None and speed_mbps <= limits.slow_mbps:
        facts: dict[str, Fact] = {"interface": name, "speed_mbps": speed_mbps}
        yield Finding("link.slow_speed", facts, f"more than {limits.slow_mbps:g} Mbps", f"{speed_mbps} Mbps")


def _fine(link: Link, speed_mbps: int | None, wear: Wear | None) -> dict[str, Fact]:
    """With what the card had counted before the run, which is a fact and no fault."""
    how = {"wired": "by cable", "wifi": "by Wi-Fi"}.get(link.medium, "to the network")
    how += f" at {speed_mbps} Mbps" if speed_mbps is not None else " (speed not reported)"
    if link.medium != "wifi" and not _is_counted(wear):
        how += "; whether frames got damaged on the way was not seen"
    return {
        "how": how,
        "interface": link.interface,
        "errors_before": added(link.receive_errors, link.transmit_errors),
        "seconds": wear.seconds if wear is not None else None,
    }


def _is_counted(wear: Wear | None) -> bool:
    """Whether the card's count of damaged frames is known from both ends of the run."""
    return (
        wear is not None
        and wear.seconds is not None
        and wear.grown is not None
        and damaged_frames(wear.grown) is not None
    )


CHECK: Check[Case, Limits] = Check(
    id="link",
    title="This computer's connection",
    needs=("link",),
    uses=("wear",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.COMPUTER,
)
