"""How is it said what two reports tell together?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Contact
from emrnetcheck.placing.belonging import CLIENT, Doubt, is_inside
from emrnetcheck.placing.comparing import Comparison
from emrnetcheck.placing.places import MISLED, Place, emr_door
from emrnetcheck.placing.words import SURE_WORDS
from emrnetcheck.reports import wording
from emrnetcheck.reports.client_page import verdict_words
from emrnetcheck.reports.line import Line, heading
from emrnetcheck.reports.wording import sentence

SCHEMA = "emrnetcheck/compare/1"
_DAY_S = 86_400.0
_HOUR_S = 3600.0

PLACE_WORDS: Mapping[Place, str] = {
    Place.NOWHERE: "Nothing was slow, from either place.",
    Place.CLINIC_UPLINK: "The clinic's Internet line is what is slow, in the direction away from the clinic.",
    Place.CLINIC_ROUTER: "The clinic's router is what is slow.",
    Place.CLINIC_NETWORK: "The clinic's own network is what is slow: a cable, a switch or the server's connection.",
    Place.CLINIC_COMPUTER: "One computer's connection in the clinic is what is slow: its cable, its port or its Wi-Fi.",
    Place.CLINIC_DOOR: "The clinic's port for the EMR is not open from outside.",
    Place.CLINIC_HAIRPIN: "The clinic's router does not lead back inside: there the EMR's public name does not work.",
    Place.CLINIC_UNREACHED: "The EMR was not reached: something at the clinic or before it stops the connections.",
    Place.CLINIC_SIDE: "The clinic's side is what is slow; which part of it, the reports do not tell.",
    Place.SERVER: "The EMR's own computer or program is what is slow.",
    Place.SERVER_UNREACHED: "The EMR takes no connections, not even in the clinic itself.",
    Place.NAME: "The EMR's name leads to a wrong address, or is found slowly.",
    Place.PATH: "The way between the two places is what is slow: a provider's network.",
    Place.REMOTE_COMPUTER: "The connection of the computer elsewhere is what is slow.",
    Place.REMOTE_WIFI: "The Wi-Fi elsewhere is what is slow.",
    Place.REMOTE_NETWORK: "The network elsewhere is what is slow: its cables, its switch or its Wi-Fi.",
    Place.REMOTE_ROUTER: "The router elsewhere is what is slow.",
    Place.REMOTE_LINE: "The Internet line elsewhere is what is slow.",
    Place.REMOTE_DOOR: "The network elsewhere, or its firewall, lets nothing out to the EMR.",
    Place.UNCLEAR: "Which part is slow cannot be told from these two reports.",
}
ADVICE: Mapping[Place, tuple[str, Contact | None]] = {
    Place.NOWHERE: ("Run both again at an hour when the EMR is slow.", None),
    Place.CLINIC_UPLINK: (
        "See whether somebody at the clinic sends much. If not, ask the provider for more upload.",
        Contact.ISP,
    ),
    Place.CLINIC_ROUTER: ("Restart the clinic's router. If it stays slow, have it looked at.", Contact.ROUTER),
    Place.CLINIC_NETWORK: (
        "Try other cables and other ports of the switch: for the router, the EMR server and the computers that wait.",
        Contact.LAN,
    ),
    Place.CLINIC_COMPUTER: (
        "Connect that computer by cable. If it has one, try another, and another port of the switch.",
        Contact.LAN,
    ),
    Place.CLINIC_DOOR: ("Do what the clinic's own report says about the port.", Contact.ROUTER),
    Place.CLINIC_HAIRPIN: (
        "In the clinic use the address that its server has there, by local DNS or typed; or switch on NAT loopback.",
        Contact.ROUTER,
    ),
    Place.CLINIC_UNREACHED: (
        "See that the EMR's server and the clinic's router are on, and the port is open from outside. Run both again.",
        Contact.EMR_HOST,
    ),
    Place.CLINIC_SIDE: ("Run the check at the clinic again while it is slow from elsewhere.", Contact.EMR_HOST),
    Place.SERVER: ("Look at the server's processor, memory and disk, and at its database.", Contact.EMR_HOST),
    Place.SERVER_UNREACHED: (
        "See that the EMR's server is on, that its program runs, and that its firewall lets the office in.",
        Contact.EMR_HOST,
    ),
    Place.NAME: ("Restart the router elsewhere; at the clinic, see what the report says of the name.", Contact.ROUTER),
    Place.PATH: ("Wait an hour and measure again. If it stays, send both reports to the provider.", Contact.ISP),
    Place.REMOTE_COMPUTER: ("Connect that computer with another cable.", Contact.LAN),
    Place.REMOTE_WIFI: ("Connect that computer with a cable, or bring the Wi-Fi nearer.", Contact.LAN),
    Place.REMOTE_NETWORK: ("Try another cable and another port of the switch there.", Contact.LAN),
    Place.REMOTE_ROUTER: ("Restart the router there.", Contact.ROUTER),
    Place.REMOTE_LINE: ("See whether somebody there loads much. If not, call the provider there.", Contact.ISP),
    Place.REMOTE_DOOR: (
        "Open the EMR there by a phone's hotspot. If it comes, have that network let {port} out; else run both again.",
        Contact.LAN,
    ),
    Place.UNCLEAR: ("Run both again at the same time, for the same EMR.", Contact.IT_HELPER),
}
OF_NAME: Mapping[str, tuple[str, str, Contact]] = {
    "segment.name_missing": (
        "The EMR's name does not exist, for nobody.",
        "Check the address that was typed. If it is right, see to the account and the record at the DDNS provider.",
        Contact.DNS_PROVIDER,
    ),
    "segment.name_dead_address": (
        "The EMR's name has an address at which nobody answers, beside one at which the EMR does.",
        "Have the dead address taken out at the DDNS or DNS provider. If it is a second line's, look at that line.",
        Contact.DNS_PROVIDER,
    ),
    "segment.name_office_address": (
        "The EMR's name has an address of an office network beside the public one.",
        "Have the office's router give it to the computers there. Then have it taken out at the DDNS or DNS provider.",
        Contact.DNS_PROVIDER,
    ),
}
"""In place of the general words and advice: by what the client found of the name."""


def _of_name(found: Comparison) -> tuple[str, str, Contact] | None:
    """None: no client found just that, or another thing is wrong with it as well."""
    codes = {word for word in found.why if word.startswith("segment.name") or word == MISLED}
    return OF_NAME.get(codes.pop()) if len(codes) == 1 else None


def _answer(found: Comparison, reports: tuple[ClinicReport, ClinicReport]) -> tuple[str, str, Contact | None]:
    """The sentence, what to do, and whom to call."""
    if found.place is Place.NAME and (of_name := _of_name(found)) is not None:
        return of_name
    door = emr_door(reports[found.remote]) if found.remote is not None else None
    advice, contact = ADVICE[found.place]
    return PLACE_WORDS[found.place], advice.format(port=f"port {door[1]}" if door else "the EMR's port"), contact


def compare_page(
    found: Comparison, reports: tuple[ClinicReport, ClinicReport], *, zone: tzinfo = UTC
) -> Iterator[Line]:
    """The answer, what to do, what may be wrong with the two, and each of them in short."""
    sentence_, advice, contact = _answer(found, reports)
    style = {Place.NOWHERE: "good", Place.UNCLEAR: "unsure"}.get(found.place, "bad")
    sure = "" if found.place is Place.UNCLEAR else f" ({SURE_WORDS[found.sure]})"
    answer = Line(f"{sentence_.rstrip('.')}{sure}.", style=style)
    yield answer
    yield Line(advice, lead="Do:   ", indent=3)
    if contact is not None:
        yield Line(sentence(wording.CONTACT_WORDS[contact]), lead="Call: ", indent=3)
    of_name = _of_name(found)
    for place in found.also:
        also = of_name[0] if place is Place.NAME and of_name is not None else PLACE_WORDS[place]
        yield Line(also, lead="Also: ", indent=3)
    for doubt in found.doubts:
        yield Line(_doubt(doubt, found, reports), style="unsure")
    yield Line()
    yield heading("What each report says")
    for number, report in enumerate(reports):
        where = _made_where(report)
        when = wording.day_and_time(report.started_at.astimezone(zone))
        said = verdict_words(report) if report.vantage == CLIENT else wording.VERDICT_WORDS[report.verdict]
        yield Line(f"{said}. Made {where} ({report.site}), {when}.", lead=f"{'AB'[number]}: ")
        yield Line(sentence(report.headline), indent=3)
    if found.why:
        yield Line(sentence(f"It rests on: {', '.join(found.why)}"))


def _made_where(report: ClinicReport) -> str:
    if report.vantage != CLIENT:
        return "at the clinic"
    return "by a user in the clinic" if is_inside(report) else "elsewhere"


def _doubt(doubt: Doubt, found: Comparison, reports: tuple[ClinicReport, ClinicReport]) -> str:
    if doubt is Doubt.INTERRUPTED:
        which = " and ".join("AB"[number] for number, report in enumerate(reports) if report.interrupted)
        were = "were" if which == "A and B" else "was"
        return f"{which} {were} interrupted before all was measured."
    if doubt is Doubt.DIFFERENT:
        return "The two reports are about different EMRs, so they say nothing together."
    if doubt is Doubt.MOVED:
        return "The EMR had another address in each report; the clinic's may have changed between them."
    days, hours = found.apart_s / _DAY_S, found.apart_s / _HOUR_S
    apart = f"{days:.0f} days" if days >= 2 else f"{hours:.0f} hours"  # noqa: PLR2004 - "1 days" is no English
    return f"The two reports were made {apart} apart, so what was slow then may not be now."


def render_json(found: Comparison, reports: tuple[ClinicReport, ClinicReport]) -> str:
    """One JSON document in ASCII; ends with a newline."""
    sentence_, advice, contact = _answer(found, reports)
    made = {
        "schema": SCHEMA,
        "place": found.place.value,
        "sure": found.sure.value,
        "sentence": sentence_,
        "advice": advice,
        "contact": contact.value if contact is not None else None,
        "why": list(found.why),
        "also": [place.value for place in found.also],
        "doubts": [doubt.value for doubt in found.doubts],
        "remote": found.remote,
        "apart_s": round(found.apart_s),
        "reports": [
            {
                "id": report.id,
                "vantage": report.vantage,
                "site": report.site,
                "started_at": report.started_at.astimezone(UTC).isoformat(),
                "verdict": report.verdict.value,
                "segment": report.segment.value if report.segment is not None else None,
            }
            for report in reports
        ],
    }
    text = json.dumps(made, indent=2, allow_nan=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
