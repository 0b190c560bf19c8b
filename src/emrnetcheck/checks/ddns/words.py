"""What the parts of the ddns check have in common."""

from __future__ import annotations

from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.model import Fact

Facts = dict[str, Fact]

ANSWERS = ("NOERROR", "NXDOMAIN")


def in_short(answer: NameAnswer) -> str:
    return ", ".join(answer.addresses) or answer.rcode or "nothing"
