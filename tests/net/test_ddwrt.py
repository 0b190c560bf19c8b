"""Is DD-WRT's public page read, and any other page not taken for one?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import ddwrt
from tests.servers import LOOPBACK, http_reply, http_server

PAGE = (
    b"{lan_mac::00:14:BF:11:22:33}\n{wan_mac::00:14:BF:11:22:34}\n{uptime:: 10:01:22 up 3 days}\n"
    b"{packet_info::SWRXgoodPacket=0;}\n{ipinfo::&nbsp;IP: 21.99.0.10}\n"
)


@pytest.mark.parametrize(
    ("body", "address", "named"),
    [
        (PAGE, "21.99.0.10", True),
        (PAGE.replace(b"21.99.0.10", b"100.64.7.2"), "100.64.7.2", True),
        (PAGE.replace(b"21.99.0.10", b"0.0.0.0"), None, True),
        (PAGE.replace(b"&nbsp;IP: 21.99.0.10", b""), None, False),
        (b"{lan_mac::00:14:BF:11:22:33}{uptime:: 1}", None, False),
    ],
)
def test_page_is_read(body: bytes, address: str | None, named: bool) -> None:
    assert ddwrt.parse(body) == ddwrt.DdWrtPage(address, named)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>IP: 21.99.0.10</html>",
        b"{other::IP: 21.99.0.10}",
        PAGE.replace(b"21.99.0.10", b"21.99.0.400"),
        PAGE.replace(b"21.99.0.10", b"1.2.3.4.5"[:7] + b"..."),
    ],
)
def test_other_pages_are_failures(body: bytes) -> None:
    said = ddwrt.parse(body)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


def test_the_router_is_asked_for_this_page_alone() -> None:
    paths: list[str] = []

    def reply(path: str) -> bytes:
        paths.append(path)
        return http_reply(PAGE)

    with http_server(reply) as port:
        said = ddwrt.ask(LOOPBACK, timeout_s=2, port=port)
    assert isinstance(said, ddwrt.DdWrtAnswer)
    assert said.page.address == "21.99.0.10"
    assert paths == ["/Info.live.htm"]


def test_page_behind_a_log_in_is_left_alone() -> None:
    with http_server(http_reply(b"", "401 Unauthorized")) as port:
        said = ddwrt.ask(LOOPBACK, timeout_s=2, port=port)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.HTTP_STATUS


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda tail: b"{uptime::1}{ipinfo::&nbsp;IP: " + tail))
def test_any_page_is_a_value(body: bytes) -> None:
    assert isinstance(ddwrt.parse(body), Failure | ddwrt.DdWrtPage)
