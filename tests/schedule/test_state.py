"""What schedulers answer, recorded or as documented, and what is made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.schedule import cron, tasks
from emrnetcheck.schedule.state import HostState, of_cron, of_launchd, of_systemd, of_tasks
from tests.schedule.jobs import PLAIN

BLOCK = cron.plan(PLAIN).crontab or ""


def shown(timer: str, service: str) -> str:
    """As `systemctl show` of version 252 prints two units: a block each, in the order in which they are asked for."""
    return f"{timer.replace(' ', chr(10))}\n\n{service.replace(' ', chr(10))}\n"


TIMER = "Id=emrnetcheck.timer LoadState=loaded ActiveState=active UnitFileState=enabled Result=success"
SERVICE = "Id=emrnetcheck.service LoadState=loaded ActiveState=inactive UnitFileState=static Result=success"


@pytest.mark.parametrize(
    ("timer", "service", "on", "trouble"),
    [
        (TIMER, SERVICE, True, None),
        (TIMER.replace("=enabled", "=enabled-runtime"), SERVICE, True, None),
        (TIMER, SERVICE.replace("=success", "=exit-code ExecMainStatus=1"), True, "mail could not be sent"),
        (TIMER, SERVICE.replace("=success", "=exit-code ExecMainStatus=70"), True, "is not known"),
        (TIMER.replace("=loaded", "=not-found"), SERVICE, False, "does not know the timer"),
        (TIMER.replace("=active", "=inactive"), SERVICE, False, "switched off (inactive)"),
        (TIMER.replace("=active", "=\x1b[31m"), SERVICE, False, "switched off (unknown)"),
        (TIMER.replace("=enabled", "=disabled"), SERVICE, True, "gone after the next restart"),
        (TIMER, SERVICE.replace("=loaded", "=not-found"), False, "does not know the service"),
        (TIMER, SERVICE.replace("=success", "=timeout"), True, "had to end the last start of the service (timeout)"),
        (TIMER, SERVICE.replace("=success", "=oom-kill"), True, "(oom-kill)"),
        ("", "", False, "does not know the timer"),
    ],
)
def test_what_systemd_says(timer: str, service: str, on: bool, trouble: str | None) -> None:
    found = of_systemd(shown(timer, service), system=False)
    assert found.on is on
    assert (found.trouble is None) == (trouble is None)
    assert (trouble or "") in (found.trouble or "")


def test_what_launchd_says() -> None:
    """Of `launchctl print gui/501/...`, macOS 13: as it is documented to look, not recorded by us."""
    job = "gui/501/org.emrnetcheck.schedule = {\n\tactive count = 0\n\tstate = not running\n\tlast exit code = 0\n}\n"
    assert of_launchd(job) == HostState(True)
    assert not of_launchd(job.replace("not running", "disabled")).on


def test_what_windows_says() -> None:
    xml = tasks.plan(PLAIN).files[0].text
    assert of_tasks(xml) == HostState(True)
    trigger, _, rest = xml.partition("<Settings>")
    assert not of_tasks(f"{trigger}<Settings>{rest.replace('<Enabled>true', '<Enabled>false')}").on
    # A trigger has such an element, too.
    assert of_tasks(trigger.replace("<Enabled>true", "<Enabled>false") + "<Settings>" + rest).on
    assert not of_tasks("ERROR: The system cannot find the file specified.").on


@pytest.mark.parametrize(
    ("crontab", "expected", "runs", "on", "trouble"),
    [
        (f"a\n{BLOCK}b\n", BLOCK, True, True, None),
        (BLOCK, BLOCK, None, True, None),
        ("", None, True, True, None),
        ("a\n", BLOCK, True, False, "has no lines of emrnetcheck any more"),
        (BLOCK.replace("7,22", "8,23"), BLOCK, True, True, "have been changed"),
        (BLOCK + BLOCK, BLOCK, True, False, "cannot be found"),
        (BLOCK, BLOCK, False, False, "cron itself does not run"),
        ("", None, False, False, "cron itself does not run"),
    ],
)
def test_what_cron_has(crontab: str, expected: str | None, runs: bool | None, on: bool, trouble: str | None) -> None:
    found = of_cron(crontab, expected, daemon_runs=runs)
    assert found.on is on
    assert (found.trouble is None) == (trouble is None)
    assert (trouble or "") in (found.trouble or "")


@given(st.text())
def test_nothing_that_is_answered_is_a_bug(text: str) -> None:
    assert not of_systemd(text, system=True).on
    assert not of_tasks(text).on
    of_launchd(text)
    of_cron(text, BLOCK, daemon_runs=None)
