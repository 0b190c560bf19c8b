"""How good are the alarms? Years of a clinic, with faults and without: python -m tests.bench_alarms [FIRST-LAST ...]"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta

from emrnetcheck.model.mail import MailKind
from tests.alerting.years import AS_INSTALLED, Plan, Year, simulate

PLANS = {
    "as installed": AS_INSTALLED,
    "every hour": Plan(timedelta(hours=1)),
    "once a day": Plan(None),
    "every hour, no retests": Plan(timedelta(hours=1), retests=False),
}
FAULTS = 20


def main(words: list[str]) -> None:
    seeds = [seed for word in words or ["0-9"] for seed in _between(word)]
    print(f"{len(seeds)} years each; {FAULTS} faults of an hour or more in a year, or none\n")
    print(
        "| looks | faults | mailed once | not mailed | twice | late | recovered once | false alarms | retests a year |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, plan in PLANS.items():
        for faults in (FAULTS, 0):
            years = [simulate(seed, plan, faults=faults) for seed in seeds]
            print(f"| {name} | {' | '.join(_cells(years))} |", flush=True)
            for year in years:
                for notice in year.false:
                    print(f"    false: {notice.kind} {notice.code} {notice.since} {notice.runs_bad}/{notice.runs_seen}")
            missed = Counter(each.spell.name for year in years for each in year.faults if each.alerts == 0)
            if missed:
                print(f"    not mailed: {dict(missed)}")


def _between(word: str) -> range:
    """The seeds of "60-71", or of "60"."""
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


def _cells(years: list[Year]) -> list[str]:
    faults = [each for year in years for each in year.faults]
    late = sum(each.alerted_after_runs is not None and each.alerted_after_runs > 2 for each in faults)
    figures = (
        len(faults),
        sum(each.alerts == 1 for each in faults),
        sum(each.alerts == 0 for each in faults),
        sum(each.alerts > 1 for each in faults),
        late,
        sum(each.alerts == 1 and each.recoveries == 1 for each in faults),
        sum(each.kind is MailKind.ALERT for year in years for each in year.false),
        round(sum(year.retests for year in years) / len(years)),
    )
    return [str(each) for each in figures]


if __name__ == "__main__":
    main(sys.argv[1:])
