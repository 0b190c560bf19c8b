"""How do hosts answer right now, asked again and again for days? One selector, non-blocking sockets that are kept."""

from __future__ import annotations

import selectors
import time
from collections.abc import Hashable

from emrnetcheck.model import Failure
from emrnetcheck.net import icmp_windows
from emrnetcheck.net.live_answer import Answer
from emrnetcheck.net.live_echo import Echo, Echoes
from emrnetcheck.net.live_once import Onces
from emrnetcheck.net.privilege import icmp_method

__all__ = ["TIMEOUT_S", "Answer", "Live"]

TIMEOUT_S = 2.5
"""A line whose queue holds a second is slow, not dead. Below the three seconds of a second repeated SYN (RFC 6298)."""


class Live:
    """Questions under way. Not for several threads. Nothing here waits but `collect`."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, method: str | None = None) -> None:
        self.method = method or icmp_method()
        self._timeout_s = timeout_s
        self._selector = selectors.DefaultSelector()
        self._done: list[Answer] = []
        self._echoes = Echoes(self.method, self._selector, self._done)
        self._onces = Onces(self._selector, self._done)
        self._apart = icmp_windows.Apart(timeout_s)

    def ping(self, key: Hashable, address: str) -> None:
        """One ICMP echo request. The socket is kept for the next, until another address is asked for under this key."""
        if self.method == "icmp_api":
            self._apart.ask(key, address)
        else:
            self._echoes.ping(key, address)

    def knock(self, key: Hashable, address: str, port: int) -> None:
        """One TCP connection, ended at once when it stands. A refusal is an answer."""
        self._onces.knock(key, address, port)

    def expire(self, key: Hashable, towards: str, ttl: int) -> None:
        """One packet that dies at the router number `ttl` on the way, which says so. Linux, without being root."""
        self._onces.expire(key, towards, ttl)

    def collect(self, seconds: float) -> list[Answer]:
        """What is answered within this time, and what can no longer be in time. Returns at the first that comes."""
        if not self._selector.get_map():
            if not self._done:
                time.sleep(seconds)
        else:
            for key, _ in self._selector.select(0.0 if self._done else seconds):
                what = key.data
                if isinstance(what, Echo):
                    self._echoes.drain(what)
                else:
                    self._onces.settle(what)
        for asked, asked_s, said in self._apart.take():
            told = (None, said) if isinstance(said, Failure) else (said, None)
            self._done.append(Answer(asked, asked_s, *told))
        before_s = time.monotonic() - self._timeout_s
        self._echoes.give_up(before_s)
        self._onces.give_up(before_s)
        done = list(self._done)
        self._done.clear()
        return done

    def forget(self) -> None:
        """Whatever is under way is of no interest any more, and sockets bound to an old address are useless."""
        self._echoes.close()
        self._onces.close()
        self._apart.forget()
        self._done.clear()

    def close(self) -> None:
        """The end."""
        self.forget()
        self._selector.close()
