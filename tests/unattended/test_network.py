"""A run just after waking waits for the network: no longer than it may, and before it takes the work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from emrnetcheck.model.claims import Work
from emrnetcheck.unattended import Done, attend
from emrnetcheck.unattended.network import LONGEST_WAIT_S, PAUSE_S, SETTLES_S, pause_s
from tests.unattended.office import INSTALLED, Office

MONDAY = INSTALLED.replace(day=5, hour=7, minute=1)


def run(office: Office, connected: Callable[[float], bool]) -> tuple[Done, list[float], list[str]]:
    """connected: after so many seconds of waiting. The pauses, and the steps in between."""
    pauses: list[float] = []
    steps: list[str] = []
    office.before = steps.append

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        steps.append("wait")

    parts = replace(office.parts(), connected=lambda: connected(sum(pauses)), wait_s=wait)
    return attend(parts), pauses, steps


def test_where_there_is_a_network_nobody_waits(office: Office) -> None:
    office.at = MONDAY
    _, pauses, _ = run(office, lambda _waited_s: True)
    assert pauses == []
    assert office.told == [each for each in office.told if "network" not in each]


def test_it_is_measured_as_soon_as_the_network_is_there(office: Office) -> None:
    office.at = MONDAY
    done, pauses, steps = run(office, lambda waited_s: waited_s >= 12.0)
    assert pauses == [PAUSE_S, PAUSE_S, PAUSE_S, SETTLES_S]
    assert steps.index("measure") > max(number for number, step in enumerate(steps) if step == "wait")
    assert steps.index("ping start") > steps.index("wait"), "it could not have been told before"
    assert done.worked == [Work.CHECK, Work.REPORT]
    assert "There was no network connection yet: waited 20 s for it." in office.told


def test_it_waits_no_longer_than_two_minutes_and_measures_all_the_same(office: Office) -> None:
    office.at = MONDAY
    done, pauses, _ = run(office, lambda _waited_s: False)
    assert sum(pauses) == LONGEST_WAIT_S == 120.0
    assert done.worked == [Work.CHECK, Work.REPORT]
    assert "After 120 s there still was no network connection: measured without." in office.told


def test_where_nothing_is_to_be_measured_nobody_waits(office: Office) -> None:
    _, pauses, _ = run(office, lambda _waited_s: False)
    assert pauses == []


def test_pauses_end() -> None:
    assert pause_s(0.0) == PAUSE_S
    assert pause_s(LONGEST_WAIT_S - 1.0) == 1.0
    assert pause_s(LONGEST_WAIT_S) is None
