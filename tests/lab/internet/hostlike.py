"""What the lab's Internet needs of the host (a network namespace) that it runs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

from tests.lab.namespaces import Running


class HostLike(Protocol):
    @property
    def folder(self) -> Path: ...

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 30.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> CompletedProcess[str]: ...

    def start(self, argv: Sequence[str], *, log: str, env: Mapping[str, str] | None = None) -> Running: ...

    def wait_for(self, predicate: Callable[[], bool], *, timeout_s: float, what: str) -> None: ...
