"""How is a fault named in the few words that a subject has room for?

By its code, never by its sentence: no figure, no name and no address gets into a subject, which telephones show to
whoever stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNNAMED = "something is not right"
NO_DDNS_UPDATE = "the EMR's name is not kept up to date"

_OF_CODE: Mapping[str, str] = MappingProxyType(
    {
        "link.server_on_wifi": "the EMR server is on Wi-Fi",
        "link.half_duplex": "the server's cable runs in half duplex",
        "link.slow_speed": "the server's cable is slow",
        "link.many_errors": "the server's cable is damaged",
        "link.late_collisions": "the server's cable runs in half duplex",
        "link.none": "no network connection",
        "link.vpn": "a VPN is on",
        "router.heavy_loss": "the way to the router is faulty",
        "router.wifi_bad": "the Wi-Fi loses too much",
        "router.duplicate": "two devices have the router's address",
        "router.unreachable": "the router does not answer",
        "router.none": "no router",
        "switch.all_heavy_loss": "the office network loses too much",
        "switch.storm": "the office network is flooded",
        "switch.emr_heavy_loss": "the way to the EMR server is faulty",
        "switch.duplicate_own": "two devices have the server's address",
        "switch.throughput_bad": "the office network is far too slow",
        "address.no_internet": "no Internet",
        "address.line_down": "the Internet line is down",
        "address.behind_ipv6": "the line has no public IPv4 address",
        "address.cgnat": "the line has no public address",
        "address.cgnat_or_forward": "nobody outside gets in",
        "address.no_public_wan": "the router has no public address",
        "address.double_nat": "two routers, one behind the other",
        "address.private_wan": "the router has no public address",
        "address.isp_private": "the line has no public address",
        "path.mtu_black_hole": "large packets vanish on the way out",
        "path.mtu_black_hole_far": "large packets vanish on the way out",
        "dns.none_configured": "no name server is set",
        "dns.resolver_down": "the office's name look-up is dead",
        "dns.own_service_down": "the server's name look-up is dead",
        "dns.resolver_failing": "the office's name look-up fails",
        "ddns.unset": "the EMR's name is not known",
        "ddns.stale": "the EMR's name leads elsewhere",
        "ddns.name_missing": "the EMR's name does not exist",
        "ddns.alias_broken": "the EMR's name leads nowhere",
        "ddns.private_address": "the EMR's name leads nowhere",
        "ddns.provider_down": "the name servers do not answer",
        "ddns.resolvers_fail": "some cannot look up the EMR's name",
        "ddns.stale_aaaa": "the EMR's name leads elsewhere by IPv6",
        "ddns.aaaa_dead": "the EMR does not answer by IPv6",
        "ddns.badauth": NO_DDNS_UPDATE,
        "ddns.nohost": NO_DDNS_UPDATE,
        "ddns.notfqdn": NO_DDNS_UPDATE,
        "ddns.numhost": NO_DDNS_UPDATE,
        "ddns.not_yours": NO_DDNS_UPDATE,
        "ddns.abuse": NO_DDNS_UPDATE,
        "ddns.badagent": NO_DDNS_UPDATE,
        "ddns.not_donator": NO_DDNS_UPDATE,
        "ddns.dnserr": NO_DDNS_UPDATE,
        "ddns.911": NO_DDNS_UPDATE,
        "ddns.client_stopped": NO_DDNS_UPDATE,
        "ddns.static_differs": "the EMR's name leads elsewhere",
        "upload.below_minimum": "upload too slow",
        "upload.burst_then_drop": "upload too slow after a quick start",
        "upload.marginal": "upload slower than it should be",
        "upload.below_recommended": "upload slower than it should be",
        "upload.near_recommended": "upload slower than it should be",
        "upload.burst_then_marginal": "upload slower than it should be",
        "upload.marginal_over_wifi": "upload slower than it should be",
        "upload.unstable": "upload unsteady",
        "upload.stalled": "uploads begin and then stop",
        "upload.borderline": "upload near the limit",
        "bufferbloat.high": "slow answers while the line is busy",
        "bufferbloat.severe": "hardly any answers while the line is busy",
        "capacity.none": "upload too slow for one person",
        "capacity.over_wifi": "upload too slow for all at once",
        "capacity.short": "upload too slow for all at once",
        "port.wrong_service": "another program answers in the EMR's place",
        "port.exposed": "the EMR is open to the whole Internet",
        "port.exposed_by_ipv6": "the EMR is open to the whole Internet",
        "port.not_listening": "the EMR does not run",
        "port.loopback_only": "the EMR answers its own computer only",
        "port.host_firewall": "the server's firewall shuts the EMR off",
        "port.hung": "the EMR hangs",
        "port.bound_elsewhere": "the EMR listens at another address",
        "port.host_silent": "the EMR server does not answer",
        "port.host_firewall_outside": "the server's firewall shuts outside out",
        "port.answer_lost": "the EMR's answers do not get out",
        "port.wrong_target": "the router leads to another computer",
        "port.not_forwarded": "nobody outside gets in",
        "port.shut_outside": "nobody outside gets in",
        "port.blocked_upstream": "nobody outside gets in",
        "port.forwarded_but_shut": "nobody outside gets in",
        "tls.expired": "the EMR's certificate has expired",
        "tls.outside_expired": "the certificate seen outside has expired",
        "tls.expiring": "the EMR's certificate expires soon",
        "tls.not_yet_valid": "the EMR's certificate is not valid yet",
        "tls.name_mismatch": "the EMR's certificate has another name",
        "tls.plain_http": "the EMR answers without encryption",
        "tls.old_protocol": "the EMR's encryption is too old",
        "tls.not_tls": "another program answers in the EMR's place",
        "tls.handshake_fails": "no encrypted connection to the EMR",
        "emr.not_answering": "the EMR does not answer",
        "emr.error": "the EMR answers with an error",
        "emr.empty": "the EMR's page is empty",
        "emr.starting": "the EMR is not ready",
        "emr.behind_proxy_down": "the EMR does not answer",
        "emr.not_found": "the EMR's page is not there",
        "emr.something_else": "another program answers in the EMR's place",
        "emr.redirects_unencrypted": "the log-in goes without encryption",
        "emr.redirects_port": "the EMR's page leads to another port",
        "emr.redirects_inside": "the EMR's page leads nowhere from outside",
        "emr.redirect_loop": "the EMR's page goes round in circles",
        "emr.unfinished": "the EMR's page stops half-way",
        "emr.slow": "the EMR's server is slow",
        "exposure.dangerous_open": "a door is open that must be shut",
        "exposure.open_resolver": "a door is open that must be shut",
        "exposure.ssh_open": "a door is open that should be shut",
        "exposure.router_page": "a door is open that should be shut",
    }
)

_OF_CHECK: Mapping[str, str] = MappingProxyType(
    {
        "link": "this computer's connection",
        "router": "the router",
        "switch": "the office network",
        "address": "the Internet address",
        "path": "the way out",
        "dns": "name look-up in the office",
        "ddns": "the EMR's public name",
        "upload": "the upload",
        "download": "the download",
        "bufferbloat": "answers while the line is busy",
        "capacity": "people at once",
        "port": "the EMR's port",
        "tls": "the EMR's certificate",
        "emr": "the EMR's log-in page",
        "exposure": "doors that must be shut",
    }
)


def in_few_words(code: str, *, known: bool = True) -> str:
    """ "upload too slow" for "upload.below_minimum"; what it is about, where the code has no words of its own.

    known: False where the code says that something could not be told.
    """
    own = _OF_CODE.get(code)
    if own is not None:
        return own
    about = _OF_CHECK.get(code.partition(".")[0])
    if about is None:
        return UNNAMED
    return f"trouble with {about}" if known else f"not known: {about}"


def about(name: str) -> str:
    """The same for what is only mentioned: a code, or the id of a check."""
    return _OF_CODE.get(name) or _OF_CHECK.get(name.partition(".")[0]) or UNNAMED


def named() -> frozenset[str]:
    """The codes that have words of their own."""
    return frozenset(_OF_CODE)
