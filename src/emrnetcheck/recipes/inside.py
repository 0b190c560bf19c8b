"""What is done inside the office: computers, cables, switch, Wi-Fi, router?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import Recipe

RECIPES = (
    Recipe(
        "cable",
        "Try another cable, another port, and automatic settings",
        (
            "Push both plugs of the cable in until they click.",
            "Take another cable, best a new one (Cat 5e or better), and measure again.",
            "Plug it into another port of the switch or the router, and measure again.",
            "Set the network card to automatic speed and duplex, and the switch's port too, if it can be set.",
            "If it stays, try another computer at the same cable: then you know whether cable or computer is to blame.",
        ),
        "emrnetcheck run --only link,router,switch says nothing of it any more.",
    ),
    Recipe(
        "wifi_to_cable",
        "Use a cable instead of Wi-Fi",
        (
            "Connect the computer to the switch or the router with a network cable. For the EMR server that is a must.",
            "Turn its Wi-Fi off, so that it does not use both.",
            "Where no cable can go: move the access point closer, or add one that has a cable itself.",
            "Use the 5 GHz network where it is strong enough, and a free channel.",
        ),
        "The check says that this computer is connected by cable.",
    ),
    Recipe(
        "plug_in",
        "Bring this computer back into the office's network",
        (
            "See that the router and the switch are on.",
            "Plug the cable in at both ends: a light at the plug should come on. Or join the office's Wi-Fi.",
            "Set the network card to get its address automatically (DHCP).",
            "Restart this computer; if nothing changes, restart the router.",
        ),
        "Other computers of the office and a page on the Internet can be opened.",
    ),
    Recipe(
        "duplicate_address",
        "Find two devices with one address, and part them",
        (
            "Note both hardware addresses that the report names. Their first half tells the maker.",
            "Look for them in the router's list of devices, on labels, or by unplugging one device after the other.",
            "Give one of them another address: best, set it to automatic.",
            "Restart it, and reserve addresses in the router for what needs a fixed one.",
            "If both belong to one device with two network cards, turn one of them off.",
        ),
        "The check names no address that two devices have.",
    ),
    Recipe(
        "loop",
        "Find a cable that leads back into the same switch",
        (
            "Look at the switch: do all its lights flicker at the same time?",
            "Look for a cable with both ends in the same switch, or two cables between two switches. Pull one.",
            "If you find none, pull one cable after the other until it stops: the last one was it.",
            "Follow that cable: at its end is a loop, or a device that floods the network.",
            "Restart the switch.",
        ),
        "emrnetcheck run --only switch says nothing of it any more.",
    ),
    Recipe(
        "restart_router",
        "Restart the router, and look at its load",
        (
            "Turn the router off, wait a minute, and turn it on again.",
            "Measure again after five minutes.",
            "Install its updates, if there are any.",
            "If it is slow again after some days, it is too weak or broken: replace it.",
        ),
        "emrnetcheck run --only router says nothing of it any more.",
    ),
    Recipe(
        "two_routers",
        "Leave only one device that hands out the Internet",
        (
            "Look for a second router or Wi-Fi box in the office.",
            "Set it to access point mode, or turn off its DHCP server.",
            "Restart the computers, so that they take the right router.",
        ),
        "The check names one router.",
    ),
    Recipe(
        "vpn_off",
        "Turn off VPN and proxy on this computer, and measure again",
        (
            "Turn off the VPN program in the corner of the screen or in the network settings.",
            "Turn off a web proxy in the system's network settings, if one is set.",
            "Run the check again. Then turn on again what you need for work.",
        ),
        "The check says nothing of a VPN or a proxy.",
    ),
    Recipe(
        "office_load",
        "Keep big copies out of clinic hours",
        (
            "Find what copies much over the office network: backups, image archives, updates.",
            "Let it run at night.",
            "Replace an old hub or a 100 Mbit switch by one with gigabit ports.",
            "Connect the EMR server and what sends much to the same switch, each with a cable of its own.",
        ),
        "Answers in the office stay quick while a large file is copied.",
    ),
)
