"""What do ARP requests bring to light where two computers have one address?"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.lab.bed import switched
from tests.lab.namespaces import Host

_ALONE, _TWICE, _NOBODY = "10.9.1.10", "10.9.1.20", "10.9.1.99"
_ASK = """
import json, sys
from emrnetcheck.model import Failure
from emrnetcheck.net import arp
way = dict(interface="eth0", timeout_s=0.6)
own, *others = sys.argv[1:]
asked = [(other, own) for other in others] + [(own, "0.0.0.0")]
said = [arp.holders(address, own_address=source, **way) for address, source in asked]
there = [arp.present(address, own_address=source, **way) for address, source in asked]
print(json.dumps([[each.kind if isinstance(each, Failure) else each for each in row] for row in (said, there)]))
"""


def given_twice() -> dict[str, Any]:
    """Who answers for an address held once, twice, by nobody, and for the asker's own, which another took too.

    unprivileged: the same without any capability. down: the asker's card is switched off.
    """
    addresses = {"asker": "10.9.1.1", "alone": _ALONE, "one": _TWICE, "two": _TWICE, "taker": "10.9.1.30"}
    with switched(addresses) as hosts:
        hosts["taker"].ip("address add 10.9.1.1/24 dev eth0")
        facts: dict[str, Any] = {"macs": {name: _mac(host) for name, host in hosts.items()}}
        facts["privileged"] = _ask(hosts["asker"], unprivileged=False)
        facts["unprivileged"] = _ask(hosts["asker"], unprivileged=True)
        hosts["asker"].ip("link set dev eth0 down")
        facts["down"] = _ask(hosts["asker"], unprivileged=False)
        return facts


def _ask(host: Host, *, unprivileged: bool) -> Any:
    argv = [sys.executable, "-c", _ASK, "10.9.1.1", _ALONE, _TWICE, _NOBODY]
    return json.loads(host.run(argv, unprivileged=unprivileged).stdout)


def _mac(host: Host) -> str:
    (card,) = json.loads(host.ip("-json link show dev eth0"))
    return str(card["address"])
