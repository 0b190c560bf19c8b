"""Why is there no safe connection to the mail server?"""

from __future__ import annotations

from emrnetcheck.mailing.rules import Rule
from emrnetcheck.model import NO_SUCH_NAME, FailureKind
from emrnetcheck.model.mail import Outcome

_UNREACHABLE = (
    FailureKind.TIMEOUT,
    FailureKind.HOST_UNREACHABLE,
    FailureKind.NETWORK_UNREACHABLE,
    FailureKind.NO_ROUTE,
    FailureKind.OUT_OF_TIME,
)
_NO_NAME_SERVER = (FailureKind.NAME_TIMEOUT, FailureKind.NAME_SERVER_FAILED, FailureKind.NAME_SERVER_REFUSED)

CONNECT: tuple[Rule, ...] = (
    Rule(
        "connect.no_such_name",
        "There is no mail server of the name {host}.",
        "Look for a misspelling in [email] host: your mail provider's help names its outgoing (SMTP) server.",
        "RFC 2308",
        stages=("connect",),
        failures=NO_SUCH_NAME,
    ),
    Rule(
        "connect.no_name_server",
        "The name {host} could not be looked up: no name server answered.",
        "Run {command}: its checks of the name servers tell what is wrong. {later}",
        "RFC 1034",
        stages=("connect",),
        failures=_NO_NAME_SERVER,
    ),
    Rule(
        "connect.nothing_listens",
        "{host} is there, but takes no mail at port {port}.",
        "Compare host and port with your mail provider's help: the usual ports are 587 and 465.",
        "RFC 9293, 3.5.2",
        stages=("connect",),
        failures=(FailureKind.REFUSED,),
    ),
    Rule(
        "connect.port_25",
        "{host} does not answer at port 25. Most internet providers shut that port for offices and homes.",
        'Use port 587 (security = "starttls") or 465 (security = "tls"), with a user name and a password.',
        "M3AAWG, Managing Port 25 (2005); RFC 6409 gives 587 for this",
        stages=("connect",),
        failures=(*_UNREACHABLE, FailureKind.RESET),
        ports=(25,),
    ),
    Rule(
        "connect.unreachable",
        "{host} does not answer at port {port}.",
        "If the Internet works otherwise, a firewall in the office or the internet provider may shut this port. "
        "Ask your IT helper to allow it, or try the other usual port: 587 with starttls, 465 with tls.",
        "RFC 8314, 3.3; RFC 6409",
        stages=("connect",),
        failures=_UNREACHABLE,
    ),
    Rule(
        "connect.cut",
        "{host} ended the connection at once.",
        "Compare host and port with your mail provider's help; if they are right, try again in some minutes.",
        "RFC 5321, 3.8",
        stages=("connect",),
        failures=(FailureKind.RESET,),
    ),
    Rule(
        "connect.no_mail_server",
        "What answers at {host}, port {port}, is no mail server.",
        "Compare host and port with your mail provider's help. In a hotel or a guest network a log-in page may answer.",
        "RFC 5321, 4.2",
        stages=("connect",),
        failures=(FailureKind.MALFORMED,),
    ),
    Rule(
        "connect.not_here",
        "Without encryption mail is given to a server on this computer only, and {host} is another one.",
        'Set security = "starttls" or "tls" in [email].',
        "this program's own rule: anybody on the way could read the mail",
        stages=("connect",),
        failures=(FailureKind.NOT_CONFIGURED,),
    ),
    Rule(
        "connect.listed",
        "{host} takes no mail from this office's internet address: it is on a list of addresses that send no mail.",
        "That is usual for offices. Use your mail provider's own server at port 587 with a user name and a password.",
        "RFC 5782; lists such as Spamhaus PBL hold the addresses of most internet lines",
        stages=("connect", "from", "to"),
        outcomes=(Outcome.REFUSED,),
        says=r"spamhaus|\bpbl\b|block ?list|black ?list|blocked using|dynamic ip|residential|\blisted\b",
    ),
    Rule(
        "connect.no_name",
        "{host} takes no mail from this office's internet address, since no name belongs to it (no PTR record).",
        "That is usual for offices. Use your mail provider's own server at port 587 with a user name and a password.",
        "RFC 7372: X.7.25; github.com/mail-in-a-box/mailinabox/issues/2211: 550 5.7.25; Postfix: "
        "reject_unknown_reverse_client_hostname",
        stages=("connect", "from", "to", "end"),
        says=r"[45]\.7\.25\b|\bptr\b|cannot find your (reverse )?hostname|reverse dns",
    ),
    Rule(
        "connect.not_from_there",
        "{host} takes no mail that comes from this internet address. It is not about the recipient.",
        "Ask your mail provider why, and show the reply. Microsoft holds back new organizations so: its support can "
        "lift it.",
        "5.7.708 of Microsoft 365: mxio.io/learn/errors/ip-blocked-o365-5-7-708",
        stages=("connect", "from", "to", "end"),
        outcomes=(Outcome.REFUSED,),
        says=r"5\.7\.708\b|not accepted from this ip",
    ),
    Rule(
        "connect.busy",
        "{host} has no time just now.",
        "{later}",
        "RFC 5321, 3.8: 421",
        stages=("connect",),
        outcomes=(Outcome.DEFERRED,),
    ),
    Rule(
        "connect.refused",
        "{host} refuses to talk to this computer.",
        "Ask whoever runs that server what its reply means; a provider's server for its customers is at port 587.",
        "RFC 5321, 3.1: 554",
        stages=("connect",),
        outcomes=(Outcome.REFUSED,),
    ),
)

TLS: tuple[Rule, ...] = (
    Rule(
        "tls.ca_file",
        "The file of [email] ca_file is not there, or holds no certificate that can be read.",
        "It must be a PEM file, with lines that say BEGIN CERTIFICATE.",
        "RFC 7468",
        stages=("tls",),
        says=r"pem lib|no certificate or crl|no start line|no such file",
    ),
    Rule(
        "tls.stripped",
        "{host} offers no encryption at port {port}, so neither the password nor the mail was sent.",
        'Set security = "tls" (port 465) if your provider has it. If it worked before, something in the office takes '
        "the encryption away: a firewall that looks into mail, or a virus scanner. Tell your IT helper.",
        "RFC 3207, 6",
        stages=("tls",),
        failures=(FailureKind.NOT_TLS,),
    ),
    Rule(
        "tls.not_at_once",
        "{host} does not begin with encryption at port {port}.",
        'Set security = "starttls" and port = 587 in [email].',
        "RFC 8314, 3.3",
        stages=("tls",),
        failures=(FailureKind.TLS_PROTOCOL, FailureKind.PLAIN_HTTP),
        says=r"no TLS",
    ),
    Rule(
        "tls.too_old",
        "{host} and this computer know no common way to encrypt.",
        "The mail server is too old: ask whoever runs it to allow TLS 1.2, or use another one.",
        "RFC 8996: TLS 1.0 and 1.1 are not to be used",
        stages=("tls",),
        failures=(FailureKind.TLS_PROTOCOL,),
    ),
    Rule(
        "tls.expired",
        "The certificate of {host} has expired, so nothing was sent.",
        "Look first whether this computer's date and time are right. If they are, tell whoever runs the mail server.",
        "RFC 5280, 4.1.2.5",
        stages=("tls",),
        failures=(FailureKind.TLS_EXPIRED,),
    ),
    Rule(
        "tls.other_name",
        "What answers as {host} has a certificate for another name, so nothing was sent.",
        "Write the server's name as your mail provider does; your own domain's name for it often has no certificate.",
        "RFC 9525",
        stages=("tls",),
        failures=(FailureKind.TLS_NAME_MISMATCH,),
    ),
    Rule(
        "tls.untrusted",
        "It is not certain that what answers is {host}: nobody whom this computer trusts vouches for its certificate. "
        "Nothing was sent.",
        "A virus scanner or a firewall that looks into mail may stand between: tell your IT helper. A mail server of "
        "your own with a certificate of your own: name its authority's file in [email] ca_file.",
        "RFC 5280, 6",
        stages=("tls",),
        failures=(FailureKind.TLS_UNTRUSTED,),
    ),
    Rule(
        "tls.not_now",
        "{host} cannot encrypt just now, so nothing was sent.",
        "{later} If it stays so for a day, tell whoever runs the mail server.",
        "RFC 3207, 4: 454",
        stages=("tls",),
        outcomes=(Outcome.DEFERRED,),
    ),
)
