"""What can be said of this computer's own connection?"""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity, Urgency

_CABLE = "Try another network cable, then another port of the switch. Set both ends to automatic."
_DUPLEX = "Set the port of the switch and of this computer to automatic, and try another cable."

CODES = {
    "link.ok": Code(Severity.OK, "This computer is connected {how}."),
    "link.wifi": Code(
        Severity.NOTICE,
        "This computer is on Wi-Fi ({interface}), so what was measured here includes the Wi-Fi.",
        "For a verdict that you rely on, connect this computer with a cable and run the check again.",
        Contact.LAN,
        "Wi-Fi is slower and less steady than a cable. A weak signal looks like a slow line.",
    ),
    "link.server_on_wifi": Code(
        Severity.FAIL,
        "The EMR server (this computer) is on Wi-Fi ({interface}).",
        "Connect the EMR server to the switch or the router with a network cable.",
        Contact.LAN,
        "Everybody who uses the EMR depends on this one connection. Wi-Fi drops out and slows down.",
        say="The EMR server is on Wi-Fi. Please connect it to the switch or the router with a network cable.",
    ),
    "link.weak_signal": Code(
        Severity.NOTICE,
        "The Wi-Fi signal here is on the weak side ({signal}).",
        "Move this computer or the Wi-Fi access point closer, or use a cable.",
        Contact.LAN,
        "The weaker the signal, the slower and the less steady is the Wi-Fi.",
    ),
    "link.poor_signal": Code(
        Severity.WARN,
        "The Wi-Fi signal here is too weak to work with ({signal}).",
        "Move this computer or the Wi-Fi access point closer, add an access point, or use a cable.",
        Contact.LAN,
        "With so weak a signal pages come late or not at all, however fast the Internet line is.",
        say="The Wi-Fi signal at this computer is too weak: {signal}. Please bring the access point closer, or a "
        "cable.",
    ),
    "link.half_duplex": Code(
        Severity.FAIL,
        "The network cable connection ({interface}) runs in half duplex: it cannot send and receive at once.",
        _DUPLEX,
        Contact.LAN,
        "A half-duplex link works while idle and collapses under load.",
        say="The cable connection of this computer ({interface}) runs in half duplex. Please set its port of the "
        "switch to automatic, and try another cable.",
    ),
    "link.slow_speed": Code(
        Severity.FAIL,
        "The network cable connection ({interface}) runs at only {speed_mbps} Mbps.",
        "Try another cable and another port of the switch. It should say 100 or 1000 Mbps.",
        Contact.LAN,
        "10 Mbps points to a bad cable or a very old hub.",
        say="The cable connection of this computer ({interface}) runs at only {speed_mbps} Mbps. Please try "
        "another cable and another port of the switch.",
    ),
    "link.errors": Code(
        Severity.WARN,
        "The network card ({interface}) counted {errors} damaged frames in the {seconds} s of this check.",
        _CABLE,
        Contact.LAN,
        "On a sound cable there are none. What was damaged has to be sent again, which makes everything slow.",
        say="The network card ({interface}) of this computer counted {errors} damaged frames in {seconds} s. "
        "Please try another cable and another port of the switch.",
    ),
    "link.many_errors": Code(
        Severity.FAIL,
        "The network card ({interface}) counted {errors} damaged frames in only {seconds} s.",
        _CABLE,
        Contact.LAN,
        "A bad cable, or two ends that disagree on duplex. It gets worse the more the EMR is used.",
        say="The network card ({interface}) of this computer counted {errors} damaged frames in {seconds} s. "
        "Please try another cable and another port of the switch.",
    ),
    "link.late_collisions": Code(
        Severity.FAIL,
        "The network card ({interface}) and the switch talk at once: {collisions} late collisions in {seconds} s.",
        _DUPLEX,
        Contact.LAN,
        "One end sends and receives at once (full duplex), the other cannot (half duplex). Under load it collapses.",
        say="The network card ({interface}) of this computer counted {collisions} late collisions in {seconds} s. "
        "Please set the port of the switch to automatic, and try another cable.",
    ),
    "link.unsteady": Code(
        Severity.WARN,
        "The network connection ({interface}) was lost {times} during this check.",
        "Push the network plugs in until they click, then try another cable and another port of the switch.",
        Contact.LAN,
        "A loose plug or a broken cable cuts everybody off who uses the EMR, for seconds at a time.",
        say="The network connection ({interface}) of this computer was lost {times} during one check. Please try "
        "another cable and another port of the switch.",
    ),
    "link.wifi_unsteady": Code(
        Severity.WARN,
        "The Wi-Fi connection ({interface}) was lost {times} during this check.",
        "Move this computer or the Wi-Fi access point closer, or use a cable.",
        Contact.LAN,
        "Each time the EMR stands still for seconds: Wi-Fi that is too weak, disturbed, or shared by too many.",
        say="The Wi-Fi connection ({interface}) of this computer was lost {times} during one check. Please bring "
        "the access point closer, or a cable.",
    ),
    "link.lost": Code(
        Severity.WARN,
        "This computer lost its network connection ({before}) during the check, and had none at the end.",
        "See that the cable or the Wi-Fi holds and that the router is on, then run the check again.",
        Contact.LAN,
        "What was measured after that says nothing about the line or the EMR.",
        say="This computer lost its network connection ({before}) during a check. Please look at its cable or "
        "Wi-Fi, and at the router.",
    ),
    "link.changed": Code(
        Severity.WARN,
        "This computer changed its way out during the check, from {before} to {after}.",
        "Run the check again, and leave cable, Wi-Fi and VPN as they are meanwhile.",
        Contact.IT_HELPER,
        "What was measured before and after does not belong together.",
        say="This computer changed its way out during a check, from {before} to {after}. Why does it do that?",
    ),
    "link.metered": Code(
        Severity.NOTICE,
        "This connection ({interface}) counts as metered: what goes over it may cost money. {used}.",
        "Run the check at the office's own line, or with --quick.",
        Contact.IT_HELPER,
        "A telephone's hotspot is no line to host an EMR with.",
    ),
    "link.vpn": Code(
        Severity.UNKNOWN,
        "A VPN is on: the way to the Internet leaves through {interface}, not through the office's line.",
        "Turn the VPN on this computer off and run the check again.",
        Contact.IT_HELPER,
        "Through a VPN the address, the speed and the name answers are the VPN's, not the clinic's.",
    ),
    "link.none": Code(
        Severity.FAIL,
        "This computer has no network connection.",
        "Plug in the network cable or join the office's network, and run the check again.",
        Contact.LAN,
        "Without a connection nothing else can be measured.",
        say="This computer has no network connection. Please look at its cable, at the switch and at the router.",
        when=Urgency.TODAY,
    ),
    "link.no_ipv4": Code(
        Severity.UNKNOWN,
        "This computer reaches the Internet by IPv6 only, so its own connection could not be looked at.",
        "If this network should give IPv4 addresses as well, restart its router.",
        Contact.LAN,
        "Some networks have IPv6 only, and that is no fault.",
        say="This computer gets no IPv4 address here, only one of IPv6. Please look at the router's settings.",
    ),
    "link.unmeasured": Code(
        Severity.UNKNOWN,
        "This computer's own connection could not be looked at: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
