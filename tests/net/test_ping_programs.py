"""Is ping's answer to a packet that must not be cut up read as documented, and nothing read into other words?"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import ping_programs
from emrnetcheck.net.path_mtu import SizeAnswers
from emrnetcheck.net.programs import Finished

MAC_REPLY = """\
PING 1.1.1.1 (1.1.1.1): 1472 data bytes
1480 bytes from 1.1.1.1: icmp_seq=0 ttl=57 time=10.123 ms

--- 1.1.1.1 ping statistics ---
1 packets transmitted, 1 packets received, 0.0% packet loss
round-trip min/avg/max/stddev = 10.123/10.123/10.123/0.000 ms
"""
MAC_SILENCE = """\
PING 1.1.1.1 (1.1.1.1): 1472 data bytes

--- 1.1.1.1 ping statistics ---
1 packets transmitted, 0 packets received, 100.0% packet loss
"""
MAC_TOLD = """\
PING 1.1.1.1 (1.1.1.1): 1472 data bytes
556 bytes from 192.168.1.1: frag needed and DF set (MTU 1492)
Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst
 4  5  00 dc05 6c3f   0 0000  40  01 8a7b 192.168.1.20  1.1.1.1

--- 1.1.1.1 ping statistics ---
1 packets transmitted, 0 packets received, 100.0% packet loss
"""
MAC_OWN = "ping: sendto: Message too long\n"
WINDOWS_REPLY = """\

Pinging 1.1.1.1 with 1472 bytes of data:
Reply from 1.1.1.1: bytes=1472 time=10ms TTL=57

Ping statistics for 1.1.1.1:
    Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),
"""
GERMAN_REPLY = "Antwort von 1.1.1.1: Bytes=1472 Zeit=10ms TTL=57\n"
WINDOWS_TOLD = (
    "Pinging 1.1.1.1 with 1472 bytes of data:\nReply from 192.168.1.1: Packet needs to be fragmented but DF set.\n"
)
WINDOWS_OWN = "Pinging 1.1.1.1 with 1472 bytes of data:\nPacket needs to be fragmented but DF set.\n"
WINDOWS_SILENCE = "Pinging 1.1.1.1 with 1472 bytes of data:\nRequest timed out.\n"
GERMAN_SILENCE = "Zeitüberschreitung der Anforderung.\n"


@pytest.mark.parametrize(
    ("windows", "text", "seen"),
    [
        (False, MAC_REPLY, SizeAnswers(1500, 1, 1)),
        (False, MAC_SILENCE, SizeAnswers(1500, 1, 0)),
        (False, MAC_TOLD, SizeAnswers(1500, 1, 0, 1492, "192.168.1.1")),
        (False, MAC_TOLD.replace("1492", "9000"), SizeAnswers(1500, 1, 0, 0, "192.168.1.1")),
        (True, WINDOWS_REPLY, SizeAnswers(1500, 1, 1)),
        (True, GERMAN_REPLY, SizeAnswers(1500, 1, 1)),
        (True, WINDOWS_TOLD, SizeAnswers(1500, 1, 0, 0, "192.168.1.1")),
        (True, WINDOWS_OWN, SizeAnswers(1500, 1, 0, 0, None)),
        (True, WINDOWS_SILENCE, SizeAnswers(1500, 1, 0)),
        (True, GERMAN_SILENCE, SizeAnswers(1500, 0, 0)),
        (True, "", SizeAnswers(1500, 0, 0)),
        (False, "", SizeAnswers(1500, 0, 0)),
    ],
)
def test_what_ping_says(windows: bool, text: str, seen: SizeAnswers) -> None:
    size = SizeAnswers(1500)
    ping_programs.note(size, Finished(0, text, ""), windows=windows)
    assert size == seen


def test_macos_complains_on_the_other_output() -> None:
    size = SizeAnswers(1500)
    ping_programs.note(size, Finished(2, "", MAC_OWN), windows=False)
    assert size == SizeAnswers(1500, 1, 0, 0, None)


@given(st.text(max_size=200), st.booleans())
def test_random_text_is_never_an_exception(text: str, windows: bool) -> None:
    ping_programs.note(SizeAnswers(1500), Finished(0, text, text), windows=windows)


@pytest.mark.parametrize(("platform", "flag"), [("darwin", "-D"), ("win32", "-f")])
def test_packets_have_their_size_and_are_not_cut_up(monkeypatch: pytest.MonkeyPatch, platform: str, flag: str) -> None:
    ran: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        ran.append(argv)
        return Finished(0, MAC_SILENCE if platform == "darwin" else WINDOWS_SILENCE, "")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ping_programs, "run_watched", run)
    assert ping_programs.try_sizes("1.1.1.1", (1500,), tries=2) == (SizeAnswers(1500, 2, 0),)
    assert flag in ran[0]
    assert "1472" in ran[0]


def test_other_systems_have_a_way_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    said = ping_programs.try_sizes("1.1.1.1", (1500,), tries=1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED


def test_a_missing_program_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Failure(FailureKind.UNSUPPORTED, "run", "ping")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ping_programs, "run_watched", lambda *_, **__: gone)
    assert ping_programs.try_sizes("1.1.1.1", (1500,), tries=1) == gone
