"""What is launchd told (macOS)? An agent of the user, or a daemon of the system: launchd.plist(5).

A start that falls into sleep is made up once on waking, several of them as one.
"""

from __future__ import annotations

from emrnetcheck.schedule.job import LOG, Job, Plan, PlannedFile, Scheduler

LABEL = "org.emrnetcheck.schedule"
_SYSTEM_FOLDER = "/Library/LaunchDaemons"
_NICE = 10


def plan(job: Job, uid: int) -> Plan:
    """The property list, and how it is switched on and off. uid: of the user whose agent it is."""
    folder = _SYSTEM_FOLDER if job.system else f"{job.home}/Library/LaunchAgents"
    domain = "system" if job.system else f"gui/{uid}"
    path = f"{folder}/{LABEL}.plist"
    return Plan(
        scheduler=Scheduler.LAUNCHD,
        files=(PlannedFile(path, _text(job)),),
        activate=(("launchctl", "bootstrap", domain, path),),
        deactivate=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
    )


def _text(job: Job) -> str:
    import plistlib

    told: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": list(job.argv),
        "StartCalendarInterval": [{"Minute": minute} for minute in job.minutes],
        # What was missed while the computer was off: due dates decide whether there is anything to do.
        "RunAtLoad": True,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": _NICE,
        "Umask": 0o077,
        # Only what goes wrong is printed.
        "StandardOutPath": f"{job.data_folder}/{LOG}",
        "StandardErrorPath": f"{job.data_folder}/{LOG}",
    }
    if job.environment:
        told["EnvironmentVariables"] = dict(job.environment)
    if job.system:
        told["UserName"] = job.user
    return plistlib.dumps(told, sort_keys=False).decode()
