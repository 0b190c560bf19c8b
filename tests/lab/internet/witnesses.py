"""Services that tell a caller about itself, one program: its address (three sites) and, by two more, its open ports."""

from __future__ import annotations

import json
import socket
import sys
import threading
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet import globalping
from tests.lab.internet.plan import AddressServices, EchoIp, Globalping
from tests.lab.internet.serving import Connection, Request, Site, serve

WRONG_ADDRESS = "21.66.0.66"
_DIAL_TIMEOUT_S = 2.0
_HIGHEST_PORT = 65_535


def address_service(newline: str, wrong: bool, connection: Connection, request: Request) -> None:
    address = WRONG_ADDRESS if wrong else request.peer
    if request.query.get("format") == ["json"]:
        connection.respond(HTTPStatus.OK, json.dumps({"ip": address}).encode(), content_type="application/json")
    else:
        connection.respond(HTTPStatus.OK, f"{address}{newline}".encode())


def echoip(state: EchoIp, connection: Connection, request: Request) -> None:
    """As mpolden/echoip answers; it dials the caller of the TCP connection, whatever X-Forwarded-For says."""
    match request.path.split("/")[1:]:
        case ["port", _] if state is EchoIp.DOWN_500:
            connection.respond(HTTPStatus.INTERNAL_SERVER_ERROR, b"Internal Server Error")
        case ["port", _] if state is EchoIp.RATE_LIMITED:
            retry = {"Retry-After": "60"}
            connection.respond(HTTPStatus.TOO_MANY_REQUESTS, b"Too Many Requests\n", headers=retry)
        case ["" | "ip"]:
            connection.respond(HTTPStatus.OK, f"{request.peer}\n".encode())
        case ["json"]:
            _say(connection, HTTPStatus.OK, {"ip": request.peer})
        case ["port", text]:
            port = int(text) if text.isdecimal() else 0
            if not 1 <= port <= _HIGHEST_PORT:
                _say(connection, HTTPStatus.BAD_REQUEST, {"status": 400, "error": f"invalid port: {text}"})
                return
            reachable = _can_dial(request, port) is not (state is EchoIp.LYING)
            _say(connection, HTTPStatus.OK, {"ip": request.peer, "port": port, "reachable": reachable})
        case _:
            _say(connection, HTTPStatus.NOT_FOUND, {"status": 404, "error": "404 page not found"})


def _can_dial(request: Request, port: int) -> bool:
    # From the address that was asked, so that the clinic's router sees one outside party and not two.
    try:
        socket.create_connection((request.peer, port), _DIAL_TIMEOUT_S, (request.local, 0)).close()
    except OSError:
        return False
    return True


def _say(connection: Connection, status: HTTPStatus, body: dict[str, object]) -> None:
    connection.respond(status, json.dumps(body).encode(), content_type="application/json")


def address_sites(state: AddressServices) -> list[tuple[str, str, str, bool]]:
    """(name, address, newline, wrong) of the services that listen: the last is the one that is wrong or down."""
    every = [
        ("ipv4.icanhazip.com", at.ICANHAZIP, "\n"),
        ("checkip.amazonaws.com", at.CHECKIP, "\n"),
        ("api.ipify.org", at.IPIFY, ""),
    ]
    listening = {AddressServices.ALL_DOWN: 0, AddressServices.ONE_DOWN: 2}.get(state, len(every))
    wrong = every[-1] if state is AddressServices.ONE_WRONG else None
    return [(*each, each == wrong) for each in every[:listening]]


_V6_SITES = (("ipv6.icanhazip.com", at.ICANHAZIP_V6, "\n"), ("api6.ipify.org", at.IPIFY_V6, ""))


def sites(
    address_services: AddressServices, echo: EchoIp, certificates: dict[str, tuple[str, str]], *, ipv6: bool = False
) -> list[Site]:
    made = [
        Site(address, 443, partial(address_service, newline, wrong), *certificates[name])
        for name, address, newline, wrong in address_sites(address_services)
    ]
    if ipv6 and address_services is not AddressServices.ALL_DOWN:
        made += [
            Site(address, 443, partial(address_service, newline, False), *certificates[name])
            for name, address, newline in _V6_SITES
        ]
    if echo is not EchoIp.DEAD:
        handler = partial(echoip, echo)
        made.append(Site(at.ECHOIP, 80, handler))
        places = (at.ECHOIP, at.ECHOIP_V6) if ipv6 else (at.ECHOIP,)
        made += [Site(place, 443, handler, *certificates["echoip.example.org"]) for place in places]
    return made


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    services, echo = AddressServices(settings["address_services"]), EchoIp(settings["echoip"])
    made = sites(services, echo, settings["certificates"], ipv6=settings["ipv6"])
    probing = Globalping(settings["globalping"])
    if probing is not Globalping.DEAD:
        service = globalping.Service(probing, settings["ca"])
        made.append(Site(at.GLOBALPING, 443, service, *settings["certificates"]["api.globalping.io"]))
    serve(made)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv)
