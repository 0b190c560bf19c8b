"""Which schedulers does this computer have, and what do they answer? Programs of the system are asked, and told."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.programs import output_of

# A system that is just starting answers late.
_TIMEOUT_S = 30.0
_BOOTED = Path("/run/systemd/system")  # sd_booted(3)
_CRON_NAMES = ("cron", "crond", "cronie", "fcron")


def run(argv: tuple[str, ...]) -> str | Failure:
    """What a command of a scheduler prints. Failures as `programs.output_of`."""
    return output_of(list(argv), timeout_s=_TIMEOUT_S)


def answers_systemd(*, system: bool) -> Failure | None:
    """Whether there is a systemd to tell: the system's, or this user's own."""
    if not _BOOTED.is_dir():
        return Failure(FailureKind.UNSUPPORTED, "ask", "systemd", "this computer was not started by it")
    found = run(("systemctl", *(() if system else ("--user",)), "show", "--property=Version"))
    return found if isinstance(found, Failure) else None


def has_crontab() -> bool:
    """Whether users can have a crontab here."""
    return shutil.which("crontab") is not None


def crontab() -> str | Failure:
    """This user's crontab; "" if there is none."""
    found = run(("crontab", "-l"))
    if isinstance(found, Failure) and found.kind is FailureKind.OTHER and "no crontab for" in found.detail:
        return ""
    return found


def write_crontab(text: str, beside: Path) -> Failure | None:
    """Put it in place of this user's crontab; empty: there is none any more. beside: a folder of this user."""
    if not text.strip():
        found = run(("crontab", "-r"))
        gone = isinstance(found, Failure) and "no crontab for" in found.detail
        return found if isinstance(found, Failure) and not gone else None
    file = beside / "crontab.new"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as writing:
            writing.write(text)
        found = run(("crontab", str(file)))
        file.unlink()
    except OSError as error:
        return classify(error, "write", str(file))
    return found if isinstance(found, Failure) else None


def cron_runs() -> bool | None:
    """Whether a cron runs on this computer; None: that cannot be seen."""
    import psutil

    try:
        return any(process.info["name"] in _CRON_NAMES for process in psutil.process_iter(["name"]))
    except (psutil.Error, OSError):
        return None


def lingers(user: str) -> bool | None:
    """Whether this user's systemd goes on while nobody is signed in (loginctl enable-linger); None: not known."""
    found = run(("loginctl", "show-user", user, "--property=Linger"))
    if isinstance(found, Failure):
        # Of a user who is not signed in and does not linger, it knows nothing.
        return (Path("/var/lib/systemd/linger") / user).exists() if sys.platform == "linux" else None
    return found.strip() == "Linger=yes"
