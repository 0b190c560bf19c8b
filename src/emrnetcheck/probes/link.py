"""By which connection does this computer reach the office network and the Internet?"""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.link import Link
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net import host
from emrnetcheck.probes.context import Context, Probe


def measure(site: Site, seen: Seen, context: Context) -> Link | Failure:  # noqa: ARG001 - the shape of every probe
    """Reads the system's own tables; sends nothing."""
    way = host.way_out()
    facts = host.interface(way.interface) if way.interface is not None else None
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
    )


PROBE = Probe(
    name="link",
    title="This computer's connection",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 3.0),
)
