"""What does the word mean that a DDNS provider answered to the client? Source: help.dyn.com, "return codes"."""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.model import Code, Contact, Severity, Urgency

_WRONG = "The name {hostname} leads to {named} and not to this office ({address}): the provider "
_STALE = "People outside who use the name end up at the wrong place until the client's updates are taken again."
_AGAIN = "Then restart the client, so that it tries at once."


def _fault(said: str, advice: str, contact: Contact = Contact.IT_HELPER, why: str = _STALE, say: str = "") -> Code:
    return Code(Severity.FAIL, f"{_WRONG}{said}.", advice, contact, why, say=say, when=Urgency.TODAY)


CODE_OF_WORD: Mapping[str, str] = {
    "good": "ddns.good",
    "nochg": "ddns.nochg",
    "badauth": "ddns.badauth",
    "nohost": "ddns.nohost",
    "notfqdn": "ddns.notfqdn",
    "numhost": "ddns.numhost",
    "!yours": "ddns.not_yours",
    "abuse": "ddns.abuse",
    "badagent": "ddns.badagent",
    "!donator": "ddns.not_donator",
    "dnserr": "ddns.dnserr",
    "911": "ddns.911",
}
"""Every word of that page, as ddclient and inadyn write it down."""

GOOD_WORDS = ("good", "nochg")
PASSING_WORDS = ("dnserr", "911")
"""The provider's own trouble: the client tries again by itself."""

CODES = {
    "ddns.good": Code(
        Severity.OK,
        "The DDNS client here ({client}) says that the provider took its last update (good).",
        why="The name keeps up with the office's address as long as the client runs.",
    ),
    "ddns.nochg": Code(
        Severity.OK,
        "The DDNS client here ({client}) was told that the address was known already (nochg).",
        "Once is fine. A client that gets it again and again is blocked for abuse: let it update on a change only.",
        why="Providers count needless updates.",
    ),
    "ddns.badauth": _fault(
        "refused the client's password (badauth)",
        f"Put the provider's current log-in and password into the settings of {{client}}. {_AGAIN}",
        say="The provider of {hostname} refuses the password of {client} (badauth). Please put in the current "
        "log-in, and restart the client.",
    ),
    "ddns.nohost": _fault(
        "has no such name in that account (nohost)",
        "Log in at the provider and look whether the name has expired. Compare its spelling with the settings of "
        "{client}.",
        Contact.DNS_PROVIDER,
        say="You answer our updates for {hostname} with nohost. Is the name still in our account, or has it expired?",
    ),
    "ddns.notfqdn": _fault(
        "did not get a whole name from the client (notfqdn)",
        f"Write the whole name, with its dots, into the settings of {{client}}: {{hostname}}. {_AGAIN}",
        say="The provider of {hostname} did not get a whole name from {client} (notfqdn). Please write the whole "
        "name into its settings.",
    ),
    "ddns.numhost": _fault(
        "got too many names at once (numhost)",
        f"Leave only {{hostname}} in the settings of {{client}}, or give each name an entry of its own. {_AGAIN}",
        say="The provider of {hostname} got too many names at once from {client} (numhost). Please leave only "
        "this name in its settings.",
    ),
    "ddns.not_yours": _fault(
        "says that the name belongs to another account (!yours)",
        "Find out in which account at the provider the name is. Put that account's log-in into the settings of "
        "{client}.",
        Contact.DNS_PROVIDER,
        say="You answer our updates for {hostname} with !yours. In which account is the name?",
    ),
    "ddns.abuse": _fault(
        "has blocked the name because of too many updates (abuse)",
        "Stop {client}. Ask the provider to unblock the name. Let only one client keep it, on a change of the address.",
        Contact.DNS_PROVIDER,
        say="You have blocked {hostname} because of too many updates (abuse). We stop {client} for now. Please "
        "unblock the name.",
    ),
    "ddns.badagent": _fault(
        "does not accept this client program (badagent)",
        "Install a current version of {client}, or let a program on the EMR server do it. Old router firmware "
        "is often refused.",
        say="The provider of {hostname} does not accept the program {client} (badagent). Please install a current "
        "version of it.",
    ),
    "ddns.not_donator": _fault(
        "wants a paid account for what the client asks (!donator)",
        "Take the option out of the settings of {client}, or pay for it at the provider.",
        Contact.DNS_PROVIDER,
        say="You answer our updates for {hostname} with !donator. Which option needs a paid account, and what does "
        "that cost?",
    ),
    "ddns.dnserr": _fault(
        "had an error in its name service (dnserr)",
        "Wait half an hour and run the check again. If it stays, tell the provider.",
        Contact.DNS_PROVIDER,
        say="You answer our updates for {hostname} with dnserr. When will your name service be in order again?",
    ),
    "ddns.911": _fault(
        "was out of order (911)",
        "Wait half an hour and run the check again. If it stays, look at the provider's status page.",
        Contact.DNS_PROVIDER,
        say="You answer our updates for {hostname} with 911. When will you be in order again?",
    ),
}
