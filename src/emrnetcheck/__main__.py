"""The program's entry: `emrnetcheck`, or `python -m emrnetcheck`."""

from __future__ import annotations

import sys

from emrnetcheck.cli.app import app, with_default_command
from emrnetcheck.exit_status import ExitStatus


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        app(args=with_default_command(sys.argv[1:] if arguments is None else arguments), prog_name="emrnetcheck")
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)


if __name__ == "__main__":
    main()
