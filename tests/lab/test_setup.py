"""setup in a whole clinic: what it finds out, how it tries the answers, and a run with the file that it wrote."""

from __future__ import annotations

import pytest

from tests.lab.conftest import Trial
from tests.lab.plan import EMR_LAN, EMR_PORT, PC_LAN, ROUTER_LAN
from tests.lab.trial_setup import NAME

pytestmark = pytest.mark.lab


def test_what_it_finds_tries_and_writes_is_what_the_run_looks_at(trial: Trial) -> None:
    facts = trial("set_up")
    found = facts["found"]
    assert (found["address"], found["gateway"], found["peers"]) == (EMR_LAN, ROUTER_LAN, [PC_LAN])
    assert (found["listening"], found["looks_like"]) == ([EMR_PORT], "oscar")
    assert found["names"] == [{"name": NAME, "program": "ddclient"}]
    assert facts["status"] == 0, facts["said"]
    said = " ".join(facts["said"].split())
    for told in (
        f"--port: The server answers at port {EMR_PORT} of {EMR_LAN}, with encryption.",
        "--path: There is the log-in page of OSCAR at /oscar/.",
        f"--hostname: {NAME} leads to ",
        "--peer: It answers.",
    ):
        assert told in said
    assert facts["services"] in facts["file"]
    assert {"port.open", "emr.ok", "ddns.ok", "switch.ok", "capacity.ok"} <= set(facts["codes"])
    assert "librespeed" in facts["upload_server"] or facts["upload_server"].startswith("http://")
