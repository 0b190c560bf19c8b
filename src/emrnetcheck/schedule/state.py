"""What does the host's scheduler say of our job? Read out of what its programs print."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emrnetcheck.schedule.cron import block_in
from emrnetcheck.schedule.systemd import SERVICE, TIMER

SYSTEMD_ASKS = ("--property=Id,LoadState,UnitFileState,ActiveState,Result,ExecMainStatus", TIMER, SERVICE)
_WHY = {
    "1": "mail could not be sent",
    "2": "the command or the settings are wrong",
    "3": "the history could not be used",
}
_MAX_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class HostState:
    """on: it will start the job. trouble: a sentence for whoever has to mend it; None: there is none."""

    on: bool
    trouble: str | None = None


def of_systemd(shown: str, *, system: bool) -> HostState:
    """What `systemctl show` prints of the timer and the service: blocks of NAME=VALUE with an empty line between."""
    units = {}
    for block in shown[:_MAX_CHARS].strip().split("\n\n"):
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        units[told.get("Id", "")] = told
    timer, service = units.get(TIMER, {}), units.get(SERVICE, {})
    if timer.get("LoadState") != "loaded":
        return HostState(False, "systemd does not know the timer: install it again.")
    if timer.get("ActiveState") != "active":
        return HostState(False, f"systemd has the timer, but it is switched off ({_word(timer.get('ActiveState'))}).")
    if not timer.get("UnitFileState", "").startswith("enabled"):
        return HostState(True, "The timer runs now, but is not enabled: it will be gone after the next restart.")
    if service.get("LoadState") != "loaded":
        return HostState(False, "systemd does not know the service that the timer starts: install it again.")
    last = _of_last_start(service.get("Result", ""), service.get("ExecMainStatus", ""))
    if last is None:
        return HostState(True)
    return HostState(True, f"{last} What it said: journalctl {'' if system else '--user '}-u {SERVICE}")


def _of_last_start(result: str, status: str) -> str | None:
    """What went wrong with it. It exits with 0 whatever the verdict is, if only all could be done that was due."""
    if result in ("success", ""):
        return None
    if result != "exit-code":
        return f"systemd had to end the last start of the service ({_word(result)})."
    told = _WHY.get(status, "what is wrong is not known")
    return f"The last start of the service failed: {told}."


def of_launchd(shown: str) -> HostState:
    """What `launchctl print` says. A job that is not known is a failure of that command, and is not seen here."""
    disabled = re.search(r"^\s*state = disabled\s*$", shown[:_MAX_CHARS], re.MULTILINE)
    return HostState(False, "launchd has the job, but it is disabled.") if disabled else HostState(True)


def of_tasks(xml: str) -> HostState:
    """What `schtasks /Query /XML` prints: unlike its lists, it is the same in every language.

    Looked through by a pattern, and not read as XML: only this program's own task is asked for.
    """
    settings = re.search(r"<Settings>(.*?)</Settings>", xml[:_MAX_CHARS], re.DOTALL)
    if settings is None:
        return HostState(False, "Windows knows the task, but does not show what is in it.")
    if re.search(r"<Enabled>\s*false\s*</Enabled>", settings[1]):
        return HostState(False, "Windows has the task, but it is disabled.")
    return HostState(True)


def of_cron(crontab: str, expected: str | None, *, daemon_runs: bool | None) -> HostState:
    """expected: the lines that belong into the user's crontab; None: it is a file of its own, looked at elsewhere."""
    if expected is not None:
        try:
            found = block_in(crontab)
        except ValueError as error:
            return HostState(False, f"The lines cannot be found: {error}.")
        if found is None:
            return HostState(False, "The crontab has no lines of emrnetcheck any more: install it again.")
        if found != expected:
            return HostState(True, "The lines in the crontab have been changed since they were installed.")
    if daemon_runs is False:
        return HostState(False, "cron itself does not run on this computer: start it, or use another scheduler.")
    return HostState(True)


def _word(text: str | None) -> str:
    """A word of systemd's, as it may be shown."""
    return text if text and re.fullmatch(r"[a-z-]{1,40}", text) else "unknown"
