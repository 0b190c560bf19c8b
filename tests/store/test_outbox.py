"""A mail is composed once, claimed by one, and goes on being tried until it is sent or given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import DeliveryState, MailKind, Outcome, Reply, Unsent
from emrnetcheck.store import NothingStoredError, StoreError, retrying
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.posted import MOST_MESSAGE_BYTES, as_json, reply_of
from emrnetcheck.store.unsent import unsent
from tests.reports.samples import HOSTILE
from tests.store.conftest import BEGAN, mail

SITE = "Elm Street Clinic"
TAKEN = Reply(Outcome.SENT, 250, "2.0.0 Ok: queued as 4FQ", "end")
GREYLISTED = Reply(Outcome.DEFERRED, 451, "4.7.1 Greylisted, try again later", "to")
NO_SUCH = Reply(Outcome.REFUSED, 550, "5.1.1 No such user", "to")
WRONG_PASSWORD = Reply(Outcome.REFUSED, 535, "5.7.8 Authentication failed", "auth")
CUT = Reply(Outcome.UNCONFIRMED, None, "", "end", Failure(FailureKind.RESET, "read", "mail.example:587"))
DOWN = Reply(Outcome.DEFERRED, None, "", "connect", Failure(FailureKind.TIMEOUT, "connect", "mail.example:587"))
TOO_LARGE = Reply(Outcome.REFUSED, 552, "5.3.4 Too large", "data")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def history(file: Path) -> Iterator[History]:
    with History.opened(file, write=True) as opened:
        yield opened


@pytest.fixture
def box(history: History) -> Outbox:
    return Outbox(history, SITE)


def test_the_same_mail_is_composed_once(box: Outbox) -> None:
    assert box.compose(mail(1))
    assert not box.compose(replace(mail(1, "somebody@else.example"), subject="another"))
    assert [each.recipient for each in box.due(BEGAN)] == ["doctor@clinic.example", "helper@it.example"]
    assert {each.mail.key for each in box.due(BEGAN)} == {"weekly:Elm Street Clinic:1"}
    assert box.has("weekly:Elm Street Clinic:1")
    assert not box.has("weekly:Elm Street Clinic:2")


def test_it_comes_out_as_it_was_put_in(box: Outbox) -> None:
    made = replace(mail(1), message=bytes(range(256)) * 400, composed_at=BEGAN.replace(microsecond=0))
    box.compose(made)
    assert [each.mail for each in box.due(BEGAN)] == [made, made]


def test_a_recipient_named_twice_gets_it_once(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example", "doctor@clinic.example"))
    assert len(box.due(BEGAN)) == 1


def test_hostile_words_lose_only_what_no_database_takes(box: Outbox) -> None:
    box.compose(replace(mail(1), subject=HOSTILE))
    assert box.due(BEGAN)[0].mail.subject == HOSTILE.replace("\ud800", "?").replace("\0", "?")
    box.claim(1, BEGAN)
    box.settle(1, replace(DOWN, text=HOSTILE * 20), BEGAN)
    reply = box.listed()[1].last_reply
    assert reply is not None
    assert len(reply.text) == 500


def test_what_is_far_too_large_is_not_kept(box: Outbox) -> None:
    with pytest.raises(ValueError, match="at most"):
        box.compose(replace(mail(1), message=b"x" * (MOST_MESSAGE_BYTES + 1)))


def test_another_site_in_the_same_database_is_left_alone(history: History, box: Outbox) -> None:
    other = Outbox(history, "Oak Street Clinic")
    other.compose(mail(1, site="Oak Street Clinic"))
    [theirs, _] = other.due(BEGAN)
    assert box.due(BEGAN) == box.listed() == []
    assert not box.claim(theirs.id, BEGAN)
    assert not box.retry(theirs.id, BEGAN)
    assert not box.drop(theirs.id, BEGAN)
    box.postpone(BEGAN + timedelta(days=1))
    assert len(other.due(BEGAN)) == 2


def test_one_of_many_claims_it(file: Path, box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    together, won = threading.Barrier(6), []

    def take() -> None:
        with History.opened(file, write=True) as own:
            together.wait(20)
            if Outbox(own, SITE).claim(1, BEGAN):
                won.append(1)

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert won == [1]


def test_what_somebody_sends_is_not_due_until_it_counts_as_killed(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    assert box.claim(1, BEGAN)
    for early in (False, True):
        assert box.due(BEGAN + 14 * MINUTE, early=early) == []
        assert not box.claim(1, BEGAN + 14 * MINUTE, early=early)
    [killed] = box.due(BEGAN + 15 * MINUTE)
    assert (killed.state, killed.attempts, killed.may_be_double) == (DeliveryState.SENDING, 1, False)
    assert box.claim(1, BEGAN + 15 * MINUTE)
    [again] = box.listed()
    assert (again.attempts, again.may_be_double, again.first_try_at) == (2, True, BEGAN)
    assert box.settle(1, TAKEN, BEGAN + 16 * MINUTE) is DeliveryState.SENT
    assert box.listed()[0].may_be_double, "that it may have come twice stays to be seen"


def test_one_that_was_killed_a_little_earlier_is_not_told_to_be_double_before(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    box.settle(1, GREYLISTED, BEGAN)
    box.claim(1, BEGAN + 5 * MINUTE)
    box.settle(1, TAKEN, BEGAN + 5 * MINUTE)
    assert not box.listed()[0].may_be_double


@pytest.mark.parametrize(
    ("reply", "state", "minutes", "double"),
    [
        (TAKEN, DeliveryState.SENT, 0, False),
        (GREYLISTED, DeliveryState.WAITING, 5, False),
        (DOWN, DeliveryState.WAITING, 5, False),
        (CUT, DeliveryState.WAITING, 20 * 60, True),
        (NO_SUCH, DeliveryState.FAILED, 0, False),
        (TOO_LARGE, DeliveryState.FAILED, 0, False),
        (WRONG_PASSWORD, DeliveryState.WAITING, 240, False),
        (replace(WRONG_PASSWORD, code=530, stage="from"), DeliveryState.WAITING, 240, False),
        (replace(WRONG_PASSWORD, code=554, stage="connect"), DeliveryState.WAITING, 240, False),
        (replace(WRONG_PASSWORD, code=None, stage="tls"), DeliveryState.WAITING, 240, False),
        (replace(NO_SUCH, code=550, stage="from"), DeliveryState.FAILED, 0, False),
    ],
)
def test_what_becomes_of_it_by_the_reply(
    box: Outbox, reply: Reply, state: DeliveryState, minutes: int, double: bool
) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    assert box.settle(1, reply, BEGAN) is state
    [found] = box.listed()
    assert (found.state, found.may_be_double, found.last_reply) == (state, double, reply)
    assert found.next_try_at == BEGAN + minutes * MINUTE
    assert found.settled_at == (None if state is DeliveryState.WAITING else BEGAN)
    if minutes:
        assert box.due(BEGAN) == box.due(BEGAN + (minutes - 1) * MINUTE) == []
    due = [each.id for each in box.due(BEGAN + minutes * MINUTE)]
    assert due == ([1] if state is DeliveryState.WAITING else [])


def test_one_that_may_have_arrived_goes_once_more_and_not_dozens_of_times(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    states, now = [], BEGAN
    for reply in (CUT, DOWN, CUT):
        assert box.claim(1, now)
        states.append(box.settle(1, reply, now))
        now = box.listed()[0].next_try_at
    assert states == [DeliveryState.WAITING, DeliveryState.WAITING, DeliveryState.FAILED]
    assert box.listed()[0].may_be_double
    told = unsent(Path(box._history.name), SITE, now)
    assert "it may have arrived" in told.why["doctor@clinic.example"]


@pytest.mark.parametrize(
    ("kind", "minutes"), [(MailKind.WEEKLY, 20 * 60), (MailKind.ALERT, 5), (MailKind.RECOVERY, 5), (MailKind.TEST, 5)]
)
def test_what_made_the_server_silent_has_time_to_end_unless_it_is_an_alarm(
    box: Outbox, kind: MailKind, minutes: int
) -> None:
    box.compose(replace(mail(1, "doctor@clinic.example"), kind=kind))
    box.claim(1, BEGAN)
    box.settle(1, CUT, BEGAN)
    assert box.listed()[0].next_try_at == BEGAN + minutes * MINUTE


def test_a_clock_that_was_days_ahead_does_not_hold_back_what_may_have_arrived(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    box.settle(1, CUT, BEGAN)
    assert [each.id for each in box.due(BEGAN - timedelta(days=2))] == [1]
    assert box.due(BEGAN - timedelta(seconds=30)) == []


def test_a_try_of_the_server_counts_for_all_that_wait(box: Outbox) -> None:
    for number in (1, 2, 3):
        box.compose(mail(number, "doctor@clinic.example"))
    box.claim(3, BEGAN)
    assert box.tried_with_another([1, 3], DOWN, BEGAN) == {1: DeliveryState.WAITING}, "somebody sends the other"
    two, one = box.listed(states=[DeliveryState.WAITING])
    assert (one.attempts, one.first_try_at, one.last_reply) == (1, BEGAN, DOWN)
    assert one.next_try_at == BEGAN + 5 * MINUTE
    assert two.attempts == 0
    for tries in range(2, 5):
        assert box.tried_with_another([1], DOWN, BEGAN + timedelta(days=tries)) == {1: DeliveryState.WAITING}
    assert box.tried_with_another([1], DOWN, BEGAN + timedelta(days=14)) == {1: DeliveryState.FAILED}


def test_the_pauses_double_up_to_four_hours() -> None:
    minutes = [retrying.pause(attempts) / MINUTE for attempts in range(1, 10)]
    assert minutes == [5, 10, 20, 40, 80, 160, 240, 240, 240]
    assert retrying.pause(10**6) == retrying.LONGEST_PAUSE


def test_after_two_weeks_it_is_given_up_and_reported(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    now, tries = BEGAN, 0
    while box.due(now):
        assert box.claim(1, now)
        box.settle(1, DOWN, now)
        tries += 1
        now = max(now, box.listed()[0].next_try_at)
    [found] = box.listed()
    assert found.state is DeliveryState.FAILED
    assert found.settled_at is not None
    assert timedelta(days=14) <= found.settled_at - BEGAN < timedelta(days=14, hours=4)
    assert 80 < tries < 100


def test_a_clock_that_was_weeks_behind_for_one_try_takes_nothing_off_the_two_weeks(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    for days in (0, 1, 2, -13, 3, 7, 13):
        box.tried_with_another([1], DOWN, BEGAN + timedelta(days=days))
        box.claim(1, BEGAN + timedelta(days=days, hours=5))
        assert box.settle(1, DOWN, BEGAN + timedelta(days=days, hours=5)) is DeliveryState.WAITING
    assert box.listed()[0].first_try_at == BEGAN
    box.claim(1, BEGAN + timedelta(days=14))
    assert box.settle(1, DOWN, BEGAN + timedelta(days=14)) is DeliveryState.FAILED


def test_two_weeks_are_two_weeks_where_summer_time_begins(box: Outbox) -> None:
    toronto = ZoneInfo("America/Toronto")
    began = datetime(2030, 3, 7, 18, 0, tzinfo=toronto)
    box.compose(mail(1, "doctor@clinic.example", at=began))
    for tries in range(4):
        box.tried_with_another([1], DOWN, began + timedelta(days=tries))
    before = began.astimezone(UTC) + timedelta(days=14) - 10 * MINUTE
    assert box.tried_with_another([1], DOWN, before.astimezone(toronto)) == {1: DeliveryState.WAITING}


def test_a_computer_that_slept_for_three_weeks_tries_some_more(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    box.settle(1, DOWN, BEGAN)
    later = BEGAN + timedelta(days=21)
    for tries in range(2, 6):
        [found] = box.due(later)
        assert found.attempts == tries - 1
        box.claim(1, later)
        box.settle(1, DOWN, later)
        later += timedelta(hours=1)
    assert box.listed()[0].state is DeliveryState.FAILED


def test_a_program_that_dies_each_time_it_sends_a_mail_does_not_do_so_for_ever(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    now, tries = BEGAN, 0
    while box.due(now) and tries < 1000:
        tries += box.claim(1, now)
        now = max(now + MINUTE, box.listed()[0].next_try_at)
    [found] = box.listed()
    assert (found.state, found.may_be_double) == (DeliveryState.FAILED, True)
    assert tries == 5, "each of them may have arrived"


def test_a_clock_that_was_years_ahead_holds_nothing_back(box: Outbox) -> None:
    ahead = BEGAN + timedelta(days=365 * 50)
    box.compose(mail(1, "doctor@clinic.example", at=ahead))
    box.compose(mail(2, "doctor@clinic.example", at=ahead))
    box.claim(1, ahead)
    box.claim(2, ahead)
    box.settle(2, DOWN, ahead)
    assert [each.id for each in box.due(BEGAN)] == [2, 1]
    assert box.claim(2, BEGAN)
    assert [each.first_try_at for each in box.listed(most=1)] == [BEGAN]
    box.settle(2, DOWN, BEGAN)
    assert box.listed(most=1)[0].next_try_at == BEGAN + 10 * MINUTE


def test_a_clock_set_back_an_hour_does_not_send_what_somebody_sends(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    assert box.due(BEGAN - timedelta(hours=1)) == []


def test_early_takes_what_waits_and_nothing_else(box: Outbox) -> None:
    for number in (1, 2, 3):
        box.compose(mail(number, "doctor@clinic.example"))
        box.claim(number, BEGAN)
    box.settle(1, WRONG_PASSWORD, BEGAN)
    box.settle(2, NO_SUCH, BEGAN)
    assert [each.id for each in box.due(BEGAN, early=True)] == [1]
    assert not box.claim(1, BEGAN)
    assert box.claim(1, BEGAN, early=True)


def test_who_was_slow_and_is_told_that_it_was_taken_is_right(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    box.claim(1, BEGAN + 20 * MINUTE)
    box.settle(1, DOWN, BEGAN + 20 * MINUTE)
    assert box.settle(1, GREYLISTED, BEGAN + 21 * MINUTE) is None, "it is not the one that sends any more"
    assert box.settle(1, TAKEN, BEGAN + 21 * MINUTE) is DeliveryState.SENT
    assert box.settle(1, TAKEN, BEGAN + 22 * MINUTE) is None
    assert box.settle(1, NO_SUCH, BEGAN + 22 * MINUTE) is None
    assert box.settle(99, TAKEN, BEGAN) is None
    [found] = box.listed()
    assert (found.state, found.settled_at) == (DeliveryState.SENT, BEGAN + 21 * MINUTE)


def test_nothing_is_tried_before_the_server_takes_mail_again(box: Outbox) -> None:
    for number in (1, 2):
        box.compose(mail(number, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    until = BEGAN + timedelta(hours=4)
    box.postpone(until)
    box.settle(1, NO_SUCH, BEGAN)
    assert box.due(until - MINUTE) == []
    assert [each.id for each in box.due(until)] == [2]


def test_a_person_can_retry_and_drop(box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.claim(1, BEGAN)
    assert not box.retry(1, BEGAN), "somebody sends it"
    assert not box.drop(1, BEGAN)
    box.settle(1, NO_SUCH, BEGAN)
    later = BEGAN + timedelta(days=30)
    assert box.retry(1, later)
    [found] = box.due(later)
    assert (found.attempts, found.first_try_at, found.last_reply) == (0, None, NO_SUCH)
    assert box.drop(1, later)
    [found] = box.listed()
    assert (found.state, found.settled_at) == (DeliveryState.FAILED, later)
    assert box.due(later) == []
    box.retry(1, later)
    box.claim(1, later)
    box.settle(1, TAKEN, later)
    assert not box.retry(1, later), "it was sent"
    assert not box.drop(1, later)


def test_all_that_is_written_together_is_kept_or_nothing(history: History, box: Outbox) -> None:
    def stopped_in_the_middle() -> None:
        with history.together():
            box.compose(mail(1))
            assert len(box.due(BEGAN)) == 2, "seen inside"
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        stopped_in_the_middle()
    assert box.listed() == []
    with history.together():
        box.compose(mail(1))
        box.has("x")
        box.compose(mail(2))
    assert len(box.listed()) == 4


def test_old_mail_is_forgotten_unless_it_is_still_to_be_sent(history: History, box: Outbox) -> None:
    for number in (1, 2, 3):
        box.compose(mail(number, "doctor@clinic.example", "helper@it.example", at=BEGAN + timedelta(days=number)))
    later = BEGAN + timedelta(days=9)
    for delivery in box.due(later):
        box.claim(delivery.id, later)
        box.settle(delivery.id, DOWN if delivery.id == 3 else NO_SUCH if delivery.id == 4 else TAKEN, later)
    assert history.prune(BEGAN + timedelta(days=3)) == 0, "that is the number of runs"
    assert sorted(each.id for each in box.listed()) == [3, 4, 5, 6]
    assert {each.mail.recipients for each in box.listed()} == {("doctor@clinic.example", "helper@it.example")}
    assert history.prune(BEGAN + timedelta(days=5)) == 0
    assert sorted(each.id for each in box.listed()) == [3, 4]


def test_what_a_person_should_know_is_told_without_opening_mails(file: Path, history: History, box: Outbox) -> None:
    assert unsent(file, SITE, BEGAN).waiting == 0
    for number in (1, 2, 3):
        box.compose(mail(number, "doctor@clinic.example"))
    told = unsent(file, SITE, BEGAN)
    assert told == Unsent(3, 0, {}, 0, BEGAN)
    box.claim(1, BEGAN)
    box.settle(1, WRONG_PASSWORD, BEGAN)
    told = unsent(file, SITE, BEGAN)
    assert told == Unsent(3, 0, {"doctor@clinic.example": "535 5.7.8 Authentication failed"}, 1, BEGAN)
    box.claim(2, BEGAN)
    box.settle(2, NO_SUCH, BEGAN)
    box.claim(3, BEGAN)
    box.settle(3, TAKEN, BEGAN)
    told = unsent(file, SITE, BEGAN + timedelta(days=14))
    assert told == Unsent(1, 1, {"doctor@clinic.example": "550 5.1.1 No such user"}, 1, BEGAN)
    assert unsent(file, SITE, BEGAN + timedelta(days=15)).failed == 0, "old news"
    assert unsent(file, "Oak", BEGAN).waiting == 0
    history.connection.exec_driver_sql("UPDATE emrnetcheck_deliveries SET reply = 'moon'")
    history.connection.commit()
    assert unsent(file, SITE, BEGAN).why == {"doctor@clinic.example": "its last reply cannot be read"}


def test_without_a_history_there_is_nothing_to_know(file: Path) -> None:
    with pytest.raises(NothingStoredError):
        unsent(file, SITE, BEGAN)


@pytest.mark.parametrize(
    "damage",
    ["reply = '{}'", "reply = '[1]'", "next_try_unix_s = 'x'", "next_try_unix_s = 1e300"],
)
def test_what_is_damaged_is_told(history: History, box: Outbox, damage: str) -> None:
    box.compose(mail(1))
    history.connection.exec_driver_sql(f"UPDATE emrnetcheck_deliveries SET {damage}")
    history.connection.commit()
    with pytest.raises(StoreError, match="cannot read: the mail 2"):
        box.listed()


def test_a_damaged_mail_is_given_up_and_holds_up_no_other(history: History, box: Outbox) -> None:
    box.compose(mail(1, "doctor@clinic.example"))
    box.compose(mail(2, "doctor@clinic.example"))
    history.connection.exec_driver_sql("UPDATE emrnetcheck_outbox SET message = x'789c' WHERE id = 1")
    history.connection.commit()
    with pytest.raises(StoreError, match="cut off"):
        box.listed()
    assert [each.id for each in box.due(BEGAN)] == [2]
    assert [each.id for each in box.due(BEGAN)] == [2]
    told = unsent(Path(history.name), SITE, BEGAN)
    assert told == Unsent(1, 1, {"doctor@clinic.example": "not sent: it is damaged in the history"}, 0, BEGAN)


words = st.text(max_size=50)
replies = st.builds(
    Reply,
    st.sampled_from(Outcome),
    st.none() | st.integers(200, 599),
    words,
    st.sampled_from(["connect", "tls", "auth", "from", "to", "data", "end"]),
    st.none() | st.builds(Failure, st.sampled_from(FailureKind), words, words, words),
)
moments = st.integers(946_684_800, 4_102_444_800).map(lambda unix_s: datetime.fromtimestamp(unix_s, UTC))


@given(replies, st.integers(1, 10_000), moments, moments)
def test_whatever_is_said_it_is_sent_given_up_or_tried_again_soon(
    reply: Reply, attempts: int, first: datetime, now: datetime
) -> None:
    then = retrying.after(reply, attempts, first, now)
    assert (then.state is DeliveryState.SENT) is (reply.outcome is Outcome.SENT)
    if then.state is DeliveryState.WAITING:
        assert MINUTE < then.next_try_at - now <= retrying.LONGEST_PAUSE
        assert attempts < retrying.LEAST_TRIES or now - first < retrying.GIVEN_UP_AFTER
    # The one thing that SMTP leaves open, and it is never passed over.
    assert then.may_be_double is (reply.outcome is Outcome.UNCONFIRMED)
    if then.state is DeliveryState.FAILED:
        assert reply.outcome is Outcome.REFUSED or retrying.too_old(attempts, first, now)


@given(replies)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    assert reply_of(as_json(reply)) == Reply(
        reply.outcome,
        reply.code,
        reply.text.replace("\0", "?"),
        reply.stage,
        reply.failure
        and replace(
            reply.failure,
            operation=reply.failure.operation.replace("\0", "?"),
            target=reply.failure.target.replace("\0", "?"),
            detail=reply.failure.detail.replace("\0", "?"),
        ),
    )
