"""Does a mail server take a mail for one recipient, and what does it say?

One connection, one recipient, each step once. A password goes only over TLS whose certificate was verified; where that
cannot be had, nothing is sent at all. UNCONFIRMED is only a mail whose last byte went, and to which no reply came.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import MailAuth, MailServer, Outcome, Reply, Security
from emrnetcheck.model.mail_step import Step
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify, clean
from emrnetcheck.net.lookup import system_addresses
from emrnetcheck.net.secrets import Secret
from emrnetcheck.net.smtp_auth import hide, log_in, way_of
from emrnetcheck.net.smtp_message import END, Letter, options_of, with_dots, with_line_ends
from emrnetcheck.net.smtp_session import HeldOut, Said, Session
from emrnetcheck.net.tcp import endpoint_text

TIMEOUT_S = 120.0
"""For one mail until its last byte went. RFC 5321 (4.5.3.2) has minutes for each step."""
CONFIRM_S = 600.0
"""Then for the server to say that it has it: RFC 5321, 4.5.3.2.6. Who waits less, sends again what had arrived."""
_CONNECT_MOST_S = 20.0  # for one address of several
_GOODBYE_S = 2.0
_LAST_WORD_S = 1.0
_POSITIVE, _TRANSIENT, _PERMANENT = 2, 4, 5
_LOGGED_IN, _GO_ON, _WHO_ARE_YOU = 235, 354, 530


Tell = Callable[[Step], None]

__all__ = ["CONFIRM_S", "TIMEOUT_S", "Step", "Tell", "send"]


class _Ended(Exception):
    """The sending ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.stage)
        self.reply = reply


def send(
    server: MailServer,
    *,
    sender: str,
    recipient: str,
    message: bytes,
    password: Secret | None,
    timeout_s: float = TIMEOUT_S,
    confirm_s: float = CONFIRM_S,
    tell: Tell | None = None,
) -> Reply:
    """Gives the message to the server for this recipient. Whatever goes wrong in the network is in the reply.

    message: RFC 5322; line ends are made CRLF and dots at a line's beginning doubled here. password: the access token
    with XOAUTH2; unused without a user name. timeout_s: for everything until the last byte went, however slowly it
    trickles. confirm_s: for the reply after it. tell: is told each step. Stages: "connect", "tls", "auth", "from",
    "to", "data", "end".
    """
    letter = Letter(sender, recipient, with_line_ends(message))
    return _Sending(server, Deadline.after(timeout_s), confirm_s, tell or (lambda _: None)).run(letter, password)


@dataclass(slots=True)
class _Sending:
    server: MailServer
    deadline: Deadline
    confirm_s: float
    tell: Tell
    stage: str = "connect"
    all_sent: bool = False

    def run(self, letter: Letter, password: Secret | None) -> Reply:
        session: Session | None = None
        try:
            sock = self._connected()
            session = Session(sock, host=self.server.host, helo=self.server.helo, deadline=self.deadline)
            if password is not None:  # a server that was told it before may say it in its greeting already
                hide(session, self.server.username or "", password)
            self._greeted(session)
            self._encrypted(session)
            self._logged_in(session, password)
            reply = self._handed_over(session, letter)
            _goodbye(session)
            return reply
        except _Ended as end:
            if session is not None:
                _goodbye(session)
            return end.reply
        except (OSError, HeldOut) as error:
            outcome = Outcome.UNCONFIRMED if self.all_sent else Outcome.DEFERRED
            failure = classify(error, self.stage, endpoint_text(self.server.host, self.server.port))
            return Reply(outcome, None, "", self.stage, failure)
        finally:
            if session is not None:
                session.close()

    def _connected(self) -> socket.socket:
        server = self.server
        found = system_addresses(server.host, version=None, deadline_s=self.deadline.remaining_s() / 2)
        if isinstance(found, Failure):
            late = found.kind is FailureKind.OUT_OF_TIME
            raise self._failed(FailureKind.NAME_TIMEOUT if late else found.kind, found.detail)
        if server.security is Security.NONE and not all(ipaddress.ip_address(each).is_loopback for each in found):
            why = "without encryption mail is given to this computer only"
            raise self._failed(FailureKind.NOT_CONFIGURED, why, outcome=Outcome.REFUSED)
        for place, address in enumerate(found):
            share_s = min(_CONNECT_MOST_S, self.deadline.remaining_s() / (len(found) - place))
            try:
                sock = socket.create_connection((address, server.port), timeout=max(share_s, 0.001))
            except OSError:
                if place == len(found) - 1:
                    raise
                continue
            self._told(f"{server.host} is at {endpoint_text(address, server.port)}")
            return sock
        raise self._failed(FailureKind.NAME_NO_ADDRESS, "")

    def _greeted(self, session: Session) -> None:
        if self.server.security is Security.TLS:
            self._handshake(session)
        self.stage = "connect"
        self._wanted(session.reply(), "greeting")
        self._wanted(session.hello(), f"EHLO {self.server.helo}")

    def _encrypted(self, session: Session) -> None:
        if self.server.security is not Security.STARTTLS:
            return
        self.stage = "tls"
        if session.offers("STARTTLS") is None:
            raise self._failed(FailureKind.NOT_TLS, "it offers no STARTTLS")
        said = session.command("STARTTLS")
        if said.code // 100 != _POSITIVE:  # whatever the code: mail waits until somebody has mended this
            raise self._ended(said, "STARTTLS", outcome=Outcome.DEFERRED)
        self._handshake(session)
        self._wanted(session.hello(), f"EHLO {self.server.helo}")

    def _handshake(self, session: Session) -> None:
        self.stage = "tls"
        session.begin_tls(_context(self.server.ca_file))
        self._told(f"by {session.protocol()}; the certificate is that of {self.server.host}")

    def _logged_in(self, session: Session, password: Secret | None) -> None:
        username = self.server.username
        if username is None:
            return
        self.stage = "auth"
        if not session.encrypted:
            why = "no password goes over a connection that is not encrypted"
            raise self._failed(FailureKind.NOT_CONFIGURED, why, outcome=Outcome.REFUSED)
        if password is None:
            raise self._failed(FailureKind.NOT_CONFIGURED, "there is no password", outcome=Outcome.REFUSED)
        offered = session.offers("AUTH")
        way = way_of(offered or "", self.server.auth)
        if way is None:
            wanted = "XOAUTH2" if self.server.auth is MailAuth.XOAUTH2 else "a password"
            why = f"the server takes no log-in with {wanted}; it offers: {(offered or '').strip() or 'none'}"
            raise self._failed(FailureKind.UNSUPPORTED, why, outcome=Outcome.REFUSED)
        said = log_in(session, way, username, password)
        self._wanted(said, f"{username}, by {way}", wanted=_LOGGED_IN)

    def _handed_over(self, session: Session, letter: Letter) -> Reply:
        self.stage = "from"
        options = options_of(letter, session)
        if isinstance(options, Reply):
            raise _Ended(options)
        session.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
        said = session.command(" ".join((f"MAIL FROM:<{letter.sender}>", *options)))
        if said.code == _WHO_ARE_YOU:  # RFC 4954, 6: not of this mail: nobody has logged in
            self.stage = "auth"
        self._wanted(said, letter.sender)
        self.stage = "to"
        self._wanted(session.command(f"RCPT TO:<{letter.recipient}>"), letter.recipient)
        self.stage = "data"
        self._wanted(session.command("DATA"), "announced", wanted=_GO_ON)
        self._poured(session, letter.message)
        self.stage, self.all_sent = "end", True
        session.begin_anew(self.confirm_s)
        said = session.reply()
        self.all_sent = False
        what = f"{len(letter.message)} bytes"
        self._wanted(said, what)
        return Reply(Outcome.SENT, said.code, said.text, self.stage)

    def _poured(self, session: Session, message: bytes) -> None:
        """Where the server ends it in the middle, what it said before it did counts more than that it did."""
        try:
            session.send(with_dots(message))
            session.send(END)
        except OSError as error:
            session.hurry(_LAST_WORD_S)
            try:
                said = session.reply()
            except (OSError, HeldOut):
                raise error from None
            raise self._ended(said, "a part of it") from None

    def _wanted(self, said: Said, what: str, wanted: int | None = None) -> None:
        if said.code // 100 != _POSITIVE if wanted is None else said.code != wanted:
            raise self._ended(said, what)
        self._told(what, said)

    def _ended(self, said: Said, what: str, *, outcome: Outcome | None = None) -> _Ended:
        """By what the server said: 5 is for good, 4 for now, anything else makes no sense there."""
        self._told(what, said)
        kind = said.code // 100
        if kind in (_TRANSIENT, _PERMANENT):
            outcome = outcome or (Outcome.DEFERRED if kind == _TRANSIENT else Outcome.REFUSED)
            return _Ended(Reply(outcome, said.code, said.text, self.stage))
        if self.stage == "auth":  # a challenge more than there are answers
            outcome = Outcome.REFUSED
        failure = Failure(FailureKind.MALFORMED, self.stage, self._target(), f"an unexpected reply: {said.code}")
        return _Ended(Reply(outcome or Outcome.DEFERRED, said.code, said.text, self.stage, failure))

    def _failed(self, kind: FailureKind, why: str, *, outcome: Outcome = Outcome.DEFERRED) -> _Ended:
        return _Ended(Reply(outcome, None, "", self.stage, Failure(kind, self.stage, self._target(), clean(why))))

    def _told(self, what: str, said: Said | None = None) -> None:
        self.tell(Step(self.stage, what, said.code if said else None, said.text if said else ""))

    def _target(self) -> str:
        return endpoint_text(self.server.host, self.server.port)


def _context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies the certificate and the name in it. ca_file: authorities beside the system's."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _goodbye(session: Session) -> None:
    """The mail's fate is known: nothing that goes wrong from here on matters."""
    session.hurry(_GOODBYE_S)
    try:
        session.command("QUIT")
    except (OSError, HeldOut):
        pass
