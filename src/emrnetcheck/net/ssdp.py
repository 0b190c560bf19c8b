"""Where does the router describe itself (SSDP, UPnP Device Architecture 1.1, section 1.3)? Only the router is heard."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify, clean
from emrnetcheck.net.tcp import endpoint_text

GROUP = "239.255.255.250"
PORT = 1900
GATEWAY_DEVICES = (
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
)
_EVERYTHING = "upnp:rootdevice"
_DATAGRAM_MAX_BYTES = 4096
_ANSWERS_MAX = 200  # a device answers once for each of its parts; more is a flood
_LOCATIONS_MAX = 4
_LOCATION_MAX_CHARS = 300
_GRACE_S = 0.1  # for the router's further answers, once it has named itself a gateway
_REPEAT_S = 0.3  # UDP may be lost: all is asked twice


@dataclass(frozen=True, slots=True)
class SsdpAnswer:
    """location: the URL of the description, as the device says it: not to be trusted. kind: the ST or NT it is for."""

    location: str
    kind: str


@dataclass(frozen=True, slots=True)
class SsdpFound:
    """The URLs that the router itself named, those of a gateway device first."""

    locations: tuple[str, ...]
    sent_bytes: int
    received_bytes: int


def search_request(target: str, host: str) -> bytes:
    """An M-SEARCH for one kind of device."""
    lines = ("M-SEARCH * HTTP/1.1", f"HOST: {host}:{PORT}", 'MAN: "ssdp:discover"', "MX: 1", f"ST: {target}")
    return "\r\n".join((*lines, "", "")).encode("ascii")


def parse_answer(data: bytes) -> SsdpAnswer | Failure:
    """An answer to M-SEARCH; MALFORMED for everything else."""
    head = data[:_DATAGRAM_MAX_BYTES].decode("latin-1")
    lines = head.split("\r\n")
    if not lines[0].startswith("HTTP/1.") or lines[0].split(" ")[1:2] != ["200"]:
        return _malformed("not an answer")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    location = headers.get("location", "")
    if not location or len(location) > _LOCATION_MAX_CHARS or not location.isascii() or not location.isprintable():
        return _malformed("no usable LOCATION")
    return SsdpAnswer(location, clean(headers.get("st", "")))


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "SSDP", detail=why)


def search(gateway: str, own_address: str, *, timeout_s: float) -> SsdpFound | Failure:
    """Ask everybody on the LAN and the router itself; only what comes from the router's address counts.

    Ends soon after the router named itself a gateway device. TIMEOUT if it named no description at all.
    """
    target = endpoint_text(gateway, PORT)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own_address))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
            return _collect(sock, gateway, Deadline.after(timeout_s))
    except OSError as error:
        return classify(error, "SSDP", target)


def _collect(sock: socket.socket, gateway: str, deadline: Deadline) -> SsdpFound | Failure:
    gateways: list[str] = []
    others: list[str] = []
    failure = Failure(FailureKind.TIMEOUT, "SSDP", endpoint_text(gateway, PORT))
    sent_bytes, received_bytes, heard = _ask_all(sock, gateway), 0, 0
    repeat = Deadline.after(_REPEAT_S)
    repeated = False
    ends = deadline
    while not ends.passed() and heard < _ANSWERS_MAX:
        if not repeated and repeat.passed():
            sent_bytes, repeated = sent_bytes + _ask_all(sock, gateway), True
        until_s = ends.remaining_s() if repeated else min(ends.remaining_s(), repeat.remaining_s())
        sock.settimeout(max(until_s, 0.001))
        try:
            data, sender = sock.recvfrom(_DATAGRAM_MAX_BYTES)
        except TimeoutError:
            continue
        except ConnectionError:  # Windows: the router's "nothing listens there"; the multicast may still be answered
            continue
        if sender[0] != gateway:
            continue
        heard += 1
        received_bytes += len(data)
        answer = parse_answer(data)
        if isinstance(answer, Failure):
            failure = Failure(answer.kind, "SSDP", failure.target, answer.detail)
            continue
        is_gateway = answer.kind in GATEWAY_DEVICES
        wanted = gateways if is_gateway else others
        if answer.location not in wanted and len(wanted) < _LOCATIONS_MAX:
            wanted.append(answer.location)
        if is_gateway and ends is deadline:
            ends = Deadline.after(min(_GRACE_S, deadline.remaining_s()))
    locations = tuple(dict.fromkeys([*gateways, *others]))[:_LOCATIONS_MAX]
    return SsdpFound(locations, sent_bytes, received_bytes) if locations else failure


def _ask_all(sock: socket.socket, gateway: str) -> int:
    """To the group and to the router alone: a host firewall lets in the answers of whom it wrote to."""
    sent_bytes = 0
    failed: OSError | None = None
    for host in (gateway, GROUP):
        for target in (*GATEWAY_DEVICES, _EVERYTHING):
            try:
                sent_bytes += sock.sendto(search_request(target, host), (host, PORT))
            except OSError as error:  # no route for multicast; the other way may go
                failed = error
    if not sent_bytes and failed is not None:
        raise failed
    return sent_bytes
