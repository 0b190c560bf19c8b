"""Does the guard of conftest.py really stop a test that leaves this computer?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

_OUTSIDE = ("192.0.2.1", 9)  # RFC 5737: nobody, even if the guard should fail


def _connect() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(_OUTSIDE)


def _connect_ex() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect_ex(_OUTSIDE)


def _send() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"", 0, _OUTSIDE)


def _look_up() -> None:
    socket.getaddrinfo("example.invalid", 80)


@pytest.mark.parametrize("stray", [_connect, _connect_ex, _send, _look_up])
def test_stray_traffic_fails_the_test(stray: Callable[[], None], stay_on_this_computer: list[str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="left this computer"):
        stray()
    stay_on_this_computer.clear()


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        client.close()
        accepted.close()


def test_stray_in_a_thread_is_remembered(stay_on_this_computer: list[str]) -> None:
    def stray() -> None:
        with pytest.raises(pytest.fail.Exception):
            _connect()

    thread = threading.Thread(target=stray)
    thread.start()
    thread.join()
    assert stay_on_this_computer == ["connect ('192.0.2.1', 9)"]
    stay_on_this_computer.clear()
