"""Globalping's API on its real name: orders, results while they come, and probes in three networks that do connect.

It behaves as the documentation and the source of the service and of its probe do: a TCP ping has half a second
between packets and waits 10 s for each; a refused connection is a packet that did not come back; a result may be
looked at twice a second.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.lab.internet import addresses as at
from tests.lab.internet.globalping_tls import certificate_seen
from tests.lab.internet.plan import Globalping
from tests.lab.internet.serving import Connection, Request

_PACKET_TIMEOUT_S = 10.0
_BETWEEN_PACKETS_S = 0.5
_ORDER_MAX_BYTES = 16 * 1024
_LOOKS_A_SECOND = 2
_BLOCKED_S = 5
_RESET_S = 1800
_NETWORKS = ((64500, "Prairie Cable"), (64501, "Harbour Fibre"), (64502, "Northern DSL"))
_CONTROL = "\x1b]0;owned\x07\x1b[2J\u202e"
_HUGE = 2_000_000


@dataclass
class _Ordered:
    """A measurement; results are filled in by its probes, each from a thread of its own."""

    order: Mapping[str, Any]
    results: list[dict[str, Any]] = field(default_factory=list)
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=_LOOKS_A_SECOND))


class Service:
    """POST /v1/measurements, GET /v1/measurements/ID."""

    def __init__(self, fault: Globalping, ca_path: str) -> None:
        self._fault = fault
        self._ca_path = ca_path
        self._ordered: dict[str, _Ordered] = {}
        self._lock = threading.Lock()

    def __call__(self, connection: Connection, request: Request) -> None:
        path, _, given = request.path.rpartition("/")
        if request.method == "POST" and request.path == "/v1/measurements":
            self._order(connection)
        elif request.method == "GET" and path == "/v1/measurements" and given in self._ordered:
            self._look(connection, self._ordered[given], given)
        else:
            _error(connection, HTTPStatus.NOT_FOUND, "not_found", "Couldn't find the requested item.")

    def _order(self, connection: Connection) -> None:
        order = json.loads(connection.take_body(_ORDER_MAX_BYTES) or b"null")
        wrong = _wrong_with(order)
        if wrong:
            _error(connection, HTTPStatus.BAD_REQUEST, "validation_error", wrong)
            return
        limits = {"X-RateLimit-Limit": "250", "X-RateLimit-Reset": str(_RESET_S)}
        if self._fault is Globalping.RATE_LIMITED:
            limits["X-RateLimit-Remaining"] = "0"
            _error(connection, HTTPStatus.TOO_MANY_REQUESTS, "too_many_probes", "Too Many Probes Requested", limits)
            return
        given = secrets.token_urlsafe(12)
        ordered = _Ordered(order)
        for number in range(order["limit"]):
            ordered.results.append({"probe": self._place(number), "result": {"status": "in-progress", "rawOutput": ""}})
            threading.Thread(target=self._probe, args=(ordered, number), daemon=True).start()
        self._ordered[given] = ordered
        location = {"Location": f"https://api.globalping.io/v1/measurements/{given}", **limits}
        _say(connection, HTTPStatus.ACCEPTED, {"id": given, "probesCount": order["limit"]}, location)

    def _place(self, number: int) -> dict[str, Any]:
        asn, network = _NETWORKS[0 if self._fault is Globalping.ONE_NETWORK else number % len(_NETWORKS)]
        name = network + _CONTROL if self._fault is Globalping.CONTROL else network
        where = {"continent": "NA", "region": "Northern America", "country": "CA", "state": None, "city": "Winnipeg"}
        return {**where, "asn": asn, "network": name, "latitude": 49.9, "longitude": -97.1, "tags": [], "resolvers": []}

    def _probe(self, ordered: _Ordered, number: int) -> None:
        order = ordered.order
        places = at.GLOBALPING_PROBES_V6 if ":" in order["target"] else at.GLOBALPING_PROBES
        source = places[number % len(places)]
        faulty = self._fault is not Globalping.ONE_FAILING or number == 0
        if self._fault is Globalping.ENDLESS:
            return
        if self._fault is Globalping.OFFLINE:
            result: dict[str, Any] = {"status": "offline", "rawOutput": "This probe is currently offline."}
        elif self._fault in (Globalping.INTERNAL, Globalping.ONE_FAILING) and faulty:
            result = {"status": "failed", "failureSource": "internal", "rawOutput": "Test failed. Please try again."}
        elif order["type"] == "ping":
            result = _ping(source, order, lying=self._fault is Globalping.LYING)
        else:
            result = self._https(source, order)
        ordered.results[number]["result"] = result

    def _https(self, source: str, order: Mapping[str, Any]) -> dict[str, Any]:
        port = order["measurementOptions"]["port"]
        try:
            tls = certificate_seen(order["target"], port, source, self._ca_path, timeout_s=_PACKET_TIMEOUT_S)
        except OSError as error:
            return {"status": "failed", "failureSource": "target", "rawOutput": str(error), "tls": None}
        if self._fault is Globalping.CONTROL:
            tls["error"] = _CONTROL
        answer: dict[str, Any] = {
            "rawHeaders": "",
            "rawBody": None,
            "truncated": False,
            "headers": {},
            "statusCode": 200,
        }
        return {"status": "finished", "rawOutput": "", "resolvedAddress": order["target"], "tls": tls, **answer}

    def _look(self, connection: Connection, ordered: _Ordered, given: str) -> None:
        with self._lock:
            now_s = time.monotonic()
            too_often = len(ordered.looks) == _LOOKS_A_SECOND and now_s - ordered.looks[0] < 1.0
            ordered.looks.append(now_s)
        if too_often:
            headers = {"Retry-After": str(_BLOCKED_S)}
            _error(connection, HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", "Too many requests.", headers)
            return
        if self._fault is Globalping.MALFORMED:
            connection.respond(HTTPStatus.OK, b'{"id": "x", "status": ', content_type="application/json")
            return
        running = any(each["result"]["status"] == "in-progress" for each in ordered.results)
        said = {"id": given, "type": ordered.order["type"], "target": ordered.order["target"]}
        said |= {"status": "in-progress" if running else "finished", "probesCount": len(ordered.results)}
        said |= {"createdAt": "2026-11-25T00:00:00.000Z", "updatedAt": "2026-11-25T00:00:00.000Z"}
        if self._fault is Globalping.HUGE:
            said["padding"] = "x" * _HUGE
        _say(connection, HTTPStatus.OK, {**said, "results": ordered.results})


def _wrong_with(order: Any) -> str:
    """As the service's validation refuses an order; "" where it does not."""
    if not isinstance(order, dict) or order.get("type") not in ("ping", "http"):
        return '"type" must be one of [ping, http]'
    options = order.get("measurementOptions", {})
    try:
        target = ipaddress.ip_address(str(order.get("target")))
    except ValueError:
        return '"target" is none that this lab knows'
    if not target.is_global:
        return "Private hostnames are not allowed."
    if "ipVersion" in options:
        return '"ipVersion" is not allowed when target is not a domain'
    if not 1 <= order.get("limit", 1) <= len(_NETWORKS):
        return '"limit" is out of range'
    if order["type"] == "http":
        return "" if options.get("request", {}).get("method") == "HEAD" else "only HEAD is expected here"
    return "" if options.get("protocol") == "TCP" and 1 <= options.get("packets", 3) <= 16 else "bad ping options"


def _ping(source: str, order: Mapping[str, Any], *, lying: bool) -> dict[str, Any]:
    options, target = order["measurementOptions"], order["target"]
    times_ms: list[float] = []

    def packet() -> None:
        started_s = time.monotonic()
        try:
            socket.create_connection((target, options["port"]), _PACKET_TIMEOUT_S, (source, 0)).close()
        except OSError:
            return
        times_ms.append((time.monotonic() - started_s) * 1000)

    packets = [threading.Thread(target=packet, daemon=True) for _ in range(options["packets"])]
    for number, thread in enumerate(packets):
        time.sleep(_BETWEEN_PACKETS_S if number else 0.0)
        thread.start()
    for thread in packets:
        thread.join()
    if lying:
        times_ms = [] if times_ms else [12.0] * len(packets)
    received = len(times_ms)
    stats = {
        "min": min(times_ms, default=None),
        "avg": sum(times_ms) / received if received else None,
        "max": max(times_ms, default=None),
        "total": len(packets),
        "rcv": received,
        "drop": len(packets) - received,
        "loss": 100 * (len(packets) - received) / len(packets),
    }
    raw = "\n".join(f"No reply from {target}: tcp_conn={number}" for number in range(1, len(packets) + 1))
    found = {"resolvedAddress": target, "resolvedHostname": target, "stats": stats}
    return {"status": "finished", "rawOutput": raw, "timings": [{"rtt": each} for each in times_ms], **found}


def _say(
    connection: Connection, status: HTTPStatus, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    connection.respond(status, json.dumps(body).encode(), content_type="application/json", headers=headers)


def _error(
    connection: Connection, status: HTTPStatus, kind: str, message: str, headers: Mapping[str, str] | None = None
) -> None:
    _say(connection, status, {"error": {"type": kind, "message": message}}, headers)
