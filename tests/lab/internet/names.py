"""Runs the lab's name servers and resolvers, and updates the dynamic zone as a DDNS client would."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet.hostlike import HostLike
from tests.lab.internet.plan import InternetPlan, Resolver, ZoneServer
from tests.lab.internet.ready import Endpoint
from tests.lab.internet.zones import (
    NameServer,
    dynamic_servers,
    key_text,
    ns2_listens_at,
    recursive_server,
    served_by_bind,
    world_server,
)
from tests.lab.namespaces import LabError

_ROOT = Path(__file__).resolve().parents[3]
_READY_NAME = "iperf.example.org"
# Asked of each resolver at the start: warms the delegations, as they are in life, but no name that is measured.


@dataclass(frozen=True, slots=True)
class DynamicZone:
    """The one zone that changes while the lab runs."""

    host: HostLike
    key_path: Path

    def set_address(self, name: str, address: str | None, ttl_s: int) -> None:
        """One signed nsupdate to ns1: replace the name's A record, or remove it."""
        lines = [f"server {at.NS1}", f"zone {at.ZONE}", f"update delete {name}. A"]
        if address is not None:
            lines.append(f"update add {name}. {ttl_s} A {address}")
        script = self.key_path.with_name("nsupdate.txt")
        script.write_text("\n".join([*lines, "send", ""]))
        self.host.run(["nsupdate", "-t", "3", "-k", str(self.key_path), str(script)], timeout_s=10.0)


def create_key(folder: Path) -> tuple[str, Path]:
    """A TSIG secret, and the file that nsupdate reads it from."""
    secret = base64.b64encode(os.urandom(32)).decode("ascii")
    path = folder / "ddns.key"
    path.touch(mode=0o600)
    path.write_text(key_text(secret))
    return secret, path


def install_named(folder: Path) -> Path:
    """A copy of named: where AppArmor is on, it confines /usr/sbin/named to its own folders, but not a copy."""
    found = shutil.which("named", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise LabError("named is missing (Debian: apt-get install bind9 bind9-dnsutils)")
    return Path(shutil.copy(found, folder / "named"))


def start_authoritative(host: HostLike, program: Path, plan: InternetPlan, secret: str, folder: Path) -> list[Endpoint]:
    servers = [world_server(plan, folder / "named-world"), *dynamic_servers(plan, secret, folder)]
    zone_asked = {
        "named-world": (at.ROOT_SERVER, "org"),
        "named-ns1": (at.NS1, at.ZONE),
        "named-ns2": (ns2_listens_at(plan), at.ZONE),
    }
    endpoints = []
    for server in servers:
        _start_named(host, program, server, folder / server.name)
        address, zone = zone_asked[server.name]
        if not (server.name == "named-ns2" and plan.ns2 is ZoneServer.LAME):
            endpoints.append(Endpoint("dns", address, 53, zone))
    if plan.ns2 in (ZoneServer.CUTS, ZoneServer.CUTS_WITHOUT_TCP):
        behind = at.NS2_BEHIND if plan.ns2 is ZoneServer.CUTS else None
        start_program(host, "cutting", {"address": at.NS2, "behind": behind}, folder)
        endpoints.append(Endpoint("dns", at.NS2, 53, at.ZONE))
    if plan.ns2 is ZoneServer.NOT_AUTHORITATIVE:
        start_program(host, "borrowing", {"address": at.NS2, "behind": at.NS1}, folder)
        endpoints.append(Endpoint("dns", at.NS2, 53, at.ZONE))
    return endpoints


def start_resolvers(host: HostLike, program: Path, plan: InternetPlan, folder: Path) -> list[Endpoint]:
    """To be called when the root answers: a recursive BIND that finds none at its start fails queries for a while."""
    server = recursive_server(plan, folder / "named-recursive")
    _start_named(host, program, server, folder / server.name)
    alive = [address for address in at.RESOLVER_CACHES if plan.resolver(address).alive]
    for address in alive:
        if not (address == at.ISP_RESOLVER and served_by_bind(plan.resolver(address))):
            _start_resolver(host, address, plan.resolver(address), folder)
    return [
        Endpoint("dns", address, 53, _READY_NAME, timeout_s=0.5 + plan.resolver(address).delay_ms / 1000)
        for address in alive
    ]


def _start_named(host: HostLike, program: Path, server: NameServer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "named.conf"
    configuration.write_text(server.configuration)
    for name, text in server.files.items():
        (folder / name).write_text(text)
    # -g: foreground, log to stderr. No -u: in a user namespace there is no second user to become.
    host.start([str(program), "-g", "-4", "-n", "1", "-c", str(configuration)], log=f"{server.name}.log")


def _start_resolver(host: HostLike, address: str, resolver: Resolver, folder: Path) -> None:
    if resolver.delay_ms:
        behind = at.RESOLVER_CACHES[address]
        start_program(host, "slow", {"address": address, "behind": behind, "delay_ms": resolver.delay_ms}, folder)
        return
    # -d and not -k: it stays root, since in a user namespace there is nobody else to become.
    argv = ["dnsmasq", "-d", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces"]
    argv += [f"--listen-address={address}", f"--server={at.RESOLVER_CACHES[address]}", "--cache-size=1000"]
    host.start([*argv, *resolver.dnsmasq_args], log=f"dnsmasq-{address}.log")


def start_program(host: HostLike, name: str, settings: Mapping[str, object], folder: Path) -> None:
    """One of the lab's own servers: a module of this package, with its settings in a file."""
    _start_python(host, name, [_saved(name, settings, folder)])


def start_together(host: HostLike, servers: Mapping[str, Mapping[str, object]], folder: Path) -> None:
    """Several of them, by name and with their settings, in one process; not for those that carry a load."""
    _start_python(
        host, "together", [word for name, given in servers.items() for word in (name, _saved(name, given, folder))]
    )


def _saved(name: str, settings: Mapping[str, object], folder: Path) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(settings))
    return str(path)


def _start_python(host: HostLike, module: str, arguments: list[str]) -> None:
    argv = [sys.executable, "-m", f"tests.lab.internet.{module}", *arguments]
    host.start(argv, log=f"{module}.log", env={"PYTHONPATH": str(_ROOT)})
