"""What do the wire and the clinic really do? Each function here is run in namespaces of its own and prints facts.

python -m tests.lab.trial FUNCTION [ARGUMENT...]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from tests.lab import namespaces, scenarios
from tests.lab.bed import RIGHT, Bed, wired
from tests.lab.namespaces import LabError
from tests.lab.plan import Hairpin, Plan, RouterPlan
from tests.lab.running import run_in, take
from tests.lab.topology import Lab
from tests.lab.trial_alarm import alarmed, alarmed_late
from tests.lab.trial_arp import given_twice
from tests.lab.trial_doors import doors, first_words
from tests.lab.trial_mail import mailed
from tests.lab.trial_privileges import able
from tests.lab.trial_responder import responder_attacked
from tests.lab.trial_setup import set_up
from tests.lab.wire import WireSettings

# Sends numbered datagrams at about 100 Mbps (faster, and the receiver's socket would lose some); the other end
# writes down when each came.
_SEND = """
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for number in range(int(sys.argv[2])):
        sock.sendto(number.to_bytes(4, "big") + bytes(1468), (sys.argv[1], 9))
        if number % 8 == 7:
            time.sleep(0.001)
"""
_RECEIVE = """
import json, socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(("", 9))
    sock.settimeout(1.5)
    seen = []
    try:
        while True:
            number = int.from_bytes(sock.recv(2048)[:4], "big")
            seen.append((number, time.monotonic()))
    except TimeoutError:
        pass
print(json.dumps(seen))
"""


def cut_and_mended() -> dict[str, Any]:
    """Whether a ping gets through: as it is, cut, mended."""
    with wired() as bed:
        first = _pings(bed)
        bed.wire.cut()
        second = _pings(bed)
        bed.wire.mend()
        return {"plain": first, "cut": second, "mended": _pings(bed), "counters": asdict(bed.wire.stats()["up"])}


def seconds_left(scenario_name: str) -> dict[str, Any]:
    """The wait that the program tells, and the one that is right: the name's time from when it was last asked for."""
    scenario = scenarios.load(scenario_name)
    plan = scenario.clinic.internet
    with Lab(scenario.clinic) as lab:
        warmed_unix_s = 0.0
        for step in scenario.before:
            began_unix_s = time.time()
            take(replace(step, wait_s=0.0), lab)
            warmed_unix_s = began_unix_s if step.warm else warmed_unix_s
            time.sleep(step.wait_s)
        report = run_in(lab, scenario).report() or {}
    kept_s = plan.ttl_s if plan.address is not None else plan.negative_ttl_s
    names = report["evidence"]["names"]
    (waited,) = [
        finding["facts"] for check in report["checks"] for finding in check["findings"] if "wait_s" in finding["facts"]
    ]
    right_s = warmed_unix_s + kept_s - names["asked_unix_s"]
    return {"told_s": waited["wait_s"], "right_s": right_s, "until_s": waited["until_unix_s"] - names["asked_unix_s"]}


def blast(settings: str, count: str) -> dict[str, Any]:
    """Numbers and times of datagrams that arrive over a wire with these settings (JSON), and its counters."""
    with wired() as bed:
        before = bed.wire.stats()["up"]
        bed.wire.apply("up", WireSettings(**json.loads(settings)))
        receiver = bed.right.start([sys.executable, "-c", _RECEIVE], log="seen.json")
        bed.right.wait_for(lambda: bed.right.listening(9, protocol="udp"), timeout_s=5.0, what="the receiver")
        bed.left.run([sys.executable, "-c", _SEND, RIGHT, count])
        receiver.wait(timeout=60)
        after = bed.wire.stats()["up"]
        bed.wire.check()
        seen = json.loads((bed.right.folder / "seen.json").read_text())
        counters = {key: value - asdict(before)[key] for key, value in asdict(after).items()}
        counters["queue_max_bytes"] = after.queue_max_bytes
        return {"numbers": [each[0] for each in seen], "times": [each[1] for each in seen], "counters": counters}


def delayed() -> dict[str, Any]:
    """Round trip of a ping with 30 ms in each direction."""
    with wired() as bed:
        bed.set_both(WireSettings(delay_ms=30))
        return {"output": bed.left.run(["ping", "-c1", RIGHT]).stdout}


def too_big() -> dict[str, Any]:
    """What check() says after a frame that no Ethernet carries."""
    with wired() as bed:
        bed.left.ip("link set dev eth0 mtu 9000")
        bed.middle.ip("link set dev port0 mtu 9000")
        bed.left.run(["ping", "-c1", "-W1", "-s", "3000", RIGHT], check=False)
        return {"said": _said(bed.wire.check)}


def refused_settings() -> dict[str, Any]:
    """What the wire says to settings that it does not know."""
    with wired() as bed:
        return {
            "unknown": _said(lambda: bed.wire.set("up", speed_mbps=3)),
            "negative": _said(lambda: bed.wire.set("up", rate_mbps=-1)),
            "still_works": _pings(bed),
        }


def hairpin(kind: str) -> dict[str, Any]:
    """curl's exit status from the PC to the public address, and from the second site."""
    with Lab(Plan(router=RouterPlan(hairpin=Hairpin(kind)))) as lab:
        url = f"https://{lab.plan.public_address}:8443/oscar/"
        curl = ["curl", "-sk", "-o", "/dev/null", "-m", "3", url]
        return {name: lab.hosts[name].run(curl, check=False).returncode for name in ("pc", "site2")}


def capabilities() -> dict[str, Any]:
    """The effective capabilities of a program in a host: as it is, and without privileges."""
    with wired() as bed:
        show = ["sed", "-n", "s/^CapEff:[[:space:]]*//p", "/proc/self/status"]
        icmp = "import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM, s.IPPROTO_ICMP)"
        raw = "import socket as s; s.socket(s.AF_INET, s.SOCK_RAW, s.IPPROTO_ICMP)"
        python = [sys.executable, "-c"]
        return {
            "privileged": int(bed.left.run(show).stdout, 16),
            "unprivileged": int(bed.left.run(show, unprivileged=True).stdout, 16),
            "icmp_datagram": bed.left.run([*python, icmp], unprivileged=True, check=False).returncode,
            "icmp_raw": bed.left.run([*python, raw], unprivileged=True, check=False).returncode,
        }


def _pings(bed: Bed) -> bool:
    return bed.left.run(["ping", "-c1", "-W2", RIGHT], check=False).returncode == 0


def _said(action: Callable[[], None]) -> str:
    try:
        action()
    except LabError as error:
        return str(error)
    return ""


TRIALS: dict[str, Callable[..., dict[str, Any]]] = {
    each.__name__: each
    for each in (
        cut_and_mended,
        blast,
        delayed,
        too_big,
        refused_settings,
        hairpin,
        capabilities,
        seconds_left,
        doors,
        first_words,
        responder_attacked,
        given_twice,
        able,
        set_up,
        mailed,
        alarmed,
        alarmed_late,
    )
}


if __name__ == "__main__":
    namespaces.enter(["-m", "tests.lab.trial", *sys.argv[1:]])
    print(json.dumps(TRIALS[sys.argv[1]](*sys.argv[2:])))
