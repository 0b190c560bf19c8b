"""What does the real iperf3 report of one upload to an iperf3 server?"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import ERRNOS, classify, clean
from emrnetcheck.net.programs import run_watched
from emrnetcheck.net.tcp import endpoint_text

# 40 s with four streams, both sides' intervals: about 300 kB.
_OUTPUT_MAX_BYTES = 4_000_000
# The server counts a block only when all of it is there (Nread in iperf_tcp_recv): with the default of 128 KiB,
# 2.5 Mbps over four streams would be a block in 1.7 s each.
_BLOCK = "8K"
_HOW_TO_GET = "the program iperf3 is not installed (Debian: apt install iperf3; macOS: brew install iperf3)"


@dataclass(frozen=True, slots=True)
class Run:
    """One upload of `seconds`. bits_per_s: of all streams together, never more."""

    address: str
    port: int
    seconds: int
    streams: int
    bits_per_s: int
    connect_timeout_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """said: the parsed JSON of `iperf3 -c`, None where there was none. failure: why it is no result; in what it says
    there may be the bytes that were sent all the same."""

    said: object
    failure: Failure | None = None


def upload(run: Run, stopping: Callable[[], bool]) -> Ended:
    """Failures: UNSUPPORTED without the program, REFUSED, TIMEOUT, REJECTED (the server is busy with another test),
    RESET, MALFORMED (no iperf3 server), TOO_LARGE, INTERRUPTED when told to stop."""
    where = endpoint_text(run.address, run.port)
    program = shutil.which("iperf3")
    if program is None:
        return Ended(None, Failure(FailureKind.UNSUPPORTED, "upload", where, _HOW_TO_GET))
    # No -O: in 3.12 it makes the received sum wrong (the bytes are without, the seconds with what was omitted).
    argv = [program, "-c", run.address, "-p", str(run.port), "-J", "--get-server-output"]
    argv += ["-t", str(run.seconds), "-P", str(run.streams), "-l", _BLOCK]
    argv += ["-b", str(run.bits_per_s // run.streams)]  # it is per stream
    argv += ["--connect-timeout", str(round(run.connect_timeout_s * 1000))]
    done = run_watched(argv, deadline_s=run.deadline_s, limit_bytes=_OUTPUT_MAX_BYTES, stopping=stopping)
    if isinstance(done, Failure):
        return Ended(None, Failure(done.kind, "upload", where, done.detail))
    try:
        said: object = json.loads(done.stdout)
    except (ValueError, RecursionError):
        said = None
    if done.failure is not None:
        return Ended(said, Failure(done.failure.kind, "upload", where, done.failure.detail))
    if said is None:
        said_else = clean(done.stderr or done.stdout) or f"iperf3 ended with {done.status}"
        return Ended(None, Failure(FailureKind.MALFORMED, "upload", where, said_else))
    error = said.get("error") if isinstance(said, dict) else None
    failed = error is not None or done.status != 0
    return Ended(said, _failure(error if isinstance(error, str) else "", where) if failed else None)


def _failure(error: str, where: str) -> Failure:
    """iperf3 has its errors only as sentences (iperf_error.c), with strerror's words at the end."""
    if "busy running a test" in error:
        return Failure(FailureKind.REJECTED, "upload", where, "it is busy with another test; try again later")
    if "unable to receive results" in error and not error.endswith(os.strerror(errno.ECONNRESET)):
        return Failure(FailureKind.MALFORMED, "upload", where, "its results are none")
    for number in ERRNOS:
        if error.endswith(os.strerror(number)):
            failure = classify(OSError(number, os.strerror(number)), "upload", where)
            return Failure(failure.kind, "connect" if "unable to connect" in error else "upload", where)
    if error.endswith(os.strerror(errno.EINPROGRESS)):  # how --connect-timeout shows
        return Failure(FailureKind.TIMEOUT, "connect", where)
    if "control socket has closed" in error or "server has terminated" in error:
        return Failure(FailureKind.RESET, "upload", where, clean(error))
    if "control message" in error or "unknown" in error:
        return Failure(FailureKind.MALFORMED, "upload", where, clean(f"no iperf3 server: {error}"))
    return Failure(FailureKind.OTHER, "upload", where, clean(error) or "iperf3 does not say why")
