"""The responder at the second site: the real program, with a certificate of its own making."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from tests.lab.namespaces import COMPILED_ONCE, Host

ROOT = Path(__file__).resolve().parents[2]
PORT = 8444
PLACEHOLDER = "{responder}"
"""Written in a scenario's settings where the line is meant that the responder prints."""
WRONG_PIN = "{responder with another pin}"
_LOG = "responder.log"


class ResponderPlan(StrEnum):
    NONE = "none"
    RUNNING = "running"
    OFFICE = "office"
    """On the PC in the office instead."""


def start_responder(host: Host, address: str) -> str:
    """The service as the responder itself prints it for the clinic's settings."""
    folder = host.folder / "responder"
    argv = [sys.executable, "-u", "-m", "emrnetcheck", "responder", "--bind", address, "--port", str(PORT)]
    options = ["--self-signed", address, "--folder", str(folder)]
    environment = {"PYTHONPATH": str(ROOT / "src"), **COMPILED_ONCE}
    host.start([*argv, *options], log=_LOG, env=environment)
    host.wait_for(lambda: host.listening(PORT), timeout_s=20.0, what="the responder", log=_LOG)
    host.wait_for(lambda: bool(_service(host)), timeout_s=20.0, what="the responder's line", log=_LOG)
    return _service(host)


def filled_in(text: str, service: str) -> str:
    """The settings with what the responder printed; its pin is another where that is wanted."""
    head, _, pin = service.rpartition("=")
    return text.replace(PLACEHOLDER, service).replace(WRONG_PIN, f"{head}={pin[::-1]}")


def _service(host: Host) -> str:
    lines = (host.folder / _LOG).read_text(errors="replace").splitlines()
    return next((line for line in lines if line.startswith("responder+")), "")
