"""Tells the whole LAN whose an address is: python -m tests.lab.announce INTERFACE ADDRESS EVERY_S PHASE_S

Always PHASE_S after a whole number of EVERY_S of the machine's clock: two that tell it in turns stay in turns.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

_BROADCAST = b"\xff" * 6
_ARP = b"\x08\x06"


def main(argv: list[str]) -> None:
    interface, address, every_s, phase_s = argv[1], socket.inet_aton(argv[2]), float(argv[3]), float(argv[4])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((interface, 0))
        own = sock.getsockname()[4]
        # A request for the own address, as a computer sends it when it comes up (RFC 5227, 2.3).
        question = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + address + bytes(6) + address
        while True:
            time.sleep(every_s - (time.monotonic() - phase_s) % every_s)
            sock.send((_BROADCAST + own + _ARP + question).ljust(60, b"\0"))


if __name__ == "__main__":
    main(sys.argv)
