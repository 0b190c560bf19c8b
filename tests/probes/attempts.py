"""Why can one upload server not be used? For tests of servers that fail."""

from __future__ import annotations

from unittest import mock

from emrnetcheck.evidence.upload import ServerTry
from emrnetcheck.model import Failure, Site
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.plan import LoadPlan
from emrnetcheck.probes.upload import measure_with


def failure_of(server: str, plan: LoadPlan, context: Context, ca_file: str | None = None) -> Failure:
    """The failure of the one server; that it was no speed is asserted."""
    tried: list[ServerTry] = []

    def keep(skipped: list[ServerTry]) -> str:
        tried.extend(skipped)
        return ""

    with mock.patch("emrnetcheck.probes.throughput.reach.reasons", keep):
        outcome = measure_with(Site(upload_servers=(server,)), context, plan, ca_file=ca_file)
    assert isinstance(outcome, Failure)
    return tried[0].failure if tried else outcome
