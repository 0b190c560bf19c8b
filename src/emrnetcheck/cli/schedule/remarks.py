"""What must somebody know or do besides, so that a run that nobody starts can do all that the settings ask of it?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.history.asking import command
from emrnetcheck.schedule.job import Scheduler

if TYPE_CHECKING:
    from emrnetcheck.model import Site

_NO_KEYRING = (
    '[email] password_source = "keyring": {who} cannot open the keyring. Keep the password in a file of its own '
    '(chmod 600), and name that: password_source = "file:PATH".'
)
_NO_VARIABLE = (
    "{key} is in the environment variable {name}, which a run that nobody starts does not have. Keep it in a file "
    '(chmod 600), and name that: "file:PATH".'
)
_WHOLE_PATH = '{key} = "file:{path}": write the whole path, because a run that nobody starts begins in another folder.'
_NO_LOOKS = (
    '[schedule] look = "off": between two checks nobody looks. What breaks in between is mailed a day late, or never '
    "if it is mended before. Leave it out: then it looks every half hour, and does not load the line for it."
)
_NO_MAIL = 'No mail server is set, so reports and alarms reach nobody. Run "{command} setup", which asks for one.'


def remarks_for(site: Site, scheduler: Scheduler, *, system: bool, user: str) -> tuple[str, ...]:
    """In the order of how much they matter."""
    return (
        *_of_secrets(site, scheduler, system=system),
        *([_NO_LOOKS] if set(site.schedule.look) == {"off"} else []),
        *([_NO_MAIL.format(command=command())] if site.mail is None else []),
        *_of_signing_in(scheduler, system=system, user=user),
    )


def _of_secrets(site: Site, scheduler: Scheduler, *, system: bool) -> Iterator[str]:
    mail = None if site.mail is None else site.mail.password_source
    sources = {
        "[lan] responder_token": site.lan_responder_token,
        "[outside] responder_token": site.responder_token,
        "[schedule] ping_url": site.schedule.ping_url,
        "[email] password_source": mail,
    }
    for key, source in sources.items():
        kind, _, where = (source or "").partition(":")
        if kind == "env":
            yield _NO_VARIABLE.format(key=key, name=where)
        if kind == "file" and not Path(where).expanduser().is_absolute():
            yield _WHOLE_PATH.format(key=key, path=where)
    if mail == "keyring" and (system or scheduler is Scheduler.CRON):
        yield _NO_KEYRING.format(who="cron" if scheduler is Scheduler.CRON else "a run of the system")


def _of_signing_in(scheduler: Scheduler, *, system: bool, user: str) -> Iterator[str]:
    if system:
        return
    if scheduler is Scheduler.TASKS:
        yield "It runs only while you are signed in. To have it run always: --system, in an administrator's window."
    elif scheduler is Scheduler.LAUNCHD:
        yield "It runs only while you are signed in. To have it run always: --system, with sudo in front."
    elif scheduler is Scheduler.SYSTEMD:
        from emrnetcheck.net.host_scheduler import lingers

        if not lingers(user):
            how = f" To have it run always, type once: sudo loginctl enable-linger {user}"
            yield f"It runs only while you are signed in.{how if shutil.which('loginctl') is not None else ''}"
