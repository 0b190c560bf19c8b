"""Campaigns of exchanges, each giving one evidence. PROBES lists them in the order in which they are measured."""

from __future__ import annotations

from emrnetcheck.probes import (
    address,
    ddns_client,
    dns,
    download,
    emr,
    exposure,
    lan,
    link,
    names,
    port,
    second_opinion,
    tls,
    upload,
)
from emrnetcheck.probes.context import Probe

PROBES: tuple[Probe, ...] = (
    link.PROBE,
    lan.PROBE,
    address.PROBE,
    dns.PROBE,
    names.PROBE,
    port.PROBE,
    tls.PROBE,
    emr.PROBE,
    exposure.PROBE,
    ddns_client.PROBE,
    upload.PROBE,
    download.PROBE,
    second_opinion.PROBE,
)
