"""Does setup find out what there is in a clinic, and does a run with the file it wrote look at the right EMR?"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.lab import scenarios
from tests.lab.internet.addresses import BASE_SETTINGS
from tests.lab.plan import PC_LAN
from tests.lab.running import environment
from tests.lab.topology import Lab

NAME = "emr.dyn.example.org"
_LOOK = """
import json
from dataclasses import asdict
from emrnetcheck.probes.surroundings import look_around
print(json.dumps(asdict(look_around()), default=sorted))
"""
_SERVICES = f"services = {json.dumps(BASE_SETTINGS['outside']['services'])}  # ours\n"


def set_up() -> dict[str, Any]:
    """On the EMR host, beside a DDNS client: what is found out, what setup says and writes, what a run then says."""
    with Lab(scenarios.load("ddns_client_ddclient").clinic) as lab:
        host = lab.hosts["emr"]
        file = host.folder / "emrnetcheck.toml"
        file.write_text(f"[outside]\n{_SERVICES}")
        env = environment(lab)
        host.run(["ping", "-c1", "-W2", PC_LAN])  # so that it is a neighbour
        found = json.loads(host.run([sys.executable, "-c", _LOOK], env=env).stdout)
        program = [sys.executable, "-m", "emrnetcheck"]
        answers = ["--access", "direct", "--lan-address", "here", "--hostname", NAME, "--users", "3", "--consent"]
        answers += ["--peer", PC_LAN, "--upload-server", BASE_SETTINGS["upload"]["servers"][0]]
        words = [*program, "setup", "--no-input", "--yes", "--config", str(file), *answers]
        asked = host.run(words, env=env, check=False, cwd=host.folder)
        options = ["--config", str(file), "--quick", "--format", "json", "--no-save"]
        ran = host.run([*program, "run", *options], env=env, check=False, cwd=host.folder, timeout_s=90.0)
        report = json.loads(ran.stdout)
        return {
            "found": found,
            "status": asked.returncode,
            "said": asked.stderr,
            "file": file.read_text(),
            "services": _SERVICES,
            "codes": [finding["code"] for check in report["checks"] for finding in check["findings"]],
            "upload_server": report["evidence"]["upload"]["server"],
        }
