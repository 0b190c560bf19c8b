"""Is a host name made of an address? Providers name their customers' lines so: cpe-203-0-113-9.isp.example."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

_OCTETS = 4
_MOST = 255
_FIRST_OF_NOBODY = 224  # from here on no computer has an address (RFC 5771, RFC 1112)
_RUN = re.compile(r"\d{1,3}(?:(?P<between>[-._x])\d{1,3})(?:(?P=between)\d{1,3})+")
_PADDED = re.compile(r"(?<!\d)\d{12}(?!\d)")
_OF_A_LINE = re.compile(
    r"(?:ip|ipv4|cpe|host|customer|client|static|pool|dyn|dynamic|dynip|dhcp|ppp|pppoe|dsl|adsl|vdsl|cable|fib(?:er|re)|"
    r"broadband|nat|wan|user)[-_]?"
)
"""What such a name begins with, where it stands without its domain."""
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?P<last>[a-z]{2,63}|xn--[a-z0-9-]+)\.?")
_FILES = frozenset(
    [
        "bz2",
        "cfg",
        "conf",
        "csv",
        "db",
        "deb",
        "exe",
        "gz",
        "html",
        "img",
        "ini",
        "iso",
        "jar",
        "json",
        "log",
        "pdf",
        "png",
        "rpm",
        "sh",
        "sql",
        "tar",
        "toml",
        "txt",
        "war",
        "xz",
        "zip",
    ]
)
_WHOLE_V6 = re.compile(r"(?<![0-9a-f])[23][0-9a-f]{3}(?:[-._][0-9a-f]{1,4}){7}(?![0-9a-f])")
_SHORT_V6 = re.compile(r"(?<![0-9a-f])[23][0-9a-f]{3}(?:-[0-9a-f]{1,4})*--(?:[0-9a-f]{1,4}-)*[0-9a-f]{1,4}(?![0-9a-f])")
_NIBBLES = re.compile(r"(?:[0-9a-f]\.){4,32}ip6\.arpa")
_JOINTS = ("", "-", ".", "_", "x")


def is_made_of_some(name: str) -> bool:
    """Whether an address of the Internet can be read out of it, whoever has it. What may be a version or a date is
    not taken for one."""
    low = name.lower()
    found = _DOMAIN.fullmatch(low)
    is_domain = found is not None and found["last"] not in _FILES
    if any(_is_of_the_internet(*each) for each in _runs(low, is_domain=is_domain)):
        return True
    if not is_domain:
        return False
    if any(_is_of_the_internet(*_thirds(each[0])) for each in _PADDED.finditer(low)):
        return True
    return bool(_NIBBLES.search(low)) or any(_is_public(each) for each in _addresses_v6(low))


def _runs(low: str, *, is_domain: bool) -> Iterator[tuple[int, ...]]:
    """Four numbers with the same between them. A fifth one is of a time or a version, but for that of "ipv4-"."""
    for run in _RUN.finditer(low):
        numbers = [int(each) for each in re.findall(r"\d+", run[0])]
        before = low[: run.start()]
        if before[-1:].isdecimal() or low[run.end() : run.end() + 1].isdecimal():
            continue
        if len(numbers) == _OCTETS + 1 and before[-1:].isalpha():
            before, numbers = f"{before}{numbers[0]}", numbers[1:]
        told_apart = is_domain or run["between"] == "x" or _OF_A_LINE.fullmatch(before)
        if len(numbers) == _OCTETS and told_apart:
            yield tuple(numbers)


def _thirds(digits: str) -> tuple[int, ...]:
    return tuple(int(digits[at : at + 3]) for at in range(0, len(digits), 3))


def _is_of_the_internet(*octets: int) -> bool:
    """By the first reading that anybody could have: 9.113.0.203 is one as well as 203.0.113.9."""
    if max(octets) > _MOST:
        return False
    said = octets if octets[0] < _FIRST_OF_NOBODY else octets[::-1]
    return _is_public(".".join(map(str, said)))


def _addresses_v6(low: str) -> Iterator[str]:
    for each in _WHOLE_V6.finditer(low):
        yield re.sub(r"[-._]", ":", each[0])
    for each in _SHORT_V6.finditer(low):
        yield each[0].replace("-", ":")


def is_made_of(name: str, address: str) -> bool:
    """Whether this one is in it, in any way that is known: forwards, backwards, padded, as hex digits, as one number.

    Of IPv6 its first half is enough: a line has that for itself (RFC 6177).
    """
    low = name.lower()
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return _written_v6(found).search(low) is not None
    octets = list(found.packed)
    return _has_in_turn(low, octets) or _has_in_turn(low, octets[::-1]) or _written_v4(found).search(low) is not None


def _has_in_turn(low: str, octets: list[int]) -> bool:
    """Whatever stands between them."""
    numbers = [int(each) if len(each) <= len("255") else None for each in re.findall(r"\d+", low)]
    return any(numbers[at : at + _OCTETS] == octets for at in range(len(numbers) - _OCTETS + 1))


@cache
def _written_v4(address: ipaddress.IPv4Address) -> re.Pattern[str]:
    forms = {str(int(address))}
    for octets in (address.packed, address.packed[::-1]):
        forms.add("".join(f"{each:03}" for each in octets))
        forms |= {joint.join(f"{each:02x}" for each in octets) for joint in _JOINTS}
    return re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, sorted(forms)))})(?!\d)")


@cache
def _written_v6(address: ipaddress.IPv6Address) -> re.Pattern[str]:
    padded = address.exploded.split(":")
    bare = [each.lstrip("0") or "0" for each in padded]
    half = len(padded) // 2
    digits = "".join(padded)
    forms = {".".join(reversed(digits[: len(digits) // 2]))}  # as in ip6.arpa; that of the whole has it at its end
    for joint in _JOINTS:
        forms |= {joint.join(padded), joint.join(padded[:half])}
        if joint:
            forms |= {joint.join(bare[:half]), str(address).replace(":", joint)}
    return re.compile(
        rf"(?<![0-9a-f])(?:{'|'.join(map(re.escape, sorted(forms)))})(?![0-9a-f])|{re.escape(digits[:16])}"
    )


def _is_public(address: str) -> bool:
    # Only here: a page of the week that goes into no mail does without the evidence, which takes a while to load.
    from emrnetcheck.evidence.address_class import AddressClass, address_class

    return address_class(address) in (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)  # the second: in laboratories
