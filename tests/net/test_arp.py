"""Are the answers to ARP requests taken for what they are, whoever sends them? (The lab asks real neighbours.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arp

MINE, ONE, TWO = "02:00:00:00:00:01", "00:0c:41:00:00:01", "00:0c:41:00:00:02"


class Answer:
    def __init__(self, hwsrc: object) -> None:
        self.hwsrc = hwsrc


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arp, "may_see_packets", lambda: True)


def answering(
    monkeypatch: pytest.MonkeyPatch, *senders: object, error: Exception | None = None
) -> list[dict[str, Any]]:
    """In place of scapy: what it is asked to do, and these answers or this error."""
    asked: list[dict[str, Any]] = []

    def exchange(requests: list[object], **how: Any) -> tuple[list[tuple[object, Answer]], list[object]]:
        asked.append(how | {"requests": requests})
        if error is not None:
            raise error
        return [(requests[0], Answer(sender)) for sender in senders], []

    scapy = arp._Scapy(lambda _: MINE.upper(), lambda *fields: fields, exchange)
    monkeypatch.setattr(arp, "_scapy", lambda: scapy)
    return asked


def holders() -> tuple[str, ...] | Failure:
    return arp.holders("10.0.0.9", own_address="10.0.0.1", interface="eth0", timeout_s=0.4)


def present() -> bool | Failure:
    return arp.present("10.0.0.9", own_address="10.0.0.1", interface="eth0", timeout_s=0.4)


@pytest.mark.parametrize(
    ("senders", "held_by"),
    [
        ((), ()),
        ((ONE,), (ONE,)),
        ((ONE, ONE, ONE), (ONE,)),
        ((TWO, ONE, TWO), (TWO, ONE)),
        ((ONE.upper(),), (ONE,)),
        ((MINE, ONE), (ONE,)),
        (("\x1b[31m", b"\0\0", None, "00:0c:41", ONE), (ONE,)),
    ],
)
def test_each_holder_is_told_once_and_never_this_computer(
    monkeypatch: pytest.MonkeyPatch, senders: tuple[object, ...], held_by: tuple[str, ...]
) -> None:
    answering(monkeypatch, *senders)
    assert holders() == held_by


def test_a_neighbour_that_claims_a_thousand_cards_is_kept_short(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, *(f"00:0c:41:00:{each // 256:02x}:{each % 256:02x}" for each in range(1000)))
    found = holders()
    assert isinstance(found, tuple)
    assert len(found) == arp.HOLDERS_MAX
    enough = asked[0]["stop_filter"]
    assert [enough(None) for _ in range(200)] == [False] * 199 + [True]


def test_requests_are_spread_over_the_time_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch)
    holders()
    (how,) = asked
    assert how["requests"] == [(MINE, "10.0.0.1", "10.0.0.9")] * 3
    assert (how["inter"] * 3 + how["timeout"]) == pytest.approx(0.4)


@pytest.mark.parametrize(("senders", "there"), [((), False), ((ONE,), True), ((MINE,), False)])
def test_presence_is_one_answer(monkeypatch: pytest.MonkeyPatch, senders: tuple[str, ...], there: bool) -> None:
    asked = answering(monkeypatch, *senders)
    assert present() is there
    assert len(asked[0]["requests"]) == 1


@pytest.mark.parametrize("ask", [holders, present])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError(1, "no"), FailureKind.PERMISSION),
        (OSError(100, "Network is down"), FailureKind.NO_ROUTE),
        (RuntimeError("Permission denied: could not open /dev/bpf0"), FailureKind.PERMISSION),
        (RuntimeError("no such interface"), FailureKind.UNSUPPORTED),
    ],
)
def test_what_could_not_be_asked_is_no_silence(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object], error: Exception, kind: FailureKind
) -> None:
    answering(monkeypatch, error=error)
    said = ask()
    assert isinstance(said, Failure)
    assert said.kind is kind


@pytest.mark.parametrize("ask", [holders, present])
def test_without_the_privilege_scapy_is_not_even_imported(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]
) -> None:
    monkeypatch.setattr(arp, "may_see_packets", lambda: False)
    monkeypatch.setattr(arp, "_scapy", lambda: pytest.fail("imported"))
    said = ask()
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.PERMISSION


@pytest.mark.parametrize("ask", [holders, present])
def test_without_scapy_it_is_not_supported(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> None:
    monkeypatch.setattr(arp, "_scapy", lambda: ImportError("scapy"))
    said = ask()
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED


def test_request_of_scapy_is_a_broadcast_as_in_rfc_826() -> None:
    scapy = arp._scapy()
    assert isinstance(scapy, arp._Scapy)
    frame = bytes(scapy.request(MINE, "10.0.0.1", "10.0.0.9"))
    assert frame[:14] == bytes.fromhex("ffffffffffff" + MINE.replace(":", "") + "0806")
    assert frame[14:28] == bytes.fromhex("0001080006040001" + MINE.replace(":", ""))
    assert (frame[28:32], frame[38:42]) == (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 9]))
