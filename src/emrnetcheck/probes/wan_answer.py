"""How is what a router told put down?"""

from __future__ import annotations

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.wan import Told, WanAnswer

SILENT_S = 0.9  # how long a router may be silent before it counts as not answering; it is in the same room


def told(method: str, address: str | None, **facts: str | float | None) -> WanAnswer:
    """An address, or that there is none: some routers say 0.0.0.0 for it."""
    there = address is not None and address_class(address) is not AddressClass.INVALID and address != "0.0.0.0"
    known = {name: value for name, value in facts.items() if value is not None}
    return WanAnswer(method, Told.ADDRESS if there else Told.NONE, address if there else None, **known)  # type: ignore[arg-type]
