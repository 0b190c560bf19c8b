"""What does `setup` ask about the weekly mail, in which order and in which words? Data only."""

from __future__ import annotations

from emrnetcheck.cli.setup.question import Answers, Kind, Question
from emrnetcheck.config.writing import Key
from emrnetcheck.mailing import PROVIDERS

MAIL: Key = ("", "mail")
"""In no file: there it is whether [email] says anything."""
MAIL_TO: Key = ("email", "to")
MAIL_FROM: Key = ("email", "sender")
SMTP_HOST: Key = ("email", "host")
SMTP_PORT: Key = ("email", "port")
SMTP_SECURITY: Key = ("email", "security")
SMTP_USER: Key = ("email", "username")

_UNUSED = "by the other answers it is not needed"


def _mails(answers: Answers) -> bool:
    return answers.get(MAIL) is True


def _may_log_in(answers: Answers) -> bool:
    """Without encryption no password is sent."""
    return _mails(answers) and answers.get(SMTP_SECURITY) != "none"


MAIL_QUESTIONS: tuple[Question, ...] = (
    Question(
        MAIL,
        "--mail",
        Kind.YES_NO,
        "whether a report is mailed every week",
        "Mail a report every week?",
        "Besides the report, a mail goes out when something breaks, and one when it works again. The program sends "
        "them from a mailbox of yours, such as the office's. No password is asked for here. Nothing is sent before "
        "you do the steps that are shown at the end.",
        "",
        left_out="no report is mailed",
    ),
    Question(
        MAIL_TO,
        "--mail-to",
        Kind.LIST,
        "who gets the mails",
        "Who gets the mails? One address, or several with commas between.",
        "Each address gets a mail of its own, such as one for the doctor and one for the IT helper. At most 20.",
        "Who gets the weekly report and the alarms.",
        wanted=_mails,
        needed=_mails,
        unused=_UNUSED,
    ),
    Question(
        MAIL_FROM,
        "--mail-from",
        Kind.TEXT,
        "the address that the mails come from",
        "From which address do they come?",
        "The address of the mailbox that sends them. Most mail servers refuse any other. It may be one of those that "
        "get them.",
        "The address that the mails come from.",
        wanted=_mails,
        needed=_mails,
        unused=_UNUSED,
    ),
    Question(
        SMTP_HOST,
        "--smtp-host",
        Kind.CHOICE_OR_TEXT,
        "the mail server that sends them",
        "At which provider is that mailbox? For another one, type the name of its mail server.",
        "An address with the clinic's own domain can be at any of them: whoever set it up knows where. For another "
        'provider look in its help for "outgoing server" or "SMTP". Such a name looks like smtp.example.org.',
        "The mail server that sends them.",
        tuple((each.host, each.name) for each in PROVIDERS),
        wanted=_mails,
        needed=_mails,
        unused=_UNUSED,
    ),
    Question(
        SMTP_PORT,
        "--smtp-port",
        Kind.NUMBER,
        "the port of the mail server",
        "Which port does that mail server take mails on?",
        "It stands in the provider's help, beside the name of the server. As a rule it is 587, or else 465. Port 25 "
        "does not work from most offices.",
        "The port of the mail server.",
        wanted=_mails,
        unused=_UNUSED,
    ),
    Question(
        SMTP_SECURITY,
        "--smtp-security",
        Kind.CHOICE,
        "how the mail server encrypts",
        "How does that mail server encrypt?",
        "The provider's help says STARTTLS, or SSL/TLS. Without encryption anybody on the way could read the mails.",
        'How it encrypts: "starttls", "tls", or "none" (on this computer only).',
        (
            ("starttls", "STARTTLS: the connection is encrypted before a mail is sent"),
            ("tls", "TLS, also called SSL: it is encrypted from the start"),
            ("none", "Not at all: only for a mail server on this computer"),
        ),
        wanted=_mails,
        unused=_UNUSED,
    ),
    Question(
        SMTP_USER,
        "--smtp-user",
        Kind.TEXT,
        "as whom the program logs in",
        'With which user name does the program log in there? "none" if nobody logs in.',
        "The name that you log in to that mailbox with. As a rule it is the whole address. The password is asked for "
        "by a command of its own, which is shown at the end.",
        "The user name at the mail server. The password is kept elsewhere.",
        nothing="none",
        wanted=_may_log_in,
        unused=_UNUSED,
    ),
)
