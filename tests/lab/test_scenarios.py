"""Are scenario files read strictly, and are wrong reports called wrong?"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import pytest

from tests.lab import scenarios
from tests.lab.namespaces import LabError
from tests.lab.plan import Plan, RouterDns, from_table
from tests.lab.scenarios import Expect, Outcome, Scenario

EXPECT = Expect("not_ready", 1, codes_must=("ddns.stale",), codes_may=("link.*",), codes_must_not=("*.unmeasured",))


def outcome(verdict: str, exit_status: int, *findings: tuple[str, str], stderr: str = "") -> Outcome:
    check = {"findings": [{"code": code, "severity": severity} for code, severity in findings]}
    return Outcome(exit_status, json.dumps({"verdict": verdict, "checks": [check]}), stderr, 1.0)


def with_causes(seconds: float, *codes: str) -> Outcome:
    """A stale name, told with these causes, in so many seconds."""
    seen = outcome("not_ready", 1, ("ddns.stale", "fail"))
    report = json.loads(seen.stdout) | {"causes": [{"code": code} for code in codes]}
    return replace(seen, stdout=json.dumps(report), seconds=seconds)


@pytest.mark.parametrize("name", scenarios.names())
def test_every_scenario_is_understood(name: str) -> None:
    scenario = scenarios.load(name)
    settings = tomllib.loads(scenario.settings_toml())
    assert settings["emr"]["hostname"] == scenario.clinic.internet.hostname
    assert scenario.expect.codes_must


def test_a_right_report_has_no_problems() -> None:
    stale = outcome("not_ready", 1, ("ddns.stale", "fail"), ("link.wifi", "warn"), ("upload.ok", "ok"))
    assert scenarios.problems(EXPECT, stale) == []


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        (outcome("ready", 1, ("ddns.stale", "fail")), "verdict ready"),
        (outcome("not_ready", 3, ("ddns.stale", "fail")), "exit 3"),
        (outcome("not_ready", 1), "ddns.stale is missing"),
        (outcome("not_ready", 1, ("ddns.stale", "fail"), ("upload.marginal", "warn")), "false alarm: upload.marginal"),
        (
            outcome("not_ready", 1, ("ddns.stale", "fail"), ("upload.unmeasured", "unknown")),
            "upload.unmeasured must not",
        ),
        (outcome("not_ready", 1, ("ddns.stale", "fail"), stderr="Traceback (most recent call last):\n"), "traceback"),
        (Outcome(70, "", "emrnetcheck has an error of its own", 1.0), "no report"),
        (Outcome(1, "[]", "", 1.0), "no report"),
    ],
)
def test_a_wrong_report_is_called_wrong(seen: Outcome, problem: str) -> None:
    found = scenarios.problems(EXPECT, seen)
    assert len(found) == 1
    assert problem in found[0]


BROKEN = replace(EXPECT, first_cause="ddns.stale", most_seconds=5.0)


def test_the_right_headline_in_time_is_no_problem() -> None:
    assert scenarios.problems(BROKEN, with_causes(5.0, "ddns.stale", "link.wifi")) == []


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        (with_causes(1.0, "link.wifi", "ddns.stale"), "the first cause is link.wifi, not ddns.stale"),
        (with_causes(1.0), "the first cause is none, not ddns.stale"),
        (with_causes(5.1, "ddns.stale"), "it took 5.1 s, and 5 are the most"),
    ],
)
def test_a_wrong_headline_or_a_late_one_is_called_wrong(seen: Outcome, problem: str) -> None:
    assert scenarios.problems(BROKEN, seen) == [problem]


def test_a_headline_is_one_code() -> None:
    with pytest.raises(LabError, match=r"s\.expect: first_cause: 'port\.\*' is a glob"):
        from_table(Scenario, {"expect": {"verdict": "ready", "exit": 0, "first_cause": "port.*"}, "title": "t"}, "s")


def test_a_table_says_only_what_differs() -> None:
    plan = from_table(Plan, {"line": {"up": {"rate_mbps": 4}}, "router": {"dns": "dead_drop"}}, "clinic")
    assert plan.line.up.rate_mbps == 4
    assert plan.line.up.delay_ms == Plan().line.up.delay_ms
    assert plan.line.down == Plan().line.down
    assert plan.router.dns is RouterDns.DEAD_DROP
    assert plan.router.forward


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"rooter": {}}, "unknown key 'rooter'"),
        ({"router": {"dns": "dead"}}, "clinic.router.dns: 'dead' is none of ok"),
        ({"cgnat": "yes"}, "clinic.cgnat: 'yes' is not of the right type"),
        ({"line": {"up": {"rate_mbps": True}}}, "clinic.line.up.rate_mbps"),
        ({"internet": {"hostname": "emr.example.net"}}, "clinic.internet: hostname"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it(table: dict[str, object], problem: str) -> None:
    with pytest.raises(LabError, match=problem):
        from_table(Plan, table, "clinic")


def test_settings_are_laid_over_the_healthy_ones() -> None:
    scenario = Scenario(
        "t", EXPECT, settings={"emr": {"users": 9, "path": "unset"}, "internet": {"wan_address": "1.2.3.4"}}
    )
    settings = tomllib.loads(scenario.settings_toml())
    assert settings["emr"]["users"] == 9
    assert "path" not in settings["emr"]
    assert settings["emr"]["port"] == 8443
    assert settings["internet"] == {"wan_address": "1.2.3.4"}
