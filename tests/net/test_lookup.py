"""Does the look-up find another way when the system's resolver is dead, and only then?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.lookup import Lookup, Resolved, system_addresses
from tests.servers import LOOPBACK, answer, dns_server, zone_handler

HOST = "service.example.org"
TABLE = {(HOST, "A"): (f"{HOST}. 60 IN A 21.1.1.1",)}


def install(monkeypatch: pytest.MonkeyPatch, look_up: Callable[..., Any]) -> list[str]:
    """In place of the operating system's look-up; the names it was asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, *_: Any) -> Any:
        asked.append(host)
        return look_up()

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def raising(code: int) -> Callable[[], Any]:
    def look_up() -> Any:
        raise socket.gaierror(code, "said so")

    return look_up


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Any:
    release = threading.Event()
    asked = install(monkeypatch, lambda: release.wait(10) and [])
    yield asked
    release.set()


def test_literal_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = install(monkeypatch, raising(socket.EAI_FAIL))
    assert Lookup(()).resolve("21.1.1.1") == Resolved(("21.1.1.1",), "literal")
    assert Lookup(()).resolve("::1", version=6) == Resolved(("::1",), "literal")
    wrong_version = Lookup(()).resolve("::1")
    assert isinstance(wrong_version, Failure)
    assert asked == []


def test_system_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("21.1.1.9", "21.1.1.9", "21.1.1.8")
    ]
    install(monkeypatch, lambda: rows)
    assert Lookup(()).resolve(HOST) == Resolved(("21.1.1.9", "21.1.1.8"), "system")


def test_hanging_system_is_left_behind_and_then_skipped(hanging: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with dns_server(zone_handler(TABLE)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        lookup = Lookup((LOOPBACK,), system_deadline_s=0.05)
        assert [lookup.resolve(HOST), lookup.resolve(HOST)] == [Resolved(("21.1.1.1",), LOOPBACK)] * 2
    assert hanging == [HOST]


def test_failing_system_is_asked_again_for_the_next_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = install(monkeypatch, raising(socket.EAI_AGAIN))
    with dns_server(zone_handler(TABLE)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        lookup = Lookup((LOOPBACK,))
        assert [lookup.resolve(HOST), lookup.resolve(HOST)] == [Resolved(("21.1.1.1",), LOOPBACK)] * 2
    assert asked == [HOST, HOST]


def test_name_that_does_not_exist_is_not_asked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, raising(socket.EAI_NONAME))
    with dns_server(zone_handler(TABLE)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        said = Lookup((LOOPBACK,)).resolve(HOST)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.NAME_NOT_FOUND


@pytest.mark.parametrize(
    ("rcode", "kind"),
    [
        ("NXDOMAIN", FailureKind.NAME_NOT_FOUND),
        ("NOERROR", FailureKind.NAME_NO_ADDRESS),
        ("SERVFAIL", FailureKind.NAME_TIMEOUT),
    ],
)
def test_fallback_that_says_no_is_believed_if_that_is_an_answer(
    hanging: list[str], monkeypatch: pytest.MonkeyPatch, rcode: str, kind: FailureKind
) -> None:
    with dns_server(lambda question, _over: answer(question, rcode=rcode)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        said = Lookup((LOOPBACK,), system_deadline_s=0.05).resolve(HOST)
    assert isinstance(said, Failure)
    assert said.kind is kind


def test_without_fallback_a_dead_system_is_a_name_timeout(hanging: list[str]) -> None:
    said = Lookup((), system_deadline_s=0.05).resolve(HOST)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.NAME_TIMEOUT


def test_system_look_up_that_takes_too_long_is_out_of_time(hanging: list[str]) -> None:
    said = system_addresses(HOST, version=4, deadline_s=0.05)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.OUT_OF_TIME


@pytest.mark.parametrize("error", [ValueError("embedded null byte"), UnicodeError("label empty or too long")])
def test_impossible_name_is_a_failure(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def look_up() -> Any:
        raise error

    install(monkeypatch, look_up)
    said = system_addresses(HOST, version=4, deadline_s=1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED
