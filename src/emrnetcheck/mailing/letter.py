"""Why does the mail server not take this mail, from this sender, for this recipient?"""

from __future__ import annotations

from emrnetcheck.mailing.rules import Rule
from emrnetcheck.model import FailureKind
from emrnetcheck.model.mail import Outcome

_NO, _LATER = (Outcome.REFUSED,), (Outcome.DEFERRED,)

LETTER: tuple[Rule, ...] = (
    Rule(
        "letter.too_large",
        "The mail is too large for {host}, or for the mailbox it goes to.",
        "Leave attachments out of it: the report's own files can be sent another way.",
        "RFC 1870, 6; RFC 3463: X.3.4, X.2.3",
        outcomes=_NO,
        says=r"5\.3\.4\b|5\.2\.3\b|too (large|big)|size limit|exceeds.{0,30}size|takes \d+\. It was not sent",
    ),
    Rule(
        "letter.mailbox_full",
        "The mailbox of the recipient is full.",
        "Tell the recipient to make room, or send to another address.",
        "RFC 3463: X.2.2",
        says=r"[45]\.2\.2\b|over ?quota|quota exceeded|mailbox.{0,20}full",
    ),
    Rule(
        "letter.not_your_sender",
        "{host} lets this account not send as {sender}.",
        "Set [email] sender to the address of the mailbox that logs in.",
        "github.com/swiftmailer/swiftmailer/issues/1030: 550 5.7.60; gophish/issues/2900: 554 5.2.252; Postfix: "
        "reject_sender_login_mismatch",
        outcomes=_NO,
        says=r"5\.7\.60\b|5\.2\.252\b|send ?as|not owned by|sender address rejected"
        r"|sender.{0,30}not (allowed|permitted)",
    ),
    Rule(
        "letter.not_your_domain",
        "The domain of {sender} does not allow mails from this server: mails in its name look forged.",
        "Send with the mail server of that domain's own provider, or let whoever keeps the domain add this one (SPF).",
        "RFC 7372: X.7.23; 5.7.26 of Gmail (github.com/Purelymail/purelymail-issues/issues/394); RFC 7489, DMARC",
        outcomes=_NO,
        says=r"\bspf\b|dmarc|dkim|5\.7\.(2[0-4]|26|27|509)\b|unauthenticated",
    ),
    Rule(
        "letter.no_such_recipient",
        "The recipient's address does not exist.",
        "Look for a misspelling in [email] to.",
        "RFC 3463: X.1.1; X.1.10 of RFC 7505",
        stages=("to", "end"),
        outcomes=_NO,
        says=r"5\.1\.(1|2|3|10)\b|no such (user|mailbox|recipient|domain)|does not exist|domain not found"
        r"|(user|mailbox|recipient|address) (unknown|not found)",
    ),
    Rule(
        "letter.no_relay",
        "{host} takes mails for its own people only, since nobody has logged in.",
        "Set username in [email] and put the password in, or use the server that your provider names for sending.",
        "RFC 5321, 7.9; Postfix: reject_unauth_destination",
        stages=("from", "to"),
        outcomes=_NO,
        says=r"relay",
    ),
    Rule(
        "letter.greylisted",
        "{host} does not know this sender yet and asks to come back in some minutes. Many servers do that, once.",
        "{later}",
        "RFC 6647, greylisting",
        outcomes=_LATER,
        says=r"gr[ae]y ?-?list",
    ),
    Rule(
        "letter.too_many",
        "{host} has taken enough mails from this account for now.",
        "{later} If it stays so, something else sends much by this account.",
        "RFC 3463: X.7.0; support.google.com/a/answer/166852",
        says=r"rate limit|too many (messages|mails|recipients|connections)|quota|limit exceeded|5\.4\.5\b",
        stages=("from", "to", "data", "end"),
    ),
    Rule(
        "letter.looks_like_spam",
        "{host} takes this mail for unwanted advertising, or for dangerous.",
        "Ask whoever runs that server to let mails from {sender} through; leaving attachments out may help.",
        "RFC 3463: X.7.1, X.7.7",
        outcomes=_NO,
        stages=("data", "end"),
        says=r"spam|junk|content|policy|virus|malware|blocked",
    ),
    Rule(
        "letter.cannot_be_told",
        "{host} cannot take this mail: it has letters that the server does not know.",
        "Use addresses in plain letters.",
        "RFC 6531; RFC 6152",
        stages=("from",),
        failures=(FailureKind.UNSUPPORTED,),
    ),
    Rule(
        "letter.unconfirmed",
        "The whole mail went, but {host} did not say that it has it. It may have arrived.",
        "{twice}",
        "RFC 1047; RFC 5321, 4.5.3.2.6",
        outcomes=(Outcome.UNCONFIRMED,),
    ),
    Rule(
        "letter.cut",
        "The connection to {host} was cut in the middle. The server has not got the mail.",
        "{later}",
        "RFC 5321, 4.1.1.10",
        outcomes=_LATER,
        failures=(FailureKind.RESET, FailureKind.TIMEOUT, FailureKind.STALLED, FailureKind.MALFORMED),
    ),
    Rule(
        "letter.later",
        "{host} does not take the mail just now.",
        "{later}",
        "RFC 5321, 4.2.1: 4yz",
        outcomes=_LATER,
    ),
    Rule(
        "letter.refused_recipient",
        "{host} does not take mails for this recipient.",
        "Look at the address in [email] to; the reply above says more.",
        "RFC 5321, 4.2.1: 5yz",
        stages=("to",),
        outcomes=_NO,
    ),
    Rule(
        "letter.refused",
        "{host} does not take this mail.",
        "The reply above says why; if it says nothing to you, show it to your IT helper or to your mail provider.",
        "RFC 5321, 4.2.1: 5yz",
        outcomes=_NO,
    ),
)
