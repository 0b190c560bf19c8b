"""Does each weekly report arrive once, whatever goes wrong in hundreds of weeks?

    python -m tests.bench_weeks                     # --weeks N, --seed N
    python -m tests.bench_weeks --follow 2030-05-20 # only until a month after it: what befell the report of that day

It ends with 1 where one is lost, invented, or came more often than what befell it explains.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from tests.unattended.fates import Weeks
from tests.unattended.office import INSTALLED, SITE
from tests.unattended.years import Life

WEEKS = 500
_MONTH_WEEKS = 5
_NEWEST = 200  # mails: those of some months
_MEMORY = Path("/dev/shm")


class Followed(Life):
    """Tells what became of one report, run by run: the same weeks with the same seed."""

    def __init__(self, seed: int, folder: Path, day: str) -> None:
        super().__init__(seed, folder)
        self._key = f"weekly:{SITE}:{day}"
        self._stands: dict[str, str] = {}

    def wake(self, now: datetime) -> None:
        before = Counter(self.told.faults)
        super().wake(now)
        copies = Counter((each["key"], each["to"]) for each in self.office.accepted())
        with History.opened(self.office.file) as history:
            newest = Outbox(history, SITE).listed(most=_NEWEST)
        for each in newest:
            if each.mail.key != self._key:
                continue
            said = each.last_reply.in_words() if each.last_reply is not None else "nothing was said yet"
            double = ", may be double" if each.may_be_double else ""
            taken = copies[each.mail.key, each.recipient]
            stands = f"{each.state}, {each.attempts} tries, {said}{double}; the server took it {taken} times"
            if self._stands.get(each.recipient) != stands:
                self._stands[each.recipient] = stands
                befell = ", ".join((Counter(self.told.faults) - before).keys())
                print(f"{self.office.at:%Y-%m-%d %H:%M} {each.recipient}: {stands} [{befell}]")


def lived(seed: int, weeks: int, follow: str | None = None) -> Weeks:
    """In memory where there is room for that: what is measured is not the disk."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        data = Path(folder) / "data"
        return (Life(seed, data) if follow is None else Followed(seed, data, follow)).live(weeks)


def show(told: Weeks, took_s: float) -> None:
    print(f"seed {told.seed}: {told.weeks} weeks, {told.runs} runs, {took_s:.0f} s")
    print()
    for name, count in sorted(told.faults.items(), key=lambda each: -each[1]):
        print(f"  {name:32}{count:7}")
    print()
    for name, count in (
        ("weekly reports, each recipient", told.reports),
        ("arrived once", told.once),
        ("reported as failed", told.reported_failed),
        ("arrived twice, and marked so", told.doubled),
        ("not explained, of all mails", told.unexplained),
        ("lost", told.lost),
        ("invented", told.invented),
        ("marked as delayed", told.late),
    ):
        print(f"  {name:32}{count:7}")
    print()
    for why, count in told.failed_by.most_common():
        print(f"  failed: {why:58}{count:5}")
    for name, keys in (("lost", told.lost_keys), ("not explained", told.unexplained_keys)):
        for key, recipient in keys:
            print(f"  {name}: {key} to {recipient}")


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--weeks", type=int, default=WEEKS)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--follow", metavar="YYYY-MM-DD")
    given = wanted.parse_args()
    weeks = given.weeks
    if given.follow is not None:
        day = datetime.fromisoformat(given.follow).replace(tzinfo=INSTALLED.tzinfo)
        weeks = min(weeks, (day - INSTALLED).days // 7 + _MONTH_WEEKS)
    began_s = time.monotonic()
    told = lived(given.seed, weeks, given.follow)
    show(told, time.monotonic() - began_s)
    return 0 if told.sound else 1


if __name__ == "__main__":
    sys.exit(main())
