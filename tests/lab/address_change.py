"""What happens when the ISP gives the clinic's router another public address while everything runs?"""

from __future__ import annotations

import json

from tests.lab import router
from tests.lab.namespaces import Host, LabError
from tests.lab.topology import Lab

SECOND_ADDRESS = "45.76.10.77"


def change_address(lab: Lab, address: str) -> str:
    """The router's WAN side gets `address`, of the ISP's block; what it had is returned, and leads nowhere now."""
    plan, cpe, isp = lab.plan, lab.hosts["router"], lab.hosts["isp"]
    before = _address_of(cpe)
    if before != plan.public_address and plan.public_address != plan.wan_address:
        raise LabError("the router's own address is not the public one in this plan: it cannot change")
    cpe.ip(f"address flush dev {router.WAN}")  # the kernel forgets what was masqueraded with it
    isp.ip(f"neighbour del {before} dev line0")
    cpe.ip(f"address add {address}/{plan.wan_prefix_length} dev {router.WAN}")
    cpe.ip(f"route replace default via {plan.wan_gateway}")
    isp.ip(f"neighbour replace {address} lladdr {_hardware(cpe)} dev line0 nud permanent")
    # Only the hairpin names the address.
    rules = router.rules(plan).replace(f" {plan.wan_address} ", f" {address} ")
    cpe.nft(f"delete table ip nat\ndelete table ip filter\n{rules}")
    return before


def _address_of(cpe: Host) -> str:
    (told,) = json.loads(cpe.ip(f"-j -4 address show dev {router.WAN}"))
    return str(told["addr_info"][0]["local"])


def _hardware(cpe: Host) -> str:
    (told,) = json.loads(cpe.ip(f"-j link show dev {router.WAN}"))
    return str(told["address"])
