"""What was seen of the public address and the router's own word, for an IT helper?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.wan import Told, Wan
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import because

_TOLD_WORDS = {
    Told.ADDRESS: "an address",
    Told.NONE: "it has no address",
    Told.NOT_TOLD: "answers, but tells no address",
    Told.NO_ANSWER: "no answer",
}


def address_lines(seen: Seen) -> Iterator[Line]:
    """What each witness and the router told of the public address."""
    if seen.address is None:
        return
    address = seen.address
    yield Line(
        f"public {address.public_v4 or 'not known'}, IPv6 {address.public_v6 or 'none'}, "
        f"router outside {address.wan_v4 or 'not known'}, own {address.local_v4 or 'none'}"
        + (f" and {address.local_v6}" if address.local_v6 else ""),
        lead="address: ",
    )
    for source in address.sources:
        yield Line(
            f"{source.service} ({source.method}): {source.address or 'no address'}{because(source.failure)}",
            lead="address: ",
        )
    if address.router is not None and address.router.gateway is not None:
        yield from _router(address.router)


def _router(router: Wan) -> Iterator[Line]:
    """What the router said of itself, by each way of asking."""
    for answer in router.answers:
        way = f"{answer.method} {answer.service}" if answer.service else answer.method
        state = f", {answer.state}" if answer.state else ""
        told = answer.address or _TOLD_WORDS[answer.told]
        yield Line(f"router {router.gateway} by {way}: {told}{state}{because(answer.failure)}", lead="address: ")
    if router.device is not None:
        name = ", ".join(part for part in (router.device.manufacturer, router.device.model) if part) or "no name"
        yield Line(f"router's own description: {name}, IGD {router.device.igd_version or '?'}", lead="address: ")
    if router.mapping is not None:
        to = f"{router.mapping.internal_client}:{router.mapping.internal_port or '?'}"
        yield Line(f"port {router.mapping.external_port} was opened by a program, to {to}", lead="address: ")
    if router.second_box is not None:
        ways = ", ".join(router.second_box.answered) or "nothing"
        outside = f", says {router.second_box.address_outside}" if router.second_box.address_outside else ""
        yield Line(f"next router {router.second_box.address}: answers by {ways}{outside}", lead="address: ")
