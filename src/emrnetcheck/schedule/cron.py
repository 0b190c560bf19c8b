"""What is cron told, where there is no better scheduler? A line of the user's crontab, or a file in /etc/cron.d.

crontab(5): cron ends the command at a "%" unless a backslash is before it, gives it a PATH of two folders, makes up for
nothing that was missed (due dates do), and takes commands of less than 1000 characters.
"""

from __future__ import annotations

import shlex

from emrnetcheck.schedule.job import LOG, MADE_BY, NAME, NEW_LOG, Job, Plan, PlannedFile, Scheduler

BEGIN = "# emrnetcheck: begin"
END = "# emrnetcheck: end"
_SYSTEM_FILE = f"/etc/cron.d/{NAME}"
# Where ip, ping, nft and the like are. cron's own has neither sbin.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST_COMMAND = 990


def plan(job: Job) -> Plan:
    """The lines. ValueError where a path is too long for cron."""
    line = _line(job)
    if job.system:
        return Plan(Scheduler.CRON, files=(PlannedFile(_SYSTEM_FILE, f"# {MADE_BY}\n{line}\n"),))
    return Plan(Scheduler.CRON, files=(), crontab=f"{BEGIN}\n# {MADE_BY}\n{line}\n{END}\n")


def _line(job: Job) -> str:
    minutes = ",".join(map(str, job.minutes))
    user = f"{job.user} " if job.system else ""
    return f"{minutes} * * * * {user}{command(job)}"


def command(job: Job) -> str:
    """As it stands in a crontab. What was printed last is kept in one file; a start that prints nothing leaves it."""
    environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in (("PATH", _PATH), *job.environment))
    run = f"{environment} {shlex.join(job.argv)} >{NEW_LOG} 2>&1; [ ! -s {NEW_LOG} ] || mv {NEW_LOG} {LOG}"
    text = f"cd {shlex.quote(job.data_folder)} && {run}".replace("%", "\\%")
    if len(text.encode()) > LONGEST_COMMAND:
        raise ValueError(
            f"cron takes commands of at most {LONGEST_COMMAND} bytes, and this one has more: use shorter paths"
        )
    return text


def with_block(crontab: str, block: str) -> str:
    """The crontab with our lines at its end, in place of those that were there. ValueError as `without_block`."""
    rest = without_block(crontab)
    if rest and not rest.endswith("\n"):
        rest += "\n"
    return rest + block


def without_block(crontab: str) -> str:
    """The crontab without our lines, and else as it was. ValueError where only one end of them is there."""
    lines = crontab.splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if line.strip() == BEGIN]
    ends = [number for number, line in enumerate(lines) if line.strip() == END]
    if not begins and not ends:
        return crontab
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        raise ValueError(f'the crontab has "{BEGIN}" and "{END}" not exactly once each, in this order')
    return "".join(lines[: begins[0]] + lines[ends[0] + 1 :])


def block_in(crontab: str) -> str | None:
    """Our lines as they are in the crontab; None: there are none. ValueError as `without_block`."""
    rest = without_block(crontab)
    if rest == crontab:
        return None
    start = next(number for number, line in enumerate(crontab.splitlines(keepends=True)) if line.strip() == BEGIN)
    lines = crontab.splitlines(keepends=True)
    end = next(number for number, line in enumerate(lines) if line.strip() == END)
    return "".join(lines[start : end + 1])
