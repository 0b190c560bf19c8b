"""How is SMTP spoken with a server that may be slow, endless or hostile, and how is TLS begun in the middle of it?

smtplib has the commands and reads what a server offers. What it leaves unbounded is bounded here: the time of the whole
exchange, the length of a line, of a reply and of all replies. It never looks up this computer's own name.
"""

from __future__ import annotations

import errno
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emrnetcheck.model.mail import REPLY_TEXT_CHARS
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import clean
from emrnetcheck.net.handshake import shake_hands

if TYPE_CHECKING:
    from typing_extensions import Buffer

LINE_MAX_BYTES = 4096
"""RFC 5321, 4.5.3.1.5: a line of a reply has at most 512 octets; some servers write longer ones."""
REPLY_MAX_BYTES = 32 * 1024
ALL_REPLIES_MAX_BYTES = 256 * 1024
_PIECE_BYTES = 16 * 1024
_SHOWN_CHARS = 60
_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})([ -].*)?", re.DOTALL)
_NOT_UNDERSTOOD = (500, 502)
_SHORTEST_SECRET = 4  # a shorter one would be found in ordinary words


@dataclass(frozen=True, slots=True)
class Said:
    """One reply of a server. text: made safe to show."""

    code: int
    text: str


class HeldOut(ValueError):
    """The server does not follow the protocol. The message holds nothing that could not be shown."""


@dataclass(slots=True)
class Hidden:
    """What must not be seen in a reply, however a server comes to say it: passwords, and what is made of them."""

    _words: list[str] = field(default_factory=list)

    def hide(self, *words: str) -> None:
        """Also these, from now on."""
        self._words += [word for word in words if len(word) >= _SHORTEST_SECRET]
        self._words.sort(key=len, reverse=True)

    def out_of(self, text: str) -> str:
        """The text without them."""
        for word in self._words:
            text = text.replace(word, "[hidden]")
        return text

    def __repr__(self) -> str:
        return "Hidden()"


class Session(smtplib.SMTP):
    """One connection to a mail server. Raises OSError (ssl's too) and HeldOut; closed by whoever opened it."""

    def __init__(self, sock: socket.socket, *, host: str, helo: str, deadline: Deadline) -> None:
        """helo: the name that is said for this computer. deadline: for everything together."""
        super().__init__(local_hostname=helo)  # without: smtplib asks DNS for this computer's name, and tells it
        self.sock = sock
        self.hidden = Hidden()
        self.encrypted = False
        self._server_name = host
        self._deadline = deadline
        self._unread = b""
        self._read_bytes = 0

    def command(self, line: str) -> Said:
        """One command, and what the server replies."""
        self.putcmd(line)
        return self.reply()

    def reply(self) -> Said:
        """What the server says next."""
        return self._shown(*self.getreply())

    def hello(self) -> Said:
        """EHLO; where the server does not know that, HELO, and then it offers nothing."""
        said = self._shown(*self.ehlo())
        return self._shown(*self.helo()) if said.code in _NOT_UNDERSTOOD else said

    def begin_tls(self, context: ssl.SSLContext) -> None:
        """TLS from here on. What the server offered before is forgotten: anybody on the way could have written it."""
        if self._unread:  # RFC 3207, 4.2; somebody on the way may have put words in that would seem to be said by TLS
            raise HeldOut("the server went on talking before the encryption began")
        self.sock = shake_hands(self._connection(), context, self._server_name, self._deadline)
        self.encrypted = True
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def hurry(self, seconds: float) -> None:
        """The rest has to be done within this time, if less is left than that, within the less."""
        self._deadline = Deadline.after(min(seconds, self._deadline.remaining_s()))

    def begin_anew(self, seconds: float) -> None:
        """The rest has this time, whatever is left of the time before."""
        self._deadline = Deadline.after(seconds)

    def protocol(self) -> str:
        """The version of TLS, such as "TLSv1.3"; "" without."""
        return self.sock.version() or "" if isinstance(self.sock, ssl.SSLSocket) else ""

    def offers(self, extension: str) -> str | None:
        """What the server says beside an extension of SMTP (in capitals); None where it does not offer it."""
        if not self.has_extn(extension):
            return None
        return str(self.esmtp_features[extension.lower()]).upper()

    def send(self, s: Buffer | str) -> None:
        """All of it, within the time that is left. Where it raises, the last byte of it has not gone."""
        rest = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s).cast("B")
        while rest:
            sock = self._ready()
            rest = rest[sock.send(rest[:_PIECE_BYTES]) :]

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, with all bounds: (code, the lines without their codes)."""
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            found = _REPLY_LINE.fullmatch(line)
            if found is None:
                shown = self.hidden.out_of(clean(line.decode("utf-8", "replace"), _SHOWN_CHARS))
                raise HeldOut(f"no reply of a mail server: {shown}" if shown else "an empty line instead of a reply")
            if size > REPLY_MAX_BYTES:
                raise HeldOut("the reply has no end")
            rest = found[2] or b""
            lines.append(rest[1:])
            if rest[:1] != b"-":
                return int(found[1]), b"\n".join(lines)

    def _line(self) -> bytes:
        """The next line, without its end. What has come after it waits."""
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > LINE_MAX_BYTES:
                raise HeldOut("a line of the reply has no end")
            piece = self._ready().recv(_PIECE_BYTES)
            if not piece:
                raise ConnectionResetError(errno.ECONNRESET, "the server ended the connection")
            self._read_bytes += len(piece)
            if self._read_bytes > ALL_REPLIES_MAX_BYTES:
                raise HeldOut("the server talks without end")
            self._unread += piece
        line, self._unread = self._unread[:end], self._unread[end + 1 :]
        return line.removesuffix(b"\r")

    def _ready(self) -> socket.socket:
        """The socket, to be waited for until the deadline and no longer."""
        if self._deadline.passed():
            raise TimeoutError
        sock = self._connection()
        sock.settimeout(max(self._deadline.remaining_s(), 0.001))
        return sock

    def _connection(self) -> socket.socket:
        if self.sock is None:
            raise ConnectionResetError(errno.ECONNRESET, "the connection is closed")
        return self.sock

    def _shown(self, code: int, text: bytes) -> Said:
        words = self.hidden.out_of(text.decode("utf-8", "replace"))
        return Said(code, self.hidden.out_of(clean(words, REPLY_TEXT_CHARS)))
