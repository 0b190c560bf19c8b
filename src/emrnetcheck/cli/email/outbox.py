"""emrnetcheck email outbox: which mails wait, which were sent, which were given up, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.email.asking import all_settings, program
from emrnetcheck.cli.history.asking import FormOption, chosen, ending, here, kept_settings, opened, show_lines
from emrnetcheck.cli.options import ConfigOption, PlainOption
from emrnetcheck.cli.renamed import go_on_under_its_name
from emrnetcheck.cli.run import refuse

if TYPE_CHECKING:
    from emrnetcheck.store.outbox import Outbox

_SHOWN = 20
IdArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As the list names it.")]

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def listing(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", metavar="waiting|sending|sent|failed", help="Only these.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = _SHOWN,
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """List the mails, the newest first: which wait, which were sent, which were given up, and why."""
    if context.invoked_subcommand is not None:
        return
    chosen(form, ("text", "json"), "--format")
    with ending():
        from emrnetcheck.model.mail import DeliveryState
        from emrnetcheck.reports import posting
        from emrnetcheck.store import NothingStoredError
        from emrnetcheck.store.outbox import Outbox

        states = (
            list(DeliveryState) if state is None else [DeliveryState(chosen(state, list(DeliveryState), "--state"))]
        )
        site = all_settings(config)
        go_on_under_its_name(site, config, _note)
        try:
            with opened(site) as history:
                found = Outbox(history, site.name).listed(states=states, most=limit + 1)
        except NothingStoredError:
            found = []
        if form == "json":
            sys.stdout.write(posting.outbox_json(found[:limit]))
            return
        server = site.mail.server if site.mail is not None else None
        page = posting.outbox_page(
            found[:limit],
            more=len(found) > limit,
            all_wanted=state is None,
            zone=here(),
            server=server,
            command=program(),
        )
        show_lines(page, plain=plain)


@app.command()
def retry(number: IdArgument, config: ConfigOption = None) -> None:
    """Try a mail again that was given up, or that waits: with the next `email send` or scheduled run."""
    done = f'is tried again: "{program()} email send" does it now'
    _change(number, config, lambda outbox, now: outbox.retry(number, now), done)


@app.command()
def drop(number: IdArgument, config: ConfigOption = None) -> None:
    """Give up a mail that waits: it is not sent any more."""
    _change(number, config, lambda outbox, now: outbox.drop(number, now), "is given up, and not sent any more")


def _note(sentence: str) -> None:
    from emrnetcheck.reports.wording import clean

    typer.echo(clean(sentence), err=True)


def _change(number: int, config: ConfigOption, change: Callable[[Outbox, datetime], bool], done: str) -> None:
    with ending():
        from emrnetcheck.store import NothingStoredError
        from emrnetcheck.store.outbox import Outbox

        site = kept_settings(config)
        go_on_under_its_name(site, config, _note)
        try:
            with opened(site, write=True) as history:
                changed = change(Outbox(history, site.name), datetime.now(UTC))
        except NothingStoredError:
            changed = False
        if not changed:
            refuse(f'No mail {number} waits or was given up: see "{program()} email outbox".')
        typer.echo(f"Mail {number} {done}.")
