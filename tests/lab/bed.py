"""What is the smallest network in which the wire can be tried? Two hosts, and the wire between them."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cables import connect
from tests.lab.namespaces import Host
from tests.lab.wire import Wire, WireSettings

RIGHT = "10.9.0.2"
_FOLDERS = Path("/run/bed")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Bed:
    """left - wire - right; "up" is from left to right."""

    left: Host
    right: Host
    middle: Host
    wire: Wire

    def set_both(self, settings: WireSettings) -> None:
        """The same in both directions."""
        self.wire.apply("up", settings)
        self.wire.apply("down", settings)


@contextmanager
def wired() -> Iterator[Bed]:
    """A bed whose wire is a plain cable until it is set."""
    with _hosts() as (left, right, middle):
        wire = Wire.start(middle, ("port0", "port1"))
        left.run(["ping", "-c1", "-W3", RIGHT])  # so that ARP is not in what is measured
        yield Bed(left, right, middle, wire)


@contextmanager
def bridged() -> Iterator[Host]:
    """Only the left host: a bridge takes the wire's place, to know what the rest of the bed costs."""
    with _hosts() as (left, _, middle):
        middle.ip("link add br0 type bridge forward_delay 0")
        for port in ("port0", "port1"):
            middle.ip(f"link set dev {port} master br0")
        middle.ip("link set dev br0 up")
        left.run(["ping", "-c1", "-W3", RIGHT])
        yield left


@contextmanager
def switched(addresses: Mapping[str, str]) -> Iterator[dict[str, Host]]:
    """Hosts by name, each with its IPv4 address of one /24 on eth0, all on one switch that forwards at once."""
    folder = _FOLDERS / str(next(_numbers))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        switch = Host.create("switch", folder / "switch", ipv6=False)
        undo.callback(switch.close)
        switch.ip("link add br0 type bridge forward_delay 0")
        switch.ip("link set dev br0 up")
        hosts: dict[str, Host] = {}
        for name, address in addresses.items():
            hosts[name] = Host.create(name, folder / name, ipv6=False)
            undo.callback(hosts[name].close)
            connect(hosts[name], "eth0", switch, name)
            switch.ip(f"link set dev {name} master br0")
            hosts[name].ip(f"address add {address}/24 dev eth0")
        yield hosts


@contextmanager
def _hosts() -> Iterator[tuple[Host, Host, Host]]:
    folder = _FOLDERS / str(next(_numbers))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        hosts = []
        for name in ("left", "right", "middle"):
            hosts.append(Host.create(name, folder / name, ipv6=False))
            undo.callback(hosts[-1].close)
        left, right, middle = hosts
        for host, port, address in ((left, "port0", "10.9.0.1"), (right, "port1", RIGHT)):
            connect(host, "eth0", middle, port)
            host.ip(f"address add {address}/24 dev eth0")
        yield left, right, middle
