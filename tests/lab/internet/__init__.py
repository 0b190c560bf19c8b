"""The lab's Internet: every public service that emrnetcheck talks to, in one network namespace.

The servers of the lab are modules of this package too, and start faster without what only the starter needs:
so `Internet`, `start_internet` and `certificates` are imported on use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lab.internet.addresses import ADDRESSES, BASE_SETTINGS, ISP_RESOLVER
from tests.lab.internet.plan import AddressServices, EchoIp, InternetPlan, Resolver, Service, SinkMode, ZoneServer
from tests.lab.internet.slots import SLOT_S, Slot, bytes_between, goodput_mbps

if TYPE_CHECKING:
    from tests.lab.internet import certificates
    from tests.lab.internet.internet import Internet, start_internet

__all__ = [
    "ADDRESSES",
    "BASE_SETTINGS",
    "ISP_RESOLVER",
    "SLOT_S",
    "AddressServices",
    "EchoIp",
    "Internet",
    "InternetPlan",
    "Resolver",
    "Service",
    "SinkMode",
    "Slot",
    "ZoneServer",
    "bytes_between",
    "certificates",
    "goodput_mbps",
    "start_internet",
]


def __getattr__(name: str) -> Any:
    if name in ("Internet", "start_internet"):
        from tests.lab.internet import internet

        return getattr(internet, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
