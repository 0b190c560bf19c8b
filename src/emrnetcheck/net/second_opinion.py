"""What does speedtest-cli itself say of the upload? In a process of its own: it prints, spins, hangs and hoards memory.

python -m emrnetcheck.net.second_opinion CAP_BYTES      (the child: one JSON object a line on standard output)
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import IO, Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import speedtest_list
from emrnetcheck.net.failures import classify, clean

_NAME = "speedtest-cli"
_LOOK_EVERY_S = 0.1
_OUTPUT_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """What the child had told when it ended. mbps None: no figure, and failure says why."""

    mbps: float | None = None
    sent_bytes: int = 0
    server: str | None = None
    capped: bool = False
    failure: Failure | None = None


def child_argv(cap_bytes: int) -> list[str]:
    """The command line of the child. Tests put another program in its place."""
    # -P: a file called speedtest.py where the user happens to be is not ours. -W: the library's last release is old.
    return [sys.executable, "-P", "-W", "ignore", "-m", "emrnetcheck.net.second_opinion", str(cap_bytes)]


def ask(cap_bytes: int, deadline_s: float, stopping: Callable[[], bool]) -> Said:
    """Let it measure, sending no more than cap_bytes of bodies. It never outlives the call.

    stopping is asked ten times a second. Failures: INTERRUPTED when it says so, TIMEOUT after deadline_s seconds,
    MALFORMED for a child that gives no figure, and what the library says (see speedtest_list).
    """
    try:
        with tempfile.TemporaryFile() as output:
            failure = _watch(child_argv(cap_bytes), output, deadline_s, stopping)
            output.seek(0)
            return _read(output.read(_OUTPUT_MOST_BYTES), failure)
    except OSError as error:
        return Said(failure=classify(error, "run", _NAME))


def _watch(argv: list[str], output: IO[bytes], deadline_s: float, stopping: Callable[[], bool]) -> Failure | None:
    until_s = time.monotonic() + deadline_s
    # The child ends when its standard input does: so it does not outlive this program, however that ends.
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    process.wait(_LOOK_EVERY_S)
                    return None
                except subprocess.TimeoutExpired:
                    pass  # still running
                if stopping():
                    return Failure(FailureKind.INTERRUPTED, "run", _NAME)
                if time.monotonic() > until_s:
                    return Failure(FailureKind.TIMEOUT, "run", _NAME, f"it did not end within {deadline_s:.0f} s")
        finally:
            process.kill()  # harmless once it has ended


def _read(output: bytes, failure: Failure | None) -> Said:
    """The child's lines. What it says last holds; lines that are not ours are left out."""
    told: dict[str, Any] = {}
    for line in output.decode(errors="replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            told |= said
    mbps, sent_bytes, server = told.get("mbps"), told.get("sent_bytes"), told.get("server")
    if failure is None and isinstance(told.get("kind"), str):
        failure = _told_failure(told)
    if failure is None and not (isinstance(mbps, float) and math.isfinite(mbps) and mbps > 0):
        failure = Failure(FailureKind.MALFORMED, "run", _NAME, "it gave no figure")
    return Said(
        mbps=mbps if failure is None else None,
        sent_bytes=sent_bytes if isinstance(sent_bytes, int) and sent_bytes > 0 else 0,
        server=clean(server) if isinstance(server, str) else None,
        capped=told.get("capped") is True,
        failure=failure,
    )


def _told_failure(told: dict[str, Any]) -> Failure:
    kind = told["kind"] if told["kind"] in list(FailureKind) else FailureKind.OTHER
    operation, target, detail = (clean(str(told.get(key, ""))) for key in ("operation", "target", "detail"))
    return Failure(FailureKind(kind), operation, target, detail)


def main(cap_bytes: int) -> None:
    """The child."""

    def tell(said: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    def end_with_the_parent() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=end_with_the_parent, daemon=True).start()
    outcome = speedtest_list.own_upload(
        cap_bytes, lambda url: tell({"server": url}), lambda sent_bytes: tell({"sent_bytes": sent_bytes})
    )
    tell(asdict(outcome))
    os._exit(0)  # the library's threads may still wait for answers


if __name__ == "__main__":
    main(int(sys.argv[1]))
