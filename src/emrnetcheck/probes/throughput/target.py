"""Where and how is upload traffic sent: what a back end hands to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emrnetcheck.model import Failure
from emrnetcheck.probes.context import Context


@dataclass(frozen=True, slots=True)
class Target:
    """An HTTP server that takes POSTs, or another kind of server, then with its `scheme`.

    query: filled with n_bytes and nonce. receipt_header: a response header in which the server says how many bytes it
    took. told: what the server learns beside what all do, if anything.
    """

    host: str
    port: int
    tls: bool
    path: str
    query: str = ""
    receipt_header: str | None = None
    scheme: str = ""
    told: str = ""

    @property
    def url(self) -> str:
        """As people write it, without the query."""
        default_port = 443 if self.tls else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == default_port else f":{self.port}"
        scheme = self.scheme or ("https" if self.tls else "http")
        return f"{scheme}://{host}{port}{self.path}"

    @property
    def authority(self) -> str:
        """The Host header."""
        return self.url.split("/")[2]

    def head(self, n_bytes: int, nonce: str, agent: str) -> bytes:
        """The head of one POST."""
        query = f"?{self.query.format(n_bytes=n_bytes, nonce=nonce)}" if self.query else ""
        lines = (
            f"POST {self.path}{query} HTTP/1.1",
            f"Host: {self.authority}",
            f"User-Agent: {agent}",
            "Content-Type: application/octet-stream",
            # Said, so that no proxy between takes it for something to compress.
            "Content-Encoding: identity",
            f"Content-Length: {n_bytes}",
            "Connection: keep-alive",
        )
        return "\r\n".join((*lines, "", "")).encode("ascii")


class BackEnd(Protocol):
    """A kind of throughput server."""

    @property
    def name(self) -> str:
        """As the report calls it."""

    def accepts(self, server: str) -> bool:
        """Whether a line of the settings' upload.servers is of this kind."""

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:
        """Where to send. More than one: the next is for when the one before says that it does not exist (404)."""
