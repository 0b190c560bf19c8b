"""Is a score what its answers are, also where the lab gave none, and are false alarms a figure of their own?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab import crew, placing, rounds, scenarios
from tests.lab.crew import Done, Job, WorkerError
from tests.lab.plan import from_table
from tests.lab.rounds import Wanted
from tests.lab.scenarios import Scenario
from tests.lab.score import Answer, Placed, all_right, as_line, from_line, score_of, table_of

RIGHT = Answer("client_pc", "lan", 11.0, "not_ready segment.lan")
WRONG = Answer("watch_pc", "none", 20.0, "no event", ("none, not lan",))
SLOW = Placed("place_x", "A bad cable", ("client_pc", "watch_pc"), (RIGHT, WRONG))
NO_LAB = Placed("place_y", "No lab", ("run_emr", "client_pc"), failed="it could not be built")
FINE = Placed("fine", "Nothing is wrong", ("client_pc",), (Answer("client_pc", "none", 11.0, "ready"),))
ALARM = Placed("fine_z", "A false alarm", ("run_emr",), (Answer("run_emr", "lan", 9.0, "x", ("lan, not none",)),))


@pytest.mark.parametrize(
    ("placed", "lines"),
    [
        ([SLOW], ["1 of 2 answers right: client 1 of 1, watch 0 of 1"]),
        ([SLOW, NO_LAB], ["1 of 4 answers right: run 0 of 1, client 1 of 2, watch 0 of 1"]),
        ([FINE, FINE], ["2 of 2 answers right: client 2 of 2", "false alarms in 1 healthy clinics: 0 of 2 answers"]),
        (
            [FINE, ALARM],
            ["1 of 2 answers right: run 0 of 1, client 1 of 1", "false alarms in 2 healthy clinics: 1 of 2 answers"],
        ),
    ],
)
def test_a_score_counts_what_was_asked(placed: list[Placed], lines: list[str]) -> None:
    assert score_of(placed) == lines


@pytest.mark.parametrize(
    ("placed", "right"),
    [([FINE], True), ([FINE, ALARM], False), ([NO_LAB], False), ([], False), ([Placed("x", "t", ())], False)],
)
def test_only_what_was_asked_and_is_right_is_right(placed: list[Placed], right: bool) -> None:
    assert all_right(placed) is right


@pytest.mark.parametrize("placed", [SLOW, NO_LAB, FINE])
def test_a_line_of_json_is_the_same_again(placed: Placed) -> None:
    assert from_line(as_line(placed)) == placed


def test_a_table_says_why_an_answer_is_wrong() -> None:
    assert table_of(SLOW)[-2:] == ["  WRONG watch_pc      none       20.0 s  no event", "        none, not lan"]
    assert table_of(NO_LAB)[-1] == "  WRONG the lab: it could not be built"


class Hands:
    """In place of workers: what each job is answered with, in the order of the jobs."""

    def __init__(self, lines: dict[str, Any]) -> None:
        self.lines, self.jobs = lines, list[Job]()

    def run(self, job: Job) -> Done:
        self.jobs.append(job)
        said = self.lines[job.words[1]]
        if isinstance(said, Exception):
            raise said
        return Done(0, said)

    def close(self) -> None:
        pass


def test_rounds_begin_with_the_longest_and_are_told_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["fine", "place_line_loses_5", "place_storm"]
    fine, longest, storm = (placing.not_asked(scenarios.load(name), ["client_pc"]) for name in names)
    answers = {"fine": as_line(fine), "place_line_loses_5": WorkerError("it died"), "place_storm": "no JSON"}
    hands = Hands(answers)
    monkeypatch.setattr(crew, "Worker", lambda argv: hands)
    assert not rounds.tell(rounds.several_at_once(Wanted(names, 2, ["client_pc"]), 1), times=2)
    assert [job.words[1] for job in hands.jobs] == ["place_line_loses_5", "fine", "place_storm"] * 2
    said = capsys.readouterr().out
    titles = [f"{placed.name}: {placed.title}" for placed in (fine, longest, storm)]
    assert [line for line in said.splitlines() if line in titles] == titles * 2
    assert "WRONG the lab: it died" in said
    assert "WRONG the lab: no JSON" in said
    assert said.count("0 of 3 answers right") == 2
    assert "0 of 6 answers right: client 0 of 6" in said


@pytest.mark.parametrize(
    ("table", "seconds"),
    [
        ({"segment": {"client_pc": "lan"}}, 20),
        ({"segment": {"client_pc": "lan", "run_emr": "lan"}}, 37),
        ({"segment": {"client_pc": "lan", "run_emr": "lan", "watch_pc": "lan"}, "watch_s": 160.0}, 180),
        ({"segment": {"run_emr": "lan", "watch_pc": "lan"}, "run": {"args": ["--quick"]}}, 40),
    ],
)
def test_what_takes_long_is_known_before(table: dict[str, Any], seconds: float) -> None:
    assert placing.about_s(from_table(Scenario, {"title": "t", **table}, "s")) == seconds
