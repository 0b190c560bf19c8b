"""Services on loopback that answer JSON to a GET or a POST, for tests of those outside."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from tests.servers import tcp_server

Answer = bytes | tuple[int, Mapping[str, str], Any]
"""The raw response, or its status, its further headers and what its JSON body says."""
Handler = Callable[[str, str, Mapping[str, str], Any], Answer]
"""(method, path, headers by name in lower case, the JSON of the request's body or None)"""


@contextmanager
def json_service(handle: Handler, *, tls: tuple[Path, Path] | None = None) -> Iterator[int]:
    """One request a connection; yields the port."""
    context = None
    if tls is not None:
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)

    def serve(connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(4096)
            if not piece:
                return
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length is not None and len(body) < int(length.group(1)):
            body += connection.recv(4096)
        lines = head.decode().split("\r\n")
        method, path, _ = lines[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        answer = handle(method, path, headers, json.loads(body) if body else None)
        connection.sendall(answer if isinstance(answer, bytes) else response(*answer))

    with tcp_server(serve, tls=context) as port:
        yield port


def response(status: int, headers: Mapping[str, str], said: Any) -> bytes:
    """A whole response with this JSON."""
    body = json.dumps(said).encode()
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body
