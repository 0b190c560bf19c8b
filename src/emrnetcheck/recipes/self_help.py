"""What is done where the check itself lacks something?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import Recipe

RECIPES = (
    Recipe(
        "measure_again",
        "Measure again, and get help if it stays",
        (
            "Run the check again in ten minutes, by cable, with nothing else going on.",
            "Read what it says of the reason, behind the sentence.",
            "emrnetcheck privileges tells what can be measured by whom on this computer.",
            "If it stays, send a redacted report to your IT helper: emrnetcheck report latest --share.",
        ),
        "The question is answered, one way or the other.",
    ),
    Recipe(
        "settings",
        "Tell the check what it cannot find out by itself",
        (
            "Run emrnetcheck setup: it asks for the few facts, and tests each answer.",
            'Or write them into the settings file: [emr] hostname = "emr.example.org".',
            'On another computer than the server also [emr] lan_address = "192.168.1.10", the server\'s address.',
            "Run the check again.",
        ),
        "The check no longer says that something is not set.",
    ),
    Recipe(
        "clock",
        "Set the clock",
        (
            "Set date, time and time zone of this computer, best to automatic (network time).",
            "Do the same on the EMR server.",
            "Run the check again.",
        ),
        "emrnetcheck run --only tls says nothing of the clock.",
    ),
    Recipe(
        "compare_both_ends",
        "Measure at both ends at the same time",
        (
            "Here: emrnetcheck client with the EMR's address, and --format json --output here.json.",
            "At the clinic, at the same time: emrnetcheck run --format json --output clinic.json.",
            "Bring both files to one place: emrnetcheck compare clinic.json here.json.",
        ),
        "The comparison names the part that is slow.",
    ),
    Recipe(
        "other_outside",
        "Ask somebody else outside",
        (
            "Try again in an hour: the service may be busy.",
            "Run emrnetcheck responder at a second site, and name it in [outside] services.",
            "Or test by hand: a telephone with Wi-Fi off.",
        ),
        "Somebody outside has answered.",
    ),
)
