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


_MENDED = "what begins and ends meanwhile is for a watch to tell: this looks once, for seconds"
NOT_ASKED: dict[str, dict[str, str]] = {
    "place_name_missing": {"run_": "`run` names a cause of its own for it, and no slow part"},
    "place_name_half_dead": {"run_": "`run` compares the name with the office's address, and names no slow part"},
    "place_server_rest_slow": {
        "client_site2": "the page has no parts, so no round trips are taken meanwhile: the clinic's side, as likely"
    },
    "repair_line_late": {"run_": _MENDED, "client_pc": _MENDED},
    "repair_pc_cable_then_line": {"run_": _MENDED},
    "repair_router_cable": {"run_": _MENDED, "client_site2": _MENDED},
    "repair_server_slow_then_remote_line": {"run_": _MENDED},
    "place_vpn_up": {"client_site2": "the server of the VPN stands there"},
}
"""Scenarios that say what is slow and need not be asked everywhere: by name, then by the place, the reason."""


def outcome(verdict: str, exit_status: int, *findings: tuple[str, str], stderr: str = "") -> Outcome:
    check = {"findings": [{"code": code, "severity": severity} for code, severity in findings]}
    return Outcome(exit_status, json.dumps({"verdict": verdict, "checks": [check]}), stderr, 1.0)


@pytest.mark.parametrize("name", scenarios.names())
def test_every_scenario_is_understood(name: str) -> None:
    scenario = scenarios.load(name)
    settings = tomllib.loads(scenario.settings_toml())
    assert settings["emr"]["hostname"] == scenario.clinic.internet.hostname
    assert scenario.expect is None or scenario.expect.codes_must
    assert scenario.segment is None or scenario.segment.asked()


@pytest.mark.parametrize("name", scenarios.placed())
def test_what_is_slow_is_asked_of_each_command_and_from_each_place(name: str) -> None:
    segment = scenarios.load(name).segment
    assert segment is not None
    asked = segment.asked()
    missing = {
        kind
        for kind in ("run_", "client_pc", "client_site2", "watch_")
        if not any(place.startswith(kind) for place in asked)
    }
    assert missing == set(NOT_ASKED.get(name, {})), "what is not asked has its reason in NOT_ASKED, and no other"


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


def test_a_late_report_is_called_wrong() -> None:
    in_time = replace(EXPECT, most_seconds=5.0)
    seen = outcome("not_ready", 1, ("ddns.stale", "fail"))
    assert scenarios.problems(in_time, replace(seen, seconds=5.0)) == []
    assert scenarios.problems(in_time, replace(seen, seconds=5.1)) == ["it took 5.1 s, and 5 are the most"]


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
