"""How fast is a clinic served by the responder while it is attacked, and how much memory does that take?

python -m tests.lab.bench_responder [--seconds 15]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

from tests.lab import namespaces
from tests.lab.namespaces import LabError
from tests.lab.trial_responder import responder_attacked


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_responder")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long the attack lasts")
    seconds = parser.parse_args().seconds
    try:
        namespaces.enter(["-m", "tests.lab.bench_responder", *sys.argv[1:]])
        facts = responder_attacked(str(seconds))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    print(f"attacked from {facts['sources']} addresses for {seconds:g} s; a clinic asks whether its port is open")
    for when in ("alone", "attacked", "after"):
        print(_row(when, facts[when]))
    print(f"memory: {facts['started_mb']:.0f} MB before, {facts['peak_mb']:.0f} MB at the most")
    return 0


def _row(when: str, asked: list[Any]) -> str:
    took = [seconds for _, _, seconds in asked]
    served = sum(state == "open" for state, _, _ in asked)
    return f"{when:<9} {served} of {len(asked)} served, median {statistics.median(took):.2f} s, worst {max(took):.2f} s"


if __name__ == "__main__":
    sys.exit(main())
