"""A router's UPnP, NAT-PMP, PCP or status page where miniupnpd cannot do it: old firmware, and hostile ones.

python -m tests.lab.router_program KIND ADDRESS; KIND "decoy" is the host that some of them lead to.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.lab.plan import PC_LAN, ROUTER_LAN, Plan, Upnp
from tests.router_servers import IP_1, IP_2, PPP_1, description, fault, natpmp_reply, pcp_reply, soap, ssdp_reply

_HTTP_PORT, _PAGE_PORT, _SSDP_PORT, _MAPPING_PORT = 5000, 80, 1900, 5351
_GROUP = "239.255.255.250"
_DECOY_PORT = 8000
_DECOY = f"http://{PC_LAN}:{_DECOY_PORT}"
_LOCATIONS = {Upnp.FOREIGN: f"{_DECOY}/rootDesc.xml"}
_PADDING = b"<!--" + b" " * 1_000_000 + b"-->"
_ENTITIES = b'<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


def _described(kind: Upnp) -> bytes:
    """The description: right but for what the kind says, so that whoever reads on learns an address."""
    if kind is Upnp.FOREIGN_CONTROL:
        return description((IP_1, f"{_DECOY}/ctl"))
    if kind is Upnp.BOMB:
        return _after_head(description((IP_1, "/ctl"), name="&j;"), b"<!DOCTYPE root [%s]>" % _ENTITIES)
    if kind is Upnp.DTD:
        return _after_head(description((IP_1, "&c;")), b'<!DOCTYPE root [<!ENTITY c "/ctl">]>')
    if kind is Upnp.HUGE:
        return _after_head(description((IP_1, "/ctl")), _PADDING)
    return description((IP_1, "/ctl"), name="Evil&#x9b;31m&#x202e;Box" if kind is Upnp.CONTROL else "Old Router")


def _after_head(xml: bytes, inserted: bytes) -> bytes:
    head, mark, rest = xml.partition(b"?>")
    return head + mark + inserted + rest


class Web(BaseHTTPRequestHandler):
    """Description and SOAP; wrong in the way that `kind` says."""

    kind: ClassVar[Upnp] = Upnp.SAYS
    address: ClassVar[str] = ""

    def do_GET(self) -> None:
        if self.kind is Upnp.FOREIGN:  # else its description would be found at the usual place
            self._send(b"", 404)
        elif self.kind is Upnp.REDIRECT:
            self.send_response(302)
            self.send_header("Location", f"{_DECOY}/rootDesc.xml")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.kind is Upnp.ENDLESS:
            self._stream(b"<a>x</a>" * 1000, 0.0)
        elif self.kind is Upnp.SLOW:
            self._stream(b"<", 0.2)
        else:
            self._send(_described(self.kind))

    def do_POST(self) -> None:
        """Asked of every kind, FOREIGN too: a decoy's description leads back here as well."""
        self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 10_000))
        action = self.headers.get("SOAPAction", "").strip('"').rpartition("#")[2]
        if action == "GetExternalIPAddress":
            said = "&#x9b;2J&#x202e;1.2.3.4" if self.kind is Upnp.CONTROL else self.address
            self._send(soap(action, NewExternalIPAddress=said))
        elif action == "GetStatusInfo":
            state = "Disconnected" if self.kind is Upnp.DOWN else "Connected"
            self._send(soap(action, NewConnectionStatus=state, NewUptime="77"))
        else:
            self._send(fault(714), 500)

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever has enough hangs up
            self.wfile.write(body)

    def _stream(self, piece: bytes, pause_s: float) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause_s)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """The log is for errors."""


class Decoy(Web):
    """Its services are wherever a client may look for them: here, by either form of URL, and on the router."""

    def do_GET(self) -> None:
        on_router = f"http://{ROUTER_LAN}:{_HTTP_PORT}/ctl"
        self._send(description((IP_2, "/ctl"), (IP_1, f"{_DECOY}/ctl"), (PPP_1, on_router)))


class Page(Web):
    """DD-WRT's public page."""

    def do_GET(self) -> None:
        if self.path == "/Info.live.htm":
            self._send(
                b"{lan_mac::00:14:BF:11:22:33}\n{uptime:: 10:01}\n{ipinfo::&nbsp;IP: %b}\n" % self.address.encode()
            )
        else:
            self._send(b"", 401)


Answers = Callable[[bytes], Sequence[bytes]]


def serve_udp(port: int, answers: Answers, group: str | None = None) -> None:
    """Sends what `answers` makes of each datagram."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    if group is not None:
        member = socket.inet_aton(group) + socket.inet_aton(ROUTER_LAN)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def loop() -> None:
        while True:
            data, peer = sock.recvfrom(4096)
            for reply in answers(data):
                sock.sendto(reply, peer)

    threading.Thread(target=loop, daemon=True).start()


def serve_web(handler: type[Web], address: str, port: int) -> None:
    """In a thread of its own."""
    server = ThreadingHTTPServer((address, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def not_natpmp(address: str) -> list[bytes]:
    """Nearly an answer: cut short, too long, to another operation, not an answer at all, of an unknown version."""
    right = natpmp_reply(address)
    return [
        b"",
        right[:3],
        right[:-1],
        right + b"\0",
        natpmp_reply(address, version=7),
        *(struct.pack("!BB", 0, operation) + right[2:] for operation in (0, 129, 255)),
    ]


def main(kind: Upnp, address: str) -> None:
    """Serve what the kind says."""
    Web.kind, Web.address = kind, address
    if kind is Upnp.DDWRT_PAGE:
        serve_web(Page, ROUTER_LAN, _PAGE_PORT)
    elif kind is Upnp.PCP_ONLY:
        replies = {0: [natpmp_reply(None, 1)], 2: [pcp_reply()]}
        serve_udp(_MAPPING_PORT, lambda asked: replies.get(asked[0] if asked else -1, []))
    elif kind is Upnp.BAD_NATPMP:
        wrong = not_natpmp(address)
        serve_udp(_MAPPING_PORT, lambda _: wrong)
    else:
        serve_web(Web, ROUTER_LAN, _HTTP_PORT)
        if kind is Upnp.CONTRADICTS:
            real = natpmp_reply(Plan().line_address)
            serve_udp(_MAPPING_PORT, lambda _: [real])
        found = ssdp_reply(_LOCATIONS.get(kind, f"http://{ROUTER_LAN}:{_HTTP_PORT}/desc.xml"))
        serve_udp(_SSDP_PORT, lambda _: [found], _GROUP)


def decoy(address: str) -> None:
    """Be a host that tells an address as a router does, and that nobody should have asked."""
    Web.address = address
    serve_web(Decoy, PC_LAN, _DECOY_PORT)


if __name__ == "__main__":
    if sys.argv[1] == "decoy":
        decoy(sys.argv[2])
    else:
        main(Upnp(sys.argv[1]), sys.argv[2])
    print("ready", flush=True)
    threading.Event().wait()
