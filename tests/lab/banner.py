"""A server that is no EMR: it says its name first, as SSH does. Run as `python -m tests.lab.banner PORT`."""

from __future__ import annotations

import socketserver
import sys

_BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"


class _Greeter(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        try:
            self.request.sendall(_BANNER)
            self.request.recv(4096)
        except OSError:
            pass  # it went away: a port is only knocked at, too


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    _Server(("0.0.0.0", int(sys.argv[1])), _Greeter).serve_forever()
