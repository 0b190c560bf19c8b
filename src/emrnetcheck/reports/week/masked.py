"""What of a sentence may travel in a mail? No public address, no name made of one, and nothing about open ports.

A mail is read on the way, kept for years and sent on: with these, it would tell strangers where to begin.
"""

from __future__ import annotations

import ipaddress
import re

from emrnetcheck.model.mail import Own
from emrnetcheck.reports.week.embedded import is_made_of, is_made_of_some

_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_V6 = r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}"
_LIKE_V6 = re.compile(rf"(?<![\w.:]){_V6}(?![\w:]|\.\d)")
_LIKE_V4 = re.compile(rf"(?<![\d.]){_V4}(?!\d|\.\d)")  # with a port behind it, or at the end of one of IPv6, too
_NAME = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)*")
_PLAIN = re.compile(r"\d+(?:\.\d+)+")
_INSTEAD = "(an address)"
_INSTEAD_OF_NAME = "(a host name)"
_SOME = r"\(an address\)(?:, \(an address\))*(?: and \d+ more)?"
_SAYS_NOTHING = tuple(
    (re.compile(said), instead)
    for said, instead in (
        (rf"{_SOME}, but this office's address is \(an address\)", "another address than this office's"),
        (rf"{_SOME} and not to this office \(\(an address\)\)", "another address than this office's"),
        (rf"{_SOME}, not to our address \(an address\)", "another address than ours"),
        (rf"{_SOME}\. Our address is \(an address\) now", "another address than the one that we have now"),
        (rf"{_SOME}, outside to \(an address\)", "another address than outside"),
        (rf"{_SOME}, the name servers to \(an address\)", "another address than the name servers do"),
    )
)
"""Sentences that set one address beside another: without both, they have to say that these differ."""
NOTHING_KNOWN = Own()
OPEN_PORTS = "exposure"
NOT_NAMED = "Something is open to the Internet that must not be. The report that is kept at the clinic names it."
NOT_NAMED_ADVICE = "Read the report that is kept at the clinic"


def without_addresses(text: str, own: Own = NOTHING_KNOWN) -> str:
    """The same with every address that anybody on the Internet could use taken out, and every host name that is made
    of one; those inside the office stay."""
    text = _NAME.sub(lambda found: _INSTEAD_OF_NAME if _tells_an_address(found[0], own) else found[0], text)
    for like_one in (_LIKE_V6, _LIKE_V4):
        text = like_one.sub(lambda found: _INSTEAD if _is_public(found[0], own) else found[0], text)
    for said, instead in _SAYS_NOTHING:
        text = said.sub(instead, text)
    return text


def _tells_an_address(name: str, own: Own) -> bool:
    low = name.lower().rstrip(".")
    if not any(map(str.isdecimal, low)) or _PLAIN.fullmatch(low):
        return False  # an address itself, a version or a figure
    if low in {each.lower().rstrip(".") for each in own.names}:
        return False
    return is_made_of_some(low) or any(is_made_of(low, each) for each in own.addresses)


def _is_public(text: str, own: Own) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_global or str(mapped or address) in own.addresses


def is_about_open_ports(code: str) -> bool:
    """Whether the finding of that code lists what is open."""
    return code.partition(".")[0] == OPEN_PORTS
