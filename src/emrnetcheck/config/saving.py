"""Which settings file is the one to write, and how does it get there whole, or not at all?"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from emrnetcheck.config.errors import ConfigError
from emrnetcheck.config.loading import ENVIRONMENT_NAME, FILE_NAME, find_file, load, read
from emrnetcheck.model import Site

_MODE = 0o777


@dataclass(frozen=True, slots=True)
class Place:
    """A settings file to write. file: as it is called; real: where a link leads. text None: it is not there yet."""

    file: Path
    real: Path
    text: str | None


def place_to_write(given: Path | None, environ: Mapping[str, str] = os.environ) -> Place:
    """The file that is named, the one in force, or else a new one in the user's folder. Raises ConfigError."""
    named = given or (Path(environ[ENVIRONMENT_NAME]) if environ.get(ENVIRONMENT_NAME) else None)
    file = named or find_file(None, {}) or platformdirs.user_config_path("emrnetcheck") / FILE_NAME
    try:
        real = file.resolve()
        there = real.exists()
        if there and not real.is_file():
            raise ConfigError(f"{file} is no file: name another one with --config.")
        if file.is_symlink() and real.is_symlink():
            raise ConfigError(f"The settings file {file} is a link that leads nowhere: name another with --config.")
        folder = next(parent for parent in real.parents if parent.exists())
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle (Python 3.11)
        why = getattr(error, "strerror", None) or "links lead in a circle"
        raise ConfigError(f"The settings file {file} cannot be used: {why}.") from error
    if not folder.is_dir():
        raise ConfigError(f"The settings file {file} cannot be made: {folder} is no folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(
            f"The settings file {file} cannot be written: this user may not write into the folder {folder}. "
            "Run this command as a user who may, or name another file with --config."
        )
    return Place(file, real, read(file) if there else None)


def put(place: Place, text: str, meant: Site) -> None:
    """The text into the file: beside it first, read back, then moved into its place. Raises ConfigError.

    A new file is for this user only (0600); one that was there keeps its owner and its mode, since the scheduled run
    may be another user's. A link stays a link.
    """
    try:
        place.real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=place.real.parent, prefix=f".{place.real.name}.", suffix=".new")
    except OSError as error:
        raise _not_written(place, error) from error
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        _as_before(place, beside)
        if load(beside) != meant:
            raise ConfigError(f"The settings file {place.file} was not written: what came back was something else.")
        if (read(place.file) if place.real.exists() else None) != place.text:
            raise ConfigError(
                f"The settings file {place.file} was changed by somebody else meanwhile. Nothing was written: "
                "run this command again."
            )
        beside.replace(place.real)
    except OSError as error:
        raise _not_written(place, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _as_before(place: Place, beside: Path) -> None:
    if place.text is None:
        return
    before, now = place.real.stat(), beside.stat()
    if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        os.chown(beside, before.st_uid, before.st_gid)
    beside.chmod(before.st_mode & _MODE)


def _not_written(place: Place, error: OSError) -> ConfigError:
    return ConfigError(f"The settings file {place.file} could not be written: {error.strerror}. Nothing was changed.")
