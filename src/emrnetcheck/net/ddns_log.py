"""What did the provider answer a DDNS client last, by the client's lines in a log? Text in."""

from __future__ import annotations

import re

from emrnetcheck.net.ddns_files import NAMES_MAX, host_name, lines_of

# What a dyndns2 server answers: help.dyn.com "return codes"; inadyn and ddclient write them down as they are.
RETURN_WORDS = (
    "good",
    "nochg",
    "badauth",
    "nohost",
    "notfqdn",
    "numhost",
    "!yours",
    "abuse",
    "badagent",
    "!donator",
    "dnserr",
    "911",
)

_DDCLIENT_SAID = re.compile(
    r"updating (\S+): (?:unexpected status \(([!\w]+)|([!\w]+):|wait )|updating (\S+): Could not connect"
)
_INADYN_ALIAS = re.compile(r"for alias (\S+?),|Updating cache for (\S+)|alias table update for (\S+)")
_INADYN_SAID = re.compile(r"\[\d{3}[^\]]{0,80}\]\s*([!\w]+)")


def results_in_log(text: str) -> dict[str, str]:
    """The last return code that ddclient or inadyn wrote into a log for each name; names in lower case."""
    found: dict[str, str] = {}
    alias = ""
    for line in lines_of(text):
        said = _DDCLIENT_SAID.search(line)
        if said is not None:
            _note(found, said[1] or "", (said[2] or said[3] or "").lower())
            continue
        named = _INADYN_ALIAS.search(line)
        if named is not None:
            alias = named[1] or named[2] or named[3]
            if named[1] is None:
                _note(found, alias, "good")
            continue
        answered = _INADYN_SAID.search(line)
        if answered is not None:
            _note(found, alias, answered[1].lower())
    return found


def _note(found: dict[str, str], text: str, word: str) -> None:
    name = host_name(text)
    if name is not None and word in RETURN_WORDS and (name in found or len(found) < NAMES_MAX):
        found[name] = word
