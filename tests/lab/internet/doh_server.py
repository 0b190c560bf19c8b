"""DNS over HTTPS (RFC 8484) on the real services' names: each asks the cache of one of the public resolvers."""

from __future__ import annotations

import base64
import binascii
import json
import socket
import sys
import threading
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet.serving import Connection, Request, Site, serve

_TIMEOUT_S = 5.0
_MEDIA_TYPE = "application/dns-message"
_QUESTION_MAX_BYTES = 4096


def answer(cache: str, connection: Connection, request: Request) -> None:
    question = connection.take_body(_QUESTION_MAX_BYTES)
    if request.path != "/dns-query" or request.method not in ("GET", "POST"):
        connection.respond(HTTPStatus.NOT_FOUND)
    elif request.method == "GET":
        asked = _asked_by_get(request)
        if asked:
            connection.respond(HTTPStatus.OK, _ask(cache, asked), content_type=_MEDIA_TYPE)
        else:
            connection.respond(HTTPStatus.BAD_REQUEST)
    elif request.headers.get("content-type") != _MEDIA_TYPE:
        connection.respond(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    else:
        connection.respond(HTTPStatus.OK, _ask(cache, question), content_type=_MEDIA_TYPE)


def _asked_by_get(request: Request) -> bytes:
    """The message in `?dns=`, base64url without padding (RFC 8484 section 4.1); b"" where it is none."""
    text = request.query.get("dns", [""])[0]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _ask(cache: str, question: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_TIMEOUT_S)
        sock.connect((cache, 53))
        sock.send(question)
        return sock.recv(65_535)


def main(argv: list[str]) -> None:
    certificates = json.loads(Path(argv[1]).read_text())["certificates"]
    serve(
        [
            Site(address, 443, partial(answer, at.RESOLVER_CACHES[resolver]), *certificates[name])
            for name, (address, resolver) in at.DOH.items()
        ]
    )
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv)
