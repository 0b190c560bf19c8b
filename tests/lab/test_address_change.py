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
_ZONE_SERVERS = ("21.30.0.53", "21.31.0.53")


@pytest.mark.lab
def test_a_real_client_follows_a_change_and_the_name_is_right_when_its_time_is_over(lab_possible: None) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.lab.follow", "inadyn"],
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
    if told["watch"] is not None:
        assert wrong_in_watch(told["watch"], truth, _SLOW_S) == []


def wrong_in_watch(lines: list[str], truth: dict[str, Any], within_s: float) -> list[str]:
    """Where the last line of `ddns watch --json-lines`, its summary, is further from the truth than this.

    The summary's times are in seconds since 1970: address_changed_unix_s, source_right_unix_s, resolvers_right_unix_s.
    """
    right_s = truth["right_s"]
    wanted = {
        "address_changed_unix_s": truth["changed_s"],
        "source_right_unix_s": max(at_s for server, at_s in right_s.items() if server in _ZONE_SERVERS),
        "resolvers_right_unix_s": max(at_s for server, at_s in right_s.items() if server not in _ZONE_SERVERS),
    }
    summary = json.loads(lines[-1]) if lines else {}
    found = []
    for key, right in wanted.items():
        said = summary.get(key)
        if said is None or abs(said - right) > within_s:
            found.append(f"{key}: {said}, not {right}")
    return found


TRUTH = {"changed_s": 100.0, "right_s": {"21.30.0.53": 120.0, "21.31.0.53": 121.0, "1.1.1.1": 124.0}}


@pytest.mark.parametrize(
    ("summary", "wrong"),
    [
        ({"address_changed_unix_s": 101, "source_right_unix_s": 121, "resolvers_right_unix_s": 125}, []),
        ({"address_changed_unix_s": 109, "source_right_unix_s": 121, "resolvers_right_unix_s": 125}, ["address_"]),
        ({"address_changed_unix_s": 101, "source_right_unix_s": 121}, ["resolvers_"]),
    ],
)
def test_a_watch_that_is_far_from_the_truth_is_called_wrong(summary: dict[str, float], wrong: list[str]) -> None:
    found = wrong_in_watch(["{}", json.dumps(summary)], TRUTH, 3.0)
    assert [each.startswith(start) for each, start in zip(found, wrong, strict=True)] == [True] * len(wrong)
