"""No test talks to anything but this computer: a stray connection fails the test that made it."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_LOCAL_NAMES = frozenset({None, "", "localhost", socket.gethostname()})

# How long an example takes says nothing on a busy machine; each test has pytest's time-out.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", errors="replace")
    if host in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(autouse=True)
def stay_on_this_computer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was tried, so that the guard can be tested too.

    Tests marked `lab` are left alone: what they start lives in namespaces that lead nowhere.
    """
    if request.node.get_closest_marker("lab") is not None:
        yield []
        return
    strays: list[str] = []

    def refuse(what: str) -> None:
        strays.append(what)
        # pytest.fail, because it is no Exception: nothing that catches errors of the network, or bugs, swallows it.
        pytest.fail(f"a test left this computer: {what}")

    def guard_address(name: str) -> None:
        real: Callable[..., Any] = getattr(socket.socket, name)

        def guarded(self: socket.socket, *arguments: Any) -> Any:
            where = arguments[-1]
            if (
                self.family in (socket.AF_INET, socket.AF_INET6)
                and isinstance(where, tuple)
                and not _is_local(where[0])
            ):
                self.close()
                refuse(f"{name} {where}")
            return real(self, *arguments)

        monkeypatch.setattr(socket.socket, name, guarded)

    for name in ("connect", "connect_ex", "sendto"):
        guard_address(name)
    real_look_up = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        if not _is_local(host):
            refuse(f"getaddrinfo {host}")
        return real_look_up(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield strays
    # In a thread that nobody waits for, the failure above would go unseen.
    assert not strays, strays


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Ctrl-C is a KeyboardInterrupt, also where the tests were started in the background: a shell has its background
    jobs ignore SIGINT, and Python then leaves it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
