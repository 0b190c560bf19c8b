"""Whatever is killed when: each mail reaches a real mail server once, but for the one moment that SMTP leaves open."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.model.claims import Work
from emrnetcheck.model.mail import Delivery, DeliveryState, MailServer, Outcome, Reply, Security
from emrnetcheck.net import smtp
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.retrying import FIRST_PAUSE, ONCE_MORE_AFTER
from emrnetcheck.unattended import Parts, attend
from tests.unattended.office import INSTALLED, SITE, TO, Office, killed_at
from tests.unattended.sink import CUT, Sink, running

MONDAY = INSTALLED.replace(day=5, hour=7, minute=1)
WEEKLY = "<weekly.Elm-Street-Clinic.2026-01-05@clinic.example>"
ONCE = {(WEEKLY, recipient): 1 for recipient in TO}

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process")


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running(tmp_path_factory.mktemp("sink")) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_taken(sink: Sink) -> None:
    sink.begin_anew()


def parts(office: Office, sink: Sink) -> Parts:
    """All of the office, but its mail goes over SMTP."""
    server = MailServer("127.0.0.1", sink.port, Security.NONE, None, "clinic.example")

    def send(delivery: Delivery, message: bytes) -> Reply:
        office.before("send")
        reply = smtp.send(
            server,
            sender=delivery.mail.sender,
            recipient=delivery.recipient,
            message=message,
            password=None,
            timeout_s=20,
        )
        office.before("sent")
        return reply

    return replace(office.parts(), send=send)


def taken(sink: Sink) -> dict[tuple[str, str], int]:
    return Counter((each["id"], each["to"]) for each in sink.taken())


def deliveries(office: Office) -> list[Delivery]:
    with History.opened(office.file) as history:
        return Outbox(history, SITE).listed()


def begin_again(office: Office, sink: Sink, before: Path) -> None:
    """With the history as it was then; what the server took is forgotten."""
    for each in office.file.parent.glob("*"):
        each.unlink()
    shutil.copyfile(before, office.file)
    sink.begin_anew()


@pytest.fixture
def before(office: Office, sink: Sink, tmp_path: Path) -> Path:
    """The history after a day on which the upload was too slow."""
    office.bad = True
    office.at = MONDAY - timedelta(days=1)
    assert attend(parts(office, sink)).troubles == []
    return Path(shutil.copyfile(office.file, tmp_path / "before.sqlite"))


@forks
@pytest.mark.timeout(400)  # a hundred kills, each with three runs after it
def test_a_kill_between_any_two_steps_loses_no_mail_and_doubles_none_unseen(
    office: Office, sink: Sink, before: Path
) -> None:
    """The alert of a second bad day and the week's report are due at once: four deliveries of two mails."""
    doubled: list[int] = []
    step = 0
    while True:
        begin_again(office, sink, before)
        office.at = MONDAY
        killed = killed_at(step, office, lambda: attend(parts(office, sink)))
        # Whoever comes next, comes soon; and again when what was being sent counts as killed.
        for minutes in (1, 16, 33):
            office.at = MONDAY + timedelta(minutes=minutes)
            assert attend(parts(office, sink)).troubles == []
        counts = taken(sink)
        marked = {(each.mail.message_id, each.recipient) for each in deliveries(office) if each.may_be_double}
        assert {each.state for each in deliveries(office)} == {DeliveryState.SENT}, step
        assert {key: 1 for key in counts if key[0] == WEEKLY} == ONCE, step
        assert all(count <= 2 for count in counts.values()), step
        twice = {key for key, count in counts.items() if count == 2}
        assert twice <= marked, "a mail that came twice, and nobody can see that"
        assert len(twice) <= len(marked) <= 1, "only the one that was being sent"
        doubled += [step] * len(twice)
        alerts = {key[0] for key in counts if "alert" in key[0]}
        assert len(alerts) == 1, step
        assert len(counts) == 4, step
        if not killed:
            break
        step += 1
    assert step > 80, "the kills came nowhere near the work"
    # From the reply of the server until it is written down, for each of four deliveries: some statements each.
    assert 4 <= len(doubled) <= 40


@forks
@pytest.mark.parametrize("reply", ["451 4.7.1 Greylisted", CUT])
def test_a_kill_between_any_two_steps_of_trying_again(office: Office, sink: Sink, reply: str, before: Path) -> None:
    office.bad = False
    again_at = MONDAY + (ONCE_MORE_AFTER if reply == CUT else FIRST_PAUSE) + timedelta(minutes=1)
    step, most = 0, Counter[tuple[str, str]]()
    while True:
        begin_again(office, sink, before)
        office.at = MONDAY
        sink.will_say(reply, reply)
        attend(parts(office, sink))
        assert len(sink.taken()) == (2 if reply == CUT else 0)
        office.at = again_at
        killed = killed_at(step, office, lambda: attend(parts(office, sink)))
        for minutes in (16, 34, 54):
            office.at = again_at + timedelta(minutes=minutes)
            attend(parts(office, sink))
        counts = taken(sink)
        assert counts.keys() == ONCE.keys(), step
        for each in deliveries(office):
            assert each.state is DeliveryState.SENT
            assert counts[each.mail.message_id, each.recipient] == 1 or each.may_be_double, step
        most |= counts
        if not killed:
            break
        step += 3
    assert step > 20
    assert max(most.values()) == (3 if reply == CUT else 2)
    assert all(each.may_be_double is (reply == CUT) for each in deliveries(office)), "the last one was not killed"


def test_two_schedulers_at_once_do_all_once(office: Office, sink: Sink) -> None:
    """Without the lock that keeps them apart: the history alone is enough."""
    office.at = MONDAY
    attend(replace(parts(office, sink), due=lambda *_: None))
    together = threading.Barrier(4)
    worked: list[Work] = []

    def one() -> None:
        together.wait(20)
        worked.extend(attend(parts(office, sink)).worked)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert sorted(worked) == [Work.CHECK, Work.REPORT]
    assert taken(sink) == ONCE
    assert not any(each.may_be_double for each in deliveries(office))


def test_a_clock_set_back_after_a_kill_does_not_hide_what_was_being_sent(office: Office, sink: Sink) -> None:
    office.at = MONDAY
    attend(replace(parts(office, sink), send=None))
    with History.opened(office.file, write=True) as history:
        assert Outbox(history, SITE).claim(1, MONDAY)
    attend(parts(office, sink))
    assert [each["to"] for each in sink.taken()] == ["helper@it.example"]
    office.at = MONDAY - timedelta(days=2)
    attend(parts(office, sink))
    assert {key: count for key, count in taken(sink).items() if key[0] == WEEKLY} == ONCE


def test_the_sink_says_what_it_is_told(office: Office, sink: Sink) -> None:
    office.at = MONDAY
    sink.will_say("552 5.3.4 Too large", CUT)
    done = attend(parts(office, sink))
    assert [state for _, state in done.sent] == [DeliveryState.FAILED, DeliveryState.WAITING]
    outcomes = {each.last_reply.outcome for each in deliveries(office) if each.last_reply is not None}
    assert outcomes == {Outcome.REFUSED, Outcome.UNCONFIRMED}
    assert [(each["to"]) for each in sink.taken()] == ["helper@it.example"]
