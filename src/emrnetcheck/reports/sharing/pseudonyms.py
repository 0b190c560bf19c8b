"""Which pseudonym has an address, a name, a device? The same one for the same thing, within one report."""

from __future__ import annotations

import ipaddress
import re
import string

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.reports.sharing.words import EVERYBODYS_PATHS, EVERYBODYS_PLACES

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PRIVATE_V4 = (("10", "10.0.0.0/8"), ("172.16", "172.16.0.0/12"), ("192.168", "192.168.0.0/16"))
_SHOWN_CLASS = {
    AddressClass.CGNAT: "cgnat-100.64",
    AddressClass.LINK_LOCAL: "link-local-169.254",
    AddressClass.DSLITE: "dslite",
    AddressClass.DOCUMENTATION: "documentation",
    AddressClass.TUNNEL: "tunnel",
    AddressClass.NAT64: "nat64",
    AddressClass.RESERVED: "reserved",
}
NOTHING = "(left out)"
_NETWORK_BITS = {4: 24, 6: 64}
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#\s]*)([^?#\s]*)(\S*)", re.IGNORECASE)
_SCHEMES = frozenset(
    ("http", "https", "ws", "wss", "tcp", "udp", "stun", "iperf3", "ndt7", "librespeed", "responder", "echoip")
)
"""A URL's scheme is made of these, with + between them."""
_BRACKETED = re.compile(r"\[([^\]]+)\](?::(\d{1,5}))?")
_WITH_PORT = re.compile(r"([^:]+):(\d{1,5})")


def letters(number: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, len(string.ascii_uppercase))
        text = string.ascii_uppercase[rest] + text
    return text


def as_address(text: str) -> _Address | None:
    """The address that this is, without a zone; None for anything else."""
    try:
        return ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None


class Pseudonyms:
    """What was replaced by what, in the order in which it was met. originals: all that must not be seen again."""

    def __init__(self) -> None:
        self.originals: dict[str, str] = {}
        self._by_thing: dict[tuple[str, str], str] = {}
        self._networks: dict[str, int] = {}
        self._count: dict[str, int] = {}

    def _named(self, kind: str, thing: str, original: str) -> str:
        """The pseudonym of a thing, made when it is met for the first time."""
        key = (kind, thing)
        if key not in self._by_thing:
            self._count[kind] = self._count.get(kind, 0) + 1
            self._by_thing[key] = f"{kind}-{self._count[kind]}"
        self.originals[original] = self._by_thing[key]
        return self._by_thing[key]

    def address(self, text: str) -> str:
        """ip-A-public: whether two are the same, and of one network, and of which class, can still be seen."""
        address = as_address(text)
        if address is None:
            return self.name(text)
        if str(address) in EVERYBODYS_PLACES or address.is_loopback:
            return self._without_zone(text)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            return self.address(str(address.ipv4_mapped))
        key = ("ip", str(address))
        if key not in self._by_thing:
            number = self._count["ip"] = self._count.get("ip", -1) + 1
            self._by_thing[key] = f"ip-{letters(number)}-{self._class(address)}"
        self.originals[text] = self.originals[str(address)] = self._by_thing[key]
        return self._by_thing[key]

    def _without_zone(self, text: str) -> str:
        """A zone is the name of a network card, which may be anything."""
        bare, _, zone = text.partition("%")
        if not zone:
            return text
        self.left_out(zone.rstrip("]"))
        return f"{bare}]" if zone.endswith("]") else bare

    def _class(self, address: _Address) -> str:
        kind = address_class(str(address))
        version6 = "6" if address.version == 6 else ""  # noqa: PLR2004 (the version of IP)
        if kind is AddressClass.PRIVATE:
            block = (
                "ula"
                if version6
                else next(name for name, network in _PRIVATE_V4 if address in ipaddress.ip_network(network))
            )
            return f"{block}-net{self._network(address)}"
        if kind is AddressClass.PUBLIC:
            return f"public6-net{self._network(address)}" if version6 else "public"
        if kind is AddressClass.LINK_LOCAL and version6:
            return "link-local-fe80"
        return _SHOWN_CLASS.get(kind, kind.value) + version6

    def _network(self, address: _Address) -> int:
        network = str(ipaddress.ip_network((address, _NETWORK_BITS[address.version]), strict=False))
        return self._networks.setdefault(network, len(self._networks) + 1)

    def name(self, text: str) -> str:
        """host-1, whatever the case and with or without the dot at the end; *.host-1 for a wildcard."""
        bare = text.strip().rstrip(".")
        if not bare or bare.lower() in EVERYBODYS_PLACES:
            return text
        if bare.startswith("*."):
            return f"*.{self.name(bare[2:])}"
        return self._named("host", bare.lower(), bare)

    def place(self, text: str) -> str:
        """An address, a name or a URL, with or without a port."""
        if not text:
            return text
        if (url := _URL.fullmatch(text)) is not None:
            scheme, host, path, rest = url.groups()
            user, _, bare = host.rpartition("@")
            if user:
                self.left_out(user)
            if not _SCHEMES.issuperset(scheme.lower().split("+")):
                scheme = self.left_out(scheme, "other")
            return f"{scheme}://{self.place(bare)}{self.path(path) if path else ''}{self._dropped(rest)}"
        if (bracketed := _BRACKETED.fullmatch(text)) is not None:
            port = f":{bracketed[2]}" if bracketed[2] else ""
            return f"[{self.address(bracketed[1])}]{port}"
        if as_address(text) is None and (found := _WITH_PORT.fullmatch(text)) is not None:
            return f"{self.address(found[1])}:{found[2]}"
        return self.address(text)

    def _dropped(self, rest: str) -> str:
        if rest:
            self.left_out(rest)
        return ""

    def path(self, text: str) -> str:
        """The path of a page."""
        if text in EVERYBODYS_PATHS:
            return text
        return "/" + self._named("page", text, text)

    def thing(self, kind: str, text: str) -> str:
        """A device, a file, a certificate, a site: by what it is, and a number."""
        return self._named(kind, text.strip().lower(), text)

    def has_name(self, original: str) -> bool:
        """Whether it has a pseudonym, and was not just left out."""
        return self.originals[original] in self._by_thing.values()

    def left_out(self, text: str, instead: str = NOTHING) -> str:
        """What has no pseudonym, and must not be seen again either."""
        self.originals.setdefault(text, instead)
        return instead
