"""emrnetcheck email password: put the mail server's password where the settings say that it is kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.email.asking import program, settings_with_mail
from emrnetcheck.cli.history.asking import ending
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import refuse

if TYPE_CHECKING:
    from emrnetcheck.net.secrets import Secret

_MOST_CHARS = 4000


def password(config: ConfigOption = None) -> None:
    """Ask for the mail server's password, unseen, and put it into the keyring (or the file that the settings name)."""
    with ending():
        from emrnetcheck.net import secrets

        _, mail = settings_with_mail(config)
        source, username = mail.password_source, mail.server.username
        if source is None or username is None:
            refuse("Nobody logs in at this mail server: set username in [email] first, as a rule the whole address.")
        if source.startswith("env:"):
            refuse(
                f"[email] password_source is {source}: whoever starts the program sets that. To have it kept here, set "
                'password_source = "keyring" or "file:PATH".'
            )
        given = _asked(f"Password of {username} at {mail.server.host} (it is not shown)")
        failure = secrets.keep_password(source, given, service=mail.keyring_service, account=username)
        if failure is not None:
            refuse(f"The password could not be kept: {failure.in_words()}.")
        where = "the system's keyring" if source == "keyring" else source.removeprefix("file:")
        typer.echo(f'The password is in {where}. Try it: "{program()} email test".', err=True)


def _asked(question: str) -> Secret:
    """From the terminal, twice and unseen; or one line of standard input, for a script."""
    from emrnetcheck.net.secrets import Secret

    if sys.stdin.isatty():
        try:
            word = str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
        except typer.Abort:
            raise KeyboardInterrupt from None
    else:
        word = sys.stdin.readline(_MOST_CHARS)
    word = word.rstrip("\r\n")
    if not word.strip() or not word.isprintable():
        refuse("That is no password: it must be one line, without control characters.")
    return Secret(word)
