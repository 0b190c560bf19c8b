"""A name server whose answers over UDP are all cut (TC), so that TCP is needed: which leads on, or is shut."""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path

_RESPONSE, _CUT = 0x80, 0x02
_QUESTION_MAX_BYTES = 512


def cut_forever(sock: socket.socket) -> None:
    """Each question comes back as an answer with nothing in it but "ask over TCP"."""
    while True:
        question, peer = sock.recvfrom(_QUESTION_MAX_BYTES)
        if len(question) > len(b"the header: "):
            sock.sendto(question[:2] + bytes([question[2] | _RESPONSE | _CUT]) + question[3:], peer)


def relay_forever(listener: socket.socket, server: tuple[str, int]) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_relay, args=(connection, server), daemon=True).start()


def _relay(connection: socket.socket, server: tuple[str, int]) -> None:
    with connection, socket.create_connection(server, timeout=5) as behind:
        connection.settimeout(5)
        back = threading.Thread(target=_pump, args=(behind, connection), daemon=True)
        back.start()
        _pump(connection, behind)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side went away


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((settings["address"], 53))
    if settings["behind"] is not None:
        listener = socket.create_server((settings["address"], 53))
        threading.Thread(target=relay_forever, args=(listener, (settings["behind"], 53)), daemon=True).start()
    cut_forever(udp)


if __name__ == "__main__":
    main(sys.argv)
