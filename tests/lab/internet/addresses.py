"""Which addresses and names the lab's Internet has.

The block 21/8 stands for "somewhere public". It is in none of the lists by which dnsmasq (rebind protection),
miniupnpd (reserved WAN) and `ipaddress` (is_private) would treat it specially, as they do the documentation
ranges and 198.18/15. Nothing here leaves the namespace.
"""

from __future__ import annotations

from typing import Any, Final

ZONE: Final = "dyn.example.org"
"""The dynamic DNS provider's zone: the EMR's name is in it."""

PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222")
ISP_RESOLVER: Final = "21.10.0.53"
"""The recursive resolver that the clinic's router forwards to."""

RESOLVER_CACHES: Final = {
    ISP_RESOLVER: "21.10.1.1",
    **{resolver: f"21.10.1.{2 + index}" for index, resolver in enumerate(PUBLIC_RESOLVERS)},
}
"""Each resolver's own recursive cache (a BIND view on this address), so that none warms another's."""

ROOT_SERVER: Final = "21.20.0.1"
ORG_SERVER: Final = "21.20.1.1"
COM_SERVER: Final = "21.20.2.1"
NS1: Final = "21.30.0.53"
NS2: Final = "21.31.0.53"

DDNS: Final = "21.39.0.1"
"""Where the dynamic DNS provider takes updates and tells its customers their address."""
CLOUDFLARE: Final = "21.40.0.1"
STUN_CLOUDFLARE: Final = "21.40.0.2"
STUN_GOOGLE: Final = "21.41.0.1"
ICANHAZIP: Final = "21.42.0.1"
CHECKIP: Final = "21.43.0.1"
IPIFY: Final = "21.44.0.1"
SPEEDTEST_NET: Final = "21.45.0.1"
SPEEDTEST_SERVERS: Final = ("21.46.0.1", "21.47.0.1")
LIBRESPEED_HTTP: Final = "21.48.0.1"
LIBRESPEED_HTTPS: Final = "21.48.0.2"
IPERF3: Final = "21.49.0.1"
ECHOIP: Final = "21.50.0.1"
DOH: Final = {"cloudflare-dns.com": ("21.51.0.1", "1.1.1.1"), "dns.google": ("21.52.0.1", "8.8.8.8")}
"""Name -> address, and the resolver that answers there over HTTPS."""
NS2_BEHIND: Final = "21.31.0.54"
"""Where ns2 is if something stands before it at its own address."""

WHOAMI_OPENDNS: Final = "21.53.0.1"
WHOAMI_GOOGLE: Final = "21.54.0.1"
WELL_KNOWN: Final = "21.55.0.1"
"""Where example.com leads, the name for which each name server has an address."""
GLOBALPING: Final = "21.56.0.1"
GLOBALPING_PROBES: Final = ("21.57.0.1", "21.58.0.1", "21.59.0.1")
"""Where its probes are; they have no names."""
MAIL: Final = "21.60.0.1"
IPV6: Final = "2a0e:5c00:f000::/44"
"""All of the Internet that has IPv6: an address outside the blocks that a program could treat specially."""
ICANHAZIP_V6: Final = "2a0e:5c00:f000::1"
IPIFY_V6: Final = "2a0e:5c00:f000::2"
STUN_GOOGLE_V6: Final = "2a0e:5c00:f000::3"
ECHOIP_V6: Final = "2a0e:5c00:f000::4"
GLOBALPING_PROBES_V6: Final = ("2a0e:5c00:f001::1", "2a0e:5c00:f002::1", "2a0e:5c00:f003::1")

STUN_CLOUDFLARE_PORT: Final = 3478
STUN_GOOGLE_PORT: Final = 19302
IPERF3_PORT: Final = 5201
SPEEDTEST_PORT: Final = 8080

PROVIDER_SERVERS: Final = {
    "no-ip": ("nf1.no-ip.com", "nf2.no-ip.com"),
    "duckdns": ("ns1.duckdns.org", "ns2.duckdns.org"),
    "cloudflare": ("ada.ns.cloudflare.com", "bob.ns.cloudflare.com"),
}
"""Provider -> the names of its name servers; they lead to NS1 and NS2."""

NAMES: Final[dict[str, dict[str, str]]] = {
    "no-ip.com": {"nf1": NS1, "nf2": NS2},
    "duckdns.org": {"ns1": NS1, "ns2": NS2},
    "example.org": {
        "members": DDNS,
        "speed": LIBRESPEED_HTTPS,
        "speed-plain": LIBRESPEED_HTTP,
        "speedtest1": SPEEDTEST_SERVERS[0],
        "speedtest2": SPEEDTEST_SERVERS[1],
        "iperf": IPERF3,
        "echoip": ECHOIP,
        "smtp": MAIL,
    },
    "example.com": {"@": WELL_KNOWN},
    "cloudflare.com": {"speed": CLOUDFLARE, "stun": STUN_CLOUDFLARE, "ada.ns": NS1, "bob.ns": NS2},
    "icanhazip.com": {"ipv4": ICANHAZIP},
    "amazonaws.com": {"checkip": CHECKIP},
    "ipify.org": {"api": IPIFY},
    "google.com": {"stun.l": STUN_GOOGLE, "ns1": WHOAMI_GOOGLE},
    "opendns.com": {"resolver1": WHOAMI_OPENDNS},
    "cloudflare-dns.com": {"@": DOH["cloudflare-dns.com"][0]},
    "google": {"dns": DOH["dns.google"][0]},
    "globalping.io": {"api": GLOBALPING},
    "speedtest.net": {"www": SPEEDTEST_NET, "c": SPEEDTEST_NET},
}
"""Zone -> label -> address, beside the dynamic zone."""

NAMES_V6: Final[dict[str, dict[str, str]]] = {
    "icanhazip.com": {"ipv6": ICANHAZIP_V6},
    "ipify.org": {"api6": IPIFY_V6},
    "google.com": {"stun.l": STUN_GOOGLE_V6},
    "example.org": {"echoip": ECHOIP_V6},
}
"""The same for IPv6, in a plan that has it."""

ADDRESSES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(
        [
            *PUBLIC_RESOLVERS,
            ISP_RESOLVER,
            *RESOLVER_CACHES.values(),
            *(ROOT_SERVER, ORG_SERVER, COM_SERVER, NS1, NS2, NS2_BEHIND),
            *GLOBALPING_PROBES,
            *(address for hosts in NAMES.values() for address in hosts.values()),
        ]
    )
)
"""Every /32 that must exist in the namespace before `start_internet`."""

BASE_SETTINGS: Final[dict[str, Any]] = {
    "upload": {"servers": [f"librespeed+http://{LIBRESPEED_HTTP}/backend", "cloudflare", "speedtest"]},
    "outside": {"services": ["echoip+https://echoip.example.org"], "consent": True},
}
"""The parts of an emrnetcheck.toml that name servers of the lab; the defaults work in it too."""
