"""An EMR whose TLS does not come about: python -m tests.lab.emr_broken_tls PORT HOW CERTIFICATE KEY

It tells whoever speaks plain HTTP that it wants TLS, as nginx, Apache and Tomcat do.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import time

_WANTS_TLS = (
    b"HTTP/1.1 400 \r\nConnection: close\r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n"
)
_HANDSHAKE = b"\x16"
_HANGS_S = 30.0


class _Broken(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        try:
            first = self.request.recv(1, socket.MSG_PEEK)
            if first and first != _HANDSHAKE:
                self.request.recv(4096)
                self.request.sendall(_WANTS_TLS)
            elif first and server.how == "hangs":
                time.sleep(_HANGS_S)
            elif first and server.how == "wants_certificate":
                server.context.wrap_socket(self.request, server_side=True)
        except OSError:
            pass  # it went away, or has no certificate: that is what this is for


class Server(socketserver.ThreadingTCPServer):
    """how: "cuts", "hangs" or "wants_certificate" (of the visitor's own, in TLS 1.2)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, how: str, certificate: str, key: str) -> None:
        super().__init__(("0.0.0.0", port), _Broken)
        self.how = how
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.load_verify_locations(certificate)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2


if __name__ == "__main__":
    Server(int(sys.argv[1]), *sys.argv[2:5]).serve_forever()
