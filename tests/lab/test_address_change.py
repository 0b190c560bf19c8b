"""Is a real change of address, with a real client, seen as it was, from the ISP's change to the last resolver?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LOOKS_EVERY_S = 30
_SLOW_S = 3.0
"""What polling, a busy machine and the transfer to ns2 may add."""
_WATCH_LOOKS_EVERY_S = 2.0
_ZONE_SERVERS = ("21.30.0.53", "21.31.0.53")


@pytest.mark.lab
def test_a_real_change_with_a_real_client_is_followed_to_the_end(lab_possible: None) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.lab.follow", "inadyn", "--watch"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    truth = told["truth"]
    assert truth["requests"] == ["nochg", "good"]
    assert not truth["old_answers"]
    assert 0 < truth["updated_s"] - truth["changed_s"] <= _LOOKS_EVERY_S + _SLOW_S
    for server, right_s in truth["right_s"].items():
        kept_s = 0 if server in _ZONE_SERVERS else truth["ttl_s"]
        assert -0.1 <= right_s - truth["updated_s"] <= kept_s + _SLOW_S, server
    assert told["status"] == 0, told["watch"]
    assert wrong_in_watch(told["watch"], truth, _WATCH_LOOKS_EVERY_S + _SLOW_S) == []


def wrong_in_watch(lines: list[str], truth: dict[str, Any], within_s: float) -> list[str]:
    """Where the summary of `ddns watch --json-lines`, its last line, is further from the truth than this."""
    summary = json.loads(lines[-1]) if lines else {}
    if summary.get("event") != "summary" or not summary["agreed"] or summary["changed_unix_s"] is None:
        return [f"no summary of a change that reached everybody: {summary}"]
    seen_s = summary["changed_unix_s"]
    found = []
    if not seen_s - summary["within_s"] - within_s <= truth["changed_s"] <= seen_s + within_s:
        found.append(f"changed at {seen_s}, or {summary['within_s']} s earlier, not {truth['changed_s']}")
    if summary["public"] != truth["after"]:
        found.append(f"the address is {summary['public']}, not {truth['after']}")
    said_s = {each["place"]["server"]: seen_s + each["after_s"] for each in summary["right_after_s"]}
    for server, right_s in truth["right_s"].items():
        if server not in said_s or abs(said_s[server] - right_s) > within_s:
            found.append(f"{server}: right at {said_s.get(server)}, not {right_s}")
    return found


TRUTH: dict[str, Any] = {"changed_s": 100.0, "after": "45.76.10.77", "right_s": {"21.30.0.53": 120.0, "1.1.1.1": 124.0}}
SUMMARY: dict[str, Any] = {
    "event": "summary",
    "agreed": True,
    "public": "45.76.10.77",
    "changed_unix_s": 109.0,
    "within_s": 10.0,
    "right_after_s": [
        {"place": {"kind": "source", "server": "21.30.0.53"}, "after_s": 12.0},
        {"place": {"kind": "resolver", "server": "1.1.1.1"}, "after_s": 16.0},
    ],
}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, None),
        ({"agreed": False}, "no summary"),
        ({"changed_unix_s": None}, "no summary"),
        ({"within_s": 2.0}, "changed at"),
        ({"public": "45.76.10.20"}, "the address is"),
        ({"right_after_s": SUMMARY["right_after_s"][:1]}, "1.1.1.1: right at None"),
        ({"right_after_s": [{"place": {"server": "21.30.0.53"}, "after_s": 1.0}]}, "21.30.0.53: right at 110"),
    ],
)
def test_a_watch_that_is_far_from_the_truth_is_called_wrong(changes: dict[str, Any], wrong: str | None) -> None:
    found = wrong_in_watch(["{}", json.dumps(SUMMARY | changes)], TRUTH, 5.0)
    assert (found == []) if wrong is None else found[0].startswith(wrong)
