"""A program that asks a router for its outside address, from outside our own code: what does it really answer?

python ask_router.py GATEWAY: one JSON object. Of a stranger it believes everything, so it is for the lab alone.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urljoin, urlsplit

_SILENT_S = 0.6  # it is in the same room
_READ_S = 1.0
_ENOUGH_BYTES = 3_000_000
_SEARCH = 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {}\r\n\r\n'
_KINDS = ("urn:schemas-upnp-org:device:InternetGatewayDevice:1", "urn:schemas-upnp-org:device:InternetGatewayDevice:2")
_SERVICE = re.compile(
    r"<serviceType>[^<]*:(WAN(?:IP|PPP)Connection:\d)</serviceType>.*?<controlURL>([^<]*)<", re.DOTALL
)
_ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:{action} xmlns:u="urn:schemas-upnp-org:service:{service}"/></s:Body></s:Envelope>'
)


def search() -> dict[str, str]:
    """LOCATION by the sender of each answer to a multicast search."""
    found: dict[str, str] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for kind in _KINDS:
            sock.sendto(_SEARCH.format(kind).encode(), ("239.255.255.250", 1900))
        ends = time.monotonic() + _SILENT_S
        while (left_s := ends - time.monotonic()) > 0:
            sock.settimeout(left_s)
            try:
                data, (sender, _) = sock.recvfrom(4096)
            except TimeoutError:
                break
            if match := re.search(rb"(?im)^location: *(\S+)", data):
                found.setdefault(sender, match[1].decode())
    return found


def http(url: str, soap: tuple[str, str] | None = None) -> dict[str, Any]:
    """Status, Location and body, as much as comes in a short time; {} if nothing does."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_SILENT_S)
    try:
        if soap is None:
            connection.request("GET", parts.path)
        else:
            service, action = soap
            headers = {"SOAPAction": f'"urn:schemas-upnp-org:service:{service}#{action}"', "Content-Type": "text/xml"}
            connection.request("POST", parts.path, _ENVELOPE.format(service=service, action=action), headers)
        response = connection.getresponse()
        body, ends = b"", time.monotonic() + _READ_S
        while len(body) < _ENOUGH_BYTES and time.monotonic() < ends and (piece := response.read1(65536)):
            body += piece
    except OSError:
        return {}
    finally:
        connection.close()
    return {"status": response.status, "location": response.getheader("Location"), "body": body.decode("latin-1")}


def upnp(location: str) -> dict[str, Any]:
    """What the description is like, and what each Internet service says: [address, state of the line]."""
    described = http(location)
    body = described.pop("body", "")
    version = re.search(r"InternetGatewayDevice:(\d)", body)
    said = {}
    for service, url in _SERVICE.findall(body):
        control = urljoin(location, url)
        asked = [
            http(control, (service, action)).get("body", "") for action in ("GetExternalIPAddress", "GetStatusInfo")
        ]
        said[service] = [control, _inside("NewExternalIPAddress", asked[0]), _inside("NewConnectionStatus", asked[1])]
    return {**described, "size": len(body), "igd": version and version[1], "services": said, "start": body[:200]}


def _inside(name: str, text: str) -> str | None:
    match = re.search(f"<{name}>(.*?)</{name}>", text)
    return match[1] if match else None


def datagrams(gateway: str, question: bytes) -> list[str]:
    """What comes back from the port of NAT-PMP and PCP, in hexadecimal."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_SILENT_S / 2)
        sock.connect((gateway, 5351))
        try:
            sock.send(question)
            while True:
                found.append(sock.recv(2048).hex())
        except OSError:  # silent, or nothing listens
            return found


def main(gateway: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((gateway, 9))
        own = socket.inet_aton(sock.getsockname()[0])
    announce = struct.pack("!BBHI", 2, 0, 0, 0) + bytes(10) + b"\xff\xff" + own
    found = search()
    report = {
        "ssdp": found,
        "upnp": upnp(found.get(gateway, f"http://{gateway}:5000/rootDesc.xml")),
        "natpmp": datagrams(gateway, b"\0\0"),
        "pcp": datagrams(gateway, announce),
        "page": http(f"http://{gateway}/Info.live.htm").get("body"),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1])
