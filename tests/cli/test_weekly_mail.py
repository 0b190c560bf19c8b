"""The weekly mail out of what is kept: with the newest report attached only where somebody wants it, and redacted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from emrnetcheck.alerting import AlertState, to_json
from emrnetcheck.cli import keeping, sharing
from emrnetcheck.cli.email.asking import envelope_of
from emrnetcheck.cli.email.own import own_of
from emrnetcheck.cli.email.weekly import weekly_mail
from emrnetcheck.config import load
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model.mail import Own
from emrnetcheck.reports.json import render
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from tests.checks.builders import OLD, PUBLIC
from tests.reports.mail.samples import read, text_of
from tests.reports.week.rows import TWO_WEEKS

SITE = "Elm Street Clinic"
SECRETS = (SITE, "192.168.1.10", PUBLIC, "emr.example.org")
WANTED = "attach_report = true"
Mailed = Callable[[str], EmailMessage]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMRNETCHECK_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "history.sqlite"


@pytest.fixture
def mailed(tmp_path: Path, history: Path) -> Mailed:
    """This week's mail with these further lines of [email]."""

    def mail(more: str) -> EmailMessage:
        file = tmp_path / "clinic.toml"
        least = 'host = "smtp.example.org"\nsender = "emr@elm.example"\nto = ["dr@elm.example"]'
        file.write_text(f'[site]\nname = "{SITE}"\n[email]\n{least}\n{more}\n', encoding="utf-8")
        site = load(file)
        assert site.mail is not None
        return read(weekly_mail(site, site.mail))

    return mail


def kept(history: Path) -> ClinicReport:
    """A run of just now."""
    report = replace(TWO_WEEKS[-1], started_at=datetime.now(UTC) - timedelta(minutes=5))
    with History.opened(history, write=True) as opened:
        opened.save(past_run(report), render(report), keeping.settings_text(load(None)))
    return report


def test_a_run_on_another_network_is_not_the_clinics_week(history: Path, mailed: Mailed) -> None:
    bad = kept(history)
    good = replace(TWO_WEEKS[8], id="good", started_at=datetime.now(UTC) - timedelta(days=1))
    away = AlertState(elsewhere=((bad.started_at, bad.started_at),))
    with History.opened(history, write=True) as opened:
        opened.save(past_run(good), render(good), keeping.settings_text(load(None)))
        AlertStates(opened).save(SITE, to_json(away), 0, datetime.now(UTC))
    message = mailed("")
    assert "NOT READY" not in message["Subject"]
    assert "more on another network, not counted" in " ".join(text_of(message).split()).replace("1 more", "more")
    with History.opened(history, write=True) as opened:
        AlertStates(opened).save(SITE, "what nobody can read", 1, datetime.now(UTC))
    assert "NOT READY" in mailed("")["Subject"], "without it every run counts"


def test_nothing_is_attached_unless_wanted(history: Path, mailed: Mailed) -> None:
    kept(history)
    message = mailed("")
    assert list(message.iter_attachments()) == []
    assert "NOT READY - upload too slow" in message["Subject"]
    assert "ttached" not in text_of(message)
    assert PUBLIC not in text_of(message)


def test_the_newest_report_is_attached_without_names_and_addresses(history: Path, mailed: Mailed) -> None:
    kept(history)
    (attachment,) = mailed(WANTED).iter_attachments()
    text = attachment.get_content().decode()
    assert json.loads(text)["verdict"] == "not_ready"
    assert not [secret for secret in SECRETS if secret in text]


def test_what_is_not_certain_to_be_harmless_is_not_attached(
    history: Path, mailed: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(history)
    monkeypatch.setattr("emrnetcheck.reports.sharing.leaks", lambda *_: {"a name"})
    message = mailed(WANTED)
    assert list(message.iter_attachments()) == []
    said = " ".join(text_of(message).split())
    assert "The whole report is not attached: it is not certain that all names would be taken out of it." in said


def test_a_bug_in_taking_names_out_costs_the_attachment_only(
    history: Path, mailed: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(history)

    def broken(*_: object) -> None:
        raise RuntimeError(PUBLIC)

    monkeypatch.setattr(sharing, "_of_this_computer", broken)
    message = mailed(WANTED)
    assert list(message.iter_attachments()) == []
    assert "it is not certain" in " ".join(text_of(message).split())


def test_without_a_run_or_with_a_broken_one_the_mail_says_why(history: Path, mailed: Mailed) -> None:
    assert "not attached: there is none of this week." in text_of(mailed(WANTED))
    kept(history)
    with sqlite3.connect(history) as connection:
        (table,) = (
            name
            for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
            if any(column[1] == "report" for column in connection.execute(f"pragma table_info({name})"))
        )
        connection.execute(f"update {table} set report = ?", (b"broken",))
    connection.close()
    assert "not attached: it cannot be read." in text_of(mailed(WANTED))


def test_who_wants_addresses_in_a_mail_gets_them(history: Path, mailed: Mailed) -> None:
    older = replace(TWO_WEEKS[5], id="older", started_at=datetime.now(UTC) - timedelta(days=2))
    with History.opened(history, write=True) as opened:
        opened.save(past_run(older), render(older), keeping.settings_text(load(None)))
    assert "leads to another address than" in " ".join(text_of(mailed("")).split())
    assert PUBLIC not in text_of(mailed(""))
    assert PUBLIC in text_of(mailed("show_addresses = true"))


def test_what_must_not_be_in_a_mail_is_known_from_the_history_and_the_settings(history: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """[site]
name = "this clinic"
[emr]
hostname = "emr.elmstreet.example"
[internet]
wan_address = "203.0.113.77"
[email]
host = "smtp.provider.example"
sender = "emr@clinic.example"
to = ["doctor@there.example"]
"""
    )
    site = load(file)
    assert site.mail is not None
    now = datetime.now(UTC)
    names = ("emr.elmstreet.example", "smtp.provider.example", "clinic.example", "there.example")
    assert own_of(site, site.mail, now) == Own(("203.0.113.77",), names), "nothing is kept yet"
    for number, (days, public) in enumerate(((3, OLD), (1, PUBLIC), (40, "198.51.100.9"))):
        run = TWO_WEEKS[-1]
        assert run.evidence.address is not None
        seen = replace(run.evidence.address, public_v4=public, public_v6="2001:db8:1:2::9", wan_v4="100.64.0.3")
        made = replace(
            run,
            id=f"run-{number}",
            site="this clinic",
            started_at=now - timedelta(days=days),
            evidence=replace(run.evidence, address=seen),
        )
        with History.opened(history, write=True) as opened:
            opened.save(past_run(made), render(made), keeping.settings_text(load(None)))
    found = own_of(site, site.mail, now).addresses
    assert set(found) == {"203.0.113.77", PUBLIC, OLD, "2001:db8:1:2::9"}, "not what is of the provider's inside"
    assert envelope_of(site, site.mail).own.addresses == found
    history.write_bytes(b"broken")
    assert own_of(site, site.mail, now).addresses == ("203.0.113.77",)
