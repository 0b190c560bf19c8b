"""An EMR's port that does what no honest server does: python -m tests.lab.emr_program ADDRESS PORT HOW [CERT KEY]

Where HOW is slow, the seconds that a page takes are read anew from the file named by TAKES.
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
import threading
import time
from pathlib import Path

TAKES = "EMRNETCHECK_LAB_PAGE_S"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_PAGE = b'<title>OSCAR Login</title><form action="/oscar/login.do"><input type="password" name="pin"></form>'
_SLOW_TLS_S, _SLOW_REST_S, _SLOW_REDIRECT_S = 2.5, 5.0, 3.0
_HOSTILE = (
    _HEAD
    + b"Server: \x1b[2J\x1b]0;owned\x07nginx\r\nLocation: \x1b[31mred\r\n\r\n"
    + b"<title>\x1b[1mO\x00SC\xe2\x80\xaeAR &#27;[2J"
    + b"<title" * 100_000
    + b"</title><a>" * 20_000
)


def answer(connection: socket.socket, how: str, asked: bytes) -> None:
    """What is done with one connection that asked."""
    if how == "slow":
        time.sleep(float(Path(os.environ[TAKES]).read_text()))
        connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % len(_PAGE) + _PAGE)
    elif how == "rest_slow":
        connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % (len(_PAGE) + 9) + _PAGE)
        time.sleep(_SLOW_REST_S)
        connection.sendall(b"</html>\r\n")
    elif how == "sends_on_slow" and b"/login" not in asked.split(b"\r\n")[0]:
        time.sleep(_SLOW_REDIRECT_S)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /oscar/login\r\nContent-Length: 0\r\n\r\n")
    elif how in ("sends_on_slow", "tls_slow"):
        connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % len(_PAGE) + _PAGE)
    elif how == "garbage":
        connection.sendall(b"\x00\x01\x02 this is \x1b[31m no HTTP\r\n\r\n" * 50)
    elif how == "silent":
        time.sleep(60)
    elif how == "endless":
        connection.sendall(_HEAD + b"\r\n" + _PAGE)
        while True:
            connection.sendall(b"<p>and on and on</p>" * 2000)
    elif how == "trickles":
        connection.sendall(_HEAD + b"\r\n" + _PAGE)
        while True:
            connection.sendall(b".")
            time.sleep(0.1)
    elif how == "hostile":
        connection.sendall(_HOSTILE)


def serve(connection: socket.socket, context: ssl.SSLContext | None, how: str) -> None:
    """One connection, from its handshake on."""
    if how == "tls_slow":
        time.sleep(_SLOW_TLS_S)
    try:
        with connection, context.wrap_socket(connection, server_side=True) if context else connection as spoken:
            asked = b""
            while b"\r\n\r\n" not in asked and (piece := spoken.recv(4096)):
                asked += piece
            if asked:
                answer(spoken, how, asked)
    except OSError:
        pass  # whoever asked went away


def main(argv: list[str]) -> None:
    address, port, how, *files = argv[1:]
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    with socket.create_server((address, int(port)), backlog=1 if how == "hung" else 64) as listener:
        waiting = []
        while how == "hung":
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
            time.sleep(0.01 if len(waiting) < 9 else 3600)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context, how), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv)
