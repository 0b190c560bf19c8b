"""Runs the lab's name servers and resolvers, and updates the dynamic zone as a DDNS client would."""

from __future__ import annotations

import base64
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet.hostlike import HostLike
from tests.lab.internet.plan import InternetPlan
from tests.lab.internet.ready import Endpoint
from tests.lab.internet.zones import (
    NameServer,
    dynamic_servers,
    key_text,
    recursive_server,
    served_by_bind,
    world_server,
)
from tests.lab.namespaces import LabError

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
    servers = [world_server(folder / "named-world"), *dynamic_servers(plan, secret, folder)]
    zone_asked = {
        "named-world": (at.ROOT_SERVER, "org"),
        "named-ns1": (at.NS1, at.ZONE),
        "named-ns2": (at.NS2, at.ZONE),
    }
    endpoints = []
    for server in servers:
        _start_named(host, program, server, folder / server.name)
        address, zone = zone_asked[server.name]
        endpoints.append(Endpoint("dns", address, 53, zone))
    return endpoints


def start_resolvers(host: HostLike, program: Path, plan: InternetPlan, folder: Path) -> list[Endpoint]:
    """To be called when the root answers: a recursive BIND that finds none at its start fails queries for a while."""
    server = recursive_server(plan, folder / "named-recursive")
    _start_named(host, program, server, folder / server.name)
    alive = [address for address in at.RESOLVER_CACHES if plan.resolver(address).alive]
    for address in alive:
        if not (address == at.ISP_RESOLVER and served_by_bind(plan.resolver(address))):
            _start_dnsmasq(host, address, plan.resolver(address).dnsmasq_args)
    return [Endpoint("dns", address, 53, _READY_NAME) for address in alive]


def _start_named(host: HostLike, program: Path, server: NameServer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "named.conf"
    configuration.write_text(server.configuration)
    for name, text in server.files.items():
        (folder / name).write_text(text)
    # -g: foreground, log to stderr. No -u: in a user namespace there is no second user to become.
    host.start([str(program), "-g", "-4", "-n", "1", "-c", str(configuration)], log=f"{server.name}.log")


def _start_dnsmasq(host: HostLike, address: str, more: tuple[str, ...]) -> None:
    # -d and not -k: it stays root, since in a user namespace there is nobody else to become.
    argv = ["dnsmasq", "-d", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces"]
    argv += [f"--listen-address={address}", f"--server={at.RESOLVER_CACHES[address]}", "--cache-size=1000"]
    host.start([*argv, *more], log=f"dnsmasq-{address}.log")
