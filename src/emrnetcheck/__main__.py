"""The program's entry: `emrnetcheck`, or `python -m emrnetcheck`."""

from __future__ import annotations

import sys

from emrnetcheck.cli.app import app


def main() -> None:
    """Run the command line. A bug prints one sentence and how to get more, never a traceback by default."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
