"""How is a router made whose own answers are slow or lost, while what it forwards is as quick as ever?"""

from __future__ import annotations

from tests.lab.cables import Leg, connect, hardware_address, start_wire
from tests.lab.namespaces import Host
from tests.lab.wire import Wire, WireSettings

_MARK = _TABLE = 77
_NOWHERE = "169.254.77.2"

# What a router says itself: that a hop was reached, that it is there, that nothing listens.
_RULES = f"""table ip own_answers {{
chain output {{
type route hook output priority mangle
icmp type {{ echo-reply, time-exceeded, destination-unreachable }} meta mark set {_MARK}
}}
}}
"""


def detour(host: Host, settings: WireSettings, *, name: str) -> Wire:
    """Send the ICMP that the host makes itself once round a wire, before it goes on as if forwarded."""
    out, back = f"{name}-out", f"{name}-in"
    connect(host, out, host, f"{name}-a")
    connect(host, f"{name}-b", host, back)
    wire = start_wire(host, (f"{name}-a", f"{name}-b"), Leg(up=settings), name=name)
    host.ip(f"neighbour add {_NOWHERE} lladdr {hardware_address(host, back)} dev {out} nud permanent")
    host.ip(f"route add default via {_NOWHERE} dev {out} onlink table {_TABLE}")
    host.ip(f"rule add fwmark {_MARK} table {_TABLE}")
    for kind in ("all", back):
        host.sysctl(f"net/ipv4/conf/{kind}/rp_filter", "0")
    host.sysctl(f"net/ipv4/conf/{back}/accept_local", "1")  # what comes round has our own address
    host.nft(_RULES)
    return wire
