"""Which words do all reports share: verdicts, states, contacts, numbers; and how is foreign text made safe?"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from emrnetcheck.model import Contact, Failure, Mode, Status, Urgency, Verdict
from emrnetcheck.model.report import SENTENCE_END

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.READY: "READY to host the EMR",
    Verdict.READY_WITH_WARNINGS: "READY, with warnings",
    Verdict.NOT_READY: "NOT READY to host the EMR",
    Verdict.INCONCLUSIVE: "COULD NOT TELL whether this network can host the EMR",
}

STATE_WORDS: Mapping[Status, str] = {
    Status.PASS: "PASS",
    Status.NOTICE: "NOTE",
    Status.WARN: "WARN",
    Status.FAIL: "FAIL",
    Status.UNKNOWN: "UNSURE",
    Status.SKIPPED: "SKIPPED",
}

CONTACT_WORDS: Mapping[Contact, str] = {
    Contact.ISP: "your internet provider",
    Contact.ROUTER: "whoever set up your router",
    Contact.DNS_PROVIDER: "your DDNS or name provider (the service that keeps the EMR's name)",
    Contact.EMR_HOST: "whoever looks after the EMR server",
    Contact.LAN: "whoever looks after the office network",
    Contact.IT_HELPER: "your IT helper",
}

URGENCY_WORDS: Mapping[Urgency, str] = {
    Urgency.TODAY: "today",
    Urgency.THIS_WEEK: "this week",
    Urgency.SOON: "in the next weeks",
}

SKIPPED_WORDS: Mapping[str, str] = {
    "": "Not checked",
    "not asked for": "Not asked for in this run",
    "offline": "Not asked, because this run stays inside the office (--offline)",
    "interrupted": "Not measured, because the run was interrupted",
    "quick": "Not measured in a quick check",
    "not then": "Not measured, because this check did not exist when the run was made",
    "access": "Not needed for the way people reach this EMR",
}

TO_FIND_OUT: Mapping[str, str] = {
    "": "Run the check again",
    "not asked for": "Run the check again without --only and --skip",
    "offline": "Run the check again without --offline",
    "interrupted": "Run the check again, and let it come to its end",
    "quick": "Run the check again without --quick",
}
"""What to do about what was left out, by why it was."""

MODE_WORDS: Mapping[Mode, str] = {
    Mode.QUICK: "quick check",
    Mode.STANDARD: "standard check",
    Mode.THOROUGH: "thorough check",
}

UPLOAD_METHOD_WORDS: Mapping[str, str] = {
    "tcp_info": "counted as the other end acknowledged it",
    "server_report": "counted by the server that received it",
    "confirmed_posts": "counted when the server confirmed it",
}

LAN_METHOD_WORDS: Mapping[str, str] = {
    "icmp": "by ping",
    "icmp_raw": "by ping",
    "icmp_api": "by ping",
    "ping": "by the system's ping",
    "udp_errors": "by packets to closed ports",
    "none": "not measured",
}

ROUTE_METHOD_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("icmp", "icmp_raw"), "by pings that die on the way"),
    "udp_errors": "by packets to closed ports that die on the way",
    "traceroute": "by the system's traceroute",
    "tracert": "by the system's tracert",
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

LONGEST_TEXT = 1000
"""Foreign text beyond this is cut: no sentence of ours is as long, and a host can send what it likes."""

_SPARKS = dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#", strict=True))  # of a course of figures (reports.spark)
_TYPOGRAPHIC = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "×": "x"} | _SPARKS
)
_KILO = 1000.0


def clean(text: str) -> str:
    """Foreign text, safe on a terminal and on one line: no control or direction characters, no line breaks."""
    kept = []
    for character in text[: LONGEST_TEXT + 1]:
        category = unicodedata.category(character)
        if category in ("Zl", "Zp") or character in "\t\n\r\v\f":
            kept.append(" ")
        elif category in ("Cc", "Cs"):
            kept.append("?")
        elif category != "Cf":  # invisible: direction overrides, zero-width joiners, soft hyphens
            kept.append(character)
    line = " ".join("".join(kept).split())
    return line if len(text) <= LONGEST_TEXT else line[:LONGEST_TEXT] + "..."


def ascii_only(text: str) -> str:
    """The nearest in ASCII: accents go, typographic signs become plain ones, the rest becomes "?"."""
    bare = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHIC))
    return "".join(c for c in bare if not unicodedata.combining(c)).encode("ascii", "replace").decode("ascii")


def sentence(text: str) -> str:
    """Text that ends as a sentence does, also where the end is inside quotation marks or brackets."""
    bare = text.rstrip("\"'”’)")
    return text if not bare or bare[-1] in ".!?:…" else text + "."


def whom_and_when(contact: Contact | None, when: Urgency | None) -> str:
    """Who can mend it and how soon: "your internet provider, this week"; "" where neither is known."""
    parts = [CONTACT_WORDS[contact]] if contact is not None else []
    parts += [URGENCY_WORDS[when]] if when is not None else []
    return ", ".join(parts)


def megabytes(count: int) -> str:
    """Bytes as a person reads them: "12.5 MB", "340 kB", "80 bytes"."""
    if count >= _KILO * _KILO:
        return f"{count / _KILO / _KILO:.1f} MB"
    if count >= _KILO:
        return f"{count / _KILO:.0f} kB"
    return f"{count} bytes"


def seconds(duration_s: float) -> str:
    """A duration as a person reads it: "28 seconds"."""
    whole = max(1, round(duration_s))
    return "1 second" if whole == 1 else f"{whole} seconds"


def day_and_time(moment: datetime) -> str:
    """ "24 Nov 2026, 12:20 UTC", in the zone that the moment has."""
    zone = clean(moment.strftime("%Z"))
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} {zone}".rstrip()


def by_which_method(method: str) -> str:
    """How an answer time was taken, in words."""
    return LAN_METHOD_WORDS.get(method) or (
        f"by connecting to port {method[4:]}" if method.startswith("tcp:") else method
    )


def ms(value: float | None) -> str:
    """A round trip as an IT helper reads it."""
    return "no time" if value is None else f"{value:.1f} ms"


def mbps(value: float | None) -> str:
    """A rate as an IT helper reads it."""
    return "not known" if value is None else f"{value:.2f} Mbps"


def opened(value: bool | None) -> str:
    """Whether a port took the connection."""
    return {True: "open", False: "not reachable", None: "not known"}[value]


def because(failure: Failure | None) -> str:
    """What failed, in brackets behind what it left open."""
    return "" if failure is None else f" ({failure.in_words()})"


def whole_sentences(text: str, most_chars: int) -> str:
    """As many of its sentences as there is room for; the first in any case."""
    kept, *more = SENTENCE_END.split(text)
    for each in more:
        if len(kept) + len(each) >= most_chars:
            break
        kept = f"{kept} {each}"
    return kept


def first_few(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The names, as many as that; of the rest how many. One more is named, not counted."""
    if len(names) <= most + 1:
        return between.join(names)
    return f"{between.join(names[:most])}{between}and {len(names) - most} more"


def why_skipped(because: str, titles: Mapping[str, str]) -> str:
    """Why a check was left out (CheckResult.skipped_because). titles: of the report's checks, by id."""
    if because in titles:
        return f'Not checked, because of "{titles[because]}"'
    return SKIPPED_WORDS.get(because) or f"Not checked ({because})"
