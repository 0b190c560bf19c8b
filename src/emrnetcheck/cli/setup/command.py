"""Which answers come from the command line, and how does `setup` end?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.options import PlainOption
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.cli.setup.session import Given, Session

_NOTHING_WRITTEN = "Nothing was written."


def setup(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", readable=False, help="The settings file to write; may be a new one."),
    ] = None,
    access: Annotated[
        str | None,
        typer.Option("--access", metavar="direct|vpn|tunnel|lan_only", help="How people outside reach the EMR."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="oscar|openemr|openmrs|custom", help="Which EMR it is.")
    ] = None,
    lan_address: Annotated[
        str | None,
        typer.Option("--lan-address", metavar="ADDRESS|here", help="The server in the office; here: this computer."),
    ] = None,
    port: Annotated[str | None, typer.Option("--port", metavar="NUMBER", help="The EMR's port.")] = None,
    path: Annotated[str | None, typer.Option("--path", metavar="PATH", help="The path of its log-in page.")] = None,
    hostname: Annotated[
        str | None, typer.Option("--hostname", metavar="NAME|none", help="The EMR's name on the Internet.")
    ] = None,
    addressing: Annotated[
        str | None,
        typer.Option("--addressing", metavar="dynamic|static", help="Is the office's Internet address fixed?"),
    ] = None,
    users: Annotated[
        str | None, typer.Option("--users", metavar="NUMBER", help="People who work from outside at once.")
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option("--workload", metavar="text|records|documents|video|hd_video", help="What they do most."),
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option("--peer", metavar="ADDRESS|auto", help="Another computer of the office. May be repeated."),
    ] = None,
    upload_server: Annotated[
        list[str] | None,
        typer.Option(
            "--upload-server", metavar="SERVER|none", help="Who may measure the line with you. May be repeated."
        ),
    ] = None,
    consent: Annotated[
        bool | None, typer.Option("--consent/--no-consent", help="May services outside try which ports are open?")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="What the clinic is called.")] = None,
    mail: Annotated[bool | None, typer.Option("--mail/--no-mail", help="Is a report mailed every week?")] = None,
    mail_to: Annotated[
        list[str] | None, typer.Option("--mail-to", metavar="ADDRESS", help="Who gets the mails. May be repeated.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option("--mail-from", metavar="ADDRESS", help="The address that the mails come from.")
    ] = None,
    smtp_host: Annotated[
        str | None,
        typer.Option("--smtp-host", metavar="NAME", help="The mail server; large providers' by --mail-from."),
    ] = None,
    smtp_port: Annotated[
        str | None, typer.Option("--smtp-port", metavar="NUMBER", help="Its port; else the usual one.")
    ] = None,
    smtp_security: Annotated[
        str | None,
        typer.Option("--smtp-security", metavar="starttls|tls|none", help="How it encrypts; else by its port."),
    ] = None,
    smtp_user: Annotated[
        str | None,
        typer.Option("--smtp-user", metavar="NAME|none", help="As whom to log in there; else as --mail-from."),
    ] = None,
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing: take the options above, and say what is missing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write without asking, also over a file that says something else.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the file on standard output, and write nothing.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Try nothing that leaves the office.")] = False,
    plain: PlainOption = False,
) -> None:
    """Ask about the clinic, and write the settings file.

    What can be found out is suggested, and each answer is tried at once. An option below that gives an answer spares
    its question. A file that is there keeps its comments and all that is not asked about; what changes is shown first.
    No password is asked for.
    """
    from emrnetcheck.cli.setup.session import Session, Wishes
    from emrnetcheck.cli.setup.talk import Talk

    given: Given = {
        "--access": access,
        "--profile": profile,
        "--lan-address": lan_address,
        "--port": port,
        "--path": path,
        "--hostname": hostname,
        "--addressing": addressing,
        "--users": users,
        "--workload": workload,
        "--peer": _joined(peer),
        "--upload-server": _joined(upload_server),
        "--consent": _yes_or_no(consent),
        "--name": name,
        "--mail": _yes_or_no(mail),
        "--mail-to": _joined(mail_to),
        "--mail-from": mail_from,
        "--smtp-host": smtp_host,
        "--smtp-port": smtp_port,
        "--smtp-security": smtp_security,
        "--smtp-user": smtp_user,
    }
    wishes = Wishes(config, no_input=no_input, yes=yes, dry_run=dry_run, offline=offline)
    _hold(Session(Talk(plain), wishes), given)


def _joined(values: list[str] | None) -> str | None:
    return None if values is None else ",".join(values)


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _hold(session: Session, given: Given) -> None:
    """The session, and the status for each way it can end."""
    from emrnetcheck.cli.run import bug
    from emrnetcheck.cli.setup.session import Refused
    from emrnetcheck.cli.setup.talk import NoInput

    try:
        session.run(given)
    except Refused as refused:
        for line in refused.lines:
            session.talk.say(line, indent=" " * (len(line) - len(line.lstrip())))
        raise typer.Exit(ExitStatus.USAGE) from None
    except NoInput as error:
        session.talk.say(f"{error} {_NOTHING_WRITTEN}")
        raise typer.Exit(ExitStatus.USAGE) from None
    except KeyboardInterrupt:
        typer.echo(err=True)
        session.talk.say("Interrupted; the file is written." if session.is_written() else f"Ended. {_NOTHING_WRITTEN}")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
    except typer.Exit:
        raise
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
        bug()
