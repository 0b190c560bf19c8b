"""What is done about the Internet line and the way beyond it?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import ASUS, FRITZ, MIKROTIK, NETGEAR, OPENWRT, TP_LINK, UNIFI, Recipe

RECIPES = (
    Recipe(
        "more_upload",
        "Order a line with more upload",
        (
            "Look at the bill or the contract: which upload was sold? It is the smaller of the two numbers.",
            "If clearly less is measured, complain first: emrnetcheck report --for isp writes the letter.",
            "If not, ask the provider for a line with more upload. Name the number that the check names.",
            "Ask other providers too: fibre has the same speed both ways, cable and DSL do not.",
            "Until then, let big uploads (backups, cloud copies, cameras) run at night.",
        ),
        "Run the check again with --thorough, with nobody using the line.",
    ),
    Recipe(
        "quiet_line",
        "Measure while nobody uses the line",
        (
            "Ask everybody to stop video calls, uploads and cloud copies for two minutes.",
            "Close cloud programs on this computer (OneDrive, iCloud, Dropbox, backups).",
            "Run the check again, by cable.",
            "If somebody always uses the line, find out who: many routers show the use of each device.",
        ),
        "The check says nothing of other traffic any more.",
    ),
    Recipe(
        "smart_queues",
        "Let big transfers wait instead of people: smart queues",
        (
            "Open the router's page and look for SQM, Smart Queues, or QoS with a limit for the whole line.",
            "Set the upload to about 90 % of what the check measured, and the download likewise.",
            "Choose cake or fq_codel if there is a choice. Save.",
            "If the router has nothing of the kind, another router is needed: more speed alone does not help.",
        ),
        "Run the check again: the answer time under load grows by less than 200 ms.",
        {
            OPENWRT: "Network > SQM QoS (package luci-app-sqm)",
            UNIFI: "Settings > Internet > the line > Smart Queues",
            ASUS: "QoS (Adaptive QoS), with the bandwidth set by hand",
            NETGEAR: "Advanced > Setup > QoS Setup, with the bandwidth set by hand",
            TP_LINK: "Advanced > QoS: total bandwidth",
            MIKROTIK: "Queues: a queue of the kind cake or fq-codel for the line (RouterOS 7)",
            FRITZ: "does much by itself; Internet > Filters > Prioritization",
        },
    ),
    Recipe(
        "tell_provider",
        "Report a bad line to the provider, with figures",
        (
            "Restart modem and router, and check their cables. Measure again, by cable.",
            "Measure at three different hours, one of them early in the morning.",
            "Write the evidence: emrnetcheck report --for isp. It holds days, times, methods and figures.",
            "Call the provider. Name the loss or the delay, and the two addresses between which it begins.",
            "Ask for a ticket number, and for a technician if it stays.",
        ),
        "The same check, at the same hours, is clean for a week.",
    ),
    Recipe(
        "another_hour",
        "See whether it is an overload that passes",
        (
            "Measure again in an hour, and once in the evening.",
            "If it is bad at busy hours only, the provider's network is overloaded.",
            "If it is bad at all hours, something is broken.",
            "Tell the provider which of the two it is, with the addresses from the report.",
        ),
        "You know at which hours it is bad.",
    ),
)
