"""What can the responder be asked? GET /ip, /health, /port/N, and LibreSpeed's uploads and downloads."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emrnetcheck import __version__
from emrnetcheck.model import Failure
from emrnetcheck.net.dial_back import Dialled, dial_back
from emrnetcheck.responder import transfers
from emrnetcheck.responder.answers import NO_STORE, Refused
from emrnetcheck.responder.buckets import Buckets, Claim, take
from emrnetcheck.responder.limits import DEFAULT_PORTS, Limits
from emrnetcheck.responder.log import Log
from emrnetcheck.responder.peers import MayDial, is_global, keys, parsed
from emrnetcheck.responder.turns import DialTurns

_PORT_MAX = 65535
_PORT_DIGITS = 5
_WORDS = {404: "There is nothing here.", 405: "That is not done here."}


class Dial(Protocol):
    """Connects to a port of an address."""

    def __call__(
        self, address: str, port: int, *, timeout_s: float, certificate: bool
    ) -> Awaitable[Dialled | Failure]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may have what. token "": none is needed. may_dial: which peers are dialled back."""

    ports: frozenset[int] = DEFAULT_PORTS
    token: str = field(default="", repr=False)
    may_dial: MayDial = is_global
    limits: Limits = field(default_factory=Limits)


class Service:
    """The answers. All that is known of a request's sender is the other end of its TCP connection."""

    def __init__(self, rules: Rules, dial: Dial = dial_back, clock: Callable[[], float] = time.monotonic) -> None:
        limits = rules.limits
        self._rules = rules
        self._dial = dial
        self._turns = DialTurns(limits, clock)
        self._budget = transfers.Budget(limits, clock)

    async def ip(self, request: Request) -> Response:
        return JSONResponse({"ip": _peer(request)}, headers=NO_STORE)

    async def health(self, request: Request) -> Response:  # noqa: ARG002 - the shape is given
        return JSONResponse({"status": "ok", "version": __version__}, headers=NO_STORE)

    async def port(self, request: Request) -> Response:
        """Dial the peer of this very connection, at a port of the list, once."""
        self._authorize(request)
        port = _port(request.path_params["port"])
        certificate = _wants_certificate(request)
        peer = _peer(request)
        if port not in self._rules.ports:
            raise Refused(403, "This port is not on this responder's list.")
        if not self._rules.may_dial(peer):
            raise Refused(403, "Only whoever asks is dialled, and only at a public address; yours is none.")
        with self._turns.turn(peer):
            found = await self._dial(peer, port, timeout_s=self._rules.limits.dial_s, certificate=certificate)
        if isinstance(found, Failure):
            raise Refused(503, "This responder could not try: it has no way to your address, or no room.")
        return JSONResponse(
            {
                "address": peer,
                "port": port,
                "state": found.state.value,
                "dial_ms": round(found.ms, 1),
                "fingerprint_sha256": found.fingerprint_sha256,
                "speaks_tls": found.speaks_tls,
            },
            headers=NO_STORE,
        )

    async def empty(self, request: Request) -> Response:
        self._authorize(request)
        return await transfers.take_upload(request, _peer(request), self._budget, self._rules.limits)

    async def garbage(self, request: Request) -> Response:
        self._authorize(request)
        n_bytes = transfers.wanted_bytes(request, self._rules.limits)
        account = self._budget.open(_peer(request), n_bytes)
        return transfers.Download(account, n_bytes, self._rules.limits.transfer_s)

    def _authorize(self, request: Request) -> None:
        """Compared in a time that tells nothing of how much was right."""
        if not self._rules.token:
            return
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._rules.token.encode("utf-8")):
            raise Refused(401, "This responder wants a token, and yours is missing or wrong.")


def _peer(request: Request) -> str:
    """The other end of the TCP connection, whatever any header says."""
    address = parsed(request.client.host) if request.client is not None else None
    if address is None:
        raise Refused(400, "Your address is not known here.")
    return str(address)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _PORT_DIGITS and 0 < int(text) <= _PORT_MAX):
        raise Refused(400, "A port is a number from 1 to 65535.")
    return int(text)


def _wants_certificate(request: Request) -> bool:
    asked = request.query_params.multi_items()
    if asked not in ([], [("certificate", "0")], [("certificate", "1")]):
        raise Refused(400, "Only certificate=1 can be asked for: whom to dial is not up to the question.")
    return asked == [("certificate", "1")]


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error.answer()


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Refused(error.status_code, _WORDS.get(error.status_code, error.detail)).answer()


def make_app(service: Service, rules: Rules, log: Log, clock: Callable[[], float] = time.monotonic) -> ASGIApp:
    """The whole of it, as uvicorn runs it."""
    uploads = [Route(f"{folder}/empty{end}", service.empty, methods=["GET", "POST"]) for folder, end in _PLACES]
    downloads = [Route(f"{folder}/garbage{end}", service.garbage) for folder, end in _PLACES]
    inner = Starlette(
        routes=[
            Route("/ip", service.ip),
            Route("/health", service.health),
            Route("/port/{port}", service.port),
            *uploads,
            *downloads,
        ],
        exception_handlers={Refused: _refused, HTTPException: _http_error},
    )
    inner.router.redirect_slashes = False  # it would send whoever asks to where his Host header says
    return _Doorman(inner, rules.limits, log, clock)


_PLACES = [(folder, end) for folder in ("", "/backend") for end in ("", ".php")]


class _Doorman:
    """Counts requests before anything looks at them, and writes each down."""

    def __init__(self, inner: ASGIApp, limits: Limits, log: Log, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._log = log
        self._clock = clock
        self._target_chars = limits.target_chars
        self._by_address = Buckets(limits.requests_address, limits.table_entries)
        self._by_prefix = Buckets(limits.requests_prefix, limits.table_entries)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        peer = scope["client"][0] if scope["client"] else "?"
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        whose = keys(peer)
        claims = (Claim(self._by_address, whose.address), Claim(self._by_prefix, whose.prefix))
        if wait_s := take(claims, self._clock()):
            refusal = Refused(429, "Too many requests from your address.", retry_s=wait_s)
            await refusal.answer()(scope, receive, noting)
        elif len(scope["raw_path"]) + len(scope["query_string"]) > self._target_chars:
            await Refused(414, "That is too long an address.").answer()(scope, receive, noting)
        else:
            await self._inner(scope, receive, noting)
        self._log.request(peer, scope["method"], scope["path"], status)
