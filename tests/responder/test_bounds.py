"""Slow, endless, huge and broken: each connection has its end, and meanwhile others are served."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrnetcheck.responder.limits import Limits, Rate
from emrnetcheck.responder.log import Log, bound_libraries
from tests.responder.attacks import Target, secure
from tests.responder.serving import HERE, PATIENCE_S, Served, rules, serving, until_closed

ATTACKER, CLIENT = "127.66.0.1", "127.0.0.1"
QUICK = replace(
    Limits(), handshake_s=0.4, head_s=0.4, idle_s=1.0, linger_s=0.3, transfer_s=0.5, connection_s=2.0, dial_s=1.0
)


@pytest.fixture(scope="module")
def quick() -> Iterator[Served]:
    with serving(rules(limits=QUICK)) as served:
        yield served


def trickle(plug: socket.socket, piece: bytes, every_s: float = 0.02) -> float:
    """Send a piece again and again until the other side has had enough; how long that took."""
    started_s = time.monotonic()
    plug.settimeout(PATIENCE_S)
    with contextlib.suppress(OSError):
        while time.monotonic() - started_s < PATIENCE_S:
            plug.sendall(piece)
            time.sleep(every_s)
    return time.monotonic() - started_s


def test_a_head_that_trickles_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nX: ")
        assert trickle(plug, b"x") < PATIENCE_S


def test_a_connection_that_says_nothing_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        assert until_closed(plug) == b""


def test_a_handshake_that_never_comes_is_cut(tmp_path: Path) -> None:
    with serving(rules(limits=QUICK), certificates=tmp_path) as served, closing(served.plug()) as plug:
        assert until_closed(plug) == b""
        assert served.ask("/ip").status == 200


def test_no_tls_where_tls_is_wanted_is_cut(tmp_path: Path) -> None:
    with serving(rules(limits=QUICK), certificates=tmp_path) as served, closing(served.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in until_closed(plug)


def test_one_that_idles_after_an_answer_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n")
        assert until_closed(plug).startswith(b"HTTP/1.1 200")


def test_the_second_head_has_its_time_too(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n")
        assert trickle(plug, b"G") < PATIENCE_S


def test_a_connection_has_an_end_however_busy_it_is(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.settimeout(PATIENCE_S)
        started_s = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - started_s < PATIENCE_S:
                plug.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                if not plug.recv(4096):
                    break
                time.sleep(0.05)
        assert time.monotonic() - started_s < PATIENCE_S


@pytest.mark.parametrize("target", ["/empty", "/ip", "/nothing", "/port/8443"])
def test_an_endless_upload_is_cut(quick: Served, target: str) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        assert trickle(plug, b"3e8\r\n" + b"x" * 1000 + b"\r\n", 0.005) < PATIENCE_S
    assert quick.ask("/ip").status == 200


@pytest.mark.parametrize("target", ["/empty", "/ip"])
def test_a_body_in_chunks_is_refused_before_a_chunk_is_looked_at(quick: Served, target: str) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        answer = until_closed(plug)
    assert answer.startswith(b"HTTP/1.1 411")
    assert b"Content-Length" in answer
    with closing(quick.plug()) as plug:
        plug.sendall(b"POST /empty HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1000)
        assert b"HTTP/1.1 200" not in until_closed(plug)


def test_who_sends_far_ahead_of_his_answer_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plug.sendall(
            b"GET /garbage?ckSize=64 HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n" * 1000
        )
        assert len(until_closed(plug)) < 64 * 1024 * 1024


@pytest.mark.parametrize("piece", [b"", b"x"], ids=["silent", "next to nothing"])
def test_an_upload_that_never_comes_gives_its_place_back(piece: bytes) -> None:
    limits = replace(Limits(), transfers_site_at_once=1, transfer_silence_s=0.3)
    with serving(rules(limits=limits)) as served, closing(served.plug()) as plug:
        plug.sendall(b"POST /empty HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        if piece:
            trickle(plug, piece)
        answer = until_closed(plug)
        assert not answer or answer.startswith(b"HTTP/1.1 408")
        assert served.ask("/empty", "POST", body=b"x" * 1000).status == 200


def test_an_endless_body_of_a_get_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n")
        assert trickle(plug, b"x" * 1000, 0.005) < PATIENCE_S


def test_a_download_that_nobody_reads_is_cut(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plug.sendall(b"GET /garbage?ckSize=64 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.7)
        assert len(until_closed(plug)) < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "head",
    [
        b"GET /ip HTTP/1.1\r\nX: " + b"x" * 100_000,
        b"GET /ip HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"x" * 100_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
        b"GET /ip HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n" * 20_000,
    ],
    ids=["long header", "many headers", "long target", "no line", "tls", "two hosts", "bytes", "newlines"],
)
def test_a_broken_or_huge_head_is_refused(quick: Served, head: bytes) -> None:
    with closing(quick.plug()) as plug:
        with contextlib.suppress(OSError):
            plug.sendall(head)
        answer = until_closed(plug)
    assert not answer or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 404"))
    assert quick.ask("/ip").status == 200


@settings(max_examples=40)
@given(pieces=st.lists(st.one_of(st.binary(max_size=200), st.sampled_from([b"GET ", b"/ip", b"\r\n", b" HTTP/1.1"]))))
def test_whatever_is_sent_it_goes_on(pieces: list[bytes], fuzzed: Served) -> None:
    with closing(fuzzed.plug()) as plug:
        with contextlib.suppress(OSError):
            plug.sendall(b"".join(pieces) + b"\r\n\r\n")
            plug.shutdown(socket.SHUT_WR)
        until_closed(plug)
    assert fuzzed.ask("/health", source=CLIENT).status == 200


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Served]:
    patient = Rate(100_000, 1000)
    limits = replace(QUICK, connects_address=patient, connects_prefix=patient, requests_address=patient)
    with serving(rules(limits=replace(limits, requests_prefix=patient))) as served:
        yield served
        assert not [line for line in served.lines if "Error" in line or "Exception" in line]


def test_requests_sent_ahead_are_answered_in_turn(quick: Served) -> None:
    with closing(quick.plug()) as plug:
        plug.sendall(b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        assert until_closed(plug).count(b"HTTP/1.1 200") == 20


def test_many_that_hold_the_line_leave_room_for_others() -> None:
    limits = replace(Limits(), connections=16, connections_address=8, connections_prefix=16)
    with serving(rules(limits=limits)) as served, contextlib.ExitStack() as stack:
        for number in range(60):
            plug = stack.enter_context(closing(served.plug(f"127.66.{number % 5}.1")))
            with contextlib.suppress(OSError):
                plug.sendall(b"GET /ip HTTP/1.1\r\nX-Slow: ")
        assert served.ask("/ip", source=CLIENT).status == 200
        assert [served.ask("/health", source=CLIENT).status for _ in range(5)] == [200] * 5


def test_those_that_hold_a_handshake_too(tmp_path: Path) -> None:
    limits = replace(Limits(), connections=16, connections_address=8, connections_prefix=16)
    with serving(rules(limits=limits), certificates=tmp_path) as served, contextlib.ExitStack() as stack:
        for number in range(60):
            stack.enter_context(closing(served.plug(f"127.66.{number % 5}.1")))
        assert served.ask("/ip", source=CLIENT).status == 200


def test_a_flood_from_one_address_is_turned_away() -> None:
    limits = replace(Limits(), connects_address=Rate(100, 1), requests_address=Rate(50, 1))
    with serving(rules(limits=limits)) as served:
        statuses = []
        for _ in range(200):
            try:
                statuses.append(served.ask("/port/25", source=ATTACKER).status)
            except OSError:
                statuses.append(0)
        assert served.ask("/ip", source=CLIENT).status == 200
    assert 50 <= statuses.count(403) < 60
    assert statuses.count(429) >= 40
    assert statuses.count(0) >= 80


def test_a_tls_client_that_goes_away_in_the_middle(tmp_path: Path) -> None:
    with serving(rules(limits=QUICK), certificates=tmp_path) as served:
        for _ in range(5):
            with secure(Target(HERE, served.port), HERE) as plug:
                plug.sendall(b"POST /empty HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100_000)
        assert served.ask("/ip").status == 200


def test_it_ends_at_once_with_others_still_connected() -> None:
    before = threading.active_count()
    with serving(rules()) as served:
        plugs = [served.plug() for _ in range(5)]
        plugs[0].sendall(b"GET /garbage?ckSize=64 HTTP/1.1\r\nHost: x\r\n\r\n")
        plugs[1].sendall(b"POST /empty HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        plugs[2].sendall(b"GET /ip")
        assert served.ask("/ip").status == 200
    assert threading.active_count() == before
    for plug in plugs:
        plug.close()


def test_the_log_says_so_much_and_no_more() -> None:
    lines: list[str] = []
    now_s = [0.0]
    log = Log(Rate(5, 1), lines.append, lambda: now_s[0])
    bound_libraries(log)
    logging.getLogger("uvicorn.error").warning("\x1b[31mred\nand a second line")
    for _ in range(100):
        log.request("8.8.8.8", "GET", "/" + "x" * 1000, 404)
    assert len(lines) == 6
    assert "\x1b" not in lines[0]
    assert max(map(len, lines)) < 300
    assert "(1 lines left out)" in lines[5]
    now_s[0] = 61.0
    log.line("again")
    assert "(95 lines left out)" in lines[6]
    assert lines[7].endswith("again")


def test_an_attack_of_a_whole_day_is_a_small_log() -> None:
    written = 0
    now_s = [0.0]

    def write(_line: str) -> None:
        nonlocal written
        written += 1

    log = Log(Limits().log_lines, write, lambda: now_s[0])
    for _ in range(8_640):
        now_s[0] += 0.5
        log.request("8.8.8.8", "GET", "/", 404)
        log.request("8.8.8.8", "GET", "/", 404)
    minutes = now_s[0] / 60
    assert written <= 300 + 30 * minutes + minutes + 1
