"""Does the ISP call an address dynamic that the settings call static?"""

from __future__ import annotations

import re

from emrnetcheck.checks.ddns.words import Facts, listed
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.names import Names, Reverse
from emrnetcheck.model import Code, Contact, Finding, Severity

CODES = {
    "ddns.looks_dynamic": Code(
        Severity.NOTICE,
        "The settings call {address} static, but its own name looks like one of a changing address ({called}).",
        "Ask the internet provider whether the address is really static; many sell that as an extra.",
        Contact.ISP,
        "If it changes one day, nobody outside finds the EMR, and no DDNS client is there to mend it.",
    ),
}

# What ISPs call their customers' changing addresses (netfacts.md 2.2, row 18), as a whole word of a label.
_CHANGING = re.compile(
    r"(?:^|[^a-z])(?:dyn|dynamic|dynip|pool|ppp|pppoe|dhcp|dial|dialup|dialin|dip|adsl|vdsl|dsl|cable|catv)(?:$|[^a-z])"
)
_FIXED = re.compile(r"(?:^|[^a-z])(?:static|fixed|sta|fix|business|biz)(?:$|[^a-z])")


def looks_dynamic(case: Case, names: Names, facts: Facts) -> list[Finding]:
    """netfacts.md 2.2, row 18. A remark only: nobody but the ISP knows."""
    if case.site.addressing != "static":
        return []
    odd = [reverse for reverse in names.reverse if any(_says_changing(name, reverse) for name in reverse.names)]
    return [
        Finding("ddns.looks_dynamic", facts | {"address": reverse.address, "called": listed(reverse.names)})
        for reverse in odd[:1]
    ]


def _says_changing(name: str, reverse: Reverse) -> bool:
    if _FIXED.search(name):
        return False
    return bool(_CHANGING.search(name)) or _holds(name, reverse.address)


def _holds(name: str, address: str) -> bool:
    """Whether the address is in its name, as in 203-0-113-9.isp.example or 009113000203, either way round."""
    numbers = [str(int(number)) for number in re.findall(r"[0-9]{1,3}", name)]
    octets = address.split(".")
    orders = (octets, octets[::-1])
    runs = [numbers[start : start + len(octets)] for start in range(len(numbers) - len(octets) + 1)]
    return any(list(order) in runs for order in orders)
