"""What do Globalping's answers say? Its JSON, read strictly: the verdict is stats.rcv, and never the raw output.

But for one thing: that something else than TLS answers an HTTPS test is only there, in the words of OpenSSL.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emrnetcheck.evidence.port import OutsideCertificate, OutsideProbe
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_RESULTS_MAX = 50  # as many probes as one may ask for without an account
_NOT_TLS = re.compile(r"wrong.version.number|packet.length.too.long|http.request", re.IGNORECASE)
_RAW_CHARS = 400
_WHERE_CHARS = 80
_NAMES_MAX = 20
_NAME_CHARS = 80
_PACKETS_MAX = 16
IN_PROGRESS = "in-progress"


@dataclass(frozen=True, slots=True)
class Said:
    """One probe's result. network: its number (ASN); None where it is not told. not_tls: no TLS server answered it."""

    probe: OutsideProbe
    network: int | None
    certificate: OutsideCertificate | None = None
    not_tls: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """in_progress: more may come."""

    in_progress: bool
    said: tuple[Said, ...]


def created(answer: Mapping[str, Any]) -> str | Failure:
    """The measurement's id, safe to be part of a path."""
    given = answer.get("id")
    if not isinstance(given, str) or not _ID.fullmatch(given):
        return _malformed("it has no id")
    return given


def measurement(answer: Mapping[str, Any], given_id: str, target: str) -> Measurement | Failure:
    """The measurement with this id, of this address; MALFORMED where it is another."""
    results, status = answer.get("results"), answer.get("status")
    if answer.get("id") != given_id or answer.get("target", target) != target:
        return _malformed("it is about something else")
    if not isinstance(status, str) or not isinstance(results, list) or len(results) > _RESULTS_MAX:
        return _malformed("it has no results")
    said = tuple(_said(result, target) for result in results if isinstance(result, dict))
    return Measurement(status == IN_PROGRESS, said)


def verdict(found: Measurement, *, networks_min: int) -> bool | Failure:
    """Open is what any probe got through to; shut only what probes of so many networks did not."""
    if any(each.probe.reachable for each in found.said):
        return True
    without = [each for each in found.said if each.probe.reachable is False]
    networks = {each.network for each in without if each.network is not None}
    if len(networks) >= networks_min:
        return False
    if found.in_progress:
        return Failure(FailureKind.OUT_OF_TIME, detail="it had no result yet")
    if without:
        return Failure(FailureKind.NO_SERVER, detail=f"its probes in fewer than {networks_min} networks tried")
    failure = next((each.probe.failure for each in found.said if each.probe.failure is not None), None)
    return failure or Failure(FailureKind.NO_SERVER, detail="none of its probes tried")


def _said(result: Mapping[str, Any], target: str) -> Said:
    place, found = _object(result.get("probe")), _object(result.get("result"))
    where, network = _where(place), _whole(place.get("asn"))
    dialled = found.get("resolvedAddress")
    if dialled is not None and dialled != target:
        return Said(OutsideProbe(where, None, failure=_malformed("it tried another address")), network)
    reachable, failure = _reached(found)
    rtt_ms = _number(_object(found.get("stats")).get("min")) if reachable else None
    certificate = _certificate(found.get("tls"))
    return Said(OutsideProbe(where, reachable, None, rtt_ms, failure), network, certificate, _not_tls(found))


def _reached(found: Mapping[str, Any]) -> tuple[bool | None, Failure | None]:
    """Whether the probe got through; None where it made no measurement, and why.

    A connection that is refused and one that is not answered look alike: 0 of the packets were received.
    """
    status, source = found.get("status"), found.get("failureSource")
    if status == "finished" and source in (None, "target"):
        received = _whole(_object(found.get("stats")).get("rcv"))
        if received is None or received > _PACKETS_MAX:
            return None, _malformed("it does not tell how many packets came back")
        return received > 0, None
    if status in ("finished", "failed") and source == "target":
        return False, None
    if status == IN_PROGRESS:
        return None, Failure(FailureKind.OUT_OF_TIME, detail="its probe had not finished")
    if status == "offline":
        return None, Failure(FailureKind.NO_SERVER, detail="its probe went away")
    return None, Failure(FailureKind.NO_SERVER, detail="its probe had a fault of its own")


def _not_tls(found: Mapping[str, Any]) -> bool:
    """Whether an HTTPS test failed since what answered is no TLS; not since it was late, cut, or of another version."""
    raw = found.get("rawOutput")
    if found.get("status") != "failed" or found.get("failureSource") not in (None, "target"):
        return False
    return not found.get("tls") and isinstance(raw, str) and _NOT_TLS.search(raw[:_RAW_CHARS]) is not None


def _where(place: Mapping[str, Any]) -> str:
    number = _whole(place.get("asn"))
    words = [f"AS{number}" if number is not None else ""]
    words += [str(place.get(key)) for key in ("network", "city", "country") if isinstance(place.get(key), str)]
    return clean(", ".join(word for word in words if word), _WHERE_CHARS) or "a probe that does not say where"


def _certificate(told: object) -> OutsideCertificate | None:
    tls = _object(told)
    given = tls.get("fingerprint256")
    fingerprint = given.replace(":", "").lower() if isinstance(given, str) else ""
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    authorized, error = tls.get("authorized"), tls.get("error")
    error = clean(error, _NAME_CHARS) if isinstance(error, str) else ""
    # It asks by the address, which is in no certificate: that says nothing about trust.
    only_the_name = "altname" in error.lower()
    trusted = authorized if isinstance(authorized, bool) and not only_the_name else None
    return OutsideCertificate(fingerprint, trusted, error, _moment(tls.get("expiresAt")), _names(tls.get("subject")))


def _moment(told: object) -> str | None:
    """The time as ISO 8601 in UTC; None where it is none."""
    if not isinstance(told, str) or len(told) > _NAME_CHARS:
        return None
    try:
        moment = dt.datetime.fromisoformat(told)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def _names(subject: object) -> tuple[str, ...]:
    """The names that the certificate is for, out of "DNS:emr.example.org, IP Address:192.0.2.1"."""
    alternatives = _object(subject).get("alt")
    if not isinstance(alternatives, str):
        return ()
    names = (
        part.partition(":")[2] or part for part in alternatives[: _NAMES_MAX * _NAME_CHARS].split(",")[:_NAMES_MAX]
    )
    return tuple(name for name in (clean(name, _NAME_CHARS) for name in names) if name)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32 else None


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "read answer", detail=why)
