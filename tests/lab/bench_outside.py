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
from emrnetcheck.profiles import CONTROL_PORTS, closed_ports
from tests.lab import namespaces
from tests.lab.namespaces import LabError
from tests.lab.plan import EMR_PORT, Plan, RouterPlan
from tests.lab.responder import ResponderPlan
from tests.lab.running import ROOT, run_in
from tests.lab.scenarios import Expect, Run, Scenario
from tests.lab.topology import Lab

_ECHOIP, _GLOBALPING = "echoip+https://echoip.example.org", "globalping"
SILENT_PORTS = tuple(each.port for each in closed_ports("oscar", own_port=EMR_PORT)) + CONTROL_PORTS[:1]
"""What the check of the doors asks for; a responder dials nothing else."""
_WANTED = ("link", "address", "port", "exposure")
_ONE, _SILENT, _WHOLE = "the EMR's port", f"{len(SILENT_PORTS)} silent ports", "the whole outside test"
_GOALS_S = {_SILENT: 4.0, _WHOLE: 5.0}
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
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(options.times):  # a fresh lab each time: a responder tries 48 ports for one office, and then rests
        _healthy_clinic(found)
        _silent_ports(found)
    rows = [Row(service, what, goal_s(service, what), tuple(seconds)) for (service, what), seconds in found.items()]
    print(*rows, sep="\n")
    return 0 if all(each.within_goal() for each in rows) else 1


def goal_s(service: str, what: str) -> float | None:
    """None for what has no goal, and where it cannot be reached.

    Globalping waits 10 s for a port that is silent, and is to be asked for results twice in a second at most: 20 ports
    take it 20 s, whoever asks. A quick run leaves them out.
    """
    return None if service == _GLOBALPING else _GOALS_S.get(what)


def services(lab: Lab) -> tuple[str, ...]:
    """One of each kind; the responder is called as it prints itself."""
    return (_ECHOIP, _GLOBALPING, lab.responder)


def _healthy_clinic(found: dict[tuple[str, str], list[float]]) -> None:
    with Lab(Plan(responder=ResponderPlan.RUNNING)) as lab:
        for service in services(lab):
            row = service.partition("#")[0]  # without the responder's pin, which differs
            found.setdefault((row, _ONE), []).append(_asked(lab, service, (EMR_PORT,), "open"))
            found.setdefault((row, _WHOLE), []).append(_whole_test(lab, service))


def _silent_ports(found: dict[tuple[str, str], list[float]]) -> None:
    with Lab(Plan(router=RouterPlan(forward=False), responder=ResponderPlan.RUNNING)) as lab:
        for service in services(lab):
            row = service.partition("#")[0]
            found.setdefault((row, _SILENT), []).append(_asked(lab, service, SILENT_PORTS, "shut"))


def _scenario(service: str) -> Scenario:
    wanted = ",".join(each for each in _WANTED if each in {check.id for check in checks.ALL})
    settings = {"outside": {"services": [service], "consent": True}}
    return Scenario(service, Expect("", 0), run=Run(args=("--only", wanted)), settings=settings)


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


def _whole_test(lab: Lab, service: str) -> float:
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
