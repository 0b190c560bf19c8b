"""In which words is it said why nobody outside was asked, or was not believed, and how to get it?"""

from __future__ import annotations

from emrnetcheck.evidence.exposure import HeldBack
from emrnetcheck.evidence.through import Doubt

HELD_BACK = {
    HeldBack.OFFLINE: ("the run stays inside the office", "Run it without --offline"),
    HeldBack.NO_CONSENT: (
        "nobody outside was asked, because consent was not given",
        "Let a service outside try them, which then learns the office's address: emrnetcheck setup asks for consent",
    ),
    HeldBack.NO_SERVICE: (
        "no service outside is named in the settings",
        "Name a service outside that may try them: [outside] services and consent in the settings",
    ),
    HeldBack.OFFICE_ONLY: (
        "the office's Internet address is not looked up where the EMR is for the office alone",
        'Run it once with [emr] access = "vpn" in the settings',
    ),
    HeldBack.QUICK: (
        "Globalping takes half a minute for it, which is left out of a quick run",
        "Run it without --quick, or name a quicker service: [outside] services",
    ),
    HeldBack.NO_ADDRESS: (
        "the office's own address on the Internet is not certain, and no other is tried",
        "Run the check again when two services tell the address: [internet] address_services",
    ),
    HeldBack.VPN: (
        "this computer is on a VPN, and the VPN's address is not the office's",
        "Turn off the VPN on this computer and run the check again",
    ),
    HeldBack.NOT_ONE_ADDRESS: (
        "different services see different addresses, so none is certainly the office's",
        "Turn off a VPN or a proxy on this computer and run the check again",
    ),
    HeldBack.SHARED: (
        "the office shares its Internet address with others, and the provider's equipment would be tried",
        "Nothing of it can lead here while that is so",
    ),
    HeldBack.BEHIND_ANOTHER: (
        "nothing shows that the Internet address leads to this office's router",
        "Give the address on the router's status page: [internet] wan_address",
    ),
}
"""Why, and how to get it; without the final dots."""

_ANOTHER = "Name another service, [outside] services, and run the check again"

DOUBTS = {
    Doubt.ANOTHER_GOT_THROUGH: (
        "{service} says that all are shut, but it did not get through to the EMR either, and another service did",
        _ANOTHER,
    ),
    Doubt.LET_IN: (
        "{service} says that all are shut, but it did not get through to the EMR either, which let somebody in",
        _ANOTHER,
    ),
    Doubt.FORWARDED: (
        "{service} says that all are shut, but it did not get through to the EMR either, which the router forwards",
        _ANOTHER,
    ),
}
"""The same, where a service finds even the EMR's port shut."""
