"""Of which user is the schedule, and where does this user keep things? Under sudo it is whoever called it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emrnetcheck.cli.data_folder import DATA_ENVIRONMENT_NAME, data_folder
from emrnetcheck.cli.run import refuse

SUDO_WITHOUT_SYSTEM = (
    "sudo would install this for the user root. To run as yourself, leave sudo out; to run while nobody is signed in, "
    "add --system."
)
NEEDS_ROOT = "--system needs administrator's rights: put sudo in front of the command."


@dataclass(frozen=True, slots=True)
class Machine:
    """system: the schedule belongs to the system, and runs as `user`. uid None: this system numbers no users."""

    platform: str
    system: bool
    user: str
    uid: int | None
    gid: int | None
    home: Path
    config_home: Path
    data_folder: Path

    def owner(self) -> tuple[int, int] | None:
        """User and group of what is written for this user, where this system numbers them."""
        return None if self.uid is None or self.gid is None else (self.uid, self.gid)

    def given_data(self) -> bool:
        """Whether the job has to be told where the data is: else it looks at the usual place of its user."""
        return self.system or DATA_ENVIRONMENT_NAME in os.environ or "XDG_DATA_HOME" in os.environ


def this_machine(*, system: bool, environ: Mapping[str, str] = os.environ) -> Machine:
    """This computer's, for the user who is meant. It ends in a refusal where the rights do not fit."""
    if os.name != "posix":
        return _of_windows(system=system, environ=environ)
    is_root = os.geteuid() == 0
    caller = environ.get("SUDO_USER", "")
    if system and not is_root:
        refuse(NEEDS_ROOT)
    if is_root and caller not in ("", "root"):
        if not system:
            refuse(SUDO_WITHOUT_SYSTEM)
        return _of_caller(caller, environ)
    home = Path.home()
    return Machine(
        platform=sys.platform,
        system=system,
        user=getpass.getuser(),
        uid=os.geteuid(),
        gid=os.getegid(),
        home=home,
        config_home=Path(environ.get("XDG_CONFIG_HOME") or home / ".config"),
        data_folder=data_folder(environ).absolute(),
    )


def _of_caller(caller: str, environ: Mapping[str, str]) -> Machine:
    """Of the user who called sudo: the history and the settings are that user's, and root's are others."""
    import pwd

    try:
        entry = pwd.getpwnam(caller)
    except KeyError:
        refuse(f"The user {caller[:60]!r}, who called sudo, is not known on this computer.")
    home = Path(entry.pw_dir)
    usual = home / ("Library/Application Support" if sys.platform == "darwin" else ".local/share") / "emrnetcheck"
    given = environ.get(DATA_ENVIRONMENT_NAME)
    return Machine(
        platform=sys.platform,
        system=True,
        user=caller,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        home=home,
        config_home=home / ".config",
        data_folder=Path(given).absolute() if given else usual,
    )


def _of_windows(*, system: bool, environ: Mapping[str, str]) -> Machine:
    domain = environ.get("USERDOMAIN", "")
    name = environ.get("USERNAME") or getpass.getuser()
    home = Path.home()
    return Machine(
        platform=sys.platform,
        system=system,
        user=f"{domain}\\{name}" if domain else name,
        uid=None,
        gid=None,
        home=home,
        config_home=home,
        data_folder=data_folder(environ).absolute(),
    )


def settings_file(machine: Machine, given: Path | None) -> Path | None:
    """The settings file that the job is to use, with its whole path: as a run of that user would find it.

    Raises ConfigError if the one that was named does not exist.
    """
    from emrnetcheck.config.loading import FILE_NAME, find_file

    if given is None and machine.system and os.name == "posix":
        theirs = machine.config_home / "emrnetcheck" / FILE_NAME
        if machine.platform == "darwin":
            theirs = machine.home / "Library/Application Support/emrnetcheck" / FILE_NAME
        if theirs.is_file():
            return theirs
    found = find_file(given)
    return None if found is None else found.absolute()
