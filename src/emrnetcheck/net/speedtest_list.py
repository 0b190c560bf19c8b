"""Which speedtest.net server is near, and what does speedtest-cli itself say of the upload? Asked with its library."""

from __future__ import annotations

import contextlib
import io
import itertools
import threading
import time
import urllib.request
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean

LIST_HOST = "www.speedtest.net"
_REQUEST_TIMEOUT_S = 4.0
_LOOK_EVERY_S = 0.1
_USUAL_TIMEOUT_S = 10.0  # speedtest-cli's own, for its own figure
_HEAD_BYTES = 1024  # of a request, or more
_LEAST_LATENCY_OF_A_DEAD_SERVER_MS = 600_000.0
"""The library counts 3600 s for each request that failed, and takes the sum of three by six: one failure is 600 s."""

Untyped: TypeAlias = Any
"""The library has no types."""


@dataclass(frozen=True, slots=True)
class ListedServer:
    """A speedtest.net server. upload_url: http://HOST:PORT/... as the list gives it; latency_ms: the library's."""

    upload_url: str
    name: str
    sponsor: str
    latency_ms: float


def nearest(deadline_s: float, stopping: Callable[[], bool] = lambda: False) -> ListedServer | Failure:
    """The server that answers fastest of the five that are nearest, within deadline_s seconds.

    TIMEOUT after them, or as soon as stopping() says so. Names are looked up by the operating system.
    """
    try:
        library = _library()
    except ImportError as error:
        return Failure(FailureKind.UNSUPPORTED, "import speedtest-cli", "", clean(str(error)))
    answers: list[ListedServer | Failure] = []

    def ask() -> None:
        answers.append(_ask(library))

    # The library has no deadline as a whole, and cannot be stopped: a thread that is left behind can.
    thread = threading.Thread(target=ask, name="speedtest-list", daemon=True)
    with warnings.catch_warnings():
        # It calls datetime.utcnow(), deprecated since Python 3.12; the release is the last.
        warnings.simplefilter("ignore", DeprecationWarning)
        thread.start()
        until_s = time.monotonic() + deadline_s
        while thread.is_alive() and not stopping() and (left_s := until_s - time.monotonic()) > 0:
            thread.join(min(left_s, _LOOK_EVERY_S))
    if not answers:
        return Failure(FailureKind.TIMEOUT, "server list", LIST_HOST, f"{deadline_s:.0f} s")
    return answers[0]


@dataclass(frozen=True, slots=True)
class OwnUpload:
    """What the library measured by itself. mbps: it counts what was handed to the socket. capped: it ended
    because nothing was left to send under the cap."""

    mbps: float
    sent_bytes: int
    capped: bool


def own_upload(cap_bytes: int, chosen: Callable[[str], None], handing: Callable[[int], None]) -> OwnUpload | Failure:
    """speedtest-cli's own upload to the server that it likes best; chosen gets its URL, handing the bytes so far.

    It has no deadline, starts threads and keeps all it sends in memory: only for a process of its own. Of the uploads
    that it plans (151 MB for a usual configuration) those are left that together fit under cap_bytes.
    """
    try:
        library = _library()
    except ImportError as error:
        return Failure(FailureKind.UNSUPPORTED, "import speedtest-cli", "", clean(str(error)))
    try:
        test = library.Speedtest(secure=True, timeout=_USUAL_TIMEOUT_S)
        test.get_servers([])
        best = _listed(test.get_best_server())
        if isinstance(best, Failure):
            return best
        chosen(best.upload_url)
        sizes, held = _fitting(test.config, cap_bytes)

        def begun(number: int, _count: int, *, start: bool = False, end: bool = False) -> None:  # noqa: ARG001
            if start:
                handing(sum(sizes[: number + 1]))

        mbps = float(test.upload(callback=begun)) / 1e6
    except library.SpeedtestException as error:
        return _classify(error)
    except Exception as error:  # noqa: BLE001 - as in _ask
        return classify(error, "second opinion", LIST_HOST)
    if mbps <= 0:
        return Failure(FailureKind.MALFORMED, "second opinion", best.upload_url, "it could not upload anything")
    sent_bytes = int(test.results.bytes_sent)
    return OwnUpload(mbps, sent_bytes, capped=held and sent_bytes >= sum(sizes))


def _fitting(configuration: Untyped, cap_bytes: int) -> tuple[list[int], bool]:
    """Hold the library's plan under the cap: the sizes that are left, and whether some had to go."""
    planned = [size for size in configuration["sizes"]["upload"] for _ in range(configuration["counts"]["upload"])]
    planned = planned[: configuration["upload_max"]]
    totals = itertools.accumulate(size + _HEAD_BYTES for size in planned)
    kept = [size for size, total in zip(planned, totals, strict=True) if total <= cap_bytes]
    configuration["sizes"]["upload"], configuration["counts"]["upload"] = kept, 1
    configuration["upload_max"] = len(kept)
    return kept, len(kept) < len(planned)


def _library() -> Untyped:
    # On import it opens a second file on the numbers of stdout and stderr, and closes them when it is dropped.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import speedtest
    # It would use the proxies of the environment: this program does not, or the line measured is another one.
    speedtest.ProxyHandler = lambda: urllib.request.ProxyHandler({})
    return speedtest


def _ask(library: Untyped) -> ListedServer | Failure:
    try:
        test = library.Speedtest(secure=True, timeout=_REQUEST_TIMEOUT_S)
        test.get_servers([])
        return _listed(test.get_best_server())
    except library.SpeedtestException as error:
        return _classify(error)
    except Exception as error:  # noqa: BLE001 - a library that raises whatever the XML and the line lead it to
        return classify(error, "server list", LIST_HOST)


def _listed(best: Untyped) -> ListedServer | Failure:
    latency_ms = float(best["latency"])
    url = str(best["url"])
    if latency_ms >= _LEAST_LATENCY_OF_A_DEAD_SERVER_MS:
        return Failure(FailureKind.NO_SERVER, "server list", LIST_HOST, "none of the nearest servers answered")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Failure(FailureKind.MALFORMED, "server list", LIST_HOST, clean(f"upload URL {url}"))
    return ListedServer(url, clean(str(best.get("name", ""))), clean(str(best.get("sponsor", ""))), latency_ms)


def _classify(error: Exception) -> Failure:
    """The library wraps what happened: ConfigRetrievalError(URLError(reason)) and the like."""
    seen: BaseException | object = error
    for _ in range(3):
        inner = getattr(seen, "reason", None) or (seen.args[0] if isinstance(seen, Exception) and seen.args else None)
        if not isinstance(inner, BaseException):
            break
        seen = inner
    code = getattr(seen, "code", None)
    if isinstance(code, int):
        return Failure(FailureKind.HTTP_STATUS, "server list", LIST_HOST, f"HTTP {code}")
    if isinstance(seen, OSError):
        return classify(seen, "server list", LIST_HOST)
    name = type(error).__name__
    kind = FailureKind.NO_SERVER if "Server" in name else FailureKind.MALFORMED
    return Failure(kind, "server list", LIST_HOST, clean(f"{name}: {error}" if str(error) else name))
