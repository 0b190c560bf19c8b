"""How long does it take to be looked at from outside: the EMR's port, 20 ports that are silent, and all of the test?

python -m tests.lab.bench_outside [--times 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import dataclass
from typing import Any

from emrnetcheck import checks
from tests.lab import namespaces
from tests.lab.namespaces import LabError
from tests.lab.plan import EMR_PORT, Plan, RouterPlan
from tests.lab.running import ROOT, run_in
from tests.lab.scenarios import Expect, Run, Scenario
from tests.lab.topology import Lab

SERVICES = ("echoip+https://echoip.example.org",)
SILENT_PORTS = (
    21,
    22,
    23,
    53,
    80,
    139,
    443,
    445,
    631,
    3306,
    3389,
    5432,
    5900,
    8005,
    8009,
    8080,
    8081,
    8443,
    8444,
    10000,
)
_WANTED = ("link", "address", "port", "exposure")
_PORTS_GOAL_S, _WHOLE_GOAL_S = 4.0, 5.0
_HEAD = f"{'service':<38} {'what':<24} {'goal':>5} {'median':>7} {'worst':>7}"


@dataclass(frozen=True, slots=True)
class Row:
    """goal_s None: it has no goal of its own."""

    service: str
    what: str
    goal_s: float | None
    seconds: tuple[float, ...]

    def within_goal(self) -> bool:
        """By the median: a busy machine may spoil one run."""
        return self.goal_s is None or statistics.median(self.seconds) < self.goal_s

    def __str__(self) -> str:
        goal = "" if self.goal_s is None else f"{self.goal_s:.1f}"
        figures = f"{goal:>5} {statistics.median(self.seconds):>7.2f} {max(self.seconds):>7.2f}"
        return f"{self.service:<38} {self.what:<24} {figures}{'' if self.within_goal() else '   TOO SLOW'}"


def main() -> int:
    """Print the table; 0 if the median of everything is within its goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_outside", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often each is measured")
    options = parser.parse_args()
    namespaces.enter(["-m", "tests.lab.bench_outside", *sys.argv[1:]])
    print(_HEAD)
    rows = [*_healthy(options.times), *_silent(options.times)]
    return 0 if all(each.within_goal() for each in rows) else 1


def _healthy(times: int) -> list[Row]:
    rows = []
    with Lab(Plan()) as lab:
        for service in SERVICES:
            asked = tuple(_asked(lab, service, (EMR_PORT,), "open") for _ in range(times))
            rows.append(_shown(Row(service, "the EMR's port", None, asked)))
            whole = tuple(_whole(lab, service) for _ in range(times))
            rows.append(_shown(Row(service, "the whole outside test", _WHOLE_GOAL_S, whole)))
    return rows


def _silent(times: int) -> list[Row]:
    rows = []
    with Lab(Plan(router=RouterPlan(forward=False))) as lab:
        for service in SERVICES:
            asked = tuple(_asked(lab, service, SILENT_PORTS, "shut") for _ in range(times))
            rows.append(_shown(Row(service, f"{len(SILENT_PORTS)} silent ports", _PORTS_GOAL_S, asked)))
    return rows


def _shown(row: Row) -> Row:
    print(row, flush=True)
    return row


def _scenario(service: str) -> Scenario:
    wanted = ",".join(each for each in _WANTED if each in {check.id for check in checks.ALL})
    settings = {"outside": {"services": [service], "consent": True}}
    return Scenario(service, Expect("", 0), run=Run(args=("--quick", "--only", wanted)), settings=settings)


def _asked(lab: Lab, service: str, ports: tuple[int, ...], right: str) -> float:
    """By the program's own question alone, without its other work."""
    host = lab.hosts["emr"]
    settings = host.folder / "emrnetcheck.toml"
    settings.write_text(_scenario(service).settings_toml())
    argv = [sys.executable, str(ROOT / "tests/lab/ask_outside.py"), str(settings), service, lab.plan.public_address]
    environment = {"SSL_CERT_FILE": str(lab.internet.ca_path), "PYTHONPATH": str(ROOT / "src")}
    return told(host.run([*argv, *map(str, ports)], env=environment).stdout, right, len(ports))


def told(output: str, right: str, ports: int) -> float:
    """The seconds of ask_outside.py; a LabError unless every port was found as it is."""
    said: dict[str, Any] = json.loads(output)
    if said[right] != ports:
        raise LabError(f"{said[right]} of {ports} ports were found {right}: {said}")
    return float(said["seconds"])


def _whole(lab: Lab, service: str) -> float:
    """By the report, from begin to end: what this computer and the office are asked meanwhile is in it."""
    report = run_in(lab, _scenario(service)).report()
    if report is None:
        raise LabError("no report")
    codes = [finding["code"] for check in report["checks"] for finding in check["findings"]]
    if "port.open" not in codes:
        raise LabError(f"the port was not found open: {', '.join(codes)}")
    return float(report["duration_s"])


if __name__ == "__main__":
    sys.exit(main())
