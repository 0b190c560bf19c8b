"""What can each kind of user really do? Each measurement is tried, beside what the table says of it."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.lab.bed import RIGHT, wired

_TRY = """
import json, sys
from emrnetcheck.abilities import ABILITIES, System, way_now
from emrnetcheck.model import Failure
from emrnetcheck.net import arp, icmp, listeners, neighbours, path_mtu, received, route_trace, syn_watch, tcp
from emrnetcheck.net.privilege import allowed

address = sys.argv[1]
way = dict(own_address="10.9.0.1", interface="eth0", timeout_s=0.3)
ping = icmp.echo_series([address], count=3, interval_s=0.01, timeout_s=2.0)
watch = syn_watch.begin(9)
isinstance(watch, Failure) or watch.end()
route = route_trace.find(address, timeout_s=0.5)
came = received.received("eth0")
can = {
    "ping": not isinstance(ping, Failure) and None not in ping[0].rtts_ms,
    "connect": isinstance(tcp.connect(address, 9, 2.0), tcp.Answered),
    "arp": arp.present(address, **way) is True,
    "duplicates": arp.holders(address, **way) not in ((),) and not isinstance(arp.holders(address, **way), Failure),
    "trace": not isinstance(route, Failure) and route.reached,
    "path_mtu": not isinstance(path_mtu.try_sizes(address, (84,), tries=1, timeout_s=0.5), Failure),
    "arrivals": not isinstance(watch, Failure),
    "neighbours": address in {each.address for each in neighbours.neighbours()},
    "flood": came is not None and came.for_us_bytes is not None,
    "listeners": not isinstance(listeners.listening_on(9), Failure),
}
here = allowed()
told = {each.id: bool(way_now(each, here).methods) for each in ABILITIES}
table = {each.id: bool(each.ways(System.LINUX)[here.user].methods) for each in ABILITIES}
method = None if isinstance(ping, Failure) else ping[0].method
print(json.dumps({"user": here.user, "can": can, "told": told, "table": table, "ping": method}))
"""
_ONLY_RAW = ["setpriv", "--bounding-set", "-all,+net_raw", "--inh-caps", "-all", "--ambient-caps", "-all"]
"""Root keeps what is in the bounding set when it starts a program: this one capability."""


def able() -> dict[str, Any]:
    """By kind of user; normal_no_ping: where the system lets no group ping."""
    with wired() as bed:
        python = [sys.executable, "-c", _TRY, RIGHT]
        facts = {
            "root": bed.left.run(python),
            "cap_net_raw": bed.left.run([*_ONLY_RAW, *python]),
            "normal": bed.left.run(python, unprivileged=True),
        }
        bed.left.sysctl("net/ipv4/ping_group_range", "1 0")
        facts["normal_no_ping"] = bed.left.run(python, unprivileged=True)
        return {name: json.loads(done.stdout) for name, done in facts.items()}
