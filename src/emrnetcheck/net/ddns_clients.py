"""Which DDNS client is on this computer, does it run, and what does it say? Reads files and lists; changes nothing."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import ddns_files, ddns_log
from emrnetcheck.net.ddns_files import ClientSettings, KeptName
from emrnetcheck.net.failures import classify
from emrnetcheck.net.programs import output_of

_FILE_MAX_BYTES = 256 * 1024
_LOG_TIMEOUT_S = 1.5
_LOG_LINES = 400
_PROCESSES = "the list of processes"
_JOURNAL = "the system's journal"

# Programs of which only the name is known here: that one runs is worth knowing all the same.
OTHER_PROGRAMS = {
    "noip2": "noip2",
    "noip-duc": "noip-duc",
    "duc40": "No-IP DUC",
    "ddns-updater": "ddns-updater",
    "godns": "godns",
    "dynupdater": "Dyn Updater",
    "dynuipupdateclient": "Dynu client",
    "cloudflare-ddns": "cloudflare-ddns",
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files are. ddclient 3.10 (Debian: /etc/ddclient.conf; upstream: /etc/ddclient/), inadyn 2 (FHS)."""

    ddclient_settings: tuple[Path, ...] = (
        Path("/etc/ddclient.conf"),
        Path("/etc/ddclient/ddclient.conf"),
        Path("/usr/local/etc/ddclient/ddclient.conf"),
        Path("/usr/local/etc/ddclient.conf"),
    )
    ddclient_defaults: Path = Path("/etc/default/ddclient")
    ddclient_cache: tuple[Path, ...] = (Path("/var/cache/ddclient/ddclient.cache"), Path("/var/tmp/ddclient.cache"))
    inadyn_settings: tuple[Path, ...] = (Path("/etc/inadyn.conf"), Path("/usr/local/etc/inadyn.conf"))
    inadyn_cache: Path = Path("/var/cache/inadyn")
    journal: tuple[str, ...] = ("journalctl", "-q", "--no-pager", "-o", "cat", "-n", str(_LOG_LINES))
    logs: tuple[Path, ...] = (Path("/var/log/syslog"), Path("/var/log/messages"), Path("/var/log/daemon.log"))


PLACES = Places()


@dataclass(frozen=True, slots=True)
class Program:
    """A client that is set up or runs here. Fields as in evidence.ddns_client.Client."""

    program: str
    running: bool | None
    settings_failure: Failure | None = None
    interval_s: int | None = None
    address_from: str | None = None
    protocol: str | None = None
    server: str | None = None
    names: tuple[KeptName, ...] = ()
    log_failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """looked_at: the files and lists that were looked at."""

    programs: tuple[Program, ...]
    looked_at: tuple[str, ...]


@dataclass(slots=True)
class _Look:
    places: Places
    looked_at: list[str] = field(default_factory=list)


def clients(places: Places = PLACES) -> Found:
    """All clients that are set up or run here. Never fails: what could not be read is said in each client."""
    look = _Look(places, [_PROCESSES])
    running = running_programs()
    names = None if running is None else frozenset(running)
    found = [each for each in (_ddclient(look, names), _inadyn(look, names)) if each is not None]
    known = {each.program for each in found}
    others = [name for name in running or () if name not in known]
    found += [Program(name, True) for name in others]
    return Found(tuple(found), tuple(look.looked_at))


def running_programs() -> tuple[str, ...] | None:
    """The DDNS clients that run, by name; None where the processes cannot be listed."""
    try:
        names = [str(process.info["name"] or "").lower() for process in psutil.process_iter(["name"])]
    except (psutil.Error, OSError):
        return None
    return programs_among(names)


def programs_among(names: list[str]) -> tuple[str, ...]:
    """Process names to programs. ddclient renames its process: "ddclient - sleeping for 290 seconds"."""
    found: dict[str, None] = {}
    for name in names:
        bare = re.split(r"[ .]", name, maxsplit=1)[0]
        program = bare if bare in ("ddclient", "inadyn") else OTHER_PROGRAMS.get(bare)
        if program is not None:
            found[program] = None
    return tuple(found)


def _read(path: Path) -> str | Failure:
    """The first part of a file; NOT_CONFIGURED where there is none, PERMISSION where it may not be read."""
    try:
        if not path.is_file():
            return Failure(FailureKind.NOT_CONFIGURED, "read", str(path))
        with path.open("rb") as file:
            return file.read(_FILE_MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return classify(error, "read", str(path))


def _first(look: _Look, paths: tuple[Path, ...]) -> str | Failure:
    """The first of the files that is there."""
    found: str | Failure = Failure(FailureKind.NOT_CONFIGURED, "read", str(paths[0]))
    for path in paths:
        found = _read(path)
        look.looked_at.append(str(path))
        if not (isinstance(found, Failure) and found.kind is FailureKind.NOT_CONFIGURED):
            break
    return found


def _ddclient(look: _Look, running: frozenset[str] | None) -> Program | None:
    text = _first(look, look.places.ddclient_settings)
    settings = ddns_files.ddclient_settings(text) if isinstance(text, str) else ClientSettings()
    defaults = _read(look.places.ddclient_defaults)
    interval = re.search(r"^\s*daemon_interval=(.+)$", defaults, re.MULTILINE) if isinstance(defaults, str) else None
    if interval is not None and (told := ddns_files.delay_s(interval[1])):
        settings = replace(settings, interval_s=told)  # Debian's unit hands it over, and that counts more than the file
    runs = None if running is None else "ddclient" in running
    if not runs and not _is_set_up(text, settings):
        return None
    cache = _first(look, look.places.ddclient_cache)
    kept = {each.name: each for each in (ddns_files.ddclient_cache(cache) if isinstance(cache, str) else ())}
    blank = [kept.get(name, KeptName(name)) for name in settings.names]
    only_cached = [] if isinstance(text, str) else list(kept.values())
    return _with_log(look, _client("ddclient", runs, text, settings, [*blank, *only_cached]))


def _inadyn(look: _Look, running: frozenset[str] | None) -> Program | None:
    text = _first(look, look.places.inadyn_settings)
    settings = ddns_files.inadyn_settings(text) if isinstance(text, str) else ClientSettings()
    runs = None if running is None else "inadyn" in running
    if not runs and not _is_set_up(text, settings):
        return None
    return _with_log(
        look, _client("inadyn", runs, text, settings, [_inadyn_name(look, each) for each in settings.names])
    )


def _inadyn_name(look: _Look, name: str) -> KeptName:
    """inadyn writes the file when the provider has taken the address: its time is that of the update."""
    path = look.places.inadyn_cache / f"{name}.cache"
    text = _read(path)
    address = ddns_files.inadyn_cache(text) if isinstance(text, str) else None
    if address is None:
        return KeptName(name)
    try:
        written = path.stat().st_mtime
    except OSError:
        return KeptName(name, address)  # gone meanwhile
    return KeptName(name, address, "good", written, written)


def _is_set_up(text: str | Failure, settings: ClientSettings) -> bool:
    """Its settings name a name; or they are there and may not be read."""
    return bool(settings.names) or (isinstance(text, Failure) and text.kind is FailureKind.PERMISSION)


def _client(
    program: str, runs: bool | None, text: str | Failure, settings: ClientSettings, names: list[KeptName]
) -> Program:
    return Program(
        program=program,
        running=runs,
        settings_failure=text if isinstance(text, Failure) else None,
        interval_s=settings.interval_s,
        address_from=settings.address_from,
        protocol=settings.protocol,
        server=settings.server,
        names=tuple(names),
    )


def _with_log(look: _Look, client: Program) -> Program:
    """The last return code of the log, where the client's own memory does not tell one."""
    if all(each.result not in (None, "failed", "good") for each in client.names) and client.names:
        return client
    text = _log(look, client.program)
    if isinstance(text, Failure):
        return replace(client, log_failure=text)
    said = ddns_log.results_in_log(text)
    names = tuple(replace(each, result=said.get(each.name, each.result)) for each in client.names)
    return replace(client, names=names)


def _log(look: _Look, program: str) -> str | Failure:
    if sys.platform != "linux":
        return Failure(FailureKind.UNSUPPORTED, "read", "the system's log")
    look.looked_at.append(_JOURNAL)
    text = output_of([*look.places.journal, "-t", program], timeout_s=_LOG_TIMEOUT_S)
    if isinstance(text, str) and text.strip():
        return text
    failure = text if isinstance(text, Failure) else Failure(FailureKind.NOT_CONFIGURED, "read", _JOURNAL, "empty")
    for path in look.places.logs:
        lines = _tail(path, program)
        if isinstance(lines, str):
            look.looked_at.append(str(path))
            return lines
    return failure


def _tail(path: Path, program: str) -> str | Failure:
    """The lines of the program at the end of a log."""
    try:
        if not path.is_file():
            return Failure(FailureKind.NOT_CONFIGURED, "read", str(path))
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _FILE_MAX_BYTES))
            text = file.read(_FILE_MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return classify(error, "read", str(path))
    return "\n".join(line for line in text.splitlines() if f"{program}[" in line or f"{program}:" in line)
