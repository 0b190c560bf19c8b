"""How are the rounds of a score run, one clinic after another or several at once, and told in their order?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from tests.lab import placing, scenarios
from tests.lab.crew import Crew, Done, Job, Line, WorkerError
from tests.lab.score import Placed, all_right, from_line, score_of, table_of

Round = int
"""The first is 1."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be asked: these scenarios, so many times, in some places only ((): all of theirs)."""

    names: Sequence[str]
    times: int = 1
    only: Sequence[str] = ()
    keep: Path | None = None


def one_by_one(wanted: Wanted) -> Iterator[tuple[Round, Placed]]:
    """In this process, which is in namespaces of its own."""
    for number in range(1, wanted.times + 1):
        for name in wanted.names:
            yield number, placing.place(scenarios.load(name), wanted.only, wanted.keep, number)


def several_at_once(wanted: Wanted, hands: int) -> Iterator[tuple[Round, Placed]]:
    """By so many workers. What takes longest begins first in each round, and a round waits for none before it."""
    line = Line(nice=False)
    longest_first = sorted(wanted.names, key=lambda name: -placing.about_s(scenarios.load(name)))
    words = ["--only", ",".join(wanted.only), *(("--keep-json", str(wanted.keep.absolute())) if wanted.keep else ())]
    promised = {
        (number, name): line.put(Job(("segments", name, "--as-json", str(number), *words)))
        for number in range(1, wanted.times + 1)
        for name in longest_first
    }
    crew = Crew()
    crew.begin([[line]] * hands)
    with contextlib.closing(crew):
        for number in range(1, wanted.times + 1):
            for name in wanted.names:
                yield number, _placed(name, wanted.only, promised[number, name])


def _placed(name: str, only: Sequence[str], promise: Future[Done]) -> Placed:
    try:
        done = promise.result()
    except WorkerError as error:
        return placing.not_asked(scenarios.load(name), only, str(error))
    try:
        return from_line(done.said.splitlines()[-1])
    except (ValueError, LookupError, TypeError):
        return placing.not_asked(scenarios.load(name), only, done.said)


def tell(results: Iterable[tuple[Round, Placed]], *, times: int) -> bool:
    """The table and the score of each round, and of all; whether every answer was right."""
    rounds: dict[Round, list[Placed]] = {}
    for number, placed in results:
        if number not in rounds and times > 1:
            _tell_score(rounds.get(number - 1, []))
            print(f"-- round {number} of {times}")
        rounds.setdefault(number, []).append(placed)
        print("\n".join(table_of(placed)), flush=True)
    everything = [placed for each in rounds.values() for placed in each]
    if times > 1:
        _tell_score(rounds.get(times, []))
        print(f"-- all {times} rounds")
    _tell_score(everything)
    return all_right(everything)


def _tell_score(placed: Sequence[Placed]) -> None:
    if placed:
        print("\n".join(score_of(placed)), flush=True)
