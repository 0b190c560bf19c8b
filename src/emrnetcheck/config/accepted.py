"""Which findings did somebody accept, until when and why? A small TOML file beside the settings.

It is no part of the settings file, which people write, with comments of theirs: a program must not rewrite that.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import platformdirs

from emrnetcheck.config.errors import ConfigError
from emrnetcheck.model import Acknowledged

SUFFIX = ".accepted.toml"
_HEAD = """\
# Findings that somebody accepted for a time. Written by: emrnetcheck acknowledge
# They stay in the report, and are no alarm until the day named here.
"""


def accepted_file(settings: Path | None) -> Path:
    """Where they are: emrnetcheck.toml has emrnetcheck.accepted.toml beside it, which is in the user's folder if there
    are no settings."""
    file = settings or platformdirs.user_config_path("emrnetcheck") / "emrnetcheck.toml"
    return file.with_name(file.stem + SUFFIX)


def read_accepted(file: Path) -> dict[str, Acknowledged]:
    """By code; {} where there is no such file. Raises ConfigError."""
    try:
        raw = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigError(f"The file of accepted findings {file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(_mend(file, f"is not valid TOML: {error}")) from error
    return {code_as_kept(code): _entry(file, code, value) for code, value in raw.items()}


def code_as_kept(typed: str) -> str:
    """Codes are in small letters; people type them, and write them into the file, as they like."""
    return typed.strip().lower()


def _entry(file: Path, code: str, value: Any) -> Acknowledged:  # noqa: ANN401 (TOML is any of its types)
    if not isinstance(value, dict):
        raise ConfigError(_mend(file, f"has something else than a table for {code[:60]!r}"))
    until, why = value.get("until"), value.get("why")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise ConfigError(_mend(file, f"has no day as `until` of {code[:60]!r}, such as 2027-03-03"))
    if not isinstance(why, str) or not why.strip():
        raise ConfigError(_mend(file, f"has no reason as `why` of {code[:60]!r}"))
    return Acknowledged(why, until)


def _mend(file: Path, what: str) -> str:
    return f"The file of accepted findings {file} {what}. Mend it, or delete it and accept them again."


def write_accepted(file: Path, accepted: Mapping[str, Acknowledged]) -> None:
    """All of them, in place of those before; moved into place, so that an interrupted write leaves the old. Raises
    ConfigError."""
    parts = [_HEAD]
    for code, each in sorted(accepted.items()):
        # A string of JSON is one of TOML, as long as it holds no control characters and no half characters.
        why = json.dumps(each.why, ensure_ascii=False)
        parts.append(f"\n[{json.dumps(code)}]\nuntil = {each.until.isoformat()}\nwhy = {why}\n")
    beside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write("".join(parts))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}. Nothing was changed.") from error
