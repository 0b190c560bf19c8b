"""Several of the lab's small servers in one process: most of what a clinic costs is the starting of programs.

python -m tests.lab.internet.together NAME SETTINGS [NAME SETTINGS ...]
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable


def main(argv: list[str]) -> None:
    """Each has a thread, as it would have a program; what ends one by an error is in the log."""
    threads = [
        threading.Thread(target=_main_of(name), args=([name, settings],), daemon=True)
        for name, settings in zip(argv[1::2], argv[2::2], strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _main_of(name: str) -> Callable[[list[str]], None]:
    found: Callable[[list[str]], None] = importlib.import_module(f"tests.lab.internet.{name}").main
    return found


if __name__ == "__main__":
    main(sys.argv)
