"""How is an upload taken and thrown away, and a download made up? As LibreSpeed's servers do it, with caps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from emrnetcheck.responder.answers import NO_STORE, Refused
from emrnetcheck.responder.buckets import EVERYBODY, Buckets, Claim, Slots, missing_s
from emrnetcheck.responder.limits import HOUR_S, MIB, Limits, Rate
from emrnetcheck.responder.peers import keys

_PIECE_BYTES = 64 * 1024
_DEFAULT_MIB = 4
_DIGITS_MOST = 9
_NO_ROOM_S = 5


@dataclass(slots=True)
class _Account:
    """What one peer may still transfer; counted as it goes, so that nobody pays for what was cut off."""

    budget: Budget
    site: str

    def spend(self, n_bytes: int) -> bool:
        """Whether there is any left."""
        now_s = self.budget.clock()
        self.budget.each.spend(self.site, n_bytes, now_s)
        self.budget.all.spend(EVERYBODY, n_bytes, now_s)
        return self.budget.each.level(self.site, now_s) > 0 and self.budget.all.level(EVERYBODY, now_s) > 0

    def close(self) -> None:
        self.budget.slots.leave(self.site)


class Budget:
    """Bytes each hour, both directions together, and transfers at once: of a site, and of all. A site has a small part
    of either, so that no single one takes them from the others."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        hourly, in_all = limits.transfer_bytes_site_hour, limits.transfer_bytes_hour
        self.clock = clock
        self.each = Buckets(Rate(hourly, hourly / HOUR_S), limits.table_entries)
        self.all = Buckets(Rate(in_all, in_all / HOUR_S), 1)
        self.slots = Slots(limits.transfers, limits.transfers_site_at_once)

    def open(self, peer: str, n_bytes: int) -> _Account:
        """Room for a transfer of so many bytes, or Refused. close() has to follow."""
        site = keys(peer).site
        self.demand(site, n_bytes)
        if not self.slots.enter(site):
            raise Refused(429, "Too many transfers at once.", retry_s=_NO_ROOM_S)
        return _Account(self, site)

    def demand(self, site: str, n_bytes: int) -> None:
        """Refused where so much is not there, with the time until it is."""
        claims = (Claim(self.each, site, n_bytes), Claim(self.all, EVERYBODY, n_bytes))
        if wait_s := missing_s(claims, self.clock()):
            raise Refused(429, "Enough has been transferred for this hour.", retry_s=wait_s)


async def take_upload(request: Request, peer: str, budget: Budget, limits: Limits) -> Response:
    """Read the body and forget it. Its length is announced: the protocol takes no other."""
    announced = request.headers.get("content-length", "0")
    n_bytes = int(announced) if announced.isascii() and announced.isdigit() and len(announced) <= _DIGITS_MOST else None
    if n_bytes is None or n_bytes > limits.transfer_bytes:
        raise Refused(413, f"At most {limits.transfer_bytes // MIB} MiB in one request.")
    account = budget.open(peer, n_bytes)
    try:
        await _take_all(request, account, n_bytes, limits)
    except TimeoutError:
        raise Refused(408, f"An upload makes no pause, and is done in {limits.transfer_s:.0f} s.") from None
    except ClientDisconnect:
        pass  # nobody is there to be told
    finally:
        account.close()
    return Response(headers=NO_STORE)


async def _take_all(request: Request, account: _Account, n_bytes: int, limits: Limits) -> None:
    """TimeoutError too for who pauses or sends next to nothing: he would hold a place for nothing."""
    clock = asyncio.get_running_loop().time
    began_s, taken = clock(), 0
    async with asyncio.timeout(limits.transfer_silence_s) as patience:
        async for piece in request.stream():
            taken += len(piece)
            if not account.spend(len(piece)):
                account.budget.demand(account.site, n_bytes)
            worth_s = limits.transfer_silence_s + taken / limits.transfer_least_bytes_s
            patience.reschedule(
                min(began_s + min(worth_s, limits.transfer_s), clock() + limits.transfer_silence_s),
            )


def wanted_bytes(request: Request, limits: Limits) -> int:
    """ckSize, in MiB, as LibreSpeed has it: what is too much is as much as is given."""
    asked = request.query_params.get("ckSize", str(_DEFAULT_MIB))
    if not (asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS_MOST and int(asked)):
        raise Refused(400, "ckSize is a number of MiB.")
    return min(int(asked) * MIB, limits.transfer_bytes)


class Download(Response):
    """Random bytes: made once, so that they cost nothing, and of no use to who compresses."""

    _PIECE = os.urandom(_PIECE_BYTES)

    def __init__(self, account: _Account, n_bytes: int, seconds: float) -> None:
        super().__init__(media_type="application/octet-stream", headers=NO_STORE)
        self._account = account
        self._left = n_bytes
        self._seconds = seconds
        self.headers["content-length"] = str(n_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await super().__call__(scope, receive, send)
                return
            await receive()  # the request itself, which has no body
            gone: asyncio.Future[Message] = asyncio.ensure_future(receive())
            try:
                await self._send_all(send, gone)
            finally:
                gone.cancel()
        finally:
            self._account.close()

    async def _send_all(self, send: Send, gone: asyncio.Future[Message]) -> None:
        """All of it; or less, and then uvicorn closes the connection: the length that was announced tells."""
        try:
            async with asyncio.timeout(self._seconds):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                while self._left and not gone.done():
                    piece = self._PIECE[: self._left]
                    if not self._account.spend(len(piece)):
                        return
                    self._left -= len(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": self._left > 0})
                    await asyncio.sleep(0)  # where the other side is as fast, sending never waits
        except TimeoutError:
            pass
