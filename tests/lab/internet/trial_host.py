"""The smallest host that the lab's Internet can run in, for its own tests: one network namespace, nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.internet.addresses import ADDRESSES, ISP_RESOLVER

_ROOT = Path(__file__).resolve().parents[3]
_SET_UP = 'mount --bind "$1" /etc/resolv.conf && ip link set lo up && ip -batch "$2" && echo ready && exec cat'


@dataclass(slots=True)
class TrialHost:
    folder: Path
    _holder: subprocess.Popen[str]
    _enter: list[str]
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def create(cls, folder: Path) -> TrialHost:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {ISP_RESOLVER}\n")
        (folder / "addresses").write_text("".join(f"address add {each}/32 dev lo\n" for each in ADDRESSES))
        mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        # `cat` is process 1 of the namespace: when this process ends, its input does, and everything in there dies.
        argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *mapped]
        argv += ["sh", "-c", _SET_UP, "sh", str(folder / "resolv.conf"), str(folder / "addresses")]
        holder = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment({}))
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n", "the namespace could not be set up"
        first = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()[0]
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return cls(folder, holder, ["nsenter", "--target", first, "--net", "--mount", "--pid", *user])

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 30.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self._enter, *argv], capture_output=True, text=True, timeout=timeout_s, check=False, env=_environment(env)
        )
        assert done.returncode == 0 or not check, f"{argv} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, argv: Sequence[str], *, log: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                [*self._enter, *argv], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_environment(env)
            )
        self._started.append(process)
        return process

    def wait_for(self, predicate: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"waited {timeout_s:g} s for {what}"
            time.sleep(0.02)

    def call(self, function: str, *arguments: object, ca_path: Path | None = None) -> Any:
        """What a function of trial_clients returns when called in the namespace."""
        trust = {"SSL_CERT_FILE": str(ca_path)} if ca_path is not None else {}
        argv = [sys.executable, "-m", "tests.lab.internet.trial_clients", function, json.dumps(arguments)]
        return json.loads(self.run(argv, timeout_s=60.0, env={"PYTHONPATH": str(_ROOT), **trust}).stdout)

    def dig(self, server: str, name: str) -> list[str]:
        """The A records of one answer, as words of the answer's lines."""
        words = ["dig", f"@{server}", name, "A", "+noall", "+answer", "+tries=1", "+time=3"]
        return self.run(words).stdout.splitlines()

    def close(self) -> None:
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._holder.stdin.close()
        self._holder.wait(timeout=10)
        self._holder.stdout.close()
        for process in self._started:
            process.wait(timeout=10)


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    # A normal user's PATH on Debian lacks the folders of ip and dnsmasq.
    return {"PATH": f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin", **(extra or {})}
