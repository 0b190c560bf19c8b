"""A greylist for Postfix: who is new is asked to come back, and is taken the second time (SMTPD_POLICY_README)."""

from __future__ import annotations

import socketserver

LISTENS = ("127.0.0.1", 10023)
_DEFERRED = "451 4.7.1 Greylisted, please come back in 300 seconds"


class _Policy(socketserver.StreamRequestHandler):
    known: set[tuple[str, str, str]] = set()  # noqa: RUF012 - of all connections: a greylist has one memory

    def handle(self) -> None:
        asked: dict[str, str] = {}
        for line in self.rfile:
            name, mark, value = line.decode("utf-8", "replace").rstrip("\n").partition("=")
            if mark:
                asked[name] = value
                continue
            triplet = (asked.get("client_address", ""), asked.get("sender", ""), asked.get("recipient", ""))
            action = "DUNNO" if triplet in self.known else _DEFERRED
            self.known.add(triplet)
            self.wfile.write(f"action={action}\n\n".encode())
            asked = {}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main() -> None:
    with _Server(LISTENS, _Policy) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
