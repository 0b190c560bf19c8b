"""How long is the name wrong after a real change of address with a real client, and who says so?

python -m tests.lab.follow inadyn|ddclient [--watch]: in namespaces of its own; prints the truth as JSON, and with
--watch what `emrnetcheck ddns watch` said of it.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.lab import namespaces, running
from tests.lab.address_change import SECOND_ADDRESS, change_address
from tests.lab.internet import InternetPlan
from tests.lab.internet import addresses as at
from tests.lab.internet.plan import DdnsServer
from tests.lab.namespaces import COMPILED_ONCE, Host, LabError
from tests.lab.plan import CLINIC, ROUTER_LAN, ClientPlan, DdnsProgram, Plan
from tests.lab.scenarios import Expect, Scenario
from tests.lab.topology import Lab

TTL_S = 5
INTERVAL_S = {DdnsProgram.DDCLIENT: 60, DdnsProgram.INADYN: 30}
"""The shortest that each takes."""
ASKED = (at.NS1, at.NS2, ROUTER_LAN, *at.PUBLIC_RESOLVERS)
_BEFORE_S = 6.0
"""How long everything is watched before the change."""
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Truth:
    """Wall times as time.time()."""

    before: str
    after: str
    changed_s: float
    updated_s: float
    """When the provider had the new address in the zone, by its own log."""
    right_s: dict[str, float]
    """By server: when dig in the office first got the new address from it, and none of the old one came later."""
    ttl_s: int = TTL_S
    polled_every_s: float = _POLL_S
    reached_s: float = 0.0
    """When the EMR had answered the second site and the PC by its name again."""
    old_answers: bool = False
    """Whether anything answers the second site at the old address."""
    requests: list[str] = field(default_factory=list)
    """The return codes that the client got, from its start on."""


def follow(program: DdnsProgram, *, watch: bool) -> dict[str, Any]:
    """The truth; the watch's lines of JSON and its exit status (None where it was not asked for)."""
    internet = InternetPlan(address=CLINIC, ttl_s=TTL_S, ddns=DdnsServer())
    plan = Plan(ddns_client=ClientPlan(program, interval_s=INTERVAL_S[program]), internet=internet)
    with Lab(plan) as lab:
        emr = lab.hosts["emr"]
        watching = _start_watch(lab, INTERVAL_S[program]) if watch else None
        time.sleep(_BEFORE_S)
        truth = _changed(lab, INTERVAL_S[program])
        if watching is not None:
            status = watching.wait(timeout=60)
            said = (emr.folder / "watch.jsonl").read_text().splitlines()
        else:
            status = said = None
        return {"truth": asdict(truth), "watch": said, "status": status}


def _changed(lab: Lab, interval_s: int) -> Truth:
    assert lab.internet.ddns is not None
    started = len(lab.internet.ddns.log())
    changed_s = time.time()
    before = change_address(lab, SECOND_ADDRESS)
    deadline = changed_s + interval_s + TTL_S + 15
    right_s: dict[str, float] = {}
    hostname = lab.plan.internet.hostname
    while set(right_s) != set(ASKED):
        if time.time() > deadline:
            raise LabError(f"not right in time: {sorted(set(ASKED) - set(right_s))}")
        for server, address in _asked(lab.hosts["emr"], hostname).items():
            if address == SECOND_ADDRESS:
                right_s.setdefault(server, time.time())
            else:
                right_s.pop(server, None)
        time.sleep(_POLL_S)
    log = lab.internet.ddns.log()
    updated_s = next(each.done_wall_s for each in log[started:] if each.code == "good")
    get = ["curl", "-sS", "-m", "4", "--cacert", str(lab.internet.ca_path), f"https://{hostname}:8443/oscar/"]
    for name in ("site2", "pc"):
        lab.hosts[name].run(get)
    reached_s = time.time()
    old = ["curl", "-sk", "-m", "2", f"https://{before}:8443/oscar/"]
    return Truth(
        before,
        SECOND_ADDRESS,
        changed_s,
        updated_s,
        right_s,
        reached_s=reached_s,
        old_answers=lab.hosts["site2"].run(old, check=False).returncode == 0,
        requests=[each.code for each in log],
    )


def _asked(host: Host, hostname: str) -> dict[str, str]:
    """All servers at once, in one process."""
    script = "; ".join(
        f"(echo {server} $(dig @{server} {hostname} A +short +tries=1 +time=1)) & " for server in ASKED
    ).replace("& ;", "&")
    lines = host.run(["sh", "-c", f"{script} wait"]).stdout.splitlines()
    return {server: address for server, _, address in (line.partition(" ") for line in lines)}


def _start_watch(lab: Lab, interval_s: int) -> Any:
    host = lab.hosts["emr"]
    settings = host.folder / "emrnetcheck.toml"
    settings.write_text(Scenario("", Expect("", 0)).settings_toml())
    argv = [sys.executable, "-m", "emrnetcheck", "ddns", "watch", "--config", str(settings), "--json-lines"]
    argv += ["--interval", "2s", "--address-interval", "10s", "--for", f"{interval_s + TTL_S + 30}s"]
    environment = {
        "SSL_CERT_FILE": str(lab.internet.ca_path),
        "PYTHONPATH": str(running.ROOT / "src"),
        **COMPILED_ONCE,
        "EMRNETCHECK_DEBUG": "1",
    }
    return host.start(argv, log="watch.jsonl", env=environment)


if __name__ == "__main__":
    namespaces.enter(["-m", "tests.lab.follow", *sys.argv[1:]])
    print(json.dumps(follow(DdnsProgram(sys.argv[1]), watch="--watch" in sys.argv)))
