"""A router on loopback for tests: its description, its SOAP answers, its SSDP, NAT-PMP and PCP."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.servers import LOOPBACK, http_reply, tcp_server

IP_1 = "urn:schemas-upnp-org:service:WANIPConnection:1"
IP_2 = "urn:schemas-upnp-org:service:WANIPConnection:2"
PPP_1 = "urn:schemas-upnp-org:service:WANPPPConnection:1"


def description(*services: tuple[str, str], version: int = 1, name: str = "Home Router", base: str = "") -> bytes:
    """A gateway's description with these (service, controlURL), nested as real ones are."""
    listed = "".join(
        f"<service><serviceType>{kind}</serviceType><serviceId>x</serviceId><controlURL>{url}</controlURL></service>"
        for kind, url in services
    )
    url_base = f"<URLBase>{base}</URLBase>" if base else ""
    return (
        f'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">{url_base}<device>'
        f"<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:{version}</deviceType>"
        f"<friendlyName>{name}</friendlyName><manufacturer>Maker</manufacturer><modelName>Model</modelName>"
        "<modelNumber>7</modelNumber><deviceList><device><friendlyName>inner</friendlyName><deviceList><device>"
        f"<serviceList>{listed}</serviceList></device></deviceList></device></deviceList></device></root>"
    ).encode()


def soap(action: str, **arguments: str) -> bytes:
    """A good SOAP answer."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<u:{action}Response xmlns:u="{IP_1}">{inner}</u:{action}Response></s:Body></s:Envelope>'
    ).encode()


def fault(number: int) -> bytes:
    """A SOAP fault with a UPnP error number."""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client'
        "</faultcode><faultstring>UPnPError</faultstring><detail>"
        f'<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>{number}</errorCode></UPnPError>'
        "</detail></s:Fault></s:Body></s:Envelope>"
    ).encode()


def natpmp_reply(address: str | None = "21.99.0.10", result: int = 0, version: int = 0) -> bytes:
    """An answer to NAT-PMP's operation 0."""
    return struct.pack("!BBHI4s", version, 128, result, 77, socket.inet_aton(address or "0.0.0.0"))


def pcp_reply(result: int = 0, version: int = 2) -> bytes:
    """An answer to PCP's ANNOUNCE."""
    return struct.pack("!BBBBII", version, 0x80, 0, result, 0, 77) + bytes(12)


def ssdp_reply(location: str, kind: str = "urn:schemas-upnp-org:device:InternetGatewayDevice:1") -> bytes:
    """An answer to M-SEARCH."""
    return f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {kind}\r\nLOCATION: {location}\r\n\r\n".encode()


Answers = Callable[[str, str], tuple[str, bytes]]
"""(path, SOAP action or "") -> status line, body."""


@contextmanager
def web_router(answers: Answers) -> Iterator[int]:
    """The router's Web server for description and SOAP; yields the port."""

    def handle(connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(4096)
            if not piece:
                return
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", "0")):
            body += connection.recv(4096)
        action = headers.get("soapaction", "").strip('"').rpartition("#")[2]
        status, reply = answers(lines[0].split(" ")[1], action)
        connection.sendall(http_reply(reply, status, "text/xml"))

    with tcp_server(handle, LOOPBACK) as port:
        yield port


def plain_router(
    address: str | None = "21.99.0.10",
    *services: tuple[str, str],
    state: str = "Connected",
    mapping: dict[str, str] | None = None,
) -> Answers:
    """A router with these services that all say the same."""

    def answers(path: str, action: str) -> tuple[str, bytes]:
        if not action:
            return ("200 OK", description(*services or ((IP_1, "/ctl"),))) if "Desc" in path else ("404 No", b"")
        if action == "GetExternalIPAddress":
            return "200 OK", soap(action, NewExternalIPAddress=address or "")
        if action == "GetStatusInfo":
            return "200 OK", soap(action, NewConnectionStatus=state, NewLastConnectionError="ERROR_NONE", NewUptime="7")
        if action == "GetSpecificPortMappingEntry" and mapping is not None:
            return "200 OK", soap(action, **mapping)
        return "500 Internal Server Error", fault(714)

    return answers
