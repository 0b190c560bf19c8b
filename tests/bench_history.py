"""How long do the history's commands take with 100,000 runs, what does saving add to a run, and how large is one?

    python -m tests.bench_history            # --runs N: fewer; --folder DIR: keep it there

It ends with 1 where a goal is missed. Times are those of whole processes, the middle of five; the time on the processor
beside them, because another program that uses it makes the first longer.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from emrnetcheck.checks import ALL
from emrnetcheck.cli import keeping
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Site, Verdict
from emrnetcheck.runner.answer import judged_again
from tests.checks.builders import HEALTHY, NAME, SERVER
from tests.reports.samples import READY

ROOT = Path(__file__).parent.parent
COMMAND_GOAL_S = 0.5
SAVE_GOAL_S = 0.05
TIMES = 5
KINDS = 50
SITE = Site(name="Elm Street Clinic", hostname=NAME, lan_address=SERVER, emr_declared=True, outside_consent=True)
COMMANDS = (
    ("status",),
    ("history",),
    ("history", "trend"),
    ("report", "week"),
    ("history", "trend", "--since", "2020-01-01"),
    ("history", "show"),
)
WITHOUT_GOAL = COMMANDS[4:]  # all 800 days at once, and a whole report


def report(number: int, started_at: datetime) -> ClinicReport:
    """Of a clinic as the tests have it, with as many samples of the upload as ten seconds give."""
    assert HEALTHY.upload is not None
    rate = 8.0 + number % 37 / 10
    samples = tuple(round(rate + (number * 31 + slot * 17) % 100 / 50, 3) for slot in range(40))
    upload = replace(HEALTHY.upload, goodput_mbps=rate, samples=samples, idle_rtt_ms=15.0 + number % 11)
    whole = replace(
        READY,
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{number:06x}",
        started_at=started_at,
        evidence=replace(HEALTHY, upload=upload),
    )
    return judged_again(whole, SITE, ALL)


def fill(file: Path, count: int, now: datetime) -> int:
    """So many runs over 800 days; the length of a report as it is printed. Some kinds of reports, each many times."""
    from sqlalchemy import insert

    from emrnetcheck.reports.json import render
    from emrnetcheck.store import opening
    from emrnetcheck.store.extract import past_run
    from emrnetcheck.store.history import History
    from emrnetcheck.store.packed import columns, packed
    from emrnetcheck.store.tables import documents, runs

    settings = packed(keeping.settings_text(SITE))
    kinds = [report(number, now) for number in range(KINDS)]
    texts = [render(each) for each in kinds]
    packed_kinds = [packed(text) for text in texts]
    with History.opened(file, write=True) as history:
        for first in range(0, count, 5000):
            rows, reports = [], []
            for number in range(first, min(first + 5000, count)):
                began = now - timedelta(days=800) * (count - number) / count
                verdict = Verdict.NOT_READY if number % 97 == 0 else Verdict.READY
                id_ = f"{began:%Y%m%dT%H%M%SZ}-{number:06x}"
                run = replace(past_run(kinds[number % KINDS]), id=id_, started_at=began, verdict=verdict)
                rows.append(columns(run))
                reports.append({"run_id": id_, "report": packed_kinds[number % KINDS], "settings": settings})
            with opening.writing(history._connection):
                history._connection.execute(insert(runs), rows)
                history._connection.execute(insert(documents), reports)
    return len(texts[0])


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """The middle of the times on the clock and on the processor, of this process's children and of itself."""
    clock, processor = [], []
    for _ in range(TIMES):
        before, began = used_s(), time.monotonic()
        work()
        clock.append(time.monotonic() - began)
        processor.append(used_s() - before)
    return statistics.median(clock), statistics.median(processor)


def used_s() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    return total


def command(folder: Path, words: Sequence[str]) -> Callable[[], None]:
    environment = {**os.environ, "EMRNETCHECK_DATA": str(folder), "EMRNETCHECK_CONFIG": str(folder / "clinic.toml")}

    def run() -> None:
        done = subprocess.run(
            [sys.executable, "-m", "emrnetcheck", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout, words

    return run


SAVES = """
import secrets, sys, time
from dataclasses import replace
from datetime import UTC, datetime
import emrnetcheck.checks, emrnetcheck.cli.run, emrnetcheck.probes, emrnetcheck.reports.terminal, emrnetcheck.runner
from emrnetcheck.cli import keeping
from tests.bench_history import SITE, used_s, report
made = replace(report(1, datetime.now(UTC).replace(microsecond=0)), id=secrets.token_hex(8))
for slow in ("sqlalchemy", "emrnetcheck.store", "emrnetcheck.reports.json"):
    assert slow not in sys.modules, slow
before, began = used_s(), time.monotonic()
keeping.keep(made, SITE)
print(time.monotonic() - began, used_s() - before)
"""


def saving(folder: Path) -> tuple[float, float]:
    """What `run` does once its report is printed, in a process that has loaded what a run has, and nothing else."""
    environment = {**os.environ, "EMRNETCHECK_DATA": str(folder)}
    found = []
    for _ in range(TIMES):
        done = subprocess.run(
            [sys.executable, "-c", SAVES], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stderr == "", done.stderr
        found.append([float(each) for each in done.stdout.split()])
    return statistics.median(each[0] for each in found), statistics.median(each[1] for each in found)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=100_000)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        return bench(chosen.folder or Path(made), chosen.runs)


def bench(folder: Path, count: int) -> int:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    file = folder / keeping.FILE_NAME
    (folder / "clinic.toml").write_text(f'[site]\nname = "{SITE.name}"\n', encoding="utf-8")
    began = time.monotonic()
    printed = fill(file, count, now)
    size = file.stat().st_size
    print(
        f"{count} runs in {time.monotonic() - began:.0f} s: {size / 1e6:.0f} MB, {size / count:.0f} bytes a run", end=""
    )
    print(f" (as printed: {printed})")
    missed = []
    for words in COMMANDS:
        clock, processor = timed(command(folder, words))
        print(f"{'emrnetcheck ' + ' '.join(words):45} {clock:6.2f} s   {processor:6.2f} s on the processor")
        if clock > COMMAND_GOAL_S and words not in WITHOUT_GOAL:
            missed.append(" ".join(words))
    clock, processor = saving(folder)
    print(f"{'saving one more':45} {clock * 1e3:6.1f} ms  {processor * 1e3:6.1f} ms on the processor")
    if clock > SAVE_GOAL_S:
        missed.append("saving")
    print("missed: " + ", ".join(missed) if missed else "every goal is kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
