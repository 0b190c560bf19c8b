"""A whole watch, with sockets, threads and display, asks quickly for some thousand rounds: what it keeps is as large
after them as it was before. Only the pace is another, and everybody who is asked is on the loopback interface."""

from __future__ import annotations

import gc
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from emrnetcheck.cli import one_watch
from emrnetcheck.cli.listener import Listener
from emrnetcheck.cli.one_watch import OneWatch
from emrnetcheck.cli.watch_lines import Out
from emrnetcheck.model import Site
from emrnetcheck.net import dns
from emrnetcheck.probes.watching import looks, pace, sampler, survey
from emrnetcheck.probes.watching.survey import Around, Asked, Connection
from emrnetcheck.probes.watching.target import Target
from emrnetcheck.reports.watch import display
from tests.servers import LOOPBACK, dns_server, zone_handler

WARM_UP_ANSWERS, ANSWERS = 8_000, 8_000
"""Half an hour of the usual pace: what keeps answers, sockets, threads or drawn lines grows with them."""
MOST_KEPT_BLOCKS = ANSWERS
"""Pieces of memory that Python's objects take, which can be counted exactly. A third to three quarters of that come
from the windows of the last answers and from rich's tables, which end at a size (measured until the 32,000th answer):
one piece kept of each answer is too many. 173,000 of these in eight hours would be the 5 MB of the goal."""
MOST_GROWN_BYTES = 2_500_000
"""Of the whole process, whose figure the allocator makes uneven: this is for what libraries and the system keep."""
QUICKER, TURN_S = 0.005, 0.05
_NAME = "emr.example.org"
_OWN = Connection(LOOPBACK, "lo", LOOPBACK, False, True, "", 0)


class Nowhere(io.TextIOBase):
    """A stream that takes everything and keeps nothing. written: how much that was."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal
        self.written = 0

    def write(self, text: str) -> int:
        self.written += len(text)
        return len(text)

    def isatty(self) -> bool:
        return self.terminal

    def writable(self) -> bool:
        return True


@pytest.fixture
def emr(tmp_path: Path) -> Iterator[int]:
    """A page and what belongs to it, from a process of its own: what a server keeps is not what is asked here."""
    folder = tmp_path / "oscar"
    folder.mkdir()
    (folder / "index.html").write_text(
        '<html><head><script src="big.js"></script></head><input type="password"></html>'
    )
    (folder / "big.js").write_bytes(b" " * 300_000)
    argv = [sys.executable, "-u", "-m", "http.server", "0", "--bind", LOOPBACK, "--directory", str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"port ([0-9]+)", server.stdout.readline())
        assert found is not None
        yield int(found[1])
        server.terminate()


@pytest.fixture
def quick(emr: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Everybody is here, and is asked a hundred times as often as else."""
    tcp = Asked(LOOPBACK, f"tcp:{emr}")
    around = Around(_OWN, Asked(LOOPBACK, "icmp"), tcp, Asked(LOOPBACK, "icmp"), tcp, 2, LOOPBACK)
    monkeypatch.setattr(survey, "around", lambda *_, **__: around)
    monkeypatch.setattr(survey, "connection", lambda: _OWN)
    monkeypatch.setattr(survey, "glance", lambda _before: _OWN)
    monkeypatch.setattr(dns, "system_resolvers", lambda: (LOOPBACK,))
    monkeypatch.setattr(looks.NameAsker, "addresses", lambda _self: (LOOPBACK,))
    monkeypatch.setattr(looks, "is_v6_only", lambda: False)
    for name in ("STEADY", "EAGER"):
        monkeypatch.setattr(sampler, name, pace.STEADY.times(QUICKER))
    for name in ("LARGE_FIRST_S", "LARGE_AGAIN_S", "LARGE_IN_TROUBLE_S", "LARGE_STEADY_S", "HOLDERS_EVERY_S"):
        monkeypatch.setattr(pace, name, 0.5)
    monkeypatch.setattr(one_watch, "_TURN_S", TURN_S)
    monkeypatch.setattr(one_watch, "_SAMPLE_EVERY_S", TURN_S)
    with dns_server(zone_handler({(_NAME, "A"): [f"{_NAME}. 60 IN A {LOOPBACK}"]})) as port:
        monkeypatch.setattr(dns, "PORT", port)
        yield Target(_NAME, emr, "/oscar/", False, _NAME)


@pytest.mark.parametrize("terminal", [False, True])
def test_hours_of_watching_leave_the_memory_as_it_was(quick: Target, terminal: bool, tmp_path: Path) -> None:
    stream = Nowhere(terminal=terminal)
    lines = tmp_path / "lines.jsonl"
    environ = {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    shown = display(stream, plain=not terminal, environ=environ, title="Watching")  # type: ignore[arg-type]
    site = replace(Site(), resolvers=(LOOPBACK,), stun=())
    heard = Listener(stream)  # type: ignore[arg-type]
    with lines.open("w") as file:
        watch = OneWatch(site, quick, 1.0, Out(file, None), heard, heard, plain=True)
        began_s = watch.begin(shown)
        try:
            with shown:
                after: list[tuple[int, int]] = []
                for answers in (WARM_UP_ANSWERS, WARM_UP_ANSWERS + ANSWERS):
                    while _answers(watch) < answers:
                        watch.turn(shown, began_s, None)
                    gc.collect()
                    after.append((sys.getallocatedblocks(), psutil.Process().memory_info().rss))
        finally:
            watch.sampler.close()
    totals = _totals(watch)
    for leg in ("router", "name", "server_tcp", "server_answer", "server_bulk"):
        assert totals[leg].sent > totals[leg].lost, leg
    assert stream.written > 0
    assert lines.stat().st_size > 0
    kept, grown = (later - before for before, later in zip(*after, strict=True))
    print(f"kept {kept} of {MOST_KEPT_BLOCKS} blocks, grown {grown} bytes")
    assert kept <= MOST_KEPT_BLOCKS
    assert grown <= MOST_GROWN_BYTES


def _totals(watch: OneWatch) -> dict[str, Any]:
    assert watch.watching is not None
    return {each.leg: each for each in watch.watching.summary(one_watch.moment_now()).legs}


def _answers(watch: OneWatch) -> int:
    return sum(each.sent for each in _totals(watch).values())
