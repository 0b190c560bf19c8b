"""speedtest-cli's own figure, with everything that its process may do wrong kept outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import second_opinion, speedtest_list
from emrnetcheck.net.second_opinion import Said, ask
from emrnetcheck.net.speedtest_list import OwnUpload, own_upload

CAP_BYTES = 20_000_000
URL = "http://speed.example.org:8080/speedtest/upload.php"
SERVER = {"server": URL}
FIGURE = {"mbps": 4.75, "sent_bytes": 5_000_000, "capped": False}


def use_child(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another program in the child's place."""
    monkeypatch.setattr(second_opinion, "child_argv", lambda cap: [sys.executable, "-S", "-c", script, str(cap)])


def saying(*lines: object, then: str = "") -> str:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return f"import sys, time\nfor line in {texts!r}:\n    print(line, flush=True)\n{then}"


def kind_of(said: Said) -> FailureKind:
    assert said.failure is not None
    assert said.mbps is None
    return said.failure.kind


def test_the_figure_and_the_server_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    use_child(monkeypatch, saying(SERVER, {"sent_bytes": 524_288}, FIGURE))
    assert ask(CAP_BYTES, 20.0, lambda: False) == Said(4.75, 5_000_000, URL)


def test_what_else_it_prints_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    use_child(
        monkeypatch, saying("Retrieving...", "[1, 2]", SERVER, "\\xff\\x1b[31m", FIGURE, then="sys.stderr.write('no')")
    )
    assert ask(CAP_BYTES, 20.0, lambda: False).mbps == 4.75


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["garbage"],
        [SERVER],
        [FIGURE | {"mbps": 0.0}],
        [FIGURE | {"mbps": -1.0}],
        [FIGURE | {"mbps": "4.75"}],
        ['{"mbps": NaN}'],
        ['{"mbps": Infinity}'],
    ],
    ids=str,
)
def test_no_figure_is_malformed(monkeypatch: pytest.MonkeyPatch, lines: list[object]) -> None:
    use_child(monkeypatch, saying(*lines))
    assert kind_of(ask(CAP_BYTES, 20.0, lambda: False)) is FailureKind.MALFORMED


def test_the_library_s_failure_keeps_its_kind_and_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"kind": "http_status", "operation": "server list", "target": "www.speedtest.net", "detail": "HTTP 403"}
    use_child(monkeypatch, saying(told))
    said = ask(CAP_BYTES, 20.0, lambda: False)
    assert said.failure == Failure(FailureKind.HTTP_STATUS, "server list", "www.speedtest.net", "HTTP 403")
    use_child(monkeypatch, saying({"kind": "nonsense"}))
    assert kind_of(ask(CAP_BYTES, 20.0, lambda: False)) is FailureKind.OTHER


def test_a_child_that_hangs_is_killed_and_what_it_sent_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    use_child(monkeypatch, saying(SERVER, {"sent_bytes": 700}, then="time.sleep(60)"))
    before_s = time.monotonic()
    said = ask(CAP_BYTES, 1.0, lambda: False)
    assert time.monotonic() - before_s < 5.0
    assert kind_of(said) is FailureKind.TIMEOUT
    assert (said.server, said.sent_bytes) == (URL, 700)


def test_when_told_to_stop_it_is_over_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    use_child(monkeypatch, saying(then="time.sleep(60)"))
    before_s = time.monotonic()
    assert kind_of(ask(CAP_BYTES, 40.0, lambda: True)) is FailureKind.INTERRUPTED
    assert time.monotonic() - before_s < 1.0


def test_a_program_that_is_not_there_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "child_argv", lambda _cap: ["/no/such/program"])
    assert kind_of(ask(CAP_BYTES, 20.0, lambda: False)) is FailureKind.OTHER


def test_the_child_ends_when_nobody_holds_its_input(tmp_path: Any) -> None:
    """A run that was killed cannot stop it: the end of its standard input does."""
    # The library's place is taken, so that nothing leaves this computer however fast or slow this machine is.
    (tmp_path / "speedtest.py").write_text("import time\ntime.sleep(60)\n")
    argv = [part for part in second_opinion.child_argv(CAP_BYTES) if part != "-P"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    child = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, env=environment, timeout=30, check=False
    )
    assert child.returncode == 1, child.stderr
    assert child.stdout == b""


def library(monkeypatch: pytest.MonkeyPatch, upload: Callable[..., float], sizes: list[int], count: int) -> Any:
    class LibraryError(Exception):
        pass

    class Speedtest:
        def __init__(self, *, secure: bool, timeout: float) -> None:
            assert secure
            self.config = {"sizes": {"upload": sizes}, "counts": {"upload": count}, "upload_max": len(sizes) * count}
            self.results = SimpleNamespace(bytes_sent=0)

        def get_servers(self, ids: list[int]) -> None:
            assert ids == []

        def get_best_server(self) -> Any:
            return {"url": URL, "latency": 10.0}

        def upload(self, callback: Callable[..., None]) -> float:
            return upload(self, callback)

    fake = SimpleNamespace(Speedtest=Speedtest, SpeedtestException=LibraryError)
    monkeypatch.setattr(speedtest_list, "_library", lambda: fake)
    return fake


HALF, WHOLE = 500_000, 1_000_000
HEAD = 1024


@pytest.mark.parametrize(
    ("cap_bytes", "sizes", "capped"),
    [
        (10_000_000, [HALF, HALF, WHOLE, WHOLE], False),
        (2 * HALF + 2 * WHOLE + 4 * HEAD, [HALF, HALF, WHOLE, WHOLE], False),
        (2 * HALF + 2 * WHOLE + 4 * HEAD - 1, [HALF, HALF, WHOLE], True),
        (2 * HALF, [HALF], True),
        (0, [], True),
    ],
)
def test_it_plans_no_more_than_the_cap(
    monkeypatch: pytest.MonkeyPatch, cap_bytes: int, sizes: list[int], capped: bool
) -> None:
    told: list[object] = []

    def upload(self: Any, callback: Callable[..., None]) -> float:
        planned = self.config["sizes"]["upload"] * self.config["counts"]["upload"]
        assert self.config["upload_max"] == len(planned)
        for number, size in enumerate(planned):
            callback(number, len(planned), start=True)
            callback(number, len(planned), end=True)
            self.results.bytes_sent += size
        return 4.5e6

    library(monkeypatch, upload, [HALF, WHOLE], 2)
    outcome = own_upload(cap_bytes, told.append, told.append)
    assert outcome == OwnUpload(4.5, sum(sizes), capped)
    assert told == [URL, *(sum(sizes[: number + 1]) for number in range(len(sizes)))]


def test_one_that_its_own_time_ended_was_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def upload(self: Any, _callback: Callable[..., None]) -> float:
        self.results.bytes_sent = HALF
        return 0.4e6

    library(monkeypatch, upload, [HALF, WHOLE], 2)
    assert own_upload(2 * WHOLE, lambda _url: None, lambda _bytes: None) == OwnUpload(0.4, HALF, capped=False)


def test_an_upload_of_nothing_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    library(monkeypatch, lambda _self, _callback: 0.0, [500_000], 2)
    outcome = own_upload(CAP_BYTES, lambda _url: None, lambda _bytes: None)
    assert isinstance(outcome, Failure)
    assert "could not upload" in outcome.detail


def test_what_the_library_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Any, _callback: Any) -> float:
        raise ConnectionResetError(104, "x")

    library(monkeypatch, refused, [500_000], 2)
    outcome = own_upload(CAP_BYTES, lambda _url: None, lambda _bytes: None)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.RESET


def test_without_the_library_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "speedtest", None)
    outcome = own_upload(CAP_BYTES, lambda _url: None, lambda _bytes: None)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.UNSUPPORTED


def test_it_leaves_no_thread_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    use_child(monkeypatch, saying(SERVER, FIGURE))
    ask(CAP_BYTES, 20.0, lambda: False)
    assert threading.active_count() == before
