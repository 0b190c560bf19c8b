"""What is the secret that the settings name, and is it kept so that nobody else can read it?"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean

SOURCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
"""How settings name a secret: by an environment variable or by a file."""

_MAX_BYTES = 4096
_TOKEN = re.compile(r"[!-~]+")  # what a header can hold: one word of ASCII


def read(source: str) -> str | Failure:
    """The secret of "env:NAME" or "file:PATH". No failure has any of it in its words.

    A file that others than its owner may read is PERMISSION, except on Windows, whose files have no such mode.
    """
    kind, _, where = source.partition(":")
    found = _of_environment(where) if kind == "env" else _of_file(Path(where).expanduser())
    if isinstance(found, Failure):
        return found
    secret = found.strip()
    if not _TOKEN.fullmatch(secret):
        wrong = "it is empty" if not secret else "it must be one word of plain letters, digits and signs"
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(where), wrong)
    return secret


def _of_environment(name: str) -> str | Failure:
    found = os.environ.get(name)
    if found is None:
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(name), "there is no such environment variable")
    return found


def _of_file(path: Path) -> str | Failure:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # reading a pipe could take for ever
            return Failure(FailureKind.NOT_CONFIGURED, "read", clean(str(path)), "it is no file")
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Failure(FailureKind.PERMISSION, "read", clean(str(path)), "others can read it: chmod 600")
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(str(path)), "it is no text")
    except (OSError, ValueError) as error:
        return classify(error, "read", str(path))
