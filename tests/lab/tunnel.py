"""A VPN's own packets: what goes into the tunnel device comes out of the one at the other end, over UDP.

python tunnel.py DEVICE LOCAL_ADDRESS:PORT [PEER_ADDRESS:PORT]; without a peer it answers whoever spoke last.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import socket
import struct
import sys

# linux/if_tun.h
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET_MAX_BYTES = 65_535


def open_device(name: str) -> int:
    """The file of a tunnel device, which is made by this and is gone when the file is closed."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return device


def endpoint(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    return address, int(port)


def main(argv: list[str]) -> None:
    device = open_device(argv[1])
    peer = endpoint(argv[3]) if len(argv) > 3 else None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, selectors.DefaultSelector() as selector:
        sock.bind(endpoint(argv[2]))
        selector.register(device, selectors.EVENT_READ)
        selector.register(sock, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sock:
                    packet, peer = sock.recvfrom(_PACKET_MAX_BYTES)
                    os.write(device, packet)
                else:
                    packet = os.read(device, _PACKET_MAX_BYTES)
                    if peer is not None:
                        sock.sendto(packet, peer)


if __name__ == "__main__":
    main(sys.argv)
