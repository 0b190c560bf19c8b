"""A resolver that takes its time: each question is passed on to another one, and its answer comes later."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from pathlib import Path

_TIMEOUT_S = 5.0


def _serve_one(sock: socket.socket, question: bytes, peer: tuple[str, int], behind: str, delay_s: float) -> None:
    time.sleep(delay_s)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
        onward.settimeout(_TIMEOUT_S)
        onward.connect((behind, 53))
        onward.send(question)
        try:
            sock.sendto(onward.recv(65_535), peer)
        except OSError:
            pass  # no answer is no answer here either


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((settings["address"], 53))
    while True:
        question, peer = sock.recvfrom(65_535)
        arguments = (sock, question, peer, settings["behind"], settings["delay_ms"] / 1000)
        threading.Thread(target=_serve_one, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv)
