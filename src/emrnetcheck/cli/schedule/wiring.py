"""Who does the work of an unattended run: which parts of the program measure, judge alarms, write mails and send?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emrnetcheck.cli.schedule.looking import Looking
from emrnetcheck.cli.schedule.planning import Clock, clock_of
from emrnetcheck.cli.zone import Here

if TYPE_CHECKING:
    from emrnetcheck.alerting import AlertState
    from emrnetcheck.model import Site
    from emrnetcheck.model.alerts import Notice
    from emrnetcheck.model.claims import Claim, Work
    from emrnetcheck.model.mail import Composed
    from emrnetcheck.store.history import History
    from emrnetcheck.unattended import Alarmed, Measured, Parts, Pinged

Tell = Callable[[str], None]
_STARTED_EVERY = timedelta(minutes=15)


def parts_of(site: Site, host_id: str, installed_at: datetime | None, tell: Tell, *, waits: bool) -> Parts:
    """All of them, for these settings. installed_at: nothing before it is due. waits: for a network connection."""
    from emrnetcheck.cli.email.asking import sending
    from emrnetcheck.cli.history.asking import opened
    from emrnetcheck.unattended import Parts

    wiring = _Wiring(site, clock_of(site, host_id), installed_at, tell)
    return Parts(
        site=site.name,
        zone=Here(),
        now=_now,
        opened=lambda: opened(site, write=True),
        believed_since=wiring.believed_since,
        due=wiring.due,
        retest_at=wiring.retest_at,
        measure=wiring.measure,
        aside=wiring.aside,
        owes_load=wiring.owes_load,
        connected=_connected if waits else lambda: True,
        alarm=wiring.alarm,
        weekly=wiring.weekly,
        send=sending(site.mail) if site.mail is not None else None,
        tidy=wiring.tidy,
        ping=wiring.ping,
        tell=tell,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _connected() -> bool:
    from emrnetcheck.net import host

    return host.has_way_out()


class _Wiring:
    def __init__(self, site: Site, clock: Clock, installed_at: datetime | None, tell: Tell) -> None:
        self._site = site
        self._clock = clock
        self._installed_at = installed_at
        self._tell = tell
        self._looking = Looking(site, clock.hours, Here())

    def due(self, kind: Work, last_claimed: datetime | None, now: datetime) -> datetime | None:
        from emrnetcheck.schedule.due import due

        when = dict(self._clock.works())[kind]
        offset_s = self._clock.offset_s
        return due(when, Here(), last_claimed=last_claimed, installed_at=self._installed_at, now=now, offset_s=offset_s)

    def believed_since(self, history: History, now: datetime) -> datetime | None:
        from emrnetcheck.unattended.clock import believed_since

        name, installed_at = self._site.name, self._installed_at
        return believed_since(history, name, now, installed_at=installed_at, zone=Here(), tell=self._tell)

    def owes_load(self, check: Claim, now: datetime) -> bool:
        meant_at = check.due_at + timedelta(seconds=self._clock.offset_s)
        return check.claimed_at <= now and self._looking.owes(meant_at, check.claimed_at, now)

    def retest_at(self, state: str | None, now: datetime) -> datetime | None:
        from emrnetcheck.alerting import retest_checks, wants_retest

        remembered = self._remembered(state)
        return wants_retest(remembered, now, self._looking.askable(retest_checks(remembered), now))

    def measure(self, kind: Work, state: str | None) -> Measured:
        from emrnetcheck.alerting import retest_checks
        from emrnetcheck.model.claims import Work

        suspects = retest_checks(self._remembered(state)) if kind is Work.RETEST else ()
        return self._looking.look(suspects, _now(), light=kind is Work.LOOK)

    def aside(self, made: Measured) -> str:
        from emrnetcheck.cli.keeping import set_aside

        return set_aside(made.run.id, made.report, made.settings)

    def alarm(self, state: str | None, report: str, now: datetime) -> Alarmed:
        from emrnetcheck.alerting import step, to_json
        from emrnetcheck.alerting.report import judged
        from emrnetcheck.reports.json import parse
        from emrnetcheck.unattended import Alarmed

        remembered = self._remembered(state, told=True)
        mails = self._site.mail is not None
        after, notices = step(remembered, judged(parse(report)), self._site.alerts, now, mails=mails)
        after, composed = self._mails(notices, after)
        return Alarmed(to_json(after), composed, tuple(_in_words(each) for each in notices))

    def weekly(self, history: History, due_at: datetime, now: datetime) -> Composed | None:
        if self._site.mail is None:
            return None
        from emrnetcheck.cli.email.weekly import standing_now, weekly_mail

        day = due_at.astimezone(Here()).date()
        standing = standing_now(self._site, history, now)
        return weekly_mail(self._site, self._site.mail, due=day, standing=standing, planned=self._planned)

    def _planned(self, since: datetime, until: datetime) -> int | None:
        from emrnetcheck.schedule.due import moments

        if self._installed_at is None:
            return None
        # What is due now is begun so much later: at this computer's own minute, and when the scheduler starts us next.
        later = timedelta(seconds=self._clock.offset_s) + _STARTED_EVERY
        since, until = max(since - later, self._installed_at), until - later
        if since >= until:
            return None
        return moments((self._clock.check, self._clock.look), Here(), since, until)

    def tidy(self, history: History) -> None:
        from emrnetcheck.cli.keeping import tidy

        tidy(history, _now() - timedelta(days=self._site.history_keep_days))

    def ping(self, what: Pinged) -> None:
        url = self._site.schedule.ping_url
        if url is None:
            return
        from emrnetcheck.model import Failure
        from emrnetcheck.net.ping import Signal, address_of, ping

        address = address_of(url)
        failure = address if isinstance(address, Failure) else ping(address, Signal[what.name])
        if failure is not None:
            self._tell(f"Who waits for a ping was not told ({what}): {failure.in_words()}.")

    def _remembered(self, state: str | None, *, told: bool = False) -> AlertState:
        """told: that it cannot be read is told."""
        from emrnetcheck.alerting import AlertState, from_json

        try:
            return from_json(state)
        except ValueError as error:
            if told:
                self._tell(f"{error} It begins anew: what was open is forgotten.")
            return AlertState()

    def _mails(self, notices: tuple[Notice, ...], after: AlertState) -> tuple[AlertState, tuple[Composed, ...]]:
        """One of all alarms of a run, and one of all that is over: it answers the mails of its alarms, so the state has
        to know them."""
        mail = self._site.mail
        if mail is None or not notices:
            return after, ()
        from emrnetcheck.alerting import standing, with_mail
        from emrnetcheck.cli.email.asking import envelope_of, program
        from emrnetcheck.model.alerts import Posted
        from emrnetcheck.model.mail import MailKind
        from emrnetcheck.reports.mail import notice

        envelope = envelope_of(self._site, mail)
        still = [each.code for each in standing(after, envelope.now).open]
        composed = []
        for kind in (MailKind.ALERT, MailKind.RECOVERY):
            told = [each for each in notices if each.kind == kind]
            if told:
                made = notice(told, envelope=envelope, command=program(), still_open=still)
                posted = Posted(made.composed_at, made.message_id)
                after = with_mail(after, [each.incident_id for each in told], posted)
                composed.append(made)
        return after, tuple(composed)


def _in_words(notice: Notice) -> str:
    from emrnetcheck.model.mail import MailKind

    what = "ALARM" if notice.kind == MailKind.ALERT else "Well again"
    return f"{what}: {notice.summary} ({notice.code})"
