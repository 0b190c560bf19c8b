"""A program that waits until every endpoint of the lab's Internet answers, from inside its namespace."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal

_ATTEMPT_TIMEOUT_S = 0.5
_PAUSE_S = 0.02
_STUN_COOKIE = 0x2112A442


@dataclass(frozen=True, slots=True)
class Endpoint:
    kind: Literal["dns", "tcp", "stun", "listening"]
    address: str
    port: int
    name: str = ""
    """The name to ask a DNS server for."""
    timeout_s: float = _ATTEMPT_TIMEOUT_S
    """Of one attempt: longer than what is slow on purpose."""


def save(endpoints: list[Endpoint], path: Path) -> None:
    path.write_text(json.dumps([astuple(endpoint) for endpoint in endpoints]))


def answers(endpoint: Endpoint) -> bool:
    try:
        if endpoint.kind == "listening":
            return _is_listening(endpoint)
        if endpoint.kind == "tcp":
            socket.create_connection((endpoint.address, endpoint.port), timeout=endpoint.timeout_s).close()
            return True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(endpoint.timeout_s)
            sock.connect((endpoint.address, endpoint.port))
            sock.send(_dns_query(endpoint.name) if endpoint.kind == "dns" else _stun_request())
            reply = sock.recv(2048)
    except OSError:
        return False
    return _is_dns_answer(reply) if endpoint.kind == "dns" else reply[:2] == b"\x01\x01"


def _is_listening(endpoint: Endpoint) -> bool:
    """From the kernel's table: iperf3 would take a connection that says nothing for a broken client."""
    listen = "0A"
    octets = (
        socket.inet_aton(endpoint.address)[::-1] if sys.byteorder == "little" else socket.inet_aton(endpoint.address)
    )
    wanted = f"{octets.hex().upper()}:{endpoint.port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(row[1] == wanted and row[3] == listen for row in rows)


def _dns_query(name: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    recursion_desired = 0x0100
    return struct.pack("!6H", 1, recursion_desired, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def _is_dns_answer(reply: bytes) -> bool:
    """Any answer but SERVFAIL and REFUSED: those mean a server that is not ready."""
    no_error, name_error = 0, 3
    return len(reply) > 3 and reply[3] & 0x0F in (no_error, name_error)


def _stun_request() -> bytes:
    return struct.pack("!HHI", 1, 0, _STUN_COOKIE) + os.urandom(12)


def main(argv: list[str]) -> int:
    path, timeout_s = Path(argv[1]), float(argv[2])
    waiting = [Endpoint(*each) for each in json.loads(path.read_text())]
    deadline = time.monotonic() + timeout_s
    while True:
        waiting = [endpoint for endpoint in waiting if not answers(endpoint)]
        if not waiting:
            return 0
        if time.monotonic() > deadline:
            sys.stderr.write("no answer from: " + ", ".join(map(str, waiting)) + "\n")
            return 1
        time.sleep(_PAUSE_S)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
