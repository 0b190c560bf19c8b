"""What did each name server say, for an IT helper?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import because, ms, opened


def dns_lines(seen: Seen) -> Iterator[Line]:
    """How each name server of the office and the public ones answered."""
    for place, resolvers in (("office", seen.dns.office), ("public", seen.dns.public)) if seen.dns is not None else ():
        for resolver in resolvers:
            yield Line(
                f"{place} {resolver.server}: {resolver.answered} of {resolver.asked} answered, "
                f"median {ms(resolver.rtt_ms)}{because(resolver.failure)}",
                lead="dns: ",
            )
    if seen.dns is not None and (seen.dns.system_ms is not None or seen.dns.system_failure is not None):
        yield Line(
            f"this computer's own look-up: {ms(seen.dns.system_ms)}{because(seen.dns.system_failure)}", lead="dns: "
        )
    if seen.dns is not None and seen.dns.intercepted_at:
        yield Line(f"no name server is at {', '.join(seen.dns.intercepted_at)}, and it answers", lead="dns: ")


def names_lines(seen: Seen) -> Iterator[Line]:
    """Who says what of the EMR's name."""
    if seen.names is None:
        return
    names = seen.names
    yield Line(f"{names.hostname}, zone {names.zone or 'not found'}{because(names.zone_failure)}", lead="names: ")
    if names.delegation is not None:
        above = names.delegation
        said = ", ".join(above.name_servers) or "nothing"
        yield Line(f"{above.parent or 'the zone above'} names {said}{because(above.failure)}", lead="names: ")
    groups = [("authoritative", names.authoritative)]
    groups += [(f"authoritative for {alias.name}", alias.authoritative) for alias in names.aliases]
    groups += [("resolver", names.resolvers), ("office", names.local), ("over HTTPS", names.over_https)]
    for place, answers in groups:
        for answer in answers:
            yield Line(f"{place} {_answer(answer)}", lead="names: ")
    system = ", ".join(names.system) or "no address"
    yield Line(f"this computer's own look-up: {system}{because(names.system_failure)}", lead="names: ")
    for reverse in names.reverse:
        called = ", ".join(reverse.names) or "has no name"
        yield Line(f"{reverse.address} is called {called}{because(reverse.failure)}", lead="names: ")
    for line in names.hosts_lines:
        yield Line(f"hosts file, {line}", lead="names: ")
    if names.by_address is not None:
        tried = names.by_address
        yield Line(
            f"by address {tried.address}:{tried.port}: {opened(tried.open)}{because(tried.failure)}", lead="names: "
        )


def _answer(answer: NameAnswer) -> str:
    addresses = ", ".join((*answer.addresses, *answer.addresses_v6)) or answer.rcode or "no answer"
    alias = f"alias of {answer.cname[-1]}, " if answer.cname else ""
    kept_s = answer.ttl_s if answer.ttl_s is not None else answer.negative_ttl_s
    kept = f", kept {kept_s} s" if kept_s is not None else ""
    serial = f", version {answer.serial}" if answer.serial is not None else ""
    over = ", over TCP" if answer.cut else ""
    return f"{answer.server}: {alias}{addresses}{kept}{serial}{over}{because(answer.failure)}"
