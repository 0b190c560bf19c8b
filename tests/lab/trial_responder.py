"""Is a clinic served by the responder while the Internet attacks it, and how large does the responder get?"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.lab import kernel
from tests.lab.internet import ADDRESSES
from tests.lab.namespaces import Host
from tests.lab.plan import EMR_PORT, SITE2, Plan
from tests.lab.responder import PORT, ROOT, ResponderPlan
from tests.lab.topology import Lab

_HOLDERS = 12
_CLIENT = """
import http.client, json, ssl, subprocess, sys, time
host, port, path, process_s = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
tls = ssl._create_unverified_context()
asked = []
ends = time.monotonic() + process_s
while time.monotonic() < ends:
    began = time.monotonic()
    try:
        connection = http.client.HTTPSConnection(host, port, timeout=15, context=tls)
        connection.request("POST", "/empty", body=b"x" * 1000)
        connection.getresponse().read()
        connection.request("GET", path, headers={"X-Forwarded-For": "8.8.8.8"})
        told = json.loads(connection.getresponse().read())
        connection.close()
    except OSError as error:
        told = {"error": repr(error)}
    asked.append((told.get("state", told.get("error")), told.get("address"), time.monotonic() - began))
    time.sleep(0.25)
print(json.dumps(asked))
"""


def responder_attacked(seconds: str = "8") -> dict[str, Any]:
    """Thousands of requests, slow-loris from a dozen addresses, tiny chunks, huge heads, places held, all at once.

    alone_s, attacked_s: how long each question of the clinic took, on a connection of its own each time.
    """
    with Lab(Plan(responder=ResponderPlan.RUNNING)) as lab:
        clinic, site2, internet = lab.hosts["emr"], lab.hosts["site2"], lab.hosts["internet"]
        path = f"/port/{EMR_PORT}?certificate=1"
        alone = _asked(clinic, path, 2.0)
        started_mb = _memory_mb(site2, "VmRSS")
        sources = _prefixes()[: 4 + _HOLDERS]
        argv = [sys.executable, "-m", "tests.responder.attacks", SITE2, str(PORT), seconds, *sources]
        attack = internet.start(argv, log="attack.log", cwd=ROOT, env={"PYTHONDONTWRITEBYTECODE": "1"})
        attacked = _asked(clinic, path, float(seconds))
        attack_ended = attack.wait(60.0)
        after = _asked(clinic, path, 1.0)
        forged = _asked(clinic, "/port/25", 0.2)
        return {
            "alone": alone,
            "attacked": attacked,
            "after": after,
            "forged": forged,
            "started_mb": started_mb,
            "peak_mb": _memory_mb(site2, "VmHWM"),
            "sources": len(sources),
            "attack_ended": attack_ended,
        }


def _asked(host: Host, path: str, seconds: float) -> list[Any]:
    argv = [sys.executable, "-c", _CLIENT, SITE2, str(PORT), path, str(seconds)]
    found: list[Any] = json.loads(host.run(argv, timeout_s=seconds + 30.0).stdout)
    return found


def _prefixes() -> list[str]:
    """One address of each /24 that the lab's Internet has."""
    by_prefix = {address.rpartition(".")[0]: address for address in ADDRESSES if ":" not in address}
    return list(by_prefix.values())


def _memory_mb(host: Host, field: str) -> float:
    (pid, *_) = kernel.inhabitants(host.namespace)
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
