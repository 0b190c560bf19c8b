"""What is systemd told? A service that does one run, and a timer that starts it.

systemd.timer(5), systemd.service(5), systemd.exec(5), systemd.syntax(7).
"""

from __future__ import annotations

from emrnetcheck.schedule.job import LONGEST_RUN_MINUTES, MADE_BY, NAME, Job, Plan, PlannedFile, Scheduler

TIMER = f"{NAME}.timer"
SERVICE = f"{NAME}.service"
_SYSTEM_FOLDER = "/etc/systemd/system"
# Of many computers that wake at the same minute. Each has its own second, and keeps it (FixedRandomDelay).
_RANDOM_S = 30

_TIMER = """\
# {made_by}
[Unit]
Description=emrnetcheck: look whether a check, a report or a mail is due

[Timer]
OnCalendar=*-*-* *:{minutes}:00
# What was missed while the computer was off or asleep is caught up, once.
Persistent=true
RandomizedDelaySec={random_s}
FixedRandomDelay=true
AccuracySec=1s

[Install]
WantedBy=timers.target
"""

_SERVICE = """\
# {made_by}
[Unit]
Description=emrnetcheck: do what is due
{online}
[Service]
Type=oneshot
ExecStart={command}
{environment}TimeoutStartSec={longest}min
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
{system}"""

_ONLINE = """\
# It waits for the network, but not for ever: that there is none has to be told, too.
Wants=network-online.target
After=network-online.target
"""

# Only the system's own manager can do these: they need its rights.
_SYSTEM = """\
User={user}
{capabilities}
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={data_folder}
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
RemoveIPC=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
"""
_CAPABILITIES = """\
# Without new privileges, ping gets the right to ask only this way.
AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW"""
_ROOT_CAPABILITIES = """\
# To ask by ping, to read the firewall's rules, to see which program listens, to read the settings of others.
CapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN CAP_SYS_PTRACE CAP_DAC_READ_SEARCH"""


def plan(job: Job) -> Plan:
    """Both units, in the system's folder or in the user's; and how they are switched on and off."""
    folder = _SYSTEM_FOLDER if job.system else f"{job.config_home}/systemd/user"
    control = ("systemctl",) if job.system else ("systemctl", "--user")
    return Plan(
        scheduler=Scheduler.SYSTEMD,
        files=(
            PlannedFile(f"{folder}/{SERVICE}", _service(job)),
            PlannedFile(f"{folder}/{TIMER}", _timer(job)),
        ),
        activate=((*control, "daemon-reload"), (*control, "enable", "--now", TIMER)),
        deactivate=(
            (*control, "disable", "--now", TIMER),
            # It remembers when the timer ran last, also of one that is gone.
            (*control, "clean", "--what=state", TIMER),
        ),
        afterwards=((*control, "daemon-reload"),),
    )


def _timer(job: Job) -> str:
    minutes = ",".join(f"{minute:02}" for minute in job.minutes)
    return _TIMER.format(made_by=MADE_BY, minutes=minutes, random_s=_RANDOM_S)


def _service(job: Job) -> str:
    system = ""
    if job.system:
        system = _SYSTEM.format(
            user=job.user,
            capabilities=_ROOT_CAPABILITIES if job.user == "root" else _CAPABILITIES,
            data_folder=quoted(job.data_folder),
        )
    return _SERVICE.format(
        made_by=MADE_BY,
        online=_ONLINE if job.system else "",
        command=" ".join([quoted(job.argv[0]), *(quoted(each).replace("$", "$$") for each in job.argv[1:])]),
        environment="".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.environment),
        longest=LONGEST_RUN_MINUTES,
        system=system,
    )


def quoted(text: str) -> str:
    """One word for a unit file, whatever is in it: systemd.syntax(7), with "%" for what it would put in itself."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if text and not set(text) & set(" \t'\"\\;#") else f'"{escaped}"'
