"""What is said of the router."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Segment, Severity, Urgency

_CABLE = "Try another network cable and another port of the router."
_WIFI = (
    "Move this computer nearer to the Wi-Fi's box, or use its 5 GHz network. Best is a network cable; then run the "
    "check again."
)

CODES = {
    "router.ok": Code(
        Severity.OK,
        "The router ({who}) answers in {p50_ms:.1f} ms; {lost} of {sent} probes were lost "
        "(up to {loss_most:.1f} % possible).",
    ),
    "router.slow": Code(
        Severity.WARN,
        "The router ({who}) is slow to answer: {p95_ms:.1f} ms (usual: under {limit_ms:g} ms).",
        "Restart the router. If it stays slow, ask who set it up to look at its load and its cable.",
        Contact.ROUTER,
        "Everything that goes to the Internet passes through the router. Some routers answer probes slowly and still "
        "forward well, so this alone is a warning.",
        say="The router ({who}) takes {p95_ms:.1f} ms to answer; under {limit_ms:g} ms is usual. Please look at its "
        "load, its cable and its software.",
    ),
    "router.slow_icmp": Code(
        Severity.NOTICE,
        "The router ({who}) answers probes badly ({p95_ms:.1f} ms, {lost} of {sent} lost), but the way through it is "
        "well.",
        "Nothing needs to be done.",
        Contact.ROUTER,
        "Many routers answer probes last, or only so many a second. Connections to it, or what is behind it, answered "
        "better, so the way is fine.",
    ),
    "router.loss": Code(
        Severity.WARN,
        "{lost} of {sent} probes to the router ({who}) were lost.",
        _CABLE,
        Contact.LAN,
        "On an office network nothing should be lost. Each loss makes the EMR pause.",
        say="Of {sent} probes from this computer to the router ({who}), {lost} were lost. Please try another "
        "cable and another port of the router.",
    ),
    "router.heavy_loss": Code(
        Severity.FAIL,
        "{lost} of {sent} probes to the router ({who}) were lost: the way to it is faulty.",
        _CABLE,
        Contact.LAN,
        "On an office network nothing should be lost. With this much lost the EMR is unusable.",
        say="Of {sent} probes from this computer to the router ({who}), {lost} were lost. Please try another "
        "cable and another port of the router.",
    ),
    "router.loss_unclear": Code(
        Severity.UNKNOWN,
        "{lost} of {sent} probes to the router ({who}) were lost, and nothing else tells whether its cable is faulty "
        "or it answers only so many.",
        "Try another network cable to the router. Name another computer in the settings ([lan] peers), and run the "
        "check again.",
        Contact.LAN,
        "Some routers limit how many probes they answer, and forward everything. Others answered well, or nobody else "
        "could be asked.",
    ),
    "router.jitter": Code(
        Severity.WARN,
        "The router's answer times change by {jitter_ms:.1f} ms from one to the next (usual: under {limit_ms:g} ms).",
        "Look for somebody using the line or the Wi-Fi heavily, and run the check again in a quiet hour.",
        Contact.LAN,
        "Uneven answer times are felt as stutter.",
        say="The router's answer times change by {jitter_ms:.1f} ms from one to the next; under {limit_ms:g} ms "
        "is usual. Who or what keeps the line or the Wi-Fi busy?",
    ),
    "router.wifi": Code(
        Severity.WARN,
        "This computer's Wi-Fi is slow or unsteady: the router ({who}) answers in {p95_ms:.0f} ms, {lost} of {sent} "
        "probes were lost.",
        _WIFI,
        Contact.LAN,
        "Everything that this computer does passes through its Wi-Fi first.",
        Segment.COMPUTER,
        say="Over Wi-Fi the router ({who}) answers in {p95_ms:.0f} ms, and {lost} of {sent} probes were lost. "
        "Please bring a cable to this computer, or better Wi-Fi.",
    ),
    "router.wifi_bad": Code(
        Severity.FAIL,
        "This computer's Wi-Fi loses too much: {lost} of {sent} probes to the router ({who}).",
        _WIFI,
        Contact.LAN,
        "With this much lost nothing works well, whatever the line and the EMR do.",
        Segment.COMPUTER,
        say="Over Wi-Fi {lost} of {sent} probes to the router ({who}) were lost. Please bring a cable to this "
        "computer, or better Wi-Fi.",
    ),
    "router.as_all": Code(
        Severity.NOTICE,
        "The router ({who}) answers as badly as every other computer of the office: see the office network.",
        "See what is said of the office network.",
        Contact.LAN,
        "What all have in common is the way to them, not the router.",
    ),
    "router.slow_under_load": Code(
        Severity.NOTICE,
        "While the line is busy the router ({who}) itself answers {increase_ms:.0f} ms later; other computers do not.",
        "If the EMR is slow during big transfers, ask for a faster router, or for smart queues (SQM, QoS) on this one.",
        Contact.ROUTER,
        "The office network is not the limit then: the router, or the queue before the line, is.",
    ),
    "router.two_gateways": Code(
        Severity.NOTICE,
        "This computer has two ways out, by {gateways}: which one is used can change at any time.",
        "If the EMR cannot be reached at times, keep one: remove a second network card, or a router typed in by hand.",
        Contact.IT_HELPER,
        "Answers may leave by another router than the questions came in by, and are lost then.",
    ),
    "router.duplicate": Code(
        Severity.FAIL,
        "Two devices have the router's address {address}: {holders}.",
        "Find the device that is not the router, and give it another address (best: automatic).",
        Contact.LAN,
        "Whatever goes to the Internet is sent to one or the other by chance, and is lost at the wrong one.",
        Segment.LAN,
        say="Two devices have the router's address {address}: {holders}. Please find the one that is not the "
        "router, and give it another address.",
        when=Urgency.TODAY,
    ),
    "router.duplicate_maybe": Code(
        Severity.WARN,
        "Two devices seem to have the router's address {address}: {holders}. Nothing shows that it does harm.",
        "If both belong to the router, nothing needs to be done. Else give the other one another address (best: "
        "automatic).",
        Contact.LAN,
        "A router with two network cards looks the same. If it is another device, the Internet fails at times.",
        Segment.LAN,
        say="Two devices seem to have the router's address {address}: {holders}. Do both belong to the router?",
    ),
    "router.unreachable": Code(
        Severity.FAIL,
        "The router ({who}) does not answer at all.",
        "Check that the router is on and that the cable between it and this computer is plugged in at both ends.",
        Contact.LAN,
        "Without the router nobody outside reaches the EMR.",
        say="The router ({who}) does not answer this computer at all. Please see that it is on, and look at the "
        "cable in between.",
        when=Urgency.TODAY,
    ),
    "router.none": Code(
        Severity.FAIL,
        "This computer knows no router: there is no way out of the office network.",
        "Check the cable to the router and that this computer gets its network settings automatically.",
        Contact.LAN,
        "Without a router nobody outside reaches the EMR.",
        say="This computer knows no router. Please look at the cable, and let it get its network settings "
        "automatically.",
        when=Urgency.TODAY,
    ),
    "router.silent": Code(
        Severity.UNKNOWN,
        "The router ({who}) does not answer probes, though it forwards: its answer time could not be measured.",
        "This may be a setting of the router. Nothing needs to be done if the rest of the report is fine.",
        Contact.ROUTER,
        "Some routers are set not to answer.",
        say="The router ({who}) does not answer pings. Please let it answer them inside the office, so that it can be "
        "measured.",
    ),
    "router.unmeasured": Code(
        Severity.UNKNOWN,
        "The router's answer time could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
