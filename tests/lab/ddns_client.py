"""How does a real DDNS client come to be on the EMR host, with its files where Debian's packages have them?"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.lab.internet import Internet
from tests.lab.internet.ddns import PASSWORD, SERVER, USER
from tests.lab.namespaces import Host, LabError, kill_group
from tests.lab.plan import AddressFrom, ClientPlan, DdnsProgram, Plan

_WRONG_PASSWORD = "the old one"
_FIRST_TRY_TIMEOUT_S = 15.0
_GAVE_UP = "error"
"""In inadyn's log where it was told no or nothing, and so writes nothing down; ddclient always does."""
LOG = "log/syslog"
"""Below the host's folder: /var/log/syslog for every program of the host, since nobody takes syslog messages there."""

_DDCLIENT = """\
daemon={plan.interval_s}
syslog=no
pid={folder}/ddclient.pid
ssl=no
{source}
protocol=dyndns2
server={server}
login={user}
password='{password}'
{hostname}
"""

_INADYN = """\
period = {plan.interval_s}
{source}
custom provider {{
    username = {user}
    password = "{password}"
    hostname = {hostname}
    ssl = {ssl}
    ddns-server = {server}
    ddns-path = "/nic/update?hostname=%h&myip=%i"
    checkip-ssl = {ssl}
    checkip-server = {server}
    checkip-path = /ip
}}
"""


def start_client(host: Host, plan: Plan, internet: Internet) -> None:
    """Start what the plan wants, and return when it has tried once."""
    if plan.ddns_client is None:
        return
    if shutil.which(plan.ddns_client.program) is None:
        raise LabError(f"{plan.ddns_client.program} is missing (Debian: apt-get install {plan.ddns_client.program})")
    (host.folder / LOG).parent.mkdir()
    host.bind((host.folder / LOG).parent, "/var/log")
    start = _start_ddclient if plan.ddns_client.program is DdnsProgram.DDCLIENT else _start_inadyn
    kept, argv = start(host, plan.ddns_client, plan.internet.hostname)
    trust = {"SSL_CERT_FILE": str(internet.ca_path)}
    process = host.start(argv, log=LOG, env=trust)
    host.wait_for(lambda: _has_tried(host, kept), timeout_s=_FIRST_TRY_TIMEOUT_S, what=f"{argv[0]}'s try", log=LOG)
    if process.poll() is not None:
        raise LabError(f"{argv[0]} ended:\n{(host.folder / LOG).read_text(errors='replace')[-2000:]}")
    if not plan.ddns_client.stays:
        kill_group(process)
        process.wait()


def _has_tried(host: Host, kept: Path) -> bool:
    said = (host.folder / LOG).read_text(errors="replace").lower()
    return (kept.exists() and bool(kept.read_text().strip())) or _GAVE_UP in said


def _start_ddclient(host: Host, plan: ClientPlan, hostname: str) -> tuple[Path, list[str]]:
    page = f"use=web, web=http://{SERVER}/ip, web-skip='IP Address'"
    source = page if plan.address_from is AddressFrom.WEB else "use=if, if=eth0"
    settings = host.folder / "ddclient.conf"
    _write(settings, _DDCLIENT.format(**_common(host, plan, hostname), source=source))
    defaults = host.folder / "ddclient-defaults"
    defaults.write_text(f'run_dhclient="false"\nrun_ipup="false"\ndaemon_interval="{plan.interval_s}"\n')
    cache = host.folder / "ddclient-cache"
    cache.mkdir()
    host.bind(settings, "/etc/ddclient.conf")
    host.bind(defaults, "/etc/default/ddclient")
    host.bind(cache, "/var/cache/ddclient")
    return cache / "ddclient.cache", ["ddclient", "-foreground", "-daemon", str(plan.interval_s)]


def _start_inadyn(host: Host, plan: ClientPlan, hostname: str) -> tuple[Path, list[str]]:
    source = "" if plan.address_from is AddressFrom.WEB else "iface = eth0"
    ssl = str(plan.tls).lower()
    settings = host.folder / "inadyn.conf"
    _write(settings, _INADYN.format(**_common(host, plan, hostname), source=source, ssl=ssl))
    cache = host.folder / "inadyn-cache"
    cache.mkdir()
    host.bind(settings, "/etc/inadyn.conf")
    host.bind(cache, "/var/cache/inadyn")
    argv = ["inadyn", "--foreground", "--no-pidfile", "--continue-on-error", "--loglevel=info"]
    return cache / f"{hostname}.cache", argv


def _common(host: Host, plan: ClientPlan, hostname: str) -> dict[str, object]:
    password = PASSWORD if plan.password_right else _WRONG_PASSWORD
    return {
        "plan": plan,
        "folder": host.folder,
        "server": SERVER,
        "user": USER,
        "password": password,
        "hostname": hostname,
    }


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
