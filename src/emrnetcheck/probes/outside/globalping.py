"""What does Globalping say about a port? Its probes, in many networks of the world, try the office's address.

By its documented API: a measurement is ordered by a POST and polled by GETs, each at least half a second after the
last answer. A TCP ping of one packet waits 10 s for an answer, so a port that is silent takes that long, and one that
is open takes a second. No compressed answers are asked for: the largest is a few kB. In which country the office is
cannot be told without asking one more service, so the probes are any three.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import OutsideCertificate, OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.outside.api import Api
from emrnetcheck.probes.outside.common import TOLD, at_once, too_late, untried
from emrnetcheck.probes.outside.globalping_says import Measurement, created, measurement, verdict
from emrnetcheck.probes.together import together

TOLD_PUBLICLY = f"{TOLD}; for 7 days, whoever knows the number of the test can read its result"

_PATH = "/v1/measurements"
_PAUSE_S = 0.5
_ORDERS_AT_ONCE = 4
_PROBES = 3
_CERTIFICATE_PROBES = 2  # that there is no TLS is believed only of two
_PACKETS = 3
_NETWORKS_MIN = 2
_STRAGGLERS_S = 1.5  # how long the other probes are waited for once one got through
_CERTIFICATE_S = 2.0  # how long its test is waited for once the port is known to be open
_BODY_MAX_BYTES = 64 * 1024


def ask(service: str, api: Api, port: int, *, target: str, ends_s: float, certificate: bool) -> OutsideTry:
    """Three probes by TCP ping, and with `certificate` two by HTTPS; they cost no time where the port is shut."""
    started_s = time.monotonic()
    order = _ping(target, port, probes=_PROBES, packets=_PACKETS)
    orders = [order, _https(target, port)] if certificate else [order]
    ids = together([partial(_order, api, each, ends_s) for each in orders], api.context, limit_s=_left_s(ends_s))
    pinged = _result(api, ids[0] or too_late(service), target, ends_s, _STRAGGLERS_S)
    tried = _tried(service, api, port, target, pinged, networks_min=_NETWORKS_MIN)
    if certificate and tried.reachable and isinstance(ids[1], str):
        ends_s = min(ends_s, time.monotonic() + _CERTIFICATE_S)
        spoken = _result(api, ids[1], target, ends_s, 0.0)
        tried = replace(tried, certificate=_shown(spoken), certificate_failure=_not_tls(spoken, target))
    return replace(tried, seconds=time.monotonic() - started_s)


def ask_many(service: str, api: Api, ports: Sequence[int], *, target: str, ends_s: float) -> tuple[OutsideTry, ...]:
    """One probe for each port, by a ping of one packet. The results are asked for in turn, two in a second at most."""
    ordered: dict[int, str] = {}

    def order(port: int) -> OutsideTry:
        given = _order(api, _ping(target, port, probes=1, packets=1), ends_s)
        if isinstance(given, str):
            ordered[port] = given
        return untried(service, port, too_late(service) if isinstance(given, str) else given)

    tried = {
        each.port: each for each in at_once(service, ports, order, api.context, ends_s=ends_s, lanes=_ORDERS_AT_ONCE)
    }
    found = _collect(api, dict(ordered), target, ends_s)
    return tuple(
        _tried(service, api, port, target, found[port], networks_min=1) if port in found else tried[port]
        for port in ports
    )


def _collect(api: Api, waiting: dict[int, str], target: str, ends_s: float) -> dict[int, Measurement | Failure]:
    """By port, what has a result before the time is over; a service that does not want to be asked is left alone."""
    found: dict[int, Measurement | Failure] = {}
    while waiting:
        for port, given in tuple(waiting.items()):
            if not _pause(api, ends_s):
                return found
            looked = _look(api, given, target, ends_s)
            if isinstance(looked, Failure) and looked.kind is FailureKind.RATE_LIMITED:
                return found | dict.fromkeys(waiting, looked)
            if isinstance(looked, Failure) or not looked.in_progress:
                found[port] = looked
                del waiting[port]
    return found


def unusable(target: str | None, host: str, *, version: int = 4) -> Failure | None:
    """Why this cannot be the office's public address; its probes try no address that is not public."""
    if target is not None and (6 if ":" in target else 4) == version and address_class(target) is AddressClass.PUBLIC:
        return None
    return Failure(FailureKind.UNSUPPORTED, "ask", host, f"this office's public IPv{version} address is not known")


def _ping(target: str, port: int, *, probes: int, packets: int) -> dict[str, Any]:
    return {
        "type": "ping",
        "target": target,
        "limit": probes,
        "inProgressUpdates": False,
        "measurementOptions": {"protocol": "TCP", "port": port, "packets": packets},
    }


def _https(target: str, port: int) -> dict[str, Any]:
    """HEAD, because of a GET it would keep the page, for everybody to read."""
    return {
        "type": "http",
        "target": target,
        "limit": _CERTIFICATE_PROBES,
        "inProgressUpdates": False,
        "measurementOptions": {"protocol": "HTTPS", "port": port, "request": {"method": "HEAD", "path": "/"}},
    }


def _order(api: Api, what: Mapping[str, Any], ends_s: float) -> str | Failure:
    answer = api.ask(_PATH, ends_s=ends_s, send=what)
    return answer if isinstance(answer, Failure) else created(answer)


def _look(api: Api, given_id: str, target: str, ends_s: float) -> Measurement | Failure:
    answer = api.ask(f"{_PATH}/{given_id}", ends_s=ends_s, body_max_bytes=_BODY_MAX_BYTES)
    return answer if isinstance(answer, Failure) else measurement(answer, given_id, target)


def _result(api: Api, given: str | Failure, target: str, ends_s: float, stragglers_s: float) -> Measurement | Failure:
    """The measurement when it is over, or what there is of it when the time is; a probe that got in ends it."""
    if isinstance(given, Failure):
        return given
    found: Measurement | Failure = Failure(FailureKind.OUT_OF_TIME, "ask", api.service.host, "it had no result yet")
    through_s: float | None = None
    while _pause(api, ends_s if through_s is None else min(ends_s, through_s + stragglers_s)):
        looked = _look(api, given, target, ends_s)
        if isinstance(looked, Failure):
            return found if isinstance(found, Measurement) and found.said else looked
        found = looked
        if not found.in_progress:
            break
        if through_s is None and any(each.probe.reachable or each.certificate is not None for each in found.said):
            through_s = time.monotonic()
    return found


def _tried(
    service: str, api: Api, port: int, target: str, found: Measurement | Failure, *, networks_min: int
) -> OutsideTry:
    if isinstance(found, Failure):
        return untried(service, port, found)
    said = verdict(found, networks_min=networks_min)
    probes = tuple(each.probe for each in found.said)
    if isinstance(said, Failure):
        failure = replace(said, operation="ask", target=api.service.host)
        return OutsideTry(service, None, port, None, failure, probes=probes)
    return OutsideTry(service, target, port, said, None, probes=probes)


def _shown(found: Measurement | Failure) -> OutsideCertificate | None:
    if isinstance(found, Failure):
        return None
    return next((each.certificate for each in found.said if each.certificate is not None), None)


def _not_tls(found: Measurement | Failure, target: str) -> Failure | None:
    """That something else than TLS answered, where as many probes as were asked say so and none saw a certificate."""
    if isinstance(found, Failure) or _shown(found) is not None:
        return None
    enough = sum(each.not_tls for each in found.said) >= _CERTIFICATE_PROBES
    return Failure(FailureKind.NOT_TLS, "TLS handshake", target) if enough else None


def _pause(api: Api, ends_s: float) -> bool:
    """Wait before the next look; False where there is no time for one."""
    if _left_s(ends_s) <= _PAUSE_S or api.context.stopping():
        return False
    return not api.context.stop.wait(_PAUSE_S)


def _left_s(ends_s: float) -> float:
    return max(0.0, ends_s - time.monotonic())
