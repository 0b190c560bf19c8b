"""emrnetcheck acknowledge CODE: a finding is known and accepted for a time; it stays in the report, as no alarm."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.nearest import no_such_code
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emrnetcheck.model import Acknowledged

LONGEST = timedelta(days=366)
LONGEST_SAFETY = timedelta(days=30)
LONGEST_WHY = 300


def acknowledge(
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="A code such as switch.slow.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day of it: 2027-03-03.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; it is shown in each report.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="Show what is accepted.")] = False,
    remove: Annotated[str, typer.Option("--remove", metavar="CODE", help="Let this one count again.")] = "",
    config: ConfigOption = None,
) -> None:
    """Accept a finding of `run` until a day: it is kept and shown, and no longer decides the verdict."""
    from emrnetcheck.config import ConfigError, accepted_file, code_as_kept, find_file, read_accepted

    if sum((bool(code), listing, bool(remove))) != 1:
        refuse("Name one code to accept, or give --list, or give --remove CODE.")
    if (until or why) and not code:
        refuse("--until and --why belong to a code that is to be accepted: name it.")
    try:
        file = accepted_file(find_file(config))
        accepted = read_accepted(file)
        today = datetime.now().astimezone().date()
        if listing:
            _list(accepted, today)
        elif remove:
            _remove(file, accepted, code_as_kept(remove))
        else:
            _accept(file, accepted, code_as_kept(code), _day(until), _reason(why), today)
    except ConfigError as error:
        refuse(str(error))


def _list(accepted: Mapping[str, Acknowledged], today: date) -> None:
    from emrnetcheck.reports.accepted import in_words
    from emrnetcheck.reports.wording import clean

    if not accepted:
        typer.echo("Nothing is accepted: every finding counts.")
    for code, each in sorted(accepted.items()):
        over = "" if each.holds_on(today) else " (over: it counts again)"
        typer.echo(f"{clean(code)}: {in_words(each)}{over}")


def _remove(file: Path, accepted: dict[str, Acknowledged], code: str) -> None:
    from emrnetcheck.config import write_accepted
    from emrnetcheck.reports.wording import clean

    if code not in accepted:
        refuse(f"{clean(code)[:60]} is not accepted, so there is nothing to remove. --list shows what is.")
    write_accepted(file, {name: each for name, each in accepted.items() if name != code})
    typer.echo(f"{code} counts again, from the next run on.")


def _accept(file: Path, accepted: dict[str, Acknowledged], code: str, until: date, why: str, today: date) -> None:
    from emrnetcheck.config import write_accepted
    from emrnetcheck.model import Acknowledged
    from emrnetcheck.reports.accepted import in_words

    _check_code(code)
    _check_day(code, until, today)
    new = Acknowledged(why, until)
    write_accepted(file, accepted | {code: new})
    typer.echo(f"{code} is {in_words(new)}")
    typer.echo(f"Kept in {file}. It counts from the next run on; stored runs stay as they are.")


def _check_code(code: str) -> None:
    """One that `run` finds, and that is no good news."""
    from emrnetcheck.checks import ALL, EVERY
    from emrnetcheck.model import Severity

    mine = {name: known for check in ALL for name, known in check.codes.items()}
    if code not in mine:
        if any(code in check.codes for check in EVERY):
            refuse(f"{code} is found by `client` only, whose answer is asked for once: there is no alarm to accept.")
        refuse(no_such_code(code, mine))
    if mine[code].severity is Severity.OK:
        refuse(f"{code} says that something is fine: there is nothing to accept.")


def _day(text: str) -> date:
    if not text:
        refuse("Say until when: --until with a day such as 2027-03-03. Nothing is accepted for ever.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        from emrnetcheck.reports.wording import clean

        refuse(f"--until {clean(text)[:60]} is no day: write it as 2027-03-03 (year, month, day).")


def _check_day(code: str, until: date, today: date) -> None:
    from emrnetcheck.checks import SAFETY

    if until < today:
        refuse(f"--until {until} is in the past: name a day from today on.")
    if until - today > LONGEST:
        refuse(f"--until {until} is more than a year away: take {today + LONGEST} at most, and look at it again then.")
    if code in SAFETY and until - today > LONGEST_SAFETY:
        refuse(
            f"{code} is about safety: patient data may be at risk meanwhile. It can be accepted for "
            f"{LONGEST_SAFETY.days} days at most, until {today + LONGEST_SAFETY}."
        )


def _reason(text: str) -> str:
    """On one line, without control characters: it is shown on terminals and pages, and kept in a file."""
    from emrnetcheck.reports.wording import clean

    why = clean(text)
    if not why:
        refuse("Say why it is accepted: --why with a sentence. Whoever reads the report later will want to know.")
    if len(why) > LONGEST_WHY:
        refuse(f"--why is longer than {LONGEST_WHY} characters: say it shorter.")
    return why
