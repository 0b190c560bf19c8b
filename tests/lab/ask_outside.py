"""What does a service outside say about ports of the public address, and in which time? The program's own question.

python tests/lab/ask_outside.py SETTINGS SERVICE ADDRESS PORT...
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from emrnetcheck import config
from emrnetcheck.model import Mode
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.probes.context import Context, Ledger
from emrnetcheck.probes.outside import ask_many

_LONGEST_S = 30.0


def main(settings: str, service: str, address: str, ports: list[int]) -> None:
    site = config.load(Path(settings))
    started_s = time.monotonic()
    ends_s = started_s + _LONGEST_S
    context = Context(Mode.STANDARD, ends_s, threading.Event(), Lookup(site.resolvers), Ledger(), lambda *_: None)
    tries = ask_many(service, ports, site, context, address=address, ends_s=ends_s)
    said = {
        "seconds": time.monotonic() - started_s,
        "open": sum(each.reachable is True for each in tries),
        "shut": sum(each.reachable is False for each in tries),
        "untold": [each.failure.in_words() for each in tries if each.reachable is None and each.failure is not None],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], [int(each) for each in sys.argv[4:]])
