"""What do the large mail providers want of a program that sends mail?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.mail import Security


@dataclass(frozen=True, slots=True)
class Provider:
    """host, port, security: as they go into the settings. hosts: the ends of names by which its servers are known.

    mailboxes: what stands behind the @ of its own addresses; a clinic's own domain can be at any provider.
    password: which password it takes, in a few words. how: where a person gets it. source: where this is from.
    """

    id: str
    name: str
    host: str
    port: int
    security: Security
    hosts: tuple[str, ...]
    mailboxes: tuple[str, ...]
    password: str
    how: str
    source: str


# No password for programs since 2024-09-16, and no administrator who could switch it on:
# github.com/pppscn/SmsForwarder/issues/527, quoting Microsoft; twikoojs/twikoo/issues/840: 535 5.7.139 for hotmail.com.
PERSONAL_MICROSOFT = ("outlook.com", "hotmail.com", "hotmail.ca", "live.com", "live.ca", "msn.com")

PROVIDERS: tuple[Provider, ...] = (
    Provider(
        id="google",
        name="Gmail, Google Workspace",
        host="smtp.gmail.com",
        port=587,
        security=Security.STARTTLS,
        hosts=("gmail.com", "googlemail.com", "google.com"),
        mailboxes=("gmail.com", "googlemail.com"),
        password="an app password (16 letters), not the usual one",
        how="In the Google account turn on 2-Step Verification, then make an app password at "
        "myaccount.google.com/apppasswords.",
        source="support.google.com/accounts/answer/185833; the usual password is refused since spring 2025",
    ),
    Provider(
        id="microsoft",
        name="Microsoft 365",
        host="smtp.office365.com",
        port=587,
        security=Security.STARTTLS,
        hosts=("office365.com", "outlook.com", "hotmail.com", "live.com"),
        mailboxes=("onmicrosoft.com", *PERSONAL_MICROSOFT),
        password="until the end of December 2026 the mailbox's own; then a token (XOAUTH2)",
        how="Your Microsoft 365 administrator has to switch on Authenticated SMTP for this mailbox "
        "(admin centre, Users, Mail, Manage email apps).",
        source="Microsoft's notice of 2026-01-27, as others quote it: off by default from the end of December 2026",
    ),
    Provider(
        id="yahoo",
        name="Yahoo Mail, AOL",
        host="smtp.mail.yahoo.com",
        port=465,
        security=Security.TLS,
        hosts=("yahoo.com", "aol.com"),
        mailboxes=("yahoo.com", "yahoo.ca", "yahoo.co.uk", "ymail.com", "rocketmail.com", "aol.com"),
        password="an app password (16 letters), not the usual one",
        how='In the account\'s security settings choose "Generate app password".',
        source="help.yahoo.com/kb/SLN15241.html",
    ),
    Provider(
        id="apple",
        name="iCloud Mail",
        host="smtp.mail.me.com",
        port=587,
        security=Security.STARTTLS,
        hosts=("me.com", "icloud.com"),
        mailboxes=("icloud.com", "me.com", "mac.com"),
        password="an app-specific password, not that of the Apple account",
        how="Make one at account.apple.com, Sign-In and Security. The user name is the whole iCloud address.",
        source="support.apple.com/en-us/102525 and /102654",
    ),
    Provider(
        id="fastmail",
        name="Fastmail",
        host="smtp.fastmail.com",
        port=465,
        security=Security.TLS,
        hosts=("fastmail.com", "messagingengine.com"),
        mailboxes=("fastmail.com", "fastmail.fm"),
        password="an app password, not the usual one",
        how="In Settings, Privacy & Security, Manage app passwords: make one with access to Mail (SMTP).",
        source="www.fastmail.help/hc/en-us/articles/1500000279921",
    ),
)


def provider_of(host: str) -> Provider | None:
    """Whose server this is, by its name."""
    return next((each for each in PROVIDERS if _is_below(host, each.hosts)), None)


def provider_of_mailbox(address: str) -> Provider | None:
    """Whose mailbox this is, by what stands behind the @. None also for a domain of one's own."""
    domain = address.rpartition("@")[2]
    return next((each for each in PROVIDERS if _is_below(domain, each.mailboxes)), None)


def takes_no_password(address: str) -> bool:
    """Whether no program can send from this mailbox with a password, whatever one sets."""
    return _is_below(address.rpartition("@")[2], PERSONAL_MICROSOFT)


def _is_below(name: str, ends: tuple[str, ...]) -> bool:
    plain = name.lower().rstrip(".")
    return any(plain == end or plain.endswith(f".{end}") for end in ends)
