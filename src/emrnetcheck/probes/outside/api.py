"""One question to a service that speaks JSON over HTTP: what does it answer, and if it does not want to, why?"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http
from emrnetcheck.net.failures import clean
from emrnetcheck.net.http_message import come_again
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.outside.common import Service

_TIMEOUT_S = 6.0
_SPARE_S = 0.1  # before the end, so that an answer too late is a failure of its own
_MESSAGE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Api:
    """A service at one of its addresses. headers may hold a token: no failure repeats them.

    source: from which of this computer's addresses it is asked; None: the system chooses.
    """

    service: Service
    address: str
    context: Context
    headers: tuple[tuple[str, str], ...] = ()
    source: str | None = None

    def ask(
        self, path: str, *, ends_s: float, send: Mapping[str, Any] | None = None, body_max_bytes: int = 64 * 1024
    ) -> dict[str, Any] | Failure:
        """The JSON object that a GET of this path brings, or a POST where there is something to send."""
        method = "GET" if send is None else "POST"
        timeout_s = min(_TIMEOUT_S, ends_s - time.monotonic() - _SPARE_S)
        if timeout_s <= 0:
            return Failure(FailureKind.OUT_OF_TIME, "ask", self.service.host)
        answer = http.ask(
            self.address,
            self.service.port,
            self.service.host,
            path,
            tls=self.service.tls,
            timeout_s=timeout_s,
            method=method,
            headers=self.headers + ((("Content-Type", "application/json"),) if send is not None else ()),
            body=b"" if send is None else json.dumps(send).encode(),
            body_max_bytes=body_max_bytes,
            pin=self.service.pin,
            source=self.source,
        )
        if isinstance(answer, Failure):
            return answer
        self.context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        said = read_object(answer.response.body)
        if answer.response.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            return said if not isinstance(said, Failure) else Failure(said.kind, "ask", self.service.host, said.detail)
        return _refusal(answer.response, said, self.service.host)


def read_object(body: bytes) -> dict[str, Any] | Failure:
    """The JSON object in these bytes; MALFORMED for everything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, dict) else Failure(FailureKind.MALFORMED, "read answer", detail="no JSON object")


def _refusal(response: http.Response, said: dict[str, Any] | Failure, host: str) -> Failure:
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure(FailureKind.RATE_LIMITED, "ask", host, f"try again {come_again(response.headers) or 'later'}")
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    words = f": {clean(message, _MESSAGE_CHARS)}" if isinstance(message, str) and message else ""
    return Failure(FailureKind.HTTP_STATUS, "ask", host, f"{response.status}{words}")
