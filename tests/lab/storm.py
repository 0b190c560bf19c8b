"""Broadcasts without end, as a loop between two switches makes them: python -m tests.lab.storm INTERFACE MBPS"""

from __future__ import annotations

import socket
import sys
import time

_FRAME_BYTES = 1000
_TICK_S = 0.005
_BROADCAST = b"\xff" * 6
_EXPERIMENTAL = b"\x88\xb5"  # IEEE 802.1 local experimental: nobody answers it, and everybody gets it


def main(argv: list[str]) -> None:
    interface, mbps = argv[1], float(argv[2])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((interface, 0))
        frame = (_BROADCAST + sock.getsockname()[4] + _EXPERIMENTAL).ljust(_FRAME_BYTES, b"\0")
        began_s, sent = time.monotonic(), 0
        while True:
            # Held to the rate by the clock: one that was late makes up for it, so the storm is as strong as it says.
            due = int((time.monotonic() - began_s) * mbps * 1e6 / 8 / _FRAME_BYTES)
            for _ in range(due - sent):
                sock.send(frame)
            if due and not sent:
                print("begun")
            sent = due
            time.sleep(_TICK_S)


if __name__ == "__main__":
    main(sys.argv)
