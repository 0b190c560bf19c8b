"""Where is a load sent to, or asked from: what a back end hands to the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from emrnetcheck.model import Failure
from emrnetcheck.probes.context import Context


@dataclass(frozen=True, slots=True)
class Target:
    """An HTTP server that takes POSTs, or another kind of server, then with its `scheme`.

    query: filled with n_bytes and nonce. receipt_header: a response header in which the server says how many bytes it
    took. told: what the server learns beside what all do, if anything. pin: the SHA-256 of the one certificate that may
    answer. headers: more of them; they may hold a token, which nothing shows.
    """

    host: str
    port: int
    tls: bool
    path: str
    query: str = ""
    receipt_header: str | None = None
    scheme: str = ""
    told: str = ""
    pin: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def url(self) -> str:
        """As people write it, without the query."""
        return f"{_origin(self.host, self.port, tls=self.tls, scheme=self.scheme)}{self.path}"

    @property
    def authority(self) -> str:
        """The Host header."""
        return _authority(self.host, self.port, tls=self.tls)

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
            *(f"{name}: {value}" for name, value in self.headers),
        )
        return "\r\n".join((*lines, "", "")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Source:
    """An HTTP server that sends a large answer to a GET.

    query: filled with nonce. least_bytes: a shorter answer is not the data that was asked for. pin, headers: as for
    Target.
    """

    host: str
    port: int
    tls: bool
    path: str
    query: str
    least_bytes: int
    pin: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def url(self) -> str:
        """As people write it, without the query."""
        return f"{_origin(self.host, self.port, tls=self.tls)}{self.path}"

    def head(self, nonce: str, agent: str) -> bytes:
        """One GET."""
        query = f"?{self.query.format(nonce=nonce)}" if self.query else ""
        lines = (
            f"GET {self.path}{query} HTTP/1.1",
            f"Host: {_authority(self.host, self.port, tls=self.tls)}",
            f"User-Agent: {agent}",
            # What was compressed would be counted smaller than it is.
            "Accept-Encoding: identity",
            "Cache-Control: no-store",
            "Connection: keep-alive",
            *(f"{name}: {value}" for name, value in self.headers),
        )
        return "\r\n".join((*lines, "", "")).encode("ascii")


def _origin(host: str, port: int, *, tls: bool, scheme: str = "") -> str:
    return f"{scheme or ('https' if tls else 'http')}://{_authority(host, port, tls=tls)}"


def _authority(host: str, port: int, *, tls: bool) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == (443 if tls else 80) else f"{name}:{port}"


class BackEnd(Protocol):
    """A kind of throughput server."""

    @property
    def name(self) -> str:
        """As the report calls it."""

    def accepts(self, server: str) -> bool:
        """Whether a line of the settings' upload.servers is of this kind."""

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:
        """Where to send. More than one: the next is for when the one before says that it does not exist (404)."""


@runtime_checkable
class Downloads(Protocol):
    """A back end whose servers can send, too. What has no such method is not measured downwards."""

    def sources(self, target: Target) -> tuple[Source, ...]:
        """Where to ask, at the server that takes uploads at target. More than one: as for BackEnd.find."""
