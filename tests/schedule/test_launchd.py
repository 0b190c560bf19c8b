"""A property list that launchd knows every key of."""

from __future__ import annotations

import plistlib
from dataclasses import replace

import pytest

from emrnetcheck.schedule.job import Job
from emrnetcheck.schedule.launchd import LABEL, plan
from tests.schedule.jobs import NASTY, PLAIN, SYSTEM

# launchd.plist(5) of macOS 14: those keys that are used here, and the type of each.
DOCUMENTED = {
    "Label": str,
    "UserName": str,
    "ProgramArguments": list,
    "EnvironmentVariables": dict,
    "RunAtLoad": bool,
    "StartCalendarInterval": list,
    "StandardOutPath": str,
    "StandardErrorPath": str,
    "Umask": int,
    "Nice": int,
    "ProcessType": str,
    "LowPriorityIO": bool,
}
CALENDAR = {"Minute": range(60), "Hour": range(24), "Day": range(1, 32), "Weekday": range(8), "Month": range(1, 13)}
PROCESS_TYPES = {"Background", "Standard", "Adaptive", "Interactive"}
JOBS = {"user": PLAIN, "system": SYSTEM, "nasty": NASTY, "one minute": replace(PLAIN, minutes=(0, 15, 30, 45))}


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_every_key_is_documented_and_of_its_type(job: Job) -> None:
    [file] = plan(job, 501).files
    told = plistlib.loads(file.content())
    assert set(told) <= set(DOCUMENTED)
    for key, value in told.items():
        assert type(value) is DOCUMENTED[key], key
    for interval in told["StartCalendarInterval"]:
        assert all(value in CALENDAR[key] for key, value in interval.items())
    assert told["ProcessType"] in PROCESS_TYPES
    assert told["Umask"] == 0o077
    assert told["RunAtLoad"] is True  # else what was missed while it was off waits for the next quarter of an hour
    assert told["ProgramArguments"] == list(job.argv)
    assert [each["Minute"] for each in told["StartCalendarInterval"]] == list(job.minutes)
    assert told.get("EnvironmentVariables", {}) == dict(job.environment)
    assert told.get("UserName") == (job.user if job.system else None)


def test_where_it_goes_and_how_it_is_switched() -> None:
    user, system = plan(PLAIN, 501), plan(SYSTEM, 501)
    path = f"/srv/clinic/Library/LaunchAgents/{LABEL}.plist"
    assert user.files[0].path == path
    assert user.activate == (("launchctl", "bootstrap", "gui/501", path),)
    assert user.deactivate == (("launchctl", "bootout", f"gui/501/{LABEL}"),)
    assert system.files[0].path == f"/Library/LaunchDaemons/{LABEL}.plist"
    assert system.deactivate == (("launchctl", "bootout", f"system/{LABEL}"),)
