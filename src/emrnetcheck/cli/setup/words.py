"""What does `setup` say around its questions: what it is, what it found out, who is told what, and what is next?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from emrnetcheck.cli.setup.mail_questions import SMTP_HOST, SMTP_USER
from emrnetcheck.cli.setup.question import Answers
from emrnetcheck.cli.setup.questions import CONSENT, LAN_ADDRESS, PEERS, PORT, SERVERS
from emrnetcheck.config.writing import Key
from emrnetcheck.mailing import provider_of
from emrnetcheck.model import Site
from emrnetcheck.model.mail_settings import MailSettings
from emrnetcheck.probes.surroundings import Surroundings
from emrnetcheck.profiles import PROFILES

_MEDIUM = {"wired": "by cable", "wifi": "by Wi-Fi"}


def greeting(*, is_new: bool) -> Iterator[str]:
    """How to answer."""
    if not is_new:
        yield "That file is there already: its answers are the suggestions, and what changes is shown."
    yield ""
    yield (
        "Enter takes the answer in [brackets]. ? explains a question, < goes back to the one before. Ctrl-C ends it, "
        "and nothing is written. No password is asked for."
    )


def found_out(around: Surroundings) -> Iterator[str]:
    """What was found, a line each."""
    if around.address is None:
        yield "This computer has no connection to the office network. Plug the cable in, or some answers stay untried."
    else:
        way = _MEDIUM.get(around.medium, f"on {around.interface}")
        yield f"This computer: {around.address}, {way}."
    if around.vpn:
        yield "A VPN is on. Switch it off before you run the check: else it measures the VPN's way."
    if around.gateway is not None:
        yield f"The router: {around.gateway}."
    yield from _of_the_emr(around)
    for each in around.names[:3]:
        yield f"{each.program} on this computer keeps the name {each.name} up to date."
    for program in around.unread:
        yield f"{program} runs on this computer, but this user may not read its settings."
    if around.peers:
        yield f"This computer had to do with: {', '.join(around.peers)}."


def _of_the_emr(around: Surroundings) -> Iterator[str]:
    if around.looks_like is not None:
        profile = PROFILES[around.looks_like]
        yield f"The log-in page of {profile.title} answers on this computer, at port {profile.port}."
    elif around.listening:
        ports = ", ".join(map(str, around.listening))
        yield f"Something on this computer takes connections at port {ports}."


def beforehand(key: Key, site: Site, around: Surroundings, answers: Answers) -> Iterator[str]:
    """What has to be known before one question is answered. site: the settings as they are."""
    if key == SERVERS:
        yield (
            f"To measure the line, the check sends up to {site.max_mb:g} MB of made-up data to a server on the "
            "Internet, and fetches some from there. That server learns the office's Internet address and how fast the "
            "line is. It gets no patient data and no names."
        )
        yield from _anyway(site)
    elif key == CONSENT:
        if SERVERS not in answers:  # where the line is not measured, it was not said before
            yield from _anyway(site)
        yield from _consent(site)
    elif key == PORT and answers.get(LAN_ADDRESS) is None and around.listening == ():
        yield "No EMR takes connections on this computer at present."
    elif key == PEERS and around.peers:
        yield f"This computer had to do with: {', '.join(around.peers)}."


def _anyway(site: Site) -> Iterator[str]:
    yield (
        "Every check may ask these, which learn the office's Internet address, and some of them the EMR's name: "
        f"{', '.join(asked_anyway(site))}."
    )
    yield "Each report lists who was asked. With `run --offline` nobody is, and nothing leaves the office."


def asked_anyway(site: Site) -> list[str]:
    """The hosts that every check asks, beside the servers that measure the line and those that need consent."""
    urls = (*site.address_services, *site.address_services_v6, *site.dns_over_https)
    hosts = [url.split("/")[2] for url in urls]
    hosts += [each.rpartition(":")[0] for each in site.stun]
    hosts += [each.partition("@")[2] for each in site.whoami]
    return list(dict.fromkeys((*hosts, *site.resolvers)))


def _consent(site: Site) -> Iterator[str]:
    names = ", ".join(each.partition("#")[0] for each in site.outside_services)
    yield (
        "Only somebody outside can tell whether the EMR can be reached from there, and whether doors are open that "
        f"must be shut. For that the check can ask: {names}."
    )
    yield (
        "They learn the office's Internet address and which of its ports they are to try: the EMR's, and at most 20 "
        "that must be shut."
    )
    if any(each.startswith("globalping") for each in site.outside_services):
        yield "Globalping is a public service: for 7 days, whoever knows the number of the test can read its result."


def mail_steps(mail: MailSettings, changed: Collection[Key]) -> Iterator[tuple[str, str]]:
    """What has to be done before the first mail goes, in order: the command's words, and what it is for."""
    source = mail.password_source
    if source is not None and not source.startswith("env:") and {SMTP_HOST, SMTP_USER} & set(changed):
        provider = provider_of(mail.server.host)
        wants = f" For {provider.name}: {provider.password}. {provider.how}" if provider is not None else ""
        yield "email password", f"It asks for the mailbox's password, which is not shown.{wants}"
    yield "email test", f"It mails {', '.join(mail.to)} at once, and says what to do if that fails."
    yield "schedule install", "From then on the computer checks by itself, and mails the report every week."
