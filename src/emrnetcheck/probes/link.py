"""By which connection does this computer reach the office network and the Internet?"""

from __future__ import annotations

import time

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.link import CardCounters, Link
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net import host
from emrnetcheck.net.radio import Radio
from emrnetcheck.probes.context import Context, Probe


def measure(site: Site, seen: Seen, context: Context) -> Link | Failure:  # noqa: ARG001 - the shape of every probe
    """Reads the system's own tables; sends nothing."""
    way = host.way_out()
    facts = host.interface(way.interface) if way.interface is not None else None
    radio = facts.radio if facts else Radio()
    return Link(
        interface=way.interface,
        address=way.address,
        gateway=way.gateway,
        medium=facts.medium if facts else "unknown",
        speed_mbps=facts.speed_mbps if facts else None,
        duplex=facts.duplex if facts else None,
        vpn=facts.vpn if facts else False,
        is_up=facts.is_up if facts else False,
        receive_errors=facts.receive_errors if facts else None,
        transmit_errors=facts.transmit_errors if facts else None,
        card=facts.card if facts else None,
        signal_dbm=radio.signal_dbm,
        signal_percent=radio.signal_percent,
        band=radio.band,
        rate_mbps=radio.rate_mbps,
        metered=facts.metered if facts else None,
        counters=CardCounters(**facts.counters) if facts and facts.counters else None,
        counted_at_s=round(time.monotonic(), 3),
        method=facts.method if facts else None,
        radio_method=radio.method,
        ipv6=host.has_way_out_v6(),
    )


PROBE = Probe(
    name="link",
    title="This computer's connection",
    measure=measure,
    # On Windows and macOS it asks up to three programs of the system, each of which may need seconds to start.
    deadline_s=dict.fromkeys(Mode, 15.0),
)
