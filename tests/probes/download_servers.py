"""Ways in which a server sends a download, or fails to; for throughput_servers.serving."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from tests.probes.throughput_servers import Behaviour, Client

BLOCK = os.urandom(16 * 1024)


def head(length: int, *more: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Length: {length}", *more)
    return "\r\n".join((*lines, "", "")).encode()


def send(client: Client, total_bytes: int, pause_s: float = 0.0) -> None:
    """The body, a block at a time, until the client has gone."""
    while total_bytes > 0 and not client.stop.is_set():
        client.say(BLOCK[: min(total_bytes, len(BLOCK))])
        total_bytes -= len(BLOCK)
        if pause_s:
            time.sleep(pause_s)


def sending(length: int, pause_s: float = 0.0) -> Behaviour:
    """Answers each GET with as many bytes. 0.03 s between blocks are about 4 Mbps a stream."""

    def behave(client: Client) -> None:
        while client.head() is not None:
            client.say(head(length))
            send(client, length, pause_s)

    return behave


def chunked(length: int, pause_s: float = 0.0) -> Behaviour:
    """As PHP does without a length: chunks of 8 KB."""

    def behave(client: Client) -> None:
        while client.head() is not None:
            client.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(length // 8192):
                client.say(b"2000\r\n" + BLOCK[:8192] + b"\r\n")
                time.sleep(pause_s)
            client.say(b"0\r\n\r\n")

    return behave


def saying(answer: bytes) -> Behaviour:
    """Says just this to every GET."""

    def behave(client: Client) -> None:
        while client.head() is not None:
            client.say(answer)

    return behave


def then(length: int, sent_bytes: int, end: Callable[[Client], None]) -> Behaviour:
    """Promises a length, sends less of it, and ends like this."""

    def behave(client: Client) -> None:
        if client.head() is not None:
            client.say(head(length))
            client.say(BLOCK[:sent_bytes])
            end(client)

    return behave


def closing_after_each_answer(length: int) -> Behaviour:
    """As a server without keep-alive that does not say so."""

    def behave(client: Client) -> None:
        if client.head() is not None:
            client.say(head(length))
            send(client, length)

    return behave


def until_it_closes(length: int) -> Behaviour:
    """HTTP/1.0: the end of the connection is the end of the answer."""

    def behave(client: Client) -> None:
        if client.head() is not None:
            client.say(b"HTTP/1.0 200 OK\r\n\r\n")
            send(client, length)

    return behave


def trickling_body(length: int) -> Behaviour:
    """A byte now and again."""

    def behave(client: Client) -> None:
        if client.head() is not None:
            client.say(head(length))
            while not client.stop.wait(0.05):
                client.say(b"x")

    return behave


def trickling_head(client: Client) -> None:
    if client.head() is not None:
        client.say(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not client.stop.wait(0.05):
            client.say(b"x")


def endless_head(client: Client) -> None:
    if client.head() is not None:
        client.say(b"HTTP/1.1 200 OK\r\n")
        while not client.stop.is_set():
            client.say(b"X-More: and more\r\n" * 50)


def endless_interim(client: Client) -> None:
    if client.head() is not None:
        while not client.stop.is_set():
            client.say(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000)
