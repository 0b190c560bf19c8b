"""Does `email` try the server, explain it, send what waits once, and let nobody see the password?"""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from emrnetcheck.alerting import to_json
from emrnetcheck.net.secrets import Secret
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.history import History
from tests.alerting.scripts import played
from tests.cli.conftest import Call
from tests.lab.internet.certificates import Authority
from tests.net.test_secrets import Ring
from tests.servers import closed_tcp_port
from tests.smtp_servers import PASSWORD, USER, Answer, real_server, scripted
from tests.tls_servers import Pair

Settings = Callable[..., Path]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def pair(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return authority.issue(["localhost"], tmp_path_factory.mktemp("server"))


@pytest.fixture
def with_server(tmp_path: Path, authority: Authority) -> Settings:
    """A settings file for a server at this port; more: further lines of [email]."""

    def write(port: int, *, source: str = "", to: str = '["doctor@example.org"]', more: str = "") -> Path:
        secret = tmp_path / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o600)
        file = tmp_path / "clinic.toml"
        lines = [
            '[site]\nname = "Elm Street Clinic"\n[email]\nhost = "localhost"',
            f"port = {port}",
            f"username = {json.dumps(USER)}",
            f"password_source = {json.dumps(source or f'file:{secret}')}",
            f'sender = "reports@example.org"\nto = {to}',
            f"ca_file = {json.dumps(str(authority.certificate_path))}",
            more,
        ]
        file.write_text("\n".join(lines), encoding="utf-8")
        return file

    return write


@pytest.fixture(autouse=True)
def a_keyring_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr("keyring.core._keyring_backend", ring)
    return ring


def test_a_test_mail_arrives_and_each_step_is_shown(call: Call, with_server: Settings, pair: Pair) -> None:
    with real_server(pair) as (port, box):
        ended = call("email", "test", "--config", with_server(port))
    assert ended.status == 0, ended
    assert PASSWORD not in ended.out + ended.err
    for stage in ("connect", "encrypt", "log in", "sender", "recipient", "mail"):
        assert re.search(rf"^  {stage} ", ended.out, re.MULTILINE), ended.out
    assert "\nSENT      localhost has taken the mail." in ended.out
    ((sender, recipients, content),) = box.mails
    assert (sender, recipients) == ("reports@example.org", ["doctor@example.org"])
    arrived = email.message_from_bytes(content, policy=email.policy.default)
    assert "Elm Street Clinic" in str(arrived["Subject"])


def test_each_recipient_gets_one_of_their_own(call: Call, with_server: Settings, pair: Pair) -> None:
    two = '["doctor@example.org", "it@example.org"]'
    with real_server(pair) as (port, box):
        assert call("email", "test", "-q", "--config", with_server(port, to=two)).status == 0
        assert call("email", "test", "-q", "--to", "me@example.org", "--config", with_server(port, to=two)).status == 0
    assert [mail[1] for mail in box.mails] == [["doctor@example.org"], ["it@example.org"], ["me@example.org"]]
    ids = {email.message_from_bytes(mail[2])["Message-ID"] for mail in box.mails}
    assert len(ids) == 3


def test_a_wrong_password_is_explained_and_tried_once(call: Call, with_server: Settings, pair: Pair) -> None:
    two = '["doctor@example.org", "it@example.org"]'
    with real_server(pair) as (port, box):
        file = with_server(port, to=two)
        (file.parent / "password").write_text("another one")
        ended = call("email", "test", "--config", file)
    assert ended.status == 1
    assert len(box.log_ins) == 1
    assert "NOT SENT  localhost does not take this user name with this password." in ended.out
    assert "What to do: " in ended.out
    assert "It said: 535" in ended.out
    assert "another one" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("answers", "offers", "status", "told"),
    [
        ({"RCPT": b"450 4.2.0 Greylisted\r\n"}, (), 1, "Try again in some minutes."),
        ({".": None}, (), 3, "Look into the mailbox before you try again."),
        ({".": b"552 5.3.4 too big\r\n"}, (), 1, "too large for localhost"),
        ({"RCPT": b"550 5.1.1 \x1b[31mno such user\r\n"}, (), 1, "Look for a misspelling in [email] to."),
        ({}, ("AUTH PLAIN",), 1, "offers no encryption"),
    ],
)
def test_what_the_server_means_is_told(
    answers: dict[str, Answer],
    offers: tuple[str, ...],
    status: int,
    told: str,
    call: Call,
    with_server: Settings,
    pair: Pair,
) -> None:
    kind = {"offers": offers} if offers else {"pair": pair}
    with scripted(answers, **kind) as (port, heard):
        ended = call("email", "test", "--config", with_server(port))
    assert ended.status == status
    assert told in " ".join(ended.out.split())
    assert "\x1b[31m" not in ended.out
    assert not (offers and heard.credentials())


def test_colour_is_not_needed_to_see_what_came_of_it(call: Call, with_server: Settings) -> None:
    ended = call("email", "test", "--plain", "--config", with_server(closed_tcp_port()))
    assert ended.status == 1
    assert ended.out.isascii()
    assert "NOT SENT" in ended.out
    assert max(len(line) for line in ended.out.splitlines()) <= 80


@pytest.mark.parametrize("command", ["test", "send", "password"])
def test_without_settings_for_mail_it_is_told_what_is_needed(command: str, call: Call, settings: Path) -> None:
    ended = call("email", command, "--config", settings)
    assert ended.status == 2
    assert "says nothing about mail" in ended.err
    assert "[email]\nhost = " in ended.err


def test_a_wrong_recipient_is_a_mistake(call: Call, with_server: Settings) -> None:
    ended = call("email", "test", "--to", "nobody", "--config", with_server(1))
    assert ended.status == 2
    assert ended.err == '--to "nobody": must be an address such as "office@example.org".\n'


def test_a_password_that_others_can_read_is_not_used(call: Call, with_server: Settings, pair: Pair) -> None:
    with scripted(pair=pair) as (port, heard):
        file = with_server(port)
        (file.parent / "password").chmod(0o644)
        ended = call("email", "test", "--config", file)
    assert ended.status == 2
    assert "chmod 600" in ended.err
    assert heard.connections == 0


def test_the_password_goes_into_the_keyring_unseen(
    call: Call, with_server: Settings, pair: Pair, monkeypatch: pytest.MonkeyPatch, a_keyring_of_its_own: Ring
) -> None:
    with real_server(pair) as (port, box):
        file = with_server(port, source="keyring")
        assert "emrnetcheck email password" in call("email", "test", "--config", file).err
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        ended = call("email", "password", "--config", file)
        assert ended.status == 0, ended
        assert PASSWORD not in ended.out + ended.err
        assert a_keyring_of_its_own.kept == {("emrnetcheck localhost", USER): PASSWORD}
        assert call("email", "test", "-q", "--config", file).status == 0
    assert box.log_ins == [("PLAIN", True)]


def test_the_password_goes_into_the_file_of_the_settings(
    call: Call, with_server: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\r\n"))
    assert call("email", "password", "--config", with_server(1, source=f"file:{tmp_path}/new")).status == 0
    assert (tmp_path / "new").read_text(encoding="utf-8") == f"{PASSWORD}\n"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("source", "typed", "told"),
    [
        ("env:MAIL", "x\n", "whoever starts the program sets that"),
        ("keyring", "\n", "That is no password"),
        ("keyring", "", "That is no password"),
        ("keyring", "a\x1b[m\n", "That is no password"),
    ],
)
def test_what_cannot_be_kept_is_told(
    source: str, typed: str, told: str, call: Call, with_server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    ended = call("email", "password", "--config", with_server(1, source=source))
    assert ended.status == 2
    assert told in ended.err


def test_ctrl_c_at_the_question_is_no_bug(
    call: Call, with_server: Settings, monkeypatch: pytest.MonkeyPatch, a_keyring_of_its_own: Ring
) -> None:
    def interrupted(*_: object, **__: object) -> str:
        raise typer.Abort

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(typer, "prompt", interrupted)
    ended = call("email", "password", "--config", with_server(1, source="keyring"))
    assert (ended.status, ended.out, ended.err) == (130, "", "")
    assert a_keyring_of_its_own.kept == {}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_there_is_no_option_for_a_password(call: Call) -> None:
    for command in ("test", "password", "send"):
        shown = call("email", command, "--help").out
        assert not re.search(r"--pass", shown)


def outbox(call: Call, file: Path, *arguments: str) -> list[dict[str, object]]:
    ended = call("email", "outbox", "--format", "json", "--config", file, *arguments)
    assert ended.status == 0, ended
    found: list[dict[str, object]] = json.loads(ended.out)["deliveries"]
    return found


def test_an_outbox_with_nothing_in_it(call: Call, with_server: Settings) -> None:
    file = with_server(1)
    assert call("email", "outbox", "--config", file).out == "No mail was written yet.\n"
    assert call("email", "send", "--config", file).out == "Nothing waits: no mail was written yet.\n"
    assert outbox(call, file) == []
    assert call("email", "outbox", "retry", "1", "--config", file).status == 2


def test_the_weekly_mail_goes_once(call: Call, with_server: Settings, pair: Pair) -> None:
    two = '["doctor@example.org", "it@example.org"]'
    with real_server(pair) as (port, box):
        file = with_server(port, to=two)
        ended = call("email", "send", "--weekly", "--config", file)
        assert ended.status == 0, ended
        again = call("email", "send", "--weekly", "--config", file)
        assert again.status == 0, again
    assert [mail[1] for mail in box.mails] == [["doctor@example.org"], ["it@example.org"]]
    assert ended.out.count("SENT ") == 2
    assert "is not written twice" in again.err
    assert again.out == "Nothing waits.\n"
    (mail, other) = outbox(call, file)
    assert {mail["state"], other["state"]} == {"sent"}
    assert mail["message_id"] == other["message_id"]
    assert mail["attempts"] == 1
    assert outbox(call, file, "--state", "failed") == []


def test_a_weekly_mail_before_its_time_tells_open_alarms_too(
    call: Call, with_server: Settings, pair: Pair, file: Path
) -> None:
    """It stands in for the one that is due the same day, which is not written then."""
    state, _ = played("BB")
    with History.opened(file, write=True) as history:
        assert AlertStates(history).save("Elm Street Clinic", to_json(state), 0, datetime.now(UTC))
    with real_server(pair) as (port, box):
        assert call("email", "send", "--weekly", "--config", with_server(port)).status == 0
    message = email.message_from_bytes(box.mails[0][2], policy=email.policy.default)
    assert "but an alarm is open: the EMR answers with an error" in message["Subject"]
    part = message.get_body(("plain",))
    assert part is not None
    assert "Open: The EMR answers with an error" in part.get_content()


def test_what_was_refused_for_good_can_be_tried_again_or_given_up(
    call: Call, with_server: Settings, pair: Pair
) -> None:
    refused: dict[str, Answer] = {"RCPT": b"550 5.1.1 no such user\r\n"}
    with scripted(refused, pair=pair) as (port, _):
        file = with_server(port)
        ended = call("email", "send", "--weekly", "--config", file)
    assert ended.status == 1
    assert "GIVEN UP  1. " in ended.out
    assert "email outbox retry NUMBER" in " ".join(ended.out.split())
    shown = " ".join(call("email", "outbox", "--config", file).out.split())
    assert "The recipient's address does not exist. Look for a misspelling in [email] to." in shown
    assert "It said: 550 5.1.1 no such user" in shown
    with scripted(refused, pair=pair) as (port, heard):
        file = with_server(port)
        assert call("email", "send", "--config", file).out == "Nothing waits.\n"
        assert heard.connections == 0
        assert call("email", "outbox", "retry", "1", "--config", file).status == 0
        assert outbox(call, file)[0]["state"] == "waiting"
        assert call("email", "outbox", "drop", "1", "--config", file).status == 0
        assert call("email", "outbox", "drop", "1", "--config", file).status == 2
        assert outbox(call, file)[0]["state"] == "failed"
        assert call("email", "outbox", "retry", "1", "--config", file).status == 0
    with real_server(pair) as (port, box):
        assert call("email", "send", "--config", with_server(port)).status == 0
    assert len(box.mails) == 1


def test_after_a_misspelling_the_weekly_mail_goes_to_the_right_one(
    call: Call, with_server: Settings, pair: Pair
) -> None:
    refused: dict[str, Answer] = {"RCPT": b"550 5.1.1 no such user\r\n"}
    with scripted(refused, pair=pair) as (port, _):
        call("email", "send", "--weekly", "--config", with_server(port, to='["docter@example.org"]'))
    with real_server(pair) as (port, box):
        file = with_server(port, to='["doctor@example.org"]')
        ended = call("email", "send", "--weekly", "--config", file)
        assert ended.status == 0, ended
        assert ended.err == "Today's weekly mail was written before, and now goes to doctor@example.org, too.\n"
        assert "is not written twice" in call("email", "send", "--weekly", "--config", file).err
    assert [mail[1] for mail in box.mails] == [["doctor@example.org"]]
    assert {mail["state"] for mail in outbox(call, file)} == {"sent", "failed"}


def test_what_is_not_taken_now_waits_and_goes_with_the_next(call: Call, with_server: Settings, pair: Pair) -> None:
    with scripted({"RCPT": b"451 4.7.1 Greylisted, come back\r\n"}, pair=pair) as (port, _):
        file = with_server(port)
        ended = call("email", "send", "--weekly", "--config", file)
    assert ended.status == 1
    assert "WAITS     1. " in ended.out
    assert "Nothing for now: the mail waits, and is tried again." in " ".join(ended.out.split())
    with real_server(pair) as (port, box):
        file = with_server(port)
        later = call("email", "send", "--due", "--config", file)
        assert box.mails == []
        assert "1 mail that waits was not tried now" in later.out
        assert call("email", "send", "--config", file).status == 0
    assert len(box.mails) == 1
    assert outbox(call, file)[0]["attempts"] == 2


def test_one_wrong_password_is_tried_for_one_mail_only(call: Call, with_server: Settings, pair: Pair) -> None:
    three = '["a@example.org", "b@example.org", "c@example.org"]'
    with real_server(pair) as (port, box):
        file = with_server(port, to=three)
        (file.parent / "password").write_text("another one")
        assert call("email", "send", "--weekly", "--config", file).status == 1
    assert len(box.log_ins) == 1
    assert {mail["state"] for mail in outbox(call, file)} == {"waiting"}


def test_without_its_password_a_mail_waits_and_the_reason_is_told(
    call: Call, with_server: Settings, pair: Pair
) -> None:
    with scripted(pair=pair) as (port, heard):
        file = with_server(port, source="env:NO_SUCH_PASSWORD")
        ended = call("email", "send", "--weekly", "--config", file)
        assert heard.connections == 0
    assert ended.status == 1
    shown = " ".join(ended.out.split())
    assert "The password cannot be read, so nobody was logged in." in shown
    assert "there is no such environment variable" in shown


def test_a_mail_that_may_have_arrived_says_so(call: Call, with_server: Settings, pair: Pair) -> None:
    with scripted({".": None}, pair=pair) as (port, _):
        file = with_server(port)
        assert call("email", "send", "--weekly", "--config", file).status == 1
        shown = " ".join(call("email", "outbox", "--config", file).out.split())
        assert "may have arrived once before" in shown
        assert "It is sent once more" in shown
        assert outbox(call, file)[0]["may_be_double"] is True
        shown = " ".join(call("email", "send", "--config", file).out.split())
    assert "GIVEN UP" in shown
    assert "may have arrived all the same, even twice" in shown
    assert "does not go again by itself" in shown
    assert "once more" not in shown
    assert outbox(call, file)[0]["state"] == "failed"


def test_a_bug_shows_no_password(
    call: Call, with_server: Settings, monkeypatch: pytest.MonkeyPatch, pair: Pair
) -> None:
    def broken(*_: object, **named: object) -> None:
        assert named["password"] == Secret(PASSWORD)
        raise RuntimeError(f"a bug with {named}")

    monkeypatch.setenv("EMRNETCHECK_DEBUG", "1")
    monkeypatch.setattr("emrnetcheck.net.smtp.send", broken)
    for arguments in (("test",), ("send", "--weekly")):
        ended = call("email", *arguments, "--config", with_server(1))
        assert ended.status == 70
        assert "RuntimeError" in ended.err
        assert PASSWORD not in ended.out + ended.err
