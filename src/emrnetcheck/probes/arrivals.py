"""Which of the connections that arrived during the test from outside came from outside?"""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import Arrivals
from emrnetcheck.model import Failure
from emrnetcheck.net.syn_packets import Flow, Watched

_INTERNET = (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)


def arrivals(
    saw: Watched | Failure,
    *,
    office: frozenset[str],
    gateway: str | None,
    own_attempts: int,
    method: str | None = None,
) -> Arrivals:
    """What was watched, in numbers.

    office: this computer's and the office's own addresses: with a hairpin our own attempt comes back from one of them.
    own_attempts: how many connections of our own came back in through the public name; most routers put their inside
    address, the gateway, on those. Some put it on everything that they forward. method: of the watch. Only IPv4
    counts: who came by IPv6 says nothing of what the router does with IPv4.
    """
    if isinstance(saw, Failure):
        return Arrivals(failure=saw)
    outside = [flow for flow in saw.flows if _from_outside(flow, office)]
    router = [flow for flow in saw.flows if flow.remote == gateway]
    own = min(own_attempts, sum(flow.accepted for flow in router))
    let_in = {flow.remote for flow in outside if flow.accepted}
    return Arrivals(
        outside=len(outside),
        accepted=sum(flow.accepted for flow in outside),
        refused=sum(flow.refused for flow in outside),
        finished=sum(flow.finished for flow in outside),
        unheard=sum(flow.unheard and not flow.finished for flow in outside),
        sources=len({flow.remote for flow in outside}),
        kept_out=len({flow.remote for flow in outside} - let_in),
        behind_router=len(router) - own,
        whole=saw.whole,
        method=method,
    )


def _from_outside(flow: Flow, office: frozenset[str]) -> bool:
    return ":" not in flow.remote and flow.remote not in office and address_class(flow.remote) in _INTERNET


def syn_seen(seen: Arrivals | None) -> bool | None:
    """Whether a connection from outside arrived; None where none was seen, and one may have been missed."""
    if seen is None or seen.failure is not None:
        return None
    if seen.outside:
        return True
    return False if seen.whole and not seen.behind_router else None


def addresses_of_office(seen: Seen, hairpin: str | None) -> frozenset[str]:
    """Everything that the Internet may see this office as: what the witnesses name, and where the name leads."""
    known = {hairpin}
    if seen.address is not None:
        known |= {seen.address.public_v4, seen.address.public_v6, seen.address.wan_v4}
        known |= {source.address for source in seen.address.sources}
    return frozenset(address for address in known if address is not None)
