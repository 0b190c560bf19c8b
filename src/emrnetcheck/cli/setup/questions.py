"""What does `setup` ask, in which order and in which words? Data only."""

from __future__ import annotations

from emrnetcheck.cli.setup.mail_questions import MAIL_QUESTIONS
from emrnetcheck.cli.setup.question import Answers, Kind, Question
from emrnetcheck.config.writing import Key
from emrnetcheck.model import Access

ACCESS: Key = ("emr", "access")
PROFILE: Key = ("emr", "profile")
LAN_ADDRESS: Key = ("emr", "lan_address")
PORT: Key = ("emr", "port")
PATH: Key = ("emr", "path")
HOSTNAME: Key = ("emr", "hostname")
ADDRESSING: Key = ("emr", "addressing")
USERS: Key = ("emr", "users")
WORKLOAD: Key = ("emr", "workload")
NAME: Key = ("site", "name")
PEERS: Key = ("lan", "peers")
SERVERS: Key = ("upload", "servers")
CONSENT: Key = ("outside", "consent")


def _from_outside(answers: Answers) -> bool:
    return answers.get(ACCESS) != Access.LAN_ONLY


def _by_name(answers: Answers) -> bool:
    return answers.get(ACCESS) in (Access.DIRECT, Access.TUNNEL)


QUESTIONS: tuple[Question, ...] = (
    Question(
        ACCESS,
        "--access",
        Kind.CHOICE,
        "how people outside reach the EMR",
        "How will people outside the office reach the EMR?",
        "This decides what the check expects of the EMR's door (its port) to the Internet. Directly: it must be open "
        "there. By a VPN, through a tunnel, or not at all: it must be shut. If you do not know, ask whoever set the "
        "EMR up.",
        'How people outside reach the EMR: "direct", "vpn", "tunnel", or "lan_only" (from the office only).',
        (
            ("direct", "Directly: they open its address in a browser"),
            ("vpn", "By a VPN: they connect to the office network first"),
            ("tunnel", "Through a tunnel service, such as Cloudflare Tunnel"),
            ("lan_only", "Not at all: it is used in the office only"),
        ),
        needed=lambda _answers: True,
    ),
    Question(
        PROFILE,
        "--profile",
        Kind.CHOICE,
        "which EMR it is",
        "Which EMR is it?",
        "By this the check knows how the log-in page looks, where it usually is, and which other doors of that "
        "program must be shut.",
        'Which EMR: "oscar", "openemr", "openmrs" or "custom".',
        (
            ("oscar", "OSCAR"),
            ("openemr", "OpenEMR"),
            ("openmrs", "OpenMRS"),
            ("custom", "Another one"),
        ),
        left_out="OSCAR is expected",
    ),
    Question(
        LAN_ADDRESS,
        "--lan-address",
        Kind.TEXT,
        "where the EMR server is",
        'Where is the EMR server? Its address in the office, or "here" for this computer.',
        "The computer on which the EMR runs, or will run. An address in an office looks like 192.168.1.10. It stands "
        "in that computer's network settings and in the router's list of devices. It should not change: reserve it in "
        'the router. If this very computer is the server, answer "here".',
        "The server's address in the office. Without this line: this computer is the server.",
        nothing="here",
        needed=lambda _answers: True,
    ),
    Question(
        PORT,
        "--port",
        Kind.NUMBER,
        "the EMR's port",
        "Which port does the EMR answer on?",
        "The number behind the colon in the EMR's address: 8443 in https://emr.example.org:8443/oscar/. If there is "
        "none, it is 443.",
        "The port of the EMR, the number in its address.",
        left_out="the usual port of that EMR is expected",
    ),
    Question(
        PATH,
        "--path",
        Kind.TEXT,
        "the path of the log-in page",
        "What comes behind the port in the address of the log-in page?",
        "The end of the EMR's address, from the slash on: /oscar/ in https://emr.example.org:8443/oscar/. The check "
        "opens this page and looks at it. It never logs in.",
        "The path of the log-in page, the end of its address.",
        left_out="the usual path of that EMR is expected",
    ),
    Question(
        HOSTNAME,
        "--hostname",
        Kind.TEXT,
        "the EMR's name on the Internet",
        'What is the EMR\'s name on the Internet? "none" if it has none yet.',
        "The name that people outside type or click, such as emr.example.org, without https:// and without what comes "
        "behind it. Offices without a fixed address get such a name from a DDNS service, which keeps it up to date.",
        "The EMR's name on the Internet.",
        nothing="none",
        wanted=_from_outside,
        needed=_by_name,
        left_out="the name is not checked",
    ),
    Question(
        ADDRESSING,
        "--addressing",
        Kind.CHOICE,
        "whether the office's Internet address is fixed",
        "Does the provider give the office a fixed Internet address?",
        "A fixed (static) address is on the contract and the bill, mostly for a fee. If you do not know, it is most "
        "likely not fixed.",
        'The office\'s address on the Internet: "dynamic" (it may change) or "static" (fixed, by contract).',
        (("dynamic", "No, or I do not know"), ("static", "Yes, it is in the contract")),
        wanted=_from_outside,
        left_out="a changing address is expected",
    ),
    Question(
        USERS,
        "--users",
        Kind.NUMBER,
        "how many people work from outside at once",
        "How many people will work from outside at the same time, at most?",
        "Count who has the EMR open at the same moment, at home and at other clinics, not everybody who may. The "
        "check compares it with what the line carries. People in the office do not count.",
        "How many people work from outside at the same time, at most.",
        wanted=_from_outside,
        left_out="4 people are reckoned with",
    ),
    Question(
        WORKLOAD,
        "--workload",
        Kind.CHOICE,
        "what these people do most",
        "What will these people do most?",
        "By this the check reckons how fast the line has to be for all of them at once. Choose the heaviest that is "
        "usual. Where each figure comes from: `emrnetcheck checks`.",
        'What they do: "text", "records", "documents", "video" or "hd_video".',
        (
            ("text", "Read and write text only"),
            ("records", "Open records, as at the office"),
            ("documents", "Open many scanned pages"),
            ("video", "See patients by video"),
            ("hd_video", "See patients by video in high quality (HD)"),
        ),
        wanted=_from_outside,
        left_out="opening records is reckoned with",
    ),
    Question(
        PEERS,
        "--peer",
        Kind.LIST,
        "other computers of the office",
        "Other computers of the office that are always on, by their addresses.",
        "The check asks one or two of them how fast they answer. That shows a bad switch or cable. A second desktop "
        'computer or a printer on a cable is right. Several with commas between. "auto": it takes those with which '
        "this computer had to do lately.",
        "Other computers of the office that are always on, to test the switch.",
        nothing="auto",
        nothing_is=[],
        left_out="those with which this computer had to do lately",
    ),
    Question(
        SERVERS,
        "--upload-server",
        Kind.LIST,
        "who may be asked to measure the line",
        'Who may measure the line with you? Several with commas between, or "none".',
        "cloudflare and speedtest are public services with servers near by. A server of your own is better still: "
        "`emrnetcheck responder` prints the line for it. docs/settings.md lists more kinds. With none, the speed of "
        'the line stays "could not tell".',
        "Who may be asked to measure the line, in this order. They learn the office's Internet address.",
        nothing="none",
        nothing_is=[],
        wanted=_from_outside,
        left_out="cloudflare and speedtest are asked",
    ),
    Question(
        CONSENT,
        "--consent",
        Kind.YES_NO,
        "consent to a test from outside",
        "May they be asked?",
        "Only somebody outside can see which doors are open there. If you say no, the check says so and goes on "
        "without. You can also try with a telephone: turn its Wi-Fi off and open the EMR. You can change your mind "
        "later.",
        "true: the services of [outside] may try the EMR's port and others that must be shut.",
        left_out="nobody outside is asked",
    ),
    Question(
        NAME,
        "--name",
        Kind.TEXT,
        "the clinic's name",
        "What is the clinic called? It stands on the reports.",
        "Any words, for you to tell reports apart. It is sent nowhere.",
        "What the clinic is called on its reports.",
        left_out='"this clinic" is written on reports',
    ),
    *MAIL_QUESTIONS,
)
