"""The name is right outside; who in the office says otherwise, and is that meant to be so?"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address, ip_network

from emrnetcheck.checks.ddns.words import ANSWERS, Facts, duration
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity

CODES = {
    "ddns.local_differs": Code(
        Severity.WARN,
        "Inside the office the name {hostname} leads to {named}, outside to {address}.",
        "Look at the router's DNS settings and at the hosts file of this computer.",
        Contact.ROUTER,
        "Computers in the office may not find the EMR by its name.",
        say="Inside the office {hostname} leads to {named}, outside to {address}. Does the router have an entry of "
        "its own for that name?",
    ),
    "ddns.hosts_file": Code(
        Severity.WARN,
        "This computer's own hosts file leads {hostname} to {named}, the name servers to {address} ({line}).",
        "Delete that line of the hosts file on this computer, or correct it.",
        Contact.IT_HELPER,
        "This computer does not find the EMR by its name, whatever the name servers say.",
        say="The hosts file of this computer leads {hostname} to {named}; it should be {address}. Please delete "
        "or correct that line.",
    ),
    "ddns.rebind_protection": Code(
        Severity.WARN,
        "The office's name server hides the address of {hostname}, which exists outside.",
        "Add an exception for the name in the router (dnsmasq: rebind-domain-ok).",
        Contact.ROUTER,
        "Computers in the office do not find the EMR by its name.",
        say="The router's name server hides the address of {hostname}. Please add an exception for that name (rebind "
        "protection).",
    ),
    "ddns.local_filter": Code(
        Severity.WARN,
        "The office's name server {servers} says that {hostname} has no address, though it has one ({address}).",
        "Look for a filter in the router or the DNS service, and allow the name. If it is new, wait {new_s} first.",
        Contact.ROUTER,
        "Computers in the office do not find the EMR by its name.",
        say="The name server {servers} says that {hostname} has no address. Please look for a filter in the router, "
        "and allow the name.",
    ),
    "ddns.split_horizon": Code(
        Severity.OK, "Inside the office the name leads straight to the server ({named}), as it should."
    ),
    "ddns.address_works": Code(
        Severity.NOTICE,
        "The name fails but the address works: the EMR answers at {address}, but {hostname} is not found here.",
        "Mend the name look-up first. The server itself is well.",
        Contact.ROUTER,
    ),
}

_OFFICE_PREFIX = 24  # of IPv4: what nearly every office router hands out


def inside(
    case: Case, names: Names, public: str, facts: Facts, *, told: Collection[str] = (), negative_ttl_s: int = 0
) -> list[Finding]:
    """told: the office's servers of which something was said already. negative_ttl_s: how long the zone lets a resolver
    remember that a name is not there, 0 where it did not tell."""
    from_file = [answer.server for answer in names.local if _is_hosts_file(case, names, answer)]
    local = [answer for answer in names.local if answer.server not in from_file]
    answered = [answer for answer in local if answer.rcode in ANSWERS and answer.server not in told]
    new: Facts = {"new_s": duration(negative_ttl_s) if negative_ttl_s else "an hour"}
    found = _hidden(answered, public, facts | new)
    by_servers = {address for answer in answered for address in answer.addresses if not _is_nowhere(address)}
    known = {address for answer in local for address in answer.addresses}
    by_system = set(names.system) - known - {public}
    if by_system and not leads_to_server(case, tuple(by_system)):
        found.append(_of_this_computer(names, sorted(by_system), public, facts))
        by_system = set()
    other = sorted((by_servers | by_system) - {public})
    if other and leads_to_server(case, tuple(other)):
        found.append(Finding("ddns.split_horizon", facts | {"named": ", ".join(other)}))
    elif other:
        named: dict[str, Fact] = facts | {"named": ", ".join(other), "address": public}
        found.append(Finding("ddns.local_differs", named, public, ", ".join(other)))
    return found


def _hidden(answered: list[NameAnswer], public: str, facts: Facts) -> list[Finding]:
    hiding = [answer for answer in answered if not answer.addresses or all(map(_is_nowhere, answer.addresses))]
    if not hiding:
        return []
    servers = ", ".join(answer.server for answer in hiding)
    said = ", ".join(sorted({", ".join(answer.addresses) or answer.rcode or "" for answer in hiding}))
    return [Finding("ddns.local_filter", facts | {"servers": servers, "address": public}, public, said)]


def _is_hosts_file(case: Case, names: Names, answer: NameAnswer) -> bool:
    """A name service on this computer (systemd-resolved, dnsmasq) hands out what the hosts file says."""
    in_file = {word for line in names.hosts_lines for word in line.split()}
    here = address_class(answer.server) is AddressClass.LOOPBACK or answer.server in _own_addresses(case)
    return here and bool(answer.addresses) and set(answer.addresses) <= in_file


def _of_this_computer(names: Names, named: list[str], public: str, facts: Facts) -> Finding:
    """What no name server said comes from this computer itself: its hosts file has a line that says so, or not."""
    told: dict[str, Fact] = facts | {"named": ", ".join(named), "address": public}
    line = next((line for line in names.hosts_lines if set(line.split()) & set(named)), None)
    if line is None:
        return Finding("ddns.local_differs", told, public, ", ".join(named))
    return Finding("ddns.hosts_file", told | {"line": line}, public, line)


def rebind(names: Names, source: list[NameAnswer], facts: Facts) -> list[Finding]:
    """netfacts.md 2.2, row 25: an address of a private kind, at which a careful resolver leaves the answer empty."""
    answered = [answer for answer in names.local if answer.rcode in ANSWERS]
    empty = [answer for answer in answered if answer.rcode == "NOERROR" and not answer.addresses]
    named = sorted({address for answer in source for address in answer.addresses})
    if not empty or len(empty) != len(answered):
        return []
    return [Finding("ddns.rebind_protection", facts, ", ".join(named), "no address")]


def by_address(names: Names, facts: Facts) -> list[Finding]:
    """This computer does not find the name, which its source has, and yet the server is there."""
    tried = names.by_address
    if names.system_failure is None or tried is None or not tried.open or not _is_at_its_source(names):
        return []
    told: dict[str, Fact] = facts | {"address": f"{tried.address}:{tried.port}"}
    return [Finding("ddns.address_works", told, "the name", names.system_failure.in_words())]


def _is_at_its_source(names: Names) -> bool:
    """Else nobody finds it, and its own finding says what there is to do: nothing is to be mended here."""
    own = names.aliases[-1].authoritative if names.aliases else names.authoritative
    told = [*(answer for answer in own if answer.authoritative), *names.over_https]
    return any(answer.addresses for answer in told)


def leads_to_server(case: Case, named: tuple[str, ...]) -> bool:
    """Straight to the EMR server on the office network: a split horizon, and no mistake."""
    return bool(named) and set(named) <= _server_addresses(case, named)


def _is_nowhere(address: str) -> bool:
    """0.0.0.0 is what filters say instead of "no"."""
    return address_class(address) is AddressClass.RESERVED


def _own_addresses(case: Case) -> set[str | None]:
    return {
        case.seen.address.local_v4 if case.seen.address else None,
        case.seen.link.address if case.seen.link else None,
    }


def _server_addresses(case: Case, named: tuple[str, ...]) -> set[str | None]:
    """The EMR server's addresses in the office; on the server itself loopback is one of them (its own hosts file).

    Where the settings do not give the server's, a neighbour of this computer that the name leads to is most likely it.
    """
    own = _own_addresses(case)
    if case.site.lan_address is not None and case.site.lan_address not in own:
        return {case.site.lan_address}
    loopback = {address for address in named if address_class(address) is AddressClass.LOOPBACK}
    neighbours = {address for address in named if case.site.lan_address is None and _is_neighbour(case, address)}
    return {case.site.lan_address, *own, *loopback, *neighbours}


def _is_neighbour(case: Case, address: str) -> bool:
    """A private address of this computer's own network, and not the router's: that is where a login page would lead."""
    router = case.seen.link.gateway if case.seen.link else None
    if address_class(address) is not AddressClass.PRIVATE or address == router:
        return False
    private = [own for own in _own_addresses(case) if own and address_class(own) is AddressClass.PRIVATE]
    return any(ip_address(address) in ip_network(f"{own}/{_OFFICE_PREFIX}", strict=False) for own in private)
