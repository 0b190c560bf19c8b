"""Starts the dynamic DNS provider's update service, tells it what to say, and reads what it was asked."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet import zones
from tests.lab.internet.certificates import Authority
from tests.lab.internet.hostlike import HostLike
from tests.lab.internet.plan import InternetPlan, Service
from tests.lab.internet.ready import Endpoint, save

SERVER = "members.example.org"
USER, PASSWORD = "clinic", "the right one"
_ROOT = Path(__file__).resolve().parents[3]
_READY_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Update:
    """One request for an update, and what was answered; wall times as time.time()."""

    asked_wall_s: float
    done_wall_s: float
    """With the code `good`, ns1 has the new address from then on."""
    peer: str
    secure: bool
    agent: str
    hostname: str
    address: str
    code: str


@dataclass(frozen=True, slots=True)
class DdnsService:
    _log_path: Path
    _says_path: Path

    def says(self, code: str) -> None:
        """From now on everybody is told this return code, and nothing is updated; "": the right one."""
        self._says_path.write_text(code)

    def log(self) -> list[Update]:
        """Every request until now."""
        whole = self._log_path.read_text().rpartition("\n")[0]
        return [Update(**json.loads(line)) for line in whole.splitlines()]

    def counts(self) -> Counter[str]:
        """How many requests got which return code."""
        return Counter(each.code for each in self.log())

    def busiest_minute(self) -> int:
        """The most requests within any 60 s: how polite a client is."""
        times = [each.asked_wall_s for each in self.log()]
        return max((sum(start <= each < start + 60 for each in times) for start in times), default=0)


def start_ddns(host: HostLike, plan: InternetPlan, authority: Authority, secret: str, folder: Path) -> DdnsService:
    """Return when it answers; where the plan has it dead, nothing is there."""
    assert plan.ddns is not None
    service = DdnsService(folder / "dyndns2-log.jsonl", folder / "dyndns2-says")
    service.says(plan.ddns.says)
    (folder / "dyndns2-log.jsonl").touch()
    if plan.ddns.up is Service.DEAD:
        return service
    certificate, key = authority.issue([SERVER], folder / "certificates")
    settings = {
        "hostname": plan.hostname,
        "ttl_s": plan.ttl_s,
        "user": USER,
        "password": PASSWORD,
        "abuse_after": plan.ddns.abuse_after,
        "unauthorized": plan.ddns.unauthorized,
        "says": str(folder / "dyndns2-says"),
        "log": str(folder / "dyndns2-log.jsonl"),
        "key_name": zones.KEY_NAME,
        "secret": secret,
        "certificate": str(certificate),
        "key": str(key),
    }
    path = folder / "dyndns2.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(settings))
    environment = {"PYTHONPATH": str(_ROOT)}
    argv = [sys.executable, "-m", "tests.lab.internet.dyndns2", str(path)]
    host.start(argv, log="dyndns2.log", env=environment)
    asked = folder / "ready-ddns.json"
    save([Endpoint("tcp", at.DDNS, 80), Endpoint("tcp", at.DDNS, 443)], asked)
    argv = [sys.executable, "-m", "tests.lab.internet.ready", str(asked), str(_READY_TIMEOUT_S)]
    host.run(argv, timeout_s=_READY_TIMEOUT_S + 5, env=environment)
    return service
