"""Campaigns of exchanges, each giving one evidence. PROBES lists them in the order in which they are measured."""

from __future__ import annotations

from emrnetcheck.probes import (
    address,
    client_download,
    client_path,
    ddns_client,
    dns,
    download,
    emr,
    exposure,
    lan,
    lan_load,
    last_routers,
    link,
    lookups,
    names,
    pages,
    path,
    port,
    second_opinion,
    tls,
    upload,
    way,
    wear,
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
    path.PROBE,
    lan_load.PROBE,
    upload.PROBE,
    download.PROBE,
    second_opinion.PROBE,
    wear.PROBE,
)

CLIENT: tuple[Probe, ...] = (
    link.PROBE,
    lookups.PROBE,
    way.PROBE,
    client_path.PROBE,
    last_routers.PROBE,
    pages.PROBE,
    client_download.PROBE,
    wear.PROBE,
)
"""What `client` measures."""
