"""Every check, in the order of the report: from this computer outwards. Judging is pure."""

from __future__ import annotations

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
    link,
    port,
    router,
    switch,
    tls,
    upload,
)
from emrnetcheck.evidence import Case
from emrnetcheck.model import Check, Code

ALL: tuple[Check[Case, Any], ...] = (
    link.CHECK,
    router.CHECK,
    switch.CHECK,
    address.CHECK,
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


def code_named(name: str) -> Code | None:
    """What the finding code `name` means, None if there is no such code."""
    for check in ALL:
        if name in check.codes:
            return check.codes[name]
    return None


def code_of_word(word: str) -> str:
    """The finding code for what a DDNS provider answers (badauth, !yours); any other word as it is."""
    return ddns.CODE_OF_WORD.get(word.strip().lower(), word)
