"""What does the program say in each scenario, and how many answers are right?"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.lab import scenarios
from tests.lab.causes import Named, named, score_of
from tests.lab.internet import ZoneServer
from tests.lab.namespaces import COMPILED_ONCE, LabError
from tests.lab.plan import CLINIC, ROUTER_LAN
from tests.lab.responder import filled_in
from tests.lab.scenarios import Expect, Outcome, Scenario, Step
from tests.lab.topology import Lab

ROOT = Path(__file__).resolve().parents[2]
_QUIET_SEVERITIES = ("ok", "notice")


def run_all(names: list[str], *, times: int, how: Mapping[str, Any], keep: Path | None) -> bool:
    """Run the scenarios, print the table and the score; whether all were right. how: fields of Run, over theirs."""
    wanted = [replace(each, run=replace(each.run, **how)) for each in map(scenarios.load, names)]
    width = max(len(each.name) for each in wanted)
    right, all_named = 0, []
    for round_number in range(1, times + 1):
        if times > 1:
            print(f"-- round {round_number} of {times}")
        for scenario in wanted:
            wrong, causes = _run_and_print(scenario, width, keep, round_number)
            right += not wrong
            all_named.append(causes)
    print(f"{right} of {len(wanted) * times} scenarios right")
    print(score_of(all_named))
    return right == len(wanted) * times


def run_one(scenario: Scenario) -> Outcome:
    """Build the scenario's clinic and run the program in it once."""
    with Lab(scenario.clinic) as lab:
        for step in scenario.before:
            take(step, lab)
        return run_in(lab, scenario)


def run_in(lab: Lab, scenario: Scenario) -> Outcome:
    """Run the program once in a clinic that stands."""
    host = lab.hosts[scenario.run.host]
    settings = host.folder / "emrnetcheck.toml"
    settings.write_text(filled_in(scenario.settings_toml(), lab.responder))
    words = ["emrnetcheck", "run", "--config", str(settings), "--format", "json", "--no-save", *scenario.run.args]
    limit_s = scenario.run.timeout_s
    background = host.start(scenario.run.background, log="background.log") if scenario.run.background else None
    started = time.monotonic()
    if scenario.run.by_copy and not scenario.run.unprivileged:
        done = host.run_copy(words, timeout_s=limit_s, env=environment(lab), cwd=host.folder)
    else:
        done = host.run(
            [sys.executable, "-m", *words],
            timeout_s=limit_s,
            check=False,
            env=environment(lab),
            unprivileged=scenario.run.unprivileged,
            cwd=host.folder,
        )
    if background is not None and background.poll() is not None:
        said = (host.folder / "background.log").read_text(errors="replace")
        raise LabError(f"{scenario.run.background[0]} ended before the run did:\n{said[-2000:]}")
    return Outcome(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


def environment(lab: Lab) -> dict[str, str]:
    """What the program under test finds in any host."""
    return {
        "SSL_CERT_FILE": str(lab.internet.ca_path),
        "PYTHONPATH": str(ROOT / "src"),
        **COMPILED_ONCE,
        "EMRNETCHECK_DEBUG": "1",  # a bug shows its traceback
    }


def take(step: Step, lab: Lab) -> None:
    """Ask, then change, then wait: the name servers have the change when it is done."""
    plan = lab.plan.internet
    for resolver in step.warm:
        if resolver == ROUTER_LAN:  # as the office would: the router has a cache of its own
            lab.hosts["pc"].run(["dig", f"@{resolver}", plan.hostname, "A", "+tries=1", "+time=3", "+noall"])
        else:
            lab.internet.warm(resolver, plan.hostname)
    if step.address:
        named = {CLINIC: lab.plan.public_address, "none": None}
        address = named.get(step.address, step.address)
        lab.internet.set_address(plan.hostname, address, plan.ttl_s)
        if plan.ns2 is ZoneServer.OK:
            lab.internet.wait_for_secondary(plan.hostname, address)
    time.sleep(step.wait_s)


def _run_and_print(scenario: Scenario, width: int, keep: Path | None, round_number: int) -> tuple[list[str], Named]:
    """What is wrong, and how the causes are."""
    name = scenario.name
    expected = _expected(scenario.expected)
    try:
        outcome = run_one(scenario)
    except LabError as error:
        print(f"WRONG {name:<{width}}  expected: {expected}\n      {'':<{width}}  the lab: {error}", flush=True)
        return [str(error)], named(scenario.expected, None)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}.{round_number}.json").write_text(outcome.stdout)
        (keep / f"{name}.{round_number}.err").write_text(outcome.stderr)
    causes = named(scenario.expected, outcome.report())
    wrong = [*scenarios.problems(scenario.expected, outcome), *causes.wrong]
    mark = "WRONG" if wrong else "right"
    print(f"{mark} {name:<{width}}  expected: {expected}")
    print(f"      {'':<{width}}  got:      {_got(outcome)}   {outcome.seconds:.1f} s", flush=True)
    for each in wrong:
        print(f"      {'':<{width}}  wrong:    {each}", flush=True)
    return wrong, causes


def _expected(expect: Expect) -> str:
    return " ".join([expect.verdict, f"exit {expect.exit}", *expect.codes_must])


def _got(outcome: Outcome) -> str:
    verdict = (outcome.report() or {"verdict": "(no report)"})["verdict"]
    notable = [code for code, severity in outcome.findings() if severity not in _QUIET_SEVERITIES]
    return " ".join([verdict, f"exit {outcome.exit}", *notable])
