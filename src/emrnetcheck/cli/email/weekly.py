"""How does this week's mail come out of the history?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from emrnetcheck.cli.email.asking import envelope_of, program

if TYPE_CHECKING:
    from emrnetcheck.cli.report_week import Planned
    from emrnetcheck.model import Site
    from emrnetcheck.model.mail import Composed
    from emrnetcheck.model.mail_settings import MailSettings
    from emrnetcheck.reports.mail import Standing
    from emrnetcheck.store.history import History

_WEEK = timedelta(days=7)


def weekly_mail(
    site: Site,
    mail: MailSettings,
    *,
    due: date | None = None,
    standing: Standing | None = None,
    planned: Planned | None = None,
) -> Composed:
    """The last seven days until now beside the seven before, with pictures. StoreError where the history is broken.

    due: the day by the clinic's clock that the mail is for; today if not told. planned: see `week_of`.
    """
    from emrnetcheck.cli.keeping import place
    from emrnetcheck.cli.report_week import nobody_planned, week_of
    from emrnetcheck.model.schedule import LoadTests
    from emrnetcheck.reports import mail as mails
    from emrnetcheck.reports.plots import pictures_of_week

    envelope = envelope_of(site, mail)
    week = week_of(
        place(site),
        site.name,
        envelope.now,
        never_loads=site.schedule.load_tests is LoadTests.NEVER,
        planned=planned or nobody_planned,
    )
    pictures = pictures_of_week(week.rows, now=week.now, zone=envelope.zone)
    attached, why_not = _attached(site, mail, week.latest.id if week.latest is not None else None)
    return mails.weekly(
        week,
        pictures,
        envelope=envelope,
        due=due,
        standing=standing,
        attached=attached,
        why_not_attached=why_not,
        command=program(),
    )


def standing_now(site: Site, history: History, now: datetime) -> Standing:
    """How the alarms and the outbox stand, of the last seven days. What cannot be read is as if nothing were open."""
    from emrnetcheck.alerting import AlertState, from_json, standing
    from emrnetcheck.cli.keeping import place
    from emrnetcheck.reports.mail import standing_of
    from emrnetcheck.store.alerts import AlertStates
    from emrnetcheck.store.unsent import unsent

    text, _ = AlertStates(history).load(site.name)
    try:
        remembered = from_json(text)
    except ValueError:
        remembered = AlertState()
    return standing_of(standing(remembered, now - _WEEK), unsent(place(site), site.name, now))


def _attached(site: Site, mail: MailSettings, id_: str | None) -> tuple[str | None, str]:
    """The newest whole report without names and addresses; or None, and why, where somebody wanted it."""
    if not mail.attach_report:
        return None, ""
    if id_ is None:
        return None, "there is none of this week"
    from emrnetcheck.cli.keeping import place
    from emrnetcheck.cli.sharing import redacted_json
    from emrnetcheck.reports.json import parse
    from emrnetcheck.store import DamagedRunError
    from emrnetcheck.store.reading import kept_report

    try:
        report = parse(kept_report(place(site), id_))
    except (DamagedRunError, ValueError):
        return None, "it cannot be read"
    text = redacted_json(report, site)
    return text, "" if text is not None else "it is not certain that all names would be taken out of it"
