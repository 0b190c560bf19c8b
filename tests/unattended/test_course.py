"""What is due is done once, in order; what fails costs nothing else; what waits is sent later and says so."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.claims import Ended, Work
from emrnetcheck.model.mail import Delivery, DeliveryState, MailKind, Outcome, Reply
from emrnetcheck.schedule.due import parse
from emrnetcheck.store import StoreError, faults
from emrnetcheck.store import file as store_file
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended import Done, Parts, Pinged, attend, send_waiting
from tests.unattended.office import INSTALLED, NEVER, SITE, TO, ZONE, Office, a_mail

DOWN = Reply(Outcome.DEFERRED, None, "", "connect", Failure(FailureKind.TIMEOUT, "connect", "mail.example:587"))
GREYLISTED = Reply(Outcome.DEFERRED, 451, "4.7.1 later", "to")
WRONG_PASSWORD = Reply(Outcome.REFUSED, 535, "5.7.8 no", "auth")
NO_SUCH = Reply(Outcome.REFUSED, 550, "5.1.1 no such user", "to")
CUT_AND_TAKEN = Reply(Outcome.UNCONFIRMED, None, "taken", "end")
MONDAY = INSTALLED.replace(day=5, hour=7, minute=1)  # the first one after it was installed
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEKLY = f"weekly:{SITE}:2026-01-05"


def run(office: Office, **changed: object) -> Done:
    return attend(replace(office.parts(), **changed) if changed else office.parts())  # type: ignore[arg-type]


def in_outbox(office: Office) -> list[DeliveryState]:
    with History.opened(office.file) as history:
        return [each.state for each in Outbox(history, SITE).listed()]


def last(office: Office, kind: Work) -> Ended | None:
    with History.opened(office.file) as history:
        claim = Claims(history).last(kind, SITE)
    assert claim is not None
    return claim.outcome


def test_nothing_is_due_yet(office: Office) -> None:
    done = run(office)
    assert (done, office.pings, office.accepted()) == (Done(), [], [])


def test_a_monday_morning(office: Office) -> None:
    steps: list[str] = []
    office.before = steps.append
    office.at = MONDAY
    done = run(office)
    assert done.worked == [Work.CHECK, Work.REPORT]
    assert done.composed == [WEEKLY]
    assert done.troubles == []
    assert [(each["key"], each["to"], each["late"]) for each in office.accepted()] == [
        (WEEKLY, "doctor@clinic.example", ""),
        (WEEKLY, "helper@it.example", ""),
    ]
    assert office.pings == [Pinged.START, Pinged.SUCCESS]
    order = ["open", "ping start", "measure", "measured", "alarm", "weekly", "send", "sent", "send", "sent", "tidy"]
    assert steps == [*order, "close", "ping success"]
    assert last(office, Work.CHECK) is last(office, Work.REPORT) is Ended.DONE
    office.at += HOUR
    assert run(office) == Done()
    assert len(office.accepted()) == 2


def test_weeks_asleep_are_caught_up_once(office: Office) -> None:
    office.at = MONDAY
    run(office)
    office.at += 23 * DAY
    assert run(office).composed == [f"weekly:{SITE}:2026-01-26"]
    assert run(office) == Done()
    assert len(office.accepted()) == 4


def test_an_alarm_is_mailed_once_and_its_end_once(office: Office) -> None:
    composed = []
    for bad in (False, True, True, True, False, False):
        office.at += DAY
        office.bad = bad
        composed += [key for key in run(office).composed if "weekly" not in key]
    assert [key.partition(":")[0] for key in composed] == ["alert", "recovery"]
    assert [each["key"] for each in office.accepted() if "weekly" not in each["key"]] == [
        key for key in composed for _ in range(2)
    ]


def test_what_is_suspect_is_looked_at_again_soon(office: Office) -> None:
    office.at = (MONDAY + DAY).replace(hour=6, minute=31)
    office.bad = office.retest = True
    run(office)
    office.at += timedelta(minutes=10)
    assert run(office).worked == []
    office.at += timedelta(minutes=5)
    done = run(office)
    assert done.worked == [Work.RETEST]
    assert [key.partition(":")[0] for key in done.composed] == ["alert"]
    assert run(office).worked == []


@pytest.mark.parametrize("outcome", [None, Ended.STOPPED])
def test_a_run_that_was_cut_off_is_made_up_for_once(office: Office, outcome: Ended | None) -> None:
    due_at = (MONDAY + DAY).replace(hour=6, minute=30)
    office.at = due_at + timedelta(minutes=1)
    with History.opened(office.file, write=True) as history:
        Claims(history).claim(Work.CHECK, SITE, due_at, office.at)
        if outcome is not None:
            Claims(history).finish(Work.CHECK, SITE, due_at, outcome, office.at)
    office.at += timedelta(minutes=14)
    assert Work.AGAIN not in run(office).worked, "it may be at work still"
    office.at += timedelta(minutes=1)
    assert run(office).worked == [Work.AGAIN]
    office.at += timedelta(minutes=20)
    assert run(office).worked == []


def test_a_line_that_is_down_for_days_delays_the_mail_which_says_so(office: Office) -> None:
    office.answers = lambda _delivery: DOWN
    office.at = MONDAY
    for _ in range(80):
        done = run(office)
        office.at += HOUR
    assert (office.accepted(), in_outbox(office)) == ([], [DeliveryState.WAITING] * 2)
    assert [each.what for each in done.troubles] == ["The mail"]
    assert office.pings[-1] is Pinged.FAIL
    assert office.pings[:2] == [Pinged.START, Pinged.SUCCESS]
    office.answers = lambda _delivery: None
    office.at += 4 * HOUR
    done = run(office)
    assert done.troubles == []
    assert [(each["key"], each["late"]) for each in office.accepted()] == [(WEEKLY, "yes")] * 2
    assert run(office).sent == []


def test_greylisting_is_no_delay_worth_a_word(office: Office) -> None:
    office.answers = lambda delivery: GREYLISTED if delivery.attempts == 0 else None
    office.at = MONDAY
    assert [state for _, state in run(office).sent] == [DeliveryState.WAITING] * 2
    office.at += timedelta(minutes=4)
    assert run(office).sent == []
    office.at += timedelta(minutes=1)
    assert [state for _, state in run(office).sent] == [DeliveryState.SENT] * 2
    assert {each["late"] for each in office.accepted()} == {""}


def test_a_recipient_who_is_refused_does_not_keep_it_from_the_other(office: Office) -> None:
    office.answers = lambda delivery: NO_SUCH if delivery.recipient == "doctor@clinic.example" else None
    office.at = MONDAY
    done = run(office)
    assert [each["to"] for each in office.accepted()] == ["helper@it.example"]
    assert [each.in_words() for each in done.troubles] == [
        "The mail to doctor@clinic.example (weekly) is given up: 550 5.1.1 no such user"
    ]
    assert office.pings[-1] is Pinged.FAIL
    office.at += HOUR
    assert run(office) == Done()


def test_a_wrong_password_is_tried_once_and_not_with_every_mail(office: Office) -> None:
    tried: list[int] = []
    office.at = MONDAY

    def answer(_delivery: object) -> Reply:
        tried.append(1)
        return WRONG_PASSWORD

    office.answers = answer
    for _ in range(16):
        run(office)
        office.at += timedelta(minutes=15)
    assert len(tried) == 1
    office.answers = lambda _delivery: None
    office.at -= timedelta(minutes=30)
    assert send_waiting(office.parts(), early=False).sent == []
    assert len(send_waiting(office.parts(), early=True).sent) == 2
    assert len(office.accepted()) == 2


def test_cut_when_it_was_through_comes_twice_and_is_marked(office: Office) -> None:
    office.answers = lambda delivery: CUT_AND_TAKEN if delivery.attempts == 0 else None
    for hours in (0, 1, 19, 20):
        office.at = MONDAY + hours * HOUR
        run(office)
        assert len(office.accepted()) == (4 if hours == 20 else 2), "what made the server silent may last for hours"
    assert [each["again"] for each in office.accepted()] == ["", "", "yes", "yes"]
    ids = [each["id"] for each in office.accepted() if each["to"] == "doctor@clinic.example"]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    with History.opened(office.file) as history:
        assert all(each.may_be_double for each in Outbox(history, SITE).listed())
    assert office.told[-1] == ("The mail to helper@it.example (weekly) was sent, and may have arrived before as well.")
    assert "so it may have arrived" in office.told[0]


def test_what_waits_on_purpose_is_not_told_as_stuck(office: Office) -> None:
    """The line is down until the afternoon; then the server says no word: the report goes once more after 20 hours."""
    office.at, office.answers = MONDAY, lambda _delivery: DOWN
    run(office)
    office.answers = lambda _delivery: CUT_AND_TAKEN if office.at < MONDAY + 9 * HOUR else None
    office.at = MONDAY + 8 * HOUR
    run(office)
    for hours in (25, 26, 27):
        office.at = MONDAY + hours * HOUR
        assert [each for each in run(office).troubles if "waits since" in each.why] == []
    office.at = MONDAY + 30 * HOUR
    run(office)
    assert {each["again"] for each in office.accepted()} == {"", "yes"}


def test_a_server_that_never_says_that_it_has_the_mail_gives_nobody_dozens(office: Office) -> None:
    office.answers = lambda _delivery: CUT_AND_TAKEN
    office.at = MONDAY
    told = []
    for _ in range(12):
        told += [each.in_words() for each in run(office).troubles]
        office.at += 3 * HOUR
    assert Counter(each["to"] for each in office.accepted()) == dict.fromkeys(TO, 2)
    assert in_outbox(office) == [DeliveryState.FAILED] * 2
    assert len(told) == 2
    assert all("it may have arrived" in each for each in told)


@pytest.mark.parametrize("hours", [2.5, 5])
def test_an_alarm_comes_before_its_end_after_hours_without_a_network(office: Office, hours: float) -> None:
    office.check, office.report, office.look = NEVER, NEVER, parse("every 30 minutes")
    began = MONDAY.replace(hour=10, minute=0)
    back = began + hours * HOUR
    office.answers = lambda _delivery: DOWN if began < office.at < back else None
    office.at = began
    while office.at < back + HOUR:
        office.bad = began < office.at < back + HOUR / 2
        run(office)
        office.at += HOUR / 4
    came = [(each["key"].partition(":")[0], each["to"], each["late"]) for each in office.accepted()]
    assert came == [("alert", to, "yes") for to in TO] + [("recovery", to, "") for to in TO]


def test_what_waits_for_the_network_grows_old_together(office: Office) -> None:
    tried: list[str] = []

    def down(delivery: Delivery) -> Reply:
        tried.append(delivery.recipient)
        return DOWN

    office.answers = down
    office.at = MONDAY
    run(office)
    while DeliveryState.WAITING in in_outbox(office):
        office.at += DAY
        run(office, due=lambda *_: None)
    assert office.at - MONDAY < 15 * DAY
    assert in_outbox(office) == [DeliveryState.FAILED] * 2
    assert set(tried) == {TO[0]}, "one try of the server is one for both"


def test_the_end_of_an_alarm_waits_for_the_alarm_and_for_nothing_else(office: Office) -> None:
    kept = replace(office.parts(), due=lambda *_: None)
    with History.opened(office.file, write=True) as history:
        outbox = Outbox(history, SITE)
        for key, kind in (("alert:a", MailKind.ALERT), ("recovery:a", MailKind.RECOVERY), ("alert:b", MailKind.ALERT)):
            outbox.compose(a_mail(key, kind, office.at, TO[:1]))
    office.answers = lambda delivery: GREYLISTED if delivery.mail.key == "alert:a" else None
    attend(kept)
    office.at += timedelta(minutes=1)
    attend(kept)
    assert [each["key"] for each in office.accepted()] == ["alert:b"]
    office.answers = lambda _delivery: None
    office.at += timedelta(minutes=5)
    attend(kept)
    assert [each["key"] for each in office.accepted()] == ["alert:b", "alert:a", "recovery:a"]


def test_without_a_mail_server_all_the_rest_is_done(office: Office) -> None:
    office.at = MONDAY
    done = run(office, send=None, weekly=lambda *_: None)
    assert (done.worked, done.composed, done.troubles) == ([Work.CHECK, Work.REPORT], [], [])


@pytest.mark.parametrize("step", ["measure", "alarm", "weekly", "send", "tidy"])
def test_a_bug_in_one_step_does_not_cost_the_others(office: Office, step: str) -> None:
    def fails(name: str) -> None:
        if name == step:
            raise KeyError("data of the clinic")

    office.before = fails
    office.at = MONDAY
    done = run(office)
    [trouble] = done.troubles
    assert trouble.bug
    assert trouble.why == "an error of emrnetcheck itself (KeyError)"
    assert office.pings == [Pinged.START, Pinged.FAIL]
    assert (done.composed == [WEEKLY]) is (step != "weekly")
    assert bool(office.accepted()) is (step not in ("weekly", "send"))
    expected = {"measure": Ended.FAILED, "alarm": Ended.FAILED}.get(step, Ended.DONE)
    assert last(office, Work.CHECK) is expected
    office.before = lambda _name: None
    office.at += timedelta(minutes=20)
    assert run(office).troubles == []
    assert len(office.accepted()) == 2, "the report comes with the next run"


def test_who_stops_the_program_stops_it(office: Office) -> None:
    def stop(name: str) -> None:
        if name == "measure":
            raise KeyboardInterrupt

    office.before = stop
    office.at = MONDAY
    with pytest.raises(KeyboardInterrupt):
        run(office)
    assert last(office, Work.CHECK) is Ended.STOPPED
    assert office.pings == [Pinged.START]


@contextmanager
def locked(office: Office) -> Iterator[None]:
    with closing(sqlite3.connect(office.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_history_that_another_program_holds_is_told_and_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_file, "BUSY_S", 0.05)
    monkeypatch.setattr(faults, "BUSY_S", 0.05)
    run(office)
    office.at = MONDAY
    with locked(office):
        done = run(office)
    assert {each.what for each in done.troubles} == {"Measuring", "The report"}
    assert "in use by another program" in done.troubles[0].why
    assert office.pings == [Pinged.START, Pinged.FAIL]
    assert run(office).worked == [Work.CHECK, Work.REPORT]
    assert len(office.accepted()) == 2


def test_a_lock_while_it_is_written_down_that_a_mail_was_sent(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who holds it lets go after a while: the mail must not go twice for that."""
    monkeypatch.setattr(store_file, "BUSY_S", 0.05)
    office.at = MONDAY
    office.file.parent.mkdir()
    other = sqlite3.connect(office.file, isolation_level=None)
    waits: list[float] = []

    def lock(name: str) -> None:
        if name == "sent" and not waits:
            other.execute("BEGIN IMMEDIATE")

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            other.execute("ROLLBACK")

    office.before = lock
    done = run(office, wait_s=wait)
    other.close()
    assert (done.troubles, len(waits)) == ([], 3)
    assert in_outbox(office) == [DeliveryState.SENT] * 2
    assert len(office.accepted()) == 2


def test_a_full_disk_is_told_and_loses_no_report(office: Office) -> None:
    office.at = MONDAY - DAY
    run(office)
    office.at = MONDAY
    office.full, office.padding = True, random.Random(1).randbytes(30_000).hex()
    done = run(office)
    assert [each.what for each in done.troubles] == ["Measuring", "The report"]
    assert all("the disk is full" in each.why for each in done.troubles)
    assert "This run is set aside." in done.troubles[0].why
    assert [each.run.started_at for each in office.asides] == [MONDAY]
    assert (office.accepted(), office.pings[-1]) == ([], Pinged.FAIL)
    office.full = False
    office.at += HOUR
    assert run(office).composed == [WEEKLY]
    assert len(office.accepted()) == 2


def test_a_disk_that_is_full_when_a_mail_is_to_go_sends_none(office: Office) -> None:
    """What cannot be claimed is not sent: else it would go again and again."""
    office.at = MONDAY
    run(office, send=None)

    @contextmanager
    def opened() -> Iterator[History]:
        with office.parts().opened() as history:
            history.connection.exec_driver_sql("PRAGMA query_only = ON")  # refuses to write, as a full disk does
            history.connection.rollback()
            yield history

    done = run(office, opened=opened)
    assert [each.what for each in done.troubles] == ["The mail"]
    assert office.accepted() == []
    assert len(run(office).sent) == 2


def test_a_run_that_the_history_does_not_take_is_kept_aside(office: Office) -> None:
    office.at = MONDAY

    def parts(save: Callable[..., object]) -> Parts:
        @contextmanager
        def opened() -> Iterator[History]:
            with office.parts().opened() as history:
                history.save = save  # type: ignore[method-assign,assignment]  # as a disk that is full just then
                yield history

        return replace(office.parts(), opened=opened)

    def full(*_: object) -> bool:
        raise StoreError("The history cannot grow: the disk is full.")

    done = attend(parts(full))
    assert [each.in_words() for each in done.troubles] == [
        "Measuring: The history cannot grow: the disk is full. This run is set aside."
    ]
    assert len(office.asides) == 1


def test_a_clock_that_was_set_back_makes_up_for_one_check_that_was_slept_over(office: Office) -> None:
    """Off on Sunday: by the clock that is set back before Monday's check, Sunday's is the newest."""
    office.at = MONDAY
    run(office)
    worked = []
    for back in (HOUR, 3 * HOUR, 5 * HOUR):
        office.at = MONDAY - back
        worked += run(office).worked
    assert worked == [Work.CHECK]


def test_a_clock_that_was_set_back_repeats_nothing(office: Office) -> None:
    for office.at in (MONDAY - DAY, MONDAY):
        run(office)
    for back in (timedelta(minutes=40), HOUR, 3 * HOUR, 5 * HOUR):
        office.at = MONDAY - back
        assert run(office).worked == []
    office.at = MONDAY + timedelta(minutes=1)
    assert run(office) == Done()
    office.at = MONDAY + DAY
    assert run(office).worked == [Work.CHECK]


def test_a_clock_that_was_years_ahead_stops_nothing_when_it_is_right_again(office: Office) -> None:
    office.at = MONDAY + 4000 * DAY
    office.answers = lambda _delivery: DOWN
    run(office)
    office.answers = lambda _delivery: None
    office.at = MONDAY
    done = run(office)
    assert done.worked == [Work.CHECK, Work.REPORT]
    assert {each["key"] for each in office.accepted()} >= {WEEKLY}
    assert len(office.accepted()) == 4, "with what was composed while the clock was wrong"
    for number in range(1, 8):
        office.at = MONDAY + number * DAY
        assert run(office).worked[0] is Work.CHECK
    assert len(office.accepted()) == 6


def test_sending_ends_before_it_takes_all_morning(office: Office) -> None:
    def slow(_delivery: object) -> None:
        office.at += timedelta(minutes=31)

    office.answers = slow
    office.at = MONDAY
    assert len(run(office).sent) == 1
    assert len(run(office).sent) == 1
    assert len(office.accepted()) == 2


def test_a_run_whose_report_is_damaged_stops_no_later_alarm(office: Office) -> None:
    office.at = MONDAY

    def damage(name: str) -> None:
        if name == "alarm":
            raise SystemExit(9)

    office.before = damage
    with pytest.raises(SystemExit):
        run(office)
    with History.opened(office.file, write=True) as history:
        history.connection.exec_driver_sql("UPDATE emrnetcheck_documents SET report = x'00'")
        history.connection.commit()
    office.before = lambda _name: None
    done = run(office)
    assert [each.what for each in done.troubles] == ["Alarms"]
    assert "is damaged" in done.troubles[0].why
    assert run(office).troubles == []


def test_the_times_in_words_are_those_of_the_clinic(office: Office) -> None:
    office.answers = lambda _delivery: DOWN
    office.at = MONDAY
    run(office)
    office.at = MONDAY + 2 * DAY
    assert run(office).troubles[-1].why == "some waits since 2026-01-05 07:01; email outbox tells why"
    without = attend(replace(office.parts(), send=None))
    assert without.troubles[-1].why.endswith("; the settings name no mail server any more ([email])")
    assert office.at.tzinfo is ZONE
