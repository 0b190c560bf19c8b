"""emrnetcheck email send: what waits in the outbox, now; and this week's mail before its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from emrnetcheck.cli.email.asking import program, sending, settings_with_mail
from emrnetcheck.cli.email.weekly import standing_now, weekly_mail
from emrnetcheck.cli.history.asking import ending, here, opened, show_lines
from emrnetcheck.cli.options import ConfigOption, PlainOption
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.model import Site
    from emrnetcheck.model.mail import Delivery
    from emrnetcheck.model.mail_settings import MailSettings
    from emrnetcheck.unattended import Done, Parts


def send(
    weekly: Annotated[bool, typer.Option("--weekly", help="Write this week's mail first, before its time.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Leave alone what is to wait for its next try.")] = False,
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Send what waits in the outbox, also what was to be tried later; nothing is measured."""
    with ending():
        from emrnetcheck.cli.renamed import go_on_under_its_name
        from emrnetcheck.reports.wording import clean
        from emrnetcheck.store import NothingStoredError

        site, mail = settings_with_mail(config)
        go_on_under_its_name(site, config, lambda sentence: typer.echo(clean(sentence), err=True))
        if weekly:
            _put_in(site, mail)
        try:
            done = _send(site, mail, early=not due)
        except NothingStoredError:
            typer.echo("Nothing waits: no mail was written yet.")
            return
        _show(site, mail, done, plain=plain)
        raise typer.Exit(_status(done))


def _put_in(site: Site, mail: MailSettings) -> None:
    from emrnetcheck.reports.wording import clean
    from emrnetcheck.store.outbox import Outbox

    with opened(site, write=True) as history:
        composed = weekly_mail(site, mail, standing=standing_now(site, history, datetime.now(UTC)))
        outbox = Outbox(history, site.name)
        if outbox.compose(composed):
            return
        added = outbox.address(composed)
        if added:  # as after a misspelling in the settings
            typer.echo(
                clean(f"Today's weekly mail was written before, and now goes to {', '.join(added)}, too."), err=True
            )
        else:
            told = "Today's weekly mail was written before, and is not written twice: what became of it, tells"
            typer.echo(f'{told} "{program()} email outbox".', err=True)


def _send(site: Site, mail: MailSettings, *, early: bool) -> Done:
    from emrnetcheck.store import StoreError
    from emrnetcheck.unattended import send_waiting

    with opened(site):  # what is wrong with it is told here, in a sentence
        pass
    done = send_waiting(_parts(site, mail), early=early)
    for trouble in done.troubles:
        if trouble.bug:
            typer.echo(f"{trouble.in_words()}. See the outbox for what was sent before.", err=True)
            raise typer.Exit(ExitStatus.INTERNAL_ERROR)
        if not trouble.of_mail:
            raise StoreError(trouble.in_words())
    return done


def _parts(site: Site, mail: MailSettings) -> Parts:
    """Of an unattended run, only what sending needs."""
    from emrnetcheck.unattended import Parts

    return Parts(
        site=site.name,
        zone=here(),
        now=lambda: datetime.now(UTC),
        opened=lambda: opened(site, write=True),
        believed_since=_unasked,
        due=_unasked,
        retest_at=_unasked,
        measure=_unasked,
        aside=_unasked,
        alarm=_unasked,
        weekly=_unasked,
        send=sending(mail),
    )


def _unasked(*_: object) -> NoReturn:
    raise AssertionError("nothing but sending was asked for")


def _show(site: Site, mail: MailSettings, done: Done, *, plain: bool) -> None:
    """Each mail that was tried, with what its server means; and whether others still wait."""
    from emrnetcheck.model.mail import DeliveryState
    from emrnetcheck.reports.posting import outbox_page
    from emrnetcheck.store.outbox import Outbox

    tried = {number for number, _ in done.sent}
    waiting = (DeliveryState.WAITING, DeliveryState.SENDING)
    with opened(site) as history:
        outbox = Outbox(history, site.name)
        found: list[Delivery] = [each for each in outbox.listed() if each.id in tried]
        others = [each for each in outbox.listed(states=waiting) if each.id not in tried]
    if found:
        page = outbox_page(found, more=False, zone=here(), server=mail.server, command=program())
        show_lines(page, plain=plain)
    elif not others:
        typer.echo("Nothing waits.")
    if others:
        typer.echo(f'{_counted(len(others))} not tried now: see "{program()} email outbox".')


def _counted(count: int) -> str:
    return "1 mail that waits was" if count == 1 else f"{count} mails that wait were"


def _status(done: Done) -> ExitStatus:
    """0: all that was tried went; 1: not all."""
    from emrnetcheck.model.mail import DeliveryState

    went = all(state is DeliveryState.SENT for _, state in done.sent)
    return ExitStatus.READY if went else ExitStatus.NOT_READY
