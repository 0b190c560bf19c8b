"""What does an IT helper want to see of this computer's own connection, before the run and while it went on?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.link import CardCounters, Link
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.reports.line import Line

_COUNTED = {
    "receive_errors": "damaged on arrival",
    "crc_errors": "wrong check sum",
    "frame_errors": "not whole",
    "transmit_errors": "not sent",
    "carrier_errors": "no carrier",
    "late_collisions": "late collisions",
    "collisions": "collisions",
    "carrier_changes": "carrier changes",
}


def link_lines(seen: Seen) -> Iterator[Line]:
    """The way out, its Wi-Fi if it is one, and the counters that are not 0."""
    if seen.link is None:
        return
    link = seen.link
    card = f" on {link.card}" if link.card else ""
    speed = f"{link.speed_mbps} Mbps" if link.speed_mbps is not None else "speed not told"
    vpn = ", VPN" if link.vpn else ""
    metered = ", metered" if link.metered else ""
    yield Line(
        f"{link.interface or 'no interface'}{card}, {link.medium}, {speed}, {link.duplex or 'duplex not told'}"
        f"{vpn}{metered}, own address {link.address or 'none'}, gateway {link.gateway or 'none'}",
        lead="link: ",
    )
    if radio := _radio(link):
        yield Line(f"Wi-Fi {radio}", lead="link: ")
    if link.counters is not None and (before := _counted(link.counters)):
        yield Line(f"counted before the run, since it came up: {before}", lead="link: ")
    if seen.wear is not None:
        yield from _wear(seen.wear)


def _radio(link: Link) -> str:
    percent = f"{link.signal_percent} %" if link.signal_percent is not None else None
    signal = f"{link.signal_dbm} dBm" if link.signal_dbm is not None else percent
    rate = f"sends at {link.rate_mbps:g} Mbps" if link.rate_mbps is not None else None
    return ", ".join(part for part in (f"signal {signal}" if signal else None, link.band, rate) if part)


def _wear(wear: Wear) -> Iterator[Line]:
    if wear.grown is None or wear.seconds is None:
        return
    frames = (wear.grown.received_frames, wear.grown.sent_frames)
    of = f" of {frames[0]} frames in and {frames[1]} out" if None not in frames else ""
    yield Line(f"counted in {wear.seconds:.0f} s: {_counted(wear.grown) or 'no damage'}{of}", lead="link: ")


def _counted(counters: CardCounters) -> str:
    """Those that are known and not 0."""
    return ", ".join(f"{words} {count}" for name, words in _COUNTED.items() if (count := getattr(counters, name)))
