"""What stands between the router and the Internet?"""

from __future__ import annotations

from emrnetcheck.checks.address.limits import Limits
from emrnetcheck.checks.address.router_says import in_words
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.wan import SecondBox, Told, Wan
from emrnetcheck.model import Access, Fact, Finding


def translation(case: Case, seen: Address, limits: Limits) -> list[Finding]:
    """What stands between the router and the Internet, if that can be told and somebody has to get in."""
    outside_in = _reached_from_outside(case)
    if outside_in or case.site.access in (Access.TUNNEL, Access.LAN_ONLY):
        # Somebody outside got in, so whatever stands in the way is passed; or nobody needs to: a tunnel goes out.
        return []
    shut = outside_in is False and case.site.access is Access.DIRECT  # with a VPN the port is shut on purpose
    if seen.wan_v4 is not None:
        return _by_own_word(seen, seen.wan_v4, limits)
    router = seen.router if seen.router is not None else Wan(None)
    if len(router.addresses()) > 1:
        listed = ", ".join(router.addresses())
        return [Finding("address.router_contradicts", {"addresses": listed}, "one address", listed)]
    says_none = _denies(router)
    shared = [hop.address for hop in seen.hops if hop.address and address_class(hop.address) is AddressClass.CGNAT]
    if shared:
        # Some providers number their own routers from 100.64/10 while customers have public addresses. So the hop is a
        # suspicion until the router itself has no address; a shut port may as well have no forward.
        suspected = "address.cgnat_or_forward" if shut else "address.cgnat_suspected"
        code = "address.cgnat" if says_none else suspected
        return [Finding(code, {"seen": shared[0]}, "a public address", f"next router {shared[0]}")]
    second = _second_box(router, believed=shut or says_none)
    if says_none:
        return [_without_address(seen, router, shut), *second]
    if second:
        return second
    return [Finding("address.unknown_wan")] if seen.local_v4 != seen.public_v4 else []


def _second_box(router: Wan, *, believed: bool) -> list[Finding]:
    """believed: something else speaks for a second router too. Alone it may be the one router, behind a switch that
    is the gateway."""
    box = router.second_box
    if box is None or not box.answered:
        return []
    code = "address.double_nat_suspected" if believed else "address.second_box"
    return [Finding(code, {"box": box.address}, "the provider", box.address)]


def _without_address(seen: Address, router: Wan, shut: bool) -> Finding:
    """The router says that it has no address. Some say so of a good line: a public next router speaks against it."""
    by = in_words(dict.fromkeys(answer.method for answer in router.answers if answer.told is Told.NONE))
    behind = next((hop.address for hop in seen.hops if hop.ttl == 2), None)  # noqa: PLR2004 - the next router outside
    if behind is None or address_class(behind) is not AddressClass.PUBLIC or shut:
        return Finding("address.no_public_wan", {"by": by}, "a public address", "none")
    facts: dict[str, Fact] = {"by": by, "next": behind, "address": seen.public_v4 or "not known"}
    return Finding("address.wan_untold", facts, "a public address", "none")


def _denies(router: Wan) -> bool:
    """The router says that it has no address though its line is up, as far as it tells.

    A service that is not connected is another matter: routers offer one for a line that is not in use.
    """
    return router.says_none() and router.line_state() in (None, "Connected")


def _by_own_word(seen: Address, wan: str, limits: Limits) -> list[Finding]:
    """What follows from the router's outside address, as it or the settings tell it."""
    kind = address_class(wan)
    if kind in (AddressClass.CGNAT, AddressClass.DSLITE):
        return [Finding("address.cgnat", {"seen": wan}, "a public address", wan)]
    if kind is AddressClass.PRIVATE:
        return [_private(wan, seen.router.second_box if seen.router is not None else None, limits)]
    if seen.public_v4 is not None and wan != seen.public_v4:
        facts: dict[str, Fact] = {"wan": wan, "address": seen.public_v4}
        code = "address.typed_wan_differs" if seen.wan_source == "settings" else "address.wan_differs"
        return [Finding(code, facts, seen.public_v4, wan)]
    return []


def _private(wan: str, box: SecondBox | None, limits: Limits) -> Finding:
    """Whose NAT is in front: a box that answers or is near stands in the office, one that is silent and far does not.

    Where nothing is known of the next router (not every system can trace), it can be either.
    """
    facts: dict[str, Fact] = {"seen": wan}
    if box is not None and box.answered:
        return Finding("address.double_nat", facts | {"box": f" at {box.address}"}, "a public address", wan)
    if box is None or box.hops_apart_ms is None:
        return Finding("address.private_wan", facts, "a public address", wan)
    if box.hops_apart_ms > limits.second_box_ms:
        return Finding("address.isp_private", facts, "a public address", wan)
    return Finding("address.double_nat", facts | {"box": ""}, "a public address", wan)


def _reached_from_outside(case: Case) -> bool | None:
    """True: an outside service got through to the port. False: it did not, though the EMR listens. None: not told."""
    port = case.seen.port
    if port is None:
        return None
    public = case.seen.address.public_v4 if case.seen.address is not None else None
    here = [attempt for attempt in port.outside if not (attempt.address and public and attempt.address != public)]
    answers = [attempt.reachable for attempt in here if attempt.reachable is not None]
    if any(answers):
        return True
    inside_ok = port.listening or (port.lan is not None and port.lan.open)
    return False if answers and inside_ok else None
