"""Mail servers on loopback: a real one (aiosmtpd, with STARTTLS and log-in), and one that does what a test tells it."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from emrnetcheck.model.mail import MailAuth, MailServer, Security
from tests.servers import LOOPBACK, tcp_server
from tests.tls_servers import Pair, server_context

USER, PASSWORD = "office@example.org", "correct horse bätteri"
Answer = bytes | None | Callable[[socket.socket], None]
"""What a server does at a command: says it, ends the connection (None), or anything else."""


def server_at(
    port: int,
    *,
    security: Security = Security.STARTTLS,
    username: str | None = USER,
    auth: MailAuth = MailAuth.PASSWORD,
    ca_file: Path | None = None,
    host: str = "localhost",
) -> MailServer:
    return MailServer(host, port, security, username, "clinic.example.org", auth, str(ca_file) if ca_file else None)


@dataclass(slots=True)
class Box:
    """What a real server took, and what was tried at it."""

    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    log_ins: list[tuple[str, bool]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((str(envelope.mail_from), [str(each) for each in envelope.rcpt_tos], content))
        self.names.append(str(session.host_name))
        return "250 2.0.0 queued as 4711"

    def allows(self, _server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        self.log_ins.append((mechanism, right))
        return AuthResult(success=right, handled=right)


@contextmanager
def real_server(pair: Pair, *, ways: Sequence[str] = ("PLAIN", "LOGIN"), most_bytes: int = 1_000_000) -> Iterator[Any]:
    """(port, box) of aiosmtpd, which demands STARTTLS and then a log-in."""
    box = Box()

    def factory() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of options that belong together
            return SMTP(
                box,
                hostname="mail.example.org",
                tls_context=server_context(pair),
                require_starttls=True,
                auth_required=True,
                authenticator=box.allows,
                auth_exclude_mechanism=[way for way in ("PLAIN", "LOGIN") if way not in ways],
                data_size_limit=most_bytes,
                loop=loop,
            )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(loop.create_server(factory, LOOPBACK, 0), loop).result(timeout=30)
    try:
        yield listening.sockets[0].getsockname()[1], box
    finally:
        asyncio.run_coroutine_threadsafe(_ended(listening), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


async def _ended(listening: asyncio.Server) -> None:
    """Nothing of it is left to warn of: not its port, no conversation under way."""
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait(others, timeout=5) if others else None
    for other in others:
        other.cancel()
    await asyncio.sleep(0)


@dataclass(slots=True)
class Heard:
    """What a server by script was told: its commands, and the mail's own bytes as they came."""

    commands: list[str] = field(default_factory=list)
    mail: bytes = b""
    connections: int = 0

    def verbs(self) -> list[str]:
        return [command.split(" ")[0].upper() for command in self.commands]

    def credentials(self) -> list[str]:
        """What was sent to log in, decoded."""
        words = [command.split(" ")[-1] for command in self.commands if command.startswith("AUTH ")]
        return [base64.b64decode(word).decode() for word in words if word not in ("LOGIN", "CRAM-MD5")]


OFFERS = ("PIPELINING", "SIZE 1000000", "8BITMIME")
_ANSWERS: Mapping[str, Answer] = {
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"250 2.1.5 Ok\r\n",
    "DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    ".": b"250 2.0.0 Ok: queued as 4711\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
    "AUTH": b"235 2.7.0 Authentication successful\r\n",
    "STARTTLS": b"220 2.0.0 Ready to start TLS\r\n",
}


@contextmanager
def scripted(
    answers: Mapping[str, Answer] | None = None,
    *,
    pair: Pair | None = None,
    tls_at_once: bool = False,
    offers: Sequence[str] = OFFERS,
    offers_in_tls: Sequence[str] = (*OFFERS, "AUTH PLAIN LOGIN"),
    greeting: Answer = b"220 mail.example.org ESMTP\r\n",
) -> Iterator[tuple[int, Heard]]:
    """(port, what it was told). With a pair it offers STARTTLS. answers: by the first word of a command."""
    heard, told = Heard(), {**_ANSWERS, **(answers or {})}

    def handle(connection: socket.socket) -> None:
        heard.connections += 1
        _Talk(connection, heard, told, offers, offers_in_tls, pair).run(greeting)

    at_once = server_context(pair) if pair is not None and tls_at_once else None
    with tcp_server(handle, tls=at_once) as port:
        yield port, heard


@dataclass(slots=True)
class _Talk:
    connection: socket.socket
    heard: Heard
    answers: Mapping[str, Answer]
    offers: Sequence[str]
    offers_in_tls: Sequence[str]
    pair: Pair | None
    unread: bytes = b""

    def run(self, greeting: Answer) -> None:
        try:
            going_on = self.give(greeting)
            while going_on and (command := self.line()) is not None:
                verb, _, rest = command.partition(" ")
                self.heard.commands.append(f"{verb.upper()} {rest}" if verb.isalpha() and rest else command)
                going_on = self.obey(command.split(" ")[0].upper())
        finally:
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.close()

    def obey(self, verb: str) -> bool:
        if verb in ("EHLO", "HELO") and verb not in self.answers:
            secure = isinstance(self.connection, ssl.SSLSocket)
            offers = ["mail.example.org", *(self.offers_in_tls if secure else self.offers)]
            offers += ["STARTTLS"] if self.pair is not None and not secure else []
            lines = [f"250{' ' if place == len(offers) - 1 else '-'}{each}" for place, each in enumerate(offers)]
            return self.give("".join(f"{line}\r\n" for line in lines).encode())
        answer = self.answers.get(verb, b"500 5.5.2 what?\r\n")
        going_on = self.give(answer)
        if verb == "STARTTLS" and answer == _ANSWERS["STARTTLS"]:
            assert self.pair is not None
            self.connection = server_context(self.pair).wrap_socket(self.connection, server_side=True)
        if verb == "DATA" and isinstance(answer, bytes) and answer.startswith(b"354"):
            return self.take_mail()
        return going_on and verb != "QUIT"

    def take_mail(self) -> bool:
        while not (self.unread.endswith(b"\r\n.\r\n") or self.unread == b".\r\n"):
            piece = self.connection.recv(65536)
            if not piece:
                return False
            self.unread += piece
        self.heard.mail, self.unread = self.unread.removesuffix(b".\r\n"), b""
        return self.give(self.answers["."])

    def give(self, answer: Answer) -> bool:
        if answer is None:
            return False
        if callable(answer):
            answer(self.connection)
            return True
        self.connection.sendall(answer)
        return True

    def line(self) -> str | None:
        while b"\n" not in self.unread:
            piece = self.connection.recv(4096)
            if not piece:
                return None
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode().rstrip("\r")
