"""Whoever is at the other end of a dial, it ends in time and tells only what it should."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from unittest import mock

import pytest

from emrnetcheck.model import Failure
from emrnetcheck.net import dial_back as dial_back_module
from emrnetcheck.net.dial_back import Dialled, DialState, dial_back

HERE = "127.0.0.1"


def dialled(port: int, *, certificate: bool = True, timeout_s: float = 0.5) -> Dialled | Failure:
    return asyncio.run(dial_back(HERE, port, timeout_s=timeout_s, certificate=certificate))


@contextlib.contextmanager
def saying(what: bytes, times: int = 1) -> Iterator[int]:
    """A server that says this to the first who comes."""
    with socket.create_server((HERE, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as came:
                came.settimeout(5)
                for _ in range(times):
                    came.sendall(what)
                while came.recv(65536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    ("what", "times", "speaks_tls"),
    [
        (b"", 1, None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 1, False),
        (b"\x16\x03\x03\x40\x00" + b"\0" * 16384, 100, None),
        (b"\x15\x03\x03\x00\x02\x02\x28", 1, None),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 1, False),
        (b"\xff" * 65536, 100, False),
    ],
    ids=["silent", "ssh", "endless handshake", "alert", "plain HTTP", "garbage"],
)
def test_what_is_no_tls_is_open_and_has_no_certificate(what: bytes, times: int, speaks_tls: bool | None) -> None:
    with saying(what, times) as port:
        found = dialled(port)
    assert isinstance(found, Dialled)
    assert (found.state, found.fingerprint_sha256, found.speaks_tls) == (DialState.OPEN, None, speaks_tls)


def test_whoever_is_dialled_chooses_no_numbers_to_compute_with() -> None:
    names = [cipher["name"] for cipher in dial_back_module.any_tls().get_ciphers()]
    assert "AES128-SHA" in names  # an old Tomcat
    assert not [name for name in names if name.startswith(("DH", "ADH")) or "PSK" in name or "SRP" in name]


def test_the_handshake_of_one_holds_up_nobody() -> None:
    """Not even where each step of it takes long."""
    others_had_their_turn = threading.Event()

    async def both(port: int) -> Dialled | Failure:
        looking = asyncio.create_task(dial_back(HERE, port, timeout_s=5.0, certificate=True))
        await asyncio.sleep(0.05)
        others_had_their_turn.set()
        return await looking

    def step(_self: ssl.SSLObject) -> None:
        assert others_had_their_turn.wait(5.0)
        raise ssl.SSLError("enough")

    with saying(b"") as port, mock.patch.object(ssl.SSLObject, "do_handshake", step):
        found = asyncio.run(both(port))
    assert isinstance(found, Dialled)


def test_a_time_out_of_this_computer_is_none_of_the_other() -> None:
    assert isinstance(dial_back_module.silent(3600.0, 3.0, "x"), Failure)
    assert dial_back_module.silent(3100.0, 3.0, "x") == Dialled(DialState.TIMEOUT, 3100.0)


def test_nobody_is_there() -> None:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    found = dialled(port)
    assert isinstance(found, Dialled)
    assert found.state is DialState.REFUSED


def test_silence_is_a_time_out() -> None:
    """A listener whose queue is full drops what comes, as a firewall does."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind((HERE, 0))
        listener.listen(0)
        where = listener.getsockname()
        for _ in range(4):
            plug = stack.enter_context(socket.socket())
            plug.setblocking(False)
            plug.connect_ex(where)
        found = dialled(where[1], timeout_s=0.3)
    assert isinstance(found, Dialled)
    assert found.state is DialState.TIMEOUT
