"""What does the system's keyring (Keychain, Credential Manager, Secret Service) hold for us? With an end in time.

A scheduled job often has no keyring: nobody is logged in who could unlock it. That is a failure with its own words.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean

_READ_TIMEOUT_S = 20.0  # it may wait for somebody to unlock it
_KEEP_TIMEOUT_S = 120.0
_NONE_HERE = "this computer has no keyring that can be used now; a job without a log-in has none: keep it in a file"


def read(service: str, account: str, *, timeout_s: float = _READ_TIMEOUT_S) -> str | Failure:
    """The password. NOT_CONFIGURED where there is none, UNSUPPORTED without a keyring, PERMISSION where it is shut."""
    import keyring

    found = _asked("read", lambda: keyring.get_password(service, account), timeout_s)
    if found is None:
        wrong = f'it holds none for {account}: put it there with "emrnetcheck email password"'
        return Failure(FailureKind.NOT_CONFIGURED, "read", "keyring", clean(wrong))
    return found


def keep(service: str, account: str, word: str, *, timeout_s: float = _KEEP_TIMEOUT_S) -> Failure | None:
    """Puts it there, over what was there before."""
    import keyring

    found = _asked("keep", lambda: keyring.set_password(service, account, word), timeout_s)
    return found if isinstance(found, Failure) else None


def _asked(operation: str, work: Callable[[], str | None], timeout_s: float) -> str | Failure | None:
    """In a thread that is left behind: no keyring has a time-out."""
    answers: queue.SimpleQueue[str | Failure | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(work())
        except Exception as error:  # noqa: BLE001 - each system's keyring has errors of its own; their text may hold more
            answers.put(_failure(error, operation))

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=timeout_s)
    except queue.Empty:
        return Failure(FailureKind.TIMEOUT, operation, "keyring", "it waits for somebody to unlock it")


def _failure(error: Exception, operation: str) -> Failure:
    from keyring import errors

    if isinstance(error, errors.NoKeyringError | errors.InitError):
        return Failure(FailureKind.UNSUPPORTED, operation, "keyring", _NONE_HERE)
    if isinstance(error, errors.KeyringLocked):
        return Failure(FailureKind.PERMISSION, operation, "keyring", "it is locked, and nobody unlocked it")
    return Failure(FailureKind.OTHER, operation, "keyring", f"{type(error).__name__}")
