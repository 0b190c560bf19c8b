"""What is done about the office's address on the Internet?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import ASUS, FRITZ, MIKROTIK, NETGEAR, OPENWRT, PROVIDER, TP_LINK, Recipe

RECIPES = (
    Recipe(
        "public_address",
        "Ask the provider for a public address",
        (
            "Call your internet provider, or write to them.",
            'Say: "I run a server at my office. I need a public IPv4 address of my own, if possible a static one."',
            'Say: "Today my line shares its address (carrier-grade NAT, or DS-Lite), so nobody can reach us."',
            "Ask what it costs each month, and whether it needs a business line.",
            "After the change restart the modem and the router, and run the check again.",
            "If they cannot do it, use a VPN or a tunnel service that the server itself calls out to.",
        ),
        "The Internet (WAN) address on the router's status page is the one that the check names as public.",
    ),
    Recipe(
        "read_wan_address",
        "Compare the router's address with the one that the Internet sees",
        (
            "Open the router's page and look for its status: Internet, WAN or Online.",
            "Note the IPv4 address that it shows there.",
            "Compare it with the public address that the check names.",
            "The same: nothing is in front of your router.",
            "100.64 to 100.127 in front: the provider shares addresses. Ask for a public one.",
            "10., 172.16 to 172.31, or 192.168. in front: another router is before yours. Use its bridge mode.",
            "You can give the address in the settings: [internet] wan_address.",
        ),
        "You know whether another router or the provider stands between.",
    ),
    Recipe(
        "bridge_mode",
        "Leave only one router: set the provider's box to bridge mode",
        (
            "Find out which box is the provider's and which one is your router.",
            "Open the page of the provider's box, or call the provider, and ask for bridge mode (modem only).",
            "Your router then needs the log-in of the line, if there is one (PPPoE): have it ready before.",
            "Restart the box first, then your router.",
            "If there is no bridge mode, forward the EMR's port on the box to your router, and there to the server.",
            "Or take your own router out, and do everything on the provider's box.",
        ),
        "The router's Internet (WAN) address is the public one that the check names.",
        {PROVIDER: "look for Bridge Mode, Modem Mode, IP Passthrough or DMZ host; often only the provider can set it"},
    ),
    Recipe(
        "one_line",
        "Tie the EMR server to one line",
        (
            "See whether the office has two lines, or a router with a mobile spare line.",
            "In the router's rules for several lines, let the EMR server always use the same one.",
            "Let the EMR's name lead to the address of that line.",
            "With one line only, ask the provider for one fixed public address.",
        ),
        "The check names one public address, also when it is repeated.",
    ),
    Recipe(
        "no_internet",
        "Bring the Internet connection back",
        (
            "Look at the modem: is the light for the line or the Internet on?",
            "Turn modem and router off. After a minute turn the modem on, and when its lights are steady, the router.",
            "Check the cable between modem and router, and between modem and wall.",
            "Open the router's page: does it say that it is connected?",
            "If not, call your internet provider.",
        ),
        "A page on the Internet opens.",
    ),
    Recipe(
        "mtu",
        "Set a packet size that the line carries",
        (
            "Note the packet size that the check found to pass.",
            "In the router's settings for the Internet connection, set the MTU to that size.",
            "If there is MSS clamping, turn it on: then the computers of the office need no setting.",
            "Save, restart the router, and open a page that hung before.",
        ),
        "Run the check again: large packets are lost no longer.",
        {
            TP_LINK: "Advanced > Network > Internet: MTU Size",
            ASUS: "WAN > Internet Connection: MTU",
            NETGEAR: "Advanced > Setup > WAN Setup: MTU Size",
            MIKROTIK: "IP > Firewall > Mangle: action change-mss, clamp-to-pmtu",
            OPENWRT: "Network > Interfaces > wan > Advanced Settings; Network > Firewall: MSS clamping of the zone wan",
            FRITZ: "has no such setting: ask the provider",
        },
    ),
)
