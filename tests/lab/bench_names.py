"""How long do the address, dns and ddns checks take: on a healthy line, and where every server outside is dead?

python -m tests.lab.bench_names [--times 5]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass, field

from tests.lab import namespaces
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import Plan, RouterDns, RouterPlan
from tests.lab.running import run_in
from tests.lab.scenarios import Expect, Outcome, Run, Scenario
from tests.lab.topology import Lab

CHECKS = ("address", "dns", "ddns")
_HEALTHY_GOAL_S, _DEAD_GOAL_S = 2.0, 8.0
_HEAD = f"{'the Internet':<34} {'goal':>5} {'median':>7} {'worst':>7} {'process':>8}   median of each check"


@dataclass(frozen=True, slots=True)
class Case:
    """One state of the Internet; `verdict` is how its servers treat packets: nftables' accept, drop or reject."""

    title: str
    goal_s: float
    verdict: str = "accept"
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True)
class Times:
    """Of one run, in seconds: by its report from begin to end, each check's own, and of the whole process."""

    together_s: float
    checks_s: tuple[float, ...]
    process_s: float


_SILENT_ROUTER = RouterPlan(dns=RouterDns.DEAD_DROP)
CASES = (
    Case("healthy", _HEALTHY_GOAL_S),
    Case("healthy, with IPv6", _HEALTHY_GOAL_S, plan=Plan(ipv6=True)),
    Case("every server refuses", _DEAD_GOAL_S, "reject"),
    Case("every server is silent", _DEAD_GOAL_S, "drop"),
    Case("silent, with IPv6", _DEAD_GOAL_S, "drop", Plan(ipv6=True)),
    Case("silent, the router's forwarder too", _DEAD_GOAL_S, "drop", Plan(router=_SILENT_ROUTER)),
)


def main() -> int:
    """Print the table; 0 if the median of every case is within its goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_names", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="runs of each case")
    options = parser.parse_args()
    namespaces.enter(["-m", "tests.lab.bench_names", *sys.argv[1:]])
    print(_HEAD)
    return 0 if all([_measured(case, options.times) for case in CASES]) else 1


def _measured(case: Case, times: int) -> bool:
    scenario = Scenario(case.title, Expect("", 0), run=Run(args=("--quick", "--only", ",".join(CHECKS))))
    with Lab(case.plan) as lab:
        if case.verdict != "accept":
            lab.hosts["internet"].sysctl("net/ipv4/icmp_ratelimit", "0")  # else most refusals are silence
            lab.hosts["internet"].nft(rules(case.verdict))
            _must_be_dead(lab.hosts["emr"])
        found = [times_of(run_in(lab, scenario)) for _ in range(times)]
    print(row(case, found), flush=True)
    return within_goal(case, found)


def rules(verdict: str) -> str:
    """No server takes anything more, over either version of IP; a TCP that is refused is reset."""
    tcp = "reject with tcp reset" if verdict == "reject" else verdict
    lines = ["table inet dead {", "chain input {", "type filter hook input priority filter"]
    lines += [f"iif != lo meta l4proto tcp {tcp}", f"iif != lo meta l4proto udp {verdict}"]
    return "\n".join([*lines, "}", "}", ""])


def _must_be_dead(host: Host) -> None:
    answer = host.run(["dig", "@1.1.1.1", "iperf.example.org", "+tries=1", "+time=1"], check=False)
    if answer.returncode == 0:
        raise LabError("a server still answers")


def times_of(outcome: Outcome) -> Times:
    """Raises a LabError where there is no report, or a check did not ask anything.

    Without the Internet dns and ddns are asked all the same, and then not judged: what they took counts.
    """
    report = outcome.report()
    if report is None:
        raise LabError(f"no report: {outcome.stderr[-2000:]}")
    own = {each["id"]: each for each in report["checks"] if each["duration_s"] > 0}
    if missing := set(CHECKS) - own.keys():
        raise LabError(f"not run: {', '.join(sorted(missing))}")
    durations = tuple(float(own[name]["duration_s"]) for name in CHECKS)
    return Times(float(report["duration_s"]), durations, outcome.seconds)


def within_goal(case: Case, found: list[Times]) -> bool:
    """By the median: a busy machine may spoil one run."""
    return statistics.median(each.together_s for each in found) <= case.goal_s


def row(case: Case, found: list[Times]) -> str:
    """One line of the table."""
    together = [each.together_s for each in found]
    process_s = statistics.median(each.process_s for each in found)
    own = (statistics.median(each.checks_s[number] for each in found) for number in range(len(CHECKS)))
    checks = ", ".join(f"{name} {seconds:.2f}" for name, seconds in zip(CHECKS, own, strict=True))
    figures = f"{case.goal_s:>5.1f} {statistics.median(together):>7.2f} {max(together):>7.2f} {process_s:>8.2f}"
    return f"{case.title:<34} {figures}   {checks}{'' if within_goal(case, found) else '   TOO SLOW'}"


if __name__ == "__main__":
    sys.exit(main())
