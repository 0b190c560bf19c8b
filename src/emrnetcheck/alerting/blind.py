"""Which faults could a run not have found, whatever was wrong? It says nothing of them, and is no sign that they are
over."""

from __future__ import annotations

from emrnetcheck.evidence import Seen

_BY_NAT = (
    "address.behind_ipv6",
    "address.cgnat",
    "address.cgnat_or_forward",
    "address.cgnat_suspected",
    "address.double_nat",
    "address.double_nat_suspected",
    "address.isp_private",
    "address.no_public_wan",
    "address.private_wan",
)
_BY_LOAD = (
    "switch.load_loss",
    "switch.load_stopped",
    "switch.slow_under_load",
    "switch.throughput_bad",
    "switch.throughput_low",
)
_BY_PEERS = ("switch.jitter", "switch.loss", "switch.slow")
_BY_COUNTERS = ("link.errors", "link.late_collisions", "link.many_errors", "link.unsteady", "link.wifi_unsteady")
_BY_CERTIFICATE_OUTSIDE = ("tls.outside_expired", "tls.outside_untrusted")
_EXPOSED = ("port.exposed",)
_EXPOSED_V6 = ("port.exposed_by_ipv6", "port.shut_by_ipv6")
_BY_V6 = ("ddns.aaaa_dead",)


def blind_to(seen: Seen) -> frozenset[str]:
    """Codes of which the evidence holds nothing, though their checks may have an answer without it."""
    outside = seen.port.outside if seen.port is not None else ()
    outside_v6 = seen.port.outside_v6 if seen.port is not None else ()
    groups = (
        (_BY_NAT, not _nat_seen(seen)),
        (_BY_LOAD, seen.lan_load is None),
        (_BY_PEERS, seen.lan is None or not any(each.role == "peer" and each.sent for each in seen.lan.targets)),
        (_BY_COUNTERS, seen.wear is None),
        (_BY_CERTIFICATE_OUTSIDE, not any(each.certificate is not None for each in outside)),
        (_EXPOSED, not any(each.reachable is not None for each in outside)),
        (_EXPOSED_V6, not any(each.reachable is not None for each in outside_v6)),
        (_BY_V6, seen.names is None or not seen.names.by_v6),
    )
    return frozenset(code for codes, is_blind in groups if is_blind for code in codes)


def _nat_seen(seen: Seen) -> bool:
    """The router told its outside address, or the first routers on the way out could be asked."""
    if seen.address is None:
        return False
    hops = [each for each in seen.address.hops if each.address is not None]
    return seen.address.wan_v4 is not None or len(hops) > 1
