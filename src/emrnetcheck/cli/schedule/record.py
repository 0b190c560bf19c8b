"""What did `schedule install` make? Written down before it is made, so that `schedule remove` takes away just that."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from emrnetcheck.schedule.job import Plan, Scheduler

FILE_NAME = "schedule.json"
SCHEMA = "emrnetcheck/schedule/1"
_MAX_BYTES = 1_000_000


class RecordError(Exception):
    """The record cannot be read or written: the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its path, and the SHA-256 of what was written into it."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """installed_at: with a time zone. host_id: what this computer's own minute is reckoned from, with the site's name.

    crontab: the lines that were added to the user's crontab, or None.
    """

    installed_at: datetime
    scheduler: Scheduler
    system: bool
    user: str
    host_id: str
    argv: tuple[str, ...]
    files: tuple[Made, ...]
    crontab: str | None

    def wrote(self, path: str, content: bytes) -> bool:
        """Whether this was written there. More than one content may have been, where an installation was cut off."""
        return Made(path, sha256(content)) in self.files


def sha256(content: bytes) -> str:
    """As it stands in a record."""
    return hashlib.sha256(content).hexdigest()


def record_of(
    plan: Plan, *, installed_at: datetime, system: bool, user: str, host_id: str, argv: tuple[str, ...]
) -> Record:
    """What will have been made when the plan is carried out."""
    files = tuple(Made(file.path, sha256(file.content())) for file in plan.files)
    return Record(installed_at, plan.scheduler, system, user, host_id, argv, files, plan.crontab)


def read_record(folder: Path) -> Record | None:
    """The record in this data folder; None: nothing was installed. Raises RecordError."""
    file = folder / FILE_NAME
    try:
        with file.open("rb") as reading:
            content = reading.read(_MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"The record of the schedule, {file}, cannot be read: {error.strerror}.") from error
    try:
        return _parsed(json.loads(content))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecordError(
            f"The record of the schedule, {file}, is damaged: delete that file, then install again to have it anew."
        ) from error


def _parsed(told: dict[str, object]) -> Record:
    if told["schema"] != SCHEMA:
        raise ValueError("another schema")
    installed_at = datetime.fromisoformat(str(told["installed_at"]))
    files, argv, crontab = told["files"], told["argv"], told["crontab"]
    if installed_at.tzinfo is None or not isinstance(files, list) or not isinstance(argv, list):
        raise ValueError("types")
    if not isinstance(crontab, str | None) or not isinstance(told["system"], bool):
        raise ValueError("types")
    return Record(
        installed_at=installed_at,
        scheduler=Scheduler(str(told["scheduler"])),
        system=told["system"],
        user=str(told["user"]),
        host_id=str(told["host_id"]),
        argv=tuple(map(str, argv)),
        files=tuple(Made(str(each["path"]), str(each["sha256"])) for each in files),
        crontab=crontab,
    )


def write_record(folder: Path, record: Record, *, owner: tuple[int, int] | None) -> None:
    """Put it in place of an older one, whole or not at all. owner: user and group, where root writes for another.

    Raises RecordError.
    """
    told = {"schema": SCHEMA, **asdict(record), "installed_at": record.installed_at.isoformat()}
    try:
        make_folder(folder, owner)
        replace_file(folder / FILE_NAME, (json.dumps(told, indent=2) + "\n").encode(), mode=0o600, owner=owner)
    except OSError as error:
        raise RecordError(f"{folder / FILE_NAME} cannot be written: {error.strerror}.") from error


def make_folder(folder: Path, owner: tuple[int, int] | None) -> None:
    """With those above it that are missing. OSError where it cannot be made."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is not None:
        for each in missing:
            os.chown(each, *owner, follow_symlinks=False)


def replace_file(path: Path, content: bytes, *, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Whole or not at all, also when the power goes. OSError where it cannot be written."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(content)
            writing.flush()
            # By its descriptor: the folder may be somebody else's, who could put another file in its place.
            if owner is not None:
                os.fchown(writing.fileno(), *owner)
            if os.name == "posix":
                os.fchmod(writing.fileno(), mode)
            os.fsync(writing.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
