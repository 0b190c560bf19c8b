"""speedtest-cli's list and choice, with everything that the library does wrong kept inside."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.error
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import speedtest_list
from emrnetcheck.net.speedtest_list import ListedServer, nearest

BEST: dict[str, Any] = {
    "url": "http://speed.example.org:8080/speedtest/upload.php",
    "name": "Town",
    "sponsor": "ISP",
    "latency": 12.5,
}


class LibraryError(Exception):
    pass


class ConfigRetrievalError(LibraryError):
    pass


class SpeedtestBestServerFailure(LibraryError):
    pass


def use_library(monkeypatch: pytest.MonkeyPatch, best: Callable[[], Any]) -> None:
    class Speedtest:
        def __init__(self, *, secure: bool, timeout: float) -> None:
            assert secure

        def get_servers(self, ids: list[int]) -> None:
            assert ids == []

        def get_best_server(self) -> Any:
            return best()

    library = SimpleNamespace(Speedtest=Speedtest, SpeedtestException=LibraryError)
    monkeypatch.setattr(speedtest_list, "_library", lambda: library)


def raising(error: Exception) -> Callable[[], Any]:
    def best() -> Any:
        raise error

    return best


def test_the_chosen_server_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    use_library(monkeypatch, lambda: BEST)
    assert nearest(5.0) == ListedServer(BEST["url"], "Town", "ISP", 12.5)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConfigRetrievalError(urllib.error.URLError(ConnectionRefusedError(111, "x"))), FailureKind.REFUSED),
        (ConfigRetrievalError(urllib.error.URLError(TimeoutError())), FailureKind.TIMEOUT),
        (
            ConfigRetrievalError(urllib.error.HTTPError("https://x", 403, "Forbidden", None, None)),  # type: ignore[arg-type]
            FailureKind.HTTP_STATUS,
        ),
        (SpeedtestBestServerFailure("Unable to connect to servers to test latency."), FailureKind.NO_SERVER),
        (ConfigRetrievalError("unknown"), FailureKind.MALFORMED),
        (ValueError("could not convert string to float: ''"), FailureKind.MALFORMED),
        (KeyError("client"), FailureKind.OTHER),
    ],
)
def test_what_the_library_raises_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: FailureKind
) -> None:
    use_library(monkeypatch, raising(error))
    outcome = nearest(5.0)
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind


def test_a_server_that_never_answered_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    use_library(monkeypatch, lambda: {**BEST, "latency": 1_800_000.0})
    outcome = nearest(5.0)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.NO_SERVER


@pytest.mark.parametrize("url", ["", "ftp://x/", "upload.php"])
def test_an_odd_address_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    use_library(monkeypatch, lambda: {**BEST, "url": url})
    outcome = nearest(5.0)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.MALFORMED


def test_a_library_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    use_library(monkeypatch, lambda: over.wait(20.0))
    outcome = nearest(0.1)
    over.set()
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TIMEOUT


def test_its_deprecation_warnings_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    def best() -> Any:
        warnings.warn("utcnow", DeprecationWarning, stacklevel=1)
        return BEST

    use_library(monkeypatch, best)
    assert isinstance(nearest(5.0), ListedServer)


def test_the_real_library_leaves_the_output_open_and_uses_no_proxy() -> None:
    """On import it wraps the numbers 1 and 2 in files that close them: seen in a process of its own."""
    program = """if True:
        import gc, os, sys
        os.environ["http_proxy"] = os.environ["https_proxy"] = "http://127.0.0.1:1"
        from emrnetcheck.net import speedtest_list
        library = speedtest_list._library()
        opener = library.build_opener()
        assert not any(getattr(handler, "proxies", None) for handler in opener.handlers), opener.handlers
        for name in [name for name in vars(library) if name.startswith("_py3")]:
            delattr(library, name)
        gc.collect()
        os.write(1, b"still open")
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "still open", "")


def test_the_library_is_imported_on_use_only() -> None:
    program = "import sys, emrnetcheck.probes.upload; assert 'speedtest' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
