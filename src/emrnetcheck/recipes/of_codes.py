"""Which code has which recipes, the likeliest first? Each fault, warning and open question is in one table."""

from __future__ import annotations

from collections.abc import Mapping

_BY_RECIPES = {
    # This computer, the office, the router.
    "wifi_to_cable": """
        link.server_on_wifi link.poor_signal link.wifi_unsteady router.wifi router.wifi_bad
        upload.slow_over_wifi upload.marginal_over_wifi capacity.over_wifi
    """,
    "cable": """
        link.half_duplex link.slow_speed link.errors link.many_errors link.late_collisions link.unsteady
        router.loss router.heavy_loss router.loss_unclear switch.slow switch.loss switch.jitter switch.emr_slow
        switch.emr_loss switch.emr_heavy_loss path.loss_inside
    """,
    "cable restart_router": "path.slow_inside",
    "cable emr_slow": "emr.slow_parts_network",
    "cable loop": "switch.all_slow switch.all_loss switch.all_heavy_loss switch.all_jitter segment.lan",
    "cable wifi_to_cable vpn_off": "segment.computer",
    "plug_in": "link.none link.lost router.unreachable router.none nearby.none",
    "vpn_off": "link.vpn address.proxied port.other_address",
    "restart_router": "router.slow segment.router",
    "quiet_line": "router.jitter upload.line_busy",
    "duplicate_address": "router.duplicate router.duplicate_maybe switch.duplicate_address switch.duplicate_own",
    "loop": "switch.storm",
    "cable office_load": """
        switch.slow_under_load switch.load_loss switch.throughput_low switch.throughput_bad switch.load_stopped
    """,
    # The line and the address.
    "no_internet": "address.no_internet segment.line_portal",
    "one_line": "address.nat_pool",
    "public_address vpn_instead": "address.cgnat address.behind_ipv6 address.isp_private address.ipv6_only",
    "read_wan_address public_address forward_port": "address.cgnat_or_forward",
    "read_wan_address public_address": "address.cgnat_suspected address.no_public_wan",
    "read_wan_address": """
        address.wan_untold address.router_contradicts address.wan_differs address.typed_wan_differs
    """,
    "bridge_mode public_address": "address.private_wan",
    "bridge_mode": "address.double_nat address.double_nat_suspected",
    "mtu": "path.mtu_black_hole path.mtu_tiny",
    "tell_provider mtu": "path.mtu_black_hole_far",
    "mtu quiet_line": "upload.stalled",
    "tell_provider": "path.slow_line path.loss_line upload.unstable",
    "another_hour tell_provider": "path.slow_hop path.loss path.loss_somewhere segment.path",
    "more_upload": """
        upload.marginal upload.below_minimum upload.burst_then_drop upload.burst_then_marginal capacity.short
        upload.below_recommended capacity.none
        emr.slow_line
    """,
    "quiet_line more_upload": "upload.near_recommended upload.borderline segment.line",
    "smart_queues": "bufferbloat.high bufferbloat.severe",
    # Names.
    "resolver_change": """
        dns.resolver_slow dns.loss dns.resolver_down dns.one_resolver_down dns.first_resolver_down
        dns.resolver_failing ddns.office_fails segment.name
    """,
    "plug_in resolver_change": "dns.none_configured dns.own_service_down",
    "local_name resolver_change": "dns.lookup_slow dns.system_fails ddns.system_fails",
    "tell_provider resolver_change": "dns.intercepted dns.perhaps_intercepted",
    "ddns_client ddns_account": "ddns.stale ddns.client_stopped ddns.badagent",
    "ddns_account dns_record": "ddns.name_missing ddns.nohost segment.name_missing",
    "ddns_account": """
        ddns.badauth ddns.notfqdn ddns.numhost ddns.not_yours ddns.abuse ddns.not_donator ddns.client_refused
    """,
    "dns_record": """
        segment.name_dead_address segment.name_office_address ddns.alias_broken ddns.ttl_long ddns.static_differs
        ddns.behind_proxy
    """,
    "ddns_client": "ddns.private_address ddns.no_ipv4",
    "provider_of_name": """
        ddns.provider_down ddns.servers_disagree ddns.resolvers_fail ddns.resolver_fails ddns.lame_server
        ddns.dnserr ddns.911
    """,
    "wait_for_name": "ddns.propagating ddns.negative_cached ddns.ttl_overridden",
    "local_name hosts_file": "ddns.local_differs",
    "hosts_file": "ddns.hosts_file",
    "rebind_exception": "ddns.rebind_protection",
    "local_name": "ddns.local_filter",
    "ipv6_record": "ddns.stale_aaaa ddns.aaaa_dead port.shut_by_ipv6",
    "ipv6_record close_port": "port.exposed_by_ipv6",
    # The way in, and what must not be open.
    "forward_port reserve_address": "port.not_forwarded port.wrong_target",
    "forward_port host_firewall": "port.shut_outside",
    "remote_management_off forward_port": "port.wrong_service",
    "host_firewall": "port.host_firewall port.host_firewall_outside port.forwarded_but_shut",
    "host_firewall reserve_address": "port.host_silent",
    "tell_provider vpn_instead": "port.blocked_upstream",
    "default_gateway": "port.answer_lost",
    "test_from_outside": "port.services_disagree port.open_unproven port.unverified port.only_outside segment.kept_in",
    "close_port vpn_instead": "port.exposed",
    "close_port upnp_off vpn_instead": "exposure.dangerous_open exposure.open_resolver",
    "vpn_instead close_port ssh_keys": "exposure.ssh_open",
    "remote_management_off": "exposure.router_page exposure.web_unknown",
    "other_outside": "exposure.says_all_open exposure.unverified address.no_witness",
    "listen_locally": "exposure.listens_widely",
    # The EMR and its certificate.
    "start_emr emr_log": """
        port.not_listening port.hung emr.not_answering emr.starting emr.behind_proxy_down segment.server_refuses
        segment.server_or_router
    """,
    "listen_everywhere": "port.loopback_only port.bound_elsewhere",
    "emr_log start_emr": "emr.error emr.empty emr.not_found emr.unfinished",
    "settings start_emr": "emr.something_else emr.unknown_page emr.guarded tls.not_tls",
    "emr_address": """
        emr.redirects_elsewhere emr.redirects_unencrypted emr.redirects_unencrypted_office emr.redirects_port
        emr.redirects_inside emr.redirect_loop segment.server_no_page segment.other_page
    """,
    "emr_slow": "emr.slow emr.slow_parts segment.server",
    "client_certificate": "emr.certificate_wanted tls.certificate_wanted",
    "certificate_renew": "tls.expired tls.expired_inside tls.expiring tls.outside_expired",
    "clock certificate_renew": "tls.not_yet_valid tls.not_yet_valid_inside",
    "certificate_get": "tls.name_mismatch tls.untrusted tls.incomplete_chain tls.outside_untrusted",
    "https_on": "tls.plain_http tls.plain_http_inside",
    "tls_update": "tls.old_protocol tls.weak_key",
    "emr_log tls_update": "tls.handshake_fails",
    "clock": "tls.clock_wrong",
    # Open questions.
    "settings": "ddns.unset port.unset tls.unset emr.unset",
    "compare_both_ends": "segment.far segment.unclear",
    "measure_again": """
        link.changed link.unmeasured router.unmeasured switch.throughput_unclear switch.load_one_way switch.silent
        switch.unmeasured address.unmeasured path.mtu_unmeasured path.unmeasured dns.unmeasured ddns.unmeasured
        upload.tester_limited upload.unmeasured bufferbloat.unmeasured capacity.unmeasured port.unmeasured
        tls.unmeasured emr.unmeasured exposure.unmeasured segment.unmeasured nearby.unmeasured internet.unmeasured
        name.unmeasured route.unmeasured server.unmeasured page.unmeasured
    """,
    # Notes that somebody may want to act on all the same.
    "upnp_off": "address.upnp_enabled",
    "two_routers": "router.two_gateways",
    "close_port": "exposure.web_open",
}

OF_CODES: Mapping[str, tuple[str, ...]] = {
    code: tuple(recipes.split()) for recipes, codes in _BY_RECIPES.items() for code in codes.split()
}
"""The ids of recipes, by finding code."""

NONE: Mapping[str, str] = {
    "router.silent": "many routers are set not to answer: nothing is broken as long as the rest works",
    "link.no_ipv4": "some networks have IPv6 only: nothing is broken as long as the EMR comes",
    "nearby.silent": "many routers are set not to answer: nothing is broken as long as the rest works",
    "route.unseen": "routers may be set not to answer: nothing is broken as long as the rest works",
    "download.unmeasured": "it decides nothing about the EMR",
    "ddns.no_comparison": "it follows from what is said about the Internet address: that one is to be mended",
    "ddns.public_filter": "it is another operator's resolver, which nobody in the office can change",
    "server.unknown": "the address was typed wrongly, or the EMR is not there: nothing to mend in the network",
}
"""Codes without a recipe, and why."""
