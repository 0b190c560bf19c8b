"""emrnetcheck email test: one mail to each recipient, step by step, and what the server means by what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.email.asking import envelope_of, password_of, program, settings_with_mail
from emrnetcheck.cli.history.asking import ending, show_lines
from emrnetcheck.cli.options import ConfigOption, PlainOption
from emrnetcheck.cli.run import refuse
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.model import Site
    from emrnetcheck.model.mail import Composed, Reply
    from emrnetcheck.model.mail_settings import MailSettings
    from emrnetcheck.model.mail_step import Step
    from emrnetcheck.net.secrets import Secret

_TIMEOUT_S = 60.0  # somebody waits


def trial(
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Instead of those in the settings; repeatable.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No steps; only what came of it.")] = False,
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Send a test mail, show each step, and say what to do where one fails. Nothing is measured or kept."""
    with ending():
        site, mail = settings_with_mail(config)
        recipients = _recipients(to) or mail.to
        password = _password(mail)
        statuses = set()
        for number, recipient in enumerate(recipients):
            composed = _composed(site, mail, recipient)
            steps: list[Step] = []
            reply = _sent(mail, composed, recipient, password, steps)
            _show(mail, recipient, [] if quiet else steps, reply, plain=plain, first=number == 0)
            statuses.add(_status(reply))
            if reply.stage in ("connect", "tls", "auth"):  # it would be the same for the others
                break
        raise typer.Exit(max(statuses))


def _recipients(to: list[str] | None) -> tuple[str, ...]:
    from emrnetcheck.config import ConfigError
    from emrnetcheck.config.answers import valid

    try:
        found = valid("email", "to", to or [])
    except ConfigError as error:
        refuse(f"--to {error}.")
    assert isinstance(found, list)
    return tuple(found)


def _password(mail: MailSettings) -> Secret | None:
    from emrnetcheck.model import Failure

    password = password_of(mail)
    if isinstance(password, Failure):
        refuse(
            f"The password of {mail.server.username} at {mail.server.host} cannot be read: {password.in_words()}. "
            f'Put one in with "{program()} email password".'
        )
    return password


def _composed(site: Site, mail: MailSettings, recipient: str) -> Composed:
    from emrnetcheck.reports import mail as mails

    return mails.test(envelope_of(site, mail, (recipient,)))


def _sent(mail: MailSettings, composed: Composed, recipient: str, password: Secret | None, steps: list[Step]) -> Reply:
    from emrnetcheck.net import smtp

    return smtp.send(
        mail.server,
        sender=composed.sender,
        recipient=recipient,
        message=composed.message,
        password=password,
        timeout_s=_TIMEOUT_S,
        confirm_s=_TIMEOUT_S,
        tell=steps.append,
    )


def _show(mail: MailSettings, recipient: str, steps: list[Step], reply: Reply, *, plain: bool, first: bool) -> None:
    from emrnetcheck.reports.posting import trial_page

    show_lines(trial_page(mail, recipient, steps, reply, first=first, command=program()), plain=plain)


def _status(reply: Reply) -> ExitStatus:
    """0: taken, 1: not taken, 3: nobody knows."""
    from emrnetcheck.model.mail import Outcome

    known = {Outcome.SENT: ExitStatus.READY, Outcome.UNCONFIRMED: ExitStatus.COULD_NOT_TELL}
    return known.get(reply.outcome, ExitStatus.NOT_READY)
