"""Does the EMR's name lead this computer to somebody else, or nowhere?"""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.lookups import Lookups
from emrnetcheck.model import NO_SUCH_NAME
from emrnetcheck.profiles import EMRS

_AGREE = 2


def is_private(address: str) -> bool:
    """Whether only an office network or a VPN has this address."""
    return address_class(address) in (AddressClass.PRIVATE, AddressClass.CGNAT)


def wrong_addresses(seen: Seen) -> tuple[str, ...]:
    """The addresses that this computer finds for the name and that are not the EMR's; () where none is known to be.

    By a recent report of the clinic where there is one: its address then and now. Else by what others say: an address
    that nobody else names and at which the EMR does not answer, while it does at one that they name. Never one at which
    the EMR's own certificate is. A private address is a VPN's or the office's own name server's: that nobody else names
    it is as it should be.
    """
    found, clinic = seen.lookups, seen.clinic
    if found is None or not found.system:
        return ()
    if seen.way is not None and seen.way.inside is True:
        return _taken_home(found)
    if _another_certificate(seen):
        return found.system
    elsewhere, proven = named_elsewhere(found), _proven(seen)
    alone = tuple(address for address in found.system if address not in elsewhere and address not in proven)
    if not alone or not elsewhere:
        return ()
    opens = {tried.address: tried.open for tried in found.tried}
    better = any(opens.get(address) for address in elsewhere)
    moved = clinic is not None and clinic.is_recent and clinic.public_v4 not in found.system
    by_clinic = moved and clinic is not None and clinic.public_v4 in elsewhere
    return tuple(
        address
        for address in alone
        if (by_clinic and not is_private(address)) or (better and opens.get(address) is False)
    )


def is_answered_by_router(seen: Seen) -> bool:
    """Whether the router here gives its own address for the EMR's name while nobody on the Internet answers.

    So do networks that want a log-in first, and routers whose line is down. Not where the EMR's page is there.
    """
    found, way, link = seen.lookups, seen.way, seen.link
    if found is None or way is None or link is None or not found.system or way.emr_address is None:
        return False
    if way.emr_address != link.gateway or any(each.p50_ms is not None for each in way.of("outside")):
        return False
    return not (_is_trusted(seen) or (seen.pages is not None and seen.pages.kind in EMRS))


def _taken_home(found: Lookups) -> tuple[str, ...]:
    """An address of the office's network that is in this one too, as of a hosts file that was taken home.

    In the office the EMR would open there, or nowhere: where it does not, and does at the address that others name,
    this network is another one.
    """
    elsewhere, opens = named_elsewhere(found), {tried.address: tried.open for tried in found.tried}
    if not any(opens.get(address) for address in elsewhere):
        return ()
    return tuple(each for each in found.system if each not in elsewhere and opens.get(each) is False)


def _proven(seen: Seen) -> tuple[str, ...]:
    """Where the EMR's own certificate is: the clinic's, or one that this system trusts for the very name."""
    pages = seen.pages
    if pages is None or pages.fingerprint_sha256 is None:
        return ()
    known = seen.clinic is not None and pages.fingerprint_sha256 in seen.clinic.fingerprints
    if not known and not _is_trusted(seen):
        return ()
    asked = seen.way.emr_address if seen.way is not None and pages.redirects else None
    return tuple(address for address in (pages.address, asked) if address is not None)


def _is_trusted(seen: Seen) -> bool:
    """Whether the page came from the name itself, not from where it sent us, and is trusted for it."""
    pages, found = seen.pages, seen.lookups
    return bool(pages is not None and pages.trusted and found is not None and _is_same(pages.host, found.hostname))


def _is_same(host: str, name: str) -> bool:
    return host.rstrip(".").lower() == name.rstrip(".").lower()


def named_elsewhere(found: Lookups) -> frozenset[str]:
    """What the public name servers say, beside what this computer found."""
    return frozenset(address for answer in found.answers if answer.kind == "public" for address in answer.addresses)


def exists_nowhere(found: Lookups) -> bool:
    """Whether nobody finds an address, and two public name servers say that there is none: no other one helps."""
    if found.system or any(answer.addresses for answer in found.answers):
        return False
    return len(denying(found)) >= _AGREE


def denying(found: Lookups) -> tuple[str, ...]:
    """The public name servers that answer, and know no such name."""
    return tuple(
        answer.server
        for answer in found.answers
        if answer.kind == "public" and answer.failure is not None and answer.failure.kind in NO_SUCH_NAME
    )


def _another_certificate(seen: Seen) -> bool:
    """Whether somebody else's certificate is at the address, by a recent report of the clinic.

    One that is trusted for the name is the EMR's, renewed; one of another host, where it sent us, says nothing.
    """
    pages, found, clinic = seen.pages, seen.lookups, seen.clinic
    shown = pages.fingerprint_sha256 if pages is not None else None
    if pages is None or shown is None or clinic is None or not clinic.fingerprints or not clinic.is_recent:
        return False
    if _is_trusted(seen) or (found is not None and not _is_same(pages.host, found.hostname)):
        return False
    return shown not in clinic.fingerprints and clinic.public_v4 not in (None, *_addresses(seen))


def _addresses(seen: Seen) -> tuple[str, ...]:
    return seen.lookups.system if seen.lookups is not None else ()
