"""What does a mail server's reply mean for a person, and what is to be done? The first row that fits says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from emrnetcheck.mailing.letter import LETTER
from emrnetcheck.mailing.log_in import LOG_IN
from emrnetcheck.mailing.providers import provider_of
from emrnetcheck.mailing.rules import Rule
from emrnetcheck.mailing.way import CONNECT, TLS
from emrnetcheck.model.mail import MailServer, Outcome, Reply

# What a server says of log-ins is looked for before what it says of connections: some say it instead of a greeting.
RULES: tuple[Rule, ...] = (*LOG_IN, *CONNECT, *TLS, *LETTER)


class Fate(Enum):
    """What becomes of the mail now."""

    WAITS = auto()  # it goes again by itself
    GIVEN_UP = auto()
    NOT_KEPT = auto()  # a person tries it


_LATER = {
    Fate.WAITS: "Nothing for now: the mail waits, and is tried again.",
    Fate.GIVEN_UP: "It was given up, and does not go again by itself.",
    Fate.NOT_KEPT: "Try again in some minutes.",
}
_TWICE = {
    Fate.WAITS: "It is sent once more, since twice is better than never: you may find it twice, with the same "
    "Message-ID.",
    Fate.GIVEN_UP: "It does not go again by itself. Look into the recipient's mailbox before you send it again.",
    Fate.NOT_KEPT: "Look into the mailbox before you try again.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """id: which row it is from. what: what happened, one sentence or two. do: what to do about it."""

    id: str
    what: str
    do: str


_SENT = Rule(
    "sent",
    "{host} has taken the mail.",
    "Look for it in the mailbox; if it is not there in some minutes, look among the unwanted mails (spam).",
    "RFC 5321, 4.2.5",
)


def meaning_of(reply: Reply, server: MailServer, *, sender: str, fate: Fate, command: str = "emrnetcheck") -> Meaning:
    """Always something: the last rows of each table fit whatever is left.

    command: how this program is called.
    """
    sent = reply.outcome is Outcome.SENT
    rule = _SENT if sent else next((each for each in RULES if each.fits(reply, server)), LETTER[-1])
    provider = provider_of(server.host)
    words = {
        "host": server.host,
        "port": str(server.port),
        "sender": sender,
        "provider": provider.name if provider is not None else server.host,
        "command": command,
        "later": _LATER[fate],
        "twice": _TWICE[fate],
        "how": provider.how if provider is not None else "Your mail provider's help says where to make one.",
    }
    return Meaning(rule.id, rule.what.format_map(words), rule.do.format_map(words))
