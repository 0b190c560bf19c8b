"""What else listens on a host: each port takes connections, and says at most what a MariaDB says first.

python -m tests.lab.listeners ADDRESS:PORT...
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys

_MARIADB = 3306
_GREETING = b"\x4a\x00\x00\x00\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\x00"


def main(places: list[str]) -> None:
    with selectors.DefaultSelector() as selector:
        for place in places:
            address, port = place.rsplit(":", 1)
            selector.register(socket.create_server((address, int(port))), selectors.EVENT_READ, int(port))
        while True:
            for key, _ in selector.select():
                listener = key.fileobj
                assert isinstance(listener, socket.socket)
                with contextlib.suppress(OSError), listener.accept()[0] as connection:
                    if key.data == _MARIADB:
                        connection.sendall(_GREETING)


if __name__ == "__main__":
    main(sys.argv[1:])
