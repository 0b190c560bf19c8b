"""What is the secret that the settings name, and is it kept so that nobody else can read it?"""

from __future__ import annotations

import hmac
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import NoReturn

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean

SOURCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
"""How settings name a secret: by an environment variable or by a file."""

_MAX_BYTES = 4096
_TOKEN = re.compile(r"[!-~]+")  # what a header can hold: one word of ASCII


class Secret:
    """A password or the like, which no repr, no log and no copy of an object shows: only `reveal` does."""

    __slots__ = ("_word",)

    def __init__(self, word: str) -> None:
        self._word = word

    def reveal(self) -> str:
        """The secret itself, for the one place that needs it."""
        return self._word

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._word.encode(), other._word.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash of it would be a hint

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is neither copied nor written down")


def read(source: str) -> str | Failure:
    """The secret of "env:NAME" or "file:PATH". No failure has any of it in its words.

    A file that others than its owner may read is PERMISSION, except on Windows, whose files have no such mode.
    """
    found = _kept(source)
    if isinstance(found, Failure):
        return found
    secret = found.strip()
    if not _TOKEN.fullmatch(secret):
        wrong = "it is empty" if not secret else "it must be one word of plain letters, digits and signs"
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(source.partition(":")[2]), wrong)
    return secret


def read_password(source: str, *, service: str, account: str) -> Secret | Failure:
    """As `read`, and of "keyring" too; it may have spaces and letters of any script, but no control characters.

    service, account: under which the keyring has it.
    """
    if source == "keyring":
        from emrnetcheck.net import keyrings  # on use: it takes a tenth of a second to load

        found = keyrings.read(service, account)
    else:
        found = _kept(source)
    if isinstance(found, Failure):
        return found
    return _password(found, "keyring" if source == "keyring" else source.partition(":")[2])


def keep_password(source: str, secret: Secret, *, service: str, account: str) -> Failure | None:
    """Puts it where the settings say that it is: into the keyring, or into a file that only its owner can read."""
    if source == "keyring":
        from emrnetcheck.net import keyrings

        return keyrings.keep(service, account, secret.reveal())
    kind, _, where = source.partition(":")
    if kind != "file":
        return Failure(
            FailureKind.UNSUPPORTED, "keep", clean(where), "an environment variable is set by whoever starts"
        )
    return _write(Path(where).expanduser(), secret)


def _password(found: str, where: str) -> Secret | Failure:
    word = found.strip("\r\n")  # what an editor or echo adds; spaces may belong to it
    if not word.strip():
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(where), "it is empty")
    if not word.isprintable():
        wrong = "it must be one line without control characters"
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(where), wrong)
    return Secret(word)


def _kept(source: str) -> str | Failure:
    kind, _, where = source.partition(":")
    return _of_environment(where) if kind == "env" else _of_file(Path(where).expanduser())


def _of_environment(name: str) -> str | Failure:
    found = os.environ.get(name)
    if found is None:
        return Failure(FailureKind.NOT_CONFIGURED, "read", clean(name), "there is no such environment variable")
    return found


def _of_file(path: Path) -> str | Failure:
    where = clean(str(path))
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):  # reading a pipe could take for ever
            return Failure(FailureKind.NOT_CONFIGURED, "read", where, "it is no file")
        if os.name == "posix" and state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Failure(FailureKind.PERMISSION, "read", where, "others can read it: chmod 600")
        if os.name == "posix" and state.st_uid not in (os.geteuid(), 0):  # who owns it can change it
            return Failure(FailureKind.PERMISSION, "read", where, "it belongs to another user: chown it")
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        return Failure(FailureKind.NOT_CONFIGURED, "read", where, "it is no text")
    except (OSError, ValueError) as error:
        return classify(error, "read", str(path))


def _write(path: Path, secret: Secret) -> Failure | None:
    """In one step: there is never a file that others can read, nor half of one. mkstemp makes it with mode 0600."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".emrnetcheck-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secret.reveal() + "\n")
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        return classify(error, "write", str(path))
    return None
