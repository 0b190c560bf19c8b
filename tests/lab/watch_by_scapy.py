"""What does the watch of macOS and Windows see on the EMR host? python -m tests.lab.watch_by_scapy [ADDRESS ...]"""

from __future__ import annotations

import json
import socket
import sys
import time
from dataclasses import asdict

from emrnetcheck.model import Failure
from emrnetcheck.net import syn_sniff
from tests.lab.plan import EMR_PORT


def main(addresses: list[str]) -> None:
    """Watch while this computer connects to these addresses, and print what was seen."""
    watch = syn_sniff.begin(EMR_PORT)
    if isinstance(watch, Failure):
        sys.exit(watch.in_words())
    for address in addresses:
        with socket.create_connection((address, EMR_PORT), timeout=3.0):
            pass
    time.sleep(0.3)
    saw = watch.end()
    if isinstance(saw, Failure):
        sys.exit(saw.in_words())
    print(json.dumps(asdict(saw)))


if __name__ == "__main__":
    main(sys.argv[1:])
