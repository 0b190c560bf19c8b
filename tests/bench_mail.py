"""How large are the mails, and how long does it take to compose one?

    python -m tests.bench_mail

The worst is a clinic in which all is broken that is broken in any of the tests, with 48 runs a day (as installed),
another address each day, every alarm open, mails refused, and the redacted report attached. Ends with 1 where one
is too long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from emrnetcheck.checks import EVERY
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Verdict
from emrnetcheck.model.mail import REPLY_TEXT_CHARS, Composed, Unsent
from emrnetcheck.model.past import WITHOUT_A_NETWORK, PastRun
from emrnetcheck.reports import json, mail
from emrnetcheck.reports.mail.message import MOST_BYTES
from emrnetcheck.reports.plots import pictures_of_week
from emrnetcheck.reports.sharing import Speech, shared
from emrnetcheck.reports.week import compared, summarise
from emrnetcheck.store.extract import past_run
from tests.browser.reports import WORST, report_named
from tests.reports.mail.samples import ALERTS, ENVELOPE, OPEN, SAMPLES, page_of, pictures_of, read, text_of
from tests.reports.week.rows import NOW, heard

RUNS_A_DAY, DAYS = 48, 14
TIMES = 5


def worst_row(base: PastRun, number: int) -> PastRun:
    """The run so many half hours before now, with figures, an address and a verdict unlike those of its neighbours."""
    return replace(
        base,
        id=f"20261126T070000Z-{number:06x}",
        started_at=NOW - timedelta(minutes=30 * number),
        verdict=list(Verdict)[number % len(Verdict)] if number else base.verdict,
        goodput_mbps=0.5 + (number * 37 % 101) / 7,
        idle_rtt_ms=8.0 + number * 53 % 97,
        loaded_rtt_ms=80.0 + number * 59 % 997,
        public_v4=f"93.184.{number // RUNS_A_DAY}.7",
    )


def redacted(report: ClinicReport) -> str:
    """As it is attached."""
    codes = {name: code for check in EVERY for name, code in check.codes.items()}
    return json.render(shared(report, Speech(codes, {check.id: check.title for check in EVERY})).report)


def worst() -> Composed:
    """The largest mail that a clinic can get."""
    report = replace(report_named(WORST), started_at=NOW, id="20261126T070000Z-000000")
    base = past_run(report)
    # Of a computer without a connection a week says little: with one, all the rest is told.
    base = replace(base, codes=tuple(code for code in base.codes if code not in WITHOUT_A_NETWORK))
    rows = [worst_row(base, number) for number in range(RUNS_A_DAY * DAYS - RUNS_A_DAY)]
    told = heard(report)
    half = replace(told, problems=told.problems[::2])
    newest, older = compared(rows[: RUNS_A_DAY * 6], rows[RUNS_A_DAY * 7 :])
    assert newest is not None
    assert older is not None
    week = summarise(
        rows, rows, now=NOW, planned=RUNS_A_DAY * 7, planned_before=RUNS_A_DAY * 7, reports={newest: told, older: half}
    )
    troubles = tuple(replace(OPEN, code=cause.code, since=NOW) for cause in told.causes)
    alerts = replace(
        ALERTS,
        open=troubles,
        closed=tuple(replace(each, until=NOW) for each in troubles),
        suspects=tuple((each.check, each.code) for each in told.problems),
        blips=tuple((each.code, 3) for each in told.problems),
        accepted=tuple(each.code for each in told.problems),
    )
    why = {f"recipient{number}@mail.example": "refused " * (REPLY_TEXT_CHARS // 8) for number in range(20)}
    standing = mail.standing_of(alerts, Unsent(3, 9, why, 2))
    pictures = pictures_of_week(week.rows, now=NOW)
    attached = redacted(report)
    return mail.weekly(week, pictures, envelope=ENVELOPE, standing=standing, attached=attached)


def main() -> int:
    """Prints a line for each, in bytes."""
    mails: dict[str, Callable[[], Composed]] = {**SAMPLES, "worst": worst}
    print(f"{'mail':16}{'whole':>9}{'text':>8}{'page':>8}{'pictures':>10}{'attached':>10}")
    largest = 0
    for name, compose in mails.items():
        made = compose()
        message = read(made)
        pictures = sum(len(png) for png in pictures_of(message).values())
        attached = sum(len(part.get_payload(decode=True) or b"") for part in message.iter_attachments())
        text, page = len(text_of(message).encode()), len(page_of(message).encode())
        print(f"{name:16}{len(made.message):9}{text:8}{page:8}{pictures:10}{attached:10}")
        largest = max(largest, len(made.message))
    began_s = time.process_time()
    for _ in range(TIMES):
        SAMPLES["weekly"]()
    print(f"A week with its pictures takes {(time.process_time() - began_s) / TIMES:.2f} s on the processor.")
    print(f"The largest has {largest} bytes; no more than {MOST_BYTES} are wanted.")
    return int(largest > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
