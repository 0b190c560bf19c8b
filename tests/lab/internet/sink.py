"""The lab's throughput servers, one program: LibreSpeed, Cloudflare and speedtest.net, counting what they read."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet import speedtest_net
from tests.lab.internet.plan import SinkMode
from tests.lab.internet.serving import Connection, Handler, Request, Site, serve
from tests.lab.internet.slots import SlotCounter

STALL_AFTER_BYTES = 64 * 1024
DISCARDED = ".discarded"
"""Added to a server's name in the slots: read only to be rid of it, after a 413."""

_SMALL_WINDOW_BYTES = 4 * 1024
_DRAIN_TIMEOUT_S = 2.0
_MIB = 1024 * 1024
_REFERER_NEEDED_FROM_BYTES = 100_000_000
_BLOCK = os.urandom(_MIB)

Answer = Callable[[Connection, int, float], None]
"""Sends the 200 that fits the protocol, given the body's bytes and the seconds they took."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes one server's uploads as the plan says."""

    server: str
    mode: SinkMode
    counter: SlotCounter

    def take(self, connection: Connection, request: Request, answer: Answer) -> None:
        if "transfer-encoding" in request.headers:
            connection.closing = True
            connection.respond(HTTPStatus.LENGTH_REQUIRED)
            return
        count = partial(self.counter.add, self.server)
        started_s = time.monotonic()
        match self.mode:
            case SinkMode.REJECT_413:
                connection.closing = True
                connection.respond(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                connection.drain(partial(self.counter.add, self.server + DISCARDED), timeout_s=_DRAIN_TIMEOUT_S)
            case SinkMode.EARLY_200:
                answer(connection, connection.body_left_bytes, 0.0)
                connection.read_body(count)
            case SinkMode.STALL:
                connection.read_body(count, limit_bytes=STALL_AFTER_BYTES)
                connection.hold()
            case SinkMode.RESET:
                connection.read_body(count, limit_bytes=STALL_AFTER_BYTES)
                connection.reset()
            case _:
                read = connection.read_body(count)
                if connection.body_left_bytes == 0:
                    answer(connection, read, time.monotonic() - started_s)


def librespeed(uploads: Uploads, connection: Connection, request: Request) -> None:
    """PHP and Go names alike, below any folder: /backend/empty.php, /empty."""
    match request.path.rpartition("/")[2].removesuffix(".php"), request.method:
        case "empty", "POST":
            uploads.take(connection, request, lambda link, _bytes, _seconds: link.respond(HTTPStatus.OK))
        case "empty", _:
            connection.respond(HTTPStatus.OK)
        case "garbage", "GET":
            total = min(max(request.number("ckSize", 4), 1), 1024) * _MIB
            connection.respond(HTTPStatus.OK, content_type="application/octet-stream", length=total)
            connection.send_repeated(_BLOCK, total)
        case "getIP", "GET":
            said = {"processedString": request.peer, "rawIspInfo": ""}
            connection.respond(HTTPStatus.OK, json.dumps(said).encode(), content_type="application/json")
        case _:
            _not_found(connection)


def cloudflare(uploads: Uploads, connection: Connection, request: Request) -> None:
    match request.path, request.method:
        case "/__up", "POST":
            uploads.take(connection, request, partial(_cloudflare_answer, request))
        case "/__down", "GET":
            total = request.number("bytes", 0)
            if total >= _REFERER_NEEDED_FROM_BYTES and not {"referer", "origin"} & request.headers.keys():
                connection.respond(HTTPStatus.FORBIDDEN)
                return
            headers = _cloudflare_headers(request, 0.0)
            connection.respond(HTTPStatus.OK, content_type="application/octet-stream", headers=headers, length=total)
            connection.send_repeated(_BLOCK, total)
        case _:
            _not_found(connection)


def _cloudflare_answer(request: Request, connection: Connection, n_bytes: int, seconds: float) -> None:
    headers = {**_cloudflare_headers(request, seconds), "cf-meta-upload-bytes": str(n_bytes)}
    connection.respond(HTTPStatus.OK, b"OK", headers=headers)


def _cloudflare_headers(request: Request, seconds: float) -> dict[str, str]:
    return {
        "Server-Timing": f"cfRequestDuration;dur={seconds * 1000:.3f}",
        "cf-meta-request-time": str(int(time.time() * 1000)),
        "cf-meta-colo": "LAB",
        "cf-meta-ip": request.peer,
    }


def speedtest_site(connection: Connection, request: Request) -> None:
    """www.speedtest.net and c.speedtest.net."""
    match request.path:
        case "/speedtest-config.php":
            text = speedtest_net.configuration_xml(request.peer)
        case "/speedtest-servers-static.php" | "/speedtest-servers.php":
            text = speedtest_net.servers_xml()
        case _:
            _not_found(connection)
            return
    connection.respond(HTTPStatus.OK, text.encode(), content_type="text/xml; charset=utf-8")


def speedtest_server(uploads: Uploads, connection: Connection, request: Request) -> None:
    name = request.path.removeprefix("/speedtest/")
    picture_bytes = speedtest_net.picture_bytes(name)
    if name == "latency.txt":
        connection.respond(HTTPStatus.OK, b"test=test\n")
    elif name == "upload.php" and request.method == "POST":
        uploads.take(connection, request, lambda link, n_bytes, _: link.respond(HTTPStatus.OK, b"size=%d" % n_bytes))
    elif picture_bytes is not None:
        connection.respond(HTTPStatus.OK, content_type="image/jpeg", length=picture_bytes)
        connection.send_repeated(_BLOCK, picture_bytes)
    else:
        _not_found(connection)


def _not_found(connection: Connection) -> None:
    connection.read_body(lambda _: None)
    connection.respond(HTTPStatus.NOT_FOUND)


def sites(mode: SinkMode, counter: SlotCounter, certificates: Mapping[str, tuple[str, str]]) -> list[Site]:
    def taking(handler: Callable[[Uploads, Connection, Request], None], server: str) -> Handler:
        return partial(handler, Uploads(server, mode, counter))

    found = [
        Site(at.LIBRESPEED_HTTP, 80, taking(librespeed, "librespeed-http")),
        Site(at.LIBRESPEED_HTTPS, 443, taking(librespeed, "librespeed-https"), *certificates["speed.example.org"]),
        Site(at.CLOUDFLARE, 443, taking(cloudflare, "cloudflare"), *certificates["speed.cloudflare.com"]),
        Site(at.SPEEDTEST_NET, 80, speedtest_site),
        Site(at.SPEEDTEST_NET, 443, speedtest_site, *certificates["www.speedtest.net"]),
        *(
            Site(address, at.SPEEDTEST_PORT, taking(speedtest_server, f"speedtest{number}"))
            for number, address in enumerate(at.SPEEDTEST_SERVERS, start=1)
        ),
    ]
    small = _SMALL_WINDOW_BYTES if mode is SinkMode.SMALL_WINDOW else None
    return [replace(site, receive_buffer_bytes=small) for site in found]


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    counter = SlotCounter(Path(settings["slots"]))
    serve(sites(SinkMode(settings["mode"]), counter, settings["certificates"]))
    counter.write_forever()


if __name__ == "__main__":
    main(sys.argv)
