"""Which abbreviations are on a page, and what does each mean?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import sentence

GLOSSARY = "What the words mean"
"""The heading of what `words` tells."""

MEANINGS: Mapping[str, str] = {
    "EMR": "electronic medical record, the program with your patients' charts",
    "OSCAR": "a program for patients' charts",
    "IT": "computers and networks, and who looks after them",
    "PC": "a computer on a desk",
    "MB": "megabytes, the size of a file",
    "GHz": "the kind of radio waves that Wi-Fi uses",
    "Mbps": "megabits per second, as on the bill of your internet provider",
    "ms": "thousandths of a second",
    "IPv4": "the usual kind of Internet address, such as 192.0.2.1",
    "IPv6": "the newer, longer kind of Internet address",
    "DNS": "the Internet's directory of names and their addresses",
    "DDNS": "a service that keeps a name pointing to an address that changes",
    "AAAA": "a name's entry for its IPv6 address",
    "CNAME": "a name's entry that makes it an alias of another name",
    "DNSSEC": "a signature that proves a name's entries",
    "TTL": "how long others may keep a name's address",
    "NAT": "many computers share one address on the Internet",
    "DS-Lite": "a way to share one IPv4 address among customers",
    "464XLAT": "a way to share one IPv4 address among customers",
    "WAN": "the side of a router that is towards the Internet",
    "UPnP": "a way in which programs may change the router",
    "NAT-PMP": "a way in which programs may change the router",
    "PCP": "a way in which programs may change the router",
    "MTU": "the largest packet that a line takes",
    "MSS": "how much data is put into one packet",
    "SQM": "what keeps other people quick while somebody fills the line",
    "QoS": "what decides who goes first on a busy line",
    "TCP": "the usual way in which programs connect",
    "UDP": "a way to send data without a connection",
    "VPN": "an encrypted tunnel into another network",
    "TLS": "the encryption of a connection",
    "HTTP": "the way to open a web page without encryption",
    "HTTPS": "the encrypted way to open a web page",
    "SSH": "remote control of a computer by text",
    "RSA": "a kind of key for encryption",
    "EC": "a kind of key for encryption",
    "RFC": "a standard of the Internet",
}

_SHORT: Mapping[str, str] = {
    "EMR": "the program with your patients' charts",
    "IT": "computers and networks",
    "Mbps": "megabits per second",
    "IPv4": "the usual kind of Internet address",
    "IPv6": "the newer kind of Internet address",
    "TCP": "how programs connect",
    "VPN": "an encrypted tunnel",
    "NAT": "many computers share one address",
    "DDNS": "a service that keeps a name up to date",
}
"""Where there is room for a screen only."""

# The longest first, so that NAT-PMP is not taken for NAT.
_TERM = re.compile(
    rf"(?<![\w./-])(?:{'|'.join(sorted(map(re.escape, MEANINGS), key=len, reverse=True))})(?![\w/]|\.\w)"
)


def words(lines: Iterable[Line], *, short: bool = False) -> Iterator[Line]:
    """What the abbreviations in these lines mean, each once, in the order in which they are met."""
    met = (found for line in lines for found in _TERM.findall(f"{line.lead} {line.text}"))
    for term in dict.fromkeys(met):
        yield Line(sentence((_SHORT.get(term) if short else None) or MEANINGS[term]), lead=f"{term}: ")
