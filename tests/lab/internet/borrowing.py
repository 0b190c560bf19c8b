"""A name server that has its answers from another one, and so does not call them its own: without AA."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

_AUTHORITATIVE = 0x04  # in the third byte of the header (RFC 1035 section 4.1.1)
_TIMEOUT_S = 2.0


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((settings["address"], 53))
    while True:
        question, peer = sock.recvfrom(65_535)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
            onward.settimeout(_TIMEOUT_S)
            onward.connect((settings["behind"], 53))
            try:
                onward.send(question)
                answer = onward.recv(65_535)
            except OSError:
                continue  # no answer is no answer here either
        sock.sendto(answer[:2] + bytes([answer[2] & ~_AUTHORITATIVE]) + answer[3:], peer)


if __name__ == "__main__":
    main(sys.argv)
