"""What is said of the office network between the computers."""

from __future__ import annotations

from emrnetcheck.checks.switch.load_codes import LOAD_CODES
from emrnetcheck.model import Code, Contact, Severity, Urgency

_ALL = (
    "Try another cable and another port of the switch for this computer. If that does not help, restart the switch, "
    "and look for a cable with both ends in it."
)
_ONE = "Try another cable and another port of the switch for that computer."
_ALL_WHY = (
    "It is the same to the router and to every other computer that was asked. So it is this computer's cable or the "
    "switch, not one device."
)
_ANY_WHY = "Inside the office the network should never be what makes the EMR slow."
_LOSS_WHY = "On an office network nothing should be lost."

CODES = {
    "switch.ok": Code(Severity.OK, "The office network is quick: {address} answers in {p50_ms:.2f} ms."),
    "switch.all_slow": Code(
        Severity.WARN,
        "Everything on the office network is slow to answer from here: {who}, the quickest in {p95_ms:.1f} ms "
        "(usual: under {limit_ms:g} ms).",
        _ALL,
        Contact.LAN,
        _ALL_WHY,
        say="Everything on the office network is slow to answer from this computer, the quickest in {p95_ms:.1f} "
        "ms. Please try another cable and another port of the switch.",
    ),
    "switch.all_loss": Code(
        Severity.WARN,
        "On the office network probes from this computer were lost: {losses}.",
        _ALL,
        Contact.LAN,
        _ALL_WHY,
        say="On the office network probes from this computer were lost: {losses}. Please try another cable and "
        "another port of the switch.",
    ),
    "switch.all_heavy_loss": Code(
        Severity.FAIL,
        "On the office network too much of what this computer sends is lost: {losses}.",
        _ALL,
        Contact.LAN,
        "With this much lost the EMR is unusable, in the office too.",
        say="Too much of what this computer sends on the office network is lost: {losses}. Please try another "
        "cable and another port of the switch.",
    ),
    "switch.all_jitter": Code(
        Severity.WARN,
        "Everything on the office network answers unevenly from here: by {jitter_ms:.1f} ms from one answer to the "
        "next (usual: under {limit_ms:g} ms).",
        _ALL,
        Contact.LAN,
        _ALL_WHY,
        say="On the office network all answers to this computer are uneven, by {jitter_ms:.1f} ms. Please try "
        "another cable and another port of the switch.",
    ),
    "switch.storm": Code(
        Severity.FAIL,
        "The office network is flooded: {per_s:.0f} packets a second come in here that nobody asked for.",
        "Look for a cable with both ends in the same switch, and pull it. Else pull cables one by one until it stops.",
        Contact.LAN,
        "In a loop packets go round without end. They take the network from everything else.",
        say="The office network is flooded with {per_s:.0f} packets a second. Please look for a cable with both "
        "ends in the same switch.",
        when=Urgency.TODAY,
    ),
    "switch.flooded": Code(
        Severity.NOTICE,
        "{per_s:.0f} packets a second come in here that nobody asked for, though everything still answers quickly.",
        "If the EMR is slow at times, look for a loop (a cable with both ends in a switch) or for a video stream.",
        Contact.LAN,
        "On an idle office network there are a few a second.",
    ),
    "switch.wifi": Code(
        Severity.NOTICE,
        "From here the other computers of the office were seen through this computer's Wi-Fi only, which is not good.",
        "See what is said of the router, and run the check again by cable.",
        Contact.LAN,
        "What all have in common is this computer's Wi-Fi.",
    ),
    "switch.slow": Code(
        Severity.WARN,
        "Another computer on the office network ({address}) is slow to answer: {p95_ms:.1f} ms "
        "(usual: under {limit_ms:g} ms).",
        _ONE,
        Contact.LAN,
        _ANY_WHY,
        say="The computer {address} takes {p95_ms:.1f} ms to answer on the office network; under {limit_ms:g} ms "
        "is usual. Please try another cable for it.",
    ),
    "switch.loss": Code(
        Severity.WARN,
        "{lost} of {sent} probes to {address} on the office network were lost.",
        _ONE,
        Contact.LAN,
        _LOSS_WHY,
        say="Of {sent} probes to the computer {address}, {lost} were lost. Please try another cable and another "
        "port of the switch for it.",
    ),
    "switch.jitter": Code(
        Severity.WARN,
        "The answer times of {address} on the office network change by {jitter_ms:.1f} ms from one to the next "
        "(usual: under {limit_ms:g} ms).",
        _ONE,
        Contact.LAN,
        _ANY_WHY,
        say="The answer times of the computer {address} change by {jitter_ms:.1f} ms from one to the next. Please "
        "try another cable for it.",
    ),
    "switch.emr_slow": Code(
        Severity.WARN,
        "The EMR server ({address}) is slow to answer on the office network: {p95_ms:.1f} ms, while {quick} is quick.",
        "Try another cable and another port of the switch for the EMR server. Wi-Fi is not good enough for it.",
        Contact.LAN,
        "Everybody who uses the EMR depends on this one connection.",
        say="The EMR server ({address}) takes {p95_ms:.1f} ms to answer on the office network. Please try another "
        "cable and another port of the switch for it.",
    ),
    "switch.emr_loss": Code(
        Severity.WARN,
        "{lost} of {sent} probes to the EMR server ({address}) on the office network were lost.",
        "Try another cable and another port of the switch for the EMR server. Wi-Fi is not good enough for it.",
        Contact.LAN,
        "Everybody who uses the EMR depends on this one connection. Each loss makes it pause.",
        say="Of {sent} probes to the EMR server ({address}), {lost} were lost. Please try another cable and "
        "another port of the switch for it.",
    ),
    "switch.emr_heavy_loss": Code(
        Severity.FAIL,
        "Too much is lost on the way to the EMR server ({address}) on the office network: {lost} of {sent} probes.",
        "Try another cable and another port of the switch for the EMR server. Wi-Fi is not good enough for it.",
        Contact.LAN,
        "With this much lost the EMR is unusable, in the office too.",
        say="Of {sent} probes to the EMR server ({address}), {lost} were lost. Please try another cable and "
        "another port of the switch at the server.",
    ),
    "switch.slow_device": Code(
        Severity.NOTICE,
        "{address} on the office network answers badly ({actual}). The router does not: it is that device alone.",
        "If that is a computer that somebody works at, try another cable for it.",
        Contact.LAN,
        "A telephone asleep on Wi-Fi, or a printer, is no fault of the network.",
    ),
    "switch.duplicate_address": Code(
        Severity.WARN,
        "Two devices seem to have the address {address}: {holders}.",
        "Find both, and give one another address (best: automatic). One device with two network cards needs one only.",
        Contact.LAN,
        "What is sent to that address reaches one or the other by chance.",
        say="Two devices seem to have the address {address}: {holders}. Please find both, and give one another "
        "address.",
    ),
    "switch.duplicate_own": Code(
        Severity.FAIL,
        "Another device has this computer's address {address}: {holders}.",
        "Find that device, and give it another address (best: automatic).",
        Contact.LAN,
        "What is meant for this computer reaches the other one by chance. If this is the EMR server, it seems down.",
        say="Another device has the address {address} of this computer: {holders}. Please find it, and give it "
        "another address.",
        when=Urgency.TODAY,
    ),
    **LOAD_CODES,
    "switch.silent": Code(
        Severity.UNKNOWN,
        "{address} on the office network did not answer, so the switch could not be judged by it.",
        "Switch that computer on, or name another one with emrnetcheck setup ([lan] peers).",
        Contact.IT_HELPER,
        "A computer that is off or has a firewall does not answer. That is no fault of the switch.",
    ),
    "switch.no_peer": Code(
        Severity.NOTICE,
        "No other computer on the office network is known, so the switch was not measured.",
        'Name one with emrnetcheck setup. In the settings file it is: [lan] peers = ["192.168.1.20"].',
        Contact.IT_HELPER,
        "The switch can only be judged by talking through it.",
    ),
    "switch.unmeasured": Code(
        Severity.UNKNOWN,
        "The office network could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
