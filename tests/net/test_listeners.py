"""Are listeners on this computer found with the addresses they are bound to?"""

from __future__ import annotations

import os
import socket

import psutil
import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import listeners
from emrnetcheck.net.programs import output_of
from tests.servers import closed_tcp_port


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_listener_is_found_with_its_address(bind: str) -> None:
    with socket.create_server((bind, 0)) as server:
        found = listeners.listening_on(server.getsockname()[1])
        if isinstance(found, Failure):
            pytest.skip(f"this system does not show its listeners: {found.in_words()}")
        assert found == (bind,)


def test_connections_are_no_listeners() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        port = client.getsockname()[1]
        found = listeners.listening_on(port)
        client.close()
        accepted.close()
    assert isinstance(found, Failure) or found == ()


def test_closed_port_has_no_listener() -> None:
    found = listeners.listening_on(closed_tcp_port())
    assert isinstance(found, Failure) or found == ()


def test_forbidden_table_is_a_matter_of_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(kind: str) -> None:
        raise psutil.AccessDenied(pid=os.getpid())

    monkeypatch.setattr(psutil, "net_connections", forbidden)
    found = listeners.listening_on(1)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.PERMISSION


def test_missing_program_is_unsupported() -> None:
    said = output_of(["emrnetcheck-no-such-program"])
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED


def test_listeners_of_a_list_are_found_with_port_address_and_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("0.0.0.0", 0)) as other:
        ports = [one.getsockname()[1], other.getsockname()[1]]
        found = listeners.listening_at([*ports, closed_tcp_port()])
    if isinstance(found, Failure):
        pytest.skip(f"this system does not show its listeners: {found.in_words()}")
    assert {bound.port: bound.addresses for bound in found} == {ports[0]: ("127.0.0.1",), ports[1]: ("0.0.0.0",)}
    assert all(name for bound in found for name in bound.programs)


def test_name_of_a_program_is_made_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil.Process, "name", lambda _self: "\x1b]0;evil\x07" + "x" * 500)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = listeners.listening_at([server.getsockname()[1]])
    if isinstance(found, Failure):
        pytest.skip(f"this system does not show its listeners: {found.in_words()}")
    assert all(name.isprintable() and len(name) <= 40 for bound in found for name in bound.programs)


def test_forbidden_table_is_no_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(kind: str) -> None:
        raise psutil.AccessDenied(pid=os.getpid())

    monkeypatch.setattr(psutil, "net_connections", forbidden)
    found = listeners.listening_at([1])
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.PERMISSION


def test_program_that_hides_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(_self: psutil.Process) -> str:
        raise psutil.AccessDenied(pid=1)

    monkeypatch.setattr(psutil.Process, "name", hidden)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = listeners.listening_at([server.getsockname()[1]])
    assert isinstance(found, Failure) or [bound.programs for bound in found] == [()]
