"""Did a second method or server of the same run speak for a finding, where the run had one?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import witnesses

_TWO = 2


def is_confirmed(code: str, seen: Seen) -> bool:
    """False where there was a second one and nothing came of it; where there was none, the next run has to do.

    What a second server or method contradicts is no fault any more when it was judged, so it is not asked for here.
    """
    speaks = _SECOND.get(code)
    return speaks is None or speaks(seen)


def _upload(seen: Seen) -> bool:
    """The second server, which is asked where the first was too slow, gave a figure."""
    second = seen.upload.second if seen.upload is not None else None
    return second is None or (second.goodput_mbps is not None and second.tester_limited is None)


def _outside(seen: Seen) -> bool:
    """Two services outside answered, or this computer saw for itself what came."""
    if seen.port is None or seen.port.syn_seen is not None:
        return True
    asked = {each.service for each in seen.port.outside}
    answered = {each.service for each in seen.port.outside if each.reachable is not None}
    return len(answered) >= min(_TWO, len(asked))


def _own_address(seen: Seen) -> bool:
    """The office's address, with which the name is compared, was told by more than one."""
    if seen.address is None:
        return True
    asked = {each.service for each in seen.address.sources if each.method != "dns" and each.version != 6}  # noqa: PLR2004 (IPv6)
    told = [each.service for each in witnesses(seen.address.sources) if each.address == seen.address.public_v4]
    return len(told) >= min(_TWO, len(asked))


def _no_name(seen: Seen) -> bool:
    """More than one server says that there is no such name."""
    if seen.names is None:
        return True
    asked = (*seen.names.authoritative, *seen.names.resolvers, *seen.names.over_https)
    return sum(each.rcode is not None and not each.addresses for each in asked) >= min(_TWO, len(asked))


def _look_up(seen: Seen) -> bool:
    """The system's own look-up failed as well: it takes another way to the same name servers."""
    return seen.dns is None or seen.dns.system_ms is None or seen.dns.system_failure is not None


_SECOND: Mapping[str, Callable[[Seen], bool]] = {
    **dict.fromkeys(("upload.below_minimum", "upload.burst_then_drop", "upload.burst_then_marginal"), _upload),
    **dict.fromkeys(("upload.marginal", "upload.below_recommended", "capacity.none", "capacity.short"), _upload),
    **dict.fromkeys(
        (
            "port.answer_lost",
            "port.blocked_upstream",
            "port.forwarded_but_shut",
            "port.not_forwarded",
            "port.shut_outside",
            "port.wrong_target",
        ),
        _outside,
    ),
    **dict.fromkeys(("ddns.stale", "ddns.client_stopped", "ddns.static_differs"), _own_address),
    **dict.fromkeys(("ddns.name_missing", "ddns.alias_broken"), _no_name),
    **dict.fromkeys(("dns.resolver_down", "dns.resolver_failing"), _look_up),
}
