"""What is Windows' Task Scheduler told? A task as XML, because what schtasks sets by itself is wrong for this:
it would not start on batteries, would stop when they are used, and would leave out what was missed.

Task Scheduler Schema 1.2, [MS-TSCH] 2.5.
"""

from __future__ import annotations

import html
import ntpath

from emrnetcheck.schedule.job import (
    LONGEST_RUN_MINUTES,
    MADE_BY,
    NAME,
    WAKE_MINUTES,
    Job,
    Plan,
    PlannedFile,
    Scheduler,
)

TASK = f"\\{NAME}"
# Any day that has passed: from then on it repeats without end.
_FIRST_DAY = "2026-01-01"

_XML = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>emrnetcheck</Author>
    <Description>{made_by}</Description>
    <URI>{task}</URI>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>{first_day}T00:{minute:02}:00</StartBoundary>
      <Repetition>
        <Interval>PT{every}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>{logon}</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT{longest}M</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def plan(job: Job) -> Plan:
    """The task's XML, kept beside the history, and how it is registered and deleted.

    system: it runs whether the user is signed in or not (S4U, no password is kept), which an administrator has to
    register; else while the user is signed in.
    """
    path = ntpath.join(job.data_folder, f"{NAME}-task.xml")
    return Plan(
        scheduler=Scheduler.TASKS,
        files=(PlannedFile(path, _text(job), "utf-16"),),
        # /F: one of ours that is there already is replaced; whose it is was looked at before.
        activate=(("schtasks", "/Create", "/TN", TASK, "/XML", path, "/F"),),
        deactivate=(("schtasks", "/Delete", "/TN", TASK, "/F"),),
    )


def _text(job: Job) -> str:
    # A task has no environment of its own: what it needs is set by the program that it starts.
    argv = job.argv
    told = {
        "made_by": MADE_BY,
        "task": TASK,
        "first_day": _FIRST_DAY,
        "user": job.user,
        "logon": "S4U" if job.system else "InteractiveToken",
        "command": argv[0],
        "arguments": " ".join(quoted(each) for each in argv[1:]),
    }
    escaped = {name: html.escape(text, quote=False) for name, text in told.items()}
    xml = _XML.format(minute=job.minutes[0], every=WAKE_MINUTES, longest=LONGEST_RUN_MINUTES, **escaped)
    return xml.replace("\n", "\r\n")


def quoted(text: str) -> str:
    """One argument of a command line as Windows' programs take it apart.

    Source: "Parsing C command-line arguments" of Microsoft's C reference: backslashes count only before a quote.
    """
    made, backslashes = "", 0
    for sign in text:
        if sign == '"':
            made += "\\" * (backslashes + 1)
        backslashes = backslashes + 1 if sign == "\\" else 0
        made += sign
    if text and not set(text) & set(" \t"):
        return made
    return '"' + made + "\\" * backslashes + '"'
