"""Is a mail handed over to good servers, is each refusal told as what it is, and does no password go astray?"""

from __future__ import annotations

import base64
import hmac
import logging
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import FailureKind
from emrnetcheck.model.mail import REPLY_TEXT_CHARS, MailAuth, MailServer, Outcome, Reply, Security
from emrnetcheck.net import smtp
from emrnetcheck.net.secrets import Secret
from emrnetcheck.net.smtp_message import with_dots, with_line_ends
from emrnetcheck.store import retrying
from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.plan import EmrCertificate
from tests.servers import closed_tcp_port, silent_tcp_port
from tests.smtp_servers import OFFERS, PASSWORD, USER, Answer, real_server, scripted, server_at
from tests.tls_servers import Pair

SENDER, RECIPIENT = "reports@example.org", "doctor@example.org"
MESSAGE = b"Subject: Elm Street Clinic: READY\r\n\r\nAll is well.\r\n"
NAMES = ("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def pair(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return authority.issue(NAMES, tmp_path_factory.mktemp("server"))


@pytest.fixture
def ca(authority: Authority) -> Path:
    return authority.certificate_path


@pytest.fixture(autouse=True)
def no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        pytest.fail("this computer's own name was looked up")

    monkeypatch.setattr(socket, "getfqdn", refuse)
    monkeypatch.setattr(socket, "gethostname", refuse)


def sent(
    server: MailServer,
    *,
    message: bytes = MESSAGE,
    password: str | None = PASSWORD,
    timeout_s: float = 20.0,
    confirm_s: float = 20.0,
    recipient: str = RECIPIENT,
    steps: list[smtp.Step] | None = None,
) -> Reply:
    secret = None if password is None else Secret(password)
    tell = None if steps is None else steps.append
    return smtp.send(
        server,
        sender=SENDER,
        recipient=recipient,
        message=message,
        password=secret,
        timeout_s=timeout_s,
        confirm_s=confirm_s,
        tell=tell,
    )


@pytest.mark.parametrize("ways", [("PLAIN", "LOGIN"), ("PLAIN",), ("LOGIN",)], ids="+".join)
def test_a_real_server_takes_it_over_starttls(pair: Pair, ca: Path, ways: tuple[str, ...]) -> None:
    steps: list[smtp.Step] = []
    with real_server(pair, ways=ways) as (port, box):
        reply = sent(server_at(port, ca_file=ca), steps=steps)
    assert reply == Reply(Outcome.SENT, 250, "2.0.0 queued as 4711", "end")
    assert box.mails == [(SENDER, [RECIPIENT], MESSAGE)]
    assert box.names == ["clinic.example.org"]
    assert box.log_ins == [(ways[0], True)]
    assert list(dict.fromkeys(step.stage for step in steps)) == ["connect", "tls", "auth", "from", "to", "data", "end"]
    assert PASSWORD not in repr(steps)


def test_a_wrong_password_is_tried_once(pair: Pair, ca: Path) -> None:
    with real_server(pair) as (port, box):
        reply = sent(server_at(port, ca_file=ca), password="wrong one")
    assert (reply.outcome, reply.code, reply.stage) == (Outcome.REFUSED, 535, "auth")
    assert box.log_ins == [("PLAIN", False)]
    assert box.mails == []


def test_tls_from_the_first_byte(pair: Pair, ca: Path) -> None:
    offers = (*OFFERS, "AUTH PLAIN")
    with scripted(pair=pair, tls_at_once=True, offers=offers, offers_in_tls=offers) as (port, heard):
        reply = sent(server_at(port, security=Security.TLS, ca_file=ca))
    assert reply.outcome is Outcome.SENT
    assert heard.credentials() == [f"\0{USER}\0{PASSWORD}"]
    assert heard.verbs() == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert heard.commands[0] == "EHLO clinic.example.org"


def test_without_encryption_on_this_computer_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as (port, heard):
        assert sent(server_at(port, security=Security.NONE, username=None), password=None).outcome is Outcome.SENT
        assert heard.mail == MESSAGE
        monkeypatch.setattr(smtp, "system_addresses", lambda *_a, **_k: ("127.0.0.1", "192.0.2.1"))
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.outcome is Outcome.REFUSED
    assert reply.failure is not None
    assert "this computer only" in reply.failure.in_words()
    assert heard.connections == 1


def test_no_password_over_a_connection_without_encryption() -> None:
    with scripted(offers=(*OFFERS, "AUTH PLAIN LOGIN CRAM-MD5")) as (port, heard):
        reply = sent(server_at(port, security=Security.NONE))
    assert (reply.outcome, reply.stage) == (Outcome.REFUSED, "auth")
    assert heard.verbs() == ["EHLO", "QUIT"]


@pytest.mark.parametrize("answers", [{}, {"STARTTLS": b"454 4.7.0 TLS not available\r\n"}, {"STARTTLS": b"502 no\r\n"}])
def test_where_starttls_is_taken_away_nothing_is_sent(answers: dict[str, Answer], ca: Path) -> None:
    offers = (*OFFERS, "AUTH PLAIN LOGIN", *(("STARTTLS",) if answers else ()))
    with scripted(answers, offers=offers) as (port, heard):
        reply = sent(server_at(port, ca_file=ca))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "tls")
    assert heard.verbs() == ["EHLO", *(["STARTTLS"] if answers else []), "QUIT"]
    if not answers:
        assert reply.failure is not None
        assert reply.failure.kind is FailureKind.NOT_TLS


def test_words_put_in_before_the_encryption_are_not_taken_for_the_servers(pair: Pair, ca: Path) -> None:
    put_in = {"STARTTLS": b"220 go\r\n250-evil.example\r\n250 AUTH PLAIN\r\n"}
    with scripted(put_in, pair=pair) as (port, heard):
        reply = sent(server_at(port, ca_file=ca))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "tls")
    assert "AUTH" not in heard.verbs()


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (EmrCertificate.EXPIRED, FailureKind.TLS_EXPIRED),
        (EmrCertificate.WRONG_NAME, FailureKind.TLS_NAME_MISMATCH),
        (EmrCertificate.SELF_SIGNED, FailureKind.TLS_UNTRUSTED),
        (EmrCertificate.UNKNOWN_AUTHORITY, FailureKind.TLS_UNTRUSTED),
        (EmrCertificate.NOT_YET_VALID, FailureKind.TLS_UNTRUSTED),
    ],
)
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_bad_certificate_gets_no_password(
    kind: EmrCertificate, failure: FailureKind, security: Security, authority: Authority, tmp_path: Path
) -> None:
    bad = issue(kind, NAMES, authority, tmp_path)
    with scripted(pair=bad, tls_at_once=security is Security.TLS) as (port, heard):
        reply = sent(server_at(port, security=security, ca_file=authority.certificate_path))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "tls")
    assert reply.failure is not None
    assert reply.failure.kind is failure
    assert not {"AUTH", "MAIL"} & set(heard.verbs())


def test_an_authority_that_is_not_in_the_settings_is_not_trusted(pair: Pair) -> None:
    with scripted(pair=pair) as (port, _):
        reply = sent(server_at(port))
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.TLS_UNTRUSTED


def test_a_file_of_authorities_that_is_not_there_is_a_failure(pair: Pair, tmp_path: Path) -> None:
    with scripted(pair=pair) as (port, heard):
        reply = sent(server_at(port, ca_file=tmp_path / "nothing.pem"))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "tls")
    assert "AUTH" not in heard.verbs()


FAULTS: list[tuple[dict[str, Answer], Outcome, int | None, str]] = [
    ({"MAIL": b"451 4.3.0 try again\r\n"}, Outcome.DEFERRED, 451, "from"),
    ({"MAIL": b"550 5.7.1 sender refused\r\n"}, Outcome.REFUSED, 550, "from"),
    ({"MAIL": b"530 5.7.57 Client not authenticated\r\n"}, Outcome.REFUSED, 530, "auth"),
    ({"RCPT": b"450 4.2.0 Greylisted, see later\r\n"}, Outcome.DEFERRED, 450, "to"),
    ({"RCPT": b"550 5.1.1 No such user\r\n"}, Outcome.REFUSED, 550, "to"),
    ({"RCPT": b"421 4.3.2 going down\r\n"}, Outcome.DEFERRED, 421, "to"),
    ({"RCPT": None}, Outcome.DEFERRED, None, "to"),
    ({"DATA": b"452 4.3.1 disk full\r\n"}, Outcome.DEFERRED, 452, "data"),
    ({"DATA": b"554 5.5.1 no valid recipients\r\n"}, Outcome.REFUSED, 554, "data"),
    ({"DATA": b"250 what?\r\n"}, Outcome.DEFERRED, 250, "data"),
    ({".": b"552 5.3.4 Message too big\r\n"}, Outcome.REFUSED, 552, "end"),
    ({".": b"451 4.7.1 later\r\n"}, Outcome.DEFERRED, 451, "end"),
    ({".": b"554-5.7.1 spam\r\n554 5.7.1 really\r\n"}, Outcome.REFUSED, 554, "end"),
    ({".": None}, Outcome.UNCONFIRMED, None, "end"),
    ({".": b"garbage\r\n"}, Outcome.UNCONFIRMED, None, "end"),
    ({"EHLO": b"421 too many connections\r\n"}, Outcome.DEFERRED, 421, "connect"),
    ({"EHLO": None}, Outcome.DEFERRED, None, "connect"),
    ({"EHLO": b"550 5.7.1 bad name\r\n"}, Outcome.REFUSED, 550, "connect"),
    ({"EHLO": b"HTTP/1.1 400 Bad Request\r\n"}, Outcome.DEFERRED, None, "connect"),
]


@pytest.mark.parametrize(("answers", "outcome", "code", "stage"), FAULTS)
def test_each_fault_is_told_as_what_it_is(
    answers: dict[str, Answer], outcome: Outcome, code: int | None, stage: str
) -> None:
    with scripted(answers) as (port, _):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert (reply.outcome, reply.code, reply.stage) == (outcome, code, stage)
    assert (reply.failure is None) == (code is not None and code // 100 in (4, 5))


@pytest.mark.parametrize(
    ("greeting", "outcome", "code"),
    [
        (b"421 4.3.2 shutting down\r\n", Outcome.DEFERRED, 421),
        (b"554 5.7.1 your address is on a list\r\n", Outcome.REFUSED, 554),
        (None, Outcome.DEFERRED, None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Outcome.DEFERRED, None),
        (b"999 no\r\n", Outcome.DEFERRED, None),
        (b"\r\n", Outcome.DEFERRED, None),
    ],
)
def test_each_greeting(greeting: Answer, outcome: Outcome, code: int | None) -> None:
    with scripted(greeting=greeting) as (port, heard):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert (reply.outcome, reply.code, reply.stage) == (outcome, code, "connect")
    assert "MAIL" not in heard.verbs()


def test_nobody_there() -> None:
    reply = sent(server_at(closed_tcp_port(), ca_file=None))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "connect")
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.REFUSED


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    reply = sent(server_at(25, host="smtp.nowhere.example"))
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "connect")
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.NAME_NOT_FOUND


def test_the_second_address_is_tried_where_the_first_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as (port, heard):
        monkeypatch.setattr(smtp, "system_addresses", lambda *_a, **_k: ("::1", "127.0.0.1"))
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.outcome is Outcome.SENT
    assert heard.connections == 1


def test_a_server_that_never_says_a_word_ends_in_time() -> None:
    with silent_tcp_port() as port:
        began_s = time.monotonic()
        reply = sent(server_at(port), timeout_s=0.5)
    assert time.monotonic() - began_s < 30.0
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.TIMEOUT


def trickle(connection: socket.socket) -> None:
    """A reply that never ends, a byte at a time: each of them would begin a socket's own time-out anew."""
    for _ in range(1200):
        connection.sendall(b"2")
        time.sleep(0.05)


@pytest.mark.parametrize(("verb", "outcome"), [("EHLO", Outcome.DEFERRED), (".", Outcome.UNCONFIRMED)])
def test_a_server_that_trickles_ends_in_time(verb: str, outcome: Outcome) -> None:
    with scripted({verb: trickle}) as (port, _):
        began_s = time.monotonic()
        reply = sent(
            server_at(port, security=Security.NONE, username=None), password=None, timeout_s=4.0, confirm_s=4.0
        )
        took_s = time.monotonic() - began_s
    assert took_s < 30.0
    assert reply.outcome is outcome
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.TIMEOUT


def test_a_server_that_thinks_long_before_it_says_that_it_has_the_mail_is_waited_for() -> None:
    def thinks(connection: socket.socket) -> None:
        time.sleep(6.0)
        connection.sendall(b"250 2.0.0 Ok\r\n")

    with scripted({".": thinks}) as (port, _):
        server = server_at(port, security=Security.NONE, username=None)
        reply = sent(server, password=None, timeout_s=5.0, confirm_s=60.0)
    assert reply.outcome is Outcome.SENT


def test_one_that_sends_is_never_taken_for_killed() -> None:
    assert smtp.CONFIRM_S >= 600, "RFC 5321, 4.5.3.2.6"
    assert retrying.KILLED_AFTER.total_seconds() - 60 > smtp.TIMEOUT_S + smtp.CONFIRM_S


def test_a_server_that_does_not_read_ends_in_time_and_is_not_unconfirmed() -> None:
    over = threading.Event()

    def stuck(connection: socket.socket) -> None:
        connection.sendall(b"354 go on\r\n")
        over.wait(60.0)

    message = b"x" * 70 + (b"\r\n" + b"y" * 70) * 200_000 + b"\r\n"
    with scripted({"DATA": stuck}, offers=("PIPELINING",)) as (port, _):
        server = server_at(port, security=Security.NONE, username=None)
        began_s = time.monotonic()
        reply = sent(server, password=None, timeout_s=5.0, message=message)
        took_s = time.monotonic() - began_s
        over.set()
    assert took_s < 30.0
    assert (reply.outcome, reply.stage) == (Outcome.DEFERRED, "data")
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.TIMEOUT


def test_what_the_server_says_before_it_cuts_the_mail_counts() -> None:
    def full(connection: socket.socket) -> None:
        connection.sendall(b"354 go on\r\n")
        connection.recv(1000)
        connection.sendall(b"452 4.3.1 the disk is full\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with scripted({"DATA": full}, offers=("PIPELINING",)) as (port, _):
        reply = sent(
            server_at(port, security=Security.NONE, username=None),
            password=None,
            message=(b"y" * 70 + b"\r\n") * 200_000,
        )
    assert reply.outcome is Outcome.DEFERRED
    assert reply.code in (452, None)  # where the system drops what came before a reset


def endless_lines(connection: socket.socket) -> None:
    try:
        for _ in range(100_000):
            connection.sendall(b"250-and so on and on and on and on and on\r\n" * 100)
    except OSError:
        pass


def endless_line(connection: socket.socket) -> None:
    try:
        for _ in range(100_000):
            connection.sendall(b"250 and so on and on and on and on" * 100)
    except OSError:
        pass


@pytest.mark.parametrize("talk", [endless_lines, endless_line])
@pytest.mark.parametrize(("verb", "outcome"), [("EHLO", Outcome.DEFERRED), (".", Outcome.UNCONFIRMED)])
def test_a_reply_without_end_is_cut(talk: Answer, verb: str, outcome: Outcome) -> None:
    with scripted({verb: talk}) as (port, _):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.outcome is outcome
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.MALFORMED
    assert "end" in reply.failure.detail


def test_what_a_terminal_would_obey_is_taken_out_of_replies() -> None:
    nasty = b"550 5.1.1 \x1b[2J\x1b]0;evil\x07\xe2\x80\xaeeman resu on\x00\x9b1m " + b"x" * 2000 + b"\r\n"
    with scripted({"RCPT": nasty}) as (port, _):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.code == 550
    assert reply.text.isprintable()
    assert len(reply.text) <= REPLY_TEXT_CHARS


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_a_server_that_repeats_the_password_is_not_repeated(way: str, pair: Pair, ca: Path) -> None:
    encoded = base64.b64encode(PASSWORD.encode())
    plain_word = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    echo = b"535 5.7.8 no: " + PASSWORD.encode() + b" " + encoded + b" " + plain_word + b"\r\n"
    challenge = b"334 " + base64.b64encode(b"<1896@mail.example.org>") + b"\r\n"
    answers: dict[str, Answer] = {"AUTH": echo if way == "PLAIN" else challenge}
    answers |= {base64.b64encode(USER.encode()).decode().upper(): challenge, encoded.decode().upper(): echo}
    digest = hmac.new(PASSWORD.encode(), b"<1896@mail.example.org>", "md5").hexdigest()
    answers[base64.b64encode(f"{USER} {digest}".encode()).decode().upper()] = echo
    steps: list[smtp.Step] = []
    with scripted(answers, pair=pair, offers_in_tls=(*OFFERS, f"AUTH {way}")) as (port, _):
        reply = sent(server_at(port, ca_file=ca), steps=steps)
    assert (reply.outcome, reply.code, reply.stage) == (Outcome.REFUSED, 535, "auth")
    assert "[hidden]" in reply.text
    for secret in (PASSWORD, encoded.decode(), *([plain_word.decode()] if way == "PLAIN" else [])):
        assert secret not in repr((reply, steps))


def test_a_server_that_knows_the_password_from_before_is_not_repeated_either() -> None:
    """As it is kept in the outbox, and mailed in the weekly report as the reason why a mail did not arrive."""
    for said in (PASSWORD.encode(), base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())):
        with scripted(greeting=b"421 4.3.2 no, " + said + b"\r\n") as (port, _):
            reply = sent(server_at(port, security=Security.NONE, username=USER))
        assert (reply.stage, reply.text) == ("connect", "4.3.2 no, [hidden]")


def test_cram_md5_is_taken_where_it_is_all_there_is(pair: Pair, ca: Path) -> None:
    challenge = b"<1896.697170952@postoffice.example.net>"
    digest = hmac.new(PASSWORD.encode(), challenge, "md5").hexdigest()
    answer = base64.b64encode(f"{USER} {digest}".encode()).decode()
    answers: dict[str, Answer] = {
        "AUTH": b"334 " + base64.b64encode(challenge) + b"\r\n",
        answer.upper(): b"235 2.7.0 welcome\r\n",
    }
    with scripted(answers, pair=pair, offers_in_tls=("AUTH GSSAPI CRAM-MD5",)) as (port, heard):
        reply = sent(server_at(port, ca_file=ca))
    assert reply.outcome is Outcome.SENT
    assert answer in heard.commands


def test_a_token_and_how_it_is_refused(pair: Pair, ca: Path) -> None:
    offers = ("AUTH PLAIN LOGIN XOAUTH2",)
    with scripted(pair=pair, offers_in_tls=offers) as (port, heard):
        assert sent(server_at(port, ca_file=ca, auth=MailAuth.XOAUTH2), password="ya29.token").outcome is Outcome.SENT
    assert heard.credentials() == [f"user={USER}\1auth=Bearer ya29.token\1\1"]
    challenge = base64.b64encode(b'{"status":"400","schemes":"Bearer","scope":"https://mail.example/"}')
    refused: dict[str, Answer] = {"AUTH": b"334 " + challenge + b"\r\n", "": b"535 5.7.8 not accepted\r\n"}
    with scripted(refused, pair=pair, offers_in_tls=offers) as (port, heard):
        reply = sent(server_at(port, ca_file=ca, auth=MailAuth.XOAUTH2), password="ya29.token")
    assert (reply.outcome, reply.code, reply.text) == (Outcome.REFUSED, 535, "5.7.8 not accepted (token: 400)")
    assert "ya29" not in repr(reply)


@pytest.mark.parametrize(
    ("auth", "offers"),
    [(MailAuth.PASSWORD, "AUTH GSSAPI NTLM"), (MailAuth.XOAUTH2, "AUTH PLAIN"), (MailAuth.PASSWORD, "")],
)
def test_no_way_to_log_in_that_both_know(auth: MailAuth, offers: str, pair: Pair, ca: Path) -> None:
    with scripted(pair=pair, offers_in_tls=(*OFFERS, *([offers] if offers else []))) as (port, heard):
        reply = sent(server_at(port, ca_file=ca, auth=auth))
    assert (reply.outcome, reply.stage) == (Outcome.REFUSED, "auth")
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.UNSUPPORTED
    assert "AUTH" not in heard.verbs()


def test_what_was_offered_before_the_encryption_is_forgotten(pair: Pair, ca: Path) -> None:
    with scripted(pair=pair, offers=("AUTH PLAIN",), offers_in_tls=("SIZE 10",)) as (port, heard):
        reply = sent(server_at(port, ca_file=ca))
    assert reply.stage == "auth"
    assert "AUTH" not in heard.verbs()


def test_a_mail_that_is_too_large_is_not_begun() -> None:
    with scripted(offers=("SIZE 100",)) as (port, heard):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None, message=b"x" * 101)
    assert (reply.outcome, reply.code, reply.stage) == (Outcome.REFUSED, 552, "from")
    assert "MAIL" not in heard.verbs()


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE many", "SIZE 99999999999999999999999999"])
def test_a_size_that_says_nothing_stops_nothing(offer: str) -> None:
    with scripted(offers=(offer,)) as (port, heard):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.outcome is Outcome.SENT
    assert f"MAIL FROM:<{SENDER}> SIZE={len(MESSAGE)}" in heard.commands


@pytest.mark.parametrize(
    ("message", "recipient", "offers", "outcome", "option"),
    [
        ("Grüße\r\n".encode(), RECIPIENT, ("8BITMIME",), Outcome.SENT, "BODY=8BITMIME"),
        ("Grüße\r\n".encode(), RECIPIENT, (), Outcome.REFUSED, ""),
        (MESSAGE, "ärztin@example.org", ("8BITMIME", "SMTPUTF8"), Outcome.SENT, "BODY=8BITMIME SMTPUTF8"),
        (MESSAGE, "ärztin@example.org", ("8BITMIME",), Outcome.REFUSED, ""),
        (MESSAGE, "doctor@example.org> SIZE=1", ("SIZE",), Outcome.REFUSED, ""),
        (MESSAGE, "doctor@example.org\r\nRCPT TO:<x@y>", ("SIZE",), Outcome.REFUSED, ""),
    ],
)
def test_letters_and_addresses_that_not_every_server_takes(
    message: bytes, recipient: str, offers: tuple[str, ...], outcome: Outcome, option: str
) -> None:
    with scripted(offers=offers) as (port, heard):
        server = server_at(port, security=Security.NONE, username=None)
        reply = sent(server, password=None, message=message, recipient=recipient)
    assert (reply.outcome, reply.stage) == (outcome, "end" if outcome is Outcome.SENT else "from")
    assert [command.split("> ")[1] for command in heard.commands if command.startswith("MAIL")] == (
        [option] if outcome is Outcome.SENT else []
    )


def test_a_server_that_knows_only_helo() -> None:
    answers: dict[str, Answer] = {"EHLO": b"502 5.5.1 not implemented\r\n", "HELO": b"250 mail.example.org\r\n"}
    with scripted(answers) as (port, heard):
        reply = sent(server_at(port, security=Security.NONE, username=None), password=None)
    assert reply.outcome is Outcome.SENT
    assert heard.commands[1:3] == ["HELO clinic.example.org", f"MAIL FROM:<{SENDER}>"]


TEXTS = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\r", b"\n", b"text", b"\r\n.\r\n", b"\n.\n", b"\xc3\xa4"]))


@given(TEXTS)
def test_no_text_ends_the_mail_before_its_end(pieces: list[bytes]) -> None:
    whole = with_line_ends(b"".join(pieces))
    way = with_dots(whole)
    assert b"\r\n.\r\n" not in b"\r\n" + way
    assert way.count(b"\r") == way.count(b"\n") == way.count(b"\r\n")
    assert way.endswith(b"\r\n")
    received = b"".join(line.removeprefix(b".") for line in way.splitlines(keepends=True))
    assert received == whole


def test_lines_with_dots_arrive_as_they_were(pair: Pair, ca: Path) -> None:
    message = b"Subject: dots\n\n.\n..one\n.two\r\nend"
    with real_server(pair) as (port, box):
        assert sent(server_at(port, ca_file=ca), message=message).outcome is Outcome.SENT
    assert box.mails[0][2] == b"Subject: dots\r\n\r\n.\r\n..one\r\n.two\r\nend\r\n"


def test_nothing_is_logged(pair: Pair, ca: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted(pair=pair) as (port, _):
        sent(server_at(port, ca_file=ca))
    assert PASSWORD not in caplog.text
    assert base64.b64encode(PASSWORD.encode()).decode() not in caplog.text
