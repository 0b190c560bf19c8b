"""What is said of the office network while it, or the line, is busy."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity

_LOAD = (
    "Try other cables and other ports of the switch for both computers. Every port should be set to automatic; replace "
    "an old hub by a switch."
)
_LOAD_WHY = (
    "A damaged cable, or two ends that disagree on full duplex, work while the network is idle and fail when it is "
    "used."
)

LOAD_CODES = {
    "switch.slow_under_load": Code(
        Severity.WARN,
        "While {busy}, everything on the office network answers {increase_ms:.0f} ms later.",
        "Try other cables and ports; keep backups apart from clinic hours; a switch with gigabit ports carries more.",
        Contact.LAN,
        "The router and the other computers are slow at the same time, so it is the switch or this computer's cable.",
        say="While {busy}, everything on the office network answers {increase_ms:.0f} ms later. Please look at "
        "the cables and the switch.",
    ),
    "switch.load_loss": Code(
        Severity.WARN,
        "While the office network was busy, {lost} of {sent} probes to {address} were lost.",
        _LOAD,
        Contact.LAN,
        _LOAD_WHY,
        say="While the office network was busy, {lost} of {sent} probes to {address} were lost. Please look at "
        "the cables and the switch.",
    ),
    "switch.throughput_low": Code(
        Severity.WARN,
        "Between this computer and {address} the office network carries only {mbps:.1f} Mbps ({direction}).",
        _LOAD,
        Contact.LAN,
        _LOAD_WHY,
        say="Between this computer and {address} the office network carries only {mbps:.1f} Mbps. Please look at "
        "the cables and the switch.",
    ),
    "switch.throughput_bad": Code(
        Severity.FAIL,
        "Between this computer and {address} the office network carries next to nothing: {mbps:.1f} Mbps "
        "({direction}).",
        _LOAD,
        Contact.LAN,
        _LOAD_WHY,
        say="Between this computer and {address} the office network carries only {mbps:.1f} Mbps. Please try "
        "other cables and other ports of the switch.",
    ),
    "switch.throughput_unclear": Code(
        Severity.UNKNOWN,
        "Only {mbps:.1f} Mbps went between this computer and {address} ({direction}), but it may not be the network: "
        "{why}.",
        "Close other programs, and run the check again.",
        Contact.IT_HELPER,
        "A busy computer moves less than the network could carry.",
    ),
    "switch.load_stopped": Code(
        Severity.WARN,
        "A transfer between this computer and {address} began and then came to a stop ({direction}).",
        _LOAD,
        Contact.LAN,
        "Small packets pass, and a transfer does not: a damaged cable, or two ends that disagree on full duplex. Or "
        "that computer went to sleep.",
        say="A transfer between this computer and {address} began and then came to a stop. Please look at the "
        "cables and the switch.",
    ),
    "switch.load_one_way": Code(
        Severity.UNKNOWN,
        "Under load the office network could not be measured one way ({direction}): {why}.",
        "Run the check again; if it stays, restart emrnetcheck responder --lan on the second PC.",
        Contact.IT_HELPER,
        "A fault of a cable may show in one direction only.",
    ),
    "switch.load_unmeasured": Code(
        Severity.NOTICE,
        "The office network was not measured under load: {why}.",
        "Start emrnetcheck responder --lan on the second PC, and put the line and the token that it prints into the "
        "settings.",
        Contact.IT_HELPER,
        "The settings name a second PC for it ([lan] responder).",
    ),
}
