"""Is the Internet there, and which address does it see this office come from?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address, AddressSource, Hop, agreed_address
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.wan import Wan
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, proxies, routes, tcp, trace
from emrnetcheck.probes import witnesses
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.together import together
from emrnetcheck.probes.wan import ask_router, ask_second_box
from emrnetcheck.probes.witnesses import TOLD

_REACH_TIMEOUT_S = 2.0
_HTTPS_PORT = 443
_STABLE_NAME = "example.com"  # RFC 2606: it exists for good, and nobody minds the question
_BOTH = (4, 6)
# The certificate was good, so it was really the service that answered, whatever it said.
_ANSWERED_ANYWAY = (FailureKind.HTTP_STATUS, FailureKind.MALFORMED, FailureKind.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class _Hops:
    hops: tuple[Hop, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _Reached:
    """A host on the Internet that was asked by its address. method: by which it answered, None if it did not."""

    method: str | None


_Part = tuple[AddressSource, ...] | _Hops | _Reached | Wan


def measure(site: Site, seen: Seen, context: Context) -> Address | Failure:
    """All witnesses at once, over IPv4, and over IPv6 where this computer has a public address of it; and the router.
    Names that the office's resolver does not give come from public resolvers.

    The public resolvers, reached by address alone, tell "no Internet" from "the name service is dead".
    """
    context.progress("asking who sees which address of this office", None, None)
    by_address = [address for address in site.resolvers if ":" not in address]
    local_v6 = _own_v6()
    asked = witnesses.tasks(site, context, versions=_BOTH if local_v6 is not None else (4,))
    gateway = seen.link.gateway if seen.link is not None and not seen.link.vpn else None
    tasks: list[Callable[[], _Part]] = [
        *(each.ask for each in asked),
        *(partial(_reach, address, by_dns, context) for address in by_address for by_dns in (True, False)),
        partial(_hops, by_address),
        partial(ask_router, gateway, site, context),
    ]
    parts = together(tasks, context)
    sources = tuple(
        source
        for each, part in zip(asked, parts, strict=False)
        for source in (part if isinstance(part, tuple) else each.late)
    )
    hops = next((part for part in parts if isinstance(part, _Hops)), _Hops((), Failure(FailureKind.OUT_OF_TIME)))
    router = next((part for part in parts if isinstance(part, Wan)), Wan(gateway))
    router = replace(router, second_box=ask_second_box(gateway, hops.hops, context))
    public_v4 = agreed_address(sources)
    wan_v4, wan_source = _wan_of(site, router, public_v4)
    local = routes.source_address()
    return Address(
        public_v4=public_v4,
        public_v6=agreed_address(sources, version=6),
        wan_v4=wan_v4,
        wan_source=wan_source,
        local_v4=local if isinstance(local, str) else None,
        sources=sources,
        outside_reached=_methods(sources, [part for part in parts if isinstance(part, _Reached)]),
        hops=hops.hops,
        hops_failure=hops.failure,
        router=router,
        local_v6=local_v6,
        proxies=proxies.proxies(),
    )


def _own_v6() -> str | None:
    """This computer's own address on the way to the IPv6 Internet; one that is not public leads nowhere."""
    address = routes.source_address(version=6)
    return address if isinstance(address, str) and address_class(address) is AddressClass.PUBLIC else None


def _wan_of(site: Site, router: Wan, public: str | None) -> tuple[str | None, str | None]:
    """The router's outside address and who says so. The settings first, but what was typed gets old where the address
    changes: a router that itself names the one that the Internet sees is right. It must not contradict itself."""
    told = router.outside(public)
    fresh = told is not None and told == public
    if site.wan_address is not None and not fresh:
        return site.wan_address, "settings"
    return (told, ", ".join(router.named_by(told))) if told is not None else (None, None)


def _methods(sources: tuple[AddressSource, ...], reached: list[_Reached]) -> tuple[str, ...]:
    """The methods by which anything on the Internet answered."""
    found = {
        source.method
        for source in sources
        if source.address is not None
        or (source.method == "https" and source.failure is not None and source.failure.kind in _ANSWERED_ANYWAY)
    }
    return tuple(sorted(found | {part.method for part in reached if part.method is not None}))


def _reach(address: str, by_dns: bool, context: Context) -> _Reached:
    """A public resolver, by its address: one question over UDP, or one connection to its Web port."""
    context.ledger.told(address, TOLD)
    if not by_dns:
        answered = tcp.connect(address, _HTTPS_PORT, _REACH_TIMEOUT_S)
        # A refusal may come from this office's own router.
        return _Reached("tcp" if isinstance(answered, tcp.Answered) and answered.refusal is None else None)
    answer = dns.query(address, _STABLE_NAME, "A", timeout_s=_REACH_TIMEOUT_S / 2, tries=2)
    if isinstance(answer, Failure):
        return _Reached(None)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    # A router that takes all of port 53 for itself can say SERVFAIL or REFUSED without any Internet.
    return _Reached("dns" if dns.failure_of(answer) is None else None)


def _hops(by_address: list[str]) -> _Hops:
    if not by_address:
        return _Hops((), Failure(FailureKind.NOT_CONFIGURED, "trace", detail="no host on the Internet to trace to"))
    traced = trace.first_hops(by_address[0])
    if isinstance(traced, Failure):
        return _Hops((), traced)
    return _Hops(tuple(Hop(hop.ttl, hop.address, hop.rtt_ms) for hop in traced), None)


PROBE = Probe(
    name="address",
    title="Internet and public address",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 8.0),
    leaves_office=True,
    after=("link",),
)
