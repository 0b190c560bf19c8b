"""What answers on the router's own port where it can be administered from outside: HTTPS and a log-in page.

python -m tests.lab.router_page PORT FOLDER
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PAGE = b"""<!DOCTYPE html>
<html><head><title>Router login</title></head>
<body><h1>Router login</h1>
<form method="post" action="/cgi-bin/login">
<input name="user"><input name="password" type="password"><button>Log in</button>
</form></body></html>
"""


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "httpd"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        self._answer(_PAGE)

    def do_HEAD(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    """The handshake is each connection's own: a peer that says nothing keeps nobody else waiting."""

    daemon_threads = True
    context: ssl.SSLContext

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """A peer that only looks whether somebody is there is no error."""


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Certificate and key, such as a router makes for itself at its first start."""
    certificate, key = folder / "router.pem", folder / "router.key"
    argv = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-subj", "/CN=router.lan", "-days", "3650", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)
    return certificate, key


def main(port: int, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(folder))
    with _Server(("", port), _Page) as server:
        server.context = context
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
