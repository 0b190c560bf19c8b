"""Who keeps the name, by its name servers or its ending, and what is known of that provider? Rows of data, pure."""

from __future__ import annotations

from dataclasses import dataclass

_SAMPLE = "ddclient 3.10, sample-etc_ddclient.conf and --help"
_OWN_KNOWLEDGE = "general knowledge, not verified"


@dataclass(frozen=True, slots=True)
class Provider:
    """servers: endings of the names of its name servers. names: endings of the names that it gives away.

    settings: the line for ddclient, "" where ddclient has no way for it. login: where to log in and see its state.
    rule: what it asks of its customers, with rule_source; "" where no source was found (inactivity rules of afraid.org
    and DuckDNS for example). settings_source, recognised_by: how far the row can be trusted.
    """

    name: str
    servers: tuple[str, ...]
    names: tuple[str, ...]
    settings: str
    login: str
    rule: str = ""
    rule_source: str = ""
    settings_source: str = _SAMPLE
    recognised_by: str = _OWN_KNOWLEDGE

    def advice(self, *, has_client: bool = False) -> str:
        """Without its final dot: what to do there, a client on the server before a router with new firmware.

        has_client: a client on this computer keeps the name, so there is none to be chosen."""
        client = f'on the EMR server, ddclient with "{self.settings}" does it' if self.settings else _NO_CLIENT
        parts = [f"The provider is {self.name}: log in at {self.login}"]
        parts += [self.rule] if self.rule else []
        parts += [] if has_client else [f"To keep the name up to date: {client}"]
        return ". ".join(parts)


_NO_CLIENT = "its own page tells which program it wants"

_UNKNOWN = "Who the provider is, the router's DDNS page or your bills tell"
_SIMPLEST = (
    "ddclient on the EMR server is the simplest client: old routers cannot speak to providers any more, as these ask "
    "for TLS"
)


def provider_advice(provider: Provider | None, *, has_client: bool) -> str:
    """Its advice; None: it is not known. Without its final dot."""
    if provider is not None:
        return provider.advice(has_client=has_client)
    return _UNKNOWN if has_client else f"{_UNKNOWN}. {_SIMPLEST}"


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "No-IP",
        ("no-ip.com",),
        (
            *("ddns.net", "hopto.org", "zapto.org", "sytes.net", "no-ip.org", "no-ip.biz", "no-ip.info", "myftp.org"),
            *("servehttp.com", "serveftp.com", "redirectme.net", "bounceme.net", "3utilities.com", "myddns.me"),
            *("gotdns.ch", "onthewifi.com", "webhop.me", "viewdns.net", "freedynamicdns.net", "mynetgear.com"),
        ),
        "protocol=noip",
        "www.noip.com",
        "Free names must be confirmed there every 30 days (a mail comes 7 days before)",
        "tarufu.info/no-ip-hostname-is-in-redemption",
    ),
    Provider(
        "Dyn",
        ("dyndns.org", "dynect.net"),
        ("dyndns.org", "dyndns.biz", "dyndns.info", "homeip.net", "dnsalias.com", "homelinux.com", "ath.cx", "mine.nu"),
        "protocol=dyndns2, server=members.dyndns.org",
        "account.dyn.com",
    ),
    Provider(
        "afraid.org (FreeDNS)",
        ("afraid.org",),
        ("mooo.com", "chickenkiller.com", "us.to", "strangled.net", "crabdance.com", "ignorelist.com"),
        "protocol=freedns",
        "freedns.afraid.org",
    ),
    Provider("DuckDNS", ("duckdns.org",), ("duckdns.org",), "protocol=duckdns", "www.duckdns.org"),
    Provider("Cloudflare", ("ns.cloudflare.com",), (), "protocol=cloudflare", "dash.cloudflare.com"),
    Provider(
        "Dynu",
        ("dynu.com",),
        ("dynu.net", "ddnsfree.com", "freeddns.org", "mywire.org", "ddnsgeek.com", "casacam.net", "accesscam.org"),
        "protocol=dyndns2, server=api.dynu.com",
        "www.dynu.com",
        settings_source=_OWN_KNOWLEDGE,
    ),
    Provider(
        "deSEC",
        ("desec.io", "desec.org"),
        ("dedyn.io",),
        "protocol=dyndns2, server=update.dedyn.io",
        "desec.io",
        settings_source=_OWN_KNOWLEDGE,
    ),
    Provider(
        "Hurricane Electric",
        ("he.net",),
        (),
        "protocol=dyndns2, server=dyn.dns.he.net",
        "dns.he.net",
        settings_source=_OWN_KNOWLEDGE,
    ),
    Provider("ChangeIP", ("changeip.com", "changeip.org"), (), "protocol=changeip", "www.changeip.com"),
    Provider("easyDNS", ("easydns.com", "easydns.net", "easydns.org"), (), "protocol=easydns", "www.easydns.com"),
    Provider("Namecheap", ("registrar-servers.com",), (), "protocol=namecheap", "www.namecheap.com"),
    Provider("GoDaddy", ("domaincontrol.com",), (), "protocol=godaddy", "www.godaddy.com"),
    Provider("ClouDNS", ("cloudns.net",), (), "protocol=cloudns", "www.cloudns.net"),
    Provider("Gandi", ("gandi.net",), (), "protocol=gandi", "www.gandi.net"),
    Provider("Hetzner", ("ns.hetzner.com", "ns.hetzner.de"), (), "protocol=hetzner", "dns.hetzner.com"),
    Provider("OVH", ("ovh.net", "anycast.me"), (), "protocol=ovh", "www.ovh.com"),
    Provider("DNS Made Easy", ("dnsmadeeasy.com",), (), "protocol=dnsmadeeasy", "dnsmadeeasy.com"),
    Provider("ZoneEdit", ("zoneedit.com",), (), "protocol=zoneedit1", "www.zoneedit.com"),
    Provider("nsupdate.info", ("nsupdate.info",), ("nsupdate.info",), "protocol=nsupdate", "www.nsupdate.info"),
    Provider("freemyip", ("freemyip.com",), ("freemyip.com",), "protocol=freemyip", "freemyip.com"),
    Provider("dynv6", ("dynv6.com",), ("dynv6.net",), "", "dynv6.com"),
    Provider("Route 53 (Amazon)", (), (), "", "console.aws.amazon.com"),
    Provider("DigitalOcean", ("digitalocean.com",), (), "", "cloud.digitalocean.com"),
    Provider("Synology", (), ("synology.me",), "", "account.synology.com"),
    Provider("ASUS (the router's own)", (), ("asuscomm.com",), "", "the router's DDNS page"),
    Provider("TP-Link (the router's own)", (), ("tplinkdns.com",), "", "the router's DDNS page"),
)


def provider_of(names: tuple[str, ...], servers: tuple[str, ...]) -> Provider | None:
    """The provider by its name servers (they decide), else by the ending of the name or of an alias on the way."""
    for provider in PROVIDERS:
        if any(_ends(server, provider.servers) for server in servers):
            return provider
    if any("awsdns-" in server for server in servers):
        return next(each for each in PROVIDERS if each.name.startswith("Route 53"))
    return next((each for each in PROVIDERS if any(_ends(name, each.names) for name in names)), None)


def _ends(name: str, endings: tuple[str, ...]) -> bool:
    bare = name.rstrip(".").lower()
    return any(bare == ending or bare.endswith(f".{ending}") for ending in endings)
