"""Is each clinic built as its scenario says? Asked with dig, curl and ping, not with the program under test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.conftest import ROOT, Shell, Trial

pytestmark = pytest.mark.lab

NAME = "emr.dyn.example.org"
GET_EMR = f'curl -sS -m 4 --cacert "$SSL_CERT_FILE" https://{NAME}:8443/oscar/'
CURL_REFUSED, CURL_TIMED_OUT = 7, 28


@pytest.mark.parametrize("host", ["emr", "pc", "site2"])
def test_a_healthy_emr_is_reached_by_its_name_from_everywhere(shell: Shell, host: str) -> None:
    assert "OSCAR" in shell(host, GET_EMR).stdout


def test_a_healthy_clinic_is_seen_with_its_routers_address(shell: Shell) -> None:
    seen = shell("emr", 'curl -sS -m 4 --cacert "$SSL_CERT_FILE" https://api.ipify.org').stdout
    assert seen == "45.76.10.20"
    assert f"inet {seen}/" in shell("router", "ip -4 address show dev wan0").stdout


def test_without_a_forward_the_second_site_hears_nothing(shell: Shell) -> None:
    assert shell("site2", GET_EMR, scenario="port_not_forwarded").returncode == CURL_TIMED_OUT


def test_an_emr_that_does_not_run_refuses(shell: Shell) -> None:
    assert (
        shell("pc", "curl -sk -m 4 https://192.168.1.10:8443/", scenario="emr_not_running").returncode == CURL_REFUSED
    )


def test_behind_cgnat_the_public_address_is_not_the_routers(shell: Shell) -> None:
    get = 'curl -sS -m 4 --cacert "$SSL_CERT_FILE" https://api.ipify.org'
    assert shell("emr", get, scenario="cgnat").stdout == "45.76.99.7"
    assert "inet 100.64.7.2/10" in shell("router", "ip -4 address show dev wan0", scenario="cgnat").stdout
    assert shell("site2", GET_EMR, scenario="cgnat").returncode == CURL_TIMED_OUT


def test_a_dead_forwarder_is_silent_while_public_resolvers_answer(shell: Shell) -> None:
    dig = f"dig +short +tries=1 +timeout=1 @192.168.1.1 {NAME}; dig +short @1.1.1.1 {NAME}"
    lines = shell("emr", dig, scenario="resolver_dead").stdout.splitlines()
    assert "timed out" in lines[0]
    assert lines[-1] == "45.76.10.20"


def test_a_router_that_forwards_nothing_is_still_there(shell: Shell) -> None:
    script = "ping -c1 -W2 192.168.1.1 >/dev/null && ! ping -c1 -W2 1.1.1.1 >/dev/null && echo cut"
    assert shell("emr", script, scenario="internet_cut").stdout == "cut\n"


@pytest.mark.parametrize(
    ("scenario", "status", "answer"),
    [
        ("healthy", "NOERROR", "45.76.10.20"),
        ("ddns_stale", "NOERROR", "45.76.10.99"),
        ("name_missing", "NXDOMAIN", ""),
    ],
)
def test_the_name_is_everywhere_what_the_scenario_says(shell: Shell, scenario: str, status: str, answer: str) -> None:
    servers = ("192.168.1.1", "1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222")
    script = ";".join(f"dig @{server} {NAME} A +noall +comments +answer" for server in servers)
    said = shell("emr", script, scenario=scenario).stdout
    assert said.count(f"status: {status}") == len(servers)
    assert said.count(f"\tA\t{answer}") == (len(servers) if answer else 0)


@pytest.mark.alone
def test_a_slow_line_is_slow_upwards_only(shell: Shell) -> None:
    rate = "awk '/receiver/ {print $(NF-2)}'"
    up = f"iperf3 -f m -t 3 -c iperf.example.org | {rate}"
    down = f"iperf3 -f m -t 3 -R -c iperf.example.org | {rate}"
    up_mbps, down_mbps = map(float, shell("emr", f"{up}; {down}", scenario="upload_2_5").stdout.split())
    assert 1.5 < up_mbps < 2.6
    assert down_mbps > 10


@pytest.mark.parametrize(
    ("kind", "from_inside"), [("none", CURL_REFUSED), ("dnat_without_snat", CURL_TIMED_OUT), ("full", 0)]
)
def test_a_hairpin_shows_as_on_real_routers(trial: Trial, kind: str, from_inside: int) -> None:
    assert trial("hairpin", kind) == {"pc": from_inside, "site2": 0}


def test_an_unprivileged_program_has_no_capability_but_may_ping(trial: Trial) -> None:
    facts = trial("capabilities")
    assert facts["privileged"] != 0
    assert facts["unprivileged"] == 0
    assert facts["icmp_datagram"] == 0
    assert facts["icmp_raw"] != 0


def test_no_way_leads_out(shell: Shell) -> None:
    assert "unreachable" in shell("internet", "ip route get 4.4.4.4").stderr


def test_two_labs_at_once_do_not_meet(lab_possible: None) -> None:
    argv = [sys.executable, "-m", "tests.lab", "shell", "emr", "--scenario"]
    script = ["--", "sh", "-c", f"sleep 1; dig +short @1.1.1.1 {NAME}"]
    both = [
        subprocess.Popen([*argv, name, *script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("healthy", "ddns_stale")
    ]
    answers = [each.communicate(timeout=60) for each in both]
    assert answers == [("45.76.10.20\n", ""), ("45.76.10.99\n", "")]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_lab_leaves_no_process_and_no_namespace(lab_possible: None, how: signal.Signals) -> None:
    mark = f"9876{how.value}.{os.getpid()}"
    names = _netns_names()
    argv = [sys.executable, "-m", "tests.lab", "shell", "emr", "--", "sleep", mark]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as lab:
        _wait(lambda: _runs("sleep", mark))
        lab.send_signal(how)
    _wait(lambda: not _runs("sleep", mark))
    assert _netns_names() == names


def _runs(*words: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found = entry.read_bytes().split(b"\0")[:-1]
        except OSError:  # it ended meanwhile
            continue
        if found == [word.encode() for word in words]:
            return True
    return False


def _wait(predicate: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _netns_names() -> list[str]:
    return sorted(path.name for path in Path("/run/netns").glob("*"))
