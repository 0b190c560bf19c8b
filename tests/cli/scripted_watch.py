"""A watch whose answers and clock are those of a script: each turn takes a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.cli.keeping import FILE_NAME
from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import clocks
from emrnetcheck.net.clocks import Clocks
from emrnetcheck.probes.watching.sampler import Found, Sampler
from emrnetcheck.store.history import History

URL = "https://emr.example.org:8443/oscar/"
WALL_S = 1_800_000_000.0
LEGS = ("router", "isp", "outside", "name", "server_tcp", "server_answer")
USUAL_MS = dict(zip(LEGS, (0.4, 12.0, 20.0, 25.0, 40.0, 60.0), strict=True))
Turn = Callable[[float], list[Found]]


class Scripted:
    """Each turn takes a second and gives what the script says of it; the clock moves with it."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.script: Turn = usual
        self.targets: list[object] = []

    def read(self) -> Clocks:
        return Clocks(self.now_s, WALL_S + self.now_s, self.now_s)

    def turn(self, _sampler: Sampler, _seconds: float, *, restless: bool) -> list[Found]:
        at_s = self.now_s
        found = self.script(at_s - 50.0)
        self.now_s += 1.0
        return [_at(each, at_s) for each in found]


def _at(found: Found, at_s: float) -> Found:
    if isinstance(found, Sample):
        return Sample(found.leg, at_s, found.rtt_ms, found.failure, found.fault)
    if isinstance(found, Happening):
        return Happening(found.kind, at_s, found.old, found.new, found.seconds)
    return found


def answers(changed: dict[str, float | None]) -> list[Found]:
    timeout = Failure(FailureKind.TIMEOUT, "ping")
    values = USUAL_MS | changed
    found: list[Found] = [Sample(leg, 0.0, values[leg], timeout if values[leg] is None else None) for leg in LEGS]
    return [Sample("own", 0.0, None), *found]


def usual(_at_s: float) -> list[Found]:
    return answers({})


def line_down(at_s: float) -> list[Found]:
    return answers(dict.fromkeys(LEGS[1:], None) if 30.0 <= at_s < 70.0 else {})


def set_up(monkeypatch: pytest.MonkeyPatch, data: Path) -> Scripted:
    """Every watch is by this script from now on, and keeps its summaries there."""
    world = Scripted()

    def start(sampler: Sampler) -> tuple[Watched, ...]:
        world.targets.append(sampler.target)
        return tuple(Watched(leg, "somebody", "icmp") for leg in LEGS)

    monkeypatch.setattr(clocks, "read", world.read)
    monkeypatch.setattr(Sampler, "start", start)
    monkeypatch.setattr(Sampler, "turn", _turning(world))
    monkeypatch.setenv("EMRNETCHECK_DATA", str(data))
    return world


def _turning(world: Scripted) -> Callable[..., list[Found]]:
    return lambda sampler, seconds, *, restless: world.turn(sampler, seconds, restless=restless)


def kept_watches(data: Path) -> list[dict[str, Any]]:
    """The summaries in the history of that folder, the newest first; none of them is a file any more."""
    assert not list((data / "watch").glob("*.json"))
    with History.opened(data / FILE_NAME) as history:
        return [json.loads(history.watch(each.id)) for each in history.watches(most=1000)]
