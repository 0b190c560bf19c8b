"""How large may a packet to a host be, and do larger ones vanish without a word?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emrnetcheck.evidence.path import Mtu, SizeTried, black_hole, largest_passed_bytes
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import path_mtu, ping_programs, route_trace
from emrnetcheck.net.hops import Route
from emrnetcheck.net.path_mtu import SizeAnswers
from emrnetcheck.probes.context import Context

# Ethernet; PPPoE (RFC 2516); IP in IP; PPPoE and a tag; GRE and others; tunnels; what IPv6 demands (RFC 8200).
SIZES_BYTES = (1500, 1492, 1480, 1472, 1460, 1400, 1280)
SMALL_BYTES = 84
_SIZES_OF_PROGRAMS = (1492, 1400)  # each silent one takes a second
_FIRST_TRIES = 3
_TRIES = 5
_TTL_TRIES = 3
_TIMEOUT_S = 0.9
TCP_PORTS = (443, 53, 80, 8443)
_TELLS = 2  # so many hosts that show the same: one alone may just not like large packets


def mtu_to(
    address: str,
    context: Context,
    towards: str | None = None,
    role: str = "outside",
    ports: Sequence[int] = TCP_PORTS,
) -> Mtu | Failure:
    """The packet sizes to an address: the full size first, and only where that fails all others.

    One round trip where all is well; up to 5 s where large packets vanish, and then also what TCP makes of it (by the
    first of `ports` that takes a connection) and between which two routers they vanish.
    """
    found = _sizes_to(address, context, towards or address, role)
    if isinstance(found, Failure) or black_hole(found) is None or context.stopping():
        return found
    packet = _tcp_packet_bytes(address, ports, context)
    after, before = _where(found, context)
    return replace(found, tcp_packet_bytes=packet, lost_after=after, lost_before=before)


def confirmed(mtus: Sequence[Mtu], others: Sequence[str], context: Context) -> list[Mtu]:
    """One more host, if all of `mtus` that answered show that large packets vanish and they are fewer than two: a
    single host may just not answer large packets; or if none on the Internet answered at all. The first of `others`
    that answers any packet. Nobody is asked where it was not possible to ask."""
    answered = [mtu for mtu in mtus if largest_passed_bytes(mtu) is not None]
    holes = [mtu for mtu in answered if black_hole(mtu) is not None]
    silent = not any(mtu.role == "outside" for mtu in answered) and not any(mtu.failure for mtu in mtus)
    if not silent and (not holes or len(holes) >= _TELLS or len(holes) < len(answered)):
        return []
    for address in others:
        found = None if context.stopping() else _sizes_to(address, context, address, "outside")
        if isinstance(found, Mtu) and any(size.answered for size in found.sizes):
            return [found]
    return []


def _sizes_to(address: str, context: Context, towards: str, role: str) -> Mtu | Failure:
    # The small one shows how long an answer takes, so that the silence of the large one need not be waited for.
    first = (SIZES_BYTES[0], SMALL_BYTES)
    by_program = False
    tried = path_mtu.try_sizes(address, first, tries=_FIRST_TRIES, timeout_s=_TIMEOUT_S, stopping=context.stopping)
    if isinstance(tried, Failure) and tried.kind is FailureKind.UNSUPPORTED and ":" not in address:
        by_program = True
        tried = ping_programs.try_sizes(address, first, tries=_FIRST_TRIES, stopping=context.stopping)
    if isinstance(tried, Failure):
        return tried
    full, small = tried
    told = {full.told_mtu} if full.told_mtu else set()
    if not full.answered and (small.answered or told) and not context.stopping():
        rest = sorted({*(_SIZES_OF_PROGRAMS if by_program else SIZES_BYTES[1:]), *told}, reverse=True)
        more = (
            ping_programs.try_sizes(address, rest, tries=_FIRST_TRIES, stopping=context.stopping)
            if by_program
            else path_mtu.try_sizes(address, rest, tries=_TRIES, timeout_s=_TIMEOUT_S, stopping=context.stopping)
        )
        if isinstance(more, Failure):
            return more
        tried = (full, *more, small)
    method = "ping" if by_program else path_mtu.method_for(address)
    return Mtu(towards, role, address, tuple(_told(size) for size in tried), method)


def _told(size: SizeAnswers) -> SizeTried:
    return SizeTried(size.size_bytes, size.sent, size.answered, size.told_mtu, size.told_by)


def _tcp_packet_bytes(address: str, ports: Sequence[int], context: Context) -> int | None:
    for port in ports:
        packet = None if context.stopping() else path_mtu.tcp_packet_bytes(address, port)
        if isinstance(packet, int):
            return packet
    return None


def _where(mtu: Mtu, context: Context) -> tuple[str | None, str | None]:
    """The last router that still answers to a large packet that dies there, and the first that does not, though it
    answers to a small one."""
    hole = black_hole(mtu)
    route = route_trace.find(mtu.address, timeout_s=_TIMEOUT_S, stopping=context.stopping)
    if hole is None or not isinstance(route, Route):
        return None, None
    after: str | None = None
    for hop in route.hops:
        if not hop.addresses or context.stopping():
            continue
        here = path_mtu.try_sizes(
            mtu.address,
            (hole.least_lost_bytes, SMALL_BYTES),
            tries=_TTL_TRIES,
            timeout_s=_TIMEOUT_S,
            ttl=hop.ttl,
            stopping=context.stopping,
        )
        if isinstance(here, Failure):
            return None, None
        large, small = here
        if large.answered:
            after = hop.addresses[0]
        elif small.answered:  # else this router just does not answer now
            return after, hop.addresses[0]
    return None, None
