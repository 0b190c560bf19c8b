"""Does an IT helper see each figure of the office network, and what was not seen?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports.details_lan import lan_lines, lost_in_words
from tests.checks.builders import DOWNLOAD, UPLOAD, lan_load, lan_way, office_series

SILENT = Failure(FailureKind.TIMEOUT, "ping", "10.0.0.1")


@pytest.mark.parametrize(
    ("sent", "lost", "words"),
    [
        (0, 0, "nothing sent"),
        (1, 0, "0 of 1 lost (up to 95.0 % possible)"),
        (60, 0, "0 of 60 lost (up to 4.9 % possible)"),
        (300, 0, "0 of 300 lost (up to 1.0 % possible)"),
        (60, 1, "1 of 60 lost (up to 7.7 % possible)"),
        (60, 60, "60 of 60 lost"),
    ],
)
def test_no_loss_is_told_with_what_it_can_hide(sent: int, lost: int, words: str) -> None:
    assert lost_in_words(sent, lost) == words


def lines(target: LanTarget) -> list[str]:
    return [line.text for line in lan_lines(Seen(lan=Lan((target,), "none")))]


def test_each_figure_and_the_method_are_told() -> None:
    target = LanTarget("10.0.0.1", "gateway", 60, 0, 0.31, 0.72, 4.0, 0.05, "icmp_api", p99_ms=3.5)
    (line,) = lines(target)
    assert line == (
        "gateway 10.0.0.1 by icmp_api: 0 of 60 lost (up to 4.9 % possible), median 0.31 ms, "
        "95 of 100 within 0.72 ms, 99 of 100 within 3.50 ms, longest 4.00 ms, jitter 0.05 ms"
    )


@pytest.mark.parametrize(
    ("answers_arp", "ending"),
    [(None, ""), (True, "; it is there, ARP says"), (False, "; ARP finds nobody there")],
)
def test_of_a_silent_host_no_figure_is_told(answers_arp: bool | None, ending: str) -> None:
    target = LanTarget("10.0.0.1", "peer", 60, 60, None, None, None, None, "none", SILENT, answers_arp)
    assert lines(target) == [f"peer 10.0.0.1 by none: 60 of 60 lost ({SILENT.in_words()}{ending})"]


def test_without_evidence_there_is_nothing() -> None:
    assert list(lan_lines(Seen())) == []


def all_lines(**seen: Any) -> list[str]:
    return [f"{line.lead}{line.text}" for line in lan_lines(Seen(**seen))]


def test_whose_network_card_it_is_and_that_there_are_two() -> None:
    known = LanTarget("10.0.0.1", "gateway", 0, 0, None, None, None, None, "none", mac="00:14:bf:00:00:01")
    assert lines(replace(known, maker="Cisco-Linksys, LLC"))[0].endswith("; 00:14:bf:00:00:01, Cisco-Linksys, LLC")
    two = ("00:14:bf:00:00:01", "52:54:00:00:00:02")
    assert lines(replace(known, holders=two))[0].endswith("; held by 00:14:bf:00:00:01 and by 52:54:00:00:00:02")


def test_packets_and_the_office_beside_the_lines_load() -> None:
    told = all_lines(
        lan=Lan((), "none", received_per_s=1400.4, sent_per_s=66.6),
        upload=replace(UPLOAD, office=(office_series(),)),
        download=replace(DOWNLOAD, office=(office_series(lost=100, p50_ms=None, p95_ms=None),)),
    )
    assert told == [
        "lan: 1400 packets a second came in, 67 went out",
        "lan, upload: 192.168.1.1 0 of 100 lost (up to 3.0 % possible), median 0.40 ms, 95 of 100 within 0.90 ms",
        "lan, download: 192.168.1.1 100 of 100 lost",
    ]


def test_a_load_over_the_office_network_is_told_way_by_way() -> None:
    up = lan_way(94.2, resent=12, hosts=(office_series(),))
    assert (
        all_lines(lan_load=lan_load(up, lan_way(None), damaged_frames=None))
        == all_lines(lan_load=lan_load(up, lan_way(None)))[1:]
    )
    assert all_lines(lan_load=lan_load(up, lan_way(None))) == [
        "lan load: 0 damaged frames at this computer meanwhile",
        "lan load to: 192.168.1.20 94.2 Mbps, 12 segments sent again",
        "lan load to: 192.168.1.1 0 of 100 lost (up to 3.0 % possible), median 0.40 ms, 95 of 100 within 0.90 ms",
        "lan load from: no answer in time (connect x:1)",
    ]
