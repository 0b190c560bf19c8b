"""What does everybody find at the EMR's port, and does what comes from outside arrive at the EMR host?"""

from __future__ import annotations

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.lab.namespaces import Host
from tests.lab.plan import EMR_LAN, EMR_PORT, Plan, from_table
from tests.lab.topology import Lab

# A title where there is a page; else how the port is shut.
_LOOK = """
import errno, re, socket, ssl, sys
try:
    sock = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
except TimeoutError:
    print("silent")
except OSError as error:
    print({errno.ECONNREFUSED: "refused", errno.EHOSTUNREACH: "unreachable"}.get(error.errno, str(error)))
else:
    context = ssl._create_unverified_context()
    with context.wrap_socket(sock) as tls:
        tls.sendall(b"GET /oscar/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
        page = b"".join(iter(lambda: tls.recv(4096), b""))
    print(re.search(b"<title>(.*)</title>", page)[1].decode())
"""
_LISTEN = """
import errno, socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2) as sock:
        print(sock.recv(99))
except TimeoutError:
    print("silent")
except ConnectionRefusedError:
    print("refused")
"""
_COUNT = f"""table inet arrivals {{
chain prerouting {{
type filter hook prerouting priority raw
iifname eth0 tcp dport {EMR_PORT} tcp flags syn ip saddr != 192.168.1.0/24 counter
}}
}}
"""


def doors(clinic: str) -> dict[str, Any]:
    """clinic: a plan's table as JSON. By who looks and where; arrived: whether a SYN from outside came to the host."""
    with Lab(from_table(Plan, json.loads(clinic), "clinic")) as lab:
        lab.hosts["emr"].nft(_COUNT)
        public = lab.plan.public_address
        looks = {
            "emr": ("emr", EMR_LAN),
            "pc": ("pc", EMR_LAN),
            "pc by the public address": ("pc", public),
            "site2": ("site2", public),
            "internet": ("internet", public),
        }
        with ThreadPoolExecutor(len(looks)) as pool:
            found = pool.map(lambda look: _look(lab.hosts[look[0]], look[1], EMR_PORT), looks.values())
            seen: dict[str, Any] = dict(zip(looks, found, strict=True))
        counted = lab.hosts["emr"].run(["nft", "list", "table", "inet", "arrivals"]).stdout
        arrived = re.search(r"counter packets (\d+)", counted)
        assert arrived is not None
        return {**seen, "arrived": int(arrived[1]) > 0}


def first_words(clinic: str, *ports: str) -> dict[str, Any]:
    """What the second site hears at these ports of the public address, and the PC at the EMR host's own."""
    with Lab(from_table(Plan, json.loads(clinic), "clinic")) as lab:
        places = {"site2": lab.plan.public_address, "pc": EMR_LAN}
        return {
            name: {
                port: lab.hosts[name].run([sys.executable, "-c", _LISTEN, address, port]).stdout.strip()
                for port in ports
            }
            for name, address in places.items()
        }


def _look(host: Host, address: str, port: int) -> str:
    return host.run([sys.executable, "-c", _LOOK, address, str(port)]).stdout.strip()
