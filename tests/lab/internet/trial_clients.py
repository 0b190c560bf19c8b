"""A program of small clients, run inside the namespace by the tests: each prints what it saw as JSON."""

from __future__ import annotations

import json
import os
import socket
import ssl
import struct
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0
_COOKIE = 0x2112A442


def get(url: str) -> dict[str, Any]:
    return _ask(urllib.request.Request(url))


def post(url: str, n_bytes: int) -> dict[str, Any]:
    return _ask(urllib.request.Request(url, data=os.urandom(n_bytes), method="POST"))


def _ask(request: urllib.request.Request) -> dict[str, Any]:
    started_s = time.time()
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
            body, status, headers = response.read(), response.status, response.headers
    except urllib.error.HTTPError as error:
        with error:
            body, status, headers = error.read(), error.code, error.headers
    kind = headers["Content-Type"]
    text = body.decode("utf-8") if kind.startswith("text/") or kind == "application/json" else ""
    said = {name.lower(): value for name, value in headers.items()}
    return {"status": status, "text": text, "length": len(body), "headers": said, "t0": started_s, "t1": time.time()}


def one_connection(url: str, sizes: list[int]) -> list[int]:
    """The statuses of several POSTs on one kept-alive connection."""
    import http.client

    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)
    statuses = []
    for size in sizes:
        link.request("POST", parts.path, body=os.urandom(size))
        response = link.getresponse()
        response.read()
        statuses.append(response.status)
    link.close()
    return statuses


def slow_post(host: str, port: int, target: str, n_bytes: int) -> dict[str, Any]:
    """What comes back, and how it ends, when the head is sent first and the body after a look for an answer."""
    with socket.create_connection((host, port), timeout=1.0) as sock:
        sock.sendall(f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {n_bytes}\r\n\r\n".encode())
        early = _receive(sock)
        sent, end = 0, "all sent"
        block = os.urandom(64 * 1024)
        try:
            while sent < n_bytes:
                sent += sock.send(block[: min(len(block), n_bytes - sent)])
        except OSError as error:
            end = type(error).__name__
        return {"early": early, "late": _receive(sock) if end == "all sent" else "", "end": end, "sent": sent}


def _receive(sock: socket.socket) -> str:
    try:
        return sock.recv(1024).decode("latin-1").split("\r\n")[0]
    except OSError as error:
        return type(error).__name__


def stun(address: str, port: int) -> list[Any]:
    """[mapped address, mapped port, own address, own port] of one RFC 8489 Binding."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_TIMEOUT_S)
        sock.connect((address, port))
        sock.send(struct.pack("!HHI", 1, 0, _COOKIE) + b"emrnetcheck!")
        reply = sock.recv(2048)
        own = sock.getsockname()
    position = 20
    while position < len(reply):
        kind, length = struct.unpack_from("!HH", reply, position)
        if kind == 0x0020:
            port_x, address_x = struct.unpack_from("!HI", reply, position + 6)
            mapped = socket.inet_ntoa(struct.pack("!I", address_x ^ _COOKIE))
            return [mapped, port_x ^ (_COOKIE >> 16), *own]
        position += 4 + (length + 3) // 4 * 4
    raise ValueError("no XOR-MAPPED-ADDRESS in the answer")


def port_test(url: str, listen: bool) -> Any:
    """What an echoip service says of a port of ours that does, or does not, listen."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        if not listen:
            server.close()
        return json.loads(get(f"{url}/port/{port}")["text"])


def trusted_without_ca(host: str) -> bool:
    context = ssl.create_default_context(cadata=None)
    try:
        with socket.create_connection((host, 443), timeout=_TIMEOUT_S) as sock:
            context.wrap_socket(sock, server_hostname=host).close()
    except ssl.SSLCertVerificationError:
        return False
    return True


def speedtest_cli() -> dict[str, Any]:
    """The real library, from its configuration to an upload."""
    import speedtest

    test = speedtest.Speedtest(secure=True, timeout=5)
    listed = [server["host"] for servers in test.get_servers().values() for server in servers]
    best = test.get_best_server()
    started_s = time.time()
    bits_per_s = test.upload(threads=2, pre_allocate=False)
    ended_s = time.time()
    sent = test.results.bytes_sent
    # Only the smallest pictures: the largest would be 1.3 GB.
    test.config["sizes"]["download"] = [350, 500]
    return {
        "client": test.config["client"]["ip"],
        "servers": listed,
        "best": best["host"],
        "upload_bps": bits_per_s,
        "sent": sent,
        "download_bps": test.download(threads=2),
        "received": test.results.bytes_received,
        "t0": started_s,
        "t1": ended_s,
    }


def main(argv: list[str]) -> None:
    functions = (get, post, one_connection, slow_post, stun, port_test, trusted_without_ca, speedtest_cli)
    chosen = {function.__name__: function for function in functions}[argv[1]]
    print(json.dumps(chosen(*json.loads(argv[2]))))


if __name__ == "__main__":
    main(sys.argv)
