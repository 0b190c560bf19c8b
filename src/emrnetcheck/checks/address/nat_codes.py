"""What each finding about what stands between the router and the Internet means, and what to do about it."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity, Urgency

_ASK_FOR_PUBLIC = (
    "Ask your internet provider for a public address of your own. If they have none, a VPN or a tunnel service is the "
    "way."
)

CODES = {
    "address.cgnat": Code(
        Severity.FAIL,
        "The line has no public address of its own: the provider shares one among customers (carrier-grade NAT, "
        "seen as {seen}).",
        _ASK_FOR_PUBLIC,
        Contact.ISP,
        "Behind carrier-grade NAT no setting of your router can let anybody in from outside.",
        say="I need a public IPv4 address of my own, if possible a static one. Today my line is behind carrier-grade "
        "NAT, seen as {seen}.",
        when=Urgency.TODAY,
    ),
    "address.cgnat_suspected": Code(
        Severity.WARN,
        "The line may have no public address of its own: the next router outside is {seen}.",
        "Read the Internet (WAN) address on your router's status page. If it begins with 100.64 to 100.127, call your "
        "provider and ask for a public address. You can give it in the settings: [internet] wan_address.",
        Contact.ISP,
        "Behind carrier-grade NAT no setting of your router can let anybody in from outside.",
        say="Does my line have a public IPv4 address of its own? The first router outside is {seen}, which looks like "
        "carrier-grade NAT.",
    ),
    "address.cgnat_or_forward": Code(
        Severity.FAIL,
        "Nobody outside gets in. Either the provider shares one address among customers (the next router is {seen}), "
        "or the router does not forward the port.",
        "First read the Internet (WAN) address on your router's status page. If it begins with 100.64 to 100.127, call "
        "your provider and ask for a public address. If not, forward the EMR's port on the router.",
        Contact.ROUTER,
        "If the address is shared, no setting of your router can let anybody in.",
        say="Which Internet (WAN) address does the router show? If it begins with 100.64 to 100.127, the provider "
        "shares it. If not, please forward the EMR's port.",
        when=Urgency.TODAY,
    ),
    "address.no_public_wan": Code(
        Severity.FAIL,
        "Your router says that it has no public address ({by}): most likely another NAT is in front of it.",
        "Read the Internet (WAN) address on your router's status page and give it as [internet] wan_address. Then ask "
        "your provider whether the line has a public IPv4 address of its own.",
        Contact.ISP,
        "Without a public address no setting of your router can let anybody in from outside.",
        say="My router says that it has no public address. Does my line have a public IPv4 address of its own? If "
        "not, I need one.",
        when=Urgency.TODAY,
    ),
    "address.wan_untold": Code(
        Severity.WARN,
        "Your router says that it has no public address ({by}), but the next router outside, {next}, has one.",
        "Read the Internet (WAN) address on your router's status page. If it is the one that the Internet sees, "
        "{address}, nothing is in front of your router. If not, ask your provider for a public address.",
        Contact.ROUTER,
        "Without a public address no setting of your router can let anybody in from outside.",
        say="Which Internet (WAN) address does the router show on its status page? The Internet sees us at {address}.",
    ),
    "address.double_nat": Code(
        Severity.FAIL,
        "Another router is in front of yours{box}: your router's outside address is {seen}, a private one.",
        "Set the provider's modem to bridge mode, or forward the EMR's port on it to your router. If there is only "
        "one box in the office, ask the provider for a public address.",
        Contact.ROUTER,
        "A connection from outside stops at the first of the two routers.",
        say="Another router is in front of ours{box}. Ours has the private address {seen}. Please set the other one "
        "to bridge mode, or forward the EMR's port on it.",
        when=Urgency.TODAY,
    ),
    "address.private_wan": Code(
        Severity.FAIL,
        "Your router's outside address is {seen}, a private one. Either a second router is in front of it, or the "
        "provider shares one address among customers.",
        "Look for a second box between your router and the line. If there is one, set it to bridge mode, or forward "
        "the EMR's port on it to your router. If there is none, ask the provider for a public address.",
        Contact.ROUTER,
        "A connection from outside stops before it reaches your router.",
        say="Our router has the private address {seen} on its outside. Is a second router in front of it? Please set "
        "that one to bridge mode.",
        when=Urgency.TODAY,
    ),
    "address.isp_private": Code(
        Severity.FAIL,
        "The provider gives your router a private address, {seen}: it shares a public one among customers.",
        _ASK_FOR_PUBLIC,
        Contact.ISP,
        "Behind the provider's own NAT no setting of your router can let anybody in from outside.",
        say="You give my router the private address {seen}. I need a public IPv4 address of my own, if possible a "
        "static one.",
        when=Urgency.TODAY,
    ),
    "address.double_nat_suspected": Code(
        Severity.WARN,
        "A second router may be in front of yours: {box} is the next one outside, and it answers in the office.",
        "Is there a modem with a router of its own? Set it to bridge mode, or forward the EMR's port on it to your "
        "router.",
        Contact.ROUTER,
        "A connection from outside stops at the first of two routers.",
        say="Is {box} a second router in front of ours? Please set it to bridge mode, or forward the EMR's port on it.",
    ),
    "address.second_box": Code(
        Severity.NOTICE,
        "The next router outside, {box}, answers in the office: it may be a second router, or your router behind a "
        "switch.",
        "If it is a modem with a router of its own, set it to bridge mode, or forward the EMR's port on it. If this "
        "computer's gateway is a switch, nothing is to be done.",
        Contact.ROUTER,
        "A connection from outside stops at the first of two routers.",
    ),
    "address.router_contradicts": Code(
        Severity.WARN,
        "Your router names different outside addresses for itself: {addresses}.",
        "Read the Internet (WAN) address on your router's status page and give it as [internet] wan_address.",
        Contact.ROUTER,
        "As long as it contradicts itself, a second NAT cannot be ruled out.",
        say="The router names different outside addresses for itself: {addresses}. Which one is right?",
    ),
    "address.wan_differs": Code(
        Severity.WARN,
        "The router says that its address is {wan}, but the Internet sees {address}.",
        "Compare with the router's status page. The test from outside decides whether it matters.",
        Contact.ROUTER,
        "If the two differ, somebody in between translates addresses.",
        say="The router shows the address {wan}, but the Internet sees us at {address}. Which one is right, and what "
        "is in between?",
    ),
    "address.typed_wan_differs": Code(
        Severity.WARN,
        "The settings say that the router's address is {wan}, but the Internet sees {address}.",
        "Compare with the router's status page. If your address changes from time to time, take [internet] wan_address "
        "out of the settings again.",
        Contact.IT_HELPER,
        "If the router's own address is another one, somebody in between translates addresses.",
        say="Our settings say that the router's address is {wan}, but the Internet sees {address}. Please compare "
        "with the router's status page.",
    ),
    "address.unknown_wan": Code(
        Severity.NOTICE,
        "Your router does not tell its own Internet address, so a second NAT could not be ruled out.",
        "Read the Internet (WAN) address on the router's status page. If it never changes, give it as "
        "[internet] wan_address. If it does, compare it with the address in this report by eye.",
        Contact.IT_HELPER,
        "If it differs from the address that the Internet sees, nobody outside can get in.",
    ),
    "address.no_nat": Code(
        Severity.NOTICE,
        "This computer is directly on the Internet ({address}), without a router in between.",
        "Make sure that its firewall is on.",
        Contact.IT_HELPER,
        "Everything that listens on this computer can be tried from everywhere.",
    ),
}
