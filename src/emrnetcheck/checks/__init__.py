"""Every check, in the order of the report: of a clinic (ALL), of a computer that uses the EMR (CLIENT). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emrnetcheck.checks import (
    address,
    bufferbloat,
    capacity,
    ddns,
    dns,
    download,
    emr,
    exposure,
    internet,
    link,
    name,
    nearby,
    page,
    path,
    port,
    route,
    router,
    segment,
    server,
    switch,
    tls,
    upload,
)
from emrnetcheck.evidence import Case
from emrnetcheck.model import Check, Code, Severity

ALL: tuple[Check[Case, Any], ...] = (
    link.CHECK,
    router.CHECK,
    switch.CHECK,
    address.CHECK,
    path.CHECK,
    dns.CHECK,
    ddns.CHECK,
    upload.CHECK,
    download.CHECK,
    bufferbloat.CHECK,
    capacity.CHECK,
    port.CHECK,
    tls.CHECK,
    emr.CHECK,
    exposure.CHECK,
)

# A fault of this computer's own connection that the answer rests on is told with it, not once more.
_LINK = replace(
    link.CHECK,
    follows={name: ("segment.computer",) for name, code in link.CHECK.codes.items() if code.severity is Severity.FAIL},
)
CLIENT: tuple[Check[Case, Any], ...] = (
    segment.CHECK,
    _LINK,
    nearby.CHECK,
    internet.CHECK,
    name.CHECK,
    route.CHECK,
    server.CHECK,
    page.CHECK,
)
"""What `client` judges: first the answer, then each part of the way."""

EVERY: tuple[Check[Case, Any], ...] = (*ALL, *(check for check in CLIENT if check.id not in {each.id for each in ALL}))
"""Each check once, whoever asks it."""


SAFETY: frozenset[str] = frozenset(
    (
        "emr.redirects_unencrypted",
        "exposure.dangerous_open",
        "exposure.open_resolver",
        "exposure.router_page",
        "exposure.ssh_open",
        "exposure.web_unknown",
        "port.exposed",
        "port.exposed_by_ipv6",
        "tls.plain_http",
    )
)
"""What lets strangers in, or lets them read along: nobody may accept that for long."""


def code_named(name: str) -> Code | None:
    """What the finding code `name` means, None if there is no such code."""
    for check in EVERY:
        if name in check.codes:
            return check.codes[name]
    return None


def code_of_word(word: str) -> str:
    """The finding code for what a DDNS provider answers (badauth, !yours); any other word as it is."""
    return ddns.CODE_OF_WORD.get(word.strip().lower(), word)
