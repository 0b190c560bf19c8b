"""Does it look as it was answered? Each answer is tried at once, and what was seen is told in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from emrnetcheck import workloads
from emrnetcheck.cli.setup.mail_questions import MAIL, MAIL_FROM, SMTP_HOST
from emrnetcheck.cli.setup.question import Answers
from emrnetcheck.cli.setup.questions import (
    ACCESS,
    HOSTNAME,
    LAN_ADDRESS,
    PATH,
    PEERS,
    PORT,
    PROFILE,
    SERVERS,
    USERS,
    WORKLOAD,
)
from emrnetcheck.config.writing import Key, Value
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
from emrnetcheck.mailing import provider_of, provider_of_mailbox, takes_no_password
from emrnetcheck.model import FAILURE_WORDS, Access, Failure, FailureKind, Site
from emrnetcheck.profiles import PROFILES, PageKind
from emrnetcheck.schedule.due import parse_all

if TYPE_CHECKING:
    from emrnetcheck.probes.answers import Inside, PageSeen
    from emrnetcheck.probes.surroundings import Surroundings

MANY_USERS = 30
"""A clinic small enough to host its own EMR has fewer people than that; a typing error (44 for 4) has more."""
_INSIDE = (AddressClass.PRIVATE, AddressClass.LINK_LOCAL, AddressClass.LOOPBACK)
_HTTP_ERROR = 400
_LOG_IN = (401, 403)


@dataclass(frozen=True, slots=True)
class Told:
    """What was seen. doubtful: the answer may be wrong, so it is asked for once more."""

    text: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """around: what was found out before. site: the settings as they are. offline: nothing may leave the office.

    mails: whether mails are sent up to now.
    """

    around: Surroundings
    site: Site
    offline: bool
    mails: bool = False

    def of(self, key: Key, answers: Answers) -> Told | None:
        """None where there is nothing to try."""
        look = _LOOKS.get(key)
        return look(self, answers) if look is not None else None

    def asks_somebody(self, key: Key, answers: Answers) -> bool:
        """Whether trying this answer may take seconds."""
        if key == HOSTNAME:
            return answers[key] is not None and not self.offline
        if key == PEERS:
            return bool(answers[key])
        address = _text(answers, LAN_ADDRESS)
        if key == LAN_ADDRESS and (address is None or address in self.around.own):
            return False
        return key in (LAN_ADDRESS, PORT, PATH) and (address is None or self.may_ask(address))

    def may_ask(self, address: str) -> bool:
        """Whether asking it stays inside what is allowed."""
        return not self.offline or address in self.around.own or address_class(address) in _INSIDE


def _lan_address(trial: Trial, answers: Answers) -> Told | None:
    from emrnetcheck.probes.answers import who_is_there

    address = answers[LAN_ADDRESS]
    if not isinstance(address, str):
        return None
    if address in trial.around.own:
        return Told(f"{address} is this computer.")
    if not trial.may_ask(address):
        return Told(f"Not tried: {address} is not in this office (--offline).")
    if address in who_is_there([address]):
        return Told(f"A computer answers at {address}.")
    return Told(f"No computer answers at {address}. It may be off, or its firewall keeps silent.", doubtful=True)


def _port(trial: Trial, answers: Answers) -> Told | None:
    from emrnetcheck.probes.answers import server_at

    address, port = _text(answers, LAN_ADDRESS), _number(answers, PORT)
    if address is not None and not trial.may_ask(address):
        return Told(f"Not tried: {address} is not in this office (--offline).")
    seen = server_at(address, port, _text(answers, HOSTNAME))
    return _port_in_words(seen, port, is_tunnel=answers.get(ACCESS) == Access.TUNNEL)


def _port_in_words(seen: Inside, port: int, *, is_tunnel: bool) -> Told:
    at = f"port {port} of {seen.lan_address or 'this computer'}"
    if seen.lan is not None and seen.lan.open:
        failure = seen.spoken.failure if seen.spoken is not None else None
        if failure is None:
            return Told(f"The server answers at {at}, with encryption.")
        if failure.kind is FailureKind.PLAIN_HTTP:
            return Told(f"Something answers at {at}, but without encryption (http). The check will say so.")
        return Told(f"Something answers at {at}, but not as an EMR does: {_why(failure)}.", doubtful=True)
    if seen.at_bound is not None and seen.at_bound.open:
        return Told(f"Something answers at port {port} of {seen.at_bound.address} only, not at {at}.")
    if seen.loopback is not None and seen.loopback.open:
        if is_tunnel:
            return Told(f"Something answers at port {port}, to this computer only. For a tunnel that is right.")
        return Told(
            f"Something answers at port {port}, but to this computer only: nobody else can open it.", doubtful=True
        )
    why = f" ({_why(seen.lan.failure)})" if seen.lan is not None and seen.lan.failure is not None else ""
    return Told(
        f"Nothing answers at {at} yet{why}. That is right if the EMR is not installed or not started.", doubtful=True
    )


def _path(trial: Trial, answers: Answers) -> Told | None:
    """Only where the port answers: that it does not was told before."""
    from emrnetcheck.probes.answers import LOOPBACK, first_open, page_at

    given, port = _text(answers, LAN_ADDRESS), _number(answers, PORT)
    addresses = [given] if given is not None else [each for each in (trial.around.address, LOOPBACK) if each]
    there = first_open([each for each in addresses if trial.may_ask(each)], port)
    if there is None:
        return None
    page = page_at(there, port, _text(answers, HOSTNAME), str(answers[PATH]))
    return _page_in_words(page, str(answers.get(PROFILE) or "custom"), str(answers[PATH]))


def _page_in_words(page: PageSeen | Failure, profile: str, path: str) -> Told:
    expected = PROFILES[profile]
    if isinstance(page, Failure):
        return Told(f"No page came from there: {_why(page)}.", doubtful=True)
    if page.elsewhere:
        return Told(f"{path} sends on to another server or port.")
    if page.status in _LOG_IN:
        return Told(f"The server asks for a password before it shows {path}.")
    if page.status >= _HTTP_ERROR:
        return Told(f"The server has no page at {path}: it answers with error {page.status}.", doubtful=True)
    if expected.kind is None:
        return Told(f"There is a page at {path}.")
    if page.kind is expected.kind:
        return Told(f"There is the log-in page of {expected.title} at {path}.")
    other = next((each.title for each in PROFILES.values() if each.kind is page.kind), None)
    what = f"that of {other}" if other else "a page of a router" if page.kind is PageKind.ROUTER else "another one"
    return Told(f"The page at {path} does not look like {expected.title}: it is {what}.", doubtful=True)


def _hostname(trial: Trial, answers: Answers) -> Told | None:
    from emrnetcheck.probes.answers import where_name_leads

    name = answers[HOSTNAME]
    if not isinstance(name, str):
        return None
    if trial.offline:
        return Told("Not tried: looking a name up leaves the office (--offline).")
    found = where_name_leads(name)
    if isinstance(found, Failure):
        if found.kind in (FailureKind.NAME_NOT_FOUND, FailureKind.NAME_NO_ADDRESS, FailureKind.MALFORMED):
            return Told(f"{name} leads nowhere: {_why(found)}. Is it spelled right?", doubtful=True)
        return Told(f"Whether {name} exists could not be told: {_why(found)}.")
    return _led_to(name, found.addresses, answers)


def _led_to(name: str, addresses: tuple[str, ...], answers: Answers) -> Told:
    leads = f"{name} leads to {', '.join(addresses[:4])}"
    if answers.get(ACCESS) != Access.DIRECT or any(address_class(each) is AddressClass.PUBLIC for each in addresses):
        return Told(f"{leads}.")
    return Told(f"{leads}. That is no address of the Internet: from outside nobody gets there.")


def _users(_trial: Trial, answers: Answers) -> Told | None:
    users = _number(answers, USERS)
    if users <= MANY_USERS:
        return None
    return Told(f"{users} people at the same moment are very many for one clinic. Is it so?", doubtful=True)


def _workload(trial: Trial, answers: Answers) -> Told:
    """What has to be ordered from the provider, before anybody has measured."""
    users, work = _number(answers, USERS), str(answers[WORKLOAD])
    wanted = replace(trial.site, users=users, workload=work)
    people = "1 person" if users == 1 else f"{users} people"
    return Told(
        f"{people} {workloads.each(wanted).who}: the line has to carry about "
        f"{workloads.line_rate_for(wanted, GOODPUT_PER_LINE_RATE)} Mbps outwards (upload) for them."
    )


def _peers(trial: Trial, answers: Answers) -> Told | None:
    from emrnetcheck.probes.answers import who_is_there

    asked = [each for each in _list(answers, PEERS) if trial.may_ask(each)]
    mine = [each for each in asked if each in trial.around.own]
    if mine:
        return Told(f"{', '.join(mine)} is this computer: name another one.", doubtful=True)
    if not asked:
        return None
    if trial.around.gateway in asked:
        return Told(f"{trial.around.gateway} is the router, which is tested anyway: name another one.", doubtful=True)
    there = who_is_there(asked)
    silent = [each for each in asked if each not in there]
    if silent:
        return Told(f"No answer from {', '.join(silent)}. Is it on?", doubtful=True)
    return Told(f"{'It answers' if len(asked) == 1 else 'All of them answer'}.")


def _servers(_trial: Trial, answers: Answers) -> Told | None:
    if _list(answers, SERVERS):
        return None
    return Told("Then nobody is asked, and whether the line is fast enough cannot be told.")


def _mail(trial: Trial, answers: Answers) -> Told | None:
    if answers[MAIL] is not True:
        told = "Then no mail is sent any more, no alarm either."
        return Told(told, doubtful=True) if trial.mails else None
    if parse_all(trial.site.schedule.report).slots:
        return None
    return Told('But the file has [schedule] report = "off": take that line out, or only alarms are mailed.')


def _mail_from(_trial: Trial, answers: Answers) -> Told | None:
    sender = str(answers[MAIL_FROM])
    if not takes_no_password(sender):
        return None
    return Told(f"No program can send from {sender} with a password any more: take another mailbox.", doubtful=True)


def _smtp_host(_trial: Trial, answers: Answers) -> Told | None:
    sender, provider = str(answers[MAIL_FROM]), provider_of(str(answers[SMTP_HOST]))
    own = provider_of_mailbox(sender)
    if own is not None and own is not provider:
        told = f"A mail from {sender} that another mail server sends looks forged, and is often refused."
        return Told(told, doubtful=True)
    return Told(f"The password there: {provider.password}.") if provider is not None else None


def _why(failure: Failure) -> str:
    """Without what was asked: that stands in the sentence already."""
    return FAILURE_WORDS[failure.kind] + (f": {failure.detail}" if failure.detail else "")


def _text(answers: Answers, key: Key) -> str | None:
    value = answers.get(key)
    return value if isinstance(value, str) else None


def _number(answers: Answers, key: Key) -> int:
    return cast("int", answers[key])


def _list(answers: Answers, key: Key) -> list[str]:
    value: Value | None = answers.get(key)
    return value if isinstance(value, list) else []


_LOOKS: Mapping[Key, Callable[[Trial, Answers], Told | None]] = {
    LAN_ADDRESS: _lan_address,
    PORT: _port,
    PATH: _path,
    HOSTNAME: _hostname,
    USERS: _users,
    WORKLOAD: _workload,
    PEERS: _peers,
    SERVERS: _servers,
    MAIL: _mail,
    MAIL_FROM: _mail_from,
    SMTP_HOST: _smtp_host,
}
