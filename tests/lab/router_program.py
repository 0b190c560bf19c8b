"""A router's UPnP, NAT-PMP, PCP or status page where miniupnpd cannot do it: old firmware, and hostile ones.

python -m tests.lab.router_program KIND ADDRESS
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.lab.plan import ROUTER_LAN, Plan, Upnp
from tests.router_servers import IP_1, description, fault, natpmp_reply, pcp_reply, soap, ssdp_reply

_HTTP_PORT, _PAGE_PORT, _SSDP_PORT, _MAPPING_PORT = 5000, 80, 1900, 5351
_GROUP = "239.255.255.250"
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><root><device><friendlyName>&j;</friendlyName></device></root>"
)
_FOREIGN = "http://192.168.1.20:8000/rootDesc.xml"


class Web(BaseHTTPRequestHandler):
    """Description and SOAP; wrong in the way that `kind` says."""

    kind: ClassVar[Upnp] = Upnp.SAYS
    address: ClassVar[str] = ""

    def do_GET(self) -> None:
        if self.kind is Upnp.BOMB:
            self._send(_BOMB)
        elif self.kind is Upnp.REDIRECT:
            self.send_response(302)
            self.send_header("Location", _FOREIGN)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.kind is Upnp.ENDLESS:
            self._stream(b"<a>x</a>" * 1000, 0.0)
        elif self.kind is Upnp.SLOW:
            self._stream(b"<", 0.2)
        else:
            name = "Evil&#x9b;31m&#x202e;Box" if self.kind is Upnp.CONTROL else "Old Router"
            self._send(description((IP_1, "/ctl"), name=name))

    def do_POST(self) -> None:
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


class Page(Web):
    """DD-WRT's public page."""

    def do_GET(self) -> None:
        if self.path == "/Info.live.htm":
            self._send(
                b"{lan_mac::00:14:BF:11:22:33}\n{uptime:: 10:01}\n{ipinfo::&nbsp;IP: %b}\n" % self.address.encode()
            )
        else:
            self._send(b"", 401)


def serve_udp(port: int, answer: bytes | dict[int, bytes], group: str | None = None) -> None:
    """Answers each datagram; with a dict by its first byte."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    if group is not None:
        member = socket.inet_aton(group) + socket.inet_aton(ROUTER_LAN)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def loop() -> None:
        while True:
            data, peer = sock.recvfrom(4096)
            reply = answer if isinstance(answer, bytes) else answer.get(data[0] if data else -1)
            if reply is not None:
                sock.sendto(reply, peer)

    threading.Thread(target=loop, daemon=True).start()


def serve_web(handler: type[Web], port: int) -> None:
    """In a thread of its own."""
    server = ThreadingHTTPServer((ROUTER_LAN, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main(kind: Upnp, address: str) -> None:
    """Serve until killed."""
    Web.kind, Web.address = kind, address
    if kind is Upnp.DDWRT_PAGE:
        serve_web(Page, _PAGE_PORT)
    elif kind is Upnp.PCP_ONLY:
        serve_udp(_MAPPING_PORT, {0: natpmp_reply(None, 1), 2: pcp_reply()})
    else:
        if kind is not Upnp.FOREIGN:  # else its description would be found at the usual place
            serve_web(Web, _HTTP_PORT)
        location = _FOREIGN if kind is Upnp.FOREIGN else f"http://{ROUTER_LAN}:{_HTTP_PORT}/desc.xml"
        if kind is Upnp.CONTRADICTS:
            serve_udp(_MAPPING_PORT, {0: natpmp_reply(Plan().line_address)})
        serve_udp(_SSDP_PORT, ssdp_reply(location), _GROUP)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(Upnp(sys.argv[1]), sys.argv[2])
