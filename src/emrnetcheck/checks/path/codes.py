"""What is said of the way out, and the limits that decide it."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Code, Contact, Segment, Severity, Urgency
from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow, how lossy and how narrow may the way out be?"""

    slow_stretch_ms: float = limit(
        100.0,
        "One stretch of the way adds more: a warning.",
        "rule of thumb, beside ITU-T Y.1541: 100 ms one way for what needs interaction",
    )
    slow_end_ms: float = limit(
        150.0,
        "The whole way takes longer: a warning.",
        "rule of thumb, beside ITU-T G.114: 150 ms; a page takes several round trips",
    )
    loss_ratio: float = limit(
        0.005,
        "More than this is surely lost (95 %): a warning.",
        "rule of thumb; ITU-T Y.1541 allows 0.001, which a minute of probes cannot tell from none",
    )
    usual_bytes: float = limit(
        1492.0,
        "Lines that carry smaller packets than this are a note; with the IP header.",
        "RFC 2516: the packet size of PPPoE",
    )
    least_bytes: float = limit(
        1280.0,
        "Lines that carry smaller packets than this are a warning; with the IP header.",
        "RFC 8200: what IPv6 demands of every line",
    )


_HOLE_WHY = (
    "A page of the EMR is sent in packets of full size. Where those vanish and nobody says so, "
    "connections are made and then hang."
)
_LOSS_WHY = "Each lost packet makes the EMR pause, for a fifth of a second or more."
_SLOW_WHY = "A page of the EMR takes several round trips, so each delay on the way is felt several times."

CODES = {
    "path.ok": Code(
        Severity.OK,
        "The way out is in order: {towards} answers in {p50_ms:.0f} ms, {lost} of {sent} probes were lost.",
    ),
    "path.mtu_black_hole": Code(
        Severity.FAIL,
        "Packets larger than {passed_bytes} bytes vanish on the way to the Internet, and nobody says so: {where}.",
        "Set the router's MTU for the Internet to {passed_bytes}, or switch on its MSS clamping, or ask the provider.",
        Contact.ROUTER,
        _HOLE_WHY,
        Segment.LINE,
        say="Packets larger than {passed_bytes} bytes vanish on our line. Please set the router's MTU for the "
        "Internet to {passed_bytes}, or switch on its MSS clamping.",
        when=Urgency.TODAY,
    ),
    "path.mtu_black_hole_far": Code(
        Severity.FAIL,
        "Beyond the office's line packets larger than {passed_bytes} bytes vanish, and nobody says so: {where}.",
        "Report it to the provider. Until it is mended, set the router's MTU for the Internet to {passed_bytes}.",
        Contact.ISP,
        _HOLE_WHY,
        Segment.PATH,
        say="Packets larger than {passed_bytes} bytes vanish beyond my line, on the way to {towards}: {where}. Please "
        "mend that.",
        when=Urgency.TODAY,
    ),
    "path.mtu_clamped": Code(
        Severity.NOTICE,
        "Packets larger than {passed_bytes} bytes vanish on the way, but the routers keep those of the EMR smaller.",
        "Nothing needs to be done for the EMR. A VPN may need a smaller MTU.",
        Contact.ROUTER,
    ),
    "path.mtu_small": Code(
        Severity.NOTICE,
        "The way out takes packets of up to {passed_bytes} bytes only, and says so: programs adapt by themselves.",
    ),
    "path.mtu_tiny": Code(
        Severity.WARN,
        "The way out takes packets of up to {passed_bytes} bytes only (usual: 1500 or 1492).",
        "Look for a VPN or a tunnel on the way, and set the router's MTU for the Internet to what the provider says.",
        Contact.ROUTER,
        "So small packets make every page slower, and some services refuse them.",
        Segment.LINE,
        say="Our line takes packets of up to {passed_bytes} bytes only. Is a VPN or a tunnel on it? Please set the "
        "router's MTU as the provider says.",
    ),
    "path.mtu_unmeasured": Code(
        Severity.UNKNOWN,
        "Whether packets of full size get out is not known. The reason: {why}.",
        "Run the whole check, with its upload, or let this user ping (emrnetcheck privileges tells how).",
        Contact.IT_HELPER,
        _HOLE_WHY,
    ),
    "path.slow_inside": Code(
        Severity.WARN,
        "The way out is slow inside the office already: {added_ms:.0f} ms up to {at} (usual: under {limit_ms:g} ms).",
        "Repeat the check by cable. If it stays, try another cable and restart the switch and the router.",
        Contact.LAN,
        _SLOW_WHY,
        Segment.LAN,
        say="The way out takes {added_ms:.0f} ms inside the office already, up to {at}; under {limit_ms:g} ms is "
        "usual. Please look at the cables and the switch.",
    ),
    "path.slow_line": Code(
        Severity.WARN,
        "The Internet line is slow to answer though nothing loads it: {added_ms:.0f} ms between {after} and {at}.",
        "Ask the provider why, and tell these two addresses. Lines by satellite are always slow.",
        Contact.ISP,
        _SLOW_WHY,
        Segment.LINE,
        say="My line is slow to answer with nothing on it: {added_ms:.0f} ms between {after} and {at}. Why, and can "
        "you mend it?",
    ),
    "path.slow_hop": Code(
        Severity.WARN,
        "Beyond the office's line the way to {towards} is slow: {added_ms:.0f} ms between {after} and {at}.",
        "Send both addresses to the provider's support. Check again at another hour: it may be an overload.",
        Contact.ISP,
        _SLOW_WHY,
        Segment.PATH,
        say="The way to {towards} is slow beyond my line: {added_ms:.0f} ms between {after} and {at}. Please look at "
        "it.",
    ),
    "path.loss_inside": Code(
        Severity.WARN,
        "Packets get lost inside the office already: {lost} of {sent} to the Internet were lost.",
        "Repeat the check by cable. If it stays, try another cable and another port of the switch.",
        Contact.LAN,
        _LOSS_WHY,
        Segment.LAN,
        say="Of {sent} packets to the Internet {lost} were lost, inside the office already. Please look at the "
        "cables and the switch.",
    ),
    "path.loss_line": Code(
        Severity.WARN,
        "Packets get lost on the Internet line: {lost} of {sent}, behind {after}.",
        "Restart the modem and check its cables. If it stays, report the loss to the provider.",
        Contact.ISP,
        _LOSS_WHY,
        Segment.LINE,
        say="My line loses packets: {lost} of {sent}, behind {after}. Please test the line.",
    ),
    "path.loss": Code(
        Severity.WARN,
        "Packets get lost beyond the office's line, on the way to {towards}: {lost} of {sent}, behind {after}.",
        "Send both addresses to the provider's support. Check again at another hour: it may be an overload.",
        Contact.ISP,
        _LOSS_WHY,
        Segment.PATH,
        say="Packets get lost beyond my line, on the way to {towards}: {lost} of {sent}, behind {after}. Please look "
        "at it.",
    ),
    "path.loss_somewhere": Code(
        Severity.WARN,
        "Packets get lost on the way to {towards}: {lost} of {sent}. Where they get lost could not be seen.",
        "Check again, by cable and in a quiet hour. If it stays, report the loss to the provider.",
        Contact.ISP,
        _LOSS_WHY,
        Segment.LINE,
        say="Packets get lost on the way to {towards}: {lost} of {sent}. Please test my line.",
    ),
    "path.far_silent": Code(
        Severity.NOTICE,
        "{towards} does not answer probes, so the way to it was seen only in part.",
        "Nothing needs to be done: its router may be set not to answer.",
        Contact.IT_HELPER,
    ),
    "path.unmeasured": Code(
        Severity.UNKNOWN,
        "The way out could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
